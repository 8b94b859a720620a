/**
 * Keeps what a meeting shows and who shows it apart. A settlement announces a meeting's conference to every mailbox that
 * holds a copy; a copy that is being committed at that moment would be missed by it, and would itself be announced
 * without the conference: nobody would ever tell its clients. So whoever adds copies shares the meeting's lock, whoever
 * announces it, or settles it for the first time, holds it alone. These locks are taken before any row is locked.
 */
import type { Trx } from '../transaction.ts';
import { holdSlots, LOCK_SPACE, shareSlots } from './slot-locks.ts';

/** For a transaction that adds or changes copies of these meetings. */
export async function shareMeetings(trx: Trx, meetingHashes: readonly string[]): Promise<void> {
  await shareSlots(trx, LOCK_SPACE.meetings, meetingHashes);
}

/** For a transaction that announces these meetings to all who hold a copy. */
export async function holdMeetings(trx: Trx, meetingHashes: readonly string[]): Promise<void> {
  await holdSlots(trx, LOCK_SPACE.meetings, meetingHashes);
}

/** For a transaction that binds a conference to a meeting, or announces it to the meetings bound to it. */
export async function holdConference(trx: Trx, conferenceHash: string): Promise<void> {
  await holdSlots(trx, LOCK_SPACE.conferences, [conferenceHash]);
}
