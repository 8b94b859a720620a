/**
 * Who works on which mailbox. A mailbox belongs to a node; the node's own row says until when, so that renewing ten
 * thousand leases writes one row. Every time a mailbox changes hands its fence grows, in the row each commit locks.
 * All times are the database's.
 */
import type { LeaseGrant, LeaseStore } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { lockId } from '../hashes.ts';
import type { Db, Trx } from '../transaction.ts';
import { inTransaction } from '../transaction.ts';

/** Serialises the short moment in which dead nodes are cleared away. */
const NODES_LOCK = lockId('nodes');

/** Session lock a living node holds; when nobody holds it the node's process or link is gone. */
export function nodeLockId(nodeId: string): string {
  return lockId(`node:${nodeId}`);
}

/** What a node must do before it is known to others: hold its session lock. */
export interface NodeAnchor {
  hold(nodeId: string): Promise<void>;
  release(nodeId: string): Promise<void>;
}

export function leaseRepository(db: Db, anchor: NodeAnchor): LeaseStore {
  return {
    beat: async (node) => {
      await anchor.hold(node.id);
      return inTransaction(db, `beat of node ${node.id}`, (trx) => beat(trx, node));
    },
    acquireLeases: (nodeId, ttlMs) =>
      inTransaction(db, `leases of node ${nodeId}`, (trx) => acquireLeases(trx, nodeId, ttlMs)),
    releaseLeases: async (nodeId) => {
      await inTransaction(db, `leases of node ${nodeId}`, (trx) => releaseLeases(trx, nodeId));
      await anchor.release(nodeId);
    },
  };
}

type Node = Parameters<LeaseStore['beat']>[0];

async function beat(trx: Trx, node: Node): Promise<{ readonly nodes: number; readonly freed: number }> {
  await sql`insert into tcc.nodes (id, name, beat_at) values (${node.id}, ${node.name}, clock_timestamp())
    on conflict (id) do update set beat_at = excluded.beat_at, name = excluded.name`.execute(trx);
  const dead = await listDead(trx, node);
  const freed = dead.length === 0 ? 0 : await buryNodes(trx, dead);
  await freeOrphanedJobs(trx, node.deadAfterMs);
  const { rows } = await sql<{ n: number }>`select count(*) as n from tcc.nodes`.execute(trx);
  return { nodes: rows[0]?.n ?? 1, freed };
}

/**
 * Silent too long. Or with nobody holding its session lock, its process or its link having ended, and silent half as long:
 * one that only lost its session takes the lock again with its next beat. Of our own name it is our predecessor: at once.
 */
async function listDead(trx: Trx, node: Node): Promise<readonly string[]> {
  const silentFor = (ms: number) => sql<boolean>`beat_at < clock_timestamp() - ${ms} * interval '1 ms'`;
  const { rows } = await sql<{ id: string; silent: boolean; suspect: boolean }>`
    select id, ${silentFor(node.deadAfterMs)} as silent, ${silentFor(node.deadAfterMs / 2)} or name = ${node.name} as suspect
      from tcc.nodes where id <> ${node.id}`.execute(trx);
  const dead = rows.filter((row) => row.silent).map((row) => row.id);
  for (const row of rows) {
    if (row.silent || !row.suspect) continue;
    const probe = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${nodeLockId(row.id)}) as free`.execute(
      trx,
    );
    if (probe.rows[0]?.free) dead.push(row.id);
  }
  return dead;
}

/**
 * Frees a dead node's mailboxes and jobs, and ends its session: a paused process that wakes up has lost its locks and
 * learns it at once. Only one node does it at a time; the others have nothing left to do.
 */
async function buryNodes(trx: Trx, dead: readonly string[]): Promise<number> {
  const lock = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${NODES_LOCK}) as free`.execute(trx);
  if (!lock.rows[0]?.free) return 0;
  await endSessions(trx, dead);
  const gone = await sql<{ pools: readonly string[] }>`
    delete from tcc.nodes where id = any(${dead}::text[]) returning worker_pools as pools`.execute(trx);
  const pools = gone.rows.flatMap((row) => row.pools);
  await sql`select graphile_worker.force_unlock_workers(${pools}::text[])`.execute(trx);
  const freed = await sql`
    update tcc.mailboxes set lease_node = null where id in (
      select id from tcc.mailboxes where lease_node = any(${dead}::text[]) order by id for no key update skip locked)
    returning 1`.execute(trx);
  return freed.rows.length;
}

/** The holder of a node's session lock is found in pg_locks by the two halves of the lock's number. */
async function endSessions(trx: Trx, dead: readonly string[]): Promise<void> {
  const locks = dead.map(nodeLockId);
  await sql`select pg_terminate_backend(l.pid) from pg_locks l, unnest(${locks}::bigint[]) k
    where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.pid <> pg_backend_pid()
      and l.database = (select oid from pg_database where datname = current_database())
      and l.classid = ((k >> 32) & 4294967295)::oid and l.objid = (k & 4294967295)::oid`.execute(trx);
}

/** Locks of a queue no living node has announced: its process ended between starting and announcing. */
async function freeOrphanedJobs(trx: Trx, deadAfterMs: number): Promise<void> {
  await sql`select graphile_worker.force_unlock_workers(array_agg(distinct locked_by)) from graphile_worker.jobs
    where locked_by is not null and locked_at < clock_timestamp() - ${deadAfterMs} * interval '1 ms'
      and not exists (select from tcc.nodes n where locked_by = any(n.worker_pools))
    having count(*) > 0`.execute(trx);
}

interface Holding {
  readonly total: number;
  readonly held: number;
  readonly nodes: number;
}

async function acquireLeases(trx: Trx, nodeId: string, ttlMs: number): Promise<readonly LeaseGrant[]> {
  await sql`insert into tcc.nodes (id, name, beat_at, lease_until)
    values (${nodeId}, ${nodeId}, clock_timestamp(), clock_timestamp() + ${ttlMs} * interval '1 ms')
    on conflict (id) do update set lease_until = excluded.lease_until`.execute(trx);
  await sql`update tcc.mailboxes set lease_node = null where lease_node = ${nodeId} and not (configured and licensed)`.execute(
    trx,
  );
  const { rows } = await sql<Holding>`
    select count(*) as total, count(*) filter (where lease_node = ${nodeId}) as held, (select count(*) from tcc.nodes) as nodes
      from tcc.mailboxes where configured and licensed`.execute(trx);
  const { total, held, nodes } = rows[0] ?? { total: 0, held: 0, nodes: 1 };
  const share = Math.ceil(total / Math.max(1, nodes));
  if (held > share) await giveUp(trx, nodeId, held - share);
  if (held < share) await take(trx, nodeId, share - held);
  const grants = await trx
    .selectFrom('tcc.mailboxes')
    .select(['address as mailbox', 'fence', 'provider', 'paused'])
    .select(sql<boolean>`cursor is not null`.as('hasCursor'))
    .where('lease_node', '=', nodeId)
    .orderBy('priority')
    .orderBy('id')
    .execute();
  return grants;
}

/** The least urgent ones go first, to a node that has just joined. */
async function giveUp(trx: Trx, nodeId: string, count: number): Promise<void> {
  await sql`update tcc.mailboxes set lease_node = null where id in (
    select id from tcc.mailboxes where lease_node = ${nodeId}
     order by priority desc, id desc limit ${count} for no key update skip locked)`.execute(trx);
}

async function take(trx: Trx, nodeId: string, count: number): Promise<void> {
  await sql`update tcc.mailboxes set lease_node = ${nodeId}, fence = fence + 1 where id in (
    select m.id from tcc.mailboxes m
     where m.configured and m.licensed and (m.lease_node is null or (m.lease_node <> ${nodeId} and not exists (
       select from tcc.nodes n where n.id = m.lease_node and n.lease_until > clock_timestamp())))
     order by m.priority, m.id limit ${count} for no key update skip locked)`.execute(trx);
}

async function releaseLeases(trx: Trx, nodeId: string): Promise<void> {
  await sql`update tcc.mailboxes set lease_node = null where lease_node = ${nodeId}`.execute(trx);
  await trx.deleteFrom('tcc.nodes').where('id', '=', nodeId).execute();
}
