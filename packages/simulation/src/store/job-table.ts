/** The job queue as the engine relies on it: one job per key, locked while it runs, tried again after a failure. */
import type { Instant, MeetingKey } from '@calendar-connector/calendar-model';
import type { StartConferencePayload, StartJob } from '@calendar-connector/sync-core';
import type { Run } from '../run/run-parts.ts';

export type Work =
  | { readonly kind: 'plan'; readonly key: MeetingKey }
  | { readonly kind: 'start'; readonly job: StartConferencePayload };

export interface Job {
  key: string | undefined;
  work: Work;
  dueAt: Instant;
  attempts: number;
  lockedBy?: string;
  lockedAt?: Instant;
  slot?: string;
}

/** A handler's lock of its meeting: it stands apart from the job's row and vanishes with the node's connection. */
interface MeetingLock {
  readonly node: string;
  readonly slot: string;
}

export function planNowKey(key: MeetingKey): string {
  return `plan ${key}`;
}
export function planLaterKey(key: MeetingKey): string {
  return `later ${key}`;
}
export function startKey(job: Omit<StartJob, 'at'>): string {
  return `start ${job.serverId} ${job.conferenceId} ${job.occurrenceStart}`;
}

function meetingOf(work: Work): MeetingKey {
  return work.kind === 'plan' ? work.key : work.job.meeting;
}

export class JobTable {
  readonly #jobs = new Set<Job>();
  readonly #locks = new Map<MeetingKey, MeetingLock>();
  readonly #listeners = new Set<() => void>();
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** Replaces the job with this key; with `earliest` an earlier time that is already ordered stays. */
  add(key: string, work: Work, dueAt: Instant, earliest: boolean): void {
    const present = this.#find(key);
    if (present?.lockedBy !== undefined) present.key = undefined;
    else if (present) {
      present.dueAt = earliest ? Math.min(present.dueAt, dueAt) : dueAt;
      present.work = work;
      present.attempts = 0;
      this.#tell();
      return;
    }
    this.#jobs.add({ key, work, dueAt, attempts: 0 });
    this.#tell();
  }

  remove(key: string): void {
    const present = this.#find(key);
    if (!present) return;
    if (present.lockedBy === undefined) this.#jobs.delete(present);
    else present.key = undefined;
  }

  drop(keys: (key: string) => boolean): void {
    for (const job of this.#jobs) if (job.key !== undefined && keys(job.key)) this.#jobs.delete(job);
  }

  claim(node: string, slot: string): Job | undefined {
    const { now } = this.#run.time;
    let best: Job | undefined;
    for (const job of this.#jobs) {
      if (job.lockedBy !== undefined || job.dueAt > now || this.#isBusy(job)) continue;
      if (!best || job.dueAt < best.dueAt) best = job;
    }
    if (!best) return undefined;
    best.lockedBy = node;
    best.lockedAt = now;
    best.slot = slot;
    this.#lockMeeting(meetingOf(best.work), { node, slot });
    return best;
  }

  /** At most one handler per meeting, over all nodes (storage-kysely's MeetingLocks): the others wait for their turn. */
  #isBusy({ work }: Job): boolean {
    const { mutant } = this.#run;
    if (mutant === 'handlersSideBySide' || mutant === 'settlementOverwrites') return false;
    return this.#locks.has(meetingOf(work));
  }

  /** What two handlers do to one meeting at the same time the engine mostly heals; the promise is that there are none. */
  #lockMeeting(meeting: MeetingKey, lock: MeetingLock): void {
    const { journal, mutant } = this.#run;
    // Here what becomes of it has to show.
    if (mutant === 'settlementOverwrites') return;
    if (this.#locks.has(meeting)) journal.broken.push(`I9: two handlers work on ${meeting} at the same time`);
    this.#locks.set(meeting, lock);
  }

  #unlockMeetings(of: (lock: MeetingLock) => boolean): void {
    for (const [meeting, lock] of this.#locks) if (of(lock)) this.#locks.delete(meeting);
  }

  /** A process has ended: its locks of meetings are gone at once, its jobs stay locked until somebody buries it. */
  endSession(node: string): void {
    this.#unlockMeetings((lock) => lock.node === node);
    this.#tell();
  }

  /**
   * The handler of a slot has ended, and with it its lock; its job ends as well, if it is still the node's. One that was
   * replaced meanwhile has no key any more and simply goes. May be called again when the answer was lost.
   */
  finish(job: Job, failed: boolean, { node, slot }: MeetingLock): void {
    this.#unlockMeetings((lock) => lock.slot === slot);
    if (job.lockedBy !== node || job.slot !== slot) {
      this.#tell();
      return;
    }
    if (!failed || job.key === undefined) {
      this.#jobs.delete(job);
      return;
    }
    delete job.lockedBy;
    job.attempts += 1;
    job.dueAt = this.#run.time.now + Math.min(60_000, 1_000 * 2 ** job.attempts);
    this.#run.sometimes.count('job tried again');
    this.#tell();
  }

  unlock(node: string): void {
    for (const job of this.#jobs) if (job.lockedBy === node) this.#release(job);
    this.endSession(node);
  }

  unlockSlot(slot: string): void {
    for (const job of this.#jobs) if (job.lockedBy !== undefined && job.slot === slot) this.#release(job);
    this.#tell();
  }

  /** Jobs locked by nodes nobody knows any more. */
  unlockUnknown(nodes: ReadonlyMap<string, unknown>, before: Instant): void {
    for (const job of this.#jobs) {
      if (job.lockedBy !== undefined && !nodes.has(job.lockedBy) && (job.lockedAt ?? 0) < before) this.#release(job);
    }
  }

  nextDue(): Instant | undefined {
    let due: Instant | undefined;
    for (const job of this.#jobs) if (job.lockedBy === undefined) due = Math.min(due ?? job.dueAt, job.dueAt);
    return due;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #release(job: Job): void {
    this.#run.sometimes.count('job of a dead node taken over');
    // A claim that arrives after its node has died took a lock that no session holds.
    this.#unlockMeetings((lock) => lock.slot === job.slot);
    if (job.key === undefined) this.#jobs.delete(job);
    else delete job.lockedBy;
  }

  #find(key: string): Job | undefined {
    for (const job of this.#jobs) if (job.key === key) return job;
    return undefined;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
