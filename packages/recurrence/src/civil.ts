/**
 * The proleptic Gregorian calendar as integer arithmetic: days since 1970-01-01, months since year 0.
 * No Date object anywhere, so nothing here depends on the zone of the process. SPEC.md, section 1.
 */
import type { DayOfWeek, LocalDate, LocalTime, Month } from '@calendar-connector/calendar-model';
import { RecurrenceError, type RecurrenceErrorCode, shown } from './recurrence-error.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

export const DAYS_OF_WEEK: readonly DayOfWeek[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];

export const MONTHS: readonly Month[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const BEFORE_MONTH = new Int32Array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]);

export function isLeapYear(year: number): boolean {
  // Of the centuries those divisible by 400, which among multiples of 100 are the multiples of 16.
  return (year & 3) === 0 && (year % 100 !== 0 || (year & 15) === 0);
}

/** Day number of the first day of a month, counted from January of year 0; from year 1 on. */
export function monthStart(monthIndex: number): number {
  const near = (monthIndex - NEAR_FROM) | 0;
  return near >= 0 && near < NEAR_MONTHS ? (NEAR_STARTS[near] as number) : computedMonthStart(monthIndex);
}

function computedMonthStart(monthIndex: number): number {
  const year = (monthIndex / 12) | 0;
  const month = (monthIndex - year * 12) | 0;
  const before = (year - 1) | 0;
  const leapDays = (before >> 2) - ((before / 100) | 0) + ((before / 400) | 0);
  const leapDay = month > 1 && isLeapYear(year) ? 1 : 0;
  return (365 * before + leapDays - 719_162 + (BEFORE_MONTH[month] as number) + leapDay) | 0;
}

/** Days in the month with this index, counted from January of year 0. */
export function monthLength(monthIndex: number): number {
  return monthStart(monthIndex + 1) - monthStart(monthIndex);
}

/** The months people meet in, looked up instead of computed: monthly patterns ask for little else. */
const NEAR_FROM = 1970 * 12;
const NEAR_MONTHS = 150 * 12;
const NEAR_STARTS = Int32Array.from({ length: NEAR_MONTHS }, (_, i) => computedMonthStart(NEAR_FROM + i));

/** Days in a month; `month` is 1..12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return (BEFORE_MONTH[month] as number) - (BEFORE_MONTH[month - 1] as number);
}

/** Day number of a date; `month` is 1..12. */
export function dayNumber(year: number, month: number, day: number): number {
  return monthStart(year * 12 + month - 1) + day - 1;
}

/** 0 is Sunday. */
export function weekdayOf(day: number): number {
  return (((day | 0) % 7) + 11) % 7;
}

/** Month, counted from January of year 0, that a day lies in, or the one before it: a guess without looking. */
export function monthNear(day: number): number {
  // A month is 30.436875 days on average and starts less than three days off.
  return Math.floor((day + 719_525) / 30.436875);
}

/** Month, counted from January of year 0, that a day lies in. */
export function monthIndexOf(day: number): number {
  const guess = monthNear(day);
  return monthStart(guess + 1) <= day ? guess + 1 : guess;
}

export interface CivilDate {
  readonly year: number;
  /** 1..12 */
  readonly month: number;
  readonly day: number;
}

/** The date of a day number. */
export function civilOf(day: number): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Day number of `YYYY-MM-DD`, or undefined when the text is not a date that exists. */
export function parseDate(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length !== 10 || text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  return day <= daysInMonth(year, month) ? dayNumber(year, month, day) : undefined;
}

/** Milliseconds since midnight of `HH:MM` or `HH:MM:SS`, or undefined. */
export function parseTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || (text.length !== 5 && text.length !== 8) || text[2] !== ':') return undefined;
  const hour = digits(text, 0, 2);
  const minute = digits(text, 3, 2);
  const second = text.length === 8 ? (text[5] === ':' ? digits(text, 6, 2) : Number.NaN) : 0;
  return hour <= 23 && minute <= 59 && second <= 59 ? (hour * 3600 + minute * 60 + second) * 1000 : undefined;
}

/** Wall clock milliseconds (as if UTC) of `YYYY-MM-DDTHH:MM[:SS]`, or undefined. */
export function parseDateTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || text[10] !== 'T') return undefined;
  const day = parseDate(text.slice(0, 10));
  const time = parseTime(text.slice(11));
  return day === undefined || time === undefined ? undefined : day * DAY_MS + time;
}

/** Day number of a date given by a caller; refuses what is not one. */
export function requireDate(text: LocalDate, code: RecurrenceErrorCode, field: string): number {
  const day = parseDate(text);
  if (day === undefined) throw new RecurrenceError(code, field, `${shown(text)} is not a date YYYY-MM-DD`);
  return day;
}

const pad = (value: number, width: number): string => `${value}`.padStart(width, '0');

export function formatDate(day: number): LocalDate {
  const civil = civilOf(day);
  return `${pad(civil.year, 4)}-${pad(civil.month, 2)}-${pad(civil.day, 2)}`;
}

/** `HH:MM:SS` of milliseconds since midnight. */
export function formatTime(timeOfDayMs: number): LocalTime {
  const seconds = Math.floor(timeOfDayMs / 1000);
  return `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
}
