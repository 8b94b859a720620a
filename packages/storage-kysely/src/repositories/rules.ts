/**
 * Rules that have changed: every meeting they may concern is ordered to be planned, piece by piece, behind everything
 * that is due. What was settled is found by its row; what was passed over because it named nothing of interest then
 * (`needsPlan`) is searched for in the texts of the items, once, mailbox by mailbox.
 */
import type { MeetingKey } from '@calendar-connector/calendar-model';
import type { RulesStore } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import type { Db } from '../transaction.ts';
import { inTransaction, once } from '../transaction.ts';
import { addPlansLater } from './jobs.ts';

const MAILBOXES_AT_A_TIME = 20;
const MEETINGS_AT_A_TIME = 1_000;
const NO_HASH = '00000000-0000-0000-0000-000000000000';

export function rulesRepository(db: Db): RulesStore {
  return {
    findRules: () =>
      once('rules', async () => {
        const row = await db.selectFrom('tcc.rules').select('fingerprint').executeTakeFirst();
        return row?.fingerprint;
      }),
    planByNewRules: async ({ fingerprint, signs, at }, signal) => {
      const ordered = (await planSettled(db, at, signal)) + (await planSigned(db, signs, at, signal));
      await once('rules', () =>
        db
          .insertInto('tcc.rules')
          .values({ fingerprint })
          .onConflict((conflict) => conflict.column('single').doUpdateSet({ fingerprint }))
          .execute(),
      );
      return ordered;
    },
  };
}

async function planSettled(db: Db, at: number, signal: AbortSignal): Promise<number> {
  let ordered = 0;
  for (let after = NO_HASH; ; ) {
    signal.throwIfAborted();
    const page = await once('settled meetings', () =>
      db
        .selectFrom('tcc.meetings')
        .select(['meeting_hash', 'meeting_key'])
        .where('meeting_hash', '>', after)
        .orderBy('meeting_hash')
        .limit(MEETINGS_AT_A_TIME)
        .execute(),
    );
    ordered += await order(db, page, at);
    const last = page.at(-1);
    if (last === undefined || page.length < MEETINGS_AT_A_TIME) return ordered;
    after = last.meeting_hash;
  }
}

async function planSigned(db: Db, signs: readonly string[], at: number, signal: AbortSignal): Promise<number> {
  if (signs.length === 0) return 0;
  const patterns = signs.map(patternOf);
  let ordered = 0;
  for (let after = 0; ; ) {
    signal.throwIfAborted();
    const { rows: mailboxes } = await once('mailboxes', () =>
      sql<{
        id: number;
      }>`select id from tcc.mailboxes where id > ${after} order by id limit ${MAILBOXES_AT_A_TIME}`.execute(db),
    );
    const last = mailboxes.at(-1);
    if (last === undefined) return ordered;
    const { rows } = await once('items that name a conference', () =>
      sql<{ meeting_key: MeetingKey }>`
        select distinct i.meeting_key from tcc.items i
         where i.mailbox_id = any(${mailboxes.map(({ id }) => id)}::int[]) and i.item::text ilike any(${patterns}::text[])
           and not exists (select from tcc.meetings m where m.meeting_hash = i.meeting_hash)`.execute(db),
    );
    ordered += await order(db, rows, at);
    after = last.id;
  }
}

async function order(db: Db, meetings: readonly { readonly meeting_key: MeetingKey }[], at: number): Promise<number> {
  const keys = meetings.map((row) => row.meeting_key);
  await inTransaction(db, 'plans by new rules', (trx) => addPlansLater(trx, keys, at));
  return keys.length;
}

/** The text as it stands in JSON, anywhere in an item, in any case. */
function patternOf(sign: string): string {
  const inJson = JSON.stringify(sign).slice(1, -1);
  return `%${inJson.replace(/[\\%_]/g, '\\$&')}%`;
}
