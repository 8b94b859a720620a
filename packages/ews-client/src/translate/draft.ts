/**
 * From what a person wants (EventDraft, EventPatch) to the fields of a write. The four time fields always go together:
 * a start without its zone makes Exchange move the event (facts §2.3, §3.1 no. 3).
 */
import { type CalendarItem, type ItemMarker, MARKER, type TimeZoneRef } from '@calendar-connector/calendar-model';
import type { EventDraft, EventPatch } from '@calendar-connector/sync-core';
import { EwsError } from '../errors/ews-error.ts';
import type { WireAttendee, WireItem, WireTime } from '../wire/item-writers.ts';
import { isoInstant } from './dates.ts';
import type { ZoneResolver } from './zones.ts';

type People = NonNullable<EventDraft['attendees']>;

/** All fields of a new event. */
export function wireOfDraft(draft: EventDraft, marker: ItemMarker, zones: ZoneResolver): WireItem {
  const allDay = draft.allDay ?? false;
  return {
    ...commonFields(draft),
    marker: wireMarker(marker),
    time: timeOf(draft, allDay, draft.timeZone, zones),
    allDay,
    freeBusy: FREE_BUSY[draft.freeBusy ?? 'busy'],
    ...(draft.recurrence === undefined ? {} : { recurrence: draft.recurrence }),
  };
}

/** The changed fields of an event; what the patch leaves out of the time comes from the present item. */
export function wireOfPatch(
  patch: EventPatch,
  present: CalendarItem,
  zones: ZoneResolver,
  fallbackZone: string,
): WireItem {
  const allDay = patch.allDay ?? present.allDay;
  const touchesTime = TIME_FIELDS.some((key) => patch[key] !== undefined && patch[key] !== null);
  return {
    ...commonFields(patch),
    ...(patch.marker === undefined ? {} : { marker: wireMarker(patch.marker) }),
    ...(touchesTime ? { time: patchedTime(patch, present, allDay, zones, fallbackZone) } : {}),
    ...(patch.allDay === undefined ? {} : { allDay }),
    ...(patch.freeBusy === undefined ? {} : { freeBusy: FREE_BUSY[patch.freeBusy] }),
    ...(patch.recurrence === undefined ? {} : { recurrence: patch.recurrence }),
  };
}

const TIME_FIELDS = ['start', 'end', 'allDay', 'startDate', 'endDate', 'timeZone', 'recurrence'] as const;

/** Marker properties by their names; keys present with an empty text are removed. */
export function wireMarker(marker: ItemMarker): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const key of ['conferenceUrl', 'writeKey', 'mirrorOf', 'instance'] as const) {
    const value = marker[key];
    if (value !== undefined) out[MARKER[key]] = value;
  }
  return out;
}

const SENSITIVITY = {
  normal: 'Normal',
  personal: 'Personal',
  private: 'Private',
  confidential: 'Confidential',
} as const;

const FREE_BUSY = {
  free: 'Free',
  tentative: 'Tentative',
  busy: 'Busy',
  outOfOffice: 'OOF',
  workingElsewhere: 'WorkingElsewhere',
  noData: 'NoData',
} as const;

function commonFields(from: EventPatch): WireItem {
  const { attendees, body } = from;
  return {
    ...(from.subject === undefined ? {} : { subject: from.subject }),
    ...(from.sensitivity === undefined ? {} : { sensitivity: SENSITIVITY[from.sensitivity] }),
    ...(body === undefined ? {} : { body: { type: body.type === 'html' ? 'HTML' : 'Text', content: body.content } }),
    ...(from.location === undefined ? {} : { location: from.location }),
    ...(attendees === undefined
      ? {}
      : {
          required: people(attendees, 'required'),
          optional: people(attendees, 'optional'),
          resources: people(attendees, 'resource'),
        }),
  };
}

function people(attendees: People, role: People[number]['role']): WireAttendee[] {
  return attendees
    .filter((person) => person.role === role)
    .map(({ name, address }) => {
      if (address !== undefined && address.trim() !== '') return { name, address: address.trim() };
      throw invalid('AttendeeWithoutAddress', `the attendee "${name}" has no e-mail address`);
    });
}

function timeOf(
  draft: Pick<EventDraft, 'start' | 'end' | 'startDate' | 'endDate'>,
  allDay: boolean,
  zone: string,
  zones: ZoneResolver,
  endZone = zone,
): WireTime {
  const startZone = windowsZone(zone, zones);
  const start = allDay && draft.startDate !== undefined ? midnight(draft.startDate, zone, zones) : draft.start;
  const end = allDay && draft.endDate !== undefined ? midnight(draft.endDate, endZone, zones) : draft.end;
  if (!(end >= start)) throw invalid('EndBeforeStart', 'the event ends before it starts');
  return { start: isoInstant(start), end: isoInstant(end), startZone, endZone: windowsZone(endZone, zones) };
}

function patchedTime(
  patch: EventPatch,
  present: CalendarItem,
  allDay: boolean,
  zones: ZoneResolver,
  fallbackZone: string,
): WireTime {
  const known = usableZone(present.startTimeZone, zones) ?? usableZone(present.endTimeZone, zones) ?? fallbackZone;
  const zone = patch.timeZone ?? known;
  const endZone = patch.timeZone ?? usableZone(present.endTimeZone, zones) ?? zone;
  const length = present.end - present.start;
  const start = patch.start ?? present.start;
  // Moving only the start keeps the length, as dragging in Outlook does.
  const end = patch.end ?? (patch.start === undefined ? present.end : start + length);
  const startDate = patch.startDate ?? (patch.start === undefined ? present.startDate : undefined);
  const endDate = patch.endDate ?? (patch.end === undefined && patch.start === undefined ? present.endDate : undefined);
  return timeOf(
    { start, end, ...(startDate === undefined ? {} : { startDate }), ...(endDate === undefined ? {} : { endDate }) },
    allDay,
    zone,
    zones,
    endZone,
  );
}

function usableZone(zone: TimeZoneRef | undefined, zones: ZoneResolver): string | undefined {
  return zone === undefined ? undefined : zones.windowsId(zone.id);
}

function windowsZone(id: string, zones: ZoneResolver): string {
  const found = zones.windowsId(id);
  if (found !== undefined) return found;
  throw invalid('UnknownTimeZone', `the time zone "${id}" has no Windows name, so Exchange cannot be told about it`);
}

/** The instant a date begins in a zone. Where midnight does not exist (DST), the day begins when the clock jumps. */
export function midnight(date: string, zone: string, zones: ZoneResolver): number {
  const wall = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(wall)) throw invalid('InvalidDate', `"${date}" is no date`);
  const ref = { id: zone };
  const first = zones.offsetMinutesAt(ref, wall);
  if (first === undefined) throw invalid('UnknownTimeZone', `the time zone "${zone}" is not known`);
  const guess = wall - first * 60_000;
  const second = zones.offsetMinutesAt(ref, guess) ?? first;
  return second === first ? guess : Math.max(wall - second * 60_000, guess);
}

function invalid(code: string, message: string): EwsError {
  return new EwsError({ kind: 'invalidRequest', code, message });
}
