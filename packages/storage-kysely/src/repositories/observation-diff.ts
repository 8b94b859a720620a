/**
 * What one page of a mailbox changes, decided in memory from the rows it meets. No query, no clock: the transaction in
 * observations.ts reads the rows, asks here, and writes the answer.
 *
 * A new item whose meeting had a row that vanished in this mailbox is that row under a new id (Exchange moves and some
 * accepts are Delete + Create): it takes the row's event id over and the old row goes without anybody noticing.
 */
import type { Instant, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import { eventIdOf } from '../hashes.ts';
import type { ItemRow } from '../item-row.ts';

/** A row as it stands before the page. */
export interface KnownItem {
  readonly itemHash: string;
  readonly eventId: string;
  readonly meetingHash: string;
  readonly meetingKey: MeetingKey;
  readonly originalStart: Instant | null;
  readonly rowHash: string;
  readonly contentHash: string;
  readonly missingSince: Instant | null;
  readonly quarantine: string | null;
}

export interface ItemWrite {
  readonly row: ItemRow;
  readonly eventId: string;
  /** clients see a difference */
  readonly visible: boolean;
}

export interface ObservationDiff {
  readonly writes: readonly ItemWrite[];
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  /** rows replaced by an item with another id */
  readonly replaced: readonly KnownItem[];
  /** live rows that vanished and have no successor */
  readonly vanished: readonly KnownItem[];
  /** rows whose absence or quarantine ended */
  readonly revived: number;
  /** meetings to be planned */
  readonly touched: ReadonlySet<MeetingKey>;
  /** hashes of further meetings, to be planned only if they have a settlement */
  readonly passing: ReadonlyMap<string, MeetingKey>;
  /** change of the number of live items, before `vanished` is judged */
  readonly liveChange: number;
}

interface DiffInput {
  readonly mailbox: MailboxAddress;
  readonly page: readonly ItemRow[];
  readonly known: ReadonlyMap<string, KnownItem>;
  /** known rows this page reports as gone (explicitly or by a complete listing) */
  readonly gone: ReadonlySet<string>;
  /** hashes of items of the page that need no plan by themselves */
  readonly quiet: ReadonlySet<string>;
}

const isLive = (item: KnownItem): boolean => item.missingSince === null && item.quarantine === null;
/** Clients are shown something else than before; what is held they do not see. */
const isNews = (row: ItemRow, before: KnownItem | undefined): boolean =>
  before?.contentHash !== row.contentHash || before.missingSince !== null;
const slot = (meetingHash: string, originalStart: Instant | null): string => `${meetingHash}/${originalStart ?? ''}`;

/** Rows that a new item may continue: gone, held or quarantined ones that the page itself does not show. */
function listPredecessors({ known, gone, page }: DiffInput): Map<string, KnownItem[]> {
  const shown = new Set(page.map((row) => row.itemHash));
  const free = new Map<string, KnownItem[]>();
  for (const item of known.values()) {
    if (shown.has(item.itemHash) || (isLive(item) && !gone.has(item.itemHash))) continue;
    const key = slot(item.meetingHash, item.originalStart);
    free.set(key, [...(free.get(key) ?? []), item]);
  }
  return free;
}

export function diffObservation(input: DiffInput): ObservationDiff {
  const { mailbox, known, gone, quiet } = input;
  const predecessors = listPredecessors(input);
  const takenEventIds = new Set([...known.values()].map((item) => item.eventId));
  const writes: ItemWrite[] = [];
  const replaced: KnownItem[] = [];
  const touched = new Set<MeetingKey>();
  const passing = new Map<string, MeetingKey>();
  let [inserted, updated, unchanged, revived, liveChange] = [0, 0, 0, 0, 0];

  const insert = (row: ItemRow): void => {
    const before = predecessors.get(slot(row.meetingHash, row.originalStart))?.shift();
    if (before) replaced.push(before);
    const eventId = before?.eventId ?? freshEventId(mailbox, row, takenEventIds);
    takenEventIds.add(eventId);
    writes.push({ row, eventId, visible: isNews(row, before) });
    if (before || !quiet.has(row.itemHash)) touched.add(row.meetingKey);
    else passing.set(row.meetingHash, row.meetingKey);
    inserted += 1;
    liveChange += before && isLive(before) ? 0 : 1;
  };

  const update = (row: ItemRow, before: KnownItem): void => {
    const live = isLive(before);
    if (live && before.rowHash === row.rowHash) {
      unchanged += 1;
      return;
    }
    const visible = isNews(row, before);
    writes.push({ row, eventId: before.eventId, visible });
    updated += 1;
    if (!live) {
      revived += 1;
      liveChange += 1;
    }
    if (!live || (visible && !quiet.has(row.itemHash))) touched.add(row.meetingKey);
    else if (visible) passing.set(row.meetingHash, row.meetingKey);
    if (before.meetingKey !== row.meetingKey) touched.add(before.meetingKey);
  };

  for (const row of input.page) {
    const before = known.get(row.itemHash);
    if (before) update(row, before);
    else insert(row);
  }
  const replacedHashes = new Set(replaced.map((item) => item.itemHash));
  const vanished = [...gone]
    .map((hash) => known.get(hash))
    .filter((item): item is KnownItem => item !== undefined && isLive(item) && !replacedHashes.has(item.itemHash));
  return { writes, inserted, updated, unchanged, replaced, vanished, revived, touched, passing, liveChange };
}

/**
 * Further copies of one meeting in one mailbox (imported .ics) get an id that depends on the item. A successor may have
 * taken that one over too, when the item itself comes back.
 */
function freshEventId(mailbox: MailboxAddress, row: ItemRow, taken: ReadonlySet<string>): string {
  let eventId = row.plainEventId;
  for (let turn = 0; taken.has(eventId); turn += 1) eventId = copyEventId(mailbox, row, turn);
  return eventId;
}

export function copyEventId(mailbox: MailboxAddress, row: ItemRow, turn = 0): string {
  const copy = turn === 0 ? row.itemId : `${row.itemId}\n${turn}`;
  return eventIdOf(mailbox, row.meetingKey, row.originalStart, copy);
}
