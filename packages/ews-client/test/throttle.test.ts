/**
 * The limiter on a virtual clock against a server with a hard limit, and the five shapes of throttling over real sockets.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { itemId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { type Clock, EwsError, type EwsObserver, EwsTransport, resolveOptions } from '../src/index.ts';
import { Limiter } from '../src/throttle/limiter.ts';
import { resolveUser, startFake } from './support/fake.ts';
import { answer, backOff, failure, fault, gotItem, type Reply, startSoapServer } from './support/soap-server.ts';
import { hurried, mailboxAt, never, sourceTo } from './support/source.ts';

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes only when told to; due calls run in order. */
class VirtualClock implements Clock {
  #now = 0;
  #due: Due[] = [];

  now = () => this.#now;

  after = (ms: number, run: () => void) => {
    const entry = { at: this.#now + ms, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  };

  async runUntil(end: number): Promise<void> {
    await turn();
    for (;;) {
      const next = this.#due.reduce<Due | undefined>(
        (first, entry) => (entry.at <= end && (first === undefined || entry.at < first.at) ? entry : first),
        undefined,
      );
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#now = next.at;
      next.run();
      await turn();
    }
    this.#now = end;
  }
}

function limiterOn(clock: Clock, observer: EwsObserver = {}, max = 30): Limiter {
  return new Limiter({
    clock,
    observer,
    startConcurrency: 4,
    maxConcurrency: 200,
    mailboxConcurrency: max,
    syncConcurrency: 4,
    maxWaiting: 100_000,
    patienceMs: 60_000,
  });
}

const claim = (mailbox = 'a', priority = false) => ({
  mailbox,
  priority,
  isSync: false,
  operation: 'GetItem',
  signal: never,
});

const refusal = (parts: Partial<ConstructorParameters<typeof EwsError>[0]> = {}) =>
  new EwsError({
    kind: 'throttled',
    code: 'ErrorExceededConnectionCount',
    message: '',
    budget: 'concurrency',
    ...parts,
  });

/** A server that bears `cap` calls at a time, 50 ms each, and refuses the rest at once; always more work than it takes. */
class CappedServer {
  cap: number;
  inFlight = 0;
  done = 0;
  refused = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, cap: number) {
    this.#clock = clock;
    this.cap = cap;
  }

  call = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (this.inFlight >= this.cap) {
        this.refused++;
        this.#clock.after(1, () => reject(refusal()));
        return;
      }
      this.inFlight++;
      this.#clock.after(50, () => {
        this.inFlight--;
        this.done++;
        resolve();
      });
    });
}

/** Workers without end; what is refused comes again after a second or more, as the transport does it. */
function load(limiter: Limiter, server: CappedServer, clock: VirtualClock, workers: number): void {
  const work = async (n: number): Promise<never> => {
    for (;;) {
      await limiter
        .run(claim(), server.call)
        .catch(() => new Promise<void>((resolve) => clock.after(1_000 + (n % 40) * 100, resolve)));
    }
  };
  for (let n = 0; n < workers; n++) void work(n);
}

describe('the limiter against a server with a hard limit', () => {
  it('reaches 90 % of what the server bears with at most 0.5 % refusals', async () => {
    const clock = new VirtualClock();
    const server = new CappedServer(clock, 27);
    load(limiterOn(clock), server, clock, 80);
    await clock.runUntil(10_000);
    const { done, refused } = server;
    await clock.runUntil(70_000);
    const possible = (27 * 60_000) / 50;
    expect((server.done - done) / possible).toBeGreaterThanOrEqual(0.9);
    expect((server.refused - refused) / (server.done - done)).toBeLessThanOrEqual(0.005);
  });

  it('converges anew within ten seconds when the limit drops from 27 to 10 and to 4', async () => {
    const clock = new VirtualClock();
    const server = new CappedServer(clock, 27);
    load(limiterOn(clock), server, clock, 80);
    await clock.runUntil(20_000);
    for (const [n, cap] of [10, 4].entries()) {
      server.cap = cap;
      const start = 20_000 + n * 40_000;
      await clock.runUntil(start + 10_000);
      const { done, refused } = server;
      await clock.runUntil(start + 40_000);
      const goodput = ((server.done - done) * 50) / 30_000;
      expect(goodput).toBeGreaterThanOrEqual(cap * 0.9);
      expect((server.refused - refused) / (server.done - done)).toBeLessThanOrEqual(0.005);
    }
  });
});

describe('what one mailbox bears', () => {
  it('is found again within half a minute when it rises from 4 to 27', async () => {
    const clock = new VirtualClock();
    const server = new CappedServer(clock, 4);
    load(limiterOn(clock), server, clock, 80);
    await clock.runUntil(30_000);
    server.cap = 27;
    await clock.runUntil(60_000);
    const { done } = server;
    await clock.runUntil(70_000);
    expect(((server.done - done) * 50) / 10_000).toBeGreaterThanOrEqual(27 * 0.9);
  });

  it('is not taken for less because one call was refused by chance', async () => {
    const clock = new VirtualClock();
    const server = new CappedServer(clock, 4);
    load(limiterOn(clock), server, clock, 80);
    await clock.runUntil(20_000);
    server.cap = 3;
    await clock.runUntil(20_060);
    server.cap = 4;
    await clock.runUntil(35_000);
    const { done } = server;
    await clock.runUntil(65_000);
    expect(((server.done - done) * 50) / 30_000).toBeGreaterThanOrEqual(4 * 0.9);
  });

  it('falls in few refusals, however far, once the calls do not all come at the same moment', async () => {
    const clock = new VirtualClock();
    const server = new CappedServer(clock, 27);
    load(limiterOn(clock), server, clock, 80);
    await clock.runUntil(20_000);
    server.cap = 4;
    const { refused } = server;
    await clock.runUntil(30_000);
    expect(server.refused - refused).toBeLessThanOrEqual(27);
  });

  it('is one call at a time at first, and again after each pause that is announced', async () => {
    const clock = new VirtualClock();
    const limiter = limiterOn(clock);
    let [running, most, answered] = [0, 0, 0];
    const call = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => clock.after(10, resolve));
      running--;
      if (++answered === 100) throw refusal({ retryAfterMs: 1_000, budget: 'mailbox' });
    };
    const worker = async (): Promise<never> => {
      for (;;) await limiter.run(claim(), call).catch(() => undefined);
    };
    for (let n = 0; n < 8; n++) void worker();
    await clock.runUntil(1_000);
    expect([most, answered]).toEqual([1, 100]);
    await clock.runUntil(3_900);
    expect(most).toBe(1);
    await clock.runUntil(5_000);
    expect(most).toBeGreaterThan(4);
  });
});

describe('the limiter', () => {
  it('starts nothing inside an announced back-off, and goes on after it', async () => {
    const clock = new VirtualClock();
    const limiter = limiterOn(clock);
    const started: number[] = [];
    const first = limiter.run(claim(), () => Promise.reject(refusal({ retryAfterMs: 5_000, budget: 'mailbox' })));
    await expect(first).rejects.toThrow();
    for (let i = 0; i < 5; i++) void limiter.run(claim(), async () => void started.push(clock.now()));
    const other: number[] = [];
    void limiter.run(claim('b'), async () => void other.push(clock.now()));
    await clock.runUntil(4_999);
    expect([started, other]).toEqual([[], [0]]);
    await clock.runUntil(6_000);
    expect(started).toHaveLength(5);
    expect(Math.min(...started)).toBeGreaterThanOrEqual(5_000);
  });

  it('throws at once when the back-off is longer than the caller has patience for', async () => {
    const clock = new VirtualClock();
    const limiter = limiterOn(clock);
    await limiter
      .run(claim(), () => Promise.reject(refusal({ retryAfterMs: 297_749, budget: 'mailbox' })))
      .catch(() => undefined);
    await expect(limiter.run(claim(), async () => undefined)).rejects.toMatchObject({
      kind: 'throttled',
      code: 'BackOff',
      retryAfterMs: 297_749,
    });
  });

  it('lets go of whoever waits, however many, when a pause longer than their patience is announced', async () => {
    const clock = new VirtualClock();
    const limiter = limiterOn(clock);
    const refused = () => Promise.reject(refusal({ retryAfterMs: 300_000, budget: 'mailbox' }));
    const waiting = () => ({ ...claim(), signal: new AbortController().signal });
    const calls = Array.from({ length: 10_000 }, () => limiter.run(waiting(), refused));
    const results = await Promise.allSettled(calls);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect([limiter.waiting, limiter.inFlight]).toEqual([0, 0]);
  });

  it('lets a mailbox with nothing running go before a greedy one, and never syncs a mailbox twice at a time', async () => {
    const clock = new VirtualClock();
    const limiter = limiterOn(clock, {}, 4);
    const order: string[] = [];
    const call = (name: string) => () =>
      new Promise<void>((resolve) => {
        order.push(name);
        clock.after(10, resolve);
      });
    for (let i = 0; i < 150; i++) void limiter.run(claim('greedy'), call('greedy'));
    await clock.runUntil(1_200);
    for (const name of ['b', 'c']) void limiter.run(claim(name), call(name));
    const seen = order.length;
    await clock.runUntil(1_220);
    expect(order.slice(seen, seen + 2).sort()).toEqual(['b', 'c']);
    for (let i = 0; i < 3; i++) void limiter.run({ ...claim('d'), isSync: true }, call('sync'));
    await clock.runUntil(1_225);
    expect(order.filter((name) => name === 'sync')).toHaveLength(1);
  });

  it('lets mailboxes take turns however many calls one of them has waiting (failure mode 6: throttling storms)', async () => {
    const clock = new VirtualClock();
    const limiter = new Limiter({
      clock,
      observer: {},
      startConcurrency: 1,
      maxConcurrency: 1,
      mailboxConcurrency: 1,
      syncConcurrency: 1,
      maxWaiting: 1_000,
      patienceMs: 0,
    });
    const order: string[] = [];
    const call = (name: string) => () =>
      new Promise<void>((resolve) => {
        order.push(name);
        clock.after(1, resolve);
      });
    for (let i = 0; i < 100; i++) void limiter.run(claim('greedy'), call('greedy'));
    for (const name of ['b', 'c', 'd']) void limiter.run(claim(name), call(name));
    void limiter.run(claim('boss', true), call('boss'));
    await clock.runUntil(200);
    expect(order.slice(0, 6)).toEqual(['greedy', 'boss', 'greedy', 'b', 'c', 'd']);
    expect(order).toHaveLength(104);
  });

  it('forgets a waiting call whose caller gave up', async () => {
    const clock = new VirtualClock();
    const limiter = limiterOn(clock, {}, 1);
    const giveUp = new AbortController();
    void limiter.run(claim(), () => new Promise<void>((resolve) => clock.after(100, resolve)));
    const waiting = limiter.run({ ...claim(), signal: giveUp.signal }, async () => 'ran');
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
    expect(limiter.waiting).toBe(0);
  });
});

describe('throttling as servers announce it', () => {
  const busy = 'ErrorServerBusy';
  const SHAPES: readonly (readonly [string, Reply, object])[] = [
    ['a fault with a back-off', fault(busy, 'busy', 178_510), { code: busy, retryAfterMs: 178_510, budget: 'mailbox' }],
    [
      'a message with HTTP 200',
      answer('GetItem', failure('GetItem', busy, backOff(60_000))),
      { code: busy, retryAfterMs: 60_000, budget: 'mailbox' },
    ],
    [
      'only in the text',
      fault(busy, 'Policy: ConcurrentSyncCalls. Suggested backoff time 50000 ms.'),
      { code: busy, retryAfterMs: 50_000, budget: 'mailboxSync' },
    ],
    [
      'HTTP 503 with Retry-After',
      { status: 503, headers: { 'retry-after': '120', 'content-type': 'text/plain' } },
      { code: 'Http503', retryAfterMs: 120_000, budget: 'server', httpStatus: 503 },
    ],
    [
      'HTTP 503 with Retry-After as a date of a clock that is an hour behind',
      {
        status: 503,
        headers: {
          date: 'Mon, 02 Mar 2026 09:00:00 GMT',
          'retry-after': 'Mon, 02 Mar 2026 09:02:00 GMT',
          'content-type': 'text/plain',
        },
      },
      { code: 'Http503', retryAfterMs: 120_000, budget: 'server' },
    ],
    [
      'HTTP 429 with Retry-After',
      { status: 429, headers: { 'retry-after': '90', 'content-type': 'text/plain' } },
      { code: 'Http429', retryAfterMs: 90_000, budget: 'server' },
    ],
    [
      'inside an internal server error',
      fault('ErrorInternalServerError', 'ErrorServerBusy: Suggested backoff time 30000 ms', undefined),
      { code: busy, retryAfterMs: 30_000, budget: 'mailbox' },
    ],
  ];

  it.each(SHAPES.map(([name, reply, expected]) => ({ name, reply, expected })))(
    '$name: reported, and nothing is sent until it is over',
    async ({ reply, expected }) => {
      await using server = await startSoapServer(() => reply);
      await using source = sourceTo(server.port);
      const mailbox = mailboxAt(server.port);
      await expect(source.fetchItem(mailbox, itemId('A'), never)).rejects.toMatchObject({
        kind: 'throttled',
        ...expected,
      });
      await expect(source.fetchItem(mailbox, itemId('A'), never)).rejects.toMatchObject({
        kind: 'throttled',
        code: 'BackOff',
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  it('with a back-off of zero: fewer calls at once, and the call comes again after a while', async () => {
    let refusals = 1;
    await using server = await startSoapServer(() =>
      refusals-- > 0
        ? fault('ErrorExceededConnectionCount', 'Policy: MaxConcurrency. Suggested backoff time 0 ms')
        : answer('GetItem', gotItem('A')),
    );
    await using source = sourceTo(server.port, { clock: hurried });
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
    expect(server.requests).toHaveLength(2);
  });

  it('keeps every announced back-off of a mailbox while others go on (against the fake, by its own count)', async () => {
    await using started = await startFake({ budgets: { requestsPerMinute: 20, backOffMs: 30_000 } });
    const source = started.source();
    const [one, two] = [await resolveUser(source, 1), await resolveUser(source, 2)];
    const calls = Array.from({ length: 60 }, () =>
      source.fetchItem(one, itemId('x'), never).catch((error: unknown) => error),
    );
    const results = await Promise.all(calls);
    expect(
      results.filter((result) => result instanceof EwsError && result.kind === 'throttled').length,
    ).toBeGreaterThan(30);
    expect((await source.fetchChanges(two, undefined, never)).complete).toBe(true);
    expect(started.fake.counters.snapshot().backOffViolations).toBe(0);
  });
});

describe('many calls at a time, with nothing but defaults, by the count of the fake', () => {
  it('find what a mailbox bears, the search included in at most one refusal in a hundred', async () => {
    await using started = await startFake();
    const source = started.source({ clock: hurried });
    const mailbox = await resolveUser(source, 1);
    started.fake.setBudgets({ maxConcurrency: 4, serviceTimeMs: 2 });
    let left = 1_200;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await source.resolveNames(mailbox, mailbox.address, never);
    };
    await Promise.all(Array.from({ length: 12 }, worker));
    const { byCode, concurrencyHighWaterByMailbox } = started.fake.counters.snapshot();
    expect(byCode.ErrorExceededConnectionCount ?? 0).toBeLessThanOrEqual(12);
    // All four places were used, and no more was ever let in.
    expect(concurrencyHighWaterByMailbox[mailbox.address]).toBe(4);
  });

  it('never fall into a pause, though several mailboxes are told to pause again and again', async () => {
    await using started = await startFake();
    const source = started.source();
    const mailboxes = await Promise.all([1, 2, 3].map((n) => resolveUser(source, n)));
    started.fake.setBudgets({ requestsPerMinute: 30, backOffMs: 100 });
    const calls = mailboxes.flatMap((mailbox) =>
      Array.from({ length: 130 }, () => source.resolveNames(mailbox, mailbox.address, never)),
    );
    await Promise.all(calls);
    const { backOffsAnnounced, backOffViolations } = started.fake.counters.snapshot();
    expect(backOffsAnnounced).toBeGreaterThanOrEqual(12);
    expect(backOffViolations).toBe(0);
  });
});

it('a stream waits for a pause that is drawn out meanwhile', async () => {
  const clock = new VirtualClock();
  await using server = await startSoapServer(() => answer('GetStreamingEvents'));
  const transport = new EwsTransport(
    resolveOptions({
      name: 'test',
      endpoint: { scheme: 'http', host: '127.0.0.1', port: server.port },
      credentials: [{ login: 'svc', password: () => 'pw' }],
      auth: 'basic',
      clock,
    }),
  );
  const { endpoint: url } = mailboxAt(server.port);
  const pauseFor = (retryAfterMs: number) => transport.limiter.note('anna', refusal({ retryAfterMs }));
  pauseFor(1_000);
  const request = { operation: 'GetStreamingEvents', body: '<x/>', idempotent: false } as const;
  const opening = transport.openStream(request, { url, mailbox: 'anna' }, never);
  await clock.runUntil(500);
  pauseFor(2_000);
  await clock.runUntil(1_500);
  // What had been sent by now would be there before answers to questions asked after it.
  for (let i = 0; i < 3; i++) await fetch(url, { method: 'POST' });
  expect(server.requests).toEqual([]);
  await clock.runUntil(2_500);
  (await opening).drop();
  expect(server.requests).toHaveLength(1);
  transport.close();
});
