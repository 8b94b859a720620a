/** Sharing mailboxes out among nodes: fair, fenced, taken over in seconds. Short times stand for long ones. */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PostgresStore } from '../src/index.ts';
import { observation, registration, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';

const opened = openTestStore();
const MAILBOXES = Array.from({ length: 90 }, (_, index) => mailboxAddress(`user${index}@example.test`));
const LONG = 60_000;

beforeEach(async () => {
  await ask(opened.store, 'update tcc.mailboxes set lease_node = null');
  await ask(opened.store, 'delete from tcc.nodes');
  await opened.store.saveMailboxes(
    MAILBOXES.map((address, index) => registration(address, { priority: index < 5 ? 1 : 10 })),
  );
});

const beat = (store: PostgresStore, id: string, deadAfterMs = LONG, name = id) => store.beat({ id, name, deadAfterMs });

/** Makes a node silent for so long, in the database's own time. */
const silence = (id: string, ms: number) =>
  ask(
    opened.store,
    `update tcc.nodes set beat_at = beat_at - interval '${ms} ms', lease_until = lease_until - interval '${ms} ms' where id = '${id}'`,
  );

async function acquire(store: PostgresStore, ...ids: string[]) {
  return Promise.all(ids.map((id) => store.acquireLeases(id, LONG)));
}

describe('mailboxes are shared out', () => {
  test('all to one node, then fairly when others join, without overlap', async () => {
    const [a, b, c] = [opened.store, opened.another(), opened.another()];
    expect(await beat(a, 'a')).toEqual({ nodes: 1, freed: 0 });
    expect(await a.acquireLeases('a', LONG)).toHaveLength(90);
    await beat(b, 'b');
    expect(await beat(c, 'c')).toMatchObject({ nodes: 3 });
    expect((await a.acquireLeases('a', LONG)).length).toBe(30);
    expect((await b.acquireLeases('b', LONG)).length).toBe(30);
    expect((await c.acquireLeases('c', LONG)).length).toBe(30);
    const all = (await acquire(a, 'a', 'b', 'c')).flat().map((grant) => grant.mailbox);
    expect(new Set(all).size).toBe(90);
  });

  test('the most urgent first, and those without a licence not at all', async () => {
    await opened.store.saveMailboxes([
      registration(MAILBOXES[0] ?? mailboxAddress('x'), { priority: 5 }),
      registration(MAILBOXES[1] ?? mailboxAddress('x'), { priority: 1 }),
      registration(MAILBOXES[2] ?? mailboxAddress('x'), { licensed: false }),
    ]);
    await beat(opened.store, 'a');
    const grants = await opened.store.acquireLeases('a', LONG);
    expect(grants.map((grant) => grant.mailbox)).toEqual([MAILBOXES[1], MAILBOXES[0]]);
  });

  test("renewing writes the node's row only", async () => {
    await beat(opened.store, 'a');
    const first = await opened.store.acquireLeases('a', LONG);
    const before = await ask(opened.store, 'select id, xmin::text from tcc.mailboxes order by id');
    expect(await opened.store.acquireLeases('a', LONG)).toEqual(first);
    expect(await ask(opened.store, 'select id, xmin::text from tcc.mailboxes order by id')).toEqual(before);
  });

  test('a mailbox that loses its licence is given back', async () => {
    await beat(opened.store, 'a');
    await opened.store.acquireLeases('a', LONG);
    await opened.store.saveMailboxes(MAILBOXES.slice(10).map((address) => registration(address)));
    expect(await opened.store.acquireLeases('a', LONG)).toHaveLength(80);
  });

  test('a node that leaves is replaced at once', async () => {
    await beat(opened.store, 'a');
    await beat(opened.store, 'b');
    await acquire(opened.store, 'a', 'b');
    await opened.store.releaseLeases('a');
    expect(await beat(opened.store, 'b')).toMatchObject({ nodes: 1 });
    expect(await opened.store.acquireLeases('b', LONG)).toHaveLength(90);
  });
});

describe('a node that is silent', () => {
  test('loses its mailboxes to the others; its own commits are refused from then on', async () => {
    const [stale, fresh] = [opened.another(), opened.another()];
    await beat(stale, 'stale');
    const [grant] = await stale.acquireLeases('stale', LONG);
    if (!grant) throw new Error('no grant');
    await silence('stale', LONG * 2);
    expect(await beat(fresh, 'fresh')).toEqual({ nodes: 1, freed: 90 });
    const taken = (await fresh.acquireLeases('fresh', LONG)).find((one) => one.mailbox === grant.mailbox);
    expect(taken?.fence).toBe(grant.fence + 1);
    const write = observation(grant.mailbox, [undefined, 'c1'], { fence: grant.fence, changed: [single('late')] });
    expect(await stale.commitObservation(write)).toEqual({ outcome: 'fenced' });
    expect(await fresh.commitObservation({ ...write, fence: taken?.fence ?? -1 })).toMatchObject({
      outcome: 'committed',
    });
  });

  test('whose lease ran out but was not taken yet may still write, and keeps its fence when it renews', async () => {
    await beat(opened.store, 'a');
    const before = await opened.store.acquireLeases('a', LONG);
    await silence('a', LONG * 2);
    expect(await opened.store.acquireLeases('a', LONG)).toEqual(before);
  });

  test('is shared out by whoever comes first, even when all come at once', async () => {
    await beat(opened.store, 'dead');
    await opened.store.acquireLeases('dead', LONG);
    await silence('dead', LONG * 2);
    const stores = [opened.another(), opened.another(), opened.another()];
    const freed = await Promise.all(stores.map((store, index) => beat(store, `n${index}`)));
    expect(freed.reduce((sum, one) => sum + one.freed, 0)).toBe(90);
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(stores.map((store, index) => store.acquireLeases(`n${index}`, LONG)));
    }
    const held = await ask<{ n: number }>(opened.store, 'select count(*) as n from tcc.mailboxes group by lease_node');
    expect(held.map((row) => row.n)).toEqual([30, 30, 30]);
  });

  test('and wakes up, joins again as if new', async () => {
    const [a, b] = [opened.another(), opened.another()];
    await beat(a, 'a');
    await a.acquireLeases('a', LONG);
    await silence('a', LONG * 2);
    await beat(b, 'b');
    await b.acquireLeases('b', LONG);
    expect(await beat(a, 'a')).toMatchObject({ nodes: 2 });
    await b.acquireLeases('b', LONG);
    expect(await a.acquireLeases('a', LONG)).toHaveLength(45);
  });

  test("that holds a mailbox's row in a standing transaction keeps it for seconds only", async () => {
    const paused = opened.another();
    await beat(opened.store, 'b');
    const { sql } = await import('kysely');
    const standing = paused.internals.db.connection().execute(async (connection) => {
      await sql`begin`.execute(connection);
      await sql`select * from tcc.mailboxes for update`.execute(connection);
      await sql`set idle_in_transaction_session_timeout = 300`.execute(connection);
      await new Promise((done) => setTimeout(done, 1_000));
      await sql`commit`.execute(connection);
    });
    await Promise.all([
      expect(standing).rejects.toThrow(),
      (async () => {
        for (let rounds = 0; (await opened.store.acquireLeases('b', LONG)).length < 90; rounds += 1) {
          if (rounds > 500) throw new Error('the mailboxes never came free');
        }
      })(),
    ]);
  });
});

describe('a node whose process has ended', () => {
  /** Beats until the server has noticed the end of the other one's session, at most so often. */
  async function beatUntilFreed(store: PostgresStore, rounds: number) {
    let result = await beat(store, 'heir');
    for (let round = 0; result.freed === 0 && round < rounds; round += 1) result = await beat(store, 'heir');
    return result;
  }

  test('is buried after half the silence: nobody holds its session', async () => {
    const [killed, heir] = [opened.another(), opened.another()];
    await beat(killed, 'killed');
    await killed.acquireLeases('killed', LONG);
    await killed.internals.session.close();
    expect(await beatUntilFreed(heir, 20)).toEqual({ nodes: 2, freed: 0 });
    await silence('killed', LONG * 0.6);
    expect(await beatUntilFreed(heir, 200)).toEqual({ nodes: 1, freed: 90 });
  });

  test('is told from one that only stands still: that one has all its time', async () => {
    const [paused, heir] = [opened.another(), opened.another()];
    await beat(paused, 'paused');
    await paused.acquireLeases('paused', LONG);
    await silence('paused', LONG * 0.6);
    expect(await beatUntilFreed(heir, 20)).toEqual({ nodes: 2, freed: 0 });
  });
});

describe('a node of the same name', () => {
  test('that crashed and restarted is buried at once: nobody holds its session any more', async () => {
    const [crashed, restarted] = [opened.another(), opened.another()];
    await beat(crashed, 'run-1', LONG, 'node-a');
    await crashed.acquireLeases('run-1', LONG);
    await crashed.internals.session.close();
    let result = await beat(restarted, 'run-2', LONG, 'node-a');
    for (let rounds = 0; result.freed === 0 && rounds < 200; rounds += 1)
      result = await beat(restarted, 'run-2', LONG, 'node-a');
    expect(result).toEqual({ nodes: 1, freed: 90 });
    expect(await restarted.acquireLeases('run-2', LONG)).toHaveLength(90);
  });

  test('that lives is left alone: two nodes may bear one name', async () => {
    const [one, two] = [opened.another(), opened.another()];
    await beat(one, 'run-1', LONG, 'node-a');
    await one.acquireLeases('run-1', LONG);
    expect(await beat(two, 'run-2', LONG, 'node-a')).toEqual({ nodes: 2, freed: 0 });
  });
});
