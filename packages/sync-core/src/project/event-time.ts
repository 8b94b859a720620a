/**
 * Times as clients get them: RFC 3339 with the offset of the event's own zone; all-day events by dates, end exclusive.
 * Contract §5; facts: all-day dates are dates in the item's zone, never in UTC.
 */
import type { CalendarItem, Instant, LocalDate } from '@calendar-connector/calendar-model';
import type { TimeZone } from '@calendar-connector/recurrence';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** `2026-01-05T11:00:00+03:00`. */
export function dateTimeIn(zone: TimeZone, instant: Instant): string {
  const offset = offsetAt(zone, instant);
  if (offset === undefined) return utcText(instant);
  if (offset === 0) return `${localText(instant)}Z`;
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${localText(instant + offset * MINUTE)}${offset < 0 ? '-' : '+'}${hours}:${String(size % 60).padStart(2, '0')}`;
}

/** Whole minutes only: a local mean time of the 19th century is told in UTC. */
function offsetAt(zone: TimeZone, instant: Instant): number | undefined {
  const FIRST = -11_000_000_000_000;
  const LAST = 79_000_000_000_000;
  if (!(instant > FIRST && instant < LAST)) return undefined;
  const offset = zone.offsetAt(instant);
  return Number.isInteger(offset) ? offset : undefined;
}

function utcText(instant: Instant): string {
  const LIMIT = 8_640_000_000_000_000;
  return `${localText(Math.min(Math.max(Number.isFinite(instant) ? instant : 0, -LIMIT), LIMIT))}Z`;
}

function localText(wall: number): string {
  return new Date(wall).toISOString().replace(/\.\d+Z$/, '');
}

export interface AllDayDates {
  readonly start: LocalDate;
  readonly end: LocalDate;
}

/** The dates of an all-day event: the item's own where it has them, otherwise read in its zone; at least one day. */
export function allDayDates(
  item: Pick<CalendarItem, 'startDate' | 'endDate'>,
  span: { readonly start: Instant; readonly end: Instant },
  zone: TimeZone,
  ownSpan: boolean,
): AllDayDates {
  const start = (ownSpan ? item.startDate : undefined) ?? dateIn(zone, span.start);
  const end = (ownSpan ? item.endDate : undefined) ?? dateIn(zone, span.end);
  return { start, end: end > start ? end : nextDay(start) };
}

function dateIn(zone: TimeZone, instant: Instant): LocalDate {
  return localText(instant + (offsetAt(zone, instant) ?? 0) * MINUTE).slice(0, 10);
}

function nextDay(date: LocalDate): LocalDate {
  return localText(Date.parse(`${date}T00:00:00Z`) + DAY).slice(0, 10);
}
