/**
 * Servers that will not keep a notification stream: they are asked ever more seldom, and whatever shape their refusal
 * has, lost subscriptions are made anew. Canned answers on real sockets; waits are recorded instead of waited for.
 */
import { itemId } from '@calendar-connector/calendar-model';
import { describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../src/index.ts';
import { Listener } from './support/fake.ts';
import { answer, backOff, failure, fault, type Reply, startSoapServer, success } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

const stream = (...messages: readonly string[]): string =>
  messages.map((message) => String(answer('GetStreamingEvents', message).body).replace(/^<\?xml[^>]*\?>/, '')).join('');
const OK = success('GetStreamingEvents', '<m:ConnectionStatus>OK</m:ConnectionStatus>');
const CLOSED = success('GetStreamingEvents', '<m:ConnectionStatus>Closed</m:ConnectionStatus>');
const refusal = (code: string, ids = '') =>
  failure('GetStreamingEvents', code, ids === '' ? '' : `<m:ErrorSubscriptionIds>${ids}</m:ErrorSubscriptionIds>`);

/** Subscribes under ever new ids; `open` says what comes of each stream, undefined: it stays open. */
function startStreamServer(open: (subscriptionId: string, response: Parameters<Handler>[1]) => Reply | undefined) {
  let subscriptions = 0;
  return startSoapServer(({ body, operation }, response) => {
    if (operation === 'Unsubscribe') return answer('Unsubscribe', success('Unsubscribe'));
    if (operation === 'Subscribe') {
      const id = `<m:SubscriptionId>s${++subscriptions}</m:SubscriptionId>`;
      return answer('Subscribe', success('Subscribe', id));
    }
    return open(/SubscriptionId>(s\d+)</.exec(body)?.[1] ?? '', response);
  });
}
type Handler = Parameters<typeof startSoapServer>[0];

/** The platform's clock, impatient; remembers for how long streams would have waited. */
function impatient(): { readonly clock: Clock; readonly waits: number[] } {
  const waits: number[] = [];
  const after = (ms: number, run: () => void) => {
    if (ms >= TIMINGS.reopenMs && ms <= TIMINGS.reopenMaxMs) waits.push(ms);
    return systemClock.after(Math.min(ms, ms > TIMINGS.reopenMaxMs ? ms : 1), run);
  };
  return { clock: { now: () => Date.now(), after }, waits };
}
const TIMINGS = { reopenMs: 7_000, reopenMaxMs: 50_000, scoutMs: 50_000 };

describe('a stream that ends at once', () => {
  it.each([
    ['in order', stream(OK, CLOSED), [7_000, 14_000, 28_000, 50_000, 50_000]],
    ['without a word', stream(OK), [7_000, 14_000, 28_000, 50_000, 50_000]],
    ['before it is open', '', [7_000, 14_000, 28_000, 50_000, 50_000]],
    ['with its subscription lost, each time', stream(OK, refusal('ErrorMissedNotificationEvents')), [14_000, 28_000]],
  ] as const)('%s is opened again ever more slowly', async (_name, body, expected) => {
    await using server = await startStreamServer(() => ({ body }));
    const { clock, waits } = impatient();
    await using source = sourceTo(server.port, { clock, timings: TIMINGS });
    source.openHints(new Listener()).watch([mailboxAt(server.port)]);
    await vi.waitFor(() => expect(waits.length).toBeGreaterThanOrEqual(expected.length), { timeout: 10_000 });
    expect(waits.slice(0, expected.length)).toEqual(expected);
  });
});

describe('a stream the server calls closed', () => {
  it('is opened again at once though its connection stays open', async () => {
    const opened: string[] = [];
    await using server = await startStreamServer((id, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      response.write(opened.push(id) === 1 ? stream(OK, CLOSED) : stream(OK));
      return undefined;
    });
    const { clock } = impatient();
    await using source = sourceTo(server.port, { clock, timings: TIMINGS });
    const listener = new Listener();
    source.openHints(listener).watch([mailboxAt(server.port)]);
    await vi.waitFor(() => expect(opened).toEqual(['s1', 's1']), { timeout: 5_000 });
    expect(listener.states.map(({ state }) => state)).toEqual(['live']);
  });
});

describe('a pause announced to a stream', () => {
  it.each([
    ['by a fault', fault('ErrorServerBusy', 'busy', 60_000)],
    ['by a fault with HTTP 200', { ...fault('ErrorServerBusy', 'busy', 60_000), status: 200 }],
    ['by a message in it', { body: stream(failure('GetStreamingEvents', 'ErrorServerBusy', backOff(60_000))) }],
    ['by HTTP 503', { status: 503, headers: { 'retry-after': '60' } }],
  ] as const)('%s is kept by calls of the mailbox, too', async (_name, reply) => {
    await using server = await startStreamServer(() => reply);
    await using source = sourceTo(server.port);
    const listener = new Listener();
    const mailbox = mailboxAt(server.port);
    source.openHints(listener).watch([mailbox]);
    await listener.until(() => listener.states.some(({ kind }) => kind === 'throttled'));
    const asked = server.requests.length;
    const refused = await source.fetchItem(mailbox, itemId('A'), never).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'throttled', code: 'BackOff' });
    expect(server.requests.length).toBe(asked);
  });
});

describe('subscriptions', () => {
  it('are given back before the connections close, though stream and source are closed at a time', async () => {
    await using server = await startStreamServer((_id, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' }).write(stream(OK));
      return undefined;
    });
    await using source = sourceTo(server.port);
    const listener = new Listener();
    const hints = source.openHints(listener);
    hints.watch([mailboxAt(server.port)]);
    await listener.until(() => listener.states.length > 0);
    await Promise.all([hints.close(), source.close()]);
    expect(server.requests.map(({ operation }) => operation)).toEqual([
      'Subscribe',
      'GetStreamingEvents',
      'Unsubscribe',
    ]);
  });
});

describe('a server that has lost a subscription', () => {
  it.each([
    ['a fault with HTTP 500', fault('ErrorSubscriptionNotFound')],
    ['a fault with HTTP 200', { ...fault('ErrorSubscriptionNotFound'), status: 200 }],
    ['an error that names nobody', { body: stream(refusal('ErrorInvalidSubscription')) }],
    [
      'an error that names others',
      { body: stream(refusal('ErrorInvalidSubscription', '<m:SubscriptionId>another</m:SubscriptionId>')) },
    ],
    [
      'an error that names it in the namespace of the schema',
      { body: stream(refusal('ErrorInvalidSubscription', '<t:SubscriptionId> s1 </t:SubscriptionId>')) },
    ],
  ] as const)('and says so with %s is given a new one', async (_name, refused) => {
    await using server = await startStreamServer((id, response) => {
      if (id === 's1') return refused;
      response.writeHead(200, { 'content-type': 'text/xml' }).write(stream(OK));
      return undefined;
    });
    await using source = sourceTo(server.port);
    const listener = new Listener();
    source.openHints(listener).watch([mailboxAt(server.port)]);
    await listener.until(() => listener.states.length > 0);
    expect(listener.states.map(({ state }) => state)).toEqual(['live']);
    expect(listener.hints.map(({ reason }) => reason)).toEqual(['resubscribed', 'streamOpened']);
  });
});
