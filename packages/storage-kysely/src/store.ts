/**
 * The store: all of sync-core's SyncStore on one PostgreSQL database, plus what operating it needs.
 * Opening connects nowhere; `migrate` or the first query does.
 */

import type { Readable, Writable } from 'node:stream';
import type { SyncStore } from '@calendar-connector/sync-core';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { backup } from './backup/backup.ts';
import type { BackupSummary } from './backup/format.ts';
import { restore } from './backup/restore.ts';
import { ChangeFollower } from './change-follower.ts';
import type { StoreConnection } from './connection.ts';
import { describeConnection, openClient, openPool } from './connection.ts';
import type { Maintenance, MaintenanceLimits } from './maintenance.ts';
import { maintain } from './maintenance.ts';
import type { Drift, MigrationPlan } from './migrations/runner.ts';
import { checkDrift, migrate, planMigration } from './migrations/runner.ts';
import { NodeSession } from './node-session.ts';
import type { Probe } from './probe.ts';
import { probe } from './probe.ts';
import { anomalyRepository } from './repositories/anomalies.ts';
import { feedRepository } from './repositories/feed.ts';
import { leaseRepository } from './repositories/leases.ts';
import { type MailboxStory, mailboxStory } from './repositories/mailbox-story.ts';
import { mailboxRepository } from './repositories/mailboxes.ts';
import { meetingRepository } from './repositories/meetings.ts';
import { mirrorRepository } from './repositories/mirrors.ts';
import { observationRepository } from './repositories/observations.ts';
import { rulesRepository } from './repositories/rules.ts';
import { writeLedger } from './repositories/write-ledger.ts';
import { storeError } from './store-error.ts';
import type { Database } from './tables/database.ts';

export interface StoreOptions {
  readonly connection: StoreConnection;
  /** shown in pg_stat_activity */
  readonly applicationName: string;
  readonly poolSize?: number;
  /** the node's wall clock in epoch milliseconds; only for measuring how far it is from the database's */
  readonly clock?: () => number;
  /** a connection that leaves a query unanswered for so long is given up; default 65,000, above every statement's limit */
  readonly answerLimitMs?: number;
}

export interface StoreHealth {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly connections: number;
  readonly idle: number;
  readonly waiting: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What the work queue needs of an open store. */
export interface StoreInternals {
  readonly db: Kysely<Database>;
  readonly session: NodeSession;
  readonly connection: StoreConnection;
  readonly applicationName: string;
  readonly clock: () => number;
}

export interface PostgresStore extends SyncStore, MailboxStory {
  /** Brings the tables up to date; several processes may call it at once. Returns the migrations it applied. */
  migrate(): Promise<readonly number[]>;
  planMigration(): Promise<MigrationPlan>;
  checkDrift(): Promise<readonly Drift[]>;
  /** What an administrator must know of the server, each point with its verdict. */
  probe(): Promise<Probe>;
  health(): Promise<StoreHealth>;
  /** Writes everything that cannot be had again from Exchange and TrueConf, and what saves asking, compressed. */
  backup(to: Writable): Promise<BackupSummary>;
  /** Reads a backup of this or an older version into an empty database. */
  restore(from: Readable): Promise<BackupSummary>;
  /** Removes what nobody will ask for any more; call it about once an hour on any node. */
  maintain(limits?: Partial<MaintenanceLimits>): Promise<Maintenance>;
  close(): Promise<void>;
  /** For openWorkQueue. */
  readonly internals: StoreInternals;
}

const POOL_SIZE = 10;

export function openStore(options: StoreOptions): PostgresStore {
  const pool = openPool({ ...options, poolSize: options.poolSize ?? POOL_SIZE });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const session = new NodeSession(options);
  const followers = new Set<ChangeFollower>();
  const clock = options.clock ?? Date.now;
  const { connection, applicationName } = options;
  const withClient = <Result>(what: string, work: (client: pg.Client) => Promise<Result>) =>
    runOnClient({ connection, applicationName, what }, work);

  return {
    ...mailboxRepository(db),
    ...mailboxStory(db),
    ...observationRepository(db),
    ...meetingRepository(db),
    ...feedRepository(db),
    ...leaseRepository(db, session),
    ...anomalyRepository(db),
    ...writeLedger(db),
    ...mirrorRepository(db),
    ...rulesRepository(db),
    followChanges: async (listener) => {
      const follower = new ChangeFollower(options, listener);
      await follower.open();
      followers.add(follower);
      return {
        close: async () => {
          followers.delete(follower);
          await follower.close();
        },
      };
    },
    migrate: () => withClient('migration', (client) => migrate(client, pool)),
    planMigration: () => withClient('migration plan', (client) => planMigration(client)),
    checkDrift: () => withClient('drift check', checkDrift),
    probe: () => withClient('probe', (client) => probe(client, clock)),
    health: () => checkHealth(pool, clock),
    backup: (to) => withClient('backup', (client) => backup(client, to)),
    restore: (from) => withClient('restore', (client) => restore(client, pool, from)),
    maintain: (limits) => maintain(db, limits),
    close: async () => {
      await Promise.all([...followers].map((follower) => follower.close()));
      await session.close();
      await db.destroy();
      // kysely leaves a pool alone that it never used
      if (!pool.ending) await pool.end();
    },
    internals: { db, session, connection, applicationName, clock },
  };
}

interface ClientTask {
  readonly connection: StoreConnection;
  readonly applicationName: string;
  readonly what: string;
}

async function runOnClient<Result>(task: ClientTask, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = openClient(task);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw storeError(error, `${task.what} on ${describeConnection(task.connection)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function checkHealth(pool: pg.Pool, clock: () => number): Promise<StoreHealth> {
  const begun = clock();
  const counts = () => ({
    latencyMs: clock() - begun,
    connections: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
  });
  try {
    await pool.query('select 1');
    return { ok: true, ...counts() };
  } catch (error) {
    const { code, message } = storeError(error, 'health check');
    return { ok: false, ...counts(), error: { code, message } };
  }
}
