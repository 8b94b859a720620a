/** Before a vanished item ends its meeting: what a second reading of the mailbox says, and what follows from it. */
import {
  cursor,
  type FolderItem,
  folderId,
  itemId,
  mailboxAddress,
  meetingKey,
} from '@calendar-connector/calendar-model';
import type { CalendarSource, ChangePage, MailboxRecord, StoredMeeting } from '@calendar-connector/sync-core';
import { describe, expect, it } from 'vitest';
import { isGone } from '../../src/engine/meetings/removal-check.ts';

const ANNA = mailboxAddress('anna@example.test');
const PAGE: ChangePage = { changed: [], removed: [], unreadable: [], cursor: cursor('2'), complete: true };
const moved = { itemId: itemId('new'), uid: 'uid-1' } as FolderItem;

const KEY = meetingKey({ uid: 'uid-1' });
const vanished = { mailbox: ANNA, item: { itemId: itemId('old'), uid: 'uid-1' } as FolderItem, missingSince: 1 };
const loaded: StoredMeeting = { key: KEY, copies: [vanished], version: 1 };

/** Asks about the meeting `uid-1`, with a mailbox that gives these pages one after the other. */
const ask = (...pages: readonly (ChangePage | Error)[]) => askWith(loaded, ...pages);

/** `stored`: what the store holds of the meeting when the mailbox has been read. */
async function askWith(stored: StoredMeeting, ...pages: readonly (ChangePage | Error)[]) {
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
  const store = {
    findMailbox: async () => ({ cursor: cursor('1') }) as MailboxRecord,
    loadMeeting: async () => stored,
  };
  const gone = await isGone(loaded, ANNA, { store, reach }, new AbortController().signal);
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
    expect((await askWith(back, PAGE)).gone).toBe(false);
    expect((await askWith({ ...loaded, copies: [{ ...vanished, missingSince: 2 }] }, PAGE)).gone).toBe(false);
    const elsewhere = { mailbox: mailboxAddress('boris@example.test'), item: moved };
    expect((await askWith({ ...loaded, copies: [elsewhere, vanished] }, PAGE)).gone).toBe(true);
  });

  it('is not gone when nobody can say, and nothing is asked of a mailbox that does not answer', async () => {
    expect(await ask(new Error('away'))).toEqual({ gone: false, looks: [] });
  });
});
