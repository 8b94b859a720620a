/** Opens the database: the configured PostgreSQL, or the embedded server when none is configured (feature B6). */
import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ConnectorConfig, InstallationPaths } from '@calendar-connector/config';
import {
  openStore,
  type PostgresStore,
  type StoreConnection,
  startEmbeddedPostgres,
} from '@calendar-connector/storage-kysely';
import { isFailure } from '@calendar-connector/sync-core';
import { EXIT, StartFault } from './exit-codes.ts';

export interface OpenDatabase {
  readonly store: PostgresStore;
  readonly connection: StoreConnection;
  readonly kind: 'postgresql' | 'embedded';
  close(): Promise<void>;
}

const DEFAULT_POOL = 16;

export async function openDatabase(
  config: ConnectorConfig,
  paths: InstallationPaths,
  applicationName: string,
): Promise<OpenDatabase> {
  try {
    const { connection, kind, stop } = await connectionFor(config, paths);
    const poolSize = config.dbConnectionConfig?.poolSize ?? DEFAULT_POOL;
    const store = openStore({ connection, applicationName, poolSize });
    try {
      await store.migrate();
    } catch (error) {
      await store.close().catch(() => {});
      await stop();
      throw error;
    }
    return {
      store,
      connection,
      kind,
      close: async () => {
        await store.close();
        await stop();
      },
    };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { dbConnectionConfig: external } = config;
    const [en, ru] = external
      ? [
          `dbConnectionConfig in config.json (${external.host}:${external.port})`,
          `dbConnectionConfig в config.json (${external.host}:${external.port})`,
        ]
      : [`the folder ${paths.embeddedDatabase}`, `папку ${paths.embeddedDatabase}`];
    const text = {
      en: `the database cannot be used: ${error.message}; check ${en}, then start again`,
      ru: `база данных недоступна: ${error.message}; проверьте ${ru}, затем запустите снова`,
    };
    throw new StartFault(EXIT.unavailable, text, error);
  }
}

async function connectionFor(
  config: ConnectorConfig,
  paths: InstallationPaths,
): Promise<{ connection: StoreConnection; kind: OpenDatabase['kind']; stop: () => Promise<void> }> {
  const external = config.dbConnectionConfig;
  if (external) {
    const { host, port, user, database } = external;
    const password = external.password.reveal();
    const tls = external.tls === 'verify' ? { tls: { ...(external.ca ? { ca: external.ca.pem } : {}) } } : {};
    return {
      connection: { host, port, user, database, ...(password ? { password } : {}), ...tls },
      kind: 'postgresql',
      stop: async () => {},
    };
  }
  await letServerPass(paths);
  const server = await startEmbeddedPostgres({ dataDir: paths.embeddedDatabase, durable: true });
  return { connection: server.connection, kind: 'embedded', stop: () => server.stop() };
}

/**
 * PostgreSQL refuses to run as root, so root's embedded server runs as another user, who must be able to walk to its
 * folder. Only the right to pass through is given; the files beside it (licence, keys) stay readable by root alone.
 */
async function letServerPass(paths: InstallationPaths): Promise<void> {
  if (process.getuid?.() !== 0) return;
  await mkdir(paths.data, { recursive: true, mode: 0o711 });
  for (let folder = paths.data; folder.startsWith(paths.root); folder = path.dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o011) !== 0o011) await chmod(folder, (mode & 0o777) | 0o011);
    if (folder === path.dirname(folder)) return;
  }
}
