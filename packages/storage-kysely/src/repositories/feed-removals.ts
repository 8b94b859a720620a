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
  await trx
    .insertInto('tcc.feed_removals')
    .values([...removals])
    .onConflict((conflict) =>
      conflict.columns(['mailbox_id', 'event_id']).doUpdateSet((excluded) => ({
        revision: excluded.ref('excluded.revision'),
        removed_at: excluded.ref('excluded.removed_at'),
      })),
    )
    .execute();
}

/** Events that are back are none that clients must remove. */
export async function forgetRemovals(trx: Trx, mailboxId: number, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await sql`delete from tcc.feed_removals
    where mailbox_id = ${mailboxId} and event_id = any(${plainArray(eventIds)}::text[])`.execute(trx);
}
