/** A calendar with tens of thousands of items: no transaction may be bound by how many of them it concerns. */
import type { FolderItem, MailboxAddress } from '@calendar-connector/calendar-model';
import { meetingKey } from '@calendar-connector/calendar-model';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { addPlansLater } from '../src/repositories/jobs.ts';
import { BORIS, MONDAY, observation, registration, single } from './items.ts';
import { openTestStore } from './open-test-store.ts';

/** More than one statement has parameters for, three to a row. */
const MANY = 22_000;
const PAGE = 2_000;

const opened = openTestStore();

function page(first: number): readonly FolderItem[] {
  return Array.from({ length: PAGE }, (_, n) => single(`${first + n}`));
}

async function fill(mailbox: MailboxAddress): Promise<void> {
  await opened.store.saveMailboxes([registration(mailbox)]);
  for (let first = 0; first < MANY; first += PAGE) {
    const cursors = [first === 0 ? undefined : `c${first}`, `c${first + PAGE}`] as const;
    const change = { changed: page(first), needsPlan: () => false };
    expect(await opened.store.commitObservation(observation(mailbox, cursors, change))).toMatchObject({
      inserted: PAGE,
    });
  }
}

/** A listing that finds the folder empty. */
async function findEmpty(mailbox: MailboxAddress) {
  await opened.store.resetCursor(mailbox);
  const listing = { id: `listing of ${mailbox}`, complete: true };
  const judgeDisappearance = () => 'quarantine' as const;
  return opened.store.commitObservation(observation(mailbox, [undefined, 'end'], { listing, judgeDisappearance }));
}

test('that came back empty is declared gone by an administrator in one go, and its clients are told of each event', async () => {
  await fill(BORIS);
  expect(await findEmpty(BORIS)).toMatchObject({ outcome: 'committed', quarantined: MANY });
  const [anomaly] = await opened.store.listAnomalies(true);
  const { revision } = await opened.store.changesSince(BORIS, 0, 1);
  expect(await opened.store.decideAnomaly(anomaly?.id ?? '', 'released')).toBe('done');
  const told = await opened.store.changesSince(BORIS, revision, MANY);
  expect(told).toMatchObject({ resync: false, changed: [] });
  expect(new Set(told.removed).size).toBe(MANY);
});

test('has its looks ordered under a few hundred locks: PostgreSQL keeps some thousands for all its sessions', async () => {
  const meetings = Array.from({ length: 3_000 }, (_, n) => meetingKey({ uid: `meeting ${n}` }));
  const locks = await opened.store.internals.db.transaction().execute(async (trx) => {
    await addPlansLater(trx, meetings, MONDAY);
    const held = sql<{ n: number }>`
      select count(*)::int as n from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`;
    return (await held.execute(trx)).rows[0]?.n;
  });
  expect(locks).toBeLessThanOrEqual(256);
});
