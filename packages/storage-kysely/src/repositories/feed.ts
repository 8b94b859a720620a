/**
 * What clients read: a window of a mailbox by index, one event, and what changed since a revision. A window is read
 * from two indexes: short items by their start (at most 32 days before the window), long ones and series by their end.
 * What has vanished from the mailbox is shown to nobody, whether its removal is believed already or not.
 */
import type { FolderItem, Instant, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import type {
  AgreedConference,
  ConferenceBinding,
  FeedPage,
  FeedStore,
  StoredItem,
} from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { clampInstant, LONG_SPAN_MS } from '../item-span.ts';
import type { Db } from '../transaction.ts';
import { once } from '../transaction.ts';

type FeedReads = Pick<FeedStore, 'listItemsInWindow' | 'findItem' | 'changesSince'>;

export function feedRepository(db: Db): FeedReads {
  return {
    listItemsInWindow: (mailbox, from, to) =>
      once(`calendar of ${mailbox}`, () => listItemsInWindow(db, mailbox, clampInstant(from), clampInstant(to))),
    findItem: (mailbox, eventId) => once(`event of ${mailbox}`, () => findItem(db, mailbox, eventId)),
    changesSince: (mailbox, revision, limit) =>
      once(`changes of ${mailbox}`, () => changesSince(db, mailbox, { revision, limit })),
  };
}

interface ItemRow {
  readonly feed_revision: number;
  readonly event_id: string | null;
  readonly item: FolderItem | null;
  readonly meeting_key: MeetingKey | null;
  readonly binding: ConferenceBinding | null;
  readonly agreed: AgreedConference | null;
  readonly state: 'running' | 'stopped' | null;
}

const ITEM_FIELDS = sql.raw(`i.event_id, i.item, i.meeting_key,
  t.baseline -> 'binding' as binding, t.baseline -> 'agreed' as agreed, s.state`);
const MEETING_JOINS = sql.raw(`
  left join tcc.meetings t on t.meeting_hash = i.meeting_hash
  left join tcc.conference_states s on s.server_id = t.binding_server and s.conference_id = t.binding_conference`);

function storedItem(mailbox: MailboxAddress, row: ItemRow): readonly StoredItem[] {
  if (row.event_id === null || row.item === null || row.meeting_key === null) return [];
  const stored = { mailbox, eventId: row.event_id, item: row.item, meeting: row.meeting_key };
  if (!row.binding) return [stored];
  const { mode, access } = row.agreed ?? {};
  const binding = {
    ...row.binding,
    state: row.state ?? ('stopped' as const),
    ...(mode === undefined ? {} : { mode }),
    ...(access === undefined ? {} : { access }),
  };
  return [{ ...stored, binding }];
}

async function listItemsInWindow(db: Db, mailbox: MailboxAddress, from: Instant, to: Instant) {
  const { rows } = await sql<ItemRow>`
    select m.revision as feed_revision, ${ITEM_FIELDS}
      from tcc.mailboxes m
      left join lateral (
        select * from tcc.items where mailbox_id = m.id and missing_since is null and not long_span
           and ${from}::bigint < ${to}::bigint
           and span_start < ${to} and span_start > ${clampInstant(from - LONG_SPAN_MS - 1)} and span_end > ${from}
        union all
        select * from tcc.items where mailbox_id = m.id and missing_since is null and long_span
           and span_end > ${from} and span_start < ${to}
           and ${from}::bigint < ${to}::bigint
      ) i on true
      ${MEETING_JOINS}
     where m.address = ${mailbox}`.execute(db);
  const ordered = rows.toSorted((a, b) => startOf(a) - startOf(b) || compareText(a.event_id, b.event_id));
  return { items: ordered.flatMap((row) => storedItem(mailbox, row)), revision: rows[0]?.feed_revision ?? 0 };
}

function startOf({ item }: ItemRow): Instant {
  return item === null ? 0 : clampInstant(item.start);
}

/** The order of PostgreSQL's collation C; sorted here because rows with whole items spill PostgreSQL's sort to disk. */
function compareText(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

async function findItem(db: Db, mailbox: MailboxAddress, eventId: string): Promise<StoredItem | undefined> {
  const { rows } = await sql<ItemRow>`
    select m.revision as feed_revision, ${ITEM_FIELDS}
      from tcc.mailboxes m join tcc.items i on i.mailbox_id = m.id and i.event_id = ${eventId} and i.missing_since is null
      ${MEETING_JOINS}
     where m.address = ${mailbox}`.execute(db);
  return rows.flatMap((row) => storedItem(mailbox, row))[0];
}

interface Since {
  readonly revision: number;
  readonly limit: number;
}

/** One statement, so that items, removals and revision belong to one moment. */
async function changesSince(db: Db, mailbox: MailboxAddress, { revision, limit }: Since): Promise<FeedPage> {
  const bounded = Math.max(1, Math.trunc(limit));
  const { rows } = await sql<ItemRow & { readonly feed_floor: number; readonly removed: string | null }>`
    with box as (select id, revision, feed_floor from tcc.mailboxes where address = ${mailbox}),
      changed as (select i.* from box, tcc.items i
        where i.mailbox_id = box.id and i.revision > ${revision} and i.missing_since is null
        order by i.revision, i.event_id limit ${bounded + 1}),
      removed as (select r.event_id from box, tcc.feed_removals r
        where r.mailbox_id = box.id and r.revision > ${revision} order by r.revision, r.event_id limit ${bounded + 1})
    select box.revision as feed_revision, box.feed_floor, null as removed, ${ITEM_FIELDS}
      from box left join changed i on true ${MEETING_JOINS}
    union all
    select box.revision, box.feed_floor, removed.event_id, null, null, null, null, null, null from box, removed`.execute(
    db,
  );
  const [first] = rows;
  if (!first) return { revision: 0, changed: [], removed: [], resync: true };
  const changed = rows.flatMap((row) => storedItem(mailbox, row));
  const removed = rows.flatMap((row) => (row.removed === null ? [] : [row.removed]));
  const { feed_revision: current, feed_floor: floor } = first;
  const resync = revision > current || revision < floor || changed.length + removed.length > bounded;
  return resync
    ? { revision: current, changed: [], removed: [], resync }
    : { revision: current, changed, removed, resync };
}
