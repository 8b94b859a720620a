/**
 * What a predecessor left in the data directory. A lock file of a process that is gone (or is no PostgreSQL) is removed;
 * a server whose parent died is stopped; one that somebody still runs is respected.
 */
import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { embeddedError } from './binaries.ts';

const STOP_LIMIT_MS = 10_000;
const STOP_POLL_MS = 25;

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function isServerOf(pid: number, dataDirectory: string): Promise<boolean> {
  const command = (await readText(`/proc/${pid}/cmdline`)).split('\0');
  if (command.length > 1) return (command[0] ?? '').endsWith('postgres') && command.includes(dataDirectory);
  return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === dataDirectory;
}

async function parentOf(pid: number): Promise<number> {
  const status = await readText(`/proc/${pid}/status`);
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clears the way for a new server, or says who is in it. */
export async function clearPredecessor(dataDirectory: string): Promise<void> {
  const lockFile = join(dataDirectory, 'postmaster.pid');
  const pid = Number.parseInt(await readText(lockFile), 10);
  if (!Number.isInteger(pid) || pid <= 0) {
    await rm(lockFile, { force: true });
    return;
  }
  if (!isAlive(pid) || !(await isServerOf(pid, dataDirectory))) {
    await rm(lockFile, { force: true });
    return;
  }
  if ((await parentOf(pid)) > 1) {
    throw embeddedError(
      'inUse',
      `${dataDirectory} is in use by another running connector (PostgreSQL process ${pid}): stop it or choose another directory`,
    );
  }
  await stopOrphan(pid);
}

async function stopOrphan(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    for (let waited = 0; waited < STOP_LIMIT_MS; waited += STOP_POLL_MS) {
      if (!isAlive(pid)) return;
      await delay(STOP_POLL_MS);
    }
  }
}
