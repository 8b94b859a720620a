/**
 * A database of its own for a test file: a copy of the migrated template, made in some 30 ms.
 * `await using database = await createTestDatabase()` drops it at the end of the block.
 */
import type { StoreConnection } from '@calendar-connector/storage-kysely';
import { createDatabase, dropDatabase } from '@calendar-connector/storage-kysely';
import { DATABASE_URL, TEMPLATE } from './postgres-names.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly connection: StoreConnection;
  drop(): Promise<void>;
}

let made = 0;

function serverUrl(): string {
  const url = process.env[DATABASE_URL];
  if (url) return url;
  throw new Error(
    `${DATABASE_URL} is not set: the test belongs to a project without globalSetup tooling/test/postgres-setup.ts`,
  );
}

/** `empty`: without the tables, for tests of migrations. */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const server = { url: serverUrl() };
  made += 1;
  const name = `tcc_test_${process.pid}_${process.env.VITEST_WORKER_ID ?? '0'}_${made}`;
  const connection = await createDatabase(server, name, options.empty ? undefined : TEMPLATE);
  const drop = () => dropDatabase(server, name);
  const url = 'url' in connection ? connection.url : '';
  return { url, connection, drop, [Symbol.asyncDispose]: drop };
}
