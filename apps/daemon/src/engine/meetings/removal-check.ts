/**
 * Before a vanished item ends its meeting the mailbox is read once more, from the stored cursor to its end: a notification
 * may have been lost, or Exchange been away, between the two halves of a move (failure mode 7 of the facts; invariant I5).
 * Nothing is committed here: what is found was not noticed, so a look is asked for and does not wait for the sweep.
 * News that a look has read already is in no page any more: an unknown item that came and went while this one is held may
 * have been the meeting in the middle of another move, so its hold begins anew, a few times over.
 * What a look has stored between the loading of the meeting and the reading of the cursor is in neither; so at the end the
 * store is asked whether it still holds of this mailbox what the plan starts from.
 */
import { type MailboxAddress, meetingKey } from '@calendar-connector/calendar-model';
import type {
  MailboxRecord,
  MailboxStore,
  MeetingStore,
  PlanSettings,
  StoredMeeting,
} from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import type { Reach } from './decision-applier.ts';

/** A mailbox with more news than this is looked at first; its meeting waits. */
const MAX_PAGES = 8;
/** In a mailbox where things come and go all the time, a removal is believed after so many holds all the same. */
const MAX_HOLDS = 10;

export interface RemovalCheckContext {
  readonly store: Pick<MailboxStore, 'findMailbox'> & Pick<MeetingStore, 'loadMeeting'>;
  readonly reach: Reach;
  readonly clock: Clock;
  readonly settings: () => Pick<PlanSettings, 'timing'>;
}

/**
 * True when the meeting, as it was loaded, is certainly not in the mailbox under another id; false when it is, or when
 * nobody can say.
 */
export async function isGone(
  meeting: StoredMeeting,
  address: MailboxAddress,
  context: RemovalCheckContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, reach } = context;
  try {
    const [place, record] = await Promise.all([reach.mailbox(address, signal), store.findMailbox(address)]);
    let cursor = record?.cursor;
    if (!place || cursor === undefined || mayBeOnTheMove(meeting, record, context)) return false;
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

function mayBeOnTheMove(
  { copies }: StoredMeeting,
  record: MailboxRecord | undefined,
  { clock, settings }: RemovalCheckContext,
): boolean {
  const { holdMs } = settings().timing;
  const now = clock.now();
  const held = copies.flatMap(({ mailbox, missingSince }) =>
    mailbox === record?.address && missingSince !== undefined ? [missingSince] : [],
  );
  const since = Math.max(...held);
  const { unknownGoneAt } = record ?? {};
  if (unknownGoneAt === undefined || unknownGoneAt < since || now >= since + MAX_HOLDS * holdMs) return false;
  return now < unknownGoneAt + holdMs;
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
