/**
 * Holds this node's share of the mailboxes and decides when each is looked at (architecture §3, §4).
 * One bulkhead per mailbox: a look under way, at most one more owed, a state machine of its own. A failing mailbox waits
 * by itself; the others never notice. Everything here may be lost at any time: leases, cursors and items are in the
 * database, and the next look heals.
 */
import type { Instant, ItemId, MailboxAddress } from '@calendar-connector/calendar-model';
import {
  type CalendarSource,
  type HintStream,
  type LeaseGrant,
  LOOK_LANES,
  type LookLane,
  type MailboxEvent,
  type MailboxMachine,
  type MailboxRecord,
  type MailboxStatus,
  mailboxAdvice,
  mailboxStep,
  newMailboxMachine,
  nextLook,
  type ResolvedMailbox,
  type SyncStore,
} from '@calendar-connector/sync-core';
import type { Clock } from './clock.ts';
import { failureFacts } from './decision-applier.ts';
import { DueQueue } from './due-queue.ts';
import { LaneQueue } from './lane-queue.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { type HeldMailbox, type LookOptions, lookAtMailbox } from './look.ts';

/** Looks under way at the same time, over all providers; the providers' own limiters are narrower. */
const MAX_PARALLEL_LOOKS = 64;
/** Notifications that arrive during a look are answered by one more look this long after it: a burst costs two. */
const TRAILING_LOOK_MS = 60;
/** Changes of the set of watched mailboxes are handed to the streams together. */
const WATCH_DELAY_MS = 30;
/** A mailbox whose stream should open is looked at anyway after this long. */
const STREAM_PATIENCE_MS = 5_000;
/** Items the server could not give yet are asked for again after this long. */
const READ_AGAIN_MS = 1_000;

export interface SupervisorSettings extends LookOptions {
  readonly language: 'ru' | 'en';
  readonly sweepMs: number;
  readonly pollMs: number;
}

export interface SupervisorObserver {
  looked(facts: {
    readonly mailbox: MailboxAddress;
    readonly lane: LookLane;
    readonly ms: number;
    /** since the reason to look appeared */
    readonly latencyMs: number;
    readonly changes: number;
    readonly unannounced: boolean;
    readonly quarantined: number;
  }): void;
  failed(mailbox: MailboxAddress, failure: ReturnType<typeof failureFacts>): void;
  stateChanged(mailbox: MailboxAddress, from: string, to: string): void;
  gaveUpReading(mailbox: MailboxAddress, itemId: ItemId): void;
  leases(facts: { readonly held: number; readonly nodes: number }): void;
  leaseError(error: unknown): void;
}

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly node: { readonly id: string; readonly name: string };
  readonly store: SyncStore;
  readonly settings: () => SupervisorSettings;
  readonly observer: SupervisorObserver;
}

/** A mailbox in this node's hands. */
interface Held extends HeldMailbox {
  machine: MailboxMachine;
  paused: boolean;
  looking: boolean;
  clientWaiting: boolean;
  /** newest hint that no look has answered; set to undefined when a look begins */
  hintedAt: Instant | undefined;
  /** when the oldest unanswered reason to look appeared */
  askedAt: Instant | undefined;
  lastLookAt: Instant | undefined;
  lastEventAt: Instant | undefined;
  readonly waiters: (() => void)[];
  readonly stop: AbortController;
}

export class MailboxSupervisor {
  readonly #options: SupervisorOptions;
  readonly #held = new Map<MailboxAddress, Held>();
  readonly #queue = new LaneQueue();
  readonly #due: DueQueue<MailboxAddress>;
  readonly #providers = new Map<string, { readonly source: CalendarSource; readonly stream: HintStream }>();
  readonly #leases: LeaseKeeper;
  readonly #dirty = new Set<MailboxAddress>();
  readonly #running = new Set<Promise<void>>();
  #cancelWatch: (() => void) | undefined;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#due = new DueQueue(options.clock, (mailbox) => this.#onDue(mailbox));
    this.#leases = new LeaseKeeper({
      clock: options.clock,
      store: options.store,
      node: options.node,
      onGrants: (grants, nodes) => this.#onGrants(grants, nodes),
      onError: (error) => options.observer.leaseError(error),
    });
  }

  /** Opens the hint streams and takes the first leases. */
  async start(sources: ReadonlyMap<string, CalendarSource>): Promise<void> {
    for (const [name, source] of sources) this.#openProvider(name, source);
    await this.#leases.start();
  }

  /**
   * Makes the providers equal to `sources` (reload): unchanged ones keep their streams, new ones open theirs, those gone
   * or replaced are closed.
   */
  async updateSources(sources: ReadonlyMap<string, CalendarSource>): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [name, { source, stream }] of [...this.#providers]) {
      if (sources.get(name) === source) continue;
      this.#providers.delete(name);
      closing.push(stream.close().finally(() => source.close()));
    }
    for (const [name, source] of sources) {
      if (this.#providers.has(name)) continue;
      this.#openProvider(name, source);
      for (const held of this.#held.values()) {
        if (held.provider !== name) continue;
        held.resolved = undefined;
        this.#step(held, { type: 'credentialsChanged' });
        this.#hinted(held);
      }
    }
    await Promise.allSettled(closing);
  }

  #openProvider(name: string, source: CalendarSource): void {
    const stream = source.openHints({
      onHint: (hint) => this.hint(hint.mailbox),
      onState: (mailbox, state) => this.#onStreamState(mailbox, state),
    });
    this.#providers.set(name, { source, stream });
  }

  /** Finishes or abandons looks under way, closes streams, gives the mailboxes back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#due.close();
    this.#cancelWatch?.();
    for (const held of this.#held.values()) held.stop.abort();
    await Promise.allSettled([...this.#providers.values()].map(({ stream }) => stream.close()));
    await Promise.allSettled([...this.#running]);
    await this.#leases.stop();
  }

  get heldCount(): number {
    return this.#held.size;
  }

  queueDepths(): Readonly<Record<LookLane, number>> {
    return Object.fromEntries(LOOK_LANES.map((lane) => [lane, this.#queue.depth(lane)])) as Record<LookLane, number>;
  }

  /** Statuses that changed since the last call: the daemon saves them in one batch. */
  takeStatuses(): readonly MailboxStatus[] {
    const statuses = [...this.#dirty].flatMap((address) => {
      const held = this.#held.get(address);
      return held ? [this.#statusOf(held)] : [];
    });
    this.#dirty.clear();
    return statuses;
  }

  #statusOf(held: Held): MailboxStatus {
    const { machine, lastLookAt, lastEventAt, address } = held;
    const nextAttemptAt = this.#due.dueAt(address);
    const error = machine.error && {
      code: machine.error.code,
      message: machine.error.message,
      advice: mailboxAdvice(machine, this.#options.settings().language),
    };
    return {
      address,
      state: machine.state,
      since: machine.since,
      ...(lastLookAt === undefined ? {} : { lastLookAt }),
      ...(lastEventAt === undefined ? {} : { lastEventAt }),
      ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
      ...(error ? { error } : {}),
    };
  }

  /** Counts of held mailboxes by state and by stream, for metrics and the status line. */
  census(): { readonly states: ReadonlyMap<string, number>; readonly live: number; readonly down: number } {
    const states = new Map<string, number>();
    let live = 0;
    for (const held of this.#held.values()) {
      states.set(held.machine.state, (states.get(held.machine.state) ?? 0) + 1);
      if (held.machine.stream === 'live') live += 1;
    }
    return { states, live, down: this.#held.size - live };
  }

  /** Something says "look now". Harmless for mailboxes of other nodes. */
  hint(mailbox: MailboxAddress): void {
    const held = this.#held.get(mailbox);
    if (!held) return;
    held.lastEventAt = this.#options.clock.now();
    this.#hinted(held);
  }

  /** Looks as soon as possible; resolves when a look that began after this call has ended, however it ended. */
  lookNow(mailbox: MailboxAddress): Promise<void> {
    const held = this.#held.get(mailbox);
    if (!held || held.paused || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      // Waiters are taken when a look begins: one that is under way may have begun before the change.
      held.waiters.push(resolve);
      held.clientWaiting = true;
      held.askedAt ??= this.#options.clock.now();
      this.#schedule(held);
    });
  }

  /** Pauses or resumes a mailbox; also when another node's command changed the database. */
  async setPaused(mailbox: MailboxAddress, paused: boolean): Promise<void> {
    await this.#options.store.setPaused(mailbox, paused);
    const held = this.#held.get(mailbox);
    if (!held) return;
    held.paused = paused;
    this.#step(held, { type: paused ? 'paused' : 'resumed' });
    if (!paused) this.#hinted(held);
    else this.#forget(held.address);
    this.#watchSoon();
  }

  /** Lists the mailbox from scratch at the next look and compares. */
  async resync(mailbox: MailboxAddress): Promise<void> {
    await this.#options.store.resetCursor(mailbox);
    const held = this.#held.get(mailbox);
    if (!held) return;
    const record = await this.#options.store.findMailbox(mailbox);
    if (record) held.record = record;
    held.resolved = undefined;
    this.#step(held, { type: 'resyncRequested' });
    await this.lookNow(mailbox);
  }

  /** Passwords may have changed: mailboxes that were refused are tried again. */
  credentialsChanged(): void {
    for (const held of this.#held.values()) {
      this.#step(held, { type: 'credentialsChanged' });
      if (held.machine.state === 'starting') this.#hinted(held);
    }
  }

  /** The list of configured or licensed mailboxes changed. */
  async refreshLeases(): Promise<void> {
    await this.#leases.renewNow();
  }

  /** Where a mailbox is; known for held ones, asked for others (a client's write may come to any node). */
  async locate(
    mailbox: MailboxAddress,
    signal: AbortSignal,
  ): Promise<{ source: CalendarSource; resolved: ResolvedMailbox } | undefined> {
    const held = this.#held.get(mailbox);
    const record = held ? undefined : await this.#options.store.findMailbox(mailbox);
    const source = this.#providers.get(held?.provider ?? record?.provider ?? '')?.source;
    if (!source) return undefined;
    const known = held?.resolved ?? record?.resolved;
    return { source, resolved: known ?? (await source.resolve(mailbox, signal)) };
  }

  async #onGrants(grants: readonly LeaseGrant[], nodes: number): Promise<void> {
    if (this.#stopping) return;
    const wanted = new Map(grants.map((grant) => [grant.mailbox, grant.fence]));
    for (const held of [...this.#held.values()]) if (!wanted.has(held.address)) this.#release(held);
    const gained = grants.filter((grant) => !this.#held.has(grant.mailbox));
    for (const [mailbox, fence] of wanted) {
      const held = this.#held.get(mailbox);
      if (held) held.fence = fence;
    }
    if (gained.length > 0) await this.#gain(gained);
    this.#options.observer.leases({ held: this.#held.size, nodes });
  }

  async #gain(grants: readonly LeaseGrant[]): Promise<void> {
    const fences = new Map(grants.map((grant) => [grant.mailbox, grant.fence]));
    const records = (await this.#options.store.listMailboxes()).filter((record) => fences.has(record.address));
    const ordered = [...records].sort((a, b) => a.priority - b.priority);
    for (const record of ordered) this.#hold(record, fences.get(record.address) ?? 0);
    this.#watchSoon();
  }

  #hold(record: MailboxRecord, fence: number): void {
    const now = this.#options.clock.now();
    const held: Held = {
      address: record.address,
      provider: record.provider,
      fence,
      resolved: record.resolved,
      record,
      unreadable: new Map(),
      machine: newMailboxMachine(now),
      paused: record.paused,
      looking: false,
      clientWaiting: false,
      hintedAt: undefined,
      askedAt: undefined,
      lastLookAt: record.status?.lastLookAt,
      lastEventAt: record.status?.lastEventAt,
      waiters: [],
      stop: new AbortController(),
    };
    this.#held.set(record.address, held);
    this.#dirty.add(record.address);
    if (held.paused) this.#step(held, { type: 'paused' });
    // A mailbox that was synced before is looked at when its stream opens (one look, not two); a new one at once.
    else if (isListed(held) && held.resolved) this.#due.set(record.address, now + STREAM_PATIENCE_MS);
    else this.#hinted(held);
  }

  #release(held: Held): void {
    held.stop.abort();
    this.#held.delete(held.address);
    this.#forget(held.address);
    this.#dirty.delete(held.address);
    for (const resolve of held.waiters.splice(0)) resolve();
    this.#watchSoon();
  }

  #forget(mailbox: MailboxAddress): void {
    this.#queue.remove(mailbox);
    this.#due.delete(mailbox);
  }

  #onStreamState(mailbox: MailboxAddress, state: 'live' | 'down'): void {
    const held = this.#held.get(mailbox);
    if (!held || held.machine.stream === state) return;
    this.#step(held, { type: state === 'live' ? 'streamOpened' : 'streamLost' });
    // The opening itself comes with a hint; a loss moves the next look from sweeping to polling.
    if (state === 'down') this.#schedule(held);
  }

  /** A sweep or a retry is due, or the stream did not open in time. */
  #onDue(mailbox: MailboxAddress): void {
    const held = this.#held.get(mailbox);
    if (!held) return;
    const neverLooked = held.machine.state === 'starting';
    if (neverLooked) this.#hinted(held);
    else this.#schedule(held, true);
  }

  #hinted(held: Held): void {
    const now = this.#options.clock.now();
    held.hintedAt = now;
    held.askedAt ??= now;
    this.#schedule(held);
  }

  /** Asks the core when to look next, and queues the mailbox or sets its alarm. `due`: the alarm has just rung. */
  #schedule(held: Held, due = false): void {
    if (this.#stopping || held.looking || held.paused || this.#held.get(held.address) !== held) return;
    const { clock, random, settings } = this.#options;
    const now = clock.now();
    const { sweepMs, pollMs } = settings();
    const { machine, clientWaiting, hintedAt, lastLookAt } = held;
    const facts = { machine, clientWaiting, listed: isListed(held), unreadable: held.unreadable.size };
    const next = nextLook(
      {
        ...facts,
        ...(hintedAt === undefined ? {} : { hintedAt }),
        ...(lastLookAt === undefined ? {} : { lastLookAt }),
      },
      { mergeMs: TRAILING_LOOK_MS, sweepMs, pollMs, readAgainMs: READ_AGAIN_MS },
      now,
      random(),
    );
    if (!next) {
      this.#forget(held.address);
      return;
    }
    const blocked = machine.blockedUntil !== undefined && machine.blockedUntil > now;
    if (next.at > now && !(due && !blocked)) {
      this.#due.set(held.address, next.at);
      return;
    }
    this.#due.delete(held.address);
    this.#queue.add(held.address, next.lane);
    this.#pump();
  }

  #pump(): void {
    while (!this.#stopping && this.#running.size < MAX_PARALLEL_LOOKS) {
      const next = this.#queue.take();
      if (!next) return;
      const held = this.#held.get(next.mailbox);
      if (!held || held.looking) continue;
      const look = this.#look(held, next.lane).finally(() => {
        this.#running.delete(look);
        this.#pump();
      });
      this.#running.add(look);
    }
  }

  async #look(held: Held, lane: LookLane): Promise<void> {
    const { clock, store, observer, settings, newId } = this.#options;
    const source = this.#providers.get(held.provider)?.source;
    if (!source) return;
    const startedAt = clock.now();
    const askedAt = held.askedAt ?? startedAt;
    const resolvedBefore = held.resolved;
    const waiters = held.waiters.splice(0);
    Object.assign(held, { looking: true, clientWaiting: false, hintedAt: undefined, askedAt: undefined });
    try {
      const onGaveUp = (itemId: ItemId): void => observer.gaveUpReading(held.address, itemId);
      const result = await lookAtMailbox(
        held,
        { clock, store, source, options: settings(), newId, onGaveUp },
        held.stop.signal,
      );
      if (result.outcome === 'fenced') {
        if (this.#held.get(held.address) === held) this.#release(held);
        return;
      }
      const { quarantined } = result;
      const changes = result.inserted + result.updated + result.held + quarantined;
      const now = clock.now();
      const unannounced = lane === 'sweep' && held.machine.stream === 'live' && changes > 0;
      observer.looked({
        mailbox: held.address,
        lane,
        ms: now - startedAt,
        latencyMs: now - askedAt,
        changes,
        unannounced,
        quarantined,
      });
      this.#step(held, { type: result.outcome === 'more' ? 'pageCommitted' : 'lookSucceeded' });
      if (result.outcome === 'more') held.hintedAt ??= startedAt;
      else held.lastLookAt = now;
    } catch (error) {
      if (held.stop.signal.aborted) return;
      const failure = failureFacts(error);
      observer.failed(held.address, failure);
      this.#step(held, { type: 'lookFailed', failure });
    } finally {
      held.looking = false;
      if (resolvedBefore !== held.resolved) this.#watchSoon();
      for (const resolve of waiters) resolve();
      this.#schedule(held);
    }
  }

  #step(held: Held, event: MailboxEvent): void {
    const { clock, random, observer } = this.#options;
    const before = held.machine.state;
    held.machine = mailboxStep(held.machine, event, clock.now(), random());
    this.#dirty.add(held.address);
    if (held.machine.state !== before) observer.stateChanged(held.address, before, held.machine.state);
  }

  #watchSoon(): void {
    if (this.#cancelWatch || this.#stopping) return;
    this.#cancelWatch = this.#options.clock.startTimer(WATCH_DELAY_MS, () => {
      this.#cancelWatch = undefined;
      for (const [name, { stream }] of this.#providers) {
        const watched: ResolvedMailbox[] = [];
        for (const held of this.#held.values()) {
          if (held.provider === name && held.resolved && !held.paused) watched.push(held.resolved);
        }
        stream.watch(watched);
      }
    });
  }
}

/** Listed to its end at least once. */
function isListed(held: HeldMailbox): boolean {
  return held.record.cursor !== undefined && held.record.listing === undefined;
}
