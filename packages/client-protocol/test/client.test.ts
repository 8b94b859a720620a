/** The client on a clock and sockets of the test's own: SPEC.md C1–C7. */
import { describe, expect, test } from 'vitest';
import {
  ChannelError,
  type ClientRequest,
  createCalendarClient,
  type Push,
  RefusedError,
  type SocketLike,
} from '../src/index.ts';
import { ANSWERS, PUSHES, summary } from './messages.ts';

type Handler = (request: ClientRequest & { requestId: number }) => unknown;

/** A server in memory: answers at once by `handlers`, everything it got is in `received`. */
class TestServer {
  readonly sockets: TestSocket[] = [];
  readonly received: { method: string; [field: string]: unknown }[] = [];
  readonly handlers: Record<string, Handler> = {
    authorize: () => ({ user: ANSWERS.authorize.user }),
    subscribe: () => ({ revision: 42 }),
    getCalendarList: () => ({ calendars: [] }),
  };

  readonly open = (): TestSocket => {
    const socket = new TestSocket((text) => this.#receive(socket, text));
    this.sockets.push(socket);
    return socket;
  };

  get last(): TestSocket {
    return this.sockets.at(-1)!;
  }

  ofMethod(method: string) {
    return this.received.filter((message) => message.method === method);
  }

  #receive(socket: TestSocket, text: string): void {
    const request = JSON.parse(text) as ClientRequest & { requestId: number };
    this.received.push(request);
    const fields = this.handlers[request.method]?.(request);
    if (fields !== undefined)
      socket.push({ method: request.method, requestId: request.requestId, ...(fields as object) });
  }
}

class TestSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  isClosed = false;
  readonly #receive: (text: string) => void;

  constructor(receive: (text: string) => void) {
    this.#receive = receive;
  }

  send(text: string): void {
    this.#receive(text);
  }

  close(): void {
    this.isClosed = true;
  }

  accept(): void {
    this.onopen?.(undefined as never);
  }

  push(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code = 1006): void {
    this.onclose?.({ code, reason: '' });
  }
}

/** Time that passes only when told to. */
class TestClock {
  now = 0;
  timers: { at: number; run: () => void }[] = [];

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.now + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };

  pass(ms: number): void {
    this.now += ms;
    const due = this.timers.filter((timer) => timer.at <= this.now);
    this.timers = this.timers.filter((timer) => timer.at > this.now);
    for (const timer of due) timer.run();
  }
}

function setUp() {
  const server = new TestServer();
  const clock = new TestClock();
  const states: string[] = [];
  const pushes: Push[] = [];
  const client = createCalendarClient({
    openSocket: server.open,
    credentials: () => Promise.resolve({ server: 'server.example.test#vcs', token: 't' }),
    after: clock.after,
    onState: (state) => states.push(state),
    onPush: (push) => pushes.push(push),
  });
  return { server, clock, states, pushes, client };
}

async function ready() {
  const all = setUp();
  const connected = all.client.connect();
  all.server.last.accept();
  await connected;
  return all;
}

async function refusal(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    () => {
      throw new Error('it was fulfilled');
    },
    (error: Error) => error,
  );
}

/** Lets promises that are settled already run their reactions. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('connecting', () => {
  test('authorises first and gives the user (C1)', async () => {
    const { server, client, states } = setUp();
    const list = client.connect().then(() => client.request('getCalendarList', {}));
    expect(server.received).toEqual([]);
    server.last.accept();
    await list;
    expect(server.received.map(({ method }) => method)).toEqual(['authorize', 'getCalendarList']);
    expect(server.received[0]).toMatchObject({ server: 'server.example.test#vcs', token: 't' });
    expect(states).toEqual(['connecting', 'authorizing', 'ready']);
    expect(client.user).toEqual(ANSWERS.authorize.user);
  });

  test('requests made meanwhile wait for it (C1)', async () => {
    const { server, client } = setUp();
    void client.connect();
    const list = client.request('getCalendarList', {});
    expect(server.received).toEqual([]);
    server.last.accept();
    await list;
    expect(server.received.map(({ method }) => method)).toEqual(['authorize', 'getCalendarList']);
  });

  test('without connect() a request is refused at once', async () => {
    const { client } = setUp();
    expect(await refusal(client.request('getCalendarList', {}))).toMatchObject({ code: 'closed' });
  });

  test('a user refused twice is not tried again until asked (C6)', async () => {
    const { server, clock, client, states } = setUp();
    server.handlers.authorize = () => ({ error: { code: 'unauthorized', message: 'token expired' } });
    const connected = client.connect();
    server.last.accept();
    await settled();
    expect(client.state).toBe('waiting');
    clock.pass(60_000);
    server.last.accept();
    expect(await refusal(connected)).toMatchObject({ code: 'closed', message: 'the server does not accept this user' });
    clock.pass(3_600_000);
    expect(server.sockets).toHaveLength(2);
    expect(states.at(-1)).toBe('refused');
    server.handlers.authorize = () => ({ user: ANSWERS.authorize.user });
    const again = client.connect();
    server.last.accept();
    await again;
    expect(client.state).toBe('ready');
  });

  test('close code 4401 counts as a refusal too', async () => {
    const { server, clock, client } = await ready();
    server.last.drop(4401);
    clock.pass(60_000);
    server.last.drop(4401);
    expect(client.state).toBe('refused');
  });

  test('a socket that cannot be made is tried again', async () => {
    const clock = new TestClock();
    const server = new TestServer();
    let failures = 2;
    const client = createCalendarClient({
      openSocket: () => {
        if (failures-- > 0) throw new Error('no network');
        return server.open();
      },
      credentials: () => Promise.resolve({ server: 's', token: 't' }),
      after: clock.after,
    });
    const connected = client.connect();
    clock.pass(30_000);
    clock.pass(30_000);
    server.last.accept();
    await connected;
    expect(client.state).toBe('ready');
  });

  test('credentials that cannot be had are asked again later', async () => {
    const clock = new TestClock();
    const server = new TestServer();
    let asked = 0;
    const client = createCalendarClient({
      openSocket: server.open,
      credentials: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('offline')) : Promise.resolve({ server: 's', token: 't' });
      },
      after: clock.after,
    });
    const connected = client.connect();
    server.last.accept();
    await settled();
    expect(client.state).toBe('waiting');
    clock.pass(30_000);
    server.last.accept();
    await connected;
  });
});

describe('requests', () => {
  test('are matched to their answers, in whatever order these come', async () => {
    const { server, client } = await ready();
    const [one, two] = [client.request('getEvent', { eventId: 'one' }), client.request('getEvent', { eventId: 'two' })];
    const [first, second] = server.ofMethod('getEvent');
    const event = (id: string) => ({ ...ANSWERS.getEvent.event, id });
    server.last.push({ method: 'getEvent', requestId: second!.requestId, event: event('two') });
    server.last.push({ method: 'getEvent', requestId: first!.requestId, event: event('one') });
    expect([(await one).event.id, (await two).event.id]).toEqual(['one', 'two']);
  });

  test('refused by the server reject with its code', async () => {
    const { server, client } = await ready();
    server.handlers.getEvent = () => ({ error: { code: 'rateLimited', message: 'slow down', retryAfterMs: 500 } });
    const error = await refusal(client.request('getEvent', { eventId: 'e' }));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: 'rateLimited', message: 'slow down', retryAfterMs: 500, method: 'getEvent' });
  });

  test('without an answer end by the time-out, and a late answer does nothing (C2)', async () => {
    const { server, clock, client } = await ready();
    const asked = refusal(client.request('getEvent', { eventId: 'e' }));
    clock.pass(30_000);
    expect(await asked).toMatchObject({ code: 'timeout' });
    server.last.push({ ...ANSWERS.getEvent, requestId: server.ofMethod('getEvent')[0]!.requestId });
    expect(client.state).toBe('ready');
  });

  test('under way when the connection is lost reject, and are not sent again (C2, C3)', async () => {
    const { server, clock, client } = await ready();
    const asked = refusal(client.request('cancelEvent', { eventId: 'e', idempotencyKey: 'c0ffee00' }));
    server.last.drop();
    expect(await asked).toBeInstanceOf(ChannelError);
    expect(await asked).toMatchObject({ code: 'disconnected' });
    clock.pass(30_000);
    server.last.accept();
    await settled();
    expect(server.ofMethod('cancelEvent')).toHaveLength(1);
  });

  test('answered by another method than asked are an error of the protocol', async () => {
    const { server, client } = await ready();
    const asked = refusal(client.request('getEvent', { eventId: 'e' }));
    server.last.push({ ...ANSWERS.subscribe, requestId: server.ofMethod('getEvent')[0]!.requestId });
    expect(await asked).toMatchObject({ code: 'protocol' });
  });

  test('beyond the bound are refused at once', async () => {
    const { server, client } = await ready();
    const all = Array.from({ length: 256 }, () => refusal(client.request('getEvent', { eventId: 'e' })));
    expect(await refusal(client.request('getEvent', { eventId: 'e' }))).toMatchObject({ code: 'queueFull' });
    server.last.drop();
    expect((await Promise.all(all)).every((error) => (error as ChannelError).code === 'disconnected')).toBe(true);
  });

  test('noise on the socket is ignored', async () => {
    const { server, client, pushes } = await ready();
    for (const data of [
      '',
      'x',
      '{}',
      '[]',
      'null',
      '{"method":"dance"}',
      '{"method":"getEvent","requestId":"never","event":{}}',
    ]) {
      server.last.onmessage?.({ data });
    }
    server.last.onmessage?.({ data: new Uint8Array(3) });
    expect([client.state, pushes]).toEqual(['ready', []]);
  });
});

describe('subscriptions', () => {
  test('continue after a reconnection from the last revision seen (C4)', async () => {
    const { server, clock, client, pushes } = await ready();
    await client.subscribe(summary.calendarId);
    await client.subscribe('other', 7);
    server.last.push({ ...PUSHES.eventsChanged, revision: 57 });
    server.last.push(PUSHES.calendarsChanged);
    server.last.drop();
    clock.pass(30_000);
    server.last.accept();
    await settled();
    expect(pushes.map(({ method }) => method)).toEqual(['eventsChanged', 'calendarsChanged']);
    expect(server.ofMethod('subscribe').map(({ calendarId, sinceRevision }) => [calendarId, sinceRevision])).toEqual([
      [summary.calendarId, undefined],
      ['other', 7],
      [summary.calendarId, 57],
      ['other', 7],
    ]);
  });

  test('go on from the answer when the server has never been at the revision seen', async () => {
    const { server, clock, client } = await ready();
    server.handlers.subscribe = () => ({ revision: 5 });
    await client.subscribe('restored', 100);
    server.last.drop();
    clock.pass(30_000);
    server.last.accept();
    await settled();
    expect(server.ofMethod('subscribe').map(({ sinceRevision }) => sinceRevision)).toEqual([100, 5]);
  });

  test('start from the revision of their answer when nothing changed since', async () => {
    const { server, clock, client } = await ready();
    await client.subscribe(summary.calendarId);
    server.last.drop();
    clock.pass(30_000);
    server.last.accept();
    await settled();
    expect(server.ofMethod('subscribe').at(-1)).toMatchObject({ sinceRevision: 42 });
  });
});

describe('reconnecting', () => {
  test('waits twice as long each time, up to half a minute, and starts anew after a success (C5)', async () => {
    const { server, clock, client } = await ready();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      server.last.drop();
      waits.push(clock.timers[0]!.at - clock.now);
      clock.pass(60_000);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    server.last.accept();
    await settled();
    expect(client.state).toBe('ready');
    server.last.drop();
    expect(clock.timers[0]!.at - clock.now).toBe(500);
  });

  test('is spread by chance', () => {
    const waitWith = (chance: number): number => {
      const [server, clock] = [new TestServer(), new TestClock()];
      const client = createCalendarClient({
        openSocket: server.open,
        credentials: () => Promise.resolve({ server: 's', token: 't' }),
        after: clock.after,
        chance: () => chance,
      });
      client.connect().catch(() => {});
      server.last.drop();
      return clock.timers[0]!.at;
    };
    expect([0, 0.5, 1].map(waitWith)).toEqual([250, 500, 750]);
  });

  test('events of an old socket have no effect (C7)', async () => {
    const { server, clock, client, pushes } = await ready();
    const old = server.last;
    old.drop();
    clock.pass(30_000);
    server.last.accept();
    await settled();
    old.push(PUSHES.resync);
    old.drop();
    expect([client.state, pushes.length]).toEqual(['ready', 0]);
  });

  test('ends with close(): nothing is open, due or pending (C2, C7)', async () => {
    const { server, clock, client, states } = await ready();
    const asked = refusal(client.request('getEvent', { eventId: 'e' }));
    client.close();
    expect(await asked).toMatchObject({ code: 'closed' });
    expect([server.last.isClosed, clock.timers, states.at(-1)]).toEqual([true, [], 'closed']);
    server.last.drop();
    expect(clock.timers).toEqual([]);
    const second = setUp();
    const connecting = refusal(second.client.connect());
    second.client.close();
    expect(await connecting).toMatchObject({ code: 'closed', message: 'the client is closed' });
  });
});
