/**
 * Keeps what a meeting shows and who shows it apart. A settlement announces a meeting's conference to every mailbox that
 * holds a copy; a copy that is being committed at that moment would be missed by it, and would itself be announced
 * without the conference: nobody would ever tell its clients. So whoever adds copies shares the meeting's lock, whoever
 * announces it, or settles it for the first time, holds it alone. A lock belongs to a slot of meetings, which bounds the locks of a page; they are taken
 * before any row is locked and in order, so that nobody waits in a circle.
 */
import { sql } from 'kysely';
import type { Trx } from '../transaction.ts';

/** Few enough that fifty pages of any size at once stay below the lock table of a PostgreSQL left at its defaults. */
const SLOTS = 256;
/** The first halves of PostgreSQL's two-part advisory locks. Conferences come before meetings. */
const CONFERENCES = 0x7cc1;
const MEETINGS = 0x7cc2;

/** For a transaction that adds or changes copies of these meetings. */
export async function shareMeetings(trx: Trx, meetingHashes: readonly string[]): Promise<void> {
  if (meetingHashes.length === 0) return;
  await sql`select count(pg_advisory_xact_lock_shared(${MEETINGS}, s)) from unnest(${slotsOf(meetingHashes)}::int[]) s`.execute(
    trx,
  );
}

/** For a transaction that announces these meetings to all who hold a copy. */
export async function holdMeetings(trx: Trx, meetingHashes: readonly string[]): Promise<void> {
  await hold(trx, MEETINGS, meetingHashes);
}

/** For a transaction that binds a conference to a meeting, or announces it to the meetings bound to it. */
export async function holdConference(trx: Trx, conferenceHash: string): Promise<void> {
  await hold(trx, CONFERENCES, [conferenceHash]);
}

async function hold(trx: Trx, space: number, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await sql`select count(pg_advisory_xact_lock(${space}, s)) from unnest(${slotsOf(hashes)}::int[]) s`.execute(trx);
}

function slotsOf(hashes: readonly string[]): readonly number[] {
  return [...new Set(hashes.map((hash) => Number.parseInt(hash.slice(0, 8), 16) % SLOTS))].sort((a, b) => a - b);
}
