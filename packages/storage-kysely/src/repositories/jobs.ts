/**
 * Orders for the job queue, given inside the caller's transaction: they exist exactly if the caller's rows do.
 * graphile-worker's own SQL functions are called; its tables are never written, only read and locked.
 */
import type { Instant, MeetingKey } from '@calendar-connector/calendar-model';
import type { StartJob } from '@calendar-connector/sync-core';
import { JOB } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { jobKey, textHash } from '../hashes.ts';
import { toJson } from '../json-text.ts';
import type { Db, Trx } from '../transaction.ts';
import { holdSlots, LOCK_SPACE } from './slot-locks.ts';

/** Starts are handed to a node this long before they are due; the node waits for the exact moment. */
const START_PICKUP_LEAD_MS = 5_000;
/** graphile-worker waits exp(attempt) seconds between tries: ten span three and a half hours, five a minute and a half. */
const PLAN_ATTEMPTS_LIMIT = 10;
const START_ATTEMPTS_LIMIT = 5;
/** Each further try needs another job of the same key to be picked at the very moment. */
const ADD_TRIES_LIMIT = 10;
const PRIORITY = { start: -10, now: 0, later: 5 } as const;

/** The fields of graphile_worker.job_spec. */
export interface JobSpec {
  readonly identifier: string;
  readonly payload: unknown;
  readonly job_key: string;
  readonly run_at?: string;
  readonly max_attempts: number;
  readonly priority: number;
}

/**
 * Adds jobs, or replaces waiting ones of the same keys; one that runs already gets a successor.
 *
 * The library's function answers with fewer rows than it was given, and has done nothing about the others, when a job was
 * waiting as it began and was picked before it came to replace it: the job that runs may have read what was before our
 * change, and nobody would look again. Asked once more it finds that job running.
 */
export async function addJobs(db: Db, jobs: readonly JobSpec[]): Promise<void> {
  const left = new Map(jobs.map((job) => [job.job_key, job]));
  for (let tries = 0; left.size > 0; tries += 1) {
    if (tries === ADD_TRIES_LIMIT) throw new Error(`${left.size} jobs were not taken by the queue in ${tries} tries`);
    const sorted = [...left.values()].sort((a, b) => (a.job_key < b.job_key ? -1 : 1));
    const { rows } = await sql<{ key: string }>`select key from graphile_worker.add_jobs(
      array(select json_populate_recordset(null::graphile_worker.job_spec, ${toJson(sorted)}::json)))`.execute(db);
    for (const { key } of rows) left.delete(key);
  }
}

export function planNow(meeting: MeetingKey): JobSpec {
  return {
    identifier: JOB.planMeeting,
    payload: { key: meeting },
    job_key: jobKey.planNow(meeting),
    max_attempts: PLAN_ATTEMPTS_LIMIT,
    priority: PRIORITY.now,
  };
}

function planLater(meeting: MeetingKey, at: Instant): JobSpec {
  return {
    identifier: JOB.planMeeting,
    payload: { key: meeting },
    job_key: jobKey.planLater(meeting),
    run_at: new Date(at).toISOString(),
    max_attempts: PLAN_ATTEMPTS_LIMIT,
    priority: PRIORITY.later,
  };
}

/**
 * Orders a look at `at`; an earlier one already ordered stays, and is not picked before this transaction has ended, so that
 * it sees what was committed here. Who orders looks at one meeting at the same time queues up behind a lock.
 */
export async function addPlansLater(trx: Trx, meetings: readonly MeetingKey[], at: Instant): Promise<void> {
  if (meetings.length === 0) return;
  const jobs = meetings.map((meeting) => planLater(meeting, at));
  const keys = jobs.map((job) => job.job_key);
  await holdSlots(trx, LOCK_SPACE.looks, meetings.map(textHash));
  const earlier = await sql<{ key: string }>`
    select key from graphile_worker._private_jobs
     where key = any(${keys}::text[]) and locked_at is null and attempts < max_attempts
       and run_at <= ${new Date(at).toISOString()}::timestamptz
       for share`.execute(trx);
  const ordered = new Set(earlier.rows.map((row) => row.key));
  await addJobs(
    trx,
    jobs.filter((job) => !ordered.has(job.job_key)),
  );
}

export function startAt(start: StartJob): JobSpec {
  return {
    identifier: JOB.startConference,
    payload: start,
    job_key: jobKey.start(start.serverId, start.conferenceId, start.occurrenceStart),
    run_at: new Date(start.at - START_PICKUP_LEAD_MS).toISOString(),
    max_attempts: START_ATTEMPTS_LIMIT,
    priority: PRIORITY.start,
  };
}

/** A start that is being waited for loses its key: the waiting node sees that and lets it be. */
export async function removeStarts(db: Db, starts: readonly Omit<StartJob, 'at'>[]): Promise<void> {
  if (starts.length === 0) return;
  const keys = starts.map((start) => jobKey.start(start.serverId, start.conferenceId, start.occurrenceStart)).sort();
  await sql`select count(graphile_worker.remove_job(k)) from unnest(${keys}::text[]) k`.execute(db);
}
