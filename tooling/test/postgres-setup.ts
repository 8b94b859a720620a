/**
 * vitest's global set-up for the projects that need a database: one embedded PostgreSQL per run, however many projects
 * ask for it, without fsync, and a migrated template that test files copy (database.ts). Gone when the run is over.
 * The server runs in a process of its own, because vitest resolves set-up files without our source condition.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DATABASE_URL } from './postgres-names.ts';

interface Run {
  users: number;
  readonly server: ChildProcess;
  readonly url: Promise<string>;
}

/** The projects of one run load this file separately; the process is what they share. */
const RUN = Symbol.for('tcc.test.postgres');
const shared = globalThis as { [RUN]?: Run | undefined };

async function urlOf(server: ChildProcess): Promise<string> {
  if (!server.stdout) throw new Error('the test database has no output');
  for await (const line of createInterface({ input: server.stdout })) return line;
  throw new Error('the test database did not start; its output stands above');
}

function startServer(): Run {
  const program = join(import.meta.dirname, 'postgres-server.ts');
  const server = spawn(process.execPath, ['--conditions=@tcc/source', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  return { users: 0, server, url: urlOf(server) };
}

export async function setup(): Promise<void> {
  shared[RUN] ??= startServer();
  shared[RUN].users += 1;
  process.env[DATABASE_URL] = await shared[RUN].url;
}

export async function teardown(): Promise<void> {
  const run = shared[RUN];
  if (!run) return;
  run.users -= 1;
  if (run.users > 0) return;
  shared[RUN] = undefined;
  run.server.stdin?.end();
  if (run.server.exitCode === null) await once(run.server, 'exit');
}
