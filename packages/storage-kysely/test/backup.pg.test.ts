/** Backup and restore: everything comes back, nothing half, and nothing of before is mistaken for now. */
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { conferenceId, itemId, meetingKey, trueConfServerId } from '@calendar-connector/calendar-model';
import type { Baseline } from '@calendar-connector/sync-core';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../tooling/test/database.ts';
import type { BackupEnd } from '../src/backup/format.ts';
import type { PostgresStore } from '../src/index.ts';
import { openStore } from '../src/index.ts';
import { ANNA, BORIS, DAY, MONDAY, observation, registration, series, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';

const opened = openTestStore();
const SERVER = trueConfServerId('server.example.test#vcs');
const KEY = meetingKey({ uid: 'uid-a' });
const BASELINE: Baseline = {
  version: 1,
  starts: [],
  cancelled: false,
  removed: false,
  binding: { serverId: SERVER, conferenceId: conferenceId('c1'), ownership: 'created', url: 'https://x/c/c1' },
};

async function fill(store: PostgresStore): Promise<void> {
  await store.saveMailboxes([registration(ANNA), registration(BORIS)]);
  const many = Array.from({ length: 1_200 }, (_, n) => single(`n${n}`, { subject: `Тема ${n} "x" \u001e` }));
  await store.commitObservation(
    observation(ANNA, [undefined, 'c1'], { changed: [single('a'), series('open'), ...many] }),
  );
  await store.commitObservation(observation(BORIS, [undefined, 'b1'], { changed: [single('a')] }));
  await store.commitObservation(observation(BORIS, ['b1', 'b2'], { removed: [itemId('a')] }));
  const at = Date.now() + DAY;
  await store.commitSettlement({
    key: KEY,
    version: 0,
    baseline: BASELINE,
    startsToSchedule: [{ meeting: KEY, serverId: SERVER, conferenceId: conferenceId('c1'), occurrenceStart: at, at }],
    startsToCancel: [],
    removals: [{ mailbox: BORIS, itemId: itemId('a') }],
    visibleChange: true,
    timeline: [{ at: MONDAY, meeting: KEY, stage: 'settled', what: 'R1' }],
  });
  await store.saveConferenceState(SERVER, conferenceId('c1'), 'running');
  await store.beginWrite(ANNA, 'key', 'hash');
  await store.saveAnomaly({ id: 'x', at: MONDAY, kind: 'loop', facts: { n: 1 } });
  await store.saveMirror({ serverId: SERVER, conferenceId: conferenceId('m'), mailbox: ANNA, seenAt: MONDAY });
}

async function backedUp(store: PostgresStore): Promise<Buffer> {
  const file = new PassThrough();
  const [bytes] = await Promise.all([buffer(file), store.backup(file)]);
  return bytes;
}

async function intoEmpty(file: Buffer, work: (store: PostgresStore) => Promise<void>): Promise<void> {
  await using database = await createTestDatabase({ empty: true });
  const store = openStore({ connection: database.connection, applicationName: 'restored', poolSize: 3 });
  try {
    await store.restore(Readable.from([file]));
    await work(store);
  } finally {
    await store.close();
  }
}

test('a backup restored into an empty database answers as before, jobs included', async () => {
  await fill(opened.store);
  const file = await backedUp(opened.store);
  await intoEmpty(file, async (store) => {
    const window = async (of: PostgresStore) => (await of.listItemsInWindow(ANNA, MONDAY - DAY, MONDAY + DAY)).items;
    expect(await window(store)).toEqual(await window(opened.store));
    expect(await store.loadMeeting(KEY)).toEqual(await opened.store.loadMeeting(KEY));
    expect(await store.findMailbox(ANNA)).toMatchObject({ cursor: 'c1', liveItems: 1_202 });
    const jobs = `select task_identifier, key, run_at, max_attempts from graphile_worker.jobs order by key`;
    expect(await ask(store, jobs)).toEqual(await ask(opened.store, jobs));
    expect(await store.listTimeline(KEY, 5)).toHaveLength(1);
    expect(await store.listAnomalies(true)).toEqual(await opened.store.listAnomalies(true));
    expect(await store.listMirrors(SERVER)).toHaveLength(1);
    expect(await store.beginWrite(ANNA, 'key', 'hash')).toEqual({ state: 'pending' });
    expect(await store.checkDrift()).toEqual([]);
    await store.commitObservation(observation(ANNA, ['c1', 'c2'], { fence: 1_000_000, changed: [single('new')] }));
    await store.saveMailboxes([registration(ANNA), registration(BORIS), registration('carl@example.test' as never)]);
  });
});

test('after a restore stale nodes are refused and clients list again', async () => {
  const file = await backedUp(opened.store);
  await intoEmpty(file, async (store) => {
    const old = observation(ANNA, ['c1', 'c2'], { fence: 0, changed: [single('late')] });
    expect(await store.commitObservation(old)).toEqual({ outcome: 'fenced' });
    expect(await store.changesSince(ANNA, 1, 5)).toMatchObject({ resync: true });
    const [job] = await ask<{ locked: number }>(store, 'select count(locked_at) as locked from graphile_worker.jobs');
    expect(job?.locked).toBe(0);
  });
});

test('a backup of the schema before is loaded into that and brought up to date', async () => {
  const text = gunzipSync(await backedUp(opened.store)).toString('utf8');
  const older = text.replace(/"schema":\d+/, '"schema":1');
  const body = older.slice(0, older.lastIndexOf('end\t'));
  const end = JSON.parse(older.slice(body.length + 'end\t'.length)) as BackupEnd;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const file = gzipSync(`${body}end\t${JSON.stringify({ ...end, sha256 })}\n`);
  await intoEmpty(file, async (store) => {
    expect(await store.listMailboxes()).toHaveLength(2);
    expect(await store.findRules()).toBeUndefined();
    expect((await store.planMigration()).pending).toEqual([]);
  });
});

test('a database that holds data is not overwritten', async () => {
  const file = await backedUp(opened.store);
  await expect(opened.store.restore(Readable.from([file]))).rejects.toMatchObject({ code: 'restore.filled' });
});

test('a file that is cut, altered, newer or something else is refused and leaves nothing', async () => {
  const file = await backedUp(opened.store);
  const text = gunzipSync(file).toString('utf8');
  const cases: ReadonlyArray<readonly [Buffer, string]> = [
    [file.subarray(0, file.length - 40), 'restore.unreadable'],
    [gzipSync(text.slice(0, text.lastIndexOf('end\t'))), 'restore.truncated'],
    [gzipSync(text.replace('Тема 7', 'Тема 8')), 'restore.damaged'],
    [gzipSync(text.replace(/"schema":\d+/, '"schema":999')), 'restore.newer'],
    [gzipSync(text.replaceAll('\nmirrors\t', '\npg_authid\t')), 'restore.unreadable'],
    [Buffer.from('hello'), 'restore.unreadable'],
    [gzipSync('head\t{}\n'), 'restore.unreadable'],
    [gzipSync(''), 'restore.truncated'],
  ];
  await using database = await createTestDatabase({ empty: true });
  const store = openStore({ connection: database.connection, applicationName: 'restored', poolSize: 2 });
  for (const [damaged, code] of cases) {
    await expect(store.restore(Readable.from([damaged]))).rejects.toMatchObject({ code });
  }
  await store.migrate();
  expect(await store.listMailboxes()).toEqual([]);
  await store.restore(Readable.from([file]));
  expect(await store.listMailboxes()).toHaveLength(2);
  await store.close();
});

test('an empty database has nothing to back up', async () => {
  await using database = await createTestDatabase({ empty: true });
  const store = openStore({ connection: database.connection, applicationName: 'empty', poolSize: 2 });
  await expect(store.backup(new PassThrough())).rejects.toMatchObject({ code: 'backup.empty' });
  await store.close();
});
