/**
 * A calendar item as one mailbox holds it: single, series master, occurrence or exception.
 * Every attendee has a copy of their own; folding copies into one meeting is sync-core's work.
 * Source of the fields: EWS CalendarItemType (types.xsd), MS-OXOCAL; facts of sections 1.3, 2.1–2.5.
 */
import type { ChangeKey, ItemId } from './ids.ts';
import type { ModifiedOccurrence, Recurrence } from './recurrence.ts';
import type { Instant, LocalDate, TimeZoneRef } from './time.ts';

export type ItemKind = 'single' | 'seriesMaster' | 'occurrence' | 'exception';

/** The viewer's or an attendee's answer. `none`: not answered or unknown. */
export type ResponseStatus = 'organizer' | 'accepted' | 'tentative' | 'declined' | 'none';

export type AttendeeRole = 'organizer' | 'required' | 'optional' | 'resource';

export type Sensitivity = 'normal' | 'personal' | 'private' | 'confidential';

export type FreeBusyStatus = 'free' | 'tentative' | 'busy' | 'outOfOffice' | 'workingElsewhere' | 'noData';

/** Somebody named in an item. `address` is an SMTP address in lower case; absent when the server only knew an X.500 name. */
export interface Person {
  readonly name: string;
  readonly address?: string;
}

export interface Attendee extends Person {
  readonly role: Exclude<AttendeeRole, 'organizer'>;
  /** Only the organizer's copy knows it; other copies say `none`. */
  readonly response: Exclude<ResponseStatus, 'organizer'>;
}

export interface ItemBody {
  readonly type: 'html' | 'text';
  readonly content: string;
}

/** What the connector (or a mail plug-in) left on the item; carried by named properties, see MARKER. */
export interface ItemMarker {
  /** join URL of the bound conference */
  readonly conferenceUrl?: string;
  /** idempotency key of the write that made the item */
  readonly writeKey?: string;
  /** `trueconf`: the item mirrors a conference planned on the server. Value: `<server id>/<conference id>` */
  readonly mirrorOf?: string;
  /** name of the connector installation that wrote it */
  readonly instance?: string;
}

/** Fields that every kind of item has. Times are UTC instants, intervals half-open. */
interface ItemFields {
  readonly itemId: ItemId;
  readonly changeKey: ChangeKey;
  readonly uid: string;
  /** PidLidCleanGlobalObjectId, upper-case hex; absent on items that never were a meeting on some servers */
  readonly cleanGlobalObjectId?: string;
  readonly subject: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly allDay: boolean;
  /** For all-day items: the dates in the item's own zone; `endDate` is exclusive. */
  readonly startDate?: LocalDate;
  readonly endDate?: LocalDate;
  readonly startTimeZone?: TimeZoneRef;
  readonly endTimeZone?: TimeZoneRef;
  readonly location: string;
  readonly body?: ItemBody;
  readonly organizer?: Person;
  readonly attendees: readonly Attendee[];
  readonly isOrganizer: boolean;
  readonly isMeeting: boolean;
  readonly isCancelled: boolean;
  readonly myResponse: ResponseStatus;
  readonly sensitivity: Sensitivity;
  readonly freeBusy: FreeBusyStatus;
  /** URLs the server itself keeps in fields of their own (JoinOnlineMeetingUrl, NetShowUrl, MeetingWorkspaceUrl) */
  readonly links: readonly string[];
  readonly marker: ItemMarker;
  readonly hasAttachments: boolean;
  readonly lastModified?: Instant;
  /** AppointmentSequenceNumber: grows with each update the organizer sends */
  readonly sequence?: number;
}

export interface SingleItem extends ItemFields {
  readonly kind: 'single';
}

/** `start`/`end` are those of the first occurrence. `exceptions` are full items, one per modified occurrence that could be read. */
export interface SeriesMaster extends ItemFields {
  readonly kind: 'seriesMaster';
  readonly recurrence: Recurrence;
  readonly modifiedOccurrences: readonly ModifiedOccurrence[];
  readonly deletedOccurrences: readonly Instant[];
  readonly exceptions: readonly ExceptionItem[];
}

export interface OccurrenceItem extends ItemFields {
  readonly kind: 'occurrence';
  readonly originalStart: Instant;
}

/** A modified occurrence; also an "orphan" whose master the mailbox does not hold (invited to one occurrence only). */
export interface ExceptionItem extends ItemFields {
  readonly kind: 'exception';
  readonly originalStart: Instant;
}

export type CalendarItem = SingleItem | SeriesMaster | OccurrenceItem | ExceptionItem;

/** What a folder of a mailbox can hold at top level: SyncFolderItems never returns occurrences of a held master. */
export type FolderItem = SingleItem | SeriesMaster | ExceptionItem;

/**
 * Named string properties in a private property set that carry ItemMarker (EWS ExtendedFieldURI).
 * Fixed: mail plug-ins and other installations read them.
 */
export const MARKER = {
  propertySetId: '7f8c2c5e-3a53-4b7e-9d0a-5c1f6a2e9b41',
  conferenceUrl: 'TrueConfConferenceUrl',
  writeKey: 'CalendarConnectorWriteKey',
  mirrorOf: 'CalendarConnectorMirrorOf',
  instance: 'CalendarConnectorInstance',
} as const;
