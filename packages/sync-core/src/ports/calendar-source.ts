/**
 * Where calendars come from. ews-client implements it; further providers (Graph, CalDAV) fit behind the same port.
 * Every method may throw an Error that is a Failure. `signal` aborts the wait; an aborted write may still have happened.
 */

import type {
  Attendee,
  ConferenceAccess,
  ConferenceMode,
  Cursor,
  FolderId,
  FolderItem,
  FreeBusyStatus,
  Instant,
  ItemBody,
  ItemId,
  ItemMarker,
  LocalDate,
  MailboxAddress,
  Recurrence,
  Sensitivity,
} from '@calendar-connector/calendar-model';
import type { CancelSignal } from './cancel-signal.ts';

/** A mailbox found: where its calendar is and which back end serves it. */
export interface ResolvedMailbox {
  readonly address: MailboxAddress;
  readonly folderId: FolderId;
  /** the calendar folder's name as people see it, e.g. "Календарь" */
  readonly calendarTitle: string;
  readonly ownerName: string;
  /** EWS URL that serves the mailbox */
  readonly endpoint: string;
  /** mailboxes of one group may share a streaming connection (GroupingInformation + URL) */
  readonly affinityGroup: string;
}

/**
 * What somebody may do in a calendar: `read` it, `create` events in it as well, or also `edit` those that are there.
 * Exchange's levels Reviewer, Author and Editor.
 */
export type CalendarRight = 'read' | 'create' | 'edit';

/** Somebody whom the owner of a mailbox has given a right in their calendar. */
export interface Delegate {
  readonly address: MailboxAddress;
  readonly right: CalendarRight;
}

/** One page of what changed since a cursor. Items are complete; masters carry their exceptions. */
export interface ChangePage {
  readonly changed: readonly FolderItem[];
  readonly removed: readonly ItemId[];
  /** items the server named but could not give; they stay as they are and are asked for again at the next look */
  readonly unreadable: readonly { readonly itemId: ItemId; readonly code: string; readonly message: string }[];
  readonly cursor: Cursor;
  /** false: more pages wait behind `cursor` */
  readonly complete: boolean;
}

/** Why the stream says "look now". Only `mailbox` is acted on. */
export interface Hint {
  readonly mailbox: MailboxAddress;
  readonly reason: 'notification' | 'streamOpened' | 'gap' | 'resubscribed';
}

/** Who is told to look, and how the stream of a mailbox fares. */
export interface HintListener {
  onHint(hint: Hint): void;
  /** a mailbox's stream state: `live` hints arrive; `down` they do not (look by sweep) */
  onState(
    mailbox: MailboxAddress,
    state: 'live' | 'down',
    failure?: { readonly kind: string; readonly message: string },
  ): void;
}

/** Hints for a changing set of mailboxes; streams are opened, grouped, watched and reopened inside. */
export interface HintStream {
  /** Replaces the set of watched mailboxes; unchanged ones keep their stream. */
  watch(mailboxes: readonly ResolvedMailbox[]): void;
  /** Unsubscribes and closes; resolves when nothing is open any more. */
  close(): Promise<void>;
}

/** What a person wants an event to be. Instants with a zone; all-day events by dates. */
export interface EventDraft {
  readonly subject: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly allDay?: boolean;
  readonly startDate?: LocalDate;
  /** exclusive */
  readonly endDate?: LocalDate;
  /** Windows or IANA id */
  readonly timeZone: string;
  readonly location?: string;
  readonly body?: ItemBody;
  readonly attendees?: readonly Pick<Attendee, 'name' | 'address' | 'role'>[];
  readonly recurrence?: Recurrence;
  readonly sensitivity?: Sensitivity;
  readonly freeBusy?: FreeBusyStatus;
  readonly marker?: ItemMarker;
  readonly conference?: { readonly mode: ConferenceMode; readonly access: ConferenceAccess };
}

/**
 * Absent fields stay as they are. `recurrence: null` makes a series a single event. `ifLocation`: what the new location was
 * made from; an item that stands elsewhere by now was changed by somebody, so nothing is written and the call fails as
 * `conflict`.
 */
export type EventPatch = Partial<Omit<EventDraft, 'recurrence'>> & {
  readonly recurrence?: Recurrence | null;
  readonly ifLocation?: string;
};

/** An item, or one occurrence of a series (by its original start). */
export interface EventAddress {
  readonly itemId: ItemId;
  readonly originalStart?: Instant;
}

/** Who gets mail about a write. */
export type MailPolicy = 'none' | 'changed' | 'all';

/** A calendar server as the engine needs it. Every call is idempotent or says how it was answered; failures are Failures. */
export interface CalendarSource {
  readonly name: string;
  resolve(address: MailboxAddress, signal: CancelSignal): Promise<ResolvedMailbox>;
  /** No cursor: the whole folder, from scratch. Throws `cursorInvalid` when the cursor is refused. */
  fetchChanges(mailbox: ResolvedMailbox, cursor: Cursor | undefined, signal: CancelSignal): Promise<ChangePage>;
  openHints(listener: HintListener): HintStream;
  /** Idempotent by `writeKey`: a second call with the same key finds the first one's item. */
  createEvent(
    mailbox: ResolvedMailbox,
    draft: EventDraft,
    writeKey: string,
    mail: MailPolicy,
    signal: CancelSignal,
  ): Promise<FolderItem>;
  updateEvent(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    patch: EventPatch,
    mail: MailPolicy,
    signal: CancelSignal,
  ): Promise<FolderItem>;
  /**
   * Organizer's copy: cancels for everybody, who read `comment`. Attendee's copy: removes it. Already gone: `already`.
   */
  cancelEvent(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    mail: MailPolicy,
    signal: CancelSignal,
    comment?: string,
  ): Promise<'done' | 'already'>;
  respond(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    response: 'accepted' | 'tentative' | 'declined',
    signal: CancelSignal,
    comment?: string,
  ): Promise<'done' | 'already'>;
  /** Writes marker properties only; mails nobody. */
  writeMarker(mailbox: ResolvedMailbox, address: EventAddress, marker: ItemMarker, signal: CancelSignal): Promise<void>;
  /** Whom the mailbox's owner lets see their calendar, or act on it. */
  fetchDelegates(mailbox: ResolvedMailbox, signal: CancelSignal): Promise<readonly Delegate[]>;
  close(): Promise<void>;
}
