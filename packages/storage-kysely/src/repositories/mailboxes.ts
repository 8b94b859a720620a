/** Mailboxes as configuration names them, where they were found, how they are doing. */
import type { FolderId, Instant, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import type {
  MailboxRecord,
  MailboxRegistration,
  MailboxStatus,
  MailboxStore,
  ResolvedMailbox,
} from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { plainArray } from '../array-literal.ts';
import { cleanText, JSON_SEPARATOR, toJson } from '../json-text.ts';
import type { Db, Trx } from '../transaction.ts';
import { databaseNow, inTransaction, once } from '../transaction.ts';
import { addPlansLater } from './jobs.ts';

/** Jobs are added in one statement per this many meetings. */
const LOOKS_AT_A_TIME = 1_000;
/** A mailbox that is synced again is read first: until then its copies say what was true when it went. */
const CATCH_UP_MS = 30_000;

export function mailboxRepository(
  db: Db,
): MailboxStore & { findMailboxByFolder(folder: FolderId): Promise<MailboxAddress | undefined> } {
  return {
    saveMailboxes: (mailboxes) => inTransaction(db, 'list of mailboxes', (trx) => saveMailboxes(trx, mailboxes)),
    findMailbox: (address) =>
      once(`mailbox ${address}`, async () => {
        const row = await selectRecords(db).where('m.address', '=', address).executeTakeFirst();
        return row && recordOf(row);
      }),
    listMailboxes: () =>
      once('list of mailboxes', async () => {
        const rows = await selectRecords(db)
          .where('m.configured', '=', true)
          .orderBy('m.priority')
          .orderBy('m.id')
          .execute();
        return rows.map(recordOf);
      }),
    saveResolution: (resolved) => once(`mailbox ${resolved.address}`, () => saveResolution(db, resolved)),
    saveStatuses: (statuses) => once('states of mailboxes', () => saveStatuses(db, statuses)),
    setPaused: (address, paused) =>
      once(`mailbox ${address}`, async () => {
        const change = db.updateTable('tcc.mailboxes').set({ paused }).where('address', '=', address);
        await change.where('paused', '<>', paused).execute();
      }),
    resetCursor: (address) => inTransaction(db, `mailbox ${address}`, (trx) => resetCursor(trx, address)),
    findMailboxByFolder: (folder) =>
      once('mailbox of a calendar', async () => {
        const found = db.selectFrom('tcc.mailboxes').select('address').where('folder_id', '=', folder);
        return (await found.orderBy('configured', 'desc').orderBy('id').executeTakeFirst())?.address;
      }),
  };
}

function selectRecords(db: Db) {
  return db
    .selectFrom('tcc.mailboxes as m')
    .leftJoin('tcc.mailbox_status as s', 's.mailbox_id', 'm.id')
    .select([
      'm.address',
      'm.provider',
      'm.priority',
      'm.licensed',
      'm.paused',
      'm.resolved',
      'm.cursor',
      'm.listing',
      'm.live_items',
      'm.revision',
      'm.unknown_gone_at',
      's.status',
    ]);
}

type RecordRow = Awaited<ReturnType<ReturnType<typeof selectRecords>['execute']>>[number];

function recordOf(row: RecordRow): MailboxRecord {
  return {
    address: row.address,
    provider: row.provider,
    priority: row.priority,
    licensed: row.licensed,
    paused: row.paused,
    liveItems: row.live_items,
    revision: row.revision,
    ...(row.resolved === null ? {} : { resolved: row.resolved }),
    ...(row.cursor === null ? {} : { cursor: row.cursor }),
    ...(row.listing === null ? {} : { listing: row.listing }),
    ...(row.status === null ? {} : { status: row.status }),
    ...(row.unknown_gone_at === null ? {} : { unknownGoneAt: row.unknown_gone_at }),
  };
}

/**
 * A mailbox that is synced no longer takes its copies out of their meetings, one that is synced again brings them back:
 * these meetings are judged anew, although nobody touches an item. Of a mailbox that goes only what was agreed can change;
 * while it was away its meetings, and what it had lost, were looked at without it and perhaps found not worth a settlement.
 */
async function saveMailboxes(trx: Trx, mailboxes: readonly MailboxRegistration[]): Promise<void> {
  const before = await listSynced(trx);
  await writeRegistrations(trx, mailboxes);
  const after = await listSynced(trx);
  const went = [...before].filter((id) => !after.has(id));
  const came = [...after].filter((id) => !before.has(id));
  if (went.length + came.length === 0) return;
  const now = await databaseNow(trx);
  await orderLooks(trx, await listSettled(trx, went), now);
  await orderLooks(trx, await listMeetings(trx, came), now + CATCH_UP_MS);
}

async function listSettled(trx: Trx, mailboxIds: readonly number[]): Promise<readonly MeetingKey[]> {
  const { rows } = await sql<{ meeting_key: MeetingKey }>`
    select distinct t.meeting_key from tcc.items i join tcc.meetings t on t.meeting_hash = i.meeting_hash
     where i.mailbox_id = any(${plainArray(mailboxIds)}::int[])`.execute(trx);
  return rows.map((row) => row.meeting_key);
}

async function listMeetings(trx: Trx, mailboxIds: readonly number[]): Promise<readonly MeetingKey[]> {
  const { rows } = await sql<{ meeting_key: MeetingKey }>`
    select distinct meeting_key from tcc.items where mailbox_id = any(${plainArray(mailboxIds)}::int[])`.execute(trx);
  return rows.map((row) => row.meeting_key);
}

async function orderLooks(trx: Trx, meetings: readonly MeetingKey[], at: Instant): Promise<void> {
  for (let from = 0; from < meetings.length; from += LOOKS_AT_A_TIME) {
    await addPlansLater(trx, meetings.slice(from, from + LOOKS_AT_A_TIME), at);
  }
}

async function listSynced(trx: Trx): Promise<ReadonlySet<number>> {
  const rows = trx.selectFrom('tcc.mailboxes').select('id').where('configured', '=', true).where('licensed', '=', true);
  return new Set((await rows.execute()).map((row) => row.id));
}

/**
 * Rows that already say the same are not written. Another provider's server knows neither the place of a mailbox nor its
 * cursor; whoever still reads the old one may not commit it any more.
 */
async function writeRegistrations(trx: Trx, mailboxes: readonly MailboxRegistration[]): Promise<void> {
  const unique = [...new Map(mailboxes.map((mailbox) => [mailbox.address, mailbox])).values()];
  const addresses = unique.map((mailbox) => mailbox.address);
  await sql`
    insert into tcc.mailboxes as m (address, provider, priority, licensed, configured)
    select n.address, n.provider, n.priority, n.licensed, true
      from unnest(${addresses}::text[], ${unique.map((mailbox) => mailbox.provider)}::text[],
        ${unique.map((mailbox) => mailbox.priority)}::int[], ${unique.map((mailbox) => mailbox.licensed)}::boolean[])
        n (address, provider, priority, licensed)
     where not exists (select from tcc.mailboxes x where (x.address, x.provider, x.priority, x.licensed, x.configured)
       = (n.address, n.provider, n.priority, n.licensed, true))
     order by n.address
    on conflict (address) do update set provider = excluded.provider, priority = excluded.priority,
      licensed = excluded.licensed, configured = true,
      resolved = case when m.provider = excluded.provider then m.resolved end,
      cursor = case when m.provider = excluded.provider then m.cursor end,
      listing = case when m.provider = excluded.provider then m.listing end,
      fence = case when m.provider = excluded.provider then m.fence else m.fence + 1 end`.execute(trx);
  await sql`
    update tcc.mailboxes m set licensed = false, configured = false
     where m.configured and not exists (select from unnest(${addresses}::text[]) a where a = m.address)`.execute(trx);
}

async function saveResolution(db: Db, resolved: ResolvedMailbox): Promise<void> {
  const json = toJson(resolved);
  await db
    .updateTable('tcc.mailboxes')
    .set({ resolved: json, folder_id: cleanText(resolved.folderId) as FolderId })
    .where('address', '=', resolved.address)
    .where(sql<boolean>`resolved is distinct from ${json}::jsonb`)
    .execute();
}

async function saveStatuses(db: Db, statuses: readonly MailboxStatus[]): Promise<void> {
  if (statuses.length === 0) return;
  const latest = [...new Map(statuses.map((status) => [status.address, status])).values()];
  await sql`
    insert into tcc.mailbox_status (mailbox_id, status)
    select m.id, n.status::jsonb from unnest(${latest.map((status) => status.address)}::text[],
      string_to_array(${latest.map((status) => toJson(status)).join(JSON_SEPARATOR)}, ${JSON_SEPARATOR})) n (address, status)
      join tcc.mailboxes m on m.address = n.address order by m.id
    on conflict (mailbox_id) do update set status = excluded.status
     where mailbox_status.status is distinct from excluded.status`.execute(db);
}

async function resetCursor(trx: Trx, address: MailboxAddress): Promise<void> {
  const row = await trx
    .updateTable('tcc.mailboxes')
    .set({ cursor: null, listing: null })
    .where('address', '=', address)
    .returning('id')
    .executeTakeFirst();
  if (row) await trx.deleteFrom('tcc.listing_items').where('mailbox_id', '=', row.id).execute();
}
