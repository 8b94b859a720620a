/**
 * The data directory of the embedded server: made on first use, checked on every other. PostgreSQL refuses to run as
 * root, so for root everything belongs to and runs as `nobody`.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import { embeddedError } from './binaries.ts';

const run = promisify(execFile);
const INITDB_LIMIT_MS = 120_000;
export const PASSWORD_FILE = 'connector-password';
export const EMBEDDED_USER = 'connector';

/** Uid and gid the server runs as; undefined: those of this process. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: RunAs = { uid: 65_534, gid: 65_534 };

export function runAs(): RunAs | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

interface DataDirectory {
  readonly path: string;
  readonly password: string;
}

/** Makes the directory if it is absent or empty; refuses one of another major version. */
export async function prepareDataDirectory(path: string, binaries: Binaries, durable: boolean): Promise<DataDirectory> {
  const version = await readVersion(path);
  if (version === undefined) return createDataDirectory(path, binaries, durable);
  await refuseOtherVersion(path, version, binaries);
  return { path, password: await readPassword(path) };
}

async function readVersion(path: string): Promise<string | undefined> {
  try {
    return (await readFile(join(path, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw accessError(path, error);
  }
}

async function readPassword(path: string): Promise<string> {
  try {
    return (await readFile(join(path, PASSWORD_FILE), 'utf8')).trim();
  } catch (error) {
    throw embeddedError(
      'foreign',
      `${path} is a PostgreSQL data directory, but not one of the connector (${PASSWORD_FILE} is missing): choose another directory`,
      error,
    );
  }
}

async function refuseOtherVersion(path: string, found: string, binaries: Binaries): Promise<void> {
  const { stdout } = await run(binaries.postgres, ['--version'], spawnOptions());
  const ours = /(\d+)/.exec(stdout)?.[1] ?? '?';
  if (found === ours) return;
  throw embeddedError(
    'otherVersion',
    `${path} was made by PostgreSQL ${found}, this is PostgreSQL ${ours}: back up with the version that made it, move the directory away, start, and restore`,
  );
}

function accessError(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOSPC') return embeddedError('diskFull', `the disk of ${path} is full: free space`, error);
  const who = runAs() ? 'user nobody (PostgreSQL never runs as root)' : 'this user';
  return embeddedError(
    'permission',
    `${path} cannot be used by ${who} (${code}): correct its owner and mode, and those of the folders above it`,
    error,
  );
}

export function spawnOptions(): {
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
} {
  return { ...runAs(), cwd: tmpdir(), env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } };
}

async function createDataDirectory(path: string, binaries: Binaries, durable: boolean): Promise<DataDirectory> {
  const owner = runAs();
  const password = randomBytes(24).toString('base64url');
  const passwordFile = `${path}.password`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
    if ((await readdir(path)).length > 0) {
      throw embeddedError(
        'foreign',
        `${path} is not empty and not a PostgreSQL data directory: choose another directory`,
      );
    }
    await chmod(path, 0o700);
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (owner) for (const one of [path, passwordFile]) await chown(one, owner.uid, owner.gid);
    await initialise(path, passwordFile, binaries, durable);
    await writeFile(join(path, PASSWORD_FILE), `${password}\n`, { mode: 0o600 });
    if (owner) await chown(join(path, PASSWORD_FILE), owner.uid, owner.gid);
    return { path, password };
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreError') throw error;
    throw accessError(path, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function initialise(path: string, passwordFile: string, binaries: Binaries, durable: boolean): Promise<void> {
  const options = ['--pgdata', path, '--username', EMBEDDED_USER, '--pwfile', passwordFile];
  options.push('--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', ...(durable ? [] : ['--no-sync']));
  try {
    await run(binaries.initdb, options, { ...spawnOptions(), timeout: INITDB_LIMIT_MS });
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    const output = `${(error as { stderr?: string }).stderr ?? ''}`.trim();
    if (/No space left/i.test(output))
      throw embeddedError('diskFull', `the disk of ${path} is full: free space`, error);
    if (/Permission denied|could not access/i.test(output)) throw accessError(path, { code: 'EACCES' });
    throw embeddedError('initdb', `PostgreSQL could not make ${path}: ${output.split('\n').at(-1) || error}`, error);
  }
}
