/** Conformance of commitObservation: what one committed page leaves behind. */
import type { ItemId, MailboxAddress } from '@calendar-connector/calendar-model';
import { itemId, mailboxAddress, meetingKey } from '@calendar-connector/calendar-model';
import type { ObservationReceipt } from '@calendar-connector/sync-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MONDAY, observation, orphan, registration, series, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';

const opened = openTestStore();
let mailbox: MailboxAddress;
let count = 0;

beforeEach(async () => {
  count += 1;
  mailbox = mailboxAddress(`user${count}@example.test`);
  await opened.store.saveMailboxes([registration(mailbox)]);
});

type Change = Parameters<typeof observation>[2];

async function commit(cursors: readonly [string | undefined, string], change: Change) {
  return opened.store.commitObservation(observation(mailbox, cursors, change));
}

async function committed(cursors: readonly [string | undefined, string], change: Change) {
  const receipt = await commit(cursors, change);
  if (receipt.outcome !== 'committed') throw new Error(`expected a commit, got ${receipt.outcome}`);
  return receipt;
}

async function window() {
  const { items } = await opened.store.listItemsInWindow(mailbox, MONDAY - DAY, MONDAY + DAY);
  return items;
}

/** How many rows PostgreSQL has inserted, updated and deleted in this transaction log position. */
async function rowVersions(): Promise<unknown> {
  const items = `select item_hash, i.xmin::text, i.ctid::text from tcc.items i join tcc.mailboxes m on m.id = i.mailbox_id where m.address = '${mailbox}' order by 1`;
  const box = `select xmin::text, ctid::text from tcc.mailboxes where address = '${mailbox}'`;
  return [await ask(opened.store, items), await ask(opened.store, box)];
}

async function jobKeys(): Promise<readonly string[]> {
  const rows = await ask<{ key: string }>(
    opened.store,
    'select key from graphile_worker.jobs where key is not null order by key',
  );
  return rows.map((row) => row.key);
}

describe('a page of changes', () => {
  test('leaves items, cursor, revision and jobs in one go', async () => {
    const jobsBefore = (await jobKeys()).length;
    const receipt = await committed([undefined, 'c1'], { changed: [single('a'), single('b')] });
    expect(receipt).toMatchObject({ inserted: 2, updated: 0, unchanged: 0, held: 0, quarantined: 0, revision: 1 });
    expect(receipt.touched.toSorted()).toEqual(['uid:uid-a', 'uid:uid-b']);
    expect((await window()).map((one) => one.item)).toEqual(expect.arrayContaining([single('a'), single('b')]));
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ cursor: 'c1', liveItems: 2, revision: 1 });
    expect((await jobKeys()).length).toBe(jobsBefore + 2);
  });

  test('that repeats what is known writes not a single row', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), series('s')] });
    const before = await rowVersions();
    const receipt = await committed(['c1', 'c1'], { changed: [single('a'), series('s')] });
    expect(receipt).toMatchObject({ inserted: 0, updated: 0, unchanged: 2, touched: [], revision: 1 });
    expect(await rowVersions()).toEqual(before);
  });

  test('leaves out what is not wanted, unless the mailbox has shown the item or its meeting already', async () => {
    await committed([undefined, 'c1'], { changed: [single('shown'), single('old id', { uid: 'moved' })] });
    await opened.store.resetCursor(mailbox);
    const later = { subject: 'Later' };
    const receipt = await committed([undefined, 'c2'], {
      changed: [
        single('shown', later),
        single('new id', { uid: 'moved', ...later }),
        single('hidden', later),
        single('wanted', later),
      ],
      isWanted: (item) => item.itemId === 'wanted',
      listing: { id: 'l1', complete: true },
    });
    expect(receipt).toMatchObject({ inserted: 2, updated: 1, held: 0 });
    const shown = (await window()).map(({ item }) => `${item.itemId} ${item.subject}`);
    expect(shown.toSorted()).toEqual(['new id Later', 'shown Later', 'wanted Later']);
  });

  test('from scratch over an unchanged folder writes no item', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), single('b')] });
    await opened.store.resetCursor(mailbox);
    const [before] = (await rowVersions()) as [unknown];
    const receipt = await committed([undefined, 'c2'], {
      changed: [single('a'), single('b')],
      listing: { id: 'l1', complete: true },
    });
    expect(receipt).toMatchObject({ unchanged: 2, held: 0, revision: 1 });
    expect(((await rowVersions()) as [unknown])[0]).toEqual(before);
  });

  test('with a new change key only is kept for later writes, but nobody is bothered', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    const touched = { ...single('a'), changeKey: 'a-2' as never, lastModified: MONDAY };
    const receipt = await committed(['c1', 'c2'], { changed: [touched] });
    expect(receipt).toMatchObject({ updated: 1, touched: [], revision: 1 });
    expect((await window())[0]?.item.changeKey).toBe('a-2');
  });

  test('with a new subject advances the feed and touches the meeting', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    const receipt = await committed(['c1', 'c2'], { changed: [single('a', { subject: 'Other' })] });
    expect(receipt).toMatchObject({ updated: 1, touched: ['uid:uid-a'], revision: 2 });
  });

  test('that gives an item another meeting touches both meetings', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    const receipt = await committed(['c1', 'c2'], { changed: [single('a', { uid: 'other' })] });
    expect(receipt.touched.toSorted()).toEqual(['uid:other', 'uid:uid-a']);
  });

  test('naming one item twice keeps the later reading', async () => {
    await committed([undefined, 'c1'], {
      changed: [single('a', { subject: 'First' }), single('a', { subject: 'Second' })],
    });
    expect((await window()).map((one) => one.item.subject)).toEqual(['Second']);
  });

  test('keeps ids that differ only in case apart', async () => {
    const receipt = await committed([undefined, 'c1'], { changed: [single('AbC'), single('aBc', { uid: 'x' })] });
    expect(receipt.inserted).toBe(2);
    expect((await window()).map((one) => one.item.itemId).toSorted()).toEqual(['AbC', 'aBc']);
  });

  test('takes ids, UIDs and subjects of any length and any characters', async () => {
    const long = 'x'.repeat(20_000);
    const nasty = `NUL\u0000 half \ud83d quote " back \\u0000 \\ slash \u001e end`;
    const item = single(long, { uid: long, subject: nasty, location: nasty });
    await committed([undefined, `c${long}`], { changed: [item] });
    const [stored] = await window();
    expect(stored?.item.itemId).toBe(long);
    expect(stored?.item.subject).toBe(`NUL\ufffd half \ufffd quote " back \\u0000 \\ slash \u001e end`);
    const receipt = await committed([`c${long}`, 'c2'], { changed: [item] });
    expect(receipt.unchanged).toBe(1);
  });

  test('survives times no calendar has', async () => {
    const never = single('never', { start: Number.NaN, end: Number.POSITIVE_INFINITY });
    const backwards = single('backwards', { start: MONDAY, end: MONDAY - HOUR });
    expect(await committed([undefined, 'c1'], { changed: [never, backwards] })).toMatchObject({ inserted: 2 });
  });
});

describe('what a commit is refused for', () => {
  test("a fence that is not the mailbox's", async () => {
    expect(await commit([undefined, 'c1'], { fence: 7, changed: [single('a')] })).toEqual({ outcome: 'fenced' });
    expect(await window()).toEqual([]);
  });

  test('a cursor that is not the stored one', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    expect(await commit(['c0', 'c2'], { changed: [single('b')] })).toEqual({ outcome: 'stale' });
    expect(await commit([undefined, 'c2'], { changed: [single('b')] })).toEqual({ outcome: 'stale' });
    expect(await window()).toHaveLength(1);
  });

  test('a later page of a listing whose first page was never committed', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    const receipt = await commit(['c1', 'c2'], { listing: { id: 'unknown', complete: true } });
    expect(receipt).toEqual({ outcome: 'stale' });
  });

  test('of two commits from one cursor exactly one lands', async () => {
    await committed([undefined, 'c1'], {});
    const both = await Promise.all([
      commit(['c1', 'c2'], { changed: [single('left')] }),
      commit(['c1', 'c3'], { changed: [single('right')] }),
    ]);
    expect(both.map((one: ObservationReceipt) => one.outcome).toSorted()).toEqual(['committed', 'stale']);
  });

  test('a mailbox nobody registered', async () => {
    const stranger = observation(mailboxAddress('stranger@example.test'), [undefined, 'c1'], {});
    await expect(opened.store.commitObservation(stranger)).rejects.toMatchObject({ kind: 'mailboxNotFound' });
  });
});

describe('vanished items', () => {
  const removed: readonly ItemId[] = [itemId('a')];

  test('are held: clients see them no more, their meeting is looked at now and after the hold', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    const [shown] = await window();
    const at = Date.now() + HOUR;
    const receipt = await committed(['c1', 'c2'], { removed, at, holdMs: 30_000 });
    expect(receipt).toMatchObject({ held: 1, touched: ['uid:uid-a'], revision: 2 });
    expect(await window()).toEqual([]);
    expect(await opened.store.findItem(mailbox, shown?.eventId ?? '')).toBeUndefined();
    expect(await opened.store.changesSince(mailbox, 1, 10)).toMatchObject({ changed: [], removed: [shown?.eventId] });
    const meeting = await opened.store.loadMeeting(meetingKey({ uid: 'uid-a' }));
    expect(meeting.copies.find((copy) => copy.mailbox === mailbox)?.missingSince).toBe(at);
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 0 });
    const later = `select run_at from graphile_worker.jobs where run_at > now() + interval '1 minute'`;
    const [job] = await ask<{ run_at: Date }>(opened.store, later);
    expect(job?.run_at.getTime()).toBe(at + 30_000);
  });

  test('that come back under the same id are simply there again', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    await committed(['c1', 'c2'], { removed });
    const receipt = await committed(['c2', 'c3'], { changed: [single('a')] });
    expect(receipt).toMatchObject({ updated: 1, touched: ['uid:uid-a'], revision: 3 });
    expect(await opened.store.changesSince(mailbox, 2, 10)).toMatchObject({ changed: await window(), removed: [] });
    expect(await window()).toHaveLength(1);
    const meeting = await opened.store.loadMeeting(meetingKey({ uid: 'uid-a' }));
    expect(meeting.copies.find((copy) => copy.mailbox === mailbox)).not.toHaveProperty('missingSince');
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 1 });
  });

  test.each([
    ['in one page', [[{ removed, changed: [single('moved', { uid: 'uid-a' })] }]]],
    ['in two pages', [[{ removed }], [{ changed: [single('moved', { uid: 'uid-a' })] }]]],
  ])('that were moved (Delete and Create %s) keep their event id and leave no trace', async (_how, pages) => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    const [before] = await window();
    for (const [index, [page]] of pages.entries()) await committed([`c${index + 1}`, `c${index + 2}`], page as Change);
    const after = await window();
    expect(after.map((one) => [one.eventId, one.item.itemId])).toEqual([[before?.eventId, 'moved']]);
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 1 });
    expect((await opened.store.changesSince(mailbox, 1, 10)).removed).toEqual([]);
  });

  test('that are unknown or vanish twice change nothing', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    await committed(['c1', 'c2'], { removed });
    expect(await committed(['c2', 'c3'], { removed: [...removed, itemId('nobody')] })).toMatchObject({
      held: 0,
      touched: [],
    });
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 0 });
  });

  test('that the store never held are remembered: one may have been a held item on its way', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    await committed(['c1', 'c2'], { removed: [itemId('a')] });
    expect(await opened.store.findMailbox(mailbox)).not.toHaveProperty('unknownGoneAt');
    await committed(['c2', 'c3'], { removed: [itemId('never seen'), itemId('a')], at: MONDAY + 7 });
    await committed(['c3', 'c4'], { changed: [single('a')] });
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ unknownGoneAt: MONDAY + 7 });
  });

  test('named as removed and as changed in one page were read later: they live', async () => {
    await committed([undefined, 'c1'], { changed: [single('a')] });
    expect(await committed(['c1', 'c2'], { removed, changed: [single('a')] })).toMatchObject({ held: 0, unchanged: 1 });
  });
});

describe('copies of one meeting in one mailbox', () => {
  test('have event ids of their own, stable over reordering', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), single('b', { uid: 'uid-a' })] });
    const ids = (await window()).map((one) => one.eventId);
    expect(new Set(ids).size).toBe(2);
  });

  test('get a new event id when they come back after another copy took theirs over', async () => {
    const [first, second, successor] = ['x', 'y', 'z'].map((id) => single(id, { uid: 'thrice' }));
    if (!first || !second || !successor) throw new Error('three copies');
    await committed([undefined, 'c1'], { changed: [first, second] });
    await committed(['c1', 'c2'], { changed: [successor], removed: [second.itemId] });
    await committed(['c2', 'c3'], { changed: [second] });
    const shown = await window();
    expect(shown.map((one) => one.item.itemId).toSorted()).toEqual(['x', 'y', 'z']);
    expect(new Set(shown.map((one) => one.eventId)).size).toBe(3);
  });

  test('single occurrences of a series one was invited to are events of their own', async () => {
    const second = orphan('o2', {
      uid: 'uid-o',
      originalStart: MONDAY + HOUR,
      start: MONDAY + HOUR,
      end: MONDAY + 2 * HOUR,
    });
    await committed([undefined, 'c1'], { changed: [orphan('o1', { uid: 'uid-o' }), second] });
    expect(new Set((await window()).map((one) => one.eventId)).size).toBe(2);
  });
});

describe('a listing from scratch', () => {
  test('of one page holds what it did not show', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), single('b')] });
    await opened.store.resetCursor(mailbox);
    const receipt = await committed([undefined, 'c2'], {
      changed: [single('b')],
      listing: { id: 'l1', complete: true },
    });
    expect(receipt).toMatchObject({ held: 1, unchanged: 1, touched: ['uid:uid-a'] });
  });

  test('of several pages judges only at its end, over all of them', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), single('b'), single('c')] });
    await opened.store.resetCursor(mailbox);
    const open = { id: 'l1', complete: false };
    expect(await committed([undefined, 'p1'], { changed: [single('a')], listing: open })).toMatchObject({ held: 0 });
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ listing: 'l1', cursor: 'p1' });
    expect(await committed(['p1', 'p2'], { changed: [single('c')], listing: open })).toMatchObject({ held: 0 });
    const last = await committed(['p2', 'p3'], { listing: { id: 'l1', complete: true } });
    expect(last).toMatchObject({ held: 1, touched: ['uid:uid-b'] });
    expect(await opened.store.findMailbox(mailbox)).not.toHaveProperty('listing');
    const left = `select 1 from tcc.listing_items l join tcc.mailboxes m on m.id = l.mailbox_id where m.address = '${mailbox}'`;
    expect(await ask(opened.store, left)).toEqual([]);
  });

  test('that was interrupted is begun anew without trusting the old pages', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), single('b')] });
    await opened.store.resetCursor(mailbox);
    await committed([undefined, 'p1'], { changed: [single('a')], listing: { id: 'l1', complete: false } });
    await opened.store.resetCursor(mailbox);
    const receipt = await committed([undefined, 'q1'], {
      changed: [single('b')],
      listing: { id: 'l2', complete: true },
    });
    expect(receipt).toMatchObject({ held: 1, touched: ['uid:uid-a'] });
  });

  test('an item shown early and removed before the end counts as vanished once', async () => {
    await committed([undefined, 'c1'], { changed: [single('a'), single('b')] });
    await opened.store.resetCursor(mailbox);
    await committed([undefined, 'p1'], { changed: [single('a'), single('b')], listing: { id: 'l1', complete: false } });
    const last = await committed(['p1', 'p2'], { removed: [itemId('a')], listing: { id: 'l1', complete: true } });
    expect(last).toMatchObject({ held: 1, touched: ['uid:uid-a'] });
  });
});

describe('a mass disappearance', () => {
  const many = Array.from({ length: 20 }, (_, index) => single(`m${index}`));

  async function empty(decide: 'hold' | 'quarantine' = 'quarantine') {
    await committed([undefined, 'c1'], { changed: many });
    await opened.store.resetCursor(mailbox);
    const facts: unknown[] = [];
    const judgeDisappearance = (seen: unknown) => {
      facts.push(seen);
      return decide;
    };
    const receipt = await committed([undefined, 'c2'], { listing: { id: 'l1', complete: true }, judgeDisappearance });
    const open = (await opened.store.listAnomalies(true)).filter((anomaly) => anomaly.mailbox === mailbox);
    return { receipt, facts, open };
  }

  test('is judged on the numbers and, in quarantine, touches no item and no meeting', async () => {
    const { receipt, facts, open } = await empty();
    expect(facts).toEqual([{ live: 20, vanished: 20 }]);
    expect(receipt).toMatchObject({ held: 0, quarantined: 20, touched: [] });
    expect(open).toMatchObject([{ kind: 'massDisappearance', facts: { live: 20, vanished: 20 } }]);
    expect(await window()).toHaveLength(20);
    expect((await opened.store.loadMeeting(meetingKey({ uid: 'uid-m3' }))).copies.at(-1)).not.toHaveProperty(
      'missingSince',
    );
  });

  test('that an admin releases is acted on: the items are missing, their meetings looked at', async () => {
    const { open } = await empty();
    const id = open[0]?.id ?? '';
    expect(await opened.store.decideAnomaly(id, 'released')).toBe('done');
    expect(await opened.store.decideAnomaly(id, 'discarded')).toBe('already');
    expect(await opened.store.decideAnomaly('nobody', 'released')).toBe('unknown');
    expect(await window()).toEqual([]);
    expect((await opened.store.changesSince(mailbox, 1, 100)).removed).toHaveLength(20);
    const { copies } = await opened.store.loadMeeting(meetingKey({ uid: 'uid-m3' }));
    expect(copies.find((copy) => copy.mailbox === mailbox)?.missingSince).toEqual(expect.any(Number));
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 0 });
  });

  test('that an admin discards leaves the items until the next full listing judges them anew', async () => {
    const { open } = await empty();
    await opened.store.decideAnomaly(open[0]?.id ?? '', 'discarded');
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 20 });
    await opened.store.resetCursor(mailbox);
    const again = await committed([undefined, 'c3'], {
      changed: [single('m0')],
      listing: { id: 'l2', complete: true },
    });
    expect(again).toMatchObject({ held: 19 });
  });

  test('shows again what had vanished a moment before: nothing of the mailbox can be believed now', async () => {
    await committed([undefined, 'c1'], { changed: many });
    await committed(['c1', 'c2'], { removed: [itemId('m0')] });
    expect(await window()).toHaveLength(19);
    const judgeDisappearance = () => 'quarantine' as const;
    await committed(['c2', 'c3'], { removed: many.slice(1).map((item) => item.itemId), judgeDisappearance });
    expect(await window()).toHaveLength(20);
    const { changed, removed } = await opened.store.changesSince(mailbox, 2, 100);
    expect({ changed: changed.map(({ item }) => item.itemId), removed }).toEqual({ changed: ['m0'], removed: [] });
  });

  test('that comes in several pages is one anomaly', async () => {
    await committed([undefined, 'c1'], { changed: many });
    const judgeDisappearance = () => 'quarantine' as const;
    await committed(['c1', 'c2'], { removed: [itemId('m0'), itemId('m1')], judgeDisappearance });
    await committed(['c2', 'c3'], { removed: [itemId('m2')], judgeDisappearance });
    const open = (await opened.store.listAnomalies(true)).filter((anomaly) => anomaly.mailbox === mailbox);
    expect(open).toMatchObject([{ facts: { vanished: 3 } }]);
  });

  test('whose items come back by themselves frees them', async () => {
    await empty();
    const receipt = await committed(['c2', 'c3'], { changed: many });
    expect(receipt).toMatchObject({ updated: 20 });
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 20 });
  });

  test('that is a restored mailbox with new ids keeps the events', async () => {
    await empty();
    const before = (await window()).map((one) => one.eventId).toSorted();
    const restored = many.map((item) => single(`${item.itemId}-new`, { uid: item.uid }));
    await committed(['c2', 'c3'], { changed: restored });
    expect((await window()).map((one) => one.eventId).toSorted()).toEqual(before);
    expect(await opened.store.findMailbox(mailbox)).toMatchObject({ liveItems: 20 });
  });
});
