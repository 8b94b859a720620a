/**
 * One meeting as the planner sees it, folded from the copies of all synced mailboxes. SPEC.md §2.
 */
import type { Attendee, FolderItem, Instant, ItemId, MailboxAddress, Person } from '@calendar-connector/calendar-model';

/**
 * Whose copy it is; the smaller wins. `organizer`: the organizer's own calendar. `attendee`: somebody named in the
 * meeting. `unlisted`: a delegate's copy, or somebody invited through a list. `resource`: a room, never believed when
 * any other copy exists.
 */
export type CopyRank = 'organizer' | 'attendee' | 'unlisted' | 'resource';

/** The copy that speaks for the meeting. */
export interface SourceCopy {
  readonly mailbox: MailboxAddress;
  readonly item: FolderItem;
  readonly rank: CopyRank;
}

/**
 * live: it takes place. cancelled: by flag. deleted: the organizer's item is gone for good and no cancellation was seen.
 * held: the organizer's item vanished a moment ago. unseen: no believed copy is left, and none of them was the organizer's.
 */
export type MeetingState = 'live' | 'cancelled' | 'deleted' | 'held' | 'unseen';

/** A person's answer, and where it is known from. */
export interface FoldedAttendee extends Attendee {
  readonly answeredIn?: 'ownCopy' | 'organizersCopy';
}

/** One copy of a meeting. */
export interface CopyRef {
  readonly mailbox: MailboxAddress;
  readonly itemId: ItemId;
}

/** What all copies together say about a meeting. */
export interface MeetingView {
  readonly state: MeetingState;
  /** absent only when no copy is known at all */
  readonly source?: SourceCopy;
  /** further items of the source's mailbox that belong to the meeting: orphan occurrences without their master */
  readonly orphans: readonly FolderItem[];
  readonly organizer?: Person;
  readonly attendees: readonly FoldedAttendee[];
  /** any copy says private or confidential */
  readonly isPrivate: boolean;
  /** vanished items whose removal is believed now */
  readonly removals: readonly CopyRef[];
  /** when the next held removal becomes certain */
  readonly holdEndsAt?: Instant;
  /** when the organizer's item was seen to be gone */
  readonly vanishedAt?: Instant;
  /** items beyond the first of one mailbox with the same identity */
  readonly duplicates: readonly CopyRef[];
}
