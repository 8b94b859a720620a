/**
 * Meetings: the copies all mailboxes hold, and the baseline last agreed on. A settlement is accepted only for the
 * version it was planned from; what it orders (starts, another look) is enqueued in the same transaction.
 * Order of locks: announcements (announcement-locks.ts), the meeting, then mailboxes by id, then items, then jobs.
 */
import type {
  ConferenceId,
  FolderItem,
  Instant,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
} from '@calendar-connector/calendar-model';
import type {
  AgreedConference,
  Baseline,
  BoundMeeting,
  ConferenceBinding,
  MeetingCopy,
  MeetingStore,
  Settlement,
  StoredMeeting,
} from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { batched } from '../batcher.ts';
import { itemHash, meetingHash } from '../item-row.ts';
import { toJson } from '../json-text.ts';
import type { Db, Trx } from '../transaction.ts';
import { databaseNow, inTransaction, once } from '../transaction.ts';
import { holdConference, holdMeetings } from './announcement-locks.ts';
import { conferenceHash, conferenceStates } from './conference-states.ts';
import { bumpRevisions, listHolders, lockMailboxes, stampItems } from './feed-advance.ts';
import { notifyChanges } from './feed-notice.ts';
import { type FeedRemoval, insertRemovals } from './feed-removals.ts';
import { addJobs, addPlansLater, planNow, removeStarts, startAt } from './jobs.ts';
import { insertTimeline, listTimeline } from './timeline.ts';

/** Jobs are added in one statement per this many meetings. */
const REQUEST_BATCH_LIMIT = 1_000;
/**
 * After its first settlement a meeting is planned again: copies stored since the plan was made were passed over if they
 * need no plan by themselves. Not at once, so that what failed is not tried again before its time.
 */
const FOLLOW_UP_MS = 2_000;
/** Meetings asked for in one moment are loaded in one statement per this many. */
const LOAD_BATCH_LIMIT = 50;

export function meetingRepository(db: Db): MeetingStore {
  return {
    loadMeeting: batched((keys) => once('meetings', () => loadMeetings(db, keys)), LOAD_BATCH_LIMIT),
    commitSettlement: (settlement) =>
      inTransaction(db, `settlement of meeting ${settlement.key}`, (trx) => commitSettlement(trx, settlement)),
    requestPlan: (keys, at) => requestPlan(db, keys, at),
    findMeetingByConference: (serverId, conferenceId) =>
      once(`conference ${conferenceId}`, () => findMeetingByConference(db, serverId, conferenceId)),
    listBoundMeetings: (serverId) => once(`meetings on ${serverId}`, () => listBoundMeetings(db, serverId)),
    ...conferenceStates(db),
    appendTimeline: (entries) => once('timeline', () => insertTimeline(db, entries)),
    listTimeline: (uidOrKey, limit) => once('timeline', () => listTimeline(db, uidOrKey, limit)),
  };
}

interface MeetingRow {
  readonly n: number;
  readonly version: number | null;
  readonly baseline: Baseline | null;
  readonly address: MailboxAddress | null;
  readonly item: FolderItem | null;
  readonly missing_since: Instant | null;
}

/**
 * One statement, so that copies and baseline of a meeting belong to one moment. What is stored of a mailbox that is not
 * synced any more grows old: it may say that a meeting lives which was cancelled or moved since, and counts for nothing.
 */
async function loadMeetings(db: Db, keys: readonly MeetingKey[]): Promise<readonly StoredMeeting[]> {
  const { rows } = await sql<MeetingRow>`
    select k.n::int, m.version, m.baseline, b.address, i.item, i.missing_since
      from unnest(${keys.map(meetingHash)}::uuid[]) with ordinality k (hash, n)
      left join tcc.meetings m on m.meeting_hash = k.hash
      left join tcc.items i on i.meeting_hash = k.hash
      left join tcc.mailboxes b on b.id = i.mailbox_id and b.configured and b.licensed
     order by k.n, b.address, i.item_hash`.execute(db);
  const rowsOf = Map.groupBy(rows, (row) => row.n);
  return keys.map((key, index) => storedMeeting(key, rowsOf.get(index + 1) ?? []));
}

function storedMeeting(key: MeetingKey, rows: readonly MeetingRow[]): StoredMeeting {
  const baseline = rows[0]?.baseline;
  return {
    key,
    copies: rows.flatMap(copyOf),
    version: rows[0]?.version ?? 0,
    ...(baseline ? { baseline } : {}),
  };
}

function copyOf(row: MeetingRow): readonly MeetingCopy[] {
  if (row.address === null || row.item === null) return [];
  const copy = { mailbox: row.address, item: row.item };
  return [row.missing_since === null ? copy : { ...copy, missingSince: row.missing_since }];
}

async function commitSettlement(trx: Trx, settlement: Settlement): Promise<'done' | 'stale'> {
  const { key, version, visibleChange } = settlement;
  const { binding } = settlement.baseline;
  const isFirst = version === 0;
  if (visibleChange && binding) await holdConference(trx, conferenceHash(binding));
  if (visibleChange || isFirst) await holdMeetings(trx, [meetingHash(key)]);
  if (!(await saveBaseline(trx, settlement))) return 'stale';
  const holders = await lockTouched(trx, settlement);
  const removed = await acceptRemovals(trx, settlement);
  await advanceFeeds(trx, settlement, { holders, removed });
  await insertTimeline(trx, settlement.timeline);
  await removeStarts(trx, settlement.startsToCancel);
  await addJobs(trx, settlement.startsToSchedule.map(startAt));
  if (settlement.planAgainAt !== undefined) await addPlansLater(trx, [key], settlement.planAgainAt);
  if (isFirst) await addPlansLater(trx, [key], (await databaseNow(trx)) + FOLLOW_UP_MS);
  return 'done';
}

/** False when another settlement came first. */
async function saveBaseline(trx: Trx, { key, version, baseline }: Settlement): Promise<boolean> {
  const hash = meetingHash(key);
  const uid = await trx
    .selectFrom('tcc.items')
    .select(sql<string>`item ->> 'uid'`.as('uid'))
    .where('meeting_hash', '=', hash)
    .limit(1)
    .executeTakeFirst();
  const server = baseline.binding?.serverId ?? null;
  const conference = baseline.binding?.conferenceId ?? null;
  const values = {
    version: version + 1,
    baseline: toJson(baseline),
    binding_server: server,
    binding_conference: conference,
    ...(uid ? { uid: uid.uid } : {}),
  };
  if (version === 0) {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('tcc.meetings')
      .values({ meeting_hash: hash, meeting_key: key, ...values, bound_at: sql`now()` })
      .onConflict((conflict) => conflict.column('meeting_hash').doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }
  const { numUpdatedRows } = await trx
    .updateTable('tcc.meetings')
    .set({
      ...values,
      bound_at: sql`case when (binding_server, binding_conference)
      is distinct from (${server}::text, ${conference}::text) then now() else bound_at end`,
    })
    .where('meeting_hash', '=', hash)
    .where('version', '=', version)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

type RemovedEvent = Omit<FeedRemoval, 'revision'>;

/**
 * Locks every mailbox the settlement may write to, at once and in order of id: in two steps, two settlements could wait
 * for each other. Returns those that show the meeting and are told of a visible change.
 */
async function lockTouched(trx: Trx, { key, removals, visibleChange }: Settlement): Promise<readonly number[]> {
  if (removals.length === 0 && !visibleChange) return [];
  const holders = visibleChange ? await listHolders(trx, [meetingHash(key)]) : [];
  const addresses = removals.map((removal) => removal.mailbox);
  await lockMailboxes(trx, sql`id = any(${holders}::int[]) or address = any(${addresses}::text[])`);
  return holders;
}

/**
 * Deletes rows that are still missing; an item that came back meanwhile stays. Returns the events of which clients were
 * not told when they vanished: a version before this one did not.
 */
async function acceptRemovals(trx: Trx, settlement: Settlement): Promise<readonly RemovedEvent[]> {
  const { removals } = settlement;
  if (removals.length === 0) return [];
  const addresses = removals.map((removal) => removal.mailbox);
  const { rows } = await sql<RemovedEvent>`
    with gone as (delete from tcc.items i using tcc.mailboxes m,
      unnest(${addresses}::text[], ${removals.map((removal) => itemHash(removal.itemId))}::uuid[]) r (address, item_hash)
     where m.address = r.address and i.mailbox_id = m.id and i.item_hash = r.item_hash and i.missing_since is not null
      returning i.mailbox_id, i.event_id)
    select mailbox_id, event_id from gone
     where not exists (select 1 from tcc.feed_removals r
       where r.mailbox_id = gone.mailbox_id and r.event_id = gone.event_id)`.execute(trx);
  return rows;
}

interface Told {
  readonly holders: readonly number[];
  readonly removed: readonly RemovedEvent[];
}

async function advanceFeeds(trx: Trx, settlement: Settlement, { holders, removed }: Told): Promise<void> {
  const ids = [...new Set([...holders, ...removed.map((event) => event.mailbox_id)])];
  if (ids.length === 0) return;
  const advanced = await bumpRevisions(trx, ids);
  if (settlement.visibleChange) await stampItems(trx, [meetingHash(settlement.key)]);
  const revisions = new Map(advanced.map(({ id, revision }) => [id, revision]));
  await insertRemovals(
    trx,
    removed.map((event) => ({ ...event, revision: revisions.get(event.mailbox_id) ?? 0 })),
  );
  await notifyChanges(
    trx,
    advanced.map(({ address, revision }) => ({ mailbox: address, revision })),
  );
}

async function requestPlan(db: Db, keys: readonly MeetingKey[], at?: Instant): Promise<void> {
  for (let from = 0; from < keys.length; from += REQUEST_BATCH_LIMIT) {
    const batch = keys.slice(from, from + REQUEST_BATCH_LIMIT);
    await inTransaction(db, 'request to plan', (trx) =>
      at === undefined ? addJobs(trx, batch.map(planNow)) : addPlansLater(trx, batch, at),
    );
  }
}

/** The meeting that manages the conference: not one that only shows it; the one that made it, else the first to adopt it. */
async function findMeetingByConference(
  db: Db,
  serverId: TrueConfServerId,
  conferenceId: ConferenceId,
): Promise<MeetingKey | undefined> {
  const { rows } = await sql<{ meeting_key: MeetingKey }>`
    select meeting_key from tcc.meetings
     where binding_server = ${serverId} and binding_conference = ${conferenceId}
     order by baseline -> 'sharedWith' is not null, baseline #>> '{binding,ownership}' <> 'created', bound_at, meeting_key
     limit 1`.execute(db);
  return rows[0]?.meeting_key;
}

async function listBoundMeetings(db: Db, serverId: TrueConfServerId): Promise<readonly BoundMeeting[]> {
  const { rows } = await sql<{ meeting: MeetingKey; binding: ConferenceBinding; agreed: AgreedConference | null }>`
    select meeting_key as meeting, baseline -> 'binding' as binding, baseline -> 'agreed' as agreed from tcc.meetings
     where binding_server = ${serverId} and binding_conference is not null and baseline -> 'removed' = 'false'`.execute(
    db,
  );
  return rows.map(({ meeting, binding, agreed }) => ({ meeting, binding, ...(agreed && { agreed }) }));
}
