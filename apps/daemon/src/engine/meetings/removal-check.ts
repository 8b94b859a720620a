/**
 * Before a vanished item ends its meeting the mailbox is read once more, from the stored cursor to its end: a notification
 * may have been lost, or Exchange been away, between the two halves of a move (failure mode 7 of the facts; invariant I5).
 * Nothing is committed here: what is found was not noticed, so a look is asked for and does not wait for the sweep.
 * What a look has stored between the loading of the meeting and the reading of the cursor is in neither; so at the end the
 * store is asked whether it still holds of this mailbox what the plan starts from.
 */
import { type MailboxAddress, meetingKey } from '@calendar-connector/calendar-model';
import type { MailboxStore, MeetingStore, StoredMeeting } from '@calendar-connector/sync-core';
import type { Reach } from './decision-applier.ts';

/** A mailbox with more news than this is looked at first; its meeting waits. */
const MAX_PAGES = 8;

export interface RemovalCheckContext {
  readonly store: Pick<MailboxStore, 'findMailbox'> & Pick<MeetingStore, 'loadMeeting'>;
  readonly reach: Reach;
}

/**
 * True when the meeting, as it was loaded, is certainly not in the mailbox under another id; false when it is, or when
 * nobody can say.
 */
export async function isGone(
  meeting: StoredMeeting,
  address: MailboxAddress,
  { store, reach }: RemovalCheckContext,
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
      if (isNews || found.changed.some((item) => meetingKey(item) === meeting.key)) break;
      if (found.complete) return holdsTheSame(meeting, await store.loadMeeting(meeting.key), address);
      cursor = found.cursor;
    }
    reach.lookSoon(address);
    return false;
  } catch {
    // Not being able to look is no proof of absence: the meeting stays and is planned again.
    return false;
  }
}

function holdsTheSame(before: StoredMeeting, now: StoredMeeting, address: MailboxAddress): boolean {
  const held = ({ copies }: StoredMeeting): string =>
    copies
      .filter(({ mailbox }) => mailbox === address)
      .map(({ item, missingSince }) => `${item.itemId} ${missingSince}`)
      .sort()
      .join();
  return held(before) === held(now);
}
