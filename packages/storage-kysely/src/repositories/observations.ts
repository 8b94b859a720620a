/**
 * One page of what a mailbox holds, its cursor, the touched meetings' jobs and the change feed: in one transaction
 * (rule I7). The mailbox's row is locked before it is read, so fence, cursor and items are judged as they are, not as they were.
 */
import type { Instant, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import type { Observation, ObservationReceipt, ObservationStore } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { plainArray } from '../array-literal.ts';
import type { ItemRow } from '../item-row.ts';
import { itemHash, rowOf } from '../item-row.ts';
import { StoreError } from '../store-error.ts';
import type { Db, Trx } from '../transaction.ts';
import { inTransaction } from '../transaction.ts';
import { shareMeetings } from './announcement-locks.ts';
import { quarantineItems } from './anomalies.ts';
import { notifyChanges } from './feed-notice.ts';
import { deleteItems, holdItems, writeItems } from './item-writes.ts';
import { addJobs, addPlansLater, planNow } from './jobs.ts';
import type { KnownItem, ObservationDiff } from './observation-diff.ts';
import { copyEventId, diffObservation } from './observation-diff.ts';

interface LockedMailbox {
  readonly id: number;
  readonly fence: number;
  readonly cursor: string | null;
  readonly listing: string | null;
  readonly live_items: number;
  readonly revision: number;
}

export function observationRepository(db: Db): ObservationStore {
  return {
    commitObservation: (observation) =>
      inTransaction(db, `commit of mailbox ${observation.mailbox}`, (trx) => commit(trx, observation)),
  };
}

/** Nothing but the locked row itself: whatever else is asked in this statement is as it was before the wait for the lock. */
async function lockMailbox(trx: Trx, address: MailboxAddress): Promise<LockedMailbox> {
  const { rows } = await sql<LockedMailbox>`
    select id, fence, cursor, listing, live_items, revision
      from tcc.mailboxes where address = ${address} for no key update`.execute(trx);
  const [row] = rows;
  if (row) return row;
  const message = `mailbox ${address} is not registered: save it before its observations`;
  throw new StoreError(message, { kind: 'mailboxNotFound', code: 'mailbox.unknown', retriable: false });
}

/** A listing is continued only from its own pages; anything else would take unseen items for vanished ones. */
function isStale(mailbox: LockedMailbox, { previousCursor, listing }: Observation): boolean {
  if ((previousCursor ?? null) !== mailbox.cursor) return true;
  return listing !== undefined && listing.id !== mailbox.listing && previousCursor !== undefined;
}

async function commit(trx: Trx, observation: Observation): Promise<ObservationReceipt> {
  const read = lastOfEach(observation.changed.map((item) => rowOf(observation.mailbox, item)));
  await shareMeetings(
    trx,
    read.map((row) => row.meetingHash),
  );
  const mailbox = await lockMailbox(trx, observation.mailbox);
  if (mailbox.fence !== observation.fence) return { outcome: 'fenced' };
  if (isStale(mailbox, observation)) return { outcome: 'stale' };

  const startsListing = observation.listing !== undefined && observation.listing.id !== mailbox.listing;
  if (startsListing) await trx.deleteFrom('tcc.listing_items').where('mailbox_id', '=', mailbox.id).execute();
  const page = await listWanted(trx, mailbox.id, observation, read);
  const known = await loadKnown(trx, mailbox.id, observation, page);
  const gone = await listGone(trx, mailbox.id, observation, page, known);
  const diff = diffObservation({ mailbox: observation.mailbox, page, known, gone, quiet: quietItems(observation) });
  return applyDiff(trx, { mailbox, observation, page, known, diff });
}

/** An item that is not wanted is taken up all the same where the mailbox has shown it, or its meeting, already. */
async function listWanted(
  trx: Trx,
  mailboxId: number,
  { changed, isWanted }: Observation,
  page: readonly ItemRow[],
): Promise<readonly ItemRow[]> {
  const unwanted = new Set(
    isWanted ? changed.filter((item) => !isWanted(item)).map((item) => itemHash(item.itemId)) : [],
  );
  if (unwanted.size === 0) return page;
  const doubtful = page.filter((row) => unwanted.has(row.itemHash));
  const { rows } = await sql<{ item_hash: string; meeting_hash: string }>`
    select item_hash, meeting_hash from tcc.items where mailbox_id = ${mailboxId}
       and (item_hash = any(${plainArray(doubtful.map((row) => row.itemHash))}::uuid[])
         or meeting_hash = any(${plainArray(doubtful.map((row) => row.meetingHash))}::uuid[]))`.execute(trx);
  const shown = new Set(rows.flatMap((row) => [row.item_hash, row.meeting_hash]));
  return page.filter((row) => !unwanted.has(row.itemHash) || shown.has(row.itemHash) || shown.has(row.meetingHash));
}

function quietItems({ changed, needsPlan }: Observation): ReadonlySet<string> {
  return new Set(needsPlan ? changed.filter((item) => !needsPlan(item)).map((item) => itemHash(item.itemId)) : []);
}

interface Change {
  readonly mailbox: LockedMailbox;
  readonly observation: Observation;
  readonly page: readonly ItemRow[];
  readonly known: ReadonlyMap<string, KnownItem>;
  readonly diff: ObservationDiff;
}

async function applyDiff(trx: Trx, change: Change): Promise<ObservationReceipt> {
  const { mailbox, observation, diff } = change;
  const mailboxId = mailbox.id;
  const live = mailbox.live_items + diff.liveChange;
  const verdict = judge(observation, live, diff.vanished);
  const visible = verdict !== 'none' || diff.writes.some((write) => write.visible);
  const revision = mailbox.revision + (visible ? 1 : 0);
  await deleteItems(trx, mailboxId, diff.replaced);
  await writeItems(trx, { mailboxId, revision, writes: diff.writes });
  if (verdict === 'hold') await holdItems(trx, diff.vanished, { mailboxId, revision, at: observation.at });
  if (verdict === 'quarantine') {
    await quarantineItems(trx, { mailboxId, revision, observation, vanished: diff.vanished, live });
  }
  const held = verdict === 'hold' ? diff.vanished : [];
  const settled = await listSettled(trx, diff.passing);
  const touched = [...new Set<MeetingKey>([...diff.touched, ...settled, ...held.map((item) => item.meetingKey)])];

  await rememberListing(trx, change);
  await saveMailbox(trx, change, { live: live - diff.vanished.length, revision });
  await addJobs(trx, touched.map(planNow));
  await addPlansLater(trx, [...new Set(held.map((item) => item.meetingKey))], holdEnd(observation));
  if (visible) await notifyChanges(trx, [{ mailbox: observation.mailbox, revision }]);
  return {
    outcome: 'committed',
    inserted: diff.inserted,
    updated: diff.updated,
    unchanged: diff.unchanged,
    held: held.length,
    quarantined: verdict === 'quarantine' ? diff.vanished.length : 0,
    touched,
    revision,
  };
}

/** The page shares these meetings' locks: a first settlement comes wholly before this question or after the page. */
async function listSettled(trx: Trx, meetings: ReadonlyMap<string, MeetingKey>): Promise<readonly MeetingKey[]> {
  if (meetings.size === 0) return [];
  const { rows } = await sql<{ meeting_key: MeetingKey }>`
    select meeting_key from tcc.meetings where meeting_hash = any(${plainArray([...meetings.keys()])}::uuid[])`.execute(
    trx,
  );
  return rows.map((row) => row.meeting_key);
}

/** Something came and went between two looks: it may have been a held item under a new id, moved once more. */
function hasUnknownGone({ observation, page, known }: Change): boolean {
  const shown = new Set(page.map((row) => row.itemHash));
  return observation.removed.map(itemHash).some((hash) => !known.has(hash) && !shown.has(hash));
}

function holdEnd({ at, holdMs }: Observation): Instant {
  return at + Math.max(0, holdMs);
}

function judge(observation: Observation, live: number, vanished: readonly KnownItem[]): 'none' | 'hold' | 'quarantine' {
  if (vanished.length === 0) return 'none';
  return observation.judgeDisappearance({ live, vanished: vanished.length });
}

/** A page should name an item once; if it does not, the last one was read last. */
function lastOfEach(rows: readonly ItemRow[]): readonly ItemRow[] {
  return [...new Map(rows.map((row) => [row.itemHash, row])).values()];
}

interface KnownRow {
  readonly item_hash: string;
  readonly event_id: string;
  readonly meeting_hash: string;
  readonly meeting_key: MeetingKey;
  readonly original_start: Instant | null;
  readonly row_hash: string;
  readonly content_hash: string;
  readonly missing_since: Instant | null;
  readonly quarantine: string | null;
}

const KNOWN_COLUMNS = sql.raw(
  'item_hash, event_id, meeting_hash, meeting_key, original_start, row_hash, content_hash, missing_since, quarantine',
);

function knownItem(row: KnownRow): KnownItem {
  return {
    itemHash: row.item_hash,
    eventId: row.event_id,
    meetingHash: row.meeting_hash,
    meetingKey: row.meeting_key,
    originalStart: row.original_start,
    rowHash: row.row_hash,
    contentHash: row.content_hash,
    missingSince: row.missing_since,
    quarantine: row.quarantine,
  };
}

/** Rows the page can meet: the same items, absent copies of its meetings, holders of the event ids new items want. */
async function loadKnown(
  trx: Trx,
  mailboxId: number,
  observation: Observation,
  page: readonly ItemRow[],
): Promise<Map<string, KnownItem>> {
  const hashes = [...page.map((row) => row.itemHash), ...observation.removed.map(itemHash)];
  if (hashes.length === 0) return new Map();
  const meetings = [...new Set(page.map((row) => row.meetingHash))];
  const { rows } = await sql<KnownRow>`
    select ${KNOWN_COLUMNS} from tcc.items
     where mailbox_id = ${mailboxId} and item_hash = any(${plainArray(hashes)}::uuid[])
    union all
    select ${KNOWN_COLUMNS} from tcc.items
     where mailbox_id = ${mailboxId} and meeting_hash = any(${plainArray(meetings)}::uuid[])
       and (missing_since is not null or quarantine is not null)`.execute(trx);
  const known = new Map(rows.map((row) => [row.item_hash, knownItem(row)]));
  const fresh = page.filter((row) => !known.has(row.itemHash));
  const plainIds = fresh.map((row) => row.plainEventId);
  await addHolders(trx, mailboxId, plainIds, known);
  const taken = new Set([...known.values()].map((item) => item.eventId));
  const second = fresh.filter(
    ({ plainEventId }, index) => taken.has(plainEventId) || plainIds.indexOf(plainEventId) < index,
  );
  await addHolders(
    trx,
    mailboxId,
    second.map((row) => copyEventId(observation.mailbox, row)),
    known,
  );
  return known;
}

/** Rows of other meetings or further copies that hold these event ids. */
async function addHolders(
  trx: Trx,
  mailboxId: number,
  eventIds: readonly string[],
  known: Map<string, KnownItem>,
): Promise<void> {
  if (eventIds.length === 0) return;
  const { rows } = await sql<KnownRow>`
    select ${KNOWN_COLUMNS} from tcc.items
     where mailbox_id = ${mailboxId} and event_id = any(${plainArray(eventIds)}::text[])`.execute(trx);
  for (const row of rows) known.set(row.item_hash, knownItem(row));
}

/** What is gone: the removed ids and, at the end of a listing, everything no page of it has shown. */
async function listGone(
  trx: Trx,
  mailboxId: number,
  observation: Observation,
  page: readonly ItemRow[],
  known: Map<string, KnownItem>,
): Promise<Set<string>> {
  const shown = page.map((row) => row.itemHash);
  const shownSet = new Set(shown);
  const gone = new Set(observation.removed.map(itemHash).filter((hash) => !shownSet.has(hash)));
  if (!observation.listing?.complete) return gone;
  const { rows } = await sql<KnownRow>`
    select ${KNOWN_COLUMNS} from tcc.items i where mailbox_id = ${mailboxId}
       and not exists (select from unnest(${shown}::uuid[]) s (h) where s.h = i.item_hash)
       and not exists (select from tcc.listing_items l where l.mailbox_id = i.mailbox_id and l.item_hash = i.item_hash)`.execute(
    trx,
  );
  for (const row of rows) {
    known.set(row.item_hash, knownItem(row));
    gone.add(row.item_hash);
  }
  return gone;
}

/** Only a listing of several pages has to remember what it saw. */
async function rememberListing(trx: Trx, { mailbox, observation, page }: Change): Promise<void> {
  const { listing } = observation;
  if (!listing) return;
  if (listing.complete) {
    if (listing.id === mailbox.listing) {
      await trx.deleteFrom('tcc.listing_items').where('mailbox_id', '=', mailbox.id).execute();
    }
    return;
  }
  const hashes = page.map((row) => row.itemHash);
  await sql`insert into tcc.listing_items (mailbox_id, item_hash)
    select ${mailbox.id}, h from unnest(${hashes}::uuid[]) h on conflict do nothing`.execute(trx);
  const removed = observation.removed.map(itemHash);
  if (removed.length === 0) return;
  await sql`delete from tcc.listing_items where mailbox_id = ${mailbox.id}
    and item_hash = any(${removed}::uuid[]) and item_hash <> all(${hashes}::uuid[])`.execute(trx);
}

/** Writes the mailbox's row only when something in it differs. */
async function saveMailbox(
  trx: Trx,
  change: Change,
  next: { readonly live: number; readonly revision: number },
): Promise<void> {
  const { mailbox, observation } = change;
  const unknownGone = hasUnknownGone(change) ? { unknown_gone_at: Math.trunc(observation.at) } : {};
  const listing = observation.listing
    ? observation.listing.complete
      ? null
      : observation.listing.id
    : mailbox.listing;
  const same =
    observation.cursor === mailbox.cursor &&
    listing === mailbox.listing &&
    next.live === mailbox.live_items &&
    next.revision === mailbox.revision;
  if (same) return;
  await trx
    .updateTable('tcc.mailboxes')
    .set({ cursor: observation.cursor, listing, live_items: next.live, revision: next.revision, ...unknownGone })
    .where('id', '=', mailbox.id)
    .execute();
}
