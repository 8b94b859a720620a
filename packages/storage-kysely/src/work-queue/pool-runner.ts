/**
 * One graphile-worker pool, kept running. The library gives up when it cannot report jobs as finished (a database restart):
 * then it is started anew, after the locks of the old pool are freed. When several reports failed at once, version 0.18.0
 * miscounts them and its shutdown never ends; so a pool that shuts down unasked is left as soon as no job of it runs.
 */
import { EventEmitter } from 'node:events';
import type { Runner, RunnerOptions, TaskList, WorkerEvents, WorkerPool } from 'graphile-worker';
import { Logger, run } from 'graphile-worker';
import type pg from 'pg';
import { pause } from './waiting.ts';

const RESTART_FIRST_MS = 100;
const RESTART_LIMIT_MS = 5_000;
/** How the library reports, with and without fetching together, that it could not look for jobs. */
const FETCH_FAILED = /^(Error occurred fetching jobs|Failed to acquire job)/;
/** A pool that shuts down unasked is left when it had nothing in hand for so many looks. */
const LEAVE_LOOK_MS = 100;
const LEAVE_AFTER_LOOKS = 5;
/** Finished jobs of this many milliseconds are deleted together. */
const FINISH_BATCH_MS = 5;

export interface PoolOptions {
  readonly pgPool: pg.Pool;
  readonly tasks: TaskList;
  readonly concurrency: number;
  /** how often jobs that became due by time are looked for; new ones are announced by NOTIFY */
  readonly pollMs: number;
  /**
   * One fetch for all free handlers instead of one each. It also fetches ahead while every handler is busy, so it fits
   * only where handlers are never all busy for long; elsewhere jobs would wait here while another node is idle.
   */
  readonly fetchTogether: boolean;
  readonly log: (level: 'warn' | 'error', message: string) => void;
  /** jobs could not be fetched; the database may have given some all the same */
  readonly onFetchFailed: () => void;
  /** frees the locks of a pool that has ended */
  readonly unlock: (poolId: string) => Promise<void>;
}

export class PoolRunner {
  readonly #options: PoolOptions;
  readonly #stopping = new AbortController();
  /** fetched, and neither finished nor returned */
  readonly #inHand = new Set<string>();
  #poolId: string | undefined;
  #workerPool: WorkerPool | undefined;
  #runner: Runner | undefined;
  /** resolves when the pool of now has ended or is to be left */
  #end: Promise<void> | undefined;
  #life: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Id under which this pool locks jobs now. */
  get poolId(): string | undefined {
    return this.#poolId;
  }

  hasInHand(jobId: string): boolean {
    return this.#inHand.has(jobId);
  }

  /** Resolves when jobs are being picked. */
  async start(): Promise<void> {
    await this.#launch();
    this.#life = this.#supervise();
  }

  /** Picks no more; resolves when every running handler has returned. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the work queue stops'));
    await this.#runner?.stop().catch(() => undefined);
    await this.#life;
  }

  /** Gives running handlers up: their jobs count as failed and are tried again. */
  async kill(): Promise<void> {
    await Promise.resolve(this.#workerPool?.forcefulShutdown('the work queue was stopped')).catch(() => undefined);
  }

  /**
   * The library remembers a failed first look at its tasks for ever (0.18.0: the rejected promise is cached) and never
   * picks a job again. So a pool whose looks fail before one succeeded is ended; supervision starts another.
   */
  async #launch(): Promise<void> {
    const events: WorkerEvents = new EventEmitter();
    this.#followJobs(events);
    events.on('pool:create', ({ workerPool }) => {
      this.#workerPool = workerPool;
      this.#poolId = workerPool.id;
    });
    let picks = false;
    for (const event of ['localQueue:getJobs:complete', 'worker:getJob:empty', 'job:start'] as const) {
      events.on(event, () => {
        picks = true;
      });
    }
    const fail = () => {
      this.#options.onFetchFailed();
      if (!picks) void runner.stop().catch(() => undefined);
    };
    const end = Promise.withResolvers<void>();
    events.on('pool:gracefulShutdown', () => void this.#onceIdle().then(end.resolve));
    const runner = await run(this.#runnerOptions(events, fail));
    runner.promise
      .catch((error: unknown) => this.#options.log('error', `the work queue ended: ${error}`))
      .finally(end.resolve);
    this.#runner = runner;
    this.#end = end.promise;
  }

  async #onceIdle(): Promise<void> {
    for (let idleLooks = 0; idleLooks < LEAVE_AFTER_LOOKS; ) {
      await new Promise((resolve) => setTimeout(resolve, LEAVE_LOOK_MS));
      idleLooks = this.#inHand.size === 0 ? idleLooks + 1 : 0;
    }
  }

  #followJobs(events: WorkerEvents): void {
    events.on('localQueue:getJobs:complete', ({ jobs }) => {
      for (const { id } of jobs) this.#inHand.add(id);
    });
    events.on('localQueue:returnJobs', ({ jobs }) => {
      for (const { id } of jobs) this.#inHand.delete(id);
    });
    events.on('job:start', ({ job }) => this.#inHand.add(job.id));
    events.on('job:complete', ({ job }) => this.#inHand.delete(job.id));
  }

  #runnerOptions(events: WorkerEvents, onFetchFailure: () => void): RunnerOptions {
    const { pgPool, tasks, concurrency, pollMs, fetchTogether, log } = this.#options;
    return {
      pgPool,
      taskList: tasks,
      parsedCronItems: [],
      noHandleSignals: true,
      schema: 'graphile_worker',
      concurrency,
      pollInterval: pollMs,
      events,
      logger: new Logger(() => (level, message) => {
        if (level === 'error') log('warn', message);
        if (FETCH_FAILED.test(message)) onFetchFailure();
      }),
      preset: {
        worker: {
          concurrentJobs: concurrency,
          localQueue: { size: fetchTogether ? concurrency : -1 },
          completeJobBatchDelay: FINISH_BATCH_MS,
          failJobBatchDelay: FINISH_BATCH_MS,
        },
      },
    };
  }

  async #supervise(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted; ) {
      await this.#end;
      const ended = this.#poolId;
      while (!this.#stopping.signal.aborted) {
        const delay = Math.min(RESTART_LIMIT_MS, RESTART_FIRST_MS * 2 ** failures);
        failures += 1;
        if (await this.#relaunch(delay, ended)) {
          failures = 0;
          break;
        }
      }
    }
  }

  async #relaunch(delayMs: number, endedPool: string | undefined): Promise<boolean> {
    try {
      await pause(delayMs, this.#stopping.signal);
      if (endedPool) await this.#options.unlock(endedPool);
      await this.#launch();
      return true;
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#options.log('error', `the work queue could not start again: ${error}`);
      return false;
    }
  }
}
