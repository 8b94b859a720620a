/** Files under var/lib/calendar: read with a bound, written whole or not at all, owned by whoever owns the folder. */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { LicenceError } from './fault.ts';

const MAX_FILE_BYTES = 256 * 1024;

export interface StateFiles {
  /** the installation's key pair (0600) */
  readonly installation: string;
  /** licence, last lease, revocation */
  readonly licence: string;
  /** the latest time this installation has seen */
  readonly clock: string;
  /** what the offline request asked */
  readonly pendingRequest: string;
  /** the request itself, for the manager */
  readonly offlineRequest: string;
}

export function stateFiles(directory: string): StateFiles {
  return {
    installation: join(directory, 'installation.json'),
    licence: join(directory, 'licence.json'),
    clock: join(directory, 'licence-clock.json'),
    pendingRequest: join(directory, 'regoffline.json'),
    offlineRequest: join(directory, 'regoffline.crg'),
  };
}

/** The text of a file, undefined when there is none; throws LicenceError when it cannot be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > MAX_FILE_BYTES) throw new LicenceError({ code: 'fileDamaged', path });
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof LicenceError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LicenceError({ code: 'fileUnreadable', path, reason: code });
  }
}

/** A JSON file of ours; throws LicenceError('fileDamaged') when it does not hold what it should. */
export async function readState<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new LicenceError({ code: 'fileDamaged', path });
  return parsed.data;
}

export async function writeState(path: string, value: object, mode = 0o600): Promise<void> {
  await writeText(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/** Writes beside, syncs, renames: a crash leaves the old content or the new one. */
export async function writeText(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await adoptOwner(temporary, dirname(path));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new LicenceError({ code: 'fileNotWritable', path, reason: codeOf(error) });
  }
}

/** An administrator registers as root; the service's user must be able to read the result. */
async function adoptOwner(path: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await chown(path, uid, gid);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
