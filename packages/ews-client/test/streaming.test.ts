/**
 * Notification streams over real sockets: hints for what changes, and "look now" after everything that goes wrong.
 */
import { createServer } from 'node:net';
import { WorldClock } from '@calendar-connector/fakes';
import { describe, expect, it, vi } from 'vitest';
import type { EwsObserver, EwsTimings } from '../src/index.ts';
import { Listener, resolveUser, startFake } from './support/fake.ts';
import { answer, fault, startSoapServer, success } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

/** Everything that waits, made quick. */
const QUICK: EwsTimings = { reopenMs: 10, reopenMaxMs: 50, regroupMs: 10, streamSilenceMs: 400 };
const DRAFT = { subject: 'x', start: Date.parse('2026-12-01T09:00:00Z'), end: Date.parse('2026-12-01T10:00:00Z') };
const USER1 = 'user1@example.test';
const USER2 = 'user2@example.test';

describe('a notification stream', () => {
  it('says look now when it opens and when something changes', async () => {
    await using started = await startFake();
    const source = started.source();
    const listener = new Listener();
    const stream = source.openHints(listener);
    stream.watch([await resolveUser(source, 1), await resolveUser(source, 2)]);
    await listener.until(() => listener.states.length === 2);
    started.world.createItem(USER1, DRAFT);
    await listener.until(() => listener.reasons(USER1).includes('notification'));
    expect(listener.reasons(USER1)[0]).toBe('streamOpened');
    expect(listener.reasons(USER2)).toEqual(['streamOpened']);
    expect(started.fake.counters.snapshot().openStreams).toBe(1);
    await stream.close();
    expect(started.fake.counters.snapshot()).toMatchObject({ subscriptions: 0 });
  });

  it('unsubscribes a mailbox that is not watched any more; the others do not notice (failure mode 24: leaked subscriptions)', async () => {
    await using started = await startFake();
    const source = started.source();
    const listener = new Listener();
    const stream = source.openHints(listener);
    const [one, two] = [await resolveUser(source, 1), await resolveUser(source, 2)];
    stream.watch([one, two]);
    await listener.until(() => listener.states.length === 2);
    stream.watch([two]);
    await vi.waitFor(() => expect(started.fake.counters.snapshot().subscriptions).toBe(1));
    started.world.createItem(USER1, DRAFT);
    started.world.createItem(USER2, DRAFT);
    await listener.until(() => listener.reasons(USER2).includes('notification'));
    expect(listener.reasons(USER1)).toEqual(['streamOpened']);
    expect(listener.reasons(USER2)).toEqual(['streamOpened', 'notification']);
    expect(started.fake.counters.snapshot().byOperation).toMatchObject({ GetStreamingEvents: 1 });
  });

  it('gives one who comes later a stream of its own beside the others, and takes it in when it is opened anew', async () => {
    const clock = WorldClock.manual();
    await using started = await startFake({ world: { clock, mailboxes: 10 } });
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    const stream = source.openHints(listener);
    const mailboxes = await Promise.all(Array.from({ length: 10 }, (_, n) => resolveUser(source, n + 1)));
    stream.watch(mailboxes.slice(1));
    await listener.until(() => listener.states.length === 9);
    stream.watch(mailboxes);
    await listener.until(() => listener.reasons(USER1).includes('streamOpened'));
    expect(listener.hints.filter(({ mailbox }) => mailbox !== USER1)).toHaveLength(9);
    expect(started.fake.counters.snapshot().openStreams).toBe(2);
    for (const user of [USER1, USER2]) started.world.createItem(user, DRAFT);
    await listener.until(() => [USER1, USER2].every((user) => listener.reasons(user).includes('notification')));
    clock.advance(29 * 60_000);
    await vi.waitFor(() =>
      expect(started.fake.counters.snapshot()).toMatchObject({ openStreams: 1, subscriptions: 10 }),
    );
    const told = listener.hints.length;
    for (const user of [USER1, USER2]) started.world.createItem(user, DRAFT);
    const since = () => new Set(listener.hints.slice(told).map(({ mailbox, reason }) => `${reason} ${mailbox}`));
    await listener.until(() => [USER1, USER2].every((user) => since().has(`notification ${user}`)));
  });

  it('tries again for one who was refused without touching the others', async () => {
    await using started = await startFake({ world: { mailboxes: 10 } });
    const source = started.source({ timings: { reopenMs: 10, reopenMaxMs: 50, regroupMs: 10 } });
    const mailboxes = await Promise.all(Array.from({ length: 10 }, (_, n) => resolveUser(source, n + 1)));
    const denied = started.fake.faults.add({ kind: 'impersonationDenied', mailbox: USER1 });
    const listener = new Listener();
    source.openHints(listener).watch(mailboxes);
    await listener.until(() => listener.states.length === 10);
    const tries = () => started.fake.journal.list({ operation: 'Subscribe' }).length;
    await vi.waitFor(() => expect(tries()).toBeGreaterThan(12), { timeout: 10_000 });
    expect(listener.hints).toHaveLength(9);
    started.fake.faults.remove(denied);
    await listener.until(() => listener.reasons(USER1).length > 0);
    expect(listener.hints.filter(({ mailbox }) => mailbox !== USER1)).toHaveLength(9);
  });

  it('opens one stream for all when many come at a time', async () => {
    await using started = await startFake({ world: { mailboxes: 12 } });
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    const stream = source.openHints(listener);
    const mailboxes = await Promise.all(Array.from({ length: 12 }, (_, n) => resolveUser(source, n + 1)));
    stream.watch(mailboxes.slice(0, 4));
    await listener.until(() => listener.states.length === 4);
    stream.watch(mailboxes);
    await listener.until(() => listener.states.filter(({ state }) => state === 'live').length === 12);
    expect(started.fake.counters.snapshot()).toMatchObject({ openStreams: 1, subscriptions: 12 });
  });

  it('is found dead when no byte comes and opened again (failure mode 1: streaming dies silently)', async () => {
    await using started = await startFake({ streaming: { heartbeatMs: 100 } });
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1)]);
    await listener.until(() => listener.states.length === 1);
    const fault = started.fake.faults.add({ kind: 'muteStream' });
    started.world.createItem(USER1, DRAFT);
    await listener.until(() => listener.states.some((entry) => entry.state === 'down'));
    started.fake.faults.remove(fault);
    await listener.until(() => listener.states.filter((entry) => entry.state === 'live').length === 2);
    expect(listener.states[1]).toMatchObject({ state: 'down', kind: 'timeout' });
    expect(listener.reasons(USER1).filter((reason) => reason === 'streamOpened').length).toBeGreaterThanOrEqual(2);
  });

  it('comes back with look now after every connection was cut (failure mode 2: gap between two streams)', async () => {
    await using started = await startFake();
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1), await resolveUser(source, 2)]);
    await listener.until(() => listener.states.length === 2);
    started.fake.cutConnections();
    await listener.until(() => listener.reasons(USER1).length >= 2 && listener.reasons(USER2).length >= 2);
    expect(listener.reasons(USER1)).toEqual(['streamOpened', 'streamOpened']);
  });

  it('asks nobody to look when the server renews the stream in order: what happened in between was queued', async () => {
    const clock = WorldClock.manual();
    await using started = await startFake({ world: { clock } });
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1), await resolveUser(source, 2)]);
    await listener.until(() => listener.states.length === 2);
    const asked = listener.hints.length;
    clock.advance(29 * 60_000);
    started.world.createItem(USER1, DRAFT);
    await listener.until(() => listener.reasons(USER1).includes('notification'));
    expect(listener.hints.slice(asked)).toEqual([{ mailbox: USER1, reason: 'notification' }]);
    expect(started.fake.counters.snapshot().byOperation).toMatchObject({ Subscribe: 2, GetStreamingEvents: 2 });
  });

  it('looks at everybody when the renewed stream does not follow the old one at once', async () => {
    const clock = WorldClock.manual();
    await using started = await startFake({ world: { clock } });
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1)]);
    await listener.until(() => listener.states.length === 1);
    started.fake.faults.add({ kind: 'status', status: 503, operation: 'GetStreamingEvents', count: 1 });
    clock.advance(29 * 60_000);
    await listener.until(() => listener.reasons(USER1).length === 2);
    expect(listener.reasons(USER1)).toEqual(['streamOpened', 'streamOpened']);
  });

  it('of many groups one tries often while the server is away, and calls the others when it is back', async () => {
    await using started = await startFake({ world: { mailboxes: 6 } });
    const timings = { reopenMs: 20, reopenMaxMs: 3_600_000, scoutMs: 20 };
    const source = started.source({ timings, limits: { subscriptionsPerStream: 2 } });
    const listener = new Listener();
    const mailboxes = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => resolveUser(source, n)));
    source.openHints(listener).watch(mailboxes);
    await listener.until(() => listener.states.length === 6);
    const away = started.fake.faults.add({ kind: 'status', status: 503 });
    started.fake.cutConnections();
    // Each further try of the other groups would wait twice as long as the one before: only the scout gets this far.
    const tries = (): number => started.fake.counters.snapshot().byOperation.GetStreamingEvents ?? 0;
    await vi.waitFor(() => expect(tries()).toBeGreaterThan(80), { timeout: 20_000 });
    started.fake.faults.remove(away);
    await listener.until(() => listener.states.filter((entry) => entry.state === 'live').length === 12);
    expect(new Set(listener.hints.slice(-6).map(({ mailbox }) => mailbox)).size).toBe(6);
  });

  it('makes new subscriptions when the server has lost them, without a watermark', async () => {
    await using started = await startFake();
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1)]);
    await listener.until(() => listener.states.length === 1);
    started.fake.dropSubscriptions();
    started.fake.cutConnections();
    await listener.until(() => listener.reasons(USER1).includes('resubscribed'));
    const opened = listener.reasons(USER1).length;
    await listener.until(() => listener.reasons(USER1).length > opened);
    started.world.createItem(USER1, DRAFT);
    await listener.until(() => listener.reasons(USER1).includes('notification'));
  });

  it('throws out one bad subscription and keeps the rest (failure mode 9: a bad id poisons the connection)', async () => {
    await using started = await startFake();
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1), await resolveUser(source, 2)]);
    await listener.until(() => listener.states.length === 2);
    started.fake.faults.add({ kind: 'subscriptionNotFound', mailbox: USER1, count: 1 });
    started.fake.cutConnections();
    await listener.until(() => listener.reasons(USER2).length >= 2 && listener.reasons(USER1).length >= 2);
    started.world.createItem(USER2, DRAFT);
    await listener.until(() => listener.reasons(USER2).includes('notification'));
  });

  it('moves to another back end when one fails (failure mode 10: lost affinity)', async () => {
    await using started = await startFake({ backEnds: ['mbx1', 'mbx2'] });
    const source = started.source({ timings: QUICK });
    const listener = new Listener();
    source.openHints(listener).watch([await resolveUser(source, 1), await resolveUser(source, 2)]);
    await listener.until(() => listener.states.filter((entry) => entry.state === 'live').length === 2);
    const opened = listener.hints.length;
    started.fake.failBackEnd('mbx1');
    await listener.until(() => listener.hints.length > opened);
    started.world.createItem(USER1, DRAFT);
    started.world.createItem(USER2, DRAFT);
    await listener.until(() => [USER1, USER2].every((user) => listener.reasons(user).includes('notification')));
  });
});

it('a stream takes no connection away from calls (failure mode 19: second connection needed while streaming)', async () => {
  await using started = await startFake();
  const source = started.source({ limits: { maxConcurrency: 1, startConcurrency: 1 } });
  const listener = new Listener();
  const mailboxes = [await resolveUser(source, 1), await resolveUser(source, 2)];
  source.openHints(listener).watch(mailboxes);
  await listener.until(() => listener.states.length === 2);
  const pages = await Promise.all(mailboxes.map((mailbox) => source.fetchChanges(mailbox, undefined, never)));
  expect(pages.every((page) => page.complete)).toBe(true);
  expect(started.fake.counters.snapshot()).toMatchObject({ openStreams: 1, connections: 2 });
});

describe('opening a stream', () => {
  it.each([
    ['HTTP 503', { status: 503, body: 'busy', headers: { 'content-type': 'text/plain' } }, 'Http503'],
    ['a fault', fault('ErrorInternalServerError'), 'ErrorInternalServerError'],
    ['a login page', { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } }, 'NoSoapAnswer'],
  ])(
    'survives %s and tries again (failure mode 11: crash or a promise that never settles)',
    async (_name, reply, code) => {
      let broken = true;
      const reasons: unknown[] = [];
      await using server = await startSoapServer(({ operation }, response) => {
        if (operation === 'Subscribe')
          return answer('Subscribe', success('Subscribe', '<m:SubscriptionId>s1</m:SubscriptionId>'));
        if (operation === 'Unsubscribe') return answer('Unsubscribe', success('Unsubscribe'));
        if (broken) return reply;
        const opened = answer(
          'GetStreamingEvents',
          success('GetStreamingEvents', '<m:ConnectionStatus>OK</m:ConnectionStatus>'),
        );
        response.writeHead(200, { 'content-type': 'text/xml' }).write(opened.body);
        return undefined;
      });
      const observer: EwsObserver = {
        streamState: ({ reason }) => void (reason !== undefined && reasons.push(reason)),
      };
      await using source = sourceTo(server.port, { timings: QUICK, observer });
      const listener = new Listener();
      source.openHints(listener).watch([mailboxAt(server.port)]);
      await listener.until(() => listener.states.some((entry) => entry.state === 'down'));
      broken = false;
      await listener.until(() => listener.states.some((entry) => entry.state === 'live'));
      expect(listener.hints.at(-1)?.reason).toBe('streamOpened');
      expect(reasons[0]).toBe(code);
    },
  );

  it('survives a server that is not there, and finds it when it is', async () => {
    await using server = await startSoapServer(() => undefined);
    const listener = new Listener();
    await using source = sourceTo(await freePort(), { timings: QUICK });
    source.openHints(listener).watch([mailboxAt(await freePort())]);
    await listener.until(() => listener.states.some((entry) => entry.state === 'down'));
    expect(listener.states[0]?.kind).toBe('unavailable');
    expect(server.requests).toHaveLength(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
