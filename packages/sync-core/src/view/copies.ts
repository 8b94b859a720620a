/**
 * Sorts the copies of one meeting: what belongs together inside a mailbox, what vanished for good, whose copy is whose.
 * SPEC.md §2.1–2.3; failure modes 4, 7 and 23 of the facts (duplicates, delete + create, room copies).
 */
import type { FolderItem, Instant, MailboxAddress } from '@calendar-connector/calendar-model';
import type { MeetingCopy } from '../model/meeting.ts';
import type { CopyRank, CopyRef } from './meeting-view.ts';

/** What one mailbox holds of the meeting. */
export interface MailboxCopies {
  readonly mailbox: MailboxAddress;
  /** the item that represents the mailbox: master before single before orphan */
  readonly best: MeetingCopy;
  /** believed to exist (vanished ones only while nothing else is there) */
  readonly missingSince?: Instant;
  readonly orphans: readonly FolderItem[];
}

export interface SortedCopies {
  readonly mailboxes: readonly MailboxCopies[];
  readonly removals: readonly CopyRef[];
  readonly duplicates: readonly CopyRef[];
  readonly holdEndsAt?: Instant;
}

/** Groups copies by mailbox and slot, and decides which removals are certain at `now`. */
export function sortCopies(copies: readonly MeetingCopy[], now: Instant, holdMs: number): SortedCopies {
  const removals: CopyRef[] = [];
  const duplicates: CopyRef[] = [];
  const mailboxes: MailboxCopies[] = [];
  let holdEndsAt: Instant | undefined;
  for (const group of byMailbox(copies)) {
    const live = group.filter((copy) => copy.missingSince === undefined).sort(betterFirst);
    const slots = new Map<string, MeetingCopy>();
    for (const copy of live) {
      if (slots.has(slotOf(copy.item))) duplicates.push(refOf(copy));
      else slots.set(slotOf(copy.item), copy);
    }
    const missing = group.filter((copy) => copy.missingSince !== undefined).sort(betterFirst);
    for (const copy of missing) {
      const certainAt = (copy.missingSince ?? now) + holdMs;
      // A new item in the same place: the item moved or was answered (Delete + Create), nothing ended.
      if (slots.has(slotOf(copy.item)) || certainAt <= now) removals.push(refOf(copy));
      else holdEndsAt = Math.min(holdEndsAt ?? certainAt, certainAt);
    }
    const best = live[0] ?? missing[0];
    if (best) mailboxes.push(mailboxCopies(best, live));
  }
  return { mailboxes, removals, duplicates, ...(holdEndsAt !== undefined && { holdEndsAt }) };
}

function mailboxCopies(best: MeetingCopy, live: readonly MeetingCopy[]): MailboxCopies {
  const orphans =
    best.item.kind === 'exception'
      ? live
          .slice(1)
          .map((copy) => copy.item)
          .filter(isException)
      : [];
  return {
    mailbox: best.mailbox,
    best,
    orphans,
    ...(best.missingSince !== undefined && { missingSince: best.missingSince }),
  };
}

function isException(item: FolderItem): boolean {
  return item.kind === 'exception';
}

function byMailbox(copies: readonly MeetingCopy[]): readonly MeetingCopy[][] {
  const groups = new Map<MailboxAddress, MeetingCopy[]>();
  for (const copy of copies) {
    const group = groups.get(copy.mailbox);
    if (group) group.push(copy);
    else groups.set(copy.mailbox, [copy]);
  }
  return [...groups.values()].sort((a, b) => compareText(a[0]?.mailbox ?? '', b[0]?.mailbox ?? ''));
}

/** Items that stand for the same thing: the meeting itself, or one occurrence the mailbox was invited to. */
function slotOf(item: FolderItem): string {
  return item.kind === 'exception' ? `at ${item.originalStart}` : 'meeting';
}

const KIND_ORDER = { seriesMaster: 0, single: 1, exception: 2 } as const;

/** A total order, so that the choice never depends on the order of arrival (I3, I14). */
function betterFirst(a: MeetingCopy, b: MeetingCopy): number {
  return (
    KIND_ORDER[a.item.kind] - KIND_ORDER[b.item.kind] ||
    (b.item.sequence ?? 0) - (a.item.sequence ?? 0) ||
    Number(a.item.isCancelled) - Number(b.item.isCancelled) ||
    Number(b.item.isOrganizer) - Number(a.item.isOrganizer) ||
    a.item.start - b.item.start ||
    (b.item.lastModified ?? 0) - (a.item.lastModified ?? 0) ||
    compareText(a.item.itemId, b.item.itemId)
  );
}

/** Whose copy an item is, by what it says itself. */
export function copyRank(mailbox: MailboxAddress, item: FolderItem): CopyRank {
  if (item.isOrganizer) return 'organizer';
  const listed = item.attendees.find((attendee) => attendee.address === mailbox);
  if (listed?.role === 'resource') return 'resource';
  if (listed) return 'attendee';
  return 'unlisted';
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function refOf(copy: MeetingCopy): CopyRef {
  return { mailbox: copy.mailbox, itemId: copy.item.itemId };
}
