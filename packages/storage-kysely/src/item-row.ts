/**
 * A calendar item as a row: the whole item as JSON, beside it what queries need. `row_hash` answers "is it the same
 * row?", `content_hash` "would a person or the planner see a difference?" (a change key alone is none).
 */
import type { FolderItem, Instant, ItemId, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import { meetingKey } from '@calendar-connector/calendar-model';
import { eventIdOf, textHash } from './hashes.ts';
import { clampInstant, OPEN_END, spanOf } from './item-span.ts';
import { cleanText, toJson } from './json-text.ts';

export interface ItemRow {
  readonly itemHash: string;
  readonly itemId: ItemId;
  readonly meetingHash: string;
  readonly meetingKey: MeetingKey;
  readonly uid: string;
  readonly originalStart: Instant | null;
  readonly startsAt: Instant;
  readonly spanStart: Instant;
  readonly spanEnd: string;
  readonly longSpan: boolean;
  readonly rowHash: string;
  readonly contentHash: string;
  readonly json: string;
  /** the event id of the meeting's first copy in this mailbox */
  readonly plainEventId: string;
}

/** Bookkeeping of the server: it changes without anybody having changed anything. Exceptions carry it too. */
function contentOf(item: FolderItem): unknown {
  const bare = { ...item, itemId: undefined, changeKey: undefined, lastModified: undefined };
  if (item.kind !== 'seriesMaster') return bare;
  const exceptions = item.exceptions.map((one) => ({
    ...one,
    itemId: undefined,
    changeKey: undefined,
    lastModified: undefined,
  }));
  return { ...bare, exceptions };
}

export function itemHash(id: ItemId): string {
  return textHash(cleanText(id));
}

export function meetingHash(key: MeetingKey): string {
  return textHash(cleanText(key));
}

/** `mailbox`: whose row it is; the event id depends on it. */
export function rowOf(mailbox: MailboxAddress, item: FolderItem): ItemRow {
  const json = toJson(item);
  const span = spanOf(item);
  const spanStart = clampInstant(span.start);
  const key = cleanText(meetingKey(item)) as MeetingKey;
  const originalStart = item.kind === 'exception' ? clampInstant(item.originalStart) : null;
  return {
    itemHash: itemHash(item.itemId),
    itemId: cleanText(item.itemId) as ItemId,
    meetingHash: meetingHash(key),
    meetingKey: key,
    uid: cleanText(item.uid),
    originalStart,
    startsAt: clampInstant(item.start),
    spanStart,
    spanEnd: span.end === undefined ? OPEN_END : String(Math.max(clampInstant(span.end), spanStart + 1)),
    longSpan: span.long,
    rowHash: textHash(json),
    contentHash: textHash(JSON.stringify(contentOf(item))),
    json,
    plainEventId: eventIdOf(mailbox, key, originalStart),
  };
}
