/** The embedded server's life: it keeps data, dies with its parent, recovers, and says what is wrong. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBinaries } from '../src/embedded/binaries.ts';
import { isAlive } from '../src/embedded/orphan.ts';
import type { EmbeddedPostgres } from '../src/index.ts';
import { createDatabase, openStore, startEmbeddedPostgres } from '../src/index.ts';
import { ANNA, registration } from './items.ts';
import { runProgram } from './programs/run-program.ts';

let folder = '';
let servers: EmbeddedPostgres[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tcc-embedded-'));
  await chmod(folder, 0o755);
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: false, ...options });
  servers.push(server);
  return server;
}

async function gone(pid: number): Promise<void> {
  for (let round = 0; isAlive(pid); round += 1) {
    if (round > 1_000) throw new Error(`process ${pid} lives on`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

async function mailboxes(server: EmbeddedPostgres, database = 'kept'): Promise<number> {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  const store = openStore({ connection: { url: url.href }, applicationName: 'test', poolSize: 1 });
  try {
    return (await store.listMailboxes()).length;
  } finally {
    await store.close();
  }
}

async function fill(server: EmbeddedPostgres): Promise<void> {
  const connection = await createDatabase({ url: server.url }, 'kept');
  const store = openStore({ connection, applicationName: 'test', poolSize: 2 });
  await store.migrate();
  await store.saveMailboxes([registration(ANNA)]);
  await store.close();
}

describe('an embedded server', () => {
  test('keeps its data between starts', async () => {
    const first = await start();
    await fill(first);
    await first.stop();
    expect(await mailboxes(await start())).toBe(1);
  });

  test('serves on a socket only, when told to', async () => {
    const socket = join(folder, 'socket');
    await mkdir(socket, { mode: 0o777 });
    await chmod(socket, 0o777);
    const server = await start({ socket });
    await fill(server);
    expect(server.connection.host).toBe(socket);
    expect(await mailboxes(server)).toBe(1);
  });

  test('ends with its parent, even one that is killed, and comes back with its data', async () => {
    await using parent = runProgram<{ pid: number; url: string }>('embedded-parent', join(folder, 'data'));
    const { pid, url } = await parent.next();
    await fill({ url } as EmbeddedPostgres);
    await parent.kill();
    await gone(pid);
    expect(await mailboxes(await start())).toBe(1);
  });

  test('that was killed recovers', async () => {
    const first = await start({ durable: true });
    await fill(first);
    process.kill(first.pid, 'SIGKILL');
    await gone(first.pid);
    expect(await mailboxes(await start({ durable: true }))).toBe(1);
  });

  test('is not kept away by a lock file whose process is another program now', async () => {
    await (await start()).stop();
    await writeFile(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n`);
    expect((await start()).pid).toBeGreaterThan(0);
    expect(Number.parseInt(await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10)).not.toBe(process.pid);
  });
});

describe('a start is refused, with its reason,', () => {
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'started',
      (error: { code: string; message: string }) => error,
    );

  test('in a folder another server of ours uses', async () => {
    await start();
    expect(await refusal(start())).toMatchObject({ code: 'embedded.inUse', message: expect.stringMatching(/in use/) });
  });

  test('in a folder of another major version', async () => {
    await (await start()).stop();
    await writeFile(join(folder, 'data', 'PG_VERSION'), '13\n');
    expect(await refusal(start())).toMatchObject({
      code: 'embedded.otherVersion',
      message: expect.stringMatching(/PostgreSQL 13/),
    });
  });

  test('in a folder that holds something else', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'letter.txt'), 'x');
    expect(await refusal(start())).toMatchObject({ code: 'embedded.foreign' });
  });

  test('in a folder its user may not enter', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: process.getuid?.() === 0 ? 0o700 : 0o500 });
    expect(await refusal(start({ dataDir: join(closed, 'data') }))).toMatchObject({ code: 'embedded.permission' });
  });

  test('on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await refusal(start({ port }))).toMatchObject({
      code: 'embedded.portInUse',
      message: expect.stringContaining(`${port}`),
    });
    await new Promise((done) => taken.close(done));
  });

  test('where there is no PostgreSQL', async () => {
    expect(await refusal(findBinaries(join(folder, 'nowhere')))).toMatchObject({ code: 'embedded.binariesMissing' });
    expect(await refusal(findBinaries(undefined, 'sunos-sparc'))).toMatchObject({ code: 'embedded.platform' });
    expect(await refusal(findBinaries(undefined, 'darwin-x64'))).toMatchObject({ code: 'embedded.binariesMissing' });
  });
});
