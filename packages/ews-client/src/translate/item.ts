/**
 * From the wire's item to the model's. Total: an item that lacks what every item needs is a problem with a name, and is
 * reported as unreadable rather than delivered with holes. Rules: facts §2.1–2.5.
 */
import {
  type Attendee,
  type CalendarItem,
  changeKey,
  type ExceptionItem,
  type FreeBusyStatus,
  type ItemMarker,
  itemId,
  MARKER,
  type Person,
  type ResponseStatus,
  type Sensitivity,
  type TimeZoneRef,
} from '@calendar-connector/calendar-model';
import type { RawAttendee, RawExtended, RawItem, RawPerson } from '../decoder/raw-item.ts';
import { allDayDate } from './dates.ts';
import type { ZoneResolver } from './zones.ts';

/** What translating needs to know that items do not say. */
export interface TranslateOptions {
  readonly zones: ZoneResolver;
  /** zone of items that name none */
  readonly defaultZone: string;
  /** SMTP address of an X.500 name, when it has been looked up */
  readonly addressOf?: (legacyName: string) => string | undefined;
}

/** The item, or why it is none: never one with holes. */
export type Translated =
  | { readonly ok: true; readonly item: CalendarItem }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Whether an element of an answer is a calendar item at all (a folder can hold anything). */
export function isCalendarItem(raw: RawItem): boolean {
  return (
    raw.element === 'CalendarItem' && (raw.itemClass === '' || /^IPM\.(Appointment|OLE\.CLASS)/i.test(raw.itemClass))
  );
}

/** An item of the calendar model out of what Exchange says, or why it cannot be one. */
export function translateItem(raw: RawItem, options: TranslateOptions): Translated {
  const problem = problemOf(raw);
  if (problem !== undefined) return { ok: false, ...problem };
  const start = raw.start as number;
  const end = raw.end as number;
  const startZone = zoneOf(raw.startZone, raw.startZoneId);
  const endZone = zoneOf(raw.endZone, raw.endZoneId);
  const state = raw.appointmentState ?? 0;
  const goid = cleanGlobalObjectId(raw.extended);
  const organizer = raw.organizer === undefined ? undefined : personOf(raw.organizer, options);
  const myResponse = responseOf(raw.myResponse);
  const isMeeting = raw.isMeeting ?? (state & 1) === 1;
  const fields = {
    itemId: itemId(raw.itemId),
    changeKey: changeKey(raw.changeKey),
    uid: raw.uid.trim() || (goid ?? raw.itemId),
    ...(goid === undefined ? {} : { cleanGlobalObjectId: goid }),
    subject: raw.subject,
    start,
    end,
    allDay: raw.allDay,
    ...(raw.allDay ? datesOf(start, end, startZone, endZone, options) : {}),
    ...(startZone === undefined ? {} : { startTimeZone: startZone }),
    ...(endZone === undefined ? {} : { endTimeZone: endZone }),
    location: raw.location,
    ...(raw.body === undefined ? {} : { body: { type: bodyType(raw), content: raw.body } }),
    ...(organizer === undefined ? {} : { organizer }),
    attendees: attendeesOf(raw, options),
    isOrganizer: raw.isOrganizer ?? (myResponse === 'organizer' || (state & 2) === 0),
    isMeeting,
    isCancelled: raw.isCancelled === true || (state & 4) === 4,
    myResponse,
    sensitivity: sensitivityOf(raw.sensitivity),
    freeBusy: freeBusyOf(raw.freeBusy),
    links: [raw.joinOnlineMeetingUrl, raw.netShowUrl, raw.meetingWorkspaceUrl].filter((url) => url.trim() !== ''),
    marker: markerOf(raw.extended),
    hasAttachments: raw.hasAttachments,
    ...(raw.lastModified === undefined ? {} : { lastModified: raw.lastModified }),
    ...(raw.sequence === undefined ? {} : { sequence: raw.sequence }),
  };
  const originalStart = raw.originalStart ?? raw.recurrenceId ?? start;
  if (raw.recurrence !== undefined && raw.type !== 'Occurrence' && raw.type !== 'Exception') {
    const modifiedOccurrences = raw.modified.map(({ originalStart: at, start: from, end: to }) => ({
      originalStart: at,
      start: from,
      end: to,
    }));
    const series = { recurrence: raw.recurrence, modifiedOccurrences, deletedOccurrences: raw.deleted, exceptions: [] };
    return { ok: true, item: { ...fields, kind: 'seriesMaster', ...series } };
  }
  if (raw.type === 'Exception') return { ok: true, item: { ...fields, kind: 'exception', originalStart } };
  if (raw.type === 'Occurrence') return { ok: true, item: { ...fields, kind: 'occurrence', originalStart } };
  return { ok: true, item: { ...fields, kind: 'single' } };
}

/** An occurrence read by its id may have become an exception meanwhile; both serve as one. */
export function asException(item: CalendarItem, originalStart: number): ExceptionItem | undefined {
  if (item.kind !== 'exception' && item.kind !== 'occurrence') return undefined;
  return { ...item, kind: 'exception', originalStart };
}

function problemOf(raw: RawItem): { readonly code: string; readonly message: string } | undefined {
  const missing: string[] = [];
  if (raw.itemId === '') missing.push('itemId');
  if (raw.changeKey === '') missing.push('changeKey');
  if (raw.start === undefined) missing.push('start');
  if (raw.end === undefined) missing.push('end');
  if (raw.type === 'RecurringMaster' && raw.recurrence === undefined) missing.push('recurrence');
  const broken = [...new Set([...raw.problems, ...missing])];
  if (broken.length > 0) {
    return { code: 'InvalidItem', message: `fields without a readable value: ${broken.join(', ')}` };
  }
  if ((raw.end as number) < (raw.start as number)) return { code: 'InvalidItem', message: 'it ends before it starts' };
  return undefined;
}

/** Exchange gives the zone as a definition, an id, or both; an empty id without rules says nothing. */
function zoneOf(zone: TimeZoneRef | undefined, id: string): TimeZoneRef | undefined {
  if (zone === undefined) return id.trim() === '' ? undefined : { id: id.trim() };
  if (zone.id.trim() !== '' || zone.definition !== undefined) return zone;
  return id.trim() === '' ? undefined : { id: id.trim() };
}

function datesOf(
  start: number,
  end: number,
  startZone: TimeZoneRef | undefined,
  endZone: TimeZoneRef | undefined,
  { zones, defaultZone }: TranslateOptions,
): { readonly startDate: string; readonly endDate: string } {
  const fallback: TimeZoneRef = { id: defaultZone };
  return {
    startDate: allDayDate(start, [startZone, endZone, fallback], zones, 'start'),
    endDate: allDayDate(end, [endZone, startZone, fallback], zones, 'end'),
  };
}

function bodyType(raw: RawItem): 'html' | 'text' {
  return raw.bodyType === 'HTML' ? 'html' : 'text';
}

function personOf(raw: RawPerson, { addressOf }: TranslateOptions): Person {
  const address = smtpOf(raw) ?? addressOf?.(raw.address);
  const name = raw.name === '' ? (address ?? '') : raw.name;
  return address === undefined ? { name } : { name, address: address.toLowerCase() };
}

/** Items and meeting requests may name people by X.500 names (routing type EX). */
export function smtpOf({ address, routingType }: RawPerson): string | undefined {
  const text = address.trim();
  if (routingType === 'EX' || text.startsWith('/')) return undefined;
  return text.includes('@') ? text : undefined;
}

function attendeesOf(raw: RawItem, options: TranslateOptions): Attendee[] {
  const of = (people: readonly RawAttendee[], role: Attendee['role']): Attendee[] =>
    people.map((person) => ({ ...personOf(person, options), role, response: attendeeResponse(person.response) }));
  return [...of(raw.required, 'required'), ...of(raw.optional, 'optional'), ...of(raw.resources, 'resource')];
}

const RESPONSES = words<ResponseStatus>({
  Organizer: 'organizer',
  Tentative: 'tentative',
  Accept: 'accepted',
  Decline: 'declined',
});

function responseOf(word: string): ResponseStatus {
  return RESPONSES.get(word) ?? 'none';
}

/** Outlook 2019 lists the organizer among the attendees: as an attendee it has accepted. */
function attendeeResponse(word: string): Attendee['response'] {
  const response = responseOf(word);
  return response === 'organizer' ? 'accepted' : response;
}

const SENSITIVITIES = words<Sensitivity>({ Personal: 'personal', Private: 'private', Confidential: 'confidential' });

function sensitivityOf(word: string): Sensitivity {
  return SENSITIVITIES.get(word) ?? 'normal';
}

const FREE_BUSY = words<FreeBusyStatus>({
  Free: 'free',
  Tentative: 'tentative',
  Busy: 'busy',
  OOF: 'outOfOffice',
  WorkingElsewhere: 'workingElsewhere',
});

export function freeBusyOf(word: string): FreeBusyStatus {
  return FREE_BUSY.get(word) ?? 'noData';
}

/** What words of the wire mean; a map, since no word of a stranger's may find what every object has. */
function words<T>(meanings: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(meanings));
}

const MEETING_SET = '6ed8da90-450b-101b-98da-00aa003f1305';

/** PidLidCleanGlobalObjectId: 0x23 in PSETID_Meeting, in either form a server may echo it. */
function cleanGlobalObjectId(extended: readonly RawExtended[]): string | undefined {
  for (const property of extended) {
    const inSet = property.distinguishedSet === 'Meeting' || property.propertySetId === MEETING_SET;
    if (!inSet || Number(property.id) !== 0x23 || property.value === '') continue;
    return Buffer.from(property.value, 'base64').toString('hex').toUpperCase();
  }
  return undefined;
}

function markerOf(extended: readonly RawExtended[]): ItemMarker {
  const marker: { -readonly [Key in keyof ItemMarker]: ItemMarker[Key] } = {};
  for (const { propertySetId, name, value } of extended) {
    if (propertySetId !== MARKER.propertySetId || value === '') continue;
    for (const key of ['conferenceUrl', 'writeKey', 'mirrorOf', 'instance'] as const) {
      if (name === MARKER[key]) marker[key] = value;
    }
  }
  return marker;
}
