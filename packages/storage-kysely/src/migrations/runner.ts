/**
 * Applies migrations under an advisory lock, one transaction each, and knows what is pending or has drifted.
 * The tables of graphile-worker live in a schema of their own and are migrated by that library, under the same lock.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { lockId } from '../hashes.ts';
import { StoreError } from '../store-error.ts';
import { installQueueSchema } from '../work-queue/queue-schema.ts';
import type { Migration } from './list.ts';
import { MIGRATIONS } from './list.ts';

const MIGRATION_LOCK = lockId('migrations');
const LOCK_LIMIT = '120s';
const STATEMENT_LIMIT = '600s';

/** What `migrate` would do, for `migrate --plan`. */
export interface MigrationPlan {
  readonly current: number;
  readonly target: number;
  readonly pending: readonly Migration[];
  /** the tables of the job queue are absent or may be brought up to date */
  readonly queue: 'absent' | 'present';
}

/** A difference between what was applied, what this program contains and what the database holds. */
export interface Drift {
  readonly migration: number;
  readonly problem: 'changed' | 'unknown' | 'altered';
  readonly message: string;
}

export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}

interface AppliedRow {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
  readonly fingerprint: string;
}

async function listApplied(client: pg.ClientBase): Promise<readonly AppliedRow[]> {
  const found = await client.query<{ present: boolean }>(`select to_regclass('tcc.migrations') is not null as present`);
  if (!found.rows[0]?.present) return [];
  const { rows } = await client.query<AppliedRow>(
    'select id, name, checksum, fingerprint from tcc.migrations order by id',
  );
  return rows;
}

/** Columns, constraints and indexes of our schema in one hash: what an `alter table` by hand would change. */
async function fingerprintOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ fingerprint: string }>(`
    select md5(coalesce(string_agg(line, e'\\n' order by line), '')) as fingerprint from (
      select format('c %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity) as line
        from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'tcc'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      union all
      select format('i %s %s', c.relname, i.relname) from pg_index x
        join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
       where c.relnamespace = 'tcc'::regnamespace
      union all
      select format('k %s %s %s', c.relname, k.conname, k.contype) from pg_constraint k join pg_class c on c.oid = k.conrelid
       where c.relnamespace = 'tcc'::regnamespace and k.contype in ('c', 'f', 'p', 'u')
    ) lines`);
  return rows[0]?.fingerprint ?? '';
}

async function queuePresent(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>(
    `select to_regclass('graphile_worker.migrations') is not null as present`,
  );
  return rows[0]?.present === true;
}

/** Tells what `migrate` would do without doing it. */
export async function planMigration(client: pg.ClientBase, to: number = latestMigration()): Promise<MigrationPlan> {
  const applied = await listApplied(client);
  const current = applied.at(-1)?.id ?? 0;
  return {
    current,
    target: Math.max(to, current),
    pending: MIGRATIONS.filter((migration) => migration.id > current && migration.id <= to),
    queue: (await queuePresent(client)) ? 'present' : 'absent',
  };
}

export function latestMigration(): number {
  return MIGRATIONS.at(-1)?.id ?? 0;
}

/** Finds edited migrations, a database of a newer program, and tables that were altered by hand. */
export async function checkDrift(client: pg.ClientBase): Promise<readonly Drift[]> {
  const applied = await listApplied(client);
  const drifts: Drift[] = applied.flatMap((row) => driftOf(row));
  const last = applied.at(-1);
  if (last && drifts.length === 0 && last.fingerprint !== (await fingerprintOf(client))) {
    drifts.push({
      migration: last.id,
      problem: 'altered',
      message: `The tables are not as migration ${last.id} left them: somebody altered schema tcc by hand. Restore a backup into an empty database.`,
    });
  }
  return drifts;
}

function driftOf(row: AppliedRow): readonly Drift[] {
  const known = MIGRATIONS.find((migration) => migration.id === row.id);
  if (!known) {
    const message = `The database has migration ${row.id} (${row.name}), which this version does not know: it was made by a newer version. Install that version or restore an older backup.`;
    return [{ migration: row.id, problem: 'unknown', message }];
  }
  if (checksumOf(known) === row.checksum) return [];
  const message = `Migration ${row.id} (${row.name}) is not the one that was applied to this database. Use the program that applied it.`;
  return [{ migration: row.id, problem: 'changed', message }];
}

/** Applies pending migrations up to `to`; safe to call from several processes at once. Returns the applied ids. */
export async function migrate(
  client: pg.ClientBase,
  queuePool: pg.Pool,
  to: number = latestMigration(),
): Promise<readonly number[]> {
  await client.query(`select set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)`, [
    LOCK_LIMIT,
    STATEMENT_LIMIT,
  ]);
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
  try {
    const applied = await applyPending(client, to);
    await installQueueSchema(queuePool);
    return applied;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  }
}

async function applyPending(client: pg.ClientBase, to: number): Promise<readonly number[]> {
  await client.query(`create schema if not exists tcc`);
  await client.query(`create table if not exists tcc.migrations (
    id int primary key, name text not null, checksum text not null, fingerprint text not null,
    applied_at timestamptz not null default now())`);
  const [drift] = await checkDrift(client);
  if (drift)
    throw new StoreError(drift.message, { kind: 'protocol', code: `drift.${drift.problem}`, retriable: false });
  const { pending } = await planMigration(client, to);
  for (const migration of pending) await apply(client, migration);
  return pending.map((migration) => migration.id);
}

async function apply(client: pg.ClientBase, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await client.query('insert into tcc.migrations (id, name, checksum, fingerprint) values ($1, $2, $3, $4)', [
      migration.id,
      migration.name,
      checksumOf(migration),
      await fingerprintOf(client),
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
