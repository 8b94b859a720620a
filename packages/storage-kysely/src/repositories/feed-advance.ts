/**
 * Steps of a transaction that tells the clients of several mailboxes that what is shown of a meeting has changed: who shows
 * it, their rows locked in order of id, their feeds advanced, the copies stamped with the new revision.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import { sql } from 'kysely';
import type { Trx } from '../transaction.ts';

export async function listHolders(trx: Trx, meetingHashes: readonly string[]): Promise<readonly number[]> {
  const { rows } = await sql<{ mailbox_id: number }>`
    select distinct mailbox_id from tcc.items where meeting_hash = any(${meetingHashes}::uuid[])`.execute(trx);
  return rows.map((row) => row.mailbox_id);
}

export async function lockMailboxes(trx: Trx, which: ReturnType<typeof sql<unknown>>): Promise<void> {
  await sql`select id from tcc.mailboxes where ${which} order by id for no key update`.execute(trx);
}

export interface Advance {
  readonly id: number;
  readonly address: MailboxAddress;
  readonly revision: number;
}

/** The caller holds these mailboxes' rows. */
export async function bumpRevisions(trx: Trx, ids: readonly number[]): Promise<readonly Advance[]> {
  const { rows } = await sql<Advance>`
    update tcc.mailboxes set revision = revision + 1 where id = any(${ids}::int[]) returning id, address, revision`.execute(
    trx,
  );
  return rows;
}

/** Copies of these meetings count as changed in the revision their mailbox has now. */
export async function stampItems(trx: Trx, meetingHashes: readonly string[]): Promise<void> {
  await sql`update tcc.items i set revision = m.revision from tcc.mailboxes m
    where i.meeting_hash = any(${meetingHashes}::uuid[]) and m.id = i.mailbox_id`.execute(trx);
}
