/**
 * An item as the wire says it, before translation: field names and words of Exchange, instants already numbers.
 * Every field is present from the start, so all items share one shape in memory. `problems` names fields whose value
 * could not be read: such an item is reported as unreadable, never delivered with a hole (facts: silent property loss).
 */
import type { Recurrence, TimeZoneRef } from '@calendar-connector/calendar-model';

/** t:Mailbox: whom an item names; what it does not say is an empty text. */
export interface RawPerson {
  name: string;
  address: string;
  routingType: string;
  mailboxType: string;
}

/** t:Attendee. */
export interface RawAttendee extends RawPerson {
  /** ResponseType, a word of the schema: `Accept`, `Decline`, `Unknown` … */
  response: string;
}

/** t:ExtendedProperty: how the property is named (only the parts the server gave are not empty) and its value. */
export interface RawExtended {
  /** GUID, lower case */
  readonly propertySetId: string;
  readonly distinguishedSet: string;
  readonly tag: string;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** as text, whatever its type; Binary is base64 */
  value: string;
}

/** t:Occurrence of ModifiedOccurrences; instants in epoch milliseconds. */
export interface RawOccurrence {
  itemId: string;
  start: number;
  end: number;
  originalStart: number;
}

/**
 * A calendar item as Exchange says it, before it is understood: `translateItem` does that. Texts are words of the schema
 * (ItemType, CalendarItemType), empty when absent; instants are epoch milliseconds.
 */
export class RawItem {
  /** local name of the element, `CalendarItem` for what we want */
  readonly element: string;
  itemId = '';
  changeKey = '';
  itemClass = '';
  subject = '';
  sensitivity = '';
  bodyType = '';
  body: string | undefined = undefined;
  hasAttachments = false;
  lastModified: number | undefined = undefined;
  uid = '';
  start: number | undefined = undefined;
  end: number | undefined = undefined;
  originalStart: number | undefined = undefined;
  recurrenceId: number | undefined = undefined;
  allDay = false;
  freeBusy = '';
  location = '';
  isMeeting: boolean | undefined = undefined;
  isCancelled: boolean | undefined = undefined;
  isOrganizer: boolean | undefined = undefined;
  type = '';
  myResponse = '';
  organizer: RawPerson | undefined = undefined;
  required: readonly RawAttendee[] = NONE;
  optional: readonly RawAttendee[] = NONE;
  resources: readonly RawAttendee[] = NONE;
  recurrence: Recurrence | undefined = undefined;
  modified: readonly RawOccurrence[] = NONE;
  deleted: readonly number[] = NONE;
  startZone: TimeZoneRef | undefined = undefined;
  endZone: TimeZoneRef | undefined = undefined;
  startZoneId = '';
  endZoneId = '';
  appointmentState: number | undefined = undefined;
  sequence: number | undefined = undefined;
  meetingWorkspaceUrl = '';
  netShowUrl = '';
  joinOnlineMeetingUrl = '';
  extended: readonly RawExtended[] = NONE;
  /** fields whose value could not be read */
  problems: readonly string[] = NONE;

  constructor(element: string) {
    this.element = element;
  }

  /** Notes that a field holds what it cannot hold. */
  problem(field: string): void {
    this.problems = [...this.problems, field];
  }
}

const NONE: readonly never[] = Object.freeze([]);
