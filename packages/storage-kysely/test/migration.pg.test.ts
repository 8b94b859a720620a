/** Migrations: planned, applied once by whoever comes first, drift noticed. */
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../tooling/test/database.ts';
import type { PostgresStore } from '../src/index.ts';
import { openStore } from '../src/index.ts';
import { MIGRATIONS } from '../src/migrations/list.ts';
import { checksumOf } from '../src/migrations/runner.ts';
import { ask } from './open-test-store.ts';

async function withEmpty(work: (store: PostgresStore, another: () => PostgresStore) => Promise<void>): Promise<void> {
  await using database = await createTestDatabase({ empty: true });
  const stores: PostgresStore[] = [];
  const open = () => {
    const store = openStore({ connection: database.connection, applicationName: 'test', poolSize: 4 });
    stores.push(store);
    return store;
  };
  try {
    await work(open(), open);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

test('a plan says what would be done and does nothing', () =>
  withEmpty(async (store) => {
    const plan = await store.planMigration();
    expect(plan).toMatchObject({ current: 0, target: MIGRATIONS.length, queue: 'absent' });
    expect(plan.pending.map((one) => one.name)).toEqual(MIGRATIONS.map((one) => one.name));
    expect(await ask(store, `select 1 from pg_namespace where nspname = 'tcc'`)).toEqual([]);
    expect(await store.migrate()).toEqual(MIGRATIONS.map((one) => one.id));
    expect(await store.planMigration()).toMatchObject({ pending: [], queue: 'present' });
    expect(await store.migrate()).toEqual([]);
    expect(await store.checkDrift()).toEqual([]);
  }));

test('three nodes that start at once apply each migration once', () =>
  withEmpty(async (store, another) => {
    const applied = await Promise.all([store.migrate(), another().migrate(), another().migrate()]);
    expect(applied.flat()).toEqual(MIGRATIONS.map((one) => one.id));
  }));

test('an edited migration, a newer database and a table altered by hand are refused by name', () =>
  withEmpty(async (store) => {
    await store.migrate();
    await ask(store, 'alter table tcc.items add column extra int');
    expect(await store.checkDrift()).toMatchObject([{ problem: 'altered' }]);
    await expect(store.migrate()).rejects.toMatchObject({ kind: 'protocol', code: 'drift.altered', retriable: false });
    await ask(store, 'alter table tcc.items drop column extra');
    expect(await store.checkDrift()).toEqual([]);
    await ask(store, `update tcc.migrations set checksum = 'other' where id = 1`);
    expect(await store.checkDrift()).toMatchObject([{ migration: 1, problem: 'changed' }]);
    const [first] = MIGRATIONS;
    await ask(store, `update tcc.migrations set checksum = '${first ? checksumOf(first) : ''}' where id = 1`);
    await ask(store, `insert into tcc.migrations values (99, 'future', 'x', 'x')`);
    await expect(store.migrate()).rejects.toMatchObject({
      code: 'drift.unknown',
      message: expect.stringContaining('newer version'),
    });
  }));
