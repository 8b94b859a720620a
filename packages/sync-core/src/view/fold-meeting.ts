/**
 * Folds every mailbox's copy into one meeting. The organizer's copy wins; without it one attendee's copy is elected by
 * stable criteria; a room's, delegate's or list member's copy speaks only when nobody else's exists. SPEC.md §2.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { MeetingCopy } from '../model/meeting.ts';
import { foldAttendees } from './attendees.ts';
import { compareText, copyRank, type MailboxCopies, sortCopies } from './copies.ts';
import type { CopyRank, MeetingState, MeetingView, SourceCopy } from './meeting-view.ts';

/** How patient and how thorough folding is. */
export interface FoldOptions {
  readonly holdMs: number;
  /** attendees looked at */
  readonly maxAttendees: number;
}

interface Ranked {
  readonly copies: MailboxCopies;
  readonly rank: CopyRank;
}

/** One meeting from all its copies, as known at `now`. Independent of the order of the copies. */
export function foldMeeting(copies: readonly MeetingCopy[], now: Instant, options: FoldOptions): MeetingView {
  const sorted = sortCopies(copies, now, options.holdMs);
  const ranked = rankCopies(sorted.mailboxes);
  const state = judgeState(ranked, now, options.holdMs);
  const chosen = chooseSource(ranked, state);
  const source = chosen && sourceCopy(chosen);
  const organizer = ranked.find((entry) => entry.rank === 'organizer');
  const vanishedAt = organizer?.copies.missingSince;
  return {
    state,
    ...(source && { source }),
    orphans: chosen?.copies.orphans ?? [],
    ...(source?.item.organizer && { organizer: source.item.organizer }),
    attendees: source ? foldAttendees(source, sorted.mailboxes, options.maxAttendees) : [],
    isPrivate: copies.some(({ item }) => item.sensitivity === 'private' || item.sensitivity === 'confidential'),
    removals: sorted.removals,
    ...(sorted.holdEndsAt !== undefined && { holdEndsAt: sorted.holdEndsAt }),
    ...(vanishedAt !== undefined && { vanishedAt }),
    duplicates: sorted.duplicates,
  };
}

const RANK_ORDER: Readonly<Record<CopyRank, number>> = { organizer: 0, attendee: 1, unlisted: 2, resource: 3 };

/** At most one mailbox is the organizer's: the one most copies name, so that an imported forgery does not win. */
function rankCopies(mailboxes: readonly MailboxCopies[]): readonly Ranked[] {
  const votes = new Map<string, number>();
  for (const { best } of mailboxes) {
    const named = best.item.organizer?.address;
    if (named !== undefined) votes.set(named, (votes.get(named) ?? 0) + 1);
  }
  const claims = mailboxes.filter((entry) => copyRank(entry.mailbox, entry.best.item) === 'organizer');
  const organizer = [...claims].sort(
    (a, b) =>
      Number(a.missingSince !== undefined) - Number(b.missingSince !== undefined) ||
      Number(namesItself(b)) - Number(namesItself(a)) ||
      (votes.get(b.mailbox) ?? 0) - (votes.get(a.mailbox) ?? 0) ||
      compareText(a.mailbox, b.mailbox),
  )[0];
  return mailboxes
    .map((copies) => ({ copies, rank: copies === organizer ? 'organizer' : rankBelow(copies) }) as const)
    .sort((a, b) => RANK_ORDER[a.rank] - RANK_ORDER[b.rank] || electedFirst(a.copies, b.copies));
}

function rankBelow(copies: MailboxCopies): CopyRank {
  const rank = copyRank(copies.mailbox, copies.best.item);
  return rank === 'organizer' ? 'unlisted' : rank;
}

function namesItself({ mailbox, best }: MailboxCopies): boolean {
  return best.item.organizer?.address === undefined || best.item.organizer.address === mailbox;
}

const KIND_ORDER = { seriesMaster: 0, single: 0, exception: 1 } as const;

/** Election among copies of equal rank: the whole meeting before one occurrence, the newest version, then the address. */
function electedFirst(a: MailboxCopies, b: MailboxCopies): number {
  return (
    KIND_ORDER[a.best.item.kind] - KIND_ORDER[b.best.item.kind] ||
    (b.best.item.sequence ?? 0) - (a.best.item.sequence ?? 0) ||
    compareText(a.mailbox, b.mailbox)
  );
}

function judgeState(ranked: readonly Ranked[], now: Instant, holdMs: number): MeetingState {
  const organizer = ranked.find((entry) => entry.rank === 'organizer');
  const others = ranked.filter((entry) => entry !== organizer);
  const present = others.filter((entry) => entry.copies.missingSince === undefined);
  if (organizer) {
    const { missingSince, best } = organizer.copies;
    if (best.item.isCancelled) return 'cancelled';
    if (missingSince === undefined) return 'live';
    // The organizer's item moves to Deleted Items when it is cancelled; the attendees' copies then carry the flag.
    if (present.some((entry) => entry.copies.best.item.isCancelled)) return 'cancelled';
    return missingSince + holdMs <= now ? 'deleted' : 'held';
  }
  const believed = present.some((entry) => entry.rank !== 'resource')
    ? present.filter((entry) => entry.rank !== 'resource')
    : present;
  if (believed.length === 0) return others.some((entry) => stillHeld(entry, now, holdMs)) ? 'held' : 'unseen';
  // A single cancelled copy may mean that only this attendee was taken out.
  return believed.every((entry) => entry.copies.best.item.isCancelled) ? 'cancelled' : 'live';
}

function stillHeld({ copies }: Ranked, now: Instant, holdMs: number): boolean {
  return copies.missingSince !== undefined && copies.missingSince + holdMs > now;
}

function chooseSource(ranked: readonly Ranked[], state: MeetingState): Ranked | undefined {
  const organizer = ranked.find((entry) => entry.rank === 'organizer');
  if (organizer) return organizer;
  const present = ranked.filter((entry) => entry.copies.missingSince === undefined);
  if (state === 'live') return present.find((entry) => !entry.copies.best.item.isCancelled) ?? present[0];
  return present[0] ?? ranked[0];
}

function sourceCopy({ copies, rank }: Ranked): SourceCopy {
  return { mailbox: copies.mailbox, item: copies.best.item, rank };
}
