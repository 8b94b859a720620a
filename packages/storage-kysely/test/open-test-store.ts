/** A store on a database of its own, for the tests of one file. */
import { afterAll, beforeAll } from 'vitest';
import type { TestDatabase } from '../../../tooling/test/database.ts';
import { createTestDatabase } from '../../../tooling/test/database.ts';
import type { PostgresStore } from '../src/index.ts';
import { openStore } from '../src/index.ts';

interface TestStore {
  readonly store: PostgresStore;
  readonly database: TestDatabase;
  /** another store on the same database, as another node would open it */
  another(): PostgresStore;
}

/** Opened before the file's tests, dropped after them. Read the fields inside tests only. */
export function openTestStore(): TestStore {
  const opened: PostgresStore[] = [];
  let database: TestDatabase | undefined;
  const open = (): PostgresStore => {
    if (!database) throw new Error('the test database is opened before the first test');
    const store = openStore({ connection: database.connection, applicationName: `test ${opened.length}`, poolSize: 6 });
    opened.push(store);
    return store;
  };
  beforeAll(async () => {
    database = await createTestDatabase();
    open();
  });
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await database?.drop();
  });
  return {
    get store() {
      return opened[0] ?? open();
    },
    get database() {
      if (!database) throw new Error('the test database is opened before the first test');
      return database;
    },
    another: open,
  };
}

/** Rows of a question asked past the store's interface. */
export async function ask<Row>(store: PostgresStore, text: string): Promise<readonly Row[]> {
  const { sql } = await import('kysely');
  return (await sql<Row>`${sql.raw(text)}`.execute(store.internals.db)).rows;
}
