/**
 * Proves that a meeting flows: somebody makes an event in Outlook (the fake's control API), and a person's client sees it
 * on the connector's socket, bound to a conference. Run inside the network of the machine under test:
 * `node tooling/package/meeting.ts CONTROL_URL WS_URL [--expect SUBJECT | --subject SUBJECT]`; prints one JSON line.
 */
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';

interface Event {
  readonly title: string;
  readonly indicator: string;
  readonly joinUrl?: string;
}
interface Answer {
  readonly requestId?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly [more: string]: unknown;
}

const LIMIT_MS = 60_000;
const LOOK_MS = 250;
const DAY_MS = 86_400_000;

async function control<Result>(base: string, path: string, body?: object): Promise<Result> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) };
  const response = await fetch(`${base}/control/v1${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as Result;
}

/** Questions and answers on one socket. */
async function openClient(
  url: string,
): Promise<{ ask(method: string, fields?: object): Promise<Answer>; close(): void }> {
  const socket = new WebSocket(`${url}/websocket/calendar/`, 'calendar.v1');
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (typeof answer.requestId === 'number') waiting.get(answer.requestId)?.(answer);
  });
  return {
    ask: (method, fields = {}) => {
      last += 1;
      const requestId = last;
      socket.send(JSON.stringify({ method, requestId, ...fields }));
      return new Promise((resolve, reject) => {
        waiting.set(requestId, (answer) => {
          if (answer.error) reject(new Error(`${method}: ${answer.error.code}: ${answer.error.message}`));
          else resolve(answer);
        });
      });
    },
    close: () => socket.close(),
  };
}

/** Asks again until it fits; `undefined` means not yet. */
async function until<Result>(what: string, look: () => Promise<Result | undefined>): Promise<Result> {
  const deadline = Date.now() + LIMIT_MS;
  for (let trouble = ''; ; ) {
    const found = await look().catch((error: unknown) => {
      trouble = String(error);
      return undefined;
    });
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${LIMIT_MS / 1000} s ${trouble}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { expect: { type: 'string' }, subject: { type: 'string', default: 'Installed and working' } },
  });
  const [controlUrl = '', wsUrl = ''] = positionals;
  const client = await until('the socket', () => openClient(wsUrl));
  const login = await control<{ token: string; server: string }>(controlUrl, '/trueconf/users/user2/token');
  await client.ask('authorize', { server: login.server, token: login.token });
  const calendarId = await until('the calendar list', async () => {
    const { calendars } = (await client.ask('getCalendarList')) as unknown as { calendars: readonly { id: string }[] };
    return calendars[0]?.id;
  });
  const from = Date.now();
  const subject = values.expect ?? values.subject;
  if (values.expect === undefined) {
    const start = Math.ceil(from / 3_600_000) * 3_600_000 + 3_600_000;
    await control(controlUrl, '/mailboxes/user1@example.test/items', {
      subject,
      start: new Date(start).toISOString(),
      end: new Date(start + 3_600_000).toISOString(),
      location: '@trueconf',
      attendees: [{ address: 'user2@example.test' }],
    });
  }
  let seen = 'nothing';
  const window = { from: new Date(from - DAY_MS).toISOString(), to: new Date(from + 2 * DAY_MS).toISOString() };
  const event = await until(`the event “${subject}” with its conference`, async () => {
    const { events } = (await client.ask('getEventList', { calendarId, ...window })) as unknown as {
      events: readonly Event[];
    };
    seen = JSON.stringify(events);
    return events.find(({ title, joinUrl }) => title === subject && joinUrl !== undefined);
  }).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}; the client saw ${seen}`);
  });
  client.close();
  console.log(
    JSON.stringify({ ms: Date.now() - from, title: event.title, indicator: event.indicator, joinUrl: event.joinUrl }),
  );
}

await main();
