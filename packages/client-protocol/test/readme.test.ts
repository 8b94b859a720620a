/** The README's example, run against a real WebSocket server. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  type Answer,
  answerTo,
  createCalendarClient,
  encodePush,
  encodeServerMessage,
  parseClientMessage,
  SUBPROTOCOL,
} from '../src/index.ts';
import { ANSWERS, PUSHES } from './messages.ts';

/** Answers everything from the table of sample messages, and pushes one change after a subscription. */
async function startServer(): Promise<WebSocketServer> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const parsed = parseClientMessage(data.toString());
      if (!parsed.ok) return socket.send(encodeServerMessage(parsed.error));
      const { method: _, ...fields } = ANSWERS[parsed.message.method];
      socket.send(encodeServerMessage(answerTo(parsed.message, fields as Omit<Answer, 'method' | 'requestId'>)));
      if (parsed.message.method === 'subscribe') socket.send(encodePush(PUSHES.eventsChanged));
    });
  });
  await once(server, 'listening');
  return server;
}

test('the example works against a real socket', async () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? [];
  const server = await startServer();
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/calendar/`;
  const lines: string[] = [];
  const pushed = Promise.withResolvers<void>();
  const print = (line: string): void => {
    lines.push(line);
    if (line.startsWith('changed')) pushed.resolve();
  };
  const body = code!
    .replace(/^import [^;]*;$/gm, '')
    .replaceAll('console.log', 'print')
    .replace("'wss://server.example.test/websocket/calendar/'", JSON.stringify(address));
  const AsyncFunction = (async () => {}).constructor as new (
    ...names: string[]
  ) => (...values: unknown[]) => Promise<void>;
  const run = new AsyncFunction('createCalendarClient', 'SUBPROTOCOL', 'print', 'finish', `${body}\nfinish(client);`);
  let close = (): void => {};
  await run(createCalendarClient, SUBPROTOCOL, print, (client: { close(): void }) => {
    close = () => client.close();
  });
  await pushed.promise;
  close();
  server.close();
  await once(server, 'close');
  expect(lines).toEqual(['User 1: Календарь', '1 events', 'changed: Планёрка']);
});
