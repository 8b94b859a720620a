/**
 * Connections to PostgreSQL: one bounded pool with sane limits, and single clients for LISTEN and session locks.
 * A transaction that stands still is ended by the server, so that a paused process never keeps a mailbox locked.
 */
import type { Socket } from 'node:net';
import type { ClientConfig, CustomTypesConfig } from 'pg';
import pg from 'pg';

/** Where the database is: single values, or one URL. */
export type StoreConnection = (
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password?: string;
      readonly database: string;
    }
  | { readonly url: string }
) & {
  /** present: the server's certificate is verified, against `ca` (PEM) or the system's authorities */
  readonly tls?: { readonly ca?: string };
};

export interface ConnectionOptions {
  readonly connection: StoreConnection;
  readonly applicationName: string;
  /** commits do not wait for the disk: a server that crashes may forget the last of them, in order */
  readonly isForgetful?: boolean;
  /** a connection that leaves a query of a pool unanswered for so long is cut; default 65,000 */
  readonly answerLimitMs?: number;
}

const CONNECT_LIMIT_MS = 5_000;
const STATEMENT_LIMIT_MS = 60_000;
/** A statement is answered within its limit, were it with an error; a connection that stays silent longer is dead. */
const ANSWER_LIMIT_MS = STATEMENT_LIMIT_MS + 5_000;
/** How long nothing may be heard on an idle connection before the other end is asked whether it is still there. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** Longer than any pause of a healthy process between two statements of one transaction. */
const IDLE_IN_TRANSACTION_LIMIT_MS = 5_000;
const IDLE_CONNECTION_MS = 30_000;
/**
 * All statements of ours touch few rows. On tables without statistics (a first synchronisation) PostgreSQL believes
 * otherwise, and starting parallel workers or a compiler then costs ten times what the statement does.
 */
const SESSION_SETTINGS = '-c max_parallel_workers_per_gather=0 -c jit=off';
/** For what may be done again after a crash of the server. */
const FORGETFUL_SETTINGS = '-c synchronous_commit=off';
const INT8 = 20;

/** int8 as number: everything this package keeps in int8 is below 2^53. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as CustomTypesConfig['getTypeParser'],
};

/** Settings every connection of ours shares. */
function clientConfig(options: ConnectionOptions): ClientConfig {
  const { connection } = options;
  const { tls, ...place } = connection;
  const target = 'url' in place ? { connectionString: place.url } : place;
  return {
    ...target,
    ...(tls ? { ssl: { rejectUnauthorized: true, ...tls } } : {}),
    application_name: options.applicationName.slice(0, 63),
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    statement_timeout: STATEMENT_LIMIT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_LIMIT_MS,
    options: options.isForgetful ? `${SESSION_SETTINGS} ${FORGETFUL_SETTINGS}` : SESSION_SETTINGS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types,
  };
}

/** A pool whose idle connections may break without ending the process: the next query says so. */
export function openPool(options: ConnectionOptions & { readonly poolSize: number }): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(options), max: options.poolSize, idleTimeoutMillis: IDLE_CONNECTION_MS });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    expectAnswers(client, options.answerLimitMs ?? ANSWER_LIMIT_MS);
  });
  return pool;
}

/**
 * Cuts a connection on which what was sent is not answered. A half-open one (a router forgot it, the server's machine is
 * gone) would otherwise keep its query, and whoever waits for it, until the kernel gives up: a quarter of an hour. While
 * nothing is sent the kernel's own probes watch it.
 */
export function expectAnswers(client: pg.ClientBase, limitMs = ANSWER_LIMIT_MS): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  let deadline: NodeJS.Timeout | undefined;
  const answered = (): void => {
    clearTimeout(deadline);
    deadline = undefined;
  };
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]) => {
    deadline ??= setTimeout(() => stream.destroy(new Error(`no answer within ${limitMs / 1000} s`)), limitMs).unref();
    return write(...args);
  };
  stream.on('data', answered).once('close', answered);
}

/** One connection outside any pool, for LISTEN and session locks. Not limited in idle time. */
export function openClient(options: ConnectionOptions): pg.Client {
  const client = new pg.Client({ ...clientConfig(options), statement_timeout: 0 });
  client.on('error', () => undefined);
  return client;
}

/** `host:port/database` for messages; never the password. */
export function describeConnection(connection: StoreConnection): string {
  if (!('url' in connection)) return `${connection.host}:${connection.port}/${connection.database}`;
  try {
    const url = new URL(connection.url);
    const host = url.searchParams.get('host') ?? url.hostname;
    return `${decodeURIComponent(host)}:${url.port || '5432'}${url.pathname}`;
  } catch {
    return 'the configured PostgreSQL URL';
  }
}
