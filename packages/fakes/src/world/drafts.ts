/**
 * From what somebody typed to what the store keeps: defaults of a new appointment, and the effect of a patch.
 */
import type { Instant, TimeZoneRef } from '@calendar-connector/calendar-model';
import type { CalendarContent, CalendarDraft, CalendarOverlay, CalendarPatch, ItemContent, Person } from './model.ts';
import { WorldError } from './world-error.ts';
import { snapAllDay, zoneOf } from './zones.ts';

/** No event may be longer (ResponseCode ErrorCalendarDurationIsTooLong). */
const LONGEST_MS = 5 * 366 * 86_400_000;

export const EMPTY_CONTENT: ItemContent = {
  subject: '',
  body: { type: 'HTML', content: '' },
  sensitivity: 'Normal',
  importance: 'Normal',
  categories: [],
  reminderSet: false,
  reminderMinutes: 0,
  culture: 'en-US',
  extended: new Map(),
  opaque: new Map(),
  attachments: [],
};

/** The full content of a new appointment. */
export function contentOf(draft: CalendarDraft, owner: Person, zone: TimeZoneRef): CalendarContent {
  const { recurrence: _recurrence, uid: _uid, itemClass: _class, ...overlay } = draft;
  const hasAttendees = (draft.attendees ?? []).length > 0;
  const allDay = draft.allDay ?? false;
  const startZone = draft.startZone ?? zone;
  const content: CalendarContent = {
    ...EMPTY_CONTENT,
    reminderSet: true,
    reminderMinutes: 15,
    allDay,
    startZone,
    endZone: draft.endZone ?? startZone,
    location: '',
    freeBusy: allDay ? 'Free' : 'Busy',
    intendedFreeBusy: draft.freeBusy ?? (allDay ? 'Free' : 'Busy'),
    attendees: [],
    organizer: owner,
    state: hasAttendees ? 1 : 0,
    myResponse: 'Organizer',
    sequence: 0,
    requestSent: false,
    responseRequested: true,
    allowNewTime: true,
    ...overlay,
  };
  return checked(content);
}

/** Content with a patch applied; times are checked and all-day items cover whole days again. */
export function patched(content: CalendarContent, patch: CalendarPatch): CalendarContent {
  const { recurrence: _recurrence, uid: _uid, ...overlay } = patch;
  const next: CalendarContent = { ...content, ...overlay };
  const isMeetingNow = next.attendees.length > 0;
  const isMine = next.myResponse === 'Organizer' || next.myResponse === 'Unknown';
  const state = isMine && (next.state & 2) === 0 ? (isMeetingNow ? next.state | 1 : next.state & ~1) : next.state;
  return checked({ ...next, state });
}

function checked(content: CalendarContent): CalendarContent {
  const { start, end } = content;
  if (end < start) throw endBeforeStart();
  if (end - start > LONGEST_MS) {
    throw new WorldError('ErrorCalendarDurationIsTooLong', 'The duration of the calendar item is too long.');
  }
  if (!content.allDay) return content;
  return { ...content, ...snapAllDay(start, Math.max(end, start), zoneOf(content.startZone)) };
}

function endBeforeStart(): WorldError {
  return new WorldError('ErrorCalendarEndDateIsEarlierThanStartDate', 'EndDate is earlier than StartDate');
}

const TIME_KEYS = ['start', 'end', 'allDay'] as const;

/** Whether attendees have to answer anew: another time or another pattern. */
export function movesTime(before: CalendarContent, after: CalendarContent): boolean {
  return TIME_KEYS.some((key) => before[key] !== after[key]);
}

/** The part of an exception's overlay that really differs from its master at that occurrence. */
export function trimOverlay(
  master: CalendarContent,
  overlay: CalendarOverlay & { start: Instant; end: Instant },
): CalendarOverlay & { readonly start: Instant; readonly end: Instant } {
  const kept = Object.entries(overlay).filter(
    ([key, value]) => key === 'start' || key === 'end' || master[key as keyof CalendarContent] !== value,
  );
  return { ...(Object.fromEntries(kept) as CalendarOverlay), start: overlay.start, end: overlay.end };
}
