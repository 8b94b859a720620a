/** Items that need no plan by themselves: stored and shown like others, planned only where something was agreed on. */
import type { FolderItem, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import { itemId, mailboxAddress, meetingKey } from '@calendar-connector/calendar-model';
import { EMPTY_BASELINE, type Settlement } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { jobKey } from '../src/hashes.ts';
import { observation, registration, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';

const opened = openTestStore();
let [anna, boris] = ['', ''] as [MailboxAddress, MailboxAddress];
let uid = '';
let key: MeetingKey;
let count = 0;

beforeEach(async () => {
  count += 1;
  [anna, boris] = [mailboxAddress(`anna${count}@example.test`), mailboxAddress(`boris${count}@example.test`)];
  uid = `quiet-${count}`;
  key = meetingKey({ uid });
  await opened.store.saveMailboxes([registration(anna), registration(boris)]);
});

const needsPlan = ({ location }: FolderItem): boolean => location === 'link';

async function commit(mailbox: MailboxAddress, cursors: readonly [string | undefined, string], change: object) {
  const receipt = await opened.store.commitObservation({ ...observation(mailbox, cursors, change), needsPlan });
  if (receipt.outcome !== 'committed') throw new Error(`expected a commit, got ${receipt.outcome}`);
  return receipt;
}

function settle(version: number, change: Partial<Settlement> = {}) {
  const nothing = { startsToSchedule: [], startsToCancel: [], removals: [], visibleChange: false, timeline: [] };
  return opened.store.commitSettlement({ key, version, baseline: EMPTY_BASELINE, ...nothing, ...change });
}

async function isOrdered(name = jobKey.planNow): Promise<boolean> {
  const rows = await ask(opened.store, `select 1 from graphile_worker.jobs where key = '${name(key)}'`);
  return rows.length > 0;
}

const forget = () => ask(opened.store, 'truncate graphile_worker._private_jobs');

describe('an item that needs no plan', () => {
  test('is stored and told to clients, and nobody plans', async () => {
    const receipt = await commit(anna, [undefined, 'c1'], { changed: [single('a', { uid })] });
    expect(receipt).toMatchObject({ inserted: 1, revision: 1, touched: [] });
    expect(await isOrdered()).toBe(false);
    expect((await opened.store.loadMeeting(key)).copies).toHaveLength(1);
    const renamed = await commit(anna, ['c1', 'c2'], { changed: [single('a', { uid, subject: 'Renamed' })] });
    expect(renamed).toMatchObject({ updated: 1, revision: 2, touched: [] });
    expect(await isOrdered()).toBe(false);
  });

  test('is planned when it comes to need it', async () => {
    await commit(anna, [undefined, 'c1'], { changed: [single('a', { uid })] });
    const receipt = await commit(anna, ['c1', 'c2'], { changed: [single('a', { uid, location: 'link' })] });
    expect(receipt.touched).toEqual([key]);
    expect(await isOrdered()).toBe(true);
  });

  test('is planned where the meeting has a settlement, new copies and changed ones alike', async () => {
    await commit(anna, [undefined, 'c1'], { changed: [single('a', { uid, location: 'link' })] });
    await settle(0);
    await forget();
    expect((await commit(boris, [undefined, 'c1'], { changed: [single('b', { uid })] })).touched).toEqual([key]);
    expect(await isOrdered()).toBe(true);
    await forget();
    const changed = { changed: [single('b', { uid, subject: 'Renamed' })] };
    expect((await commit(boris, ['c1', 'c2'], changed)).touched).toEqual([key]);
  });

  test('is planned when it vanishes, and when it comes back', async () => {
    await commit(anna, [undefined, 'c1'], { changed: [single('a', { uid })] });
    expect((await commit(anna, ['c1', 'c2'], { removed: [itemId('a')] })).touched).toEqual([key]);
    await forget();
    expect((await commit(anna, ['c2', 'c3'], { changed: [single('a', { uid })] })).touched).toEqual([key]);
  });
});

describe('the first settlement of a meeting', () => {
  test('orders a plan for a little later, the following ones do not', async () => {
    await commit(anna, [undefined, 'c1'], { changed: [single('a', { uid })] });
    await settle(0, { planAgainAt: Date.now() + 3_600_000 });
    const due = `select 1 from graphile_worker.jobs where key = '${jobKey.planLater(key)}' and run_at between now() and now() + interval '3 s'`;
    expect(await ask(opened.store, due)).toHaveLength(1);
    await forget();
    await settle(1);
    expect(await isOrdered(jobKey.planLater)).toBe(false);
  });

  test('waits for a copy that is being stored and passed over: the plan it orders finds it', async () => {
    await commit(anna, [undefined, 'c1'], { changed: [single('a', { uid, location: 'link' })] });
    const { copies } = await opened.store.loadMeeting(key);
    expect(copies).toHaveLength(1);
    await forget();
    // Boris's page has the meeting's lock and waits for his mailbox, which another holds.
    const obstacle = await opened.store.internals.db.startTransaction().execute();
    await sql`select 1 from tcc.mailboxes where address = ${boris} for update`.execute(obstacle);
    const page = commit(boris, [undefined, 'c1'], { changed: [single('b', { uid })] });
    await waitsForLock('transactionid');
    let isSettled = false;
    const settled = settle(0).then((outcome) => {
      isSettled = true;
      return outcome;
    });
    await waitsForLock('advisory');
    expect(isSettled).toBe(false);
    await obstacle.rollback().execute();
    expect((await page).touched).toEqual([]);
    expect(await settled).toBe('done');
    expect(await isOrdered(jobKey.planLater)).toBe(true);
    expect((await opened.store.loadMeeting(key)).copies).toHaveLength(2);
  });
});

/** Until somebody waits for a lock of that kind in this database. */
async function waitsForLock(kind: 'advisory' | 'transactionid'): Promise<void> {
  const waiting = `select 1 from pg_locks where not granted and locktype = '${kind}'`;
  await expect.poll(() => ask(opened.store, waiting), { interval: 5 }).not.toEqual([]);
}
