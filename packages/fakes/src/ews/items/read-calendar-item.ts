/**
 * A calendar item as a client writes it, turned into the world's words: whole (CreateItem) or field by field (UpdateItem).
 * Zones: a time without offset is wall time of StartTimeZone, of the request's TimeZoneContext, or UTC; a moment without any
 * zone makes the item a UTC item (facts "Time zones and all-day": updating Start without TimeZoneContext rewrites the zone).
 */
import type { Recurrence, TimeZoneRef } from '@calendar-connector/calendar-model';
import { addressOfDn } from '../../world/directory.ts';
import type {
  AttendeeEntry,
  AttendeeRole,
  CalendarContent,
  CalendarDraft,
  CalendarPatch,
  ExtendedEntry,
  FreeBusy,
  Importance,
  OpaqueNode,
  Sensitivity,
} from '../../world/model.ts';
import { findZone, UTC_REF } from '../../world/zones.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { RequestContext } from '../request-context.ts';
import { isTrue } from '../wire/booleans.ts';
import { readTime } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';
import { readExtendedProperty } from './extended-properties.ts';
import { toOpaque } from './opaque-xml.ts';
import { readAttachments } from './read-attachment.ts';
import { readRecurrence } from './recurrence-xml.ts';
import { readTimeZone } from './time-zone-xml.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type PatchBuilder = Writable<CalendarPatch>;
type Setter = (
  patch: PatchBuilder,
  element: XmlElement,
  context: RequestContext,
  base: CalendarContent | undefined,
) => void;

const text = (element: XmlElement): string => element.text;
const flag = (element: XmlElement): boolean => isTrue(element.text);

const SETTERS: Readonly<Record<string, Setter>> = {
  Subject: (patch, element) => {
    if (element.text.length > 255) patch.subject = element.text.slice(0, 255);
    else patch.subject = text(element);
  },
  Sensitivity: (patch, element) => {
    patch.sensitivity = text(element).trim() as Sensitivity;
  },
  Body: (patch, element) => {
    patch.body = { type: element.attribute('BodyType') === 'Text' ? 'Text' : 'HTML', content: text(element) };
  },
  Categories: (patch, element) => {
    patch.categories = element.all('String').map((entry) => entry.text);
  },
  Importance: (patch, element) => {
    patch.importance = text(element).trim() as Importance;
  },
  ReminderIsSet: (patch, element) => {
    patch.reminderSet = flag(element);
  },
  ReminderDueBy: () => undefined,
  ReminderMinutesBeforeStart: (patch, element) => {
    patch.reminderMinutes = Number(text(element));
  },
  Culture: (patch, element) => {
    patch.culture = text(element);
  },
  UID: (patch, element) => {
    if (text(element) !== '') patch.uid = text(element);
  },
  IsAllDayEvent: (patch, element) => {
    patch.allDay = flag(element);
  },
  LegacyFreeBusyStatus: (patch, element) => {
    patch.freeBusy = text(element).trim() as FreeBusy;
    patch.intendedFreeBusy = patch.freeBusy;
  },
  Location: (patch, element) => {
    patch.location = text(element);
  },
  EnhancedLocation: (patch, element) => {
    patch.location = element.childText('DisplayName') ?? '';
  },
  IsResponseRequested: (patch, element) => {
    patch.responseRequested = flag(element);
  },
  AllowNewTimeProposal: (patch, element) => {
    patch.allowNewTime = flag(element);
  },
  RequiredAttendees: setAttendees('required'),
  OptionalAttendees: setAttendees('optional'),
  Resources: setAttendees('resource'),
  Recurrence: (patch, element) => {
    patch.recurrence = readRecurrence(element);
  },
  ExtendedProperty: (patch, element, _context, base) => {
    const entry = readExtendedProperty(element);
    patch.extended = new Map<string, ExtendedEntry>(patch.extended ?? base?.extended).set(entry.key, entry);
  },
  Attachments: (patch, element, context) => {
    patch.attachments = readAttachments(context, element);
  },
  JoinOnlineMeetingUrl: () => readOnly('calendar:JoinOnlineMeetingUrl'),
};

/** Read by `readTimes` together, because they depend on each other. */
const TIME_ELEMENTS = new Set([
  'Start',
  'End',
  'StartTimeZone',
  'EndTimeZone',
  'MeetingTimeZone',
  'StartWallClock',
  'EndWallClock',
  'StartTimeZoneId',
  'EndTimeZoneId',
]);
/** Kept as they came. */
const OPAQUE_ELEMENTS = new Set([
  'MeetingWorkspaceUrl',
  'NetShowUrl',
  'ConferenceType',
  'InReplyTo',
  'Flag',
  'OnlineMeetingSettings',
  'InboxReminders',
  'DoNotForwardMeeting',
]);
/** Accepted and without effect. */
const IGNORED_ELEMENTS = new Set([
  'MimeContent',
  'ItemClass',
  'DateTimeCreated',
  'IsDraft',
  'IsMeeting',
  'IsRecurring',
  'ReminderNextTime',
  'When',
  'Duration',
  'TimeZone',
]);

function readOnly(field: string): never {
  throw new EwsError('ErrorInvalidPropertySet', 'Set action is invalid for property.', { field });
}

function setAttendees(role: AttendeeRole): Setter {
  return (patch, element, context, base) => {
    const others = (patch.attendees ?? base?.attendees ?? []).filter((attendee) => attendee.role !== role);
    const known = new Map((base?.attendees ?? []).map((attendee) => [attendee.address.toLowerCase(), attendee]));
    const fresh = element.all('Attendee').map((entry) => readAttendee(context, entry, role, known));
    patch.attendees = [...others, ...fresh];
  };
}

function readAttendee(
  context: RequestContext,
  entry: XmlElement,
  role: AttendeeRole,
  known: ReadonlyMap<string, AttendeeEntry>,
): AttendeeEntry {
  const mailbox = entry.child('Mailbox');
  const routing = mailbox?.childText('RoutingType')?.trim();
  const given = mailbox?.childText('EmailAddress')?.trim() ?? '';
  const address = routing === 'EX' ? (addressOfDn(given) ?? given) : given;
  const before = known.get(address.toLowerCase());
  const box = context.world.findMailbox(address);
  const list = context.world.directory.findList(address);
  const name = box?.profile.name ?? list?.name ?? (mailbox?.childText('Name') || before?.name || address);
  const person = { name, address: box?.address ?? address, routingType: 'SMTP', role };
  const mailboxType =
    list !== undefined ? ('PublicDL' as const) : box !== undefined ? ('Mailbox' as const) : ('OneOff' as const);
  if (before === undefined) return { ...person, mailboxType, response: 'Unknown' };
  return { ...before, ...person, mailboxType };
}

/** Reads `t:CalendarItem` of a CreateItem. */
export function readCalendarItem(context: RequestContext, element: XmlElement): CalendarDraft {
  const patch: PatchBuilder = {};
  readTimes(context, element, patch, undefined);
  for (const child of element.children) applyElement(context, child, patch, undefined);
  const start = patch.start ?? defaultStart(context.now());
  const end = patch.end ?? Math.max(start, defaultStart(context.now())) + 30 * 60_000;
  const itemClass = element.childText('ItemClass');
  const { recurrence, ...rest } = patch;
  return {
    ...rest,
    start,
    end: patch.end ?? (patch.start === undefined ? end : start + 30 * 60_000),
    ...(recurrence === undefined || recurrence === null ? {} : { recurrence: anchored(recurrence) }),
    ...(itemClass === undefined ? {} : { itemClass }),
  };
}

/** The next half hour, as Outlook offers it. */
function defaultStart(now: number): number {
  return Math.ceil(now / 1_800_000) * 1_800_000;
}

function anchored(recurrence: Recurrence): Recurrence {
  return recurrence;
}

/** Applies one element of an item; unknown ones cannot come here, the schema was checked. */
export function applyElement(
  context: RequestContext,
  element: XmlElement,
  patch: PatchBuilder,
  base: CalendarContent | undefined,
): void {
  const { name } = element;
  const setter = SETTERS[name];
  if (setter !== undefined) setter(patch, element, context, base);
  else if (OPAQUE_ELEMENTS.has(name))
    patch.opaque = new Map<string, OpaqueNode>(patch.opaque ?? base?.opaque).set(name, toOpaque(element));
  else if (!TIME_ELEMENTS.has(name) && !IGNORED_ELEMENTS.has(name)) {
    throw new EwsError('ErrorInvalidPropertySet', 'Set action is invalid for property.', { field: fieldUri(name) });
  }
}

function fieldUri(name: string): string {
  return `calendar:${name}`;
}

/** Reads the times and zones among the children of an item. */
export function readTimes(
  context: RequestContext,
  element: XmlElement,
  patch: PatchBuilder,
  base: CalendarContent | undefined,
): void {
  const startZone =
    readZone(element.child('StartTimeZone')) ??
    readZoneId(element.child('StartTimeZoneId')) ??
    readMeetingZone(element.child('MeetingTimeZone'));
  const endZone = readZone(element.child('EndTimeZone')) ?? readZoneId(element.child('EndTimeZoneId'));
  const start = element.childText('Start');
  const end = element.childText('End');
  const fallback = context.zoneRef ?? (base === undefined && startZone === undefined ? undefined : UTC_REF);
  if (start !== undefined) patch.start = readTime(start, zoneFor(startZone ?? context.zoneRef));
  if (end !== undefined) patch.end = readTime(end, zoneFor(endZone ?? startZone ?? context.zoneRef));
  const effective =
    startZone ?? (start === undefined ? undefined : (context.zoneRef ?? (base === undefined ? UTC_REF : fallback)));
  if (effective !== undefined) patch.startZone = effective;
  const effectiveEnd =
    endZone ??
    (startZone !== undefined && base === undefined
      ? startZone
      : end === undefined
        ? undefined
        : (startZone ?? context.zoneRef ?? fallback));
  if (effectiveEnd !== undefined) patch.endZone = effectiveEnd;
}

function zoneFor(ref: TimeZoneRef | undefined): ReturnType<typeof findZone> {
  return ref === undefined ? undefined : findZone(ref);
}

function readZone(element: XmlElement | undefined): TimeZoneRef | undefined {
  if (element === undefined) return undefined;
  const ref = readTimeZone(element);
  if (findZone(ref) === undefined)
    throw new EwsError('ErrorTimeZone', 'The time zone definition is invalid or unknown.', {
      field: `calendar:${element.name}`,
    });
  return ref;
}

function readZoneId(element: XmlElement | undefined): TimeZoneRef | undefined {
  return element === undefined ? undefined : { id: element.text.trim() };
}

function readMeetingZone(element: XmlElement | undefined): TimeZoneRef | undefined {
  const name = element?.attribute('TimeZoneName');
  return name !== undefined && findZone({ id: name }) !== undefined ? { id: name } : undefined;
}
