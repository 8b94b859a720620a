/**
 * Up to 200 subscriptions of mailboxes that share a back end, on one hanging connection, kept alive for ever:
 * subscribe, open, read, and whatever happens, open again. Events only ring the bell; every opening after a gap, loss or
 * renewed subscription ends in "look now" for the mailboxes concerned (facts §0, §1.5). Watermarks are never sent.
 * A stream that the server ended in order and that is open again at once is no gap: the subscription has queued what
 * happened in between, and the sweep is there for servers that do not keep to that (docs/decisions/0007-idle-cost.md).
 */
import type { HintListener, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { RawMessage } from '../decoder/response-grammar.ts';
import { asSeenOutside } from '../errors/away.ts';
import { errorOfFault, errorOfMessage } from '../errors/classify.ts';
import type { EwsError } from '../errors/ews-error.ts';
import { errorOfException } from '../errors/network.ts';
import { callOne, type OperationContext } from '../operations/context.ts';
import { pause } from '../transport/clock.ts';
import type { CookieJar } from '../transport/cookies.ts';
import type { Target } from '../transport/ews-transport.ts';
import { getStreamingEvents, subscribe, unsubscribe } from '../wire/subscription-requests.ts';
import { Member } from './member.ts';
import type { Scouts } from './scouts.ts';
import { readStream } from './stream-connection.ts';
import type { StreamEnvelope } from './stream-decoder.ts';

/** Subscribe calls at a time per group. */
const SUBSCRIBE_WIDTH = 4;
const UNSUBSCRIBE_MS = 5_000;
/** after a change of members, how long to wait for further ones before the connection is reopened */
const REGROUP_MS = 500;

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
  readonly #farewells = new Set<Promise<void>>();
  #wake: AbortController = new AbortController();
  #anchorTurn = 0;
  #failures = 0;
  #opened = false;
  /** the stream before this one was ended in order by the server */
  #endedInOrder = false;
  /** subscriptions read without a gap so far */
  #continuous: ReadonlySet<string> = new Set();
  /** the last loss was that of subscriptions */
  #lostSubscriptions = false;
  #alarm: AbortController = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: StreamGroupOptions, first: ResolvedMailbox) {
    this.#options = options;
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
    this.#nudge();
  }

  /** Stops watching a mailbox; the others' connection is reopened without it. */
  remove(address: string): void {
    const member = this.#members.get(address);
    if (member === undefined) return;
    this.#members.delete(address);
    if (member.subscriptionId !== undefined) this.#farewell(member);
    this.#nudge();
  }

  /** Unsubscribes everybody and closes; resolves when nothing is open any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    await this.#running;
    this.#options.scouts.leave(this);
    for (const member of this.#members.values()) if (member.subscriptionId !== undefined) this.#farewell(member);
    this.#members.clear();
    await Promise.all(this.#farewells);
  }

  /** Another group's stream has opened: the server is back. */
  retryNow(): void {
    this.#alarm.abort(new Error('the server is back'));
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
        this.#failures = 0;
      } catch (error) {
        this.#continuous = new Set();
        if (this.#closing.signal.aborted) return;
        if (this.#wake.signal.aborted) await this.#rest(REGROUP_MS);
        else await this.#recover(asSeenOutside(errorOfException(error, { operation: 'GetStreamingEvents' }, false)));
      }
    }
  }

  /** Subscribes whoever is not, opens the stream and reads it to its end. */
  async #round(signal: AbortSignal): Promise<void> {
    await this.#subscribeAll(signal);
    const subscribed = [...this.#members.values()].filter((member) => member.subscriptionId !== undefined);
    if (subscribed.length === 0) {
      await this.#rest(this.#untilRetry(), signal);
      return;
    }
    this.#opened = false;
    this.#endedInOrder = false;
    let refusal: EwsError | undefined;
    const { context, name } = this.#options;
    const { observer, timings } = context.options;
    const ids = subscribed.map((member) => member.subscriptionId as string);
    const target = this.#target(this.#anchor(subscribed) ?? '');
    const request = getStreamingEvents(await context.facade(), target.mailbox, ids, timings.streamMinutes);
    const ended = new AbortController();
    const retry = this.#wakeForRetry();
    observer.streamState?.({ group: name, state: 'opening', mailboxes: ids.length });
    try {
      await readStream({
        ...context,
        request,
        target,
        signal: AbortSignal.any([signal, ended.signal]),
        onEnvelope: (envelope) => {
          refusal ??= this.#take(envelope, subscribed, target.mailbox);
          if (refusal !== undefined) ended.abort(new Error('refused'));
        },
      });
      if (refusal !== undefined) throw refusal;
      this.#continuous = new Set(this.#endedInOrder ? ids : []);
      observer.streamState?.({ group: name, state: 'closed', mailboxes: ids.length });
    } catch (error) {
      throw refusal ?? error;
    } finally {
      retry();
    }
  }

  /** Members without a subscription get another try while the others' stream is open. */
  #wakeForRetry(): () => void {
    const waiting = [...this.#members.values()].some((member) => member.subscriptionId === undefined);
    if (!waiting) return () => undefined;
    const wake = this.#wake;
    return this.#options.context.options.clock.after(this.#untilRetry(), () => wake.abort(new Error('retry')));
  }

  #untilRetry(): number {
    const now = this.#options.context.options.clock.now();
    const waits = [...this.#members.values()]
      .filter((member) => member.subscriptionId === undefined)
      .map((member) => member.retryAt - now);
    return Math.max(100, waits.length === 0 ? 1_000 : Math.min(...waits));
  }

  async #subscribeAll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.context.options;
    const now = clock.now();
    const waiting = [...this.#members.values()].filter(
      (member) => member.subscriptionId === undefined && member.retryAt <= now,
    );
    const workers = Array.from({ length: Math.min(SUBSCRIBE_WIDTH, waiting.length) }, async () => {
      for (let member = waiting.shift(); member !== undefined; member = waiting.shift()) {
        await this.#subscribeOne(member, signal);
      }
    });
    await Promise.all(workers);
    if (signal.aborted) throw signal.reason;
  }

  async #subscribeOne(member: Member, signal: AbortSignal): Promise<void> {
    const { context, listener } = this.#options;
    const { clock, timings } = context.options;
    const { mailbox } = member;
    try {
      const request = subscribe(await context.facade(), mailbox.address, mailbox.folderId);
      // A Subscribe under way is finished even when members change: its subscription must not leak.
      const message = await callOne(context, request, this.#target(mailbox.address), this.#closing.signal);
      if (message.subscriptionId === '') throw new Error('the answer names no subscription');
      member.subscribed(message.subscriptionId);
      if (!this.#members.has(mailbox.address)) this.#farewell(member);
    } catch (error) {
      if (this.#closing.signal.aborted || signal.aborted) return;
      const failure = errorOfException(error, { operation: 'Subscribe', mailbox: mailbox.address }, false);
      member.subscribeFailed(clock.now(), failure, timings.reopenMs, timings.reopenMaxMs);
      member.down(listener, failure);
    }
  }

  /** What one envelope means; a refusal ends the connection. */
  #take(envelope: StreamEnvelope, members: readonly Member[], mailbox: string): EwsError | undefined {
    const context = { operation: 'GetStreamingEvents', mailbox };
    if (envelope.fault !== undefined) return errorOfFault(envelope.fault, context, 200);
    for (const message of envelope.messages) {
      if (message.responseClass === 'Error') return this.#refused(message, members, mailbox);
      if (!this.#opened) this.#nowOpen(members);
      if (message.connectionStatus === 'Closed') this.#endedInOrder = true;
      this.#ring(message, members);
    }
    return undefined;
  }

  #nowOpen(members: readonly Member[]): void {
    const { context, listener, name } = this.#options;
    this.#opened = true;
    this.#failures = 0;
    this.#lostSubscriptions = false;
    this.#options.scouts.answered(this);
    context.options.observer.streamState?.({ group: name, state: 'open', mailboxes: members.length });
    for (const member of members) {
      if (!this.#members.has(member.mailbox.address)) continue;
      member.live(listener);
      if (member.subscriptionId !== undefined && this.#continuous.has(member.subscriptionId)) continue;
      listener.onHint({ mailbox: member.mailbox.address, reason: 'streamOpened' });
    }
  }

  #ring(message: RawMessage, members: readonly Member[]): void {
    for (const notification of message.notifications) {
      if (!notification.events.some((event) => event.type !== 'StatusEvent')) continue;
      const member = members.find((candidate) => candidate.subscriptionId === notification.subscriptionId);
      if (member === undefined || !this.#members.has(member.mailbox.address)) continue;
      this.#options.listener.onHint({ mailbox: member.mailbox.address, reason: 'notification' });
    }
  }

  /** Bad ids poison the whole connection: they are dropped and subscribed anew, the good ones kept (facts §3.1 no. 9). */
  #refused(message: RawMessage, members: readonly Member[], mailbox: string): EwsError {
    const error = errorOfMessage(message, { operation: 'GetStreamingEvents', mailbox });
    const named = new Set(message.errorSubscriptionIds);
    const bad = members.filter((member) => member.subscriptionId !== undefined && named.has(member.subscriptionId));
    const losesAll = named.size === 0 && LOSES_SUBSCRIPTION.has(message.code);
    const lost = losesAll ? members : bad;
    for (const member of lost) {
      member.subscriptionId = undefined;
      if (this.#members.has(member.mailbox.address)) {
        this.#options.listener.onHint({ mailbox: member.mailbox.address, reason: 'resubscribed' });
      }
    }
    if (losesAll) this.#options.jar.clear();
    if (message.code === 'ErrorExceededConnectionCount') this.#anchorTurn++;
    return error;
  }

  async #recover(error: EwsError): Promise<void> {
    const { context, listener, name } = this.#options;
    const { observer, random, timings } = context.options;
    observer.streamState?.({ group: name, state: 'lost', mailboxes: this.size, reason: error.code });
    // A subscription that died is replaced at once; only repeated trouble waits.
    const loses = LOSES_SUBSCRIPTION.has(error.code);
    const quick = loses && !this.#lostSubscriptions;
    this.#lostSubscriptions = loses;
    // A server that has forgotten the subscriptions is back all the same.
    if (quick) this.#options.scouts.answered(this);
    if (!quick) for (const member of this.#members.values()) member.down(listener, error);
    const isAway = error.kind === 'unavailable' || error.kind === 'timeout';
    const longest = isAway && this.#options.scouts.mayScout(this) ? timings.scoutMs : timings.reopenMaxMs;
    const wait = quick ? 0 : Math.min(timings.reopenMs * 2 ** this.#failures, timings.reopenMaxMs, longest);
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

  #farewell(member: Member): void {
    const id = member.subscriptionId;
    if (id === undefined) return;
    member.subscriptionId = undefined;
    const { context } = this.#options;
    const work = (async () => {
      const limit = AbortSignal.timeout(UNSUBSCRIBE_MS);
      const request = unsubscribe(await context.facade(), member.mailbox.address, id);
      await callOne(context, request, this.#target(member.mailbox.address), limit);
    })().catch(() => undefined);
    this.#farewells.add(work);
    void work.finally(() => this.#farewells.delete(work));
  }
}

/** After these the subscription is gone and a new one is made, without the old watermark. */
const LOSES_SUBSCRIPTION = new Set([
  'ErrorInvalidSubscription',
  'ErrorSubscriptionNotFound',
  'ErrorExpiredSubscription',
  'ErrorReadEventsFailed',
  'ErrorProxyRequestNotAllowed',
  'ErrorMissedNotificationEvents',
  'ErrorInvalidWatermark',
  'ErrorSubscriptionAccessDenied',
  'ErrorProxiedSubscriptionCallFailure',
]);
