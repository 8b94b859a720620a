/**
 * Before a vanished item ends its meeting the mailbox is read once more, from the stored cursor to its end: a notification
 * may have been lost, or Exchange been away, between the two halves of a move (failure mode 7 of the facts; invariant I5).
 * Nothing is committed here: what is found was not noticed, so a look is asked for and does not wait for the sweep.
 */
import { type MailboxAddress, type MeetingKey, meetingKey } from '@calendar-connector/calendar-model';
import type { MailboxStore } from '@calendar-connector/sync-core';
import type { Reach } from './decision-applier.ts';

/** A mailbox with more news than this is looked at first; its meeting waits. */
const MAX_PAGES = 8;

/** True when the meeting is certainly not in the mailbox under another id; false when it is, or when nobody can say. */
export async function isGone(
  key: MeetingKey,
  address: MailboxAddress,
  { store, reach }: { readonly store: Pick<MailboxStore, 'findMailbox'>; readonly reach: Reach },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const [place, record] = await Promise.all([reach.mailbox(address, signal), store.findMailbox(address)]);
    let cursor = record?.cursor;
    if (!place || cursor === undefined) return false;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const found = await place.source.fetchChanges(place.resolved, cursor, signal);
      // Something unknown that came and went since the last look may have been the meeting, in the middle of another move.
      const isNews = found.unreadable.length > 0 || found.removed.length > 0;
      if (isNews || found.changed.some((item) => meetingKey(item) === key)) break;
      if (found.complete) return true;
      cursor = found.cursor;
    }
    reach.lookSoon(address);
    return false;
  } catch {
    // Not being able to look is no proof of absence: the meeting stays and is planned again.
    return false;
  }
}
