/**
 * Batched writes of item rows: one array per column, written out here where the values need no quotes, the items' JSON
 * as one text. Quoting each element, as the driver does, costs more than the insert.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { sql } from 'kysely';
import { plainArray } from '../array-literal.ts';
import { JSON_SEPARATOR } from '../json-text.ts';
import type { Trx } from '../transaction.ts';
import { forgetRemovals, insertRemovals } from './feed-removals.ts';
import type { ItemWrite, KnownItem } from './observation-diff.ts';

/** Rows per statement: large enough to amortise the round trip, small enough to keep one message below a few MB. */
const BATCH_LIMIT = 500;

interface WriteOrder {
  readonly mailboxId: number;
  readonly revision: number;
  readonly writes: readonly ItemWrite[];
}

export async function writeItems(trx: Trx, order: WriteOrder): Promise<void> {
  for (let from = 0; from < order.writes.length; from += BATCH_LIMIT) {
    await writeBatch(trx, { ...order, writes: order.writes.slice(from, from + BATCH_LIMIT) });
  }
  const back = order.writes.filter((write) => write.visible).map((write) => write.eventId);
  await forgetRemovals(trx, order.mailboxId, back);
}

async function writeBatch(trx: Trx, { mailboxId, revision, writes }: WriteOrder): Promise<void> {
  const plain = (pick: (write: ItemWrite) => string | number | boolean | null): string => plainArray(writes.map(pick));
  const items = writes.map((write) => write.row.json).join(JSON_SEPARATOR);
  await sql`
    insert into tcc.items (mailbox_id, item_hash, event_id, meeting_hash, meeting_key, original_start,
      span_start, span_end, long_span, row_hash, content_hash, item, missing_since, quarantine, revision)
    select ${mailboxId}, n.item_hash, n.event_id, n.meeting_hash, n.meeting_key, n.original_start,
      n.span_start, n.span_end, n.long_span, n.row_hash, n.content_hash, n.item::json, null, null, ${revision}
    from unnest(
      ${plain((write) => write.row.itemHash)}::uuid[], ${plain((write) => write.eventId)}::text[],
      ${plain((write) => write.row.meetingHash)}::uuid[], ${writes.map((write) => write.row.meetingKey)}::text[],
      ${plain((write) => write.row.originalStart)}::bigint[], ${plain((write) => write.row.spanStart)}::bigint[],
      ${plain((write) => write.row.spanEnd)}::bigint[], ${plain((write) => write.row.longSpan)}::boolean[],
      ${plain((write) => write.row.rowHash)}::uuid[], ${plain((write) => write.row.contentHash)}::uuid[],
      string_to_array(${items}, ${JSON_SEPARATOR})
    ) n (item_hash, event_id, meeting_hash, meeting_key, original_start,
      span_start, span_end, long_span, row_hash, content_hash, item)
    on conflict (mailbox_id, item_hash) do update set
      meeting_hash = excluded.meeting_hash, meeting_key = excluded.meeting_key,
      original_start = excluded.original_start, span_start = excluded.span_start, span_end = excluded.span_end, long_span = excluded.long_span,
      row_hash = excluded.row_hash, item = excluded.item, missing_since = null, quarantine = null,
      revision = case when items.content_hash is distinct from excluded.content_hash or items.missing_since is not null
                      then excluded.revision else items.revision end,
      content_hash = excluded.content_hash
    where (items.row_hash, items.missing_since, items.quarantine) is distinct from (excluded.row_hash, null, null)`.execute(
    trx,
  );
}

/** Rows that go without leaving a trace: a successor has taken their event id over. */
export async function deleteItems(trx: Trx, mailboxId: number, items: readonly KnownItem[]): Promise<void> {
  if (items.length === 0) return;
  const hashes = items.map((item) => item.itemHash);
  await sql`delete from tcc.items where mailbox_id = ${mailboxId} and item_hash = any(${hashes}::uuid[])`.execute(trx);
}

interface HoldOrder {
  readonly mailboxId: number;
  /** of the feed, in which clients are told */
  readonly revision: number;
  readonly at: Instant;
}

/** Marks rows as vanished: clients see them no more, while their meetings keep them until a settlement accepts that. */
export async function holdItems(trx: Trx, items: readonly KnownItem[], order: HoldOrder): Promise<void> {
  if (items.length === 0) return;
  const { mailboxId, revision, at } = order;
  const hashes = items.map((item) => item.itemHash);
  await sql`update tcc.items set missing_since = ${at}
    where mailbox_id = ${mailboxId} and item_hash = any(${hashes}::uuid[]) and missing_since is null`.execute(trx);
  await insertRemovals(
    trx,
    items.map(({ eventId }) => ({ mailbox_id: mailboxId, event_id: eventId, revision })),
  );
}
