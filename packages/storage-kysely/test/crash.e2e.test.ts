/** What is left when PostgreSQL or a node is killed or paused in the middle of work: everything committed, nothing half. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../tooling/test/database.ts';
import { isAlive } from '../src/embedded/orphan.ts';
import type { PostgresStore, WorkQueue } from '../src/index.ts';
import { createDatabase, openStore, openWorkQueue, startEmbeddedPostgres } from '../src/index.ts';
import { ANNA, observation, registration, single } from './items.ts';
import { ask } from './open-test-store.ts';
import { runProgram } from './programs/run-program.ts';

const ITEMS = 20;
const ROUNDS = 6;

function pageAfter(done: number) {
  const changed = Array.from({ length: ITEMS }, (_, n) => single(`p${done + 1}-${n}`));
  return observation(ANNA, [done === 0 ? undefined : `c${done}`, `c${done + 1}`], { changed });
}

/** Commits page after page until the database is gone; tells the last one that was confirmed. */
async function commitUntilGone(store: PostgresStore, done: number): Promise<number> {
  for (let page = done; ; page += 1) {
    const receipt = await store.commitObservation(pageAfter(page)).catch(() => undefined);
    if (receipt?.outcome !== 'committed') return page;
  }
}

async function pagesOf(store: PostgresStore): Promise<number> {
  for (let round = 0; round < 500; round += 1) {
    const record = await store.findMailbox(ANNA).catch(() => undefined);
    if (record) return Number(record.cursor?.slice(1) ?? 0);
    await delay(20);
  }
  throw new Error('the database never came back');
}

test('PostgreSQL killed again and again: what was confirmed is there, cursor, items and jobs agree', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tcc-crash-'));
  await chmod(folder, 0o755);
  const options = { dataDir: join(folder, 'data'), durable: true };
  let server = await startEmbeddedPostgres(options);
  const { port } = server.connection;
  const connection = await createDatabase({ url: server.url }, 'crash');
  const store = openStore({ connection, applicationName: 'crash', poolSize: 3 });
  let queue: WorkQueue | undefined;
  const planned = new Set<string>();
  try {
    await store.migrate();
    await store.saveMailboxes([registration(ANNA)]);
    let done = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const confirmed = commitUntilGone(store, done);
      await delay(60 + 50 * round);
      process.kill(server.pid, 'SIGKILL');
      const last = await confirmed;
      while (isAlive(server.pid)) await delay(10);
      server = await startEmbeddedPostgres({ ...options, port });
      done = await pagesOf(store);
      expect(done).toBeGreaterThanOrEqual(last);
      expect(done).toBeLessThanOrEqual(last + 1);
      const [row] = await ask<{ items: number; jobs: number }>(
        store,
        'select (select count(*) from tcc.items) as items, (select count(*) from graphile_worker.jobs) as jobs',
      );
      expect(row).toEqual({ items: done * ITEMS, jobs: done * ITEMS });
    }
    expect(done).toBeGreaterThan(ROUNDS);
    queue = await openWorkQueue({
      store,
      nodeId: 'crash',
      handlers: { plan_meeting: async ({ key }) => void planned.add(key), start_conference: async () => undefined },
    });
    process.kill(server.pid, 'SIGKILL');
    while (isAlive(server.pid)) await delay(10);
    server = await startEmbeddedPostgres({ ...options, port });
    for (let round = 0; planned.size < done * ITEMS; round += 1) {
      if (round > 3_000) throw new Error(`only ${planned.size} of ${done * ITEMS} meetings were planned`);
      await delay(10);
    }
  } finally {
    await queue?.stop();
    await store.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

interface NodeLine {
  readonly held: number;
  readonly committed: number;
  readonly fenced: number;
  readonly stale: number;
}

test('three nodes share 3,000 mailboxes; one is killed, one paused: every change lands once, takeover within 10 s', async () => {
  const [mailboxes, changes] = [3_000, 2];
  await using database = await createTestDatabase();
  const store = openStore({ connection: database.connection, applicationName: 'judge', poolSize: 2 });
  const addresses = Array.from({ length: mailboxes }, (_, n) => mailboxAddress(`user${n}@example.test`));
  await store.saveMailboxes(addresses.map((address) => registration(address)));
  const nodes = ['a', 'b', 'c'].map((id) => runProgram<NodeLine>('node', database.url, id, String(changes)));
  const [killed, paused, left] = nodes;
  const held = async () => {
    const rows = await ask<{ node: string | null; n: number }>(
      store,
      'select lease_node as node, count(*) as n from tcc.mailboxes group by 1',
    );
    return new Map(rows.map((row) => [row.node, row.n]));
  };
  const until = async (limitMs: number, what: string, holds: () => Promise<boolean>): Promise<number> => {
    const begun = performance.now();
    while (!(await holds())) {
      if (performance.now() - begun > limitMs)
        throw new Error(`not within ${limitMs} ms: ${what} ${JSON.stringify([...(await held())])}`);
      await delay(50);
    }
    return performance.now() - begun;
  };
  try {
    await until(60_000, 'a fair share for all', async () => {
      const shares = await held();
      return ['a', 'b', 'c'].every((id) => shares.get(id) === mailboxes / 3);
    });
    await until(60_000, 'some work done', async () => (paused?.last()?.committed ?? 0) > 50);
    paused?.process.kill('SIGSTOP');
    await killed?.kill();
    const takeover = await until(
      10_000,
      'takeover by the one that is left',
      async () => (await held()).get('c') === mailboxes,
    );
    expect(takeover).toBeLessThan(10_000);
    paused?.process.kill('SIGCONT');
    const done = `select count(*) filter (where cursor = 'c${changes}' and revision = ${changes} and live_items = ${changes}) as n from tcc.mailboxes`;
    await until(
      90_000,
      'every change landed once',
      async () => (await ask<{ n: number }>(store, done))[0]?.n === mailboxes,
    );
    await until(10_000, 'the one that woke up joins again', async () => (await held()).get('b') === mailboxes / 2);
    const [items] = await ask<{ n: number; distinct: number }>(
      store,
      'select count(*) as n, count(distinct item_hash) as distinct from tcc.items',
    );
    expect(items).toEqual({ n: mailboxes * changes, distinct: mailboxes * changes });
    expect(left?.last()?.held).toBeGreaterThan(0);
  } finally {
    for (const node of nodes) {
      node.process.kill('SIGCONT');
      await node.kill();
    }
    await store.close();
  }
});
