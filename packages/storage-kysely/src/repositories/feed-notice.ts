/** Tells every node that a mailbox's change feed has advanced. PostgreSQL delivers it when, and only if, the transaction commits. */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import { sql } from 'kysely';
import type { Trx } from '../transaction.ts';

export const FEED_CHANNEL = 'tcc_feed';

export interface FeedNotice {
  readonly mailbox: MailboxAddress;
  readonly revision: number;
}

export async function notifyChanges(trx: Trx, notices: readonly FeedNotice[]): Promise<void> {
  if (notices.length === 0) return;
  const payloads = notices.map(({ mailbox, revision }) => `${revision} ${mailbox}`);
  await sql`select count(pg_notify(${FEED_CHANNEL}, p)) from unnest(${payloads}::text[]) p`.execute(trx);
}

/** Undoes the payload; undefined for anything not of that form. */
export function parseNotice(payload: string): FeedNotice | undefined {
  const match = /^(\d+) (.+)$/s.exec(payload);
  return match?.[1] && match[2] ? { revision: Number(match[1]), mailbox: match[2] as MailboxAddress } : undefined;
}
