/**
 * The tables of graphile-worker (schema `graphile_worker`), installed and brought up to date by that library itself.
 * Loaded on demand: commands that never touch the queue do not pay for the import.
 */
import type pg from 'pg';

export async function installQueueSchema(pool: pg.Pool): Promise<void> {
  const { Logger, runMigrations } = await import('graphile-worker');
  await runMigrations({ pgPool: pool, schema: 'graphile_worker', logger: new Logger(() => () => undefined) });
}
