/**
 * Times on the wire. Answers carry UTC (`Z`), or the offset of the TimeZoneContext when the request has one.
 * Times of requests may lack an offset: then they are wall time of the item's zone, of the TimeZoneContext, or UTC.
 * Source: Microsoft "Time zones and EWS in Exchange".
 */
import type { Instant, LocalDate } from '@calendar-connector/calendar-model';
import type { TimeZone } from '@calendar-connector/recurrence';
import { offsetMs, toInstant } from '../../world/zones.ts';
import { EwsError } from './ews-error.ts';

const PATTERN = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/;

/** What calendars can hold (Microsoft reference pages StartDate, EndDate of recurrences). */
const EARLIEST = Date.UTC(1601, 3, 1);
const LATEST = Date.UTC(4500, 8, 1);

let cachedSecond = Number.NaN;
let cachedText = '';

/** `2026-03-02T08:00:00Z`; milliseconds are cut as Exchange does. */
export function utcText(at: Instant): string {
  const second = Math.floor(at / 1000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
  }
  return cachedText;
}

/** In the zone of the request when it named one. */
export function timeText(at: Instant, zone: TimeZone | undefined): string {
  if (zone === undefined) return utcText(at);
  const offset = offsetMs(zone, at);
  if (offset === 0) return utcText(at);
  const local = new Date(at + offset).toISOString().slice(0, 19);
  return `${local}${offsetText(offset)}`;
}

export function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  return `${offset < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(Math.floor(minutes % 60)).padStart(2, '0')}`;
}

/** A dateTime of a request. `zone` reads a time without offset; without one it is UTC. */
export function readTime(text: string, zone: TimeZone | undefined): Instant {
  const match = PATTERN.exec(text.trim());
  if (match === null) throw invalid(text);
  const [, date = '', hours = '00', minutes = '00', seconds = '00', fraction = '', offset] = match;
  const wall = `${date}T${hours}:${minutes}:${seconds}${fraction.slice(0, 4)}`;
  const instant =
    offset === undefined && zone !== undefined
      ? localInstant(zone, date, wall, text)
      : Date.parse(`${wall}${offset ?? 'Z'}`);
  if (Number.isNaN(instant)) throw invalid(text);
  if (instant < EARLIEST || instant > LATEST)
    throw new EwsError('ErrorCalendarOutOfRange', 'The date is out of range.');
  return instant;
}

function localInstant(zone: TimeZone, date: LocalDate, wall: string, text: string): Instant {
  const utc = Date.parse(`${wall}Z`);
  if (Number.isNaN(utc)) throw invalid(text);
  return toInstant(zone, date, utc - Date.parse(`${date}T00:00:00Z`));
}

/** The date of an xs:date, whatever zone suffix it has: a local date of the series (facts "Recurrence"). */
export function readDate(text: string): LocalDate {
  const date = text.trim().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date))) throw invalid(text);
  return date;
}

function invalid(text: string): EwsError {
  return new EwsError('ErrorInvalidValueForProperty', `The value '${text.slice(0, 60)}' is not a valid date and time.`);
}
