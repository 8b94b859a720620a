/**
 * When each mailbox is looked at: asks the core for the next moment and lane, waits for the moment, starts looks in the
 * order of the lanes, never two at one mailbox. While a provider is away its mailboxes wait aside.
 */
import type { Instant, MailboxAddress } from '@calendar-connector/calendar-model';
import { LOOK_LANES, type LookLane, nextLook } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import { DueQueue } from './due-queue.ts';
import { type Held, isListed } from './held-mailbox.ts';
import { LaneQueue } from './lane-queue.ts';
import type { Roster } from './roster.ts';

/** Looks under way at the same time, over all providers; the providers' own limiters are narrower. */
const MAX_PARALLEL_LOOKS = 64;
/** Notifications that arrive during a look are answered by one more look this long after it: a burst costs two. */
const TRAILING_LOOK_MS = 60;
/** Items the server could not give yet are asked for again after this long. */
const READ_AGAIN_MS = 1_000;

export interface LookScheduleOptions {
  readonly clock: Clock;
  readonly roster: Roster;
  readonly timing: () => { readonly sweepMs: number; readonly pollMs: number };
  readonly isAway: (provider: string) => boolean;
  /** never throws */
  readonly look: (held: Held, lane: LookLane) => Promise<void>;
}

export class LookSchedule {
  readonly #options: LookScheduleOptions;
  readonly #queue = new LaneQueue();
  readonly #due: DueQueue<MailboxAddress>;
  readonly #running = new Set<Promise<void>>();
  #stopping = false;

  constructor(options: LookScheduleOptions) {
    this.#options = options;
    this.#due = new DueQueue(options.clock, (mailbox) => this.#onDue(mailbox));
  }

  depths(): Readonly<Record<LookLane, number>> {
    return Object.fromEntries(LOOK_LANES.map((lane) => [lane, this.#queue.depth(lane)])) as Record<LookLane, number>;
  }

  dueAt(mailbox: MailboxAddress): Instant | undefined {
    return this.#due.dueAt(mailbox);
  }

  /** Something says "look now", or by `at` unless something else says now before. */
  hint(held: Held, at?: Instant): void {
    const now = this.#options.clock.now();
    held.hintedAt = now;
    held.askedAt ??= now;
    if (at === undefined || held.machine.state === 'starting') this.consider(held);
    else if (!held.paused && !held.looking) this.lookAt(held, at);
  }

  /** Looks as soon as possible; resolves when a look that began after this call has ended, however it ended. */
  lookNow(held: Held): Promise<void> {
    if (held.paused || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      // Waiters are taken when a look begins: one that is under way may have begun before the change.
      held.waiters.push(resolve);
      held.clientWaiting = true;
      held.askedAt ??= this.#options.clock.now();
      this.consider(held);
    });
  }

  /** Looks no later than `at`, unless something else comes first. */
  lookAt(held: Held, at: Instant): void {
    this.#due.set(held.address, at);
  }

  /** The periods may have changed: alarms that ring for no other reason are set anew. */
  reconsider(): void {
    for (const held of this.#options.roster.list()) {
      if (held.machine.state === 'live' || held.machine.state === 'livePolling') this.consider(held);
    }
  }

  forget(mailbox: MailboxAddress): void {
    this.#queue.remove(mailbox);
    this.#due.delete(mailbox);
  }

  /** A mailbox of a provider that is away tries whether it is back. */
  scout(held: Held): void {
    if (this.#stopping || held.looking || held.paused) return;
    this.#queue.add(held.address, 'sweep');
    this.#pump();
  }

  /** Asks the core when to look next, and queues the mailbox or sets its alarm. `due`: the alarm has just rung. */
  consider(held: Held, due = false): void {
    const { clock, isAway, roster } = this.#options;
    if (this.#stopping || held.looking || held.paused || !roster.has(held)) return;
    // A person who waits hears at once that Exchange does not answer; all others wait for its return.
    if (isAway(held.provider) && !held.clientWaiting) {
      this.forget(held.address);
      return;
    }
    const now = clock.now();
    const next = this.#next(held, now);
    if (!next) {
      this.forget(held.address);
      return;
    }
    const blocked = held.machine.blockedUntil !== undefined && held.machine.blockedUntil > now;
    const at = next.lane === 'client' ? next.at : Math.max(next.at, held.restsUntil ?? next.at);
    if (at > now && !(due && !blocked)) {
      this.#due.set(held.address, at);
      return;
    }
    this.#due.delete(held.address);
    this.#queue.add(held.address, next.lane);
    this.#pump();
  }

  #next(held: Held, now: Instant): ReturnType<typeof nextLook> {
    const { machine, clientWaiting, hintedAt, lastLookAt, streamChangedAt, phase } = held;
    const { sweepMs, pollMs } = this.#options.timing();
    return nextLook(
      {
        machine,
        clientWaiting,
        phase,
        listed: isListed(held),
        unreadable: held.unreadable.size,
        ...(hintedAt === undefined ? {} : { hintedAt }),
        ...(lastLookAt === undefined ? {} : { lastLookAt }),
        ...(streamChangedAt === undefined ? {} : { streamChangedAt }),
      },
      { mergeMs: TRAILING_LOOK_MS, sweepMs, pollMs, readAgainMs: READ_AGAIN_MS },
      now,
    );
  }

  /** No new looks; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#due.close();
    await Promise.allSettled([...this.#running]);
  }

  /** A sweep or a retry is due, or the stream did not open in time. */
  #onDue(mailbox: MailboxAddress): void {
    const held = this.#options.roster.find(mailbox);
    if (!held) return;
    if (held.machine.state === 'starting') this.hint(held);
    else this.consider(held, true);
  }

  #pump(): void {
    while (!this.#stopping && this.#running.size < MAX_PARALLEL_LOOKS) {
      const next = this.#queue.take();
      if (!next) return;
      const held = this.#options.roster.find(next.mailbox);
      if (!held || held.looking) continue;
      const look = this.#options.look(held, next.lane).finally(() => {
        this.#running.delete(look);
        this.consider(held);
        this.#pump();
      });
      this.#running.add(look);
    }
  }
}
