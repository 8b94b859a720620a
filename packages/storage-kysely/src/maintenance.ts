/**
 * Removes what nobody will ask for any more: old removals of the change feed (clients further behind list again), old
 * timeline lines, decided anomalies, meetings that no mailbox holds and no conference waits for, answered client writes,
 * jobs that a newer one replaced. Bounded per call, safe on several nodes.
 * Whoever touches a mailbox's removals holds its row; mailboxes that are busy now are left to the next call.
 */
import { sql } from 'kysely';
import type { Db } from './transaction.ts';
import { inTransaction } from './transaction.ts';

export interface MaintenanceLimits {
  readonly removalsDays: number;
  readonly timelineDays: number;
  readonly clientWritesDays: number;
}

export interface Maintenance {
  readonly removals: number;
  readonly timeline: number;
  readonly anomalies: number;
  readonly meetings: number;
  readonly clientWrites: number;
  readonly supersededJobs: number;
}

const DEFAULTS: MaintenanceLimits = { removalsDays: 30, timelineDays: 180, clientWritesDays: 7 };
const ROWS_LIMIT = 50_000;

export function maintain(db: Db, limits: Partial<MaintenanceLimits> = {}): Promise<Maintenance> {
  const { removalsDays, timelineDays, clientWritesDays } = { ...DEFAULTS, ...limits };
  const days = (count: number) => sql`clock_timestamp() - ${count} * interval '1 day'`;
  return inTransaction(db, 'maintenance', async (trx) => {
    const removals = await sql`
      with old as (select r.mailbox_id, r.event_id from tcc.feed_removals r join tcc.mailboxes m on m.id = r.mailbox_id
             where r.removed_at < ${days(removalsDays)} order by r.mailbox_id limit ${ROWS_LIMIT}
             for no key update of m skip locked),
        gone as (delete from tcc.feed_removals r using old
             where r.mailbox_id = old.mailbox_id and r.event_id = old.event_id returning r.mailbox_id, r.revision),
        floors as (select mailbox_id, max(revision) as floor from gone group by mailbox_id),
        raised as (update tcc.mailboxes m set feed_floor = greatest(feed_floor, floor) from floors where m.id = floors.mailbox_id)
      select 1 from gone`.execute(trx);
    const timeline = await sql`delete from tcc.timeline where id in (select id from tcc.timeline
      where at < extract(epoch from ${days(timelineDays)}) * 1000 limit ${ROWS_LIMIT})`.execute(trx);
    const anomalies = await sql`delete from tcc.anomalies where decision is not null
      and coalesce(decided_at, at) < extract(epoch from ${days(timelineDays)}) * 1000`.execute(trx);
    const meetings = await sql`delete from tcc.meetings where meeting_hash in (
      select meeting_hash from tcc.meetings m where bound_at < ${days(timelineDays)}
         and (binding_conference is null or baseline -> 'removed' = 'true')
         and not exists (select from tcc.items i where i.meeting_hash = m.meeting_hash) limit ${ROWS_LIMIT})`.execute(
      trx,
    );
    const clientWrites = await sql`delete from tcc.client_writes where (mailbox, key_hash) in (
      select mailbox, key_hash from tcc.client_writes where begun_at < ${days(clientWritesDays)} limit ${ROWS_LIMIT})`.execute(
      trx,
    );
    const jobs = await sql`select graphile_worker.complete_jobs(array_agg(id)) from (
      select id from graphile_worker.jobs where key is null and locked_at is null and attempts >= max_attempts
      limit ${ROWS_LIMIT}) j having count(*) > 0`.execute(trx);
    return {
      removals: removals.rows.length,
      timeline: Number(timeline.numAffectedRows ?? 0n),
      anomalies: Number(anomalies.numAffectedRows ?? 0n),
      meetings: Number(meetings.numAffectedRows ?? 0n),
      clientWrites: Number(clientWrites.numAffectedRows ?? 0n),
      supersededJobs: jobs.rows.length,
    };
  });
}
