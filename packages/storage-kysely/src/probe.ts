/** What `doctor` asks of PostgreSQL: version, rights, settings, clock, migrations. Changes nothing. */
import type pg from 'pg';
import { checkDrift, planMigration } from './migrations/runner.ts';

export interface ProbeFinding {
  readonly name: 'version' | 'encoding' | 'rights' | 'durability' | 'migrations' | 'drift' | 'clock' | 'connections';
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly message: string;
}

export interface Probe {
  readonly serverVersion: string;
  readonly sizeBytes: number;
  /** database clock minus ours */
  readonly clockOffsetMs: number;
  readonly findings: readonly ProbeFinding[];
}

const OLDEST_MAJOR = 13;
const CLOCK_TOLERANCE_MS = 1_000;
const CONNECTIONS_WANTED = 30;

interface Facts {
  readonly version_num: number;
  readonly version: string;
  readonly encoding: string;
  readonly can_create: boolean;
  readonly owns_schema: boolean;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly read_only: boolean;
  readonly now_ms: number;
  readonly size: number;
  readonly free_connections: number;
}

const FACTS = `select current_setting('server_version_num')::int as version_num, current_setting('server_version') as version,
  pg_encoding_to_char((select encoding from pg_database where datname = current_database())) as encoding,
  has_database_privilege(current_database(), 'create') as can_create,
  coalesce((select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'tcc'), true) as owns_schema,
  current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
  pg_is_in_recovery() as read_only,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms, pg_database_size(current_database()) as size,
  current_setting('max_connections')::int - (select count(*) from pg_stat_activity where backend_type = 'client backend') as free_connections`;

const finding = (
  name: ProbeFinding['name'],
  bad: 'warn' | 'fail' | undefined,
  good: string,
  problem: string,
): ProbeFinding => ({ name, verdict: bad ?? 'ok', message: bad ? problem : good });

export async function probe(client: pg.ClientBase, clock: () => number): Promise<Probe> {
  const before = clock();
  const { rows } = await client.query<Facts>(FACTS);
  const middle = (before + clock()) / 2;
  const [facts] = rows;
  if (!facts) throw new Error('PostgreSQL answered without a row');
  const clockOffsetMs = Math.round(facts.now_ms - middle);
  return {
    serverVersion: facts.version,
    sizeBytes: facts.size,
    clockOffsetMs,
    findings: [...judgeServer(facts, clockOffsetMs), ...(await judgeSchema(client))],
  };
}

function judgeServer(facts: Facts, offset: number): readonly ProbeFinding[] {
  const old = facts.version_num < OLDEST_MAJOR * 10_000;
  const skewed = Math.abs(offset) > CLOCK_TOLERANCE_MS;
  const volatile = facts.fsync !== 'on' || facts.synchronous_commit === 'off';
  const rightless = facts.read_only || !facts.can_create || !facts.owns_schema;
  return [
    finding(
      'version',
      old ? 'fail' : undefined,
      `PostgreSQL ${facts.version}`,
      `PostgreSQL ${facts.version} is older than ${OLDEST_MAJOR}: upgrade it.`,
    ),
    finding(
      'encoding',
      facts.encoding === 'UTF8' ? undefined : 'fail',
      'encoding UTF8',
      `The database is encoded in ${facts.encoding}: create it anew with encoding UTF8.`,
    ),
    finding(
      'rights',
      rightless ? 'fail' : undefined,
      'the role owns what it needs',
      facts.read_only
        ? 'The server is a read-only standby: connect to the primary.'
        : 'The role may not create schemas here: make it the owner of the database.',
    ),
    finding(
      'durability',
      volatile ? 'warn' : undefined,
      'commits are durable',
      'fsync or synchronous_commit is off: a power cut may lose committed changes. Use it for trials only.',
    ),
    finding(
      'clock',
      skewed ? 'warn' : undefined,
      `clocks agree within ${Math.abs(offset)} ms`,
      `This machine's clock is ${offset} ms away from PostgreSQL's: check NTP on both.`,
    ),
    finding(
      'connections',
      facts.free_connections < CONNECTIONS_WANTED ? 'warn' : undefined,
      `${facts.free_connections} connections free`,
      `Only ${facts.free_connections} connections are free: raise max_connections.`,
    ),
  ];
}

async function judgeSchema(client: pg.ClientBase): Promise<readonly ProbeFinding[]> {
  const { current, pending } = await planMigration(client);
  const [drift] = await checkDrift(client);
  const verdict = pending.length === 0 ? undefined : 'warn';
  return [
    finding(
      'migrations',
      verdict,
      `schema version ${current}`,
      `${pending.length} migrations wait; they are applied at the next start.`,
    ),
    finding('drift', drift ? 'fail' : undefined, 'the tables are as this version made them', drift?.message ?? ''),
  ];
}
