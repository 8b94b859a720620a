/**
 * Things a person has to decide. A mass disappearance keeps the vanished items untouched (guard I8) until somebody says
 * whether they are really gone. One open anomaly per mailbox collects what further pages of the same event add.
 */
import { randomUUID } from 'node:crypto';
import type { MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import type { Anomaly, AnomalyReport, AnomalyStore, Observation } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { toJson } from '../json-text.ts';
import type { Db, Trx } from '../transaction.ts';
import { inTransaction, once } from '../transaction.ts';
import { notifyChanges } from './feed-notice.ts';
import { forgetRemovals, insertRemovals } from './feed-removals.ts';
import { addJobs, planNow } from './jobs.ts';
import type { KnownItem } from './observation-diff.ts';

export function anomalyRepository(db: Db): AnomalyStore {
  return {
    listAnomalies: (open) => once('list of anomalies', () => listAnomalies(db, open)),
    saveAnomaly: (anomaly) =>
      once(`anomaly ${anomaly.id}`, async () => {
        if (!(await isReported(db, anomaly))) await insertAnomaly(db, anomaly);
      }),
    decideAnomaly: (id, decision) =>
      inTransaction(db, `decision on anomaly ${id}`, (trx) => decideAnomaly(trx, id, decision)),
  };
}

async function listAnomalies(db: Db, open: boolean): Promise<readonly Anomaly[]> {
  const rows = await db
    .selectFrom('tcc.anomalies')
    .selectAll()
    .$if(open, (query) => query.where('decision', 'is', null))
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    kind: row.kind,
    facts: row.facts,
    ...(row.mailbox === null ? {} : { mailbox: row.mailbox }),
    ...(row.meeting_key === null ? {} : { meeting: row.meeting_key }),
    ...(row.decision === null ? {} : { decision: row.decision }),
    ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
  }));
}

/** What people were told of and have not decided about is not told again each time somebody meets it. */
async function isReported(db: Db, { kind, mailbox, meeting, facts }: AnomalyReport): Promise<boolean> {
  const { rows } = await sql`
    select 1 from tcc.anomalies where decision is null and kind = ${kind}
       and mailbox is not distinct from ${mailbox ?? null}::text
       and meeting_key is not distinct from ${meeting ?? null}::text
       and facts ->> 'serverId' is not distinct from ${facts.serverId ?? null}::text limit 1`.execute(db);
  return rows.length > 0;
}

async function insertAnomaly(db: Db, anomaly: AnomalyReport): Promise<void> {
  await db
    .insertInto('tcc.anomalies')
    .values({
      id: anomaly.id,
      at: anomaly.at,
      kind: anomaly.kind,
      mailbox: anomaly.mailbox ?? null,
      meeting_key: anomaly.meeting ?? null,
      facts: toJson(anomaly.facts),
      decision: null,
      decided_at: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

interface Quarantine {
  readonly mailboxId: number;
  /** of the feed, in which clients are told */
  readonly revision: number;
  readonly observation: Observation;
  readonly vanished: readonly KnownItem[];
  readonly live: number;
}

/** Marks the vanished rows with the anomaly that keeps them. The caller holds the mailbox's row. */
export async function quarantineItems(trx: Trx, quarantine: Quarantine): Promise<void> {
  const { mailboxId, revision, observation, vanished, live } = quarantine;
  const open = await trx
    .selectFrom('tcc.anomalies')
    .select('id')
    .where('mailbox', '=', observation.mailbox)
    .where('kind', '=', 'massDisappearance')
    .where('decision', 'is', null)
    .executeTakeFirst();
  const id = open?.id ?? randomUUID();
  if (open) await growAnomaly(trx, id, vanished.length);
  else {
    const facts = { live, vanished: vanished.length };
    await insertAnomaly(trx, {
      id,
      at: observation.at,
      kind: 'massDisappearance',
      mailbox: observation.mailbox,
      facts,
    });
  }
  const hashes = vanished.map((item) => item.itemHash);
  // Removals that were still held in this mailbox are not believed either, and clients see the events again: nothing of
  // it can be checked now.
  await sql`update tcc.items set quarantine = ${id} where mailbox_id = ${mailboxId} and item_hash = any(${hashes}::uuid[])`.execute(
    trx,
  );
  const { rows: doubted } = await sql<{ event_id: string }>`
    update tcc.items set quarantine = ${id}, missing_since = null, revision = ${revision}
     where mailbox_id = ${mailboxId} and missing_since is not null returning event_id`.execute(trx);
  await forgetRemovals(
    trx,
    mailboxId,
    doubted.map((row) => row.event_id),
  );
}

async function growAnomaly(trx: Trx, id: string, more: number): Promise<void> {
  await sql`update tcc.anomalies
    set facts = jsonb_set(facts, '{vanished}', to_jsonb((facts->>'vanished')::bigint + ${more}::bigint))
    where id = ${id}`.execute(trx);
}

/** Mailbox first, then the anomaly: the same order of locks as an observation. */
async function decideAnomaly(
  trx: Trx,
  id: string,
  decision: 'released' | 'discarded',
): Promise<'done' | 'already' | 'unknown'> {
  const found = await trx.selectFrom('tcc.anomalies').select('mailbox').where('id', '=', id).executeTakeFirst();
  if (!found) return 'unknown';
  const mailbox = found.mailbox === null ? undefined : await lockMailboxRow(trx, found.mailbox);
  const { numUpdatedRows } = await trx
    .updateTable('tcc.anomalies')
    .set({ decision, decided_at: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint` })
    .where('id', '=', id)
    .where('decision', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return 'already';
  if (decision === 'released' && mailbox) await releaseItems(trx, id, mailbox);
  if (decision === 'discarded') await discardQuarantine(trx, id);
  return 'done';
}

interface LockedMailbox {
  readonly id: number;
  readonly address: MailboxAddress;
}

async function lockMailboxRow(trx: Trx, mailbox: MailboxAddress): Promise<LockedMailbox | undefined> {
  return await trx
    .selectFrom('tcc.mailboxes')
    .select(['id', 'address'])
    .where('address', '=', mailbox)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** The removals are real: from now on the items are missing, clients are told, and their meetings are looked at. */
async function releaseItems(trx: Trx, anomaly: string, { id, address }: LockedMailbox): Promise<void> {
  const { rows } = await sql<{ meeting_key: MeetingKey; event_id: string }>`
    update tcc.items set quarantine = null, missing_since = (extract(epoch from now()) * 1000)::bigint
     where quarantine = ${anomaly} returning meeting_key, event_id`.execute(trx);
  if (rows.length === 0) return;
  const { revision } = await trx
    .updateTable('tcc.mailboxes')
    .set({ revision: sql`revision + 1` })
    .where('id', '=', id)
    .returning('revision')
    .executeTakeFirstOrThrow();
  await insertRemovals(
    trx,
    rows.map((row) => ({ mailbox_id: id, event_id: row.event_id, revision })),
  );
  await notifyChanges(trx, [{ mailbox: address, revision }]);
  await addJobs(trx, [...new Set(rows.map((row) => row.meeting_key))].map(planNow));
}

/** The items count as live again; the next full listing judges them anew. */
async function discardQuarantine(trx: Trx, id: string): Promise<void> {
  await sql`with back as (update tcc.items set quarantine = null where quarantine = ${id} returning mailbox_id)
    update tcc.mailboxes m set live_items = live_items + b.n
      from (select mailbox_id, count(*) n from back group by mailbox_id) b where m.id = b.mailbox_id`.execute(trx);
}
