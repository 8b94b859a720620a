/** What leaves through one socket, with real sockets: clients that read, and one that does not. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Outbox } from '../../src/channel/outbox.ts';

const BOUND = 64 * 1024;
const BIG = Buffer.alloc(256 * 1024, 'x');
const servers: WebSocketServer[] = [];
const clients: WebSocket[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
  for (const server of servers.splice(0)) server.close();
});

async function connect() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  servers.push(server);
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  clients.push(client);
  const frames: string[] = [];
  client.on('message', (data) => frames.push(String(data).slice(0, 20)));
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown];
  let dropped = 0;
  const outbox = new Outbox(socket, {
    maxBufferedBytes: BOUND,
    resyncFrame: (calendarId) => `resync ${calendarId}`,
    onDropped: () => {
      dropped += 1;
    },
  });
  return { client, socket, outbox, frames, dropped: () => dropped };
}

/** Pushes until the system's own buffers are full too and the socket is above its bound. */
function fill(outbox: Outbox, socket: WebSocket): number {
  let pushed = 0;
  while (socket.bufferedAmount <= BOUND && pushed < 1_000) {
    outbox.push('full', BIG);
    pushed += 1;
  }
  return pushed;
}

async function seen(frames: readonly string[], wanted: string): Promise<void> {
  while (!frames.includes(wanted)) await new Promise((resolve) => setImmediate(resolve));
}

describe('a client that does not read', () => {
  test('costs a bounded buffer; when it reads again it gets one resync in place of what it missed', async () => {
    const { client, socket, outbox, frames, dropped } = await connect();
    client.pause();
    fill(outbox, socket);
    const held = socket.bufferedAmount;
    for (let push = 0; push < 100; push += 1) outbox.push('missed', BIG);
    expect(socket.bufferedAmount).toBe(held);
    expect(dropped()).toBe(1);
    client.resume();
    await seen(frames, 'resync missed');
    expect(frames.filter((frame) => frame === 'resync missed')).toHaveLength(1);
  });

  test('has its next request taken up only when there is room again', async () => {
    const { client, socket, outbox } = await connect();
    await outbox.room();
    client.pause();
    fill(outbox, socket);
    let hasRoom = false;
    const room = outbox.room().then(() => {
      hasRoom = true;
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    client.resume();
    await room;
    expect(socket.bufferedAmount).toBeLessThanOrEqual(BOUND);
  });

  test('that goes away ends the wait', async () => {
    const { client, socket, outbox } = await connect();
    client.pause();
    fill(outbox, socket);
    const room = outbox.room();
    client.terminate();
    await room;
    expect(socket.readyState).not.toBe(socket.OPEN);
  });
});
