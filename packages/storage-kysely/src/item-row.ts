/**
 * A calendar item as a row: the whole item as JSON, beside it what queries need. `row_hash` answers "is it the same
 * row?", `content_hash` "would a person or the planner see a difference?" (a change key alone is none).
 */
import type {
  FolderItem,
  Instant,
  ItemId,
  MailboxAddress,
  MeetingKey,
  SeriesMaster,
} from '@calendar-connector/calendar-model';
import { meetingKey } from '@calendar-connector/calendar-model';
import { eventIdOf, textHash } from './hashes.ts';
import { clampInstant, OPEN_END, spanOf } from './item-span.ts';
import { cleanText, toJson } from './json-text.ts';

export interface ItemRow {
  readonly itemHash: string;
  readonly itemId: ItemId;
  readonly meetingHash: string;
  readonly meetingKey: MeetingKey;
  readonly originalStart: Instant | null;
  readonly spanStart: Instant;
  readonly spanEnd: string;
  readonly longSpan: boolean;
  readonly rowHash: string;
  readonly contentHash: string;
  readonly json: string;
  /** the event id of the meeting's first copy in this mailbox */
  readonly plainEventId: string;
}

interface ItemText {
  readonly json: string;
  readonly rowHash: string;
  readonly contentHash: string;
}

/**
 * Ids, change key and time of change are bookkeeping of the server: they change without anybody having changed anything.
 * They stand before the content in the text, so that one serialisation serves the row and both hashes.
 */
function textOf(item: FolderItem): ItemText {
  const { itemId, changeKey, lastModified, ...content } = item;
  const bookkeeping = toJson({ itemId, changeKey, lastModified });
  const text = toJson(content);
  const contentHash = textHash(content.kind === 'seriesMaster' ? toJson(bareSeries(content)) : text);
  return {
    json: `${bookkeeping.slice(0, -1)},${text.slice(1)}`,
    rowHash: textHash(content.kind === 'seriesMaster' ? bookkeeping + text : bookkeeping + contentHash),
    contentHash,
  };
}

/** Exceptions carry the server's bookkeeping too. */
function bareSeries(series: Omit<SeriesMaster, 'itemId' | 'changeKey' | 'lastModified'>): unknown {
  const exceptions = series.exceptions.map(({ itemId, changeKey, lastModified, ...content }) => content);
  return { ...series, exceptions };
}

export function itemHash(id: ItemId): string {
  return textHash(cleanText(id));
}

export function meetingHash(key: MeetingKey): string {
  return textHash(cleanText(key));
}

/** `mailbox`: whose row it is; the event id depends on it. */
export function rowOf(mailbox: MailboxAddress, item: FolderItem): ItemRow {
  const span = spanOf(item);
  const spanStart = clampInstant(span.start);
  const key = cleanText(meetingKey(item)) as MeetingKey;
  const originalStart = item.kind === 'exception' ? clampInstant(item.originalStart) : null;
  return {
    itemHash: itemHash(item.itemId),
    itemId: cleanText(item.itemId) as ItemId,
    meetingHash: meetingHash(key),
    meetingKey: key,
    originalStart,
    spanStart,
    spanEnd: span.end === undefined ? OPEN_END : String(Math.max(clampInstant(span.end), spanStart + 1)),
    longSpan: span.long,
    ...textOf(item),
    plainEventId: eventIdOf(mailbox, key, originalStart),
  };
}
