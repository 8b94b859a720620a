/** Writes a backup (format.ts) from one snapshot, while the service runs. */
import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { planMigration } from '../migrations/runner.ts';
import { StoreError } from '../store-error.ts';
import type { BackupEnd, BackupHead, BackupSummary } from './format.ts';
import { BACKUP_FORMAT, BACKUP_TABLES, BACKUP_VERSION, JOBS } from './format.ts';

const FETCH_ROWS = 500;

/** Jobs that still have a key: the newest of each meeting and start. Their locks are not kept, so they run again. */
const JOB_ROWS = `select json_build_object('identifier', t.identifier, 'payload', j.payload, 'job_key', j.key,
    'run_at', j.run_at, 'max_attempts', j.max_attempts, 'priority', j.priority)
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where j.key is not null`;

export async function backup(client: pg.ClientBase, to: Writable): Promise<BackupSummary> {
  await client.query(`set statement_timeout = 0`);
  await client.query('begin transaction isolation level repeatable read, read only');
  try {
    const head = await headOf(client);
    const rows: Record<string, number> = {};
    await pipeline(Readable.from(linesOf(client, head, rows)), createGzip(), to);
    await client.query('commit');
    return { schema: head.schema, createdAt: head.createdAt, rows };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function headOf(client: pg.ClientBase): Promise<BackupHead> {
  const { current } = await planMigration(client);
  if (current === 0) {
    const message = 'there is nothing to back up: the database has no tables of the connector';
    throw new StoreError(message, { kind: 'notFound', code: 'backup.empty', retriable: false });
  }
  const { rows } = await client.query<{ now: Date }>('select now()');
  const createdAt = rows[0]?.now.toISOString() ?? '';
  return { format: BACKUP_FORMAT, version: BACKUP_VERSION, schema: current, createdAt };
}

async function* linesOf(
  client: pg.ClientBase,
  head: BackupHead,
  counts: Record<string, number>,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const line = (name: string, json: string): string => {
    const text = `${name}\t${json}\n`;
    hash.update(text);
    return text;
  };
  yield line('head', JSON.stringify(head));
  const sources = [
    ...BACKUP_TABLES.map((table) => [table, `select row_to_json(r) from tcc.${table} r`] as const),
    [JOBS, JOB_ROWS] as const,
  ];
  for (const [name, query] of sources) {
    counts[name] = 0;
    for await (const batch of batchesOf(client, query)) {
      counts[name] += batch.length;
      yield batch.map((json) => line(name, json)).join('');
    }
  }
  const end: BackupEnd = { rows: counts, sha256: hash.digest('hex') };
  yield `end\t${JSON.stringify(end)}\n`;
}

async function* batchesOf(client: pg.ClientBase, query: string): AsyncGenerator<readonly string[]> {
  await client.query(
    `declare backup_rows no scroll cursor for select (q.row_to_json)::text as json from (${query}) q (row_to_json)`,
  );
  for (;;) {
    const { rows } = await client.query<{ json: string }>(`fetch ${FETCH_ROWS} from backup_rows`);
    if (rows.length === 0) break;
    yield rows.map((row) => row.json);
  }
  await client.query('close backup_rows');
}
