/**
 * Reads a backup (format.ts) into an empty database: everything or nothing. Afterwards no mailbox is leased, fences and
 * feed revisions are ahead of anything handed out before, so that stale nodes are refused and clients list again.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { latestMigration, migrate } from '../migrations/runner.ts';
import { StoreError } from '../store-error.ts';
import type { BackupEnd, BackupHead, BackupSummary } from './format.ts';
import { BACKUP_FORMAT, BACKUP_TABLES, BACKUP_VERSION, JOBS } from './format.ts';

const INSERT_ROWS = 500;
/** No feed advances this far between a backup and its restore. */
const REVISION_LEAP = 1_000_000;

const refuse = (code: string, message: string): StoreError =>
  new StoreError(message, { kind: 'invalidRequest', code: `restore.${code}`, retriable: false });

export async function restore(client: pg.ClientBase, pool: pg.Pool, from: Readable): Promise<BackupSummary> {
  const unzipped = from.pipe(createGunzip());
  from.on('error', (error) => unzipped.destroy(error));
  const lines = createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  try {
    const first = await nextLine(lines);
    const head = headOf(first);
    await refuseFilled(client);
    await migrate(client, pool, head.schema);
    await client.query(`select set_config('statement_timeout', '0', false)`);
    const end = await loadAll(client, lines, first);
    await migrate(client, pool);
    return { schema: head.schema, createdAt: head.createdAt, rows: end.rows };
  } finally {
    from.destroy();
    unzipped.destroy();
  }
}

type Lines = AsyncIterator<string>;

async function nextLine(lines: Lines): Promise<string> {
  try {
    const { value, done } = await lines.next();
    if (!done) return value;
  } catch (error) {
    throw refuse(
      'unreadable',
      `the file is not a backup or is damaged (${error instanceof Error ? error.message : error})`,
    );
  }
  throw refuse('truncated', 'the backup ends too early: the file is incomplete');
}

function split(line: string): readonly [name: string, json: string] {
  const tab = line.indexOf('\t');
  if (tab < 1) throw refuse('unreadable', 'the file is not a backup of the connector');
  return [line.slice(0, tab), line.slice(tab + 1)];
}

function parse<Value>(json: string): Partial<Value> {
  try {
    return JSON.parse(json) as Partial<Value>;
  } catch {
    throw refuse('unreadable', 'the backup is damaged');
  }
}

function headOf(line: string): BackupHead {
  const [name, json] = split(line);
  const { format, version, schema, createdAt } = name === 'head' ? parse<BackupHead>(json) : {};
  if (format !== BACKUP_FORMAT || typeof schema !== 'number' || typeof createdAt !== 'string') {
    throw refuse('unreadable', 'the file is not a backup of the connector');
  }
  if (version !== BACKUP_VERSION || schema > latestMigration() || schema < 1) {
    const message = `the backup was made by a newer version (format ${version}, schema ${schema}): restore it with that version`;
    throw refuse('newer', message);
  }
  return { format, version, schema, createdAt };
}

async function refuseFilled(client: pg.ClientBase): Promise<void> {
  const { rows: found } = await client.query<{ present: boolean }>(
    `select to_regclass('tcc.mailboxes') is not null as present`,
  );
  if (!found[0]?.present) return;
  const { rows } = await client.query<{ filled: boolean }>(
    'select exists (select from tcc.mailboxes) or exists (select from tcc.meetings) or exists (select from tcc.items) as filled',
  );
  if (rows[0]?.filled) {
    throw refuse('filled', 'the database already holds data of the connector: restore into an empty one');
  }
}

async function loadAll(client: pg.ClientBase, lines: Lines, first: string): Promise<BackupEnd> {
  await client.query('begin');
  try {
    const end = await loadLines(client, lines, first);
    await leapAhead(client);
    await client.query('commit');
    return end;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function loadLines(client: pg.ClientBase, lines: Lines, first: string): Promise<BackupEnd> {
  const hash = createHash('sha256').update(`${first}\n`);
  const counts: Record<string, number> = {};
  let [table, batch]: [string, string[]] = ['', []];
  const flush = async () => {
    if (batch.length > 0) await insertRows(client, table, batch);
    batch = [];
  };
  for (;;) {
    const line = await nextLine(lines);
    const [name, json] = split(line);
    if (name === 'end') {
      await flush();
      return checkEnd(parse<BackupEnd>(json), counts, hash.digest('hex'));
    }
    hash.update(`${line}\n`);
    if (name !== table || batch.length >= INSERT_ROWS) await flush();
    table = name;
    batch.push(json);
    counts[name] = (counts[name] ?? 0) + 1;
  }
}

function checkEnd(end: Partial<BackupEnd>, counts: Record<string, number>, sha256: string): BackupEnd {
  const { rows } = end;
  const complete = rows && Object.entries(rows).every(([name, count]) => (counts[name] ?? 0) === count);
  if (!complete || end.sha256 !== sha256)
    throw refuse('damaged', 'the backup is damaged: its check sum does not match');
  return { rows, sha256 };
}

async function insertRows(client: pg.ClientBase, table: string, batch: readonly string[]): Promise<void> {
  const rows = `[${batch.join(',')}]`;
  if (table === JOBS) {
    const specs = 'array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json))';
    await client.query(`select count(*) from graphile_worker.add_jobs(${specs})`, [rows]);
    return;
  }
  if (!(BACKUP_TABLES as readonly string[]).includes(table)) {
    throw refuse('unreadable', 'the backup holds something this version does not know');
  }
  await client.query(
    `insert into tcc.${table} overriding system value select * from json_populate_recordset(null::tcc.${table}, $1::json)`,
    [rows],
  );
}

async function leapAhead(client: pg.ClientBase): Promise<void> {
  await client.query('update tcc.mailboxes set lease_node = null, fence = fence + $1, revision = revision + $1', [
    REVISION_LEAP,
  ]);
  await client.query('update tcc.mailboxes set feed_floor = revision');
  for (const table of ['mailboxes', 'timeline']) {
    await client.query(
      `select setval(pg_get_serial_sequence('tcc.${table}', 'id'), max(id)) from tcc.${table} having max(id) > 0`,
    );
  }
}
