/**
 * Questions and orders about jobs. graphile-worker's functions and its public view are used; its private tables are
 * only read, where the view leaves the payload out.
 */
import type { MeetingKey } from '@calendar-connector/calendar-model';
import { sql } from 'kysely';
import type { Db } from '../transaction.ts';
import { inTransaction, once } from '../transaction.ts';

/** A job that was given up, with the reason of its last failure. */
export interface DeadLetter {
  readonly id: string;
  readonly task: string;
  readonly meeting: MeetingKey | undefined;
  readonly attempts: number;
  readonly reason: string;
  readonly dueAt: Date;
  readonly failedAt: Date;
}

export interface QueueCounts {
  /** due and waiting for a free handler */
  readonly ready: number;
  /** due later */
  readonly scheduled: number;
  /** picked by a node: running, or waiting for its exact moment; those that a newer job replaced not counted */
  readonly picked: number;
  readonly dead: number;
}

const DEAD_LIMIT = 1_000;

interface DeadRow {
  readonly id: string;
  readonly task: string;
  readonly payload: { readonly key?: MeetingKey; readonly meeting?: MeetingKey } | null;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly run_at: Date;
  readonly updated_at: Date;
}

/** Jobs without a key were replaced by newer ones: their failures interest nobody. */
export function listDeadLetters(db: Db): Promise<readonly DeadLetter[]> {
  return once('dead letters', async () => {
    const { rows } = await sql<DeadRow>`
      select j.id::text as id, t.identifier as task, j.payload, j.attempts, j.last_error, j.run_at, j.updated_at
        from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
       where j.attempts >= j.max_attempts and j.locked_at is null and j.key is not null
       order by j.updated_at desc, j.id desc limit ${DEAD_LIMIT}`.execute(db);
    return rows.map((row) => ({
      id: row.id,
      task: row.task,
      meeting: row.payload?.key ?? row.payload?.meeting,
      attempts: row.attempts,
      reason: row.last_error ?? 'unknown',
      dueAt: row.run_at,
      failedAt: row.updated_at,
    }));
  });
}

/** Gives a dead letter all its attempts again, now. */
export function retryDeadLetter(db: Db, id: string): Promise<'done' | 'unknown'> {
  if (!/^\d{1,18}$/.test(id)) return Promise.resolve('unknown');
  return inTransaction(db, `job ${id}`, async (trx) => {
    const { rows } = await sql`
      select graphile_worker.reschedule_jobs(array_agg(id), run_at := now(), attempts := 0) from graphile_worker.jobs
       where id = ${id}::bigint and attempts >= max_attempts and locked_at is null and key is not null
      having count(*) > 0`.execute(trx);
    if (rows.length === 0) return 'unknown';
    await sql`select pg_notify('jobs:insert', '{"count":1}')`.execute(trx);
    return 'done';
  });
}

export function countJobs(db: Db): Promise<QueueCounts> {
  return once('counts of jobs', async () => {
    const { rows } = await sql<QueueCounts>`
      select count(*) filter (where locked_at is null and attempts < max_attempts and run_at <= now()) as ready,
        count(*) filter (where locked_at is null and attempts < max_attempts and run_at > now()) as scheduled,
        count(*) filter (where locked_at is not null and key is not null) as picked,
        count(*) filter (where locked_at is null and attempts >= max_attempts and key is not null) as dead
        from graphile_worker.jobs`.execute(db);
    return rows[0] ?? { ready: 0, scheduled: 0, picked: 0, dead: 0 };
  });
}

/** Which of these jobs are still locked by one of `pools`, and of those, which nothing has replaced or cancelled. */
export function checkJobs(
  db: Db,
  ids: readonly string[],
  pools: readonly string[],
): Promise<readonly { readonly ours: boolean; readonly current: boolean }[]> {
  return once('check of jobs', async () => {
    const { rows } = await sql<{ ours: boolean; current: boolean }>`
      select coalesce(j.locked_by = any(${pools}::text[]), false) as ours, j.key is not null as current
        from unnest(${ids}::bigint[]) with ordinality a (id, n) left join graphile_worker.jobs j on j.id = a.id
       order by a.n`.execute(db);
    return rows;
  });
}

/** Jobs that are locked by one of `pools` and that nothing has replaced. */
export function listPicked(db: Db, pools: readonly string[]): Promise<readonly string[]> {
  return once('picked jobs', async () => {
    const { rows } = await sql<{ id: string }>`
      select id::text as id from graphile_worker.jobs
       where locked_by = any(${pools}::text[]) and key is not null`.execute(db);
    return rows.map((row) => row.id);
  });
}

/** Puts a picked job back for another node, with all its attempts; a replaced or cancelled one stays away. */
export function handBack(db: Db, id: string): Promise<void> {
  return inTransaction(db, `job ${id}`, async (trx) => {
    await sql`
      select count(*) from graphile_worker.add_jobs(array(
        select json_populate_record(null::graphile_worker.job_spec, json_build_object('identifier', t.identifier,
            'payload', j.payload, 'job_key', j.key, 'run_at', j.run_at, 'max_attempts', j.max_attempts, 'priority', j.priority))
          from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where j.id = ${id}::bigint and j.key is not null))`.execute(trx);
  });
}

/** Tells the other nodes which worker pools belong to this living node; see leases.ts. */
export function announcePools(db: Db, nodeId: string, pools: readonly string[]): Promise<void> {
  return once('announcement of worker pools', async () => {
    await sql`update tcc.nodes set worker_pools = ${pools}::text[]
      where id = ${nodeId} and worker_pools is distinct from ${pools}::text[]`.execute(db);
  });
}

export function unlockPool(db: Db, poolId: string): Promise<void> {
  return once('unlocking jobs', async () => {
    await sql`select graphile_worker.force_unlock_workers(array[${poolId}]::text[])`.execute(db);
  });
}
