/**
 * Guide chapter 4.1 and contract §5: who gets in, whose calendars they may open, and what becomes of everything else.
 * Every cell of the matrix with its documented code; then frames that no client would send, thousands of them
 * (feature D2, D6). `TCC_FUZZ_FRAMES=100000` makes it the soak.
 */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlClient } from '../../../tooling/scene/control-client.ts';
import type { ChannelClient, Frame } from './support/channel-client.ts';
import { Random } from './support/random.ts';
import { type SecondServer, startSecondServer } from './support/second-server.ts';
import { HOUR_MS, inHours, mail, openStage, SERVER, type Stage, until } from './support/stage.ts';

const FUZZ_FRAMES = Number(process.env.TCC_FUZZ_FRAMES ?? 3_000);
const MESSAGE_BYTES = 65_536;
/** Room for the heap's own breathing; a kilobyte kept of each frame would be above it in the soak. */
const MEMORY_ROOM_BYTES = 64 * 1024 * 1024;
const WINDOW = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };

let stage: Stage;
let calendarOfUser1: string;
let eventOfUser1: string;
/** a second TrueConf Server's worth of tokens: a server we know nothing of */
let askedElsewhere = 0;
const elsewhere = createServer((_request, response) => {
  askedElsewhere += 1;
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});

/** Another TrueConf Server, on the whitelist under one name and not under the other. */
const SECOND = 'second.example.test#vcs';
const UNLISTED = 'unlisted.example.test#vcs';
let second: SecondServer;

beforeAll(async () => {
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  stage = await openStage({
    mailboxes: 5,
    prepare: async (_worlds, scene) => {
      second = await startSecondServer(scene);
      scene.configure((config) => {
        const [first] = config.trueConfServers as Record<string, unknown>[];
        config.trueConfServers = [
          first,
          { ...first, id: SECOND, url: second.trueconf },
          { ...first, id: UNLISTED, url: second.trueconf },
        ];
        (config.productWhitelist as { tcs: string[] }).tcs.push(SECOND);
      });
    },
    configure: (config) => {
      config.allowedOrigins = ['https://portal.example.test'];
      config.limits = { messageBytes: MESSAGE_BYTES, connectionsPerUser: 4, requestsPerMinute: 600 };
      config.calendarProviders[0].users = ['user1', 'user2', 'user3', 'user4'].map(mail);
    },
  });
  const start = inHours(10);
  const item = await stage.worlds.meet('user1', { subject: 'Mine', start, end: start + HOUR_MS });
  const watcher = await stage.watch('user1');
  await watcher.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 10_000);
  calendarOfUser1 = watcher.calendarId;
  eventOfUser1 = watcher.events.find(({ uid }) => uid === item.uid)?.id ?? '';
});
afterAll(async () => {
  await stage?.close();
  elsewhere.close();
});

async function refusedAtHandshake(options: Parameters<Stage['connect']>[0]): Promise<string> {
  return stage.connect(options).then(
    () => 'let in',
    (error: Error) => error.message,
  );
}

async function authorize(
  fields: Record<string, unknown>,
): Promise<{ readonly client: ChannelClient; readonly answer: Frame }> {
  const client = await stage.connect();
  return { client, answer: await client.ask({ method: 'authorize', ...fields }) };
}

describe('chapter 4.1, the handshake', () => {
  test('D2: a page of a foreign origin is refused before a socket exists; pages of the servers and named ones get in', async () => {
    expect(await refusedAtHandshake({ origin: 'https://evil.test' })).toBe('HTTP 403');
    expect(await refusedAtHandshake({ origin: 'null' })).toBe('HTTP 403');
    expect(await refusedAtHandshake({ origin: 'https://server.example.test.evil.test' })).toBe('HTTP 403');
    expect(await refusedAtHandshake({ origin: 'https://server.example.test' })).toBe('let in');
    expect(await refusedAtHandshake({ origin: 'https://portal.example.test' })).toBe('let in');
    expect(await refusedAtHandshake({ origin: stage.scene.httpUrl })).toBe('let in');
    expect(await refusedAtHandshake({ subprotocol: null })).toBe('let in');
  });

  test.each([
    ['a server that is not whitelisted', () => ({ server: 'other.example.test#vcs' })],
    [
      'a server that is only an address',
      () => ({ server: `127.0.0.1:${(elsewhere.address() as { port: number }).port}` }),
    ],
    [
      'a server named by a URL',
      () => ({ server: `http://127.0.0.1:${(elsewhere.address() as { port: number }).port}/` }),
    ],
    ['a token of nobody', () => ({ token: 'nonsense' })],
    ['a token with the connector’s own credentials', () => ({ token: 'Passw0rd!' })],
    ['a token with a line break', () => ({ token: 'a\r\nX-Evil: 1' })],
  ])('D2: %s is unauthorized, and the socket is closed with 4401', async (_what, fields) => {
    const { token } = await stage.worlds.control.token('user1');
    const { client, answer } = await authorize({ server: SERVER, token, ...fields() });
    expect(answer.error?.code).toBe('unauthorized');
    expect((await client.closed).code).toBe(4401);
    expect(askedElsewhere).toBe(0);
  });

  test('D2: a token is good at its own server only, and a server only while it is on the whitelist', async () => {
    const { token: ours } = await stage.worlds.control.token('user2');
    const { token: theirs } = await new ControlClient(second.control).token('user2');
    expect(theirs).not.toBe(ours);
    for (const [server, token] of [
      [SERVER, theirs],
      [SECOND, ours],
      [UNLISTED, theirs],
      [`${SERVER}#vcs`, ours],
    ]) {
      const { client, answer } = await authorize({ server, token });
      expect(answer.error?.code, server).toBe('unauthorized');
      expect((await client.closed).code).toBe(4401);
    }
    for (const [server, token] of [
      [SERVER.toUpperCase(), ours],
      [SECOND, theirs],
    ]) {
      const { client, answer } = await authorize({ server, token });
      expect(answer.user, server).toMatchObject({ email: mail('user2') });
      client.close();
    }
  });

  test('D2: an expired token is unauthorized', async () => {
    const { token } = await stage.worlds.control.token('user2');
    await stage.worlds.control.call('POST', '/trueconf/tokens/expire');
    const { client, answer } = await authorize({ server: SERVER, token });
    expect(answer.error?.code).toBe('unauthorized');
    expect((await client.closed).code).toBe(4401);
  });

  test.each([
    ['a request', { method: 'getCalendarList', requestId: 7 }],
    ['a push', { method: 'eventsChanged' }],
    ['nonsense', 'nonsense'],
  ])('D2: %s before authorize is unauthorized, then 4401', async (_what, frame) => {
    const client = await stage.connect();
    client.send(frame);
    expect((await client.next(() => true)).error?.code).toBe('unauthorized');
    expect((await client.closed).code).toBe(4401);
  });

  test('D2: who never authorizes is sent away with 4401', async () => {
    const client = await stage.connect();
    expect((await client.closed).code).toBe(4401);
    expect(client.frames).toEqual([]);
  });

  test('D2: a second authorize is an invalid request and changes nobody', async () => {
    const client = await stage.login('user2');
    const { token, server } = await stage.worlds.control.token('user1');
    expect((await client.ask({ method: 'authorize', server, token })).error?.code).toBe('invalidRequest');
    expect((await client.ask({ method: 'getEventList', calendarId: calendarOfUser1, ...WINDOW })).error?.code).toBe(
      'forbidden',
    );
    client.close();
  });

  test('D2: a user of the server whose mailbox is not synced is let in and has no calendars', async () => {
    const client = await stage.login('user5');
    expect((await client.ask({ method: 'getCalendarList' })).calendars).toEqual([]);
    expect((await client.ask({ method: 'getEventList', calendarId: calendarOfUser1, ...WINDOW })).error?.code).toBe(
      'forbidden',
    );
    client.close();
  });

  test('D2: one user has so many connections and no more', async () => {
    const clients = [];
    for (let index = 0; index < 4; index += 1) clients.push(await stage.login('user3'));
    const { token, server } = await stage.worlds.control.token('user3');
    const { client, answer } = await authorize({ server, token });
    expect(answer.error?.code).toBe('rateLimited');
    expect((await client.closed).code).toBe(1008);
    for (const one of clients) one.close();
    await until('a place is free again', async () => {
      const again = await authorize(await stage.worlds.control.token('user3'));
      again.client.close();
      return again.answer.error === undefined;
    });
  });
});

describe('chapter 4.1, whose calendar', () => {
  const requests: readonly (readonly [string, () => Record<string, unknown>, string])[] = [
    ['getEventList', () => ({ calendarId: calendarOfUser1, ...WINDOW }), 'forbidden'],
    ['subscribe', () => ({ calendarId: calendarOfUser1 }), 'forbidden'],
    ['subscribe', () => ({ calendarId: calendarOfUser1, sinceRevision: 0 }), 'forbidden'],
    [
      'createEvent',
      () => ({ calendarId: calendarOfUser1, idempotencyKey: 'matrix-0001', event: draft() }),
      'forbidden',
    ],
    ['getEvent', () => ({ eventId: eventOfUser1 }), 'notFound'],
    [
      'updateEvent',
      () => ({ eventId: eventOfUser1, idempotencyKey: 'matrix-0002', changes: { title: 'Stolen' } }),
      'notFound',
    ],
    ['cancelEvent', () => ({ eventId: eventOfUser1, idempotencyKey: 'matrix-0003' }), 'notFound'],
    [
      'respondToEvent',
      () => ({ eventId: eventOfUser1, idempotencyKey: 'matrix-0004', response: 'accepted' }),
      'notFound',
    ],
  ];
  const draft = () => {
    const start = inHours(5);
    return {
      title: 'Planted',
      start: new Date(start).toISOString(),
      end: new Date(start + HOUR_MS).toISOString(),
      timeZone: 'UTC',
    };
  };

  test.each(requests)('D2: %s of somebody else’s calendar is refused', async (method, fields, code) => {
    const client = await stage.login('user2');
    expect((await client.ask({ method, ...fields() })).error?.code).toBe(code);
    client.close();
    const items = await stage.worlds.control.items(mail('user1'));
    expect(items.map(({ subject }) => subject)).toEqual(['Mine']);
  });

  test.each(requests)('D2: %s by a delegate without the right is refused as well', async (method, fields, code) => {
    await stage.worlds.control.call('PUT', `/mailboxes/${mail('user2')}/delegates/${mail('user4')}`, {
      calendar: 'Editor',
    });
    const client = await stage.login('user4');
    expect((await client.ask({ method, ...fields() })).error?.code).toBe(code);
    client.close();
  });

  test('D2: a delegate with the right reads and writes, as the owner', async () => {
    await stage.worlds.control.call('PUT', `/mailboxes/${mail('user3')}/delegates/${mail('user4')}`, {
      calendar: 'Editor',
    });
    const owner = await stage.watch('user3');
    const client = await stage.login('user4');
    const made = await client.ask({
      method: 'createEvent',
      calendarId: owner.calendarId,
      idempotencyKey: 'delegate-0001',
      event: draft(),
    });
    expect(made.error).toBeUndefined();
    const [item] = await stage.worlds.control.items(mail('user3'));
    expect(item).toMatchObject({ subject: 'Planted', isOrganizer: true });
    expect((await client.ask({ method: 'getEvent', eventId: made.event.id })).event.title).toBe('Planted');
    client.close();
    owner.close();
  });

  test.each([
    ['Reviewer', 'only reads', 'forbidden'],
    ['Author', 'reads and makes events, but changes none', undefined],
  ])('D2: a delegate with the right of a %s %s', async (level, _what, onCreate) => {
    await stage.worlds.control.call('PUT', `/mailboxes/${mail('user1')}/delegates/${mail('user5')}`, {
      calendar: level,
    });
    const client = await stage.login('user5');
    const list = { method: 'getEventList', calendarId: calendarOfUser1, ...WINDOW };
    // A right is remembered for ten seconds; who is refused too often is sent away.
    const create = {
      method: 'createEvent',
      calendarId: calendarOfUser1,
      idempotencyKey: `right-${level}`,
      event: draft(),
    };
    await until('the right is known', async () => (await client.ask(list)).error === undefined, 30_000, 2_000);
    await until('it is this one', async () => (await client.ask(create)).error?.code === onCreate, 30_000, 2_000);
    const shown = (await client.ask({ method: 'getEvent', eventId: eventOfUser1 })).event;
    expect(shown.title).toBe('Mine');
    for (const deed of [
      { method: 'updateEvent', changes: { title: 'Theirs' } },
      { method: 'cancelEvent' },
      { method: 'respondToEvent', response: 'declined' },
    ]) {
      const answer = await client.ask({ ...deed, eventId: eventOfUser1, idempotencyKey: `${deed.method}-${level}` });
      expect(answer.error?.code, deed.method).toBe('forbidden');
    }
    client.close();
    const items = await stage.worlds.control.items(mail('user1'));
    expect(items.map(({ subject }) => subject).toSorted()).toEqual(onCreate ? ['Mine'] : ['Mine', 'Planted']);
  });

  test.each([
    ['an unknown calendar', { method: 'getEventList', calendarId: 'AAMkAGI=', ...WINDOW }],
    ['a calendar id with SQL in it', { method: 'subscribe', calendarId: "'; drop table mailbox; --" }],
    ['an unknown event', { method: 'getEvent', eventId: 'no-such-event' }],
    ['an event id with a NUL', { method: 'getEvent', eventId: 'a\u0000b' }],
    ['a calendar id with a lone surrogate', { method: 'subscribe', calendarId: '\ud800' }],
  ])('D2: %s is notFound', async (_what, request) => {
    const client = await stage.login('user2');
    expect((await client.ask(request)).error?.code).toBe('notFound');
    client.close();
  });
});

describe('chapter 4.1, frames no client sends', () => {
  test.each([
    ['no JSON', '{'],
    ['an array', '[]'],
    ['null', 'null'],
    ['an unknown method', { method: 'dropAll' }],
    ['a method of the prototype', { method: '__proto__' }],
    ['a method that is no text', { method: ['getCalendarList'] }],
    ['an unknown field', { method: 'getCalendarList', extra: 1 }],
    ['a span the wrong way round', { method: 'getEventList', calendarId: 'x', from: WINDOW.to, to: WINDOW.from }],
    [
      'a span of years',
      { method: 'getEventList', calendarId: 'x', from: '1990-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' },
    ],
    ['a short idempotency key', { method: 'cancelEvent', eventId: 'x', idempotencyKey: '1' }],
  ])('D2: %s is an invalid request, and the socket lives on', async (_what, frame) => {
    const client = await stage.login('user2');
    const from = client.frames.length;
    client.send(frame);
    expect((await client.next(() => true, from)).error?.code).toBe('invalidRequest');
    expect((await client.ask({ method: 'getCalendarList' })).calendars).toHaveLength(1);
    client.close();
  });

  test('D2: a frame above the limit closes the socket with 1009, a binary one with 1003', async () => {
    const big = await stage.login('user2');
    big.send(JSON.stringify({ method: 'getCalendarList', requestId: 'x'.repeat(MESSAGE_BYTES) }));
    expect((await big.closed).code).toBe(1009);
    const binary = await stage.login('user2');
    binary.send(Buffer.from([1, 2, 3]));
    expect((await binary.closed).code).toBe(1003);
  });

  test('D2: a flood is rateLimited, then closed with 1008; others do not notice', async () => {
    const other = await stage.login('user4');
    const flood = await stage.login('user2');
    for (let index = 0; index < 400; index += 1) flood.send({ method: 'getCalendarList', requestId: index });
    expect((await flood.closed).code).toBe(1008);
    expect(flood.frames.filter(({ error }) => error?.code === 'rateLimited').length).toBeGreaterThan(10);
    expect((await other.ask({ method: 'getCalendarList' })).calendars).toHaveLength(1);
    other.close();
  });

  test(`D2: ${FUZZ_FRAMES} hostile frames neither end the service nor, sent once more, make it grow`, async () => {
    const random = new Random(20260302);
    const seeds = fuzzSeeds();
    const subjects = async (): Promise<readonly string[]> =>
      (await stage.worlds.control.items(mail('user1'))).map(({ subject }) => subject);
    const own = await subjects();
    let sent = 0;
    const codes = new Map<string, number>();
    /** One socket's worth: one that is refused too often in a row is closed. */
    const burst = async (): Promise<void> => {
      const client = await stage.login('user2');
      for (let frame = 0; frame < 60 && client.isOpen; frame += 1) {
        client.send(mutate(random.pick(seeds), random));
        sent += 1;
      }
      await Promise.race([
        client.closed,
        client.next(({ requestId }) => requestId === 'last', 0, 'the end').catch(() => {}),
        drained(client),
      ]);
      for (const { error } of client.frames) if (error) codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      client.close();
    };
    while (sent < FUZZ_FRAMES) await burst();
    expect(codes.get('internal') ?? 0, JSON.stringify([...codes])).toBe(0);
    expect((codes.get('invalidRequest') ?? 0) > 0).toBe(true);
    expect(stage.daemon.child.exitCode).toBeNull();
    const honest = await stage.login('user4');
    expect((await honest.ask({ method: 'getCalendarList' })).calendars).toHaveLength(1);
    honest.close();
    await until('all sockets are gone from the books', async () => {
      const { text } = await stage.fetchText('/metrics');
      return Number(/^tcc_ws_clients (\d+)/m.exec(text)?.[1]) <= 2;
    });
    // The runtime lets garbage pile up to a limit of its own and keeps the room; a leak goes on growing with the same again.
    const grown = await memory();
    while (sent < 2 * FUZZ_FRAMES) await burst();
    expect((await memory()) - grown).toBeLessThan(MEMORY_ROOM_BYTES);
    expect(codes.get('internal') ?? 0, JSON.stringify([...codes])).toBe(0);
    expect(await subjects()).toEqual(own);
  }, 900_000);
});

/** Has the server answered everything so far? It answers in order, so an answer to a last question says so. */
async function drained(client: ChannelClient): Promise<void> {
  if (client.isOpen) client.send({ method: 'getCalendarList', requestId: 'last' });
  await client.closed;
}

async function memory(): Promise<number> {
  const { readFileSync } = await import('node:fs');
  const status = readFileSync(`/proc/${stage.daemon.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

function fuzzSeeds(): readonly string[] {
  const start = inHours(5);
  const event = {
    title: 'Fuzz',
    start: new Date(start).toISOString(),
    end: new Date(start + HOUR_MS).toISOString(),
    timeZone: 'UTC',
    attendees: [{ email: 'a@b.test' }],
  };
  return [
    { method: 'getCalendarList' },
    { method: 'getEventList', calendarId: calendarOfUser1, ...WINDOW },
    { method: 'getEvent', eventId: eventOfUser1 },
    { method: 'subscribe', calendarId: calendarOfUser1, sinceRevision: 3 },
    { method: 'createEvent', calendarId: calendarOfUser1, idempotencyKey: 'fuzz-0001', event },
    {
      method: 'updateEvent',
      eventId: eventOfUser1,
      scope: 'series',
      idempotencyKey: 'fuzz-0002',
      changes: { title: 'x', attendees: [] },
    },
    { method: 'cancelEvent', eventId: eventOfUser1, idempotencyKey: 'fuzz-0003', comment: 'x' },
    { method: 'respondToEvent', eventId: eventOfUser1, idempotencyKey: 'fuzz-0004', response: 'accepted' },
  ].map((request) => JSON.stringify({ requestId: 1, ...request }));
}

const EVIL: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.5,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'x'.repeat(5000),
  [],
  {},
  [[[[]]]],
  { __proto__: null },
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:59+14:00',
  '-271821-04-20T00:00:00Z',
  '../../etc/passwd',
  "' or 1=1 --",
  '$' + '{7*7}',
  '<script>',
];

/** One frame made hostile: a field replaced, removed or doubled, or the text itself cut and stirred. */
function mutate(seed: string, random: Random): string {
  const kind = random.below(10);
  if (kind === 0) return seed.slice(0, random.below(seed.length));
  if (kind === 1) {
    const at = random.below(seed.length);
    return seed.slice(0, at) + String.fromCharCode(random.below(65_536)) + seed.slice(at + random.below(4));
  }
  if (kind === 2) return '['.repeat(random.below(20_000));
  if (kind === 3) return `{"method":"getEvent","eventId":${'{"a":'.repeat(random.below(3_000))}`;
  const value = JSON.parse(seed) as Record<string, unknown>;
  const holder = random.below(3) === 0 ? objectIn(value) : value;
  const key = random.pick([...Object.keys(holder), '__proto__', 'constructor', 'zzz']);
  if (kind === 4) delete holder[key];
  else
    Object.defineProperty(holder, key, {
      value: random.pick(EVIL),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return JSON.stringify(value) ?? '';
}

function objectIn(value: Record<string, unknown>): Record<string, unknown> {
  const inner = Object.values(value).find((one) => typeof one === 'object' && one !== null);
  return (inner as Record<string, unknown> | undefined) ?? value;
}
