/**
 * The six patterns as closed forms: the k-th day, and the first k on or after a day, each in constant time.
 * Every Exchange pattern has exactly one occurrence per period (clamping never skips). SPEC.md, section 2.
 */
import type { DayOfWeek, DayOfWeekIndex, RecurrencePattern, RelativeDay } from '@calendar-connector/calendar-model';
import { DAY_MS, DAYS_OF_WEEK, MONTHS, monthIndexOf, monthLength, monthNear, monthStart, weekdayOf } from './civil.ts';
import { isRecord, RecurrenceError, type RecurrenceErrorCode, shown } from './recurrence-error.ts';

/** A yearly pattern with an interval, the other way "every n years" may arrive; Exchange writes 12·n months. */
export type MultiYearPattern = Extract<RecurrencePattern, { type: 'AbsoluteYearly' | 'RelativeYearly' }> & {
  readonly interval?: number;
};

/** What a series may repeat by: Exchange's patterns, and yearly ones with an interval. */
export type SeriesPattern = RecurrencePattern | MultiYearPattern;

/** A pattern anchored at a start date. Indices count periods from the anchor and may start above 0. */
export interface DayRule {
  /** Day number of the k-th occurrence. */
  dayAt(index: number): number;
  /** Index of the first occurrence on or after a day; not below 0 for days from the anchor on. */
  indexFrom(day: number): number;
  /** The same or one of those shortly before it, for a search that passes over what is too early: costs less. */
  indexNear(day: number): number;
  /**
   * Writes wall times, `timeMs` after midnight of each day from that of `index` on, as long as the days are not after
   * `until` and the times fit; returns how many.
   */
  fill(index: number, until: number, timeMs: number, out: Float64Array): number;
}

export const MAX_DAILY_INTERVAL = 999;
export const MAX_INTERVAL = 99;
/** Exchange keeps years as months, of which an interval holds 99. */
export const MAX_YEARLY_INTERVAL = 8;

class DailyRule implements DayRule {
  readonly #anchor: number;
  readonly #interval: number;

  constructor(anchor: number, interval: number) {
    this.#anchor = anchor;
    this.#interval = interval;
  }

  dayAt(index: number): number {
    return this.#anchor + index * this.#interval;
  }

  indexFrom(day: number): number {
    // As an integer: there is no index -0.
    return Math.ceil((day - this.#anchor) / this.#interval) | 0;
  }

  indexNear(day: number): number {
    return this.indexFrom(day);
  }

  fill(index: number, until: number, timeMs: number, out: Float64Array): number {
    const step = this.#interval * DAY_MS;
    const last = until * DAY_MS + timeMs;
    let count = 0;
    for (let wall = this.dayAt(index) * DAY_MS + timeMs; wall <= last && count < out.length; wall += step) {
      out[count++] = wall;
    }
    return count;
  }
}

class WeeklyRule implements DayRule {
  readonly #weekStart: number;
  readonly #stride: number;
  /** Days of the week counted from its first day, ascending. */
  readonly #days: readonly number[];

  /** `weekdays` is a set of bits, Sunday the lowest. */
  constructor(anchor: number, interval: number, weekdays: number, firstDayOfWeek: number) {
    this.#weekStart = anchor - ((weekdayOf(anchor) - firstDayOfWeek + 7) % 7);
    this.#stride = 7 * interval;
    const days: number[] = [];
    for (let day = 0; day < 7; day++) {
      if (weekdays & (1 << ((day + firstDayOfWeek) % 7))) days.push(day);
    }
    this.#days = days;
  }

  dayAt(index: number): number {
    const week = Math.floor(index / this.#days.length);
    return this.#weekStart + week * this.#stride + (this.#days[index - week * this.#days.length] as number);
  }

  indexFrom(day: number): number {
    const week = Math.floor((day - this.#weekStart) / this.#stride);
    const dayOfPeriod = day - this.#weekStart - week * this.#stride;
    let position = 0;
    while (position < this.#days.length && (this.#days[position] as number) < dayOfPeriod) position++;
    return week * this.#days.length + position;
  }

  indexNear(day: number): number {
    return this.indexFrom(day);
  }

  fill(index: number, until: number, timeMs: number, out: Float64Array): number {
    const days = this.#days;
    const stride = this.#stride;
    const week = Math.floor(index / days.length);
    let position = index - week * days.length;
    let start = this.#weekStart + week * stride;
    let count = 0;
    for (; count < out.length; count++) {
      const day = start + (days[position] as number);
      if (day > until) break;
      out[count] = day * DAY_MS + timeMs;
      if (++position === days.length) {
        position = 0;
        start += stride;
      }
    }
    return count;
  }
}

/**
 * Monthly and yearly patterns. An absolute day is the day itself, or the month's last if that comes first. A relative
 * one is looked up by the weekday of the month's first day, or for `Last` of its last.
 */
class MonthlyRule implements DayRule {
  readonly #anchorMonth: number;
  readonly #interval: number;
  readonly #dayOfMonth: number;
  readonly #offsets: Int32Array | undefined;
  readonly #fromEnd: boolean;

  constructor(anchorMonth: number, interval: number, day: number | RelativeOffsets) {
    this.#anchorMonth = anchorMonth;
    this.#interval = interval;
    this.#dayOfMonth = typeof day === 'number' ? day : 0;
    this.#offsets = typeof day === 'number' ? undefined : day.offsets;
    this.#fromEnd = typeof day === 'number' ? false : day.fromEnd;
  }

  #dayIn(month: number): number {
    const start = monthStart(month);
    const offsets = this.#offsets;
    if (offsets === undefined) {
      const wanted = this.#dayOfMonth;
      return start + (wanted > 28 ? Math.min(wanted, monthLength(month)) : wanted) - 1;
    }
    if (!this.#fromEnd) return start + (offsets[weekdayOf(start)] as number);
    const last = start + monthLength(month) - 1;
    return last - (offsets[weekdayOf(last)] as number);
  }

  dayAt(index: number): number {
    return this.#dayIn(this.#anchorMonth + index * this.#interval);
  }

  indexFrom(day: number): number {
    const index = Math.ceil((monthIndexOf(day) - this.#anchorMonth) / this.#interval) | 0;
    return this.dayAt(index) < day ? index + 1 : index;
  }

  indexNear(day: number): number {
    return Math.ceil((monthNear(day) - this.#anchorMonth) / this.#interval) | 0;
  }

  fill(index: number, until: number, timeMs: number, out: Float64Array): number {
    const interval = this.#interval;
    let count = 0;
    for (let month = this.#anchorMonth + index * interval; count < out.length; month += interval) {
      const day = this.#dayIn(month);
      if (day > until) break;
      out[count++] = day * DAY_MS + timeMs;
    }
    return count;
  }
}

const SETS: readonly (readonly [RelativeDay, readonly number[]])[] = [
  ['Day', [0, 1, 2, 3, 4, 5, 6]],
  ['Weekday', [1, 2, 3, 4, 5]],
  ['WeekendDay', [0, 6]],
];

const INDICES: readonly (readonly [DayOfWeekIndex, number])[] = [
  ['First', 1],
  ['Second', 2],
  ['Third', 3],
  ['Fourth', 4],
  ['Last', -1],
];

interface RelativeOffsets {
  readonly offsets: Int32Array;
  readonly fromEnd: boolean;
}

/** Distance from the month's first day (or last, for `Last`) to the wanted day, by the weekday of that day. */
function relativeOffsets(set: readonly number[], index: number): RelativeOffsets {
  const offsets = new Int32Array(7);
  const fromEnd = index < 0;
  for (let weekday = 0; weekday < 7; weekday++) {
    let distance = 0;
    for (let left = Math.abs(index); ; distance++) {
      const current = fromEnd ? (weekday - distance + 14 * 7) % 7 : (weekday + distance) % 7;
      if (set.includes(current) && --left === 0) break;
    }
    offsets[weekday] = distance;
  }
  return { offsets, fromEnd };
}

/** A whole number between two bounds, or a RecurrenceError. */
export function requireWhole(
  value: unknown,
  low: number,
  high: number,
  code: RecurrenceErrorCode,
  field: string,
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RecurrenceError(code, field, `${shown(value)} is not a whole number from ${low} to ${high}`);
}

function requireName<T>(names: ReadonlyMap<unknown, T>, value: unknown, code: RecurrenceErrorCode, field: string): T {
  const found = names.get(value);
  if (found === undefined) {
    throw new RecurrenceError(code, field, `${shown(value)} is none of ${[...names.keys()].join(', ')}`);
  }
  return found;
}

const WEEKDAYS: ReadonlyMap<unknown, number> = new Map(DAYS_OF_WEEK.map((day, i) => [day, i]));
const MONTH_INDICES: ReadonlyMap<unknown, number> = new Map(MONTHS.map((month, i) => [month, i]));

/** All fifty relative days, by what they count and which of them. */
const RELATIVE_DAYS: ReadonlyMap<unknown, ReadonlyMap<unknown, RelativeOffsets>> = new Map(
  [...DAYS_OF_WEEK.map((day, i) => [day, [i]] as const), ...SETS].map(([day, set]) => [
    day,
    new Map(INDICES.map(([name, index]) => [name, relativeOffsets(set, index)])),
  ]),
);

function weeklyRule(pattern: Extract<SeriesPattern, { type: 'Weekly' }>, anchor: number): DayRule {
  const interval = requireWhole(pattern.interval, 1, MAX_INTERVAL, 'InvalidInterval', 'pattern.interval');
  const days: readonly DayOfWeek[] = pattern.daysOfWeek;
  if (!Array.isArray(days) || days.length === 0 || days.length > 7) {
    throw new RecurrenceError('InvalidDaysOfWeek', 'pattern.daysOfWeek', 'is not a list of one to seven days');
  }
  let weekdays = 0;
  for (const day of days) weekdays |= 1 << requireName(WEEKDAYS, day, 'InvalidDaysOfWeek', 'pattern.daysOfWeek');
  const first = requireName(WEEKDAYS, pattern.firstDayOfWeek, 'InvalidFirstDayOfWeek', 'pattern.firstDayOfWeek');
  return new WeeklyRule(anchor, interval, weekdays, first);
}

function relativeDay(pattern: Extract<SeriesPattern, { type: 'RelativeMonthly' | 'RelativeYearly' }>) {
  const days = requireName(RELATIVE_DAYS, pattern.daysOfWeek, 'InvalidDaysOfWeek', 'pattern.daysOfWeek');
  return requireName(days, pattern.dayOfWeekIndex, 'InvalidDayOfWeekIndex', 'pattern.dayOfWeekIndex');
}

function absoluteDay(pattern: Extract<SeriesPattern, { type: 'AbsoluteMonthly' | 'AbsoluteYearly' }>): number {
  return requireWhole(pattern.dayOfMonth, 1, 31, 'InvalidDayOfMonth', 'pattern.dayOfMonth');
}

function monthlyRule(pattern: Extract<SeriesPattern, { type: 'AbsoluteMonthly' | 'RelativeMonthly' }>, anchor: number) {
  const interval = requireWhole(pattern.interval, 1, MAX_INTERVAL, 'InvalidInterval', 'pattern.interval');
  const day = pattern.type === 'AbsoluteMonthly' ? absoluteDay(pattern) : relativeDay(pattern);
  return new MonthlyRule(monthIndexOf(anchor), interval, day);
}

function yearlyRule(pattern: MultiYearPattern, anchor: number): DayRule {
  const years = requireWhole(pattern.interval ?? 1, 1, MAX_YEARLY_INTERVAL, 'InvalidInterval', 'pattern.interval');
  const month = requireName(MONTH_INDICES, pattern.month, 'InvalidMonth', 'pattern.month');
  const day = pattern.type === 'AbsoluteYearly' ? absoluteDay(pattern) : relativeDay(pattern);
  return new MonthlyRule(Math.floor(monthIndexOf(anchor) / 12) * 12 + month, 12 * years, day);
}

/** Checks a pattern and anchors it at the start date's day number. Throws RecurrenceError with the field at fault. */
export function compilePattern(pattern: SeriesPattern, anchor: number): DayRule {
  if (!isRecord(pattern)) throw new RecurrenceError('InvalidPattern', 'pattern', 'is not an object');
  switch (pattern.type) {
    case 'Daily':
      return new DailyRule(
        anchor,
        requireWhole(pattern.interval, 1, MAX_DAILY_INTERVAL, 'InvalidInterval', 'pattern.interval'),
      );
    case 'Weekly':
      return weeklyRule(pattern, anchor);
    case 'AbsoluteMonthly':
    case 'RelativeMonthly':
      return monthlyRule(pattern, anchor);
    case 'AbsoluteYearly':
    case 'RelativeYearly':
      return yearlyRule(pattern, anchor);
    default:
      throw new RecurrenceError(
        'InvalidPattern',
        'pattern.type',
        `${shown((pattern as { type?: unknown }).type)} is not one of Exchange's six patterns`,
      );
  }
}
