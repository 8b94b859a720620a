/**
 * Up to 200 subscriptions of mailboxes that share a back end, on one hanging connection, kept alive for ever:
 * subscribe, open, read, and whatever happens, open again. Events only ring the bell; every opening after a gap, loss or
 * renewed subscription ends in "look now" for the mailboxes concerned (facts §0, §1.5). Watermarks are never sent.
 * A stream that the server ended in order and that is open again at once is no gap: the subscription has queued what
 * happened in between, and the sweep is there for servers that do not keep to that (docs/decisions/0007-idle-cost.md).
 * GetStreamingEvents takes a fixed list, so whoever comes later, or could be subscribed only later, has a small stream
 * beside the main one until that is opened anew; whoever leaves is unsubscribed. The others' stream goes on in peace.
 */
import type { HintListener, ResolvedMailbox } from '@calendar-connector/sync-core';
import { asSeenOutside } from '../errors/away.ts';
import { EwsError } from '../errors/ews-error.ts';
import { errorOfException } from '../errors/network.ts';
import type { OperationContext } from '../operations/context.ts';
import { pause } from '../transport/clock.ts';
import type { CookieJar } from '../transport/cookies.ts';
import type { Target } from '../transport/ews-transport.ts';
import { getStreamingEvents } from '../wire/subscription-requests.ts';
import { Member } from './member.ts';
import { losesSubscription, Reading } from './reading.ts';
import type { Scouts } from './scouts.ts';
import { readStream } from './stream-connection.ts';
import { Subscriber } from './subscriber.ts';

/** latecomers have a stream of their own while they are at most this part of the main one's members */
const LATE_PART = 1 / 4;
/** a small stream that fails so often in a row is given up for a new main one */
const MAX_LATE_FAILURES = 3;

export interface StreamGroupOptions {
  readonly context: OperationContext;
  readonly listener: HintListener;
  readonly name: string;
  readonly url: string;
  readonly jar: CookieJar;
  /** asks, while the server is away, who of several groups tries often */
  readonly scouts: Scouts;
}

export class StreamGroup {
  readonly #options: StreamGroupOptions;
  readonly #members = new Map<string, Member>();
  readonly #closing = new AbortController();
  readonly #subscriber: Subscriber;
  #wake: AbortController = new AbortController();
  /** whom the main stream reads */
  #listed: ReadonlySet<Member> = new Set();
  #lateWake: AbortController = new AbortController();
  #anchorTurn = 0;
  #failures = 0;
  /** subscriptions read without a gap so far */
  #continuous: ReadonlySet<string> = new Set();
  /** the last loss was that of subscriptions, and no stream has lasted since */
  #lostSubscriptions = false;
  #alarm: AbortController = new AbortController();
  readonly #running: Promise<void>;
  #beside: Promise<unknown> = Promise.resolve();

  constructor(options: StreamGroupOptions, first: ResolvedMailbox) {
    this.#options = options;
    this.#subscriber = new Subscriber({
      context: options.context,
      listener: options.listener,
      closing: this.#closing.signal,
      isWanted: (member) => this.#isWatched(member),
      targetOf: (mailbox) => this.#target(mailbox),
    });
    this.#members.set(first.address, new Member(first));
    this.#running = this.#run();
  }

  get size(): number {
    return this.#members.size;
  }

  has(address: string): boolean {
    return this.#members.has(address);
  }

  add(mailbox: ResolvedMailbox): void {
    this.#members.set(mailbox.address, new Member(mailbox));
    if (this.#late().length > this.#listed.size * LATE_PART) this.#nudge();
    else this.#lateWake.abort(new Error('members changed'));
  }

  /** Stops watching a mailbox; the others' stream goes on, what it still says about this one is passed over. */
  remove(address: string): void {
    const member = this.#members.get(address);
    if (member === undefined) return;
    this.#members.delete(address);
    this.#subscriber.farewell(member);
  }

  /** Unsubscribes everybody and closes; resolves when nothing is open any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    await Promise.all([this.#running, this.#beside]);
    this.#options.scouts.leave(this);
    for (const member of this.#members.values()) this.#subscriber.farewell(member);
    this.#members.clear();
    await this.#subscriber.done();
  }

  /** Another group's stream has opened: the server is back. */
  retryNow(): void {
    this.#alarm.abort(new Error('the server is back'));
  }

  /** Members that the main stream does not read. */
  #late(): readonly Member[] {
    return [...this.#members.values()].filter((member) => !this.#listed.has(member));
  }

  #nudge(): void {
    this.#wake.abort(new Error('members changed'));
  }

  async #run(): Promise<void> {
    // The creator adds further members in the same turn: let it finish.
    await Promise.resolve();
    while (!this.#closing.signal.aborted) {
      this.#wake = new AbortController();
      const signal = AbortSignal.any([this.#closing.signal, this.#wake.signal]);
      try {
        await this.#round(signal);
      } catch (error) {
        this.#continuous = new Set();
        if (this.#closing.signal.aborted) return;
        if (this.#wake.signal.aborted) await this.#rest(this.#options.context.options.timings.regroupMs);
        else await this.#recover(asSeenOutside(errorOfException(error, { operation: 'GetStreamingEvents' }, false)));
      }
    }
  }

  /** Subscribes whoever is not, opens the main stream and reads it to its end. */
  async #round(signal: AbortSignal): Promise<void> {
    await this.#subscriber.subscribe(this.#members.values(), signal);
    const subscribed = [...this.#members.values()].filter(isSubscribed);
    if (subscribed.length === 0) {
      await this.#rest(this.#untilRetry() ?? 1_000, signal);
      return;
    }
    this.#listed = new Set(subscribed);
    const over = new AbortController();
    const beside = this.#readLatecomers(AbortSignal.any([signal, over.signal]));
    this.#beside = Promise.all([this.#beside, beside]);
    const reading = this.#reading(subscribed, this.#options.name, (code, losesAll) => {
      if (losesAll) this.#options.jar.clear();
      if (code === 'ErrorExceededConnectionCount') this.#anchorTurn++;
    });
    try {
      await this.#read(reading, signal);
      this.#continuous = new Set(reading.endedInOrder ? reading.subscriptionIds : []);
    } finally {
      if (this.#hasLasted(reading)) {
        this.#failures = 0;
        this.#lostSubscriptions = false;
      }
      // Its stream is cut at once; a Subscribe under way may still take its time.
      over.abort(new Error('the main stream ended'));
      this.#listed = new Set();
    }
    if (!this.#hasLasted(reading)) await this.#rest(this.#backOffMs(this.#failures++), signal);
  }

  /** What ends at once, though in order, is opened again ever more slowly: a proxy may end every stream so. */
  #hasLasted(reading: Reading): boolean {
    return reading.openMs >= this.#options.context.options.timings.reopenMs;
  }

  #backOffMs(failures: number): number {
    const { reopenMaxMs, reopenMs } = this.#options.context.options.timings;
    return Math.min(reopenMs * 2 ** failures, reopenMaxMs);
  }

  /** While the main stream is open: another try for whom could not be subscribed, and a stream for who came later. */
  async #readLatecomers(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const wake = new AbortController();
      this.#lateWake = wake;
      const stop = AbortSignal.any([signal, wake.signal]);
      try {
        await this.#subscriber.subscribe(this.#late(), stop);
        void this.#retryLatecomers(wake, stop);
        const ready = this.#late().filter(isSubscribed);
        if (ready.length === 0) {
          await aborted(stop);
          continue;
        }
        const reading = this.#reading(ready, `${this.#options.name} latecomers`);
        await this.#read(reading, stop);
        if (this.#hasLasted(reading)) failures = 0;
        else await this.#rest(this.#backOffMs(failures++), stop);
      } catch (error) {
        if (signal.aborted) break;
        if (wake.signal.aborted) await this.#rest(this.#options.context.options.timings.regroupMs, signal);
        else await this.#recoverLatecomers(error, failures++, signal);
      }
    }
    // Who was still being subscribed here belongs to the next main stream's latecomers.
    this.#lateWake.abort(new Error('members changed'));
  }

  /** Tries again for whom could not be subscribed; the latecomers' stream is opened anew only when that worked. */
  async #retryLatecomers(wake: AbortController, signal: AbortSignal): Promise<void> {
    const countSubscribed = () => this.#late().filter(isSubscribed).length;
    const before = countSubscribed();
    while (!signal.aborted && countSubscribed() <= before) {
      const retryMs = this.#untilRetry();
      if (retryMs === undefined) return;
      await this.#rest(retryMs, signal);
      await this.#subscriber.subscribe(this.#late(), signal).catch(() => undefined);
    }
    wake.abort(new Error('members changed'));
  }

  async #recoverLatecomers(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { listener } = this.#options;
    const failure = asSeenOutside(errorOfException(error, { operation: 'GetStreamingEvents' }, false));
    // A second connection may be one too many, or its subscriptions be elsewhere: then all go into one again.
    if (failure.code === 'ErrorExceededConnectionCount' || failures >= MAX_LATE_FAILURES) return this.#nudge();
    const isQuick = losesSubscription(failure.code) && failures === 0;
    if (isQuick) return;
    for (const member of this.#late()) member.down(listener, failure);
    await this.#rest(Math.max(this.#backOffMs(failures), failure.retryAfterMs ?? 0), signal);
  }

  #reading(
    members: readonly Member[],
    name: string,
    onRefused: (code: string, losesAll: boolean) => void = () => undefined,
  ): Reading {
    const isWatched = (member: Member) => this.#isWatched(member);
    const onOpen = (reading: Reading) => this.#nowOpen(reading);
    const { context, listener } = this.#options;
    const now = () => context.options.clock.now();
    return new Reading({ members, name, listener, now, isWatched, onOpen, onRefused });
  }

  /** Reads one stream to its end; throws what ended it out of order. */
  async #read(reading: Reading, signal: AbortSignal): Promise<void> {
    const { members, name } = reading;
    const { context } = this.#options;
    const { observer, timings } = context.options;
    const ids = reading.subscriptionIds;
    if (ids.length === 0) return;
    const target = this.#target(this.#anchor(members) ?? '');
    const request = getStreamingEvents(await context.facade(), target.mailbox, ids, timings.streamMinutes);
    let refusal: EwsError | undefined;
    observer.streamState?.({ group: name, state: 'opening', mailboxes: ids.length });
    try {
      await readStream({
        ...context,
        request,
        target,
        signal,
        onEnvelope: (envelope) => {
          refusal = reading.take(envelope, { operation: 'GetStreamingEvents', mailbox: target.mailbox });
          return refusal !== undefined || reading.endedInOrder;
        },
      });
    } catch (error) {
      throw error instanceof EwsError ? reading.refused(error) : error;
    }
    if (refusal !== undefined) {
      // What is announced here is meant for the mailbox's calls as well.
      if (refusal.kind === 'throttled') context.transport.limiter.note(target.mailbox, refusal);
      throw refusal;
    }
    if (!reading.isOpen) throw neverOpened(target.mailbox);
    observer.streamState?.({ group: name, state: 'closed', mailboxes: ids.length });
  }

  /** Milliseconds until the next try for a member that is not subscribed; undefined when all are. */
  #untilRetry(): number | undefined {
    const now = this.#options.context.options.clock.now();
    const waits = [...this.#members.values()]
      .filter((member) => !isSubscribed(member))
      .map(({ retryAt }) => retryAt - now);
    return waits.length === 0 ? undefined : Math.max(100, Math.min(...waits));
  }

  #nowOpen(reading: Reading): void {
    const { context, listener, scouts } = this.#options;
    const { members, name } = reading;
    scouts.answered(this);
    context.options.observer.streamState?.({ group: name, state: 'open', mailboxes: members.length });
    for (const member of members) {
      if (!this.#isWatched(member)) continue;
      member.live(listener);
      if (member.subscriptionId !== undefined && this.#continuous.has(member.subscriptionId)) continue;
      listener.onHint({ mailbox: member.mailbox.address, reason: 'streamOpened' });
    }
  }

  #isWatched(member: Member): boolean {
    return this.#members.get(member.mailbox.address) === member;
  }

  async #recover(error: EwsError): Promise<void> {
    const { context, listener, name } = this.#options;
    const { observer, random, timings } = context.options;
    observer.streamState?.({ group: name, state: 'lost', mailboxes: this.size, reason: error.code });
    // A subscription that died is replaced at once; only repeated trouble waits.
    const loses = losesSubscription(error.code);
    const quick = loses && !this.#lostSubscriptions;
    this.#lostSubscriptions = loses;
    // A server that has forgotten the subscriptions is back all the same.
    if (quick) this.#options.scouts.answered(this);
    if (!quick) for (const member of this.#members.values()) member.down(listener, error);
    const isAway = error.kind === 'unavailable' || error.kind === 'timeout';
    const longest = isAway && this.#options.scouts.mayScout(this) ? timings.scoutMs : timings.reopenMaxMs;
    const wait = quick ? 0 : Math.min(this.#backOffMs(this.#failures), longest);
    this.#failures++;
    this.#alarm = new AbortController();
    // A pause the server asked for is kept whatever other groups find.
    const asked = error.retryAfterMs ?? 0;
    const signal = asked > 0 ? this.#closing.signal : AbortSignal.any([this.#closing.signal, this.#alarm.signal]);
    await this.#rest(Math.max(wait * (0.75 + random() * 0.5), asked), signal);
  }

  async #rest(ms: number, signal: AbortSignal = this.#closing.signal): Promise<void> {
    if (ms <= 0) return;
    await pause(this.#options.context.options.clock, ms, signal, 'GetStreamingEvents').catch(() => undefined);
  }

  /** The mailbox the group is routed by: the first by name, another one when its connections are used up. */
  #anchor(members: readonly Member[]): string | undefined {
    const names = members.map((member) => member.mailbox.address).sort();
    return names[this.#anchorTurn % Math.max(1, names.length)];
  }

  #target(mailbox: string): Target {
    const { jar, name, url } = this.#options;
    const anchor = this.#anchor([...this.#members.values()]) ?? mailbox;
    return { url, mailbox, anchor, cookies: jar, preferAffinity: true, accountKey: name };
  }
}

function neverOpened(mailbox: string): EwsError {
  const message = 'the notification stream ended before it was open';
  return new EwsError({ kind: 'unavailable', code: 'StreamNotOpened', message, mailbox });
}

function isSubscribed(member: Member): boolean {
  return member.subscriptionId !== undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
