/** Opens the database of the configuration for a command: the configured PostgreSQL, or the embedded one: the server of the running daemon, else one of its own. */
import type { ConnectorConfig } from '@calendar-connector/config';
import type { PostgresStore, StoreConnection } from '@calendar-connector/storage-kysely';
import { isFailure } from '@calendar-connector/sync-core';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import { pathsOf, requireConfig } from './config-file.ts';

const TEXTS = {
  en: {
    external: (why: string, place: string) =>
      `the database cannot be used: ${why}; check dbConnectionConfig (${place})`,
    embedded: (why: string, place: string) =>
      `the embedded database cannot be used: ${why}; call the command as the user the service runs as, or as root (${place})`,
  },
  ru: {
    external: (why: string, place: string) => `база данных недоступна: ${why}; проверьте dbConnectionConfig (${place})`,
    embedded: (why: string, place: string) =>
      `встроенная база данных недоступна: ${why}; выполните команду от имени пользователя службы или root (${place})`,
  },
} as const;

/** Runs `work` on the open store and closes everything afterwards. */
export async function withStore<Result>(call: Call, work: (store: PostgresStore) => Promise<Result>): Promise<Result> {
  const config = requireConfig(call);
  const { findEmbeddedPostgres, openStore, startEmbeddedPostgres } = await import('@calendar-connector/storage-kysely');
  const external = config.dbConnectionConfig;
  const paths = pathsOf(call);
  const say = TEXTS[call.language];
  try {
    const known = external ? connectionOf(external) : await findEmbeddedPostgres(paths.embeddedDatabase);
    const embedded = known
      ? undefined
      : await startEmbeddedPostgres({ dataDir: paths.embeddedDatabase, durable: true });
    const connection = known ?? embedded?.connection;
    if (!connection) throw new Error('a database is either configured or embedded');
    const store = openStore({ connection, applicationName: 'tc_calendar command', poolSize: 2 });
    try {
      return await work(store);
    } finally {
      await store.close();
      await embedded?.stop();
    }
  } catch (error) {
    if (!isFailure(error) || error.kind === 'invalidRequest' || error.kind === 'notFound') throw error;
    const text = external
      ? say.external(error.message, `${external.host}:${external.port}`)
      : say.embedded(error.message, paths.embeddedDatabase);
    throw new CommandFault(EXIT.unavailable, text, error);
  }
}

/** The store's words for dbConnectionConfig. */
export function connectionOf(external: NonNullable<ConnectorConfig['dbConnectionConfig']>): StoreConnection {
  const { host, port, user, database, password, tls, ca } = external;
  const secret = password.reveal();
  return {
    host,
    port,
    user,
    database,
    ...(secret === '' ? {} : { password: secret }),
    ...(tls === 'verify' ? { tls: { ...(ca === undefined ? {} : { ca: ca.pem }) } } : {}),
  };
}
