/**
 * A PostgreSQL server of our own for trial, demo and tests; production connects to an external one. It listens on the
 * loopback address or a socket only, with a generated password, and ends with the process that started it, even when
 * that is killed. Data is kept between starts.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { embeddedError, findBinaries } from './binaries.ts';
import { EMBEDDED_USER, prepareDataDirectory, runAs, spawnOptions } from './data-directory.ts';
import { clearPredecessor } from './orphan.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** loopback port; absent: any free one */
  readonly port?: number;
  /** directory for a Unix socket instead of a port */
  readonly socket?: string;
  /** false: faster, but a power cut may destroy the data; for tests */
  readonly durable: boolean;
  /** another PostgreSQL's `bin` folder */
  readonly binaries?: string;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  readonly pid: number;
  /** Resolves when the server has written everything and is gone. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;
const PORT_ATTEMPTS_LIMIT = 5;
const LOG_LINES_KEPT = 30;
const READY = /database system is ready to accept connections/;

const VOLATILE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const binaries = await findBinaries(options.binaries);
  const { password } = await prepareDataDirectory(dataDir, binaries, options.durable);
  await clearPredecessor(dataDir);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (options.socket ? 5432 : await findFreePort());
    const server = await launch(binaries.postgres, settingsOf({ ...options, dataDir }, port));
    if (server.ready) return describe(server.child, { ...options, port, password });
    const taken = /Address already in use|could not bind/i.test(server.log);
    if (!taken || options.port !== undefined || attempt >= PORT_ATTEMPTS_LIMIT)
      throw startError(dataDir, port, server.log);
  }
}

function settingsOf(options: EmbeddedOptions, port: number): readonly string[] {
  const settings = [
    `listen_addresses=${options.socket ? '' : '127.0.0.1'}`,
    `unix_socket_directories=${options.socket ? resolve(options.socket) : ''}`,
    'logging_collector=off',
    'log_destination=stderr',
    'log_min_messages=warning',
    'max_connections=200',
    'shared_buffers=128MB',
    'max_wal_size=1GB',
    'dynamic_shared_memory_type=mmap',
    ...(options.durable ? [] : VOLATILE),
  ];
  return ['-D', options.dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, fail) => {
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', done);
  });
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string')
    throw embeddedError('port', 'no free port on the loopback address');
  return address.port;
}

interface Launch {
  readonly ready: boolean;
  readonly child: ChildProcess;
  readonly log: string;
}

/** `setpriv` ties the server's life to ours: the kernel interrupts it when this process is gone. */
async function commandOf(postgres: string): Promise<{ readonly program: string; readonly prefix: readonly string[] }> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const setpriv = join(folder, 'setpriv');
    const found = await access(setpriv, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!found) continue;
    const owner = runAs();
    const identity = owner ? [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : [];
    return { program: setpriv, prefix: [...identity, '--pdeathsig=INT', postgres] };
  }
  return { program: postgres, prefix: [] };
}

async function launch(postgres: string, settings: readonly string[]): Promise<Launch> {
  const { program, prefix } = await commandOf(postgres);
  const { uid, gid, ...options } = spawnOptions();
  const identity = program === postgres && uid !== undefined && gid !== undefined ? { uid, gid } : {};
  const child = spawn(program, [...prefix, ...settings], {
    ...options,
    ...identity,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  return new Promise((done) => {
    const finish = (ready: boolean) => {
      clearTimeout(timer);
      child.off('exit', onEnd);
      done({ ready, child, log: lines.join('\n') });
    };
    const onEnd = () => finish(false);
    const timer = setTimeout(() => {
      lines.push('PostgreSQL did not become ready in time');
      child.kill('SIGQUIT');
      finish(false);
    }, START_LIMIT_MS);
    child.once('exit', onEnd);
    child.once('error', (error) => {
      lines.push(error.message);
      finish(false);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line.trim() !== ''));
      lines.splice(0, Math.max(0, lines.length - LOG_LINES_KEPT));
      if (READY.test(lines.join(' '))) finish(true);
    });
  });
}

function startError(dataDir: string, port: number, log: string): Error {
  const last =
    log
      .split('\n')
      .filter((line) => /FATAL|PANIC|ERROR|HINT|in time/.test(line))
      .at(-1) ??
    log.split('\n').at(-1) ??
    '';
  if (/No space left/i.test(log)) return embeddedError('diskFull', `the disk of ${dataDir} is full: free space`);
  if (/Address already in use/i.test(log))
    return embeddedError('portInUse', `port ${port} is in use: choose another one`);
  if (/Permission denied|invalid permissions|wrong ownership/i.test(log)) {
    return embeddedError(
      'permission',
      `${dataDir} must belong to the user PostgreSQL runs as and be closed to others: ${last}`,
    );
  }
  return embeddedError('start', `PostgreSQL did not start in ${dataDir}: ${last}`);
}

function describe(child: ChildProcess, place: { port: number; socket?: string; password: string }): EmbeddedPostgres {
  const { port, password } = place;
  const host = place.socket ? resolve(place.socket) : '127.0.0.1';
  const connection = { host, port, user: EMBEDDED_USER, password, database: 'postgres' };
  const where = place.socket
    ? `localhost:${port}/postgres?host=${encodeURIComponent(host)}`
    : `${host}:${port}/postgres`;
  const url = `postgres://${EMBEDDED_USER}:${encodeURIComponent(password)}@${where}`;
  child.unref();
  (child.stderr as { unref?: () => void } | null)?.unref?.();
  return { url, connection, pid: child.pid ?? 0, stop: () => stopServer(child) };
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.ref();
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}
