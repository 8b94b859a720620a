/**
 * `pnpm bench:ready`: from starting the process to READY=1, with 10,000 mailboxes in the database (issue 8), beside the
 * floor: the same program with one mailbox. It is the executable that the packages install, against a PostgreSQL and
 * fakes in processes of their own. Node cannot listen for systemd's datagrams, so a script stands for `systemd-notify`.
 * Medians of several starts; the first one of each kind only warms the machine's caches. A missed goal ends with code 1.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDatabase, startEmbeddedPostgres } from '@calendar-connector/storage-kysely';
import { buildProgram } from '../package/program.ts';
import { openScene, type Scene } from '../scene/scene.ts';
import { seedMailboxes } from './ready-seed.ts';

const MAILBOXES = 10_000;
const ITEMS_PER_MAILBOX = 5;
const STARTS = 5;
const GOAL_MS = 1_500;
const START_LIMIT_MS = 60_000;
const USER_HZ = 100;

interface Start {
  readonly readyMs: number;
  /** processor time the program had used by then */
  readonly cpuMs: number;
}

/** The program on a stage of its own, started again and again. */
class Starter {
  readonly #program: string;
  readonly #scene: Scene;
  readonly #folder: string;

  constructor(program: string, scene: Scene, folder: string) {
    this.#program = program;
    this.#scene = scene;
    this.#folder = folder;
  }

  async start(): Promise<Start> {
    const notices = path.join(this.#folder, 'notices');
    writeFileSync(notices, '');
    const watching = watchFor(notices, 'READY=1');
    const from = performance.now();
    const child = spawn(this.#program, ['--root', this.#scene.root], {
      env: {
        ...process.env,
        TZ: 'UTC',
        PATH: `${this.#folder}:${process.env.PATH}`,
        NOTIFY_SOCKET: notices,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = collect(child);
    try {
      await Promise.race([watching, endOf(child, said)]);
      return { readyMs: performance.now() - from, cpuMs: cpuOf(child.pid ?? 0) };
    } finally {
      await stop(child);
    }
  }
}

/** Keeps the end of what a process says, for the message should it not start. */
function collect(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2_000);
    });
  }
  return () => said;
}

/** Resolves when the file says `word`. */
async function watchFor(file: string, word: string): Promise<void> {
  for await (const _ of watch(file, { signal: AbortSignal.timeout(START_LIMIT_MS) })) {
    if (readFileSync(file, 'utf8').includes(word)) return;
  }
}

async function endOf(child: ChildProcess, said: () => string): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`tc_calendar ended with ${code} before it was ready: ${said()}`);
}

function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / USER_HZ;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function measure(program: string, folder: string, mailboxes: number): Promise<readonly Start[]> {
  const server = await startEmbeddedPostgres({ dataDir: path.join(folder, `pg-${mailboxes}`), durable: true });
  try {
    const connection = await createDatabase({ url: server.url }, 'ready');
    const { host, port, user, password } = server.connection;
    const scene = await openScene({ mailboxes, database: { host, port, user, password, database: 'ready' } });
    try {
      await seedMailboxes(connection, {
        mailboxes,
        itemsPerMailbox: ITEMS_PER_MAILBOX,
        exchange: scene.addresses.exchange,
      });
      const starter = new Starter(program, scene, folder);
      const starts: Start[] = [];
      for (let turn = 0; turn <= STARTS; turn += 1) starts.push(await starter.start());
      return starts.slice(1);
    } finally {
      await scene.close();
    }
  } finally {
    await server.stop();
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function line(name: string, starts: readonly Start[]): string {
  const list = starts.map((one) => Math.round(one.readyMs)).join(', ');
  const cpu = Math.round(median(starts.map((one) => one.cpuMs)));
  return `${name}  ${Math.round(median(starts.map((one) => one.readyMs)))} ms (${list}; ${cpu} ms of processor time)`;
}

const folder = mkdtempSync(path.join(tmpdir(), 'tcc-ready-'));
try {
  // Started by root, the embedded PostgreSQL runs as another user and has to walk through here.
  chmodSync(folder, 0o755);
  const program = await buildProgram(folder);
  // systemd-notify --pid=N READY=1 STATUS=…
  writeFileSync(path.join(folder, 'systemd-notify'), '#!/bin/sh\nprintf "%s\\n" "$*" >> "$NOTIFY_SOCKET"\n', {
    mode: 0o755,
  });
  const floor = await measure(program, folder, 1);
  console.log(`  --  ${line('floor: ready with 1 mailbox', floor)}`);
  const full = await measure(program, folder, MAILBOXES);
  const met = median(full.map((one) => one.readyMs)) <= GOAL_MS;
  console.log(
    `${met ? '  ok' : 'MISS'}  ${line(`ready with ${MAILBOXES} mailboxes`, full)}   (goal: <= ${GOAL_MS} ms)`,
  );
  process.exitCode = met ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
