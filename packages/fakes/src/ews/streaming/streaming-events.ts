/**
 * GetStreamingEvents: one hanging answer made of many envelopes, without declaration or separator, prefix-less envelope tag as
 * Exchange 2016 writes it. Facts "Notifications": first message at once, heartbeat, 50 events a message, one bad id spoils all,
 * a newer connection ends the older, `Closed` at ConnectionTimeout.
 */
import type { TimerHandle, WorldClock } from '../../world/clock.ts';
import type { EntryIds } from '../../world/entry-ids.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import { XmlWriter } from '../../xml/xml-writer.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import { invalidSubscription, usable } from '../operations/subscriptions.ts';
import type { RequestContext } from '../request-context.ts';
import type { StreamingOptions } from '../server-options.ts';
import { openResponse } from '../wire/envelope.ts';
import { EwsError } from '../wire/ews-error.ts';
import { BUILD, SOAP_NS, TYPES_NS } from '../wire/names.ts';
import { toEwsError, writeErrorFields } from '../wire/response-messages.ts';
import { writeNotification } from './event-writer.ts';
import type { QueuedEvent, Subscription } from './subscription.ts';

const DEFAULT_HEARTBEAT_MS = 45_000;
const DEFAULT_EVENTS_PER_MESSAGE = 50;
const MOST_IDS = 200;

/** The open connection a stream writes to. */
export interface StreamSink {
  write(text: string): void;
  /** ends the answer properly */
  end(): void;
  /** cuts the connection */
  destroy(): void;
  /** cuts it once this has gone out */
  cutAfter(text: string): void;
}

export interface StreamParts {
  readonly context: RequestContext;
  readonly request: XmlElement;
  readonly sink: StreamSink;
  readonly faults: FaultPlan;
  readonly options: StreamingOptions;
  readonly onText: (text: string) => void;
  /** which stream reads which subscription */
  readonly readers: Map<string, EventStream>;
  readonly onClose: () => void;
}

export class EventStream {
  readonly #parts: StreamParts;
  readonly #clock: WorldClock;
  readonly #ids: EntryIds;
  readonly #subscriptions: Subscription[] = [];
  #heartbeat: TimerHandle | undefined;
  #end: TimerHandle | undefined;
  #pump: TimerHandle | undefined;
  #isMute = false;
  #isOpen = true;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#clock = parts.context.world.clock;
    this.#ids = parts.context.world.ids;
  }

  get backEnd(): string {
    return this.#parts.context.backEnd;
  }

  /** Starts the answer; returns when the first message is out. The rest happens on events and timers. */
  open(): void {
    const { context, request } = this.#parts;
    const ids = (request.child('SubscriptionIds')?.all('SubscriptionId') ?? []).map((id) => id.text.trim());
    const bad = this.#takeSubscriptions(ids);
    if (bad !== undefined) {
      this.#send((out) => this.#errorMessage(out, bad.error, bad.ids));
      this.close(true);
      return;
    }
    for (const subscription of this.#subscriptions) {
      this.#parts.readers.get(subscription.id)?.supersede();
      this.#parts.readers.set(subscription.id, this);
      subscription.touch(context.now());
      subscription.wake = () => this.#wake();
    }
    context.noteCode('NoError');
    this.#send((out) => this.#statusMessage(out, 'OK'));
    const minutes = Number(request.childText('ConnectionTimeout') ?? 30);
    this.#end = this.#clock.after(minutes * 60_000, () => this.#timeOut());
    this.#armHeartbeat();
    this.#wake();
  }

  #takeSubscriptions(
    ids: readonly string[],
  ): { readonly error: EwsError; readonly ids: readonly string[] } | undefined {
    const { context } = this.#parts;
    const limit = Math.min(MOST_IDS, context.budgets.subscriptionsPerConnection ?? MOST_IDS);
    if (ids.length > limit) {
      return {
        error: new EwsError('ErrorInvalidSubscription', `A connection can carry ${limit} subscriptions.`),
        ids: ids.slice(limit),
      };
    }
    const bad: string[] = [];
    let first: EwsError | undefined;
    for (const id of ids) {
      try {
        const subscription = usable(context, id);
        if (subscription.kind !== 'streaming') throw invalidSubscription();
        this.#subscriptions.push(subscription);
      } catch (error) {
        first ??= toEwsError(error);
        bad.push(id);
      }
    }
    if (first === undefined) return undefined;
    // a stream of several ids answers with the collective code, the ids tell which
    const isSpecial =
      first.code === 'ErrorProxyRequestNotAllowed' ||
      first.code === 'ErrorSubscriptionAccessDenied' ||
      ids.length === 1;
    return { error: isSpecial ? first : invalidSubscription(), ids: bad };
  }

  /** A newer connection reads these subscriptions now. */
  supersede(): void {
    this.#send((out) =>
      this.#errorMessage(
        out,
        new EwsError(
          'ErrorNewEventStreamConnectionOpened',
          'A new event stream connection was opened for the subscription.',
        ),
        [],
      ),
    );
    this.close(true);
  }

  /** Ends the stream; `politely` with the end of the answer, else by cutting the connection. */
  close(politely: boolean): void {
    if (!this.#isOpen) return;
    this.#leave();
    if (politely) this.#parts.sink.end();
    else this.#parts.sink.destroy();
  }

  #leave(): void {
    this.#isOpen = false;
    for (const timer of [this.#heartbeat, this.#end, this.#pump]) timer?.cancel();
    for (const subscription of this.#subscriptions) {
      if (this.#parts.readers.get(subscription.id) !== this) continue;
      this.#parts.readers.delete(subscription.id);
      subscription.wake = undefined;
      subscription.touch(this.#clock.now());
    }
    this.#parts.onClose();
  }

  #timeOut(): void {
    this.#send((out) => this.#statusMessage(out, 'Closed'));
    this.close(true);
  }

  #armHeartbeat(): void {
    this.#heartbeat?.cancel();
    if (!this.#isOpen) return;
    this.#heartbeat = this.#clock.after(this.#parts.options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS, () => this.#beat());
  }

  #beat(): void {
    const alive = this.#subscriptions.filter(
      (subscription) => this.#parts.context.subscriptions.find(subscription.id) !== undefined,
    );
    if (alive.length < this.#subscriptions.length) {
      this.#loseSubscriptions(alive);
      return;
    }
    for (const subscription of alive) subscription.touch(this.#clock.now());
    const [first] = alive;
    if (first !== undefined && this.#faultStrikes('muteStream')) this.#isMute = true;
    if (first !== undefined) this.#send((out) => this.#notifications(out, [{ subscription: first, events: [] }]));
    this.#armHeartbeat();
  }

  #loseSubscriptions(alive: readonly Subscription[]): void {
    const lost = this.#subscriptions
      .filter((subscription) => !alive.includes(subscription))
      .map((subscription) => subscription.id);
    this.#send((out) => this.#errorMessage(out, invalidSubscription(), lost));
    this.close(true);
  }

  #wake(): void {
    if (this.#pump !== undefined || !this.#isOpen) return;
    const delay = this.#delay();
    if (delay === 0) {
      this.#deliver();
      return;
    }
    this.#pump = this.#clock.after(delay, () => {
      this.#pump = undefined;
      this.#deliver();
    });
  }

  #delay(): number {
    const rule = this.#take(['delayEvents', 'mergeEvents']);
    return (this.#parts.options.eventDelayMs ?? 0) + (rule?.ms ?? (rule?.kind === 'mergeEvents' ? 1000 : 0));
  }

  #deliver(): void {
    const max = this.#parts.options.eventsPerMessage ?? DEFAULT_EVENTS_PER_MESSAGE;
    for (let hasMore = true; hasMore && this.#isOpen; ) {
      hasMore = false;
      for (const subscription of this.#subscriptions) {
        if (!subscription.hasEvents || !this.#isOpen) continue;
        hasMore = true;
        this.#deliverOne(subscription, subscription.drain(max));
      }
    }
  }

  #deliverOne(subscription: Subscription, drained: readonly QueuedEvent[]): void {
    if (subscription.hasMissed || this.#faultStrikes('missedEvents', subscription)) {
      subscription.hasMissed = false;
      this.#send((out) =>
        this.#errorMessage(out, new EwsError('ErrorMissedNotificationEvents', 'Notification events were missed.'), [
          subscription.id,
        ]),
      );
      this.#parts.context.subscriptions.close(subscription.id);
      this.close(true);
      return;
    }
    if (this.#faultStrikes('muteStream', subscription)) this.#isMute = true;
    const events = this.#twist(subscription, drained);
    if (events.length === 0) return;
    if (this.#faultStrikes('cutStream', subscription)) {
      this.close(false);
      return;
    }
    const broken = this.#take(['streamError'], subscription);
    if (broken !== undefined) {
      const error = new EwsError(
        broken.code ?? 'ErrorReadEventsFailed',
        broken.text ?? 'The events could not be read.',
      );
      this.#send((out) => this.#errorMessage(out, error, [subscription.id]));
      this.close(true);
      return;
    }
    this.#send((out) => this.#notifications(out, [{ subscription, events }]), subscription);
    this.#armHeartbeat();
  }

  #twist(subscription: Subscription, events: readonly QueuedEvent[]): readonly QueuedEvent[] {
    let twisted = events;
    if (this.#faultStrikes('dropEvents', subscription)) twisted = [];
    if (this.#faultStrikes('reorderEvents', subscription)) twisted = [...twisted].reverse();
    if (this.#faultStrikes('duplicateEvents', subscription)) twisted = [...twisted, ...twisted];
    return twisted;
  }

  #take(kinds: Parameters<FaultPlan['take']>[0], subscription = this.#subscriptions[0]): ReturnType<FaultPlan['take']> {
    return this.#parts.faults.take(kinds, { mailbox: subscription?.box.address, operation: 'GetStreamingEvents' });
  }

  #faultStrikes(kind: Parameters<FaultPlan['take']>[0][number], subscription?: Subscription): boolean {
    return this.#take([kind], subscription) !== undefined;
  }

  // the wire

  #send(write: (out: XmlWriter) => void, subscription?: Subscription): void {
    if (this.#isMute || !this.#isOpen) return;
    const out = new XmlWriter();
    openStreamEnvelope(out);
    write(out);
    out.close().close();
    const text = out.toString();
    this.#parts.onText(text);
    const cut = this.#take(['cutChunk'], subscription);
    if (cut !== undefined) {
      this.#parts.sink.cutAfter(text.slice(0, Math.floor(text.length / 2)));
      this.#leave();
      return;
    }
    const split = this.#take(['splitChunks'], subscription);
    if (split === undefined) {
      this.#parts.sink.write(text);
      return;
    }
    const size = Math.max(1, split.bytes ?? 7);
    for (let at = 0; at < text.length; at += size) this.#parts.sink.write(text.slice(at, at + size));
  }

  #statusMessage(out: XmlWriter, status: 'OK' | 'Closed'): void {
    openMessage(out, 'Success');
    out.element('m:ResponseCode', 'NoError').element('m:ConnectionStatus', status);
    closeMessage(out);
  }

  #errorMessage(out: XmlWriter, error: EwsError, ids: readonly string[]): void {
    this.#parts.context.noteCode(error.code);
    openMessage(out, 'Error');
    writeErrorFields(out, error);
    if (ids.length > 0) {
      out.open('m:ErrorSubscriptionIds');
      for (const id of ids) out.element('m:SubscriptionId', id);
      out.close();
    }
    out.element('m:ConnectionStatus', 'Closed');
    closeMessage(out);
  }

  #notifications(
    out: XmlWriter,
    list: readonly { readonly subscription: Subscription; readonly events: readonly QueuedEvent[] }[],
  ): void {
    openMessage(out, 'Success');
    out.element('m:ResponseCode', 'NoError').open('m:Notifications');
    for (const { subscription, events } of list) {
      writeNotification(
        out,
        'm:Notification',
        { ids: this.#ids, box: subscription.box, subscriptionId: subscription.id },
        events,
        subscription.watermark,
      );
    }
    out.close();
    closeMessage(out);
  }
}

function openStreamEnvelope(out: XmlWriter): void {
  out.open('Envelope', { xmlns: SOAP_NS });
  out.open('soap11:Header', { 'xmlns:soap11': SOAP_NS });
  out.element('ServerVersionInfo', undefined, {
    MajorVersion: BUILD.major,
    MinorVersion: BUILD.minor,
    MajorBuildNumber: BUILD.majorBuild,
    MinorBuildNumber: BUILD.minorBuild,
    Version: BUILD.version,
    xmlns: TYPES_NS,
    'xmlns:xsd': 'http://www.w3.org/2001/XMLSchema',
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  });
  out.close();
  out.open('soap11:Body', { 'xmlns:soap11': SOAP_NS });
}

function openMessage(out: XmlWriter, responseClass: 'Success' | 'Error'): void {
  openResponse(out, 'GetStreamingEventsResponse');
  out.open('m:ResponseMessages').open('m:GetStreamingEventsResponseMessage', { ResponseClass: responseClass });
}

function closeMessage(out: XmlWriter): void {
  out.close().close().close();
}
