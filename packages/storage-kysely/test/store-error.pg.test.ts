/** What the store says when PostgreSQL cannot be used: the thing, the cause and the cure, as a classified failure. */
import { createServer } from 'node:net';
import { Writable } from 'node:stream';
import { isFailure } from '@calendar-connector/sync-core';
import { afterAll, describe, expect, test } from 'vitest';
import type { PostgresStore, StoreConnection } from '../src/index.ts';
import { openStore } from '../src/index.ts';
import { storeError } from '../src/store-error.ts';
import { ANNA, observation, registration, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';
import { Road } from './road.ts';

const opened = openTestStore();
const others: PostgresStore[] = [];

function openAt(change: (url: URL) => void, tls?: StoreConnection['tls']): PostgresStore {
  const url = new URL(opened.database.url);
  change(url);
  const connection = { url: url.href, ...(tls ? { tls } : {}) };
  const store = openStore({ connection, applicationName: 'test', poolSize: 2 });
  others.push(store);
  return store;
}

afterAll(() => Promise.all(others.map((store) => store.close())));

async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFailure(error)) throw new Error(`expected a failure, got ${error}`);
  return error;
}

async function unusedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return String(typeof address === 'object' ? address?.port : 0);
}

describe('a database that cannot be reached', () => {
  test('because nothing listens there', async () => {
    const port = await unusedPort();
    const failure = await failureOf(
      openAt((url) => {
        url.port = port;
      }).listMailboxes(),
    );
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED', retriable: true });
    expect(failure.message).toMatch(/is PostgreSQL running, are host and port right/);
  });

  test('because the connection is half-open: the query ends, and the next one goes another way', async () => {
    const road = await Road.to(opened.database.url);
    const connection = { url: road.url };
    const store = openStore({ connection, applicationName: 'half-open', poolSize: 1, answerLimitMs: 250 });
    others.push(store);
    await store.listMailboxes();
    road.mute();
    const failure = await failureOf(store.listMailboxes());
    expect(failure).toMatchObject({ kind: 'unavailable', retriable: true });
    road.unmute();
    expect(await store.listMailboxes()).toEqual([]);
    await store.close();
    await road.close();
  });

  test('because the connection that follows changes is half-open: it is noticed, and changes are heard again', async () => {
    const road = await Road.to(opened.database.url);
    const connection = { url: road.url };
    const store = openStore({ connection, applicationName: 'half-open', poolSize: 1, answerLimitMs: 250 });
    others.push(store);
    const heard: string[] = [];
    const listener = { onChange: (mailbox: string) => void heard.push(mailbox), onLost: () => void heard.push('lost') };
    await store.followChanges(listener);
    road.mute();
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['lost']);
    road.unmute();
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['lost', 'lost']);
    await ask(opened.store, `select pg_notify('tcc_feed', '1 anna@example.test')`);
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['lost', 'lost', 'anna@example.test']);
    await store.close();
    await road.close();
  });

  test('because the password is wrong; it is not repeated in the message', async () => {
    const failure = await failureOf(
      openAt((url) => {
        url.password = 'Top5ecret';
      }).listMailboxes(),
    );
    expect(failure).toMatchObject({ kind: 'authFailed', code: '28P01', retriable: false });
    expect(`${failure.message} ${failure.stack}`).not.toContain('Top5ecret');
  });

  test('because the database does not exist', async () => {
    const failure = await failureOf(
      openAt((url) => {
        url.pathname = '/nobody';
      }).migrate(),
    );
    expect(failure).toMatchObject({ kind: 'notFound', code: '3D000', retriable: false });
    expect(failure.message).toContain('/nobody');
  });

  test('because the migrations have not run', async () => {
    const failure = await failureOf(
      openAt((url) => {
        url.pathname = '/postgres';
      }).listMailboxes(),
    );
    expect(failure).toMatchObject({ kind: 'protocol', code: '42P01', retriable: false });
  });

  test('because TLS is wanted and the server offers none', async () => {
    const failure = await failureOf(openAt(() => undefined, {}).listMailboxes());
    expect(failure).toMatchObject({ kind: 'tls', code: 'TLS_REFUSED', retriable: false });
  });

  test('says so in its health, too', async () => {
    const port = await unusedPort();
    expect(
      await openAt((url) => {
        url.port = port;
      }).health(),
    ).toMatchObject({ ok: false, error: { code: 'ECONNREFUSED' } });
    expect(await opened.store.health()).toMatchObject({ ok: true });
  });

  test('because the store is closed', async () => {
    const store = openAt(() => undefined);
    await store.close();
    others.splice(others.indexOf(store), 1);
    expect(await failureOf(store.listMailboxes())).toMatchObject({ kind: 'aborted', retriable: false });
  });
});

describe('a connection that breaks', () => {
  test('while idle is replaced without anybody noticing', async () => {
    const store = opened.another();
    await store.listMailboxes();
    await ask(opened.store, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test 1'`);
    for (let round = 0; round < 20; round += 1) {
      const failure = await store.listMailboxes().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!failure) return;
      expect(failure).toMatchObject({ kind: 'unavailable', retriable: true });
    }
    throw new Error('the pool never recovered');
  });

  test('in the middle of a commit is an unavailable store, and the commit did not happen', async () => {
    await opened.store.saveMailboxes([registration(ANNA)]);
    const killing = observation(ANNA, [undefined, 'c1'], { changed: [single('a')], removed: ['x' as never] });
    const judgeDisappearance = () => {
      throw Object.assign(new Error('Connection terminated unexpectedly'), {});
    };
    await opened.store.commitObservation(killing);
    const failure = await failureOf(
      opened.store.commitObservation(observation(ANNA, ['c1', 'c2'], { removed: ['a' as never], judgeDisappearance })),
    );
    expect(failure).toMatchObject({ kind: 'unavailable', retriable: true });
    expect(await opened.store.findMailbox(ANNA)).toMatchObject({ cursor: 'c1', liveItems: 1 });
  });
});

describe('what PostgreSQL refuses', () => {
  test.each([
    ['53100', 'limitExceeded', true, /disk of PostgreSQL is full/],
    ['53300', 'limitExceeded', true, /max_connections/],
    ['57P01', 'unavailable', true, /connection to PostgreSQL was lost/],
    ['57P03', 'unavailable', true, /connection/],
    ['40P01', 'conflict', true, /tried again/],
    ['57014', 'timeout', true, /too long/],
    ['42501', 'forbidden', false, /lacks a right/],
    ['25006', 'forbidden', false, /read-only/],
    ['22021', 'invalidRequest', false, /refused/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', false, /CA file/],
    ['XX999', 'protocol', false, /refused the request/],
  ])('as %s is %s', (code, kind, retriable, says) => {
    const failure = storeError(Object.assign(new Error('detail'), { code }), 'commit');
    expect(failure).toMatchObject({ kind, retriable });
    expect(failure.message).toMatch(says);
    expect(failure.message).toMatch(/^commit: /);
  });

  test('as a serialisation failure is tried again by the store itself', async () => {
    const { sql } = await import('kysely');
    const { inTransaction } = await import('../src/transaction.ts');
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 3) throw Object.assign(new Error('could not serialize access'), { code: '40001' });
      return tries;
    };
    expect(await inTransaction(opened.store.internals.db, 'test', work)).toBe(3);
    const always = inTransaction(opened.store.internals.db, 'test', async (trx) => {
      await sql`do $$ begin raise exception 'x' using errcode = '40001'; end $$`.execute(trx);
    });
    expect(await failureOf(always)).toMatchObject({ kind: 'conflict', retriable: true });
  });
});

test('the probe names each point with its verdict', async () => {
  const { findings, serverVersion } = await opened.store.probe();
  expect(Number.parseInt(serverVersion, 10)).toBeGreaterThanOrEqual(13);
  const verdicts = Object.fromEntries(findings.map((one) => [one.name, one.verdict]));
  expect(verdicts).toMatchObject({
    version: 'ok',
    encoding: 'ok',
    rights: 'ok',
    durability: 'warn',
    migrations: 'ok',
    drift: 'ok',
  });
});

test('a backup that cannot be written to its end fails', async () => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  });
  expect(await failureOf(opened.store.backup(full))).toMatchObject({ code: 'ENOSPC' });
});
