/**
 * A subscription: events of some folders of one mailbox, queued until a stream or a pull takes them.
 * Sources: facts "Notifications"; Microsoft reference pages Subscribe, GetEvents, GetStreamingEvents.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Mailbox } from '../../world/mailbox.ts';
import type { StoreEvent, StoreEventKind } from '../../world/store-events.ts';

export const EVENT_NAMES: Readonly<Record<StoreEventKind, string>> = {
  created: 'CreatedEvent',
  modified: 'ModifiedEvent',
  deleted: 'DeletedEvent',
  moved: 'MovedEvent',
  copied: 'CopiedEvent',
  newMail: 'NewMailEvent',
  freeBusyChanged: 'FreeBusyChangedEvent',
};

export interface QueuedEvent {
  readonly watermark: number;
  readonly event: StoreEvent;
}

export interface SubscriptionOptions {
  readonly id: string;
  readonly kind: 'streaming' | 'pull' | 'push';
  readonly box: Mailbox;
  /** undefined: all folders of the mailbox */
  readonly folders: ReadonlySet<number> | undefined;
  readonly events: ReadonlySet<StoreEventKind>;
  readonly backEnd: string;
  /** who may use it */
  readonly owner: string;
  readonly lifetimeMs: number;
  readonly now: Instant;
}

/** Events kept while nobody reads; older ones are lost and the reader is told. */
const LONGEST_QUEUE = 10_000;

export class Subscription {
  readonly id: string;
  readonly kind: SubscriptionOptions['kind'];
  readonly box: Mailbox;
  readonly backEnd: string;
  readonly owner: string;
  readonly lifetimeMs: number;
  readonly #folders: ReadonlySet<number> | undefined;
  readonly #events: ReadonlySet<StoreEventKind>;
  readonly #unwatch: () => void;
  #queue: QueuedEvent[] = [];
  #watermark = 1;
  #lastTouch: Instant;
  /** the newest event somebody has read, for pull watermarks */
  #oldest = 1;
  hasMissed = false;
  /** called when events arrive */
  wake: (() => void) | undefined;
  /** called when it is taken away */
  ended: (() => void) | undefined;

  constructor(options: SubscriptionOptions) {
    this.id = options.id;
    this.kind = options.kind;
    this.box = options.box;
    this.backEnd = options.backEnd;
    this.owner = options.owner;
    this.lifetimeMs = options.lifetimeMs;
    this.#folders = options.folders;
    this.#events = options.events;
    this.#lastTouch = options.now;
    this.#unwatch = options.box.watch((events) => this.#take(events));
  }

  #take(events: readonly StoreEvent[]): void {
    let isAdded = false;
    for (const event of events) {
      if (!this.#wants(event)) continue;
      this.#queue.push({ watermark: ++this.#watermark, event });
      isAdded = true;
    }
    if (this.#queue.length > LONGEST_QUEUE) {
      this.#queue.splice(0, this.#queue.length - LONGEST_QUEUE);
      this.#oldest = this.#queue[0]?.watermark ?? this.#watermark;
      this.hasMissed = true;
    }
    if (isAdded) this.wake?.();
  }

  #wants(event: StoreEvent): boolean {
    if (!this.#events.has(event.kind)) return false;
    if (this.#folders === undefined) return true;
    return (
      this.#folders.has(event.folder) ||
      (event.old !== undefined && this.#folders.has(event.old.folder)) ||
      (event.item === undefined && this.#folders.has(event.parentFolder))
    );
  }

  get watermark(): number {
    return this.#watermark;
  }

  get hasEvents(): boolean {
    return this.#queue.length > 0;
  }

  /** Takes up to `max` events out of the queue. */
  drain(max: number): QueuedEvent[] {
    return this.#queue.splice(0, max);
  }

  /** Puts events back in front: they were not delivered after all. */
  restore(events: readonly QueuedEvent[]): void {
    this.#queue.unshift(...events);
  }

  /** Events after a watermark, for pulls; they are forgotten up to it. undefined: that watermark is unknown. */
  after(watermark: number, max: number): readonly QueuedEvent[] | undefined {
    if (watermark > this.#watermark || watermark < this.#oldest) return undefined;
    this.#queue = this.#queue.filter((entry) => entry.watermark > watermark);
    this.#oldest = watermark;
    return this.#queue.slice(0, max);
  }

  touch(now: Instant): void {
    this.#lastTouch = now;
  }

  isExpired(now: Instant): boolean {
    return now - this.#lastTouch > this.lifetimeMs;
  }

  close(): void {
    this.#unwatch();
    this.#queue = [];
    this.wake = undefined;
    this.ended?.();
  }
}
