/**
 * What the Exchange side of the world holds, as plain data and without any wire form: items of a mailbox's folders,
 * calendar content, series with exceptions, meeting messages.
 * Sources: MS-OXOCAL (meetings, states, global object ids), MS-OXCICAL, Microsoft "Calendars and EWS in Exchange".
 */
import type { Instant, Recurrence, TimeZoneRef } from '@calendar-connector/calendar-model';

export type MailboxType = 'Mailbox' | 'PublicDL' | 'PrivateDL' | 'Contact' | 'OneOff' | 'Unknown';
export type ResponseType = 'Unknown' | 'Organizer' | 'Tentative' | 'Accept' | 'Decline' | 'NoResponseReceived';
export type FreeBusy = 'Free' | 'Tentative' | 'Busy' | 'OOF' | 'WorkingElsewhere' | 'NoData';
export type Sensitivity = 'Normal' | 'Personal' | 'Private' | 'Confidential';
export type Importance = 'Low' | 'Normal' | 'High';
export type AttendeeRole = 'required' | 'optional' | 'resource';
/** What a person answers to an invitation. */
export type Answer = 'accept' | 'tentative' | 'decline';
/** Whom a change is announced to. */
export type SendMode = 'none' | 'all' | 'changed';

export interface Person {
  readonly name: string;
  /** SMTP address, or a legacy DN when `routingType` is EX */
  readonly address: string;
  readonly routingType?: string;
  readonly mailboxType?: MailboxType;
}

export interface AttendeeEntry extends Person {
  readonly role: AttendeeRole;
  readonly response: ResponseType;
  readonly lastResponse?: Instant;
  readonly proposedStart?: Instant;
  readonly proposedEnd?: Instant;
}

export interface Body {
  readonly type: 'HTML' | 'Text';
  readonly content: string;
}

/** The value of a MAPI property; binary values are base64, times ISO. */
export type ExtendedValue = string | readonly string[];

/** A MAPI property somebody set on an item, under the canonical name of `extendedKey`. */
export interface ExtendedEntry {
  readonly key: string;
  readonly type: string;
  readonly value: ExtendedValue;
}

/** A property the world does not interpret, kept as it came so that it can be given back. */
export interface OpaqueNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly OpaqueNode[];
  readonly text: string;
}

export interface Attachment {
  readonly number: number;
  readonly kind: 'file' | 'item';
  readonly name: string;
  readonly contentType: string;
  readonly contentId?: string;
  readonly contentLocation?: string;
  readonly isInline: boolean;
  readonly size: number;
  /** base64 for files */
  readonly content: string;
  readonly item?: OpaqueNode;
  readonly modified: Instant;
}

/** Everything a user can see or change in an item; an exception of a series overrides a part of it. */
export interface ItemContent {
  readonly subject: string;
  readonly body: Body;
  readonly sensitivity: Sensitivity;
  readonly importance: Importance;
  readonly categories: readonly string[];
  readonly reminderSet: boolean;
  readonly reminderMinutes: number;
  readonly culture: string;
  readonly extended: ReadonlyMap<string, ExtendedEntry>;
  readonly opaque: ReadonlyMap<string, OpaqueNode>;
  readonly attachments: readonly Attachment[];
}

export interface CalendarContent extends ItemContent {
  readonly start: Instant;
  readonly end: Instant;
  readonly allDay: boolean;
  readonly startZone: TimeZoneRef;
  readonly endZone: TimeZoneRef;
  readonly location: string;
  readonly freeBusy: FreeBusy;
  readonly intendedFreeBusy: FreeBusy;
  readonly attendees: readonly AttendeeEntry[];
  readonly organizer: Person;
  /** bit 1 meeting, 2 received, 4 cancelled (MS-OXOCAL PidLidAppointmentStateFlags) */
  readonly state: number;
  readonly myResponse: ResponseType;
  readonly replyTime?: Instant;
  readonly sequence: number;
  readonly requestSent: boolean;
  readonly responseRequested: boolean;
  readonly allowNewTime: boolean;
  readonly joinUrl?: string;
}

export type CalendarOverlay = { readonly [K in keyof CalendarContent]?: CalendarContent[K] };

/** What an occurrence became when somebody changed it alone. */
export interface ExceptionRecord {
  readonly originalStart: Instant;
  readonly overlay: CalendarOverlay & { readonly start: Instant; readonly end: Instant };
}

export interface SeriesState {
  readonly recurrence: Recurrence;
  /** keyed by original start */
  readonly exceptions: ReadonlyMap<Instant, ExceptionRecord>;
  readonly deleted: ReadonlySet<Instant>;
}

export type MeetingMessageKind = 'request' | 'response' | 'cancellation';

export interface TimeProposal {
  readonly start: Instant;
  readonly end: Instant;
}

export interface MeetingMessage {
  readonly kind: MeetingMessageKind;
  readonly from: Person;
  readonly to: readonly Person[];
  readonly response: ResponseType;
  readonly associatedItem?: number;
  readonly isDelegated: boolean;
  readonly isOutOfDate: boolean;
  readonly processed: boolean;
  /** another time an attendee would rather have */
  readonly proposal?: TimeProposal;
  readonly requestType: 'NewMeetingRequest' | 'FullUpdate' | 'InformationalUpdate' | 'None';
}

interface RecordBase {
  readonly number: number;
  readonly folder: number;
  readonly itemClass: string;
  readonly created: Instant;
  readonly received: Instant;
  readonly modified: Instant;
  readonly modifiedBy: string;
  /** change number of the last write */
  readonly change: number;
  /** change number of its appearance in this folder */
  readonly appeared: number;
  readonly isRead: boolean;
  readonly isDraft: boolean;
  readonly isAssociated: boolean;
}

export interface CalendarRecord extends RecordBase {
  readonly kind: 'calendar';
  readonly uid: string;
  /** hex, upper case; of the occurrence for an orphaned exception */
  readonly globalObjectId: string;
  readonly content: CalendarContent;
  readonly series?: SeriesState;
  /** an exception whose master this mailbox does not hold: where it was in the series */
  readonly orphanOf?: Instant;
}

export interface MessageRecord extends RecordBase {
  readonly kind: 'message';
  /** wire element that fits the class: Message, Contact, Task, PostItem, DistributionList, Item, MeetingRequest … */
  readonly element: string;
  readonly content: ItemContent;
  readonly meeting?: MeetingMessage;
  /** a meeting message carries the meeting as it was sent */
  readonly calendar?: {
    readonly uid: string;
    readonly globalObjectId: string;
    readonly content: CalendarContent;
    readonly series?: SeriesState;
  };
}

export type ItemRecord = CalendarRecord | MessageRecord;

/** What somebody types into a new appointment or meeting. */
export interface CalendarDraft extends CalendarOverlay {
  readonly start: Instant;
  readonly end: Instant;
  readonly recurrence?: Recurrence;
  readonly uid?: string;
  readonly itemClass?: string;
}

/** A change of an appointment, meeting, series or occurrence. `recurrence: null` makes a series a single item. */
export interface CalendarPatch extends CalendarOverlay {
  readonly recurrence?: Recurrence | null;
  readonly uid?: string;
}
