/** Events that are in a mailbox no more, for clients that come back and ask what changed since. */
import { sql } from 'kysely';
import { plainArray } from '../array-literal.ts';
import type { Trx } from '../transaction.ts';

export interface FeedRemoval {
  readonly mailbox_id: number;
  readonly event_id: string;
  /** of the mailbox's feed, in which clients are told */
  readonly revision: number;
}

export async function insertRemovals(trx: Trx, removals: readonly FeedRemoval[]): Promise<void> {
  if (removals.length === 0) return;
  // One array per column: a calendar that an administrator declares gone has more rows than a statement has parameters.
  await sql`
    insert into tcc.feed_removals (mailbox_id, event_id, revision)
    select mailbox_id, event_id, revision from unnest(
      ${plainArray(removals.map((removal) => removal.mailbox_id))}::int[],
      ${plainArray(removals.map((removal) => removal.event_id))}::text[],
      ${plainArray(removals.map((removal) => removal.revision))}::bigint[]) n (mailbox_id, event_id, revision)
    on conflict (mailbox_id, event_id) do update
      set revision = excluded.revision, removed_at = excluded.removed_at`.execute(trx);
}

/** Events that are back are none that clients must remove. */
export async function forgetRemovals(trx: Trx, mailboxId: number, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await sql`delete from tcc.feed_removals
    where mailbox_id = ${mailboxId} and event_id = any(${plainArray(eventIds)}::text[])`.execute(trx);
}
