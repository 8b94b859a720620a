/**
 * Meeting work and conference starts, carried out on graphile-worker (docs/decisions/0005-work-queue.md).
 * Plans: at most one handler per meeting over all nodes. Starts: picked up some seconds ahead, then begun at the exact
 * moment on the database's clock, unless cancelled or replaced meanwhile. Handlers may be called again after a crash
 * and must be idempotent.
 */
import type { PlanMeetingPayload, StartConferencePayload } from '@calendar-connector/sync-core';
import { JOB } from '@calendar-connector/sync-core';
import type { Job } from 'graphile-worker';
import type pg from 'pg';
import { batched } from '../batcher.ts';
import { openPool } from '../connection.ts';
import type { PostgresStore } from '../store.ts';
import { DatabaseClock } from './database-clock.ts';
import type { DeadLetter, QueueCounts } from './job-desk.ts';
import {
  announcePools,
  checkJobs,
  countJobs,
  handBack,
  listDeadLetters,
  listPicked,
  retryDeadLetter,
  unlockPool,
} from './job-desk.ts';
import { LostJobs } from './lost-jobs.ts';
import { MeetingLocks } from './meeting-locks.ts';
import { PoolRunner } from './pool-runner.ts';
import { pause } from './waiting.ts';

export interface JobContext {
  /** aborted when the queue stops, the meeting's lock is lost or the handler takes too long */
  readonly signal: AbortSignal;
  /** 1 for the first try */
  readonly attempt: number;
}

export interface WorkHandlers {
  readonly plan_meeting: (payload: PlanMeetingPayload, context: JobContext) => Promise<void>;
  readonly start_conference: (payload: StartConferencePayload, context: JobContext) => Promise<void>;
  /**
   * Called a little before a start is due, so that less is left to do at its moment. A help, not a promise: it may fail,
   * may not be called, and the start may be cancelled after it.
   */
  readonly prepare_start?: (payload: StartConferencePayload, signal: AbortSignal) => Promise<void>;
}

export interface WorkQueueOptions {
  readonly store: Pick<PostgresStore, 'internals'>;
  readonly handlers: WorkHandlers;
  /** the id this node beats with */
  readonly nodeId: string;
  /** plans carried out at the same time; default 16 */
  readonly planConcurrency?: number;
  /** starts waited for or carried out at the same time; default 1,000 */
  readonly startConcurrency?: number;
  readonly log?: (level: 'warn' | 'error', message: string) => void;
}

export interface WorkQueue {
  /** Picks no more, hands waiting starts back, and resolves when running handlers have returned or `limitMs` is over. */
  drain(limitMs?: number): Promise<'drained' | 'timedOut'>;
  /** Drains, aborts what is still running, closes. */
  stop(): Promise<void>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  retry(id: string): Promise<'done' | 'unknown'>;
  counts(): Promise<QueueCounts>;
}

const PLAN_CONCURRENCY = 16;
const START_CONCURRENCY = 1_000;
const PLAN_POLL_MS = 2_000;
/** A fraction of the time by which starts are picked ahead. */
const START_POLL_MS = 1_000;
/** Late enough for connections opened by it to be open still. */
const PREPARE_LEAD_MS = 2_000;
const HANDLER_LIMIT_MS = 120_000;
const DRAIN_LIMIT_MS = 3_000;
const ABORT_LIMIT_MS = 1_000;
const TEND_EVERY_MS = 1_000;
/** Two LISTEN connections, and some for picking and finishing. */
const QUEUE_POOL_SIZE = 6;
/** A handler that took longer checks that its job was not given to another node meanwhile. */
const DOUBT_AFTER_MS = 1_000;

const STOP = new Error('the work queue stops');
const SUPERSEDED = new Error('a newer job for the same meeting waits');

export async function startWorkQueue(options: WorkQueueOptions): Promise<WorkQueue> {
  const queue = new Queue(options);
  try {
    await queue.open();
    return queue;
  } catch (error) {
    // What has begun would go on picking jobs that nobody expects to be carried out.
    await queue.stop().catch(() => undefined);
    throw error;
  }
}

class Queue implements WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #pgPool: pg.Pool;
  readonly #locks: MeetingLocks;
  readonly #clock: DatabaseClock;
  readonly #plans: PoolRunner;
  readonly #starts: PoolRunner;
  readonly #draining = new AbortController();
  readonly #aborting = new AbortController();
  /** plan jobs that wait for their meeting's lock: a newcomer replaces them */
  readonly #waitingPlans = new Map<string, AbortController>();
  readonly #check = batched((ids: readonly string[]) => checkJobs(this.#db, ids, this.#poolIds));
  readonly #lostJobs: LostJobs;
  readonly #stopWatching: () => void;
  #tending: Promise<void> | undefined;

  constructor(options: WorkQueueOptions) {
    const { internals } = options.store;
    this.#options = options;
    this.#pgPool = openPool({
      connection: internals.connection,
      applicationName: `${internals.applicationName} queue`,
      poolSize: QUEUE_POOL_SIZE,
      // Jobs are ordered in the store's transactions; picking and finishing one may be forgotten, it is done again then.
      isForgetful: true,
    });
    this.#locks = new MeetingLocks(internals.session);
    this.#clock = new DatabaseClock(internals.session, internals.clock);
    this.#lostJobs = new LostJobs({
      listPicked: () => listPicked(this.#db, this.#poolIds),
      hasInHand: (id) => this.#plans.hasInHand(id) || this.#starts.hasInHand(id),
      handBack: (id) => handBack(this.#db, id),
    });
    this.#stopWatching = internals.session.onLost(() => this.#lostJobs.doubt());
    const shared = {
      pgPool: this.#pgPool,
      log: options.log ?? (() => undefined),
      onFetchFailed: () => this.#lostJobs.doubt(),
      unlock: (poolId: string) => unlockPool(this.#db, poolId),
    };
    this.#plans = new PoolRunner({
      ...shared,
      tasks: { [JOB.planMeeting]: (payload, { job }) => this.#planMeeting(payload as PlanMeetingPayload, job) },
      concurrency: options.planConcurrency ?? PLAN_CONCURRENCY,
      pollMs: PLAN_POLL_MS,
      fetchTogether: false,
    });
    this.#starts = new PoolRunner({
      ...shared,
      tasks: {
        [JOB.startConference]: (payload, { job }) => this.#startConference(payload as StartConferencePayload, job),
      },
      concurrency: options.startConcurrency ?? START_CONCURRENCY,
      pollMs: START_POLL_MS,
      fetchTogether: true,
    });
  }

  async open(): Promise<void> {
    await this.#options.store.internals.session.hold(this.#options.nodeId);
    await this.#clock.measure();
    await Promise.all([this.#plans.start(), this.#starts.start()]);
    await this.#announce();
    this.#tending = this.#tend();
  }

  async drain(limitMs = DRAIN_LIMIT_MS): Promise<'drained' | 'timedOut'> {
    this.#draining.abort(STOP);
    const over = new AbortController();
    const timeout = pause(limitMs, over.signal).then(
      () => 'timedOut' as const,
      () => 'drained' as const,
    );
    const drained = Promise.all([this.#plans.stop(), this.#starts.stop()]).then(() => 'drained' as const);
    const result = await Promise.race([drained, timeout]);
    over.abort();
    return result;
  }

  async stop(): Promise<void> {
    if ((await this.drain()) === 'timedOut') await this.#abortRunning();
    await this.#tending;
    this.#stopWatching();
    this.#locks.close();
    await this.#pgPool.end().catch(() => undefined);
  }

  deadLetters(): Promise<readonly DeadLetter[]> {
    return listDeadLetters(this.#db);
  }

  retry(id: string): Promise<'done' | 'unknown'> {
    return retryDeadLetter(this.#db, id);
  }

  counts(): Promise<QueueCounts> {
    return countJobs(this.#db);
  }

  get #db() {
    return this.#options.store.internals.db;
  }

  get #poolIds(): readonly string[] {
    return [this.#plans.poolId, this.#starts.poolId].filter((id) => id !== undefined);
  }

  /** Aborts handlers, waits a little, then lets graphile-worker count their jobs as failed. */
  async #abortRunning(): Promise<void> {
    this.#aborting.abort(STOP);
    if ((await this.drain(ABORT_LIMIT_MS)) === 'drained') return;
    await Promise.all([this.#plans.kill(), this.#starts.kill()]);
  }

  async #planMeeting(payload: PlanMeetingPayload, job: Job): Promise<void> {
    const waiting = new AbortController();
    this.#waitingPlans.get(payload.key)?.abort(SUPERSEDED);
    this.#waitingPlans.set(payload.key, waiting);
    try {
      await this.#runLocked({ meeting: payload.key, job, waiting: waiting.signal }, (context) => {
        if (this.#waitingPlans.get(payload.key) === waiting) this.#waitingPlans.delete(payload.key);
        return this.#options.handlers.plan_meeting(payload, context);
      });
    } finally {
      if (this.#waitingPlans.get(payload.key) === waiting) this.#waitingPlans.delete(payload.key);
    }
  }

  async #startConference(payload: StartConferencePayload, job: Job): Promise<void> {
    try {
      await this.#clock.waitUntil(payload.at - PREPARE_LEAD_MS, this.#draining.signal);
      if (this.#clock.now() < payload.at) this.#prepare(payload);
      await this.#clock.waitUntil(payload.at, this.#draining.signal);
    } catch {
      await handBack(this.#db, job.id);
      return;
    }
    const { ours, current } = await this.#check(job.id);
    if (!ours || !current) return;
    await this.#runLocked({ meeting: payload.meeting, job }, (context) =>
      this.#options.handlers.start_conference(payload, context),
    );
  }

  /** Nobody waits for it: a start is never late for its preparation. */
  #prepare(payload: StartConferencePayload): void {
    this.#options.handlers
      .prepare_start?.(payload, this.#draining.signal)
      .catch((error) => this.#options.log?.('warn', `preparing a start failed: ${error}`));
  }

  /** Holds the meeting's lock around `work`. A job interrupted by stopping goes back to the queue untried. */
  async #runLocked(
    task: { readonly meeting: string; readonly job: Job; readonly waiting?: AbortSignal },
    work: (context: JobContext) => Promise<void>,
  ): Promise<void> {
    const begun = performance.now();
    let lost: AbortSignal | undefined;
    const wait = AbortSignal.any([this.#draining.signal, ...(task.waiting ? [task.waiting] : [])]);
    try {
      const lock = await this.#locks.acquire(task.meeting, wait);
      try {
        lost = lock.signal;
        const signal = AbortSignal.any([lock.signal, this.#aborting.signal, AbortSignal.timeout(HANDLER_LIMIT_MS)]);
        await work({ signal, attempt: task.job.attempts });
      } finally {
        lock.release();
      }
    } catch (error) {
      if (task.waiting?.reason === SUPERSEDED) return;
      if (!this.#draining.signal.aborted || (error !== STOP && !this.#aborting.signal.aborted)) throw error;
      await handBack(this.#db, task.job.id);
      return;
    }
    if (lost?.aborted || performance.now() - begun > DOUBT_AFTER_MS) await this.#refuseLostJob(task.job.id);
  }

  /** graphile-worker deletes a finished job whoever holds it now; failing it touches it only if it is still ours. */
  async #refuseLostJob(id: string): Promise<void> {
    const { ours } = await this.#check(id);
    if (!ours) throw new Error('this node was taken for dead and the job given to another one');
  }

  async #announce(): Promise<void> {
    await announcePools(this.#db, this.#options.nodeId, this.#poolIds);
  }

  /** Keeps the node's session, its pools' names and the clock's offset up to date, and finds jobs lost on the way. */
  async #tend(): Promise<void> {
    while (!this.#draining.signal.aborted) {
      try {
        await pause(TEND_EVERY_MS, this.#draining.signal);
        await this.#options.store.internals.session.hold(this.#options.nodeId);
        await this.#clock.measure();
        await this.#announce();
        const lost = await this.#lostJobs.look();
        if (lost > 0)
          this.#options.log?.('warn', `${lost} jobs were fetched in an answer that never arrived; queued again`);
      } catch (error) {
        if (!this.#draining.signal.aborted) this.#options.log?.('warn', `tending the work queue failed: ${error}`);
      }
    }
  }
}
