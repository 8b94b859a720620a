/** Before a vanished item ends its meeting: what a second reading of the mailbox says, and what follows from it. */
import {
  cursor,
  type FolderItem,
  folderId,
  itemId,
  mailboxAddress,
  meetingKey,
} from '@calendar-connector/calendar-model';
import {
  type CalendarSource,
  type ChangePage,
  type MailboxRecord,
  planSettings,
  type StoredMeeting,
} from '@calendar-connector/sync-core';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/engine/clock.ts';
import { isGone } from '../../src/engine/meetings/removal-check.ts';

const ANNA = mailboxAddress('anna@example.test');
const HOLD_MS = 3_000;
const PAGE: ChangePage = { changed: [], removed: [], unreadable: [], cursor: cursor('2'), complete: true };
const moved = { itemId: itemId('new'), uid: 'uid-1' } as FolderItem;

const KEY = meetingKey({ uid: 'uid-1' });
const vanished = { mailbox: ANNA, item: { itemId: itemId('old'), uid: 'uid-1' } as FolderItem, missingSince: 1 };
const loaded: StoredMeeting = { key: KEY, copies: [vanished], version: 1 };

/** Asks about the meeting `uid-1`, with a mailbox that gives these pages one after the other. */
const ask = (...pages: readonly (ChangePage | Error)[]) => askWith(loaded, pages);

/** `stored`: what the store holds of the meeting when the mailbox has been read. */
async function askWith(
  stored: StoredMeeting,
  pages: readonly (ChangePage | Error)[],
  { now = 100_000, unknownGoneAt }: { readonly now?: number; readonly unknownGoneAt?: number } = {},
) {
  const looks: string[] = [];
  const left = [...pages];
  const fetchChanges: CalendarSource['fetchChanges'] = async () => {
    const page = left.shift() ?? PAGE;
    if (page instanceof Error) throw page;
    return page;
  };
  const resolved = {
    address: ANNA,
    folderId: folderId('f'),
    calendarTitle: 'Calendar',
    ownerName: 'Anna',
    endpoint: 'e',
    affinityGroup: 'g',
  };
  const reach = {
    target: () => undefined,
    mailbox: async () => ({ source: { fetchChanges } as CalendarSource, resolved }),
    lookSoon: (address: string) => void looks.push(address),
  };
  const record = { address: ANNA, cursor: cursor('1'), ...(unknownGoneAt !== undefined && { unknownGoneAt }) };
  const store = { findMailbox: async () => record as MailboxRecord, loadMeeting: async () => stored };
  const clock = { ...systemClock, now: () => now };
  const settings = () => planSettings({ timing: { holdMs: HOLD_MS } });
  const gone = await isGone(loaded, ANNA, { store, reach, clock, settings }, new AbortController().signal);
  return { gone, looks };
}

describe('a vanished item', () => {
  it('is gone when the mailbox, read to its end, shows its meeting nowhere', async () => {
    const more = { ...PAGE, complete: false };
    expect(await ask(more, more, PAGE)).toEqual({ gone: true, looks: [] });
  });

  it('is not gone when its meeting is there under a new id, and the mailbox is looked at without waiting for the sweep', async () => {
    const found = { ...PAGE, changed: [moved] };
    expect(await ask({ ...PAGE, complete: false }, found)).toEqual({ gone: false, looks: [ANNA] });
  });

  it('is not gone when something unknown came and went meanwhile: it may have been the meeting, moved twice', async () => {
    expect(await ask({ ...PAGE, removed: [itemId('never seen')] })).toEqual({ gone: false, looks: [ANNA] });
  });

  it('is not gone while an item of the page cannot be read or the news does not end: a look comes first', async () => {
    const unreadable = { ...PAGE, unreadable: [{ itemId: itemId('x'), code: 'ErrorItemNotFound', message: '' }] };
    expect(await ask(unreadable)).toEqual({ gone: false, looks: [ANNA] });
    const endless = Array.from({ length: 20 }, () => ({ ...PAGE, complete: false }));
    expect(await ask(...endless)).toEqual({ gone: false, looks: [ANNA] });
  });

  it('is not gone when a look has stored its meeting since it was loaded: the cursor has passed it by then', async () => {
    const back = { ...loaded, copies: [vanished, { mailbox: ANNA, item: moved }] };
    expect((await askWith(back, [PAGE])).gone).toBe(false);
    expect((await askWith({ ...loaded, copies: [{ ...vanished, missingSince: 2 }] }, [PAGE])).gone).toBe(false);
    const elsewhere = { mailbox: mailboxAddress('boris@example.test'), item: moved };
    expect((await askWith({ ...loaded, copies: [elsewhere, vanished] }, [PAGE])).gone).toBe(true);
  });

  it('is not gone while an unknown item that a look saw come and go may have been its meeting; but not for ever', async () => {
    const goneBy = async (now: number, unknownGoneAt: number) =>
      (await askWith(loaded, [PAGE], { now, unknownGoneAt })).gone;
    expect(await goneBy(5_000, 2_500)).toBe(false);
    expect(await goneBy(2_500 + HOLD_MS, 2_500)).toBe(true);
    expect(await goneBy(5_000, vanished.missingSince - 1)).toBe(true);
    expect(await goneBy(vanished.missingSince + 10 * HOLD_MS, 10 * HOLD_MS)).toBe(true);
  });

  it('is not gone when nobody can say, and nothing is asked of a mailbox that does not answer', async () => {
    expect(await ask(new Error('away'))).toEqual({ gone: false, looks: [] });
  });
});
