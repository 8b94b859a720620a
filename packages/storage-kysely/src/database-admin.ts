/** Making and dropping whole databases: for installation, trial and tests. Names are quoted, never trusted. */
import type { StoreConnection } from './connection.ts';
import { openClient } from './connection.ts';
import { storeError } from './store-error.ts';

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""').replaceAll('\0', '')}"`;
}

/** The same server and user, another database. */
export function withDatabase(connection: StoreConnection, database: string): StoreConnection {
  if (!('url' in connection)) return { ...connection, database };
  const url = new URL(connection.url);
  url.pathname = `/${encodeURIComponent(database)}`;
  return { ...connection, url: url.href };
}

async function runOnServer(connection: StoreConnection, what: string, statements: readonly string[]): Promise<void> {
  const client = openClient({ connection, applicationName: 'calendar-connector admin' });
  try {
    await client.connect();
    for (const statement of statements) await client.query(statement);
  } catch (error) {
    throw storeError(error, what);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Creates a database, empty or as a copy of `template` (which nobody may be connected to). Returns its connection. */
export async function createDatabase(
  connection: StoreConnection,
  name: string,
  template?: string,
): Promise<StoreConnection> {
  const from = template === undefined ? '' : ` template ${quoteName(template)}`;
  await runOnServer(connection, `database ${name}`, [`create database ${quoteName(name)}${from}`]);
  return withDatabase(connection, name);
}

/** Drops a database and ends whoever is connected to it. */
export async function dropDatabase(connection: StoreConnection, name: string): Promise<void> {
  await runOnServer(connection, `database ${name}`, [`drop database if exists ${quoteName(name)} with (force)`]);
}
