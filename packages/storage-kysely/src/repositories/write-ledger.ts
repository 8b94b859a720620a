/**
 * Idempotency of writes clients ask for. A write whose node died stays `pending` for a minute and may then be taken
 * over: the writes themselves are idempotent by the same key.
 */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { WriteLedger } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { textHash } from '../hashes.ts';
import { cleanText } from '../json-text.ts';
import type { Db } from '../transaction.ts';
import { inTransaction, once } from '../transaction.ts';

const TAKEOVER_AFTER = sql.raw(`interval '60 seconds'`);

export function writeLedger(db: Db): WriteLedger {
  return {
    beginWrite: (mailbox, key, requestHash) =>
      inTransaction(db, `write for ${mailbox}`, (trx) =>
        beginWrite(trx, { mailbox, hash: textHash(key), requestHash }),
      ),
    finishWrite: (mailbox, key, answer) =>
      once(`write for ${mailbox}`, async () => {
        const row = db.updateTable('tcc.client_writes').set({ answer: cleanText(answer) });
        await row.where('mailbox', '=', mailbox).where('key_hash', '=', textHash(key)).execute();
      }),
    abandonWrite: (mailbox, key) =>
      once(`write for ${mailbox}`, async () => {
        const row = db.deleteFrom('tcc.client_writes').where('mailbox', '=', mailbox);
        await row.where('key_hash', '=', textHash(key)).where('answer', 'is', null).execute();
      }),
  };
}

interface WriteKey {
  readonly mailbox: MailboxAddress;
  readonly hash: string;
  readonly requestHash: string;
}

async function beginWrite(db: Db, { mailbox, hash, requestHash }: WriteKey) {
  const { rows: taken } = await sql`
    insert into tcc.client_writes as w (mailbox, key_hash, request_hash) values (${mailbox}, ${hash}::uuid, ${requestHash})
    on conflict (mailbox, key_hash) do update set begun_at = clock_timestamp()
      where w.answer is null and w.request_hash = excluded.request_hash
        and w.begun_at < clock_timestamp() - ${TAKEOVER_AFTER}
    returning 1`.execute(db);
  if (taken.length > 0) return { state: 'new' as const };
  const row = await db
    .selectFrom('tcc.client_writes')
    .select(['request_hash', 'answer'])
    .where('mailbox', '=', mailbox)
    .where('key_hash', '=', hash)
    .executeTakeFirst();
  if (row && row.request_hash !== requestHash) return { state: 'mismatch' as const };
  return row && row.answer !== null ? { state: 'known' as const, answer: row.answer } : { state: 'pending' as const };
}
