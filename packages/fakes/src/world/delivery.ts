/**
 * What a meeting looks like from the organizer's copy for one attendee: the part of the series they are invited to,
 * without the tracking of other people's answers. Pure; `attendant.ts` stores the result.
 * Sources: MS-OXOCAL 3.1.4.7 (sending meeting requests), 3.1.5 (Calendar Attendant's side).
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { trimOverlay } from './drafts.ts';
import type {
  AttendeeEntry,
  CalendarContent,
  CalendarOverlay,
  CalendarRecord,
  ExceptionRecord,
  SeriesState,
} from './model.ts';
import { viewOf } from './series.ts';

/** One thing to deliver: the meeting itself, or one occurrence to somebody who is invited only to that. */
export interface Delivery {
  readonly content: CalendarContent;
  readonly series?: SeriesState;
  readonly orphanOf?: Instant;
}

export function isInvited(content: CalendarContent, address: string): boolean {
  return content.attendees.some((attendee) => sameAddress(attendee.address, address));
}

export function sameAddress(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Everybody named in a meeting or any of its exceptions. */
export function everyoneIn(record: CalendarRecord | undefined): Map<string, AttendeeEntry> {
  const people = new Map<string, AttendeeEntry>();
  if (record === undefined) return people;
  const add = (attendees: readonly AttendeeEntry[] | undefined): void => {
    for (const attendee of attendees ?? []) {
      const key = attendee.address.toLowerCase();
      if (!people.has(key)) people.set(key, attendee);
    }
  };
  add(record.content.attendees);
  for (const exception of record.series?.exceptions.values() ?? []) add(exception.overlay.attendees);
  return people;
}

/** What one attendee is to hold; empty when they are not invited to anything. */
export function deliveriesFor(record: CalendarRecord, address: string): Delivery[] {
  if (record.series === undefined) {
    if (!isInvited(record.content, address)) return [];
    const delivery: Delivery = { content: attendeeContent(record.content) };
    return [record.orphanOf === undefined ? delivery : { ...delivery, orphanOf: record.orphanOf }];
  }
  if (isInvited(record.content, address)) return [wholeSeries(record, record.series, address)];
  const single: Delivery[] = [];
  for (const exception of record.series.exceptions.values()) {
    if (!(exception.overlay.attendees ?? []).some((attendee) => sameAddress(attendee.address, address))) continue;
    const content = attendeeContent(viewOf(record, exception.originalStart).content);
    single.push({ content, orphanOf: exception.originalStart });
  }
  return single;
}

function wholeSeries(record: CalendarRecord, series: SeriesState, address: string): Delivery {
  const exceptions = new Map<Instant, ExceptionRecord>();
  const deleted = new Set(series.deleted);
  const content = attendeeContent(record.content);
  for (const exception of series.exceptions.values()) {
    const { attendees } = exception.overlay;
    if (attendees !== undefined && !attendees.some((attendee) => sameAddress(attendee.address, address))) {
      deleted.add(exception.originalStart);
      continue;
    }
    const overlay = visibleOverlay(record, exception);
    if (overlay !== undefined)
      exceptions.set(exception.originalStart, { originalStart: exception.originalStart, overlay });
  }
  return { content, series: { recurrence: series.recurrence, exceptions, deleted } };
}

const PRIVATE_KEYS = [
  'state',
  'myResponse',
  'replyTime',
  'requestSent',
  'reminderSet',
  'reminderMinutes',
  'categories',
  'freeBusy',
  'opaque',
] as const;

/** What an exception says to attendees; undefined when it only records answers or the organizer's own settings. */
function visibleOverlay(record: CalendarRecord, exception: ExceptionRecord): ExceptionRecord['overlay'] | undefined {
  const length = record.content.end - record.content.start;
  const { start, end } = exception.overlay;
  const overlay: Record<string, unknown> = { ...trimOverlay(record.content, exception.overlay) };
  for (const key of PRIVATE_KEYS) delete overlay[key];
  const attendees = exception.overlay.attendees;
  if (attendees !== undefined) {
    if (samePeople(attendees, record.content.attendees)) delete overlay.attendees;
    else overlay.attendees = withoutAnswers(attendees);
  }
  const isMoved = start !== exception.originalStart || end - start !== length;
  if (!isMoved && Object.keys(overlay).length === 2) return undefined;
  return overlay as CalendarOverlay & { readonly start: Instant; readonly end: Instant };
}

export function samePeople(left: readonly AttendeeEntry[], right: readonly AttendeeEntry[]): boolean {
  const key = (list: readonly AttendeeEntry[]): string =>
    list
      .map((attendee) => `${attendee.role} ${attendee.address.toLowerCase()}`)
      .sort()
      .join('\n');
  return key(left) === key(right);
}

function withoutAnswers(attendees: readonly AttendeeEntry[]): AttendeeEntry[] {
  return attendees.map(({ lastResponse: _last, proposedStart: _start, proposedEnd: _end, ...attendee }) => ({
    ...attendee,
    response: 'Unknown' as const,
  }));
}

/** The content an attendee gets before they answer: tentative in the calendar, not answered. */
function attendeeContent(content: CalendarContent): CalendarContent {
  const { replyTime: _reply, ...rest } = content;
  return {
    ...rest,
    attendees: withoutAnswers(content.attendees),
    state: 3,
    myResponse: 'NoResponseReceived',
    intendedFreeBusy: content.freeBusy,
    freeBusy: content.freeBusy === 'Free' ? 'Free' : 'Tentative',
    requestSent: false,
    reminderSet: true,
    reminderMinutes: 15,
    categories: [],
    opaque: new Map(),
  };
}
