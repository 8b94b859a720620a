/** Finds the embedded server that a running connector keeps, so that a command beside it uses the same one. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EMBEDDED_USER, PASSWORD_FILE } from './data-directory.ts';
import { isAlive } from './orphan.ts';
import type { EmbeddedPostgres } from './server.ts';

/** Lines of PostgreSQL's lock file (its miscadmin.h); the last says whether it takes connections. */
const LINE = { pid: 0, port: 3, status: 7 } as const;

/** Where the server of this data directory listens; undefined when none runs there. */
export async function findEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres['connection'] | undefined> {
  const folder = resolve(dataDir);
  const [lock, secret] = await Promise.all([
    readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => ''),
    readFile(join(folder, PASSWORD_FILE), 'utf8').catch(() => ''),
  ]);
  const lines = lock.split('\n').map((line) => line.trim());
  const [pid, port] = [Number(lines[LINE.pid]), Number(lines[LINE.port])];
  if (!(pid > 0) || !(port > 0) || lines[LINE.status] !== 'ready' || !isAlive(pid)) return undefined;
  return { host: '127.0.0.1', port, user: EMBEDDED_USER, password: secret.trim(), database: 'postgres' };
}
