/**
 * A series as plain data, and its check: everything a caller hands over becomes numbers here or is refused by field.
 * Limits are Exchange's (StartDate, EndDate, NumberOfOccurrences, Interval elements). SPEC.md, sections 2, 3 and 8.
 */
import type { Instant, LocalTime, ModifiedOccurrence, RecurrenceRange } from '@calendar-connector/calendar-model';
import { DAY_MS, dayNumber, formatDate, MINUTE_MS, parseTime, requireDate } from './civil.ts';
import { isRecord, RecurrenceError, shown } from './recurrence-error.ts';
import { compilePattern, type DayRule, requireWhole, type SeriesPattern } from './series-pattern.ts';
import { TimeZone } from './time-zone.ts';

/** A recurring item as Exchange keeps it; see design/contracts.md §9. */
export interface RecurrenceSeries {
  readonly pattern: SeriesPattern;
  readonly range: RecurrenceRange;
  readonly startTime: LocalTime;
  readonly durationMinutes: number;
  readonly timeZone: TimeZone;
  /** Whole days: ends are wall times too, so a day of 23 or 25 hours is one day. */
  readonly allDay?: boolean;
  /** Original starts of deleted occurrences, in any order. */
  readonly deletedOccurrences?: readonly Instant[];
  /** Ascending by `originalStart`, as Exchange lists them. */
  readonly modifiedOccurrences?: readonly ModifiedOccurrence[];
}

/** Exchange's limits for dates of a range. */
export const MIN_DAY = dayNumber(1601, 4, 1);
export const MAX_DAY = dayNumber(4500, 9, 1);
export const MAX_OCCURRENCES = 999;
/** Five years, leap days included: longer is ErrorCalendarDurationIsTooLong. */
export const MAX_DURATION_MS = (5 * 365 + 2) * DAY_MS;

/** A checked series in numbers; `first` and `last` are indices of its rule, both included. */
export interface CheckedSeries {
  readonly rule: DayRule;
  readonly startDay: number;
  readonly first: number;
  readonly last: number;
  /** For a Numbered range. */
  readonly count: number | undefined;
  /** For an EndDate range. */
  readonly endDay: number | undefined;
  readonly timeMs: number;
  readonly durationMs: number;
  readonly allDay: boolean;
  readonly zone: TimeZone;
}

/** Day number of a date that Exchange's ranges may hold. */
function requireRangeDate(text: string, field: string): number {
  const day = requireDate(text, 'InvalidDate', field);
  if (day < MIN_DAY || day > MAX_DAY) {
    const code = field === 'range.endDate' && day > MAX_DAY ? 'ErrorRecurrenceEndDateTooBig' : 'InvalidDate';
    throw new RecurrenceError(code, field, `${text} lies outside ${formatDate(MIN_DAY)}..${formatDate(MAX_DAY)}`);
  }
  return day;
}

/** Index of the last occurrence that Exchange's calendar can hold. */
export function lastPossible(rule: DayRule): number {
  return rule.indexFrom(MAX_DAY + 1) - 1;
}

function checkRange(range: RecurrenceRange, rule: DayRule, startDay: number) {
  const first = rule.indexFrom(startDay);
  switch (range.type) {
    case 'NoEnd':
      return { first, last: lastPossible(rule), count: undefined, endDay: undefined };
    case 'EndDate': {
      const endDay = requireRangeDate(range.endDate, 'range.endDate');
      if (endDay < startDay) {
        throw new RecurrenceError('EndBeforeStart', 'range.endDate', `${range.endDate} is before ${range.startDate}`);
      }
      return { first, last: rule.indexFrom(endDay + 1) - 1, count: undefined, endDay };
    }
    case 'Numbered': {
      const field = 'range.numberOfOccurrences';
      const count = requireWhole(range.numberOfOccurrences, 1, MAX_OCCURRENCES, 'InvalidNumberOfOccurrences', field);
      const last = first + count - 1;
      if (rule.dayAt(last) > MAX_DAY) {
        throw new RecurrenceError('ErrorRecurrenceEndDateTooBig', field, `${count} end after ${formatDate(MAX_DAY)}`);
      }
      return { first, last, count, endDay: undefined };
    }
    default:
      throw new RecurrenceError(
        'InvalidRange',
        'range.type',
        `${shown((range as { type?: unknown }).type)} is none of NoEnd, EndDate, Numbered`,
      );
  }
}

function checkDuration(minutes: number): number {
  if (typeof minutes !== 'number' || !(minutes >= 0 && minutes < Number.POSITIVE_INFINITY)) {
    throw new RecurrenceError('InvalidDuration', 'durationMinutes', `${shown(minutes)} is not a length in minutes`);
  }
  const durationMs = Math.round(minutes * MINUTE_MS);
  if (durationMs > MAX_DURATION_MS) {
    throw new RecurrenceError(
      'ErrorCalendarDurationIsTooLong',
      'durationMinutes',
      `${minutes} is more than five years`,
    );
  }
  return durationMs;
}

/** Checks pattern, range, time, duration and zone. */
export function checkSeries(series: RecurrenceSeries): CheckedSeries {
  if (!isRecord(series)) throw new RecurrenceError('InvalidSeries', 'series', 'is not an object');
  const { range, timeZone } = series;
  if (!isRecord(range)) throw new RecurrenceError('InvalidRange', 'range', 'is not an object');
  const startDay = requireRangeDate(range.startDate, 'range.startDate');
  const rule = compilePattern(series.pattern, startDay);
  const timeMs = parseTime(series.startTime);
  if (timeMs === undefined) {
    throw new RecurrenceError('InvalidTime', 'startTime', `${shown(series.startTime)} is not a time HH:MM or HH:MM:SS`);
  }
  if (!(timeZone instanceof TimeZone)) {
    throw new RecurrenceError(
      'UnknownTimeZone',
      'timeZone',
      'is not a TimeZone; make one with TimeZone.fromWindows etc.',
    );
  }
  const { first, last, count, endDay } = checkRange(range, rule, startDay);
  return {
    rule,
    startDay,
    first,
    last,
    count,
    endDay,
    timeMs,
    durationMs: checkDuration(series.durationMinutes),
    allDay: series.allDay === true,
    zone: timeZone,
  };
}
