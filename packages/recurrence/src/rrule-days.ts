/**
 * BYDAY, BYMONTHDAY and BYSETPOS of a monthly or yearly rule -> Exchange's day of month or n-th weekday. SPEC.md, section 9.
 */
import type { DayOfWeekIndex, RelativeDay } from '@calendar-connector/calendar-model';
import { civilOf, DAYS_OF_WEEK, daysInMonth, monthIndexOf } from './civil.ts';
import { refuse } from './rrule-refusal.ts';
import type { RRuleParts } from './rrule-text.ts';

const INDICES: Readonly<Record<number, DayOfWeekIndex>> = {
  1: 'First',
  2: 'Second',
  3: 'Third',
  4: 'Fourth',
  '-1': 'Last',
};

const DAY_SETS: Readonly<Record<string, RelativeDay>> = {
  '0,1,2,3,4,5,6': 'Day',
  '1,2,3,4,5': 'Weekday',
  '0,6': 'WeekendDay',
};

/** BYSETPOS when there is one; lists are beyond Exchange. */
function setPosition({ by }: RRuleParts): number | undefined {
  const positions = by.BYSETPOS;
  if (positions && positions.length !== 1) refuse('set-position', 'BYSETPOS');
  return positions?.[0];
}

export type RelativeDayParts =
  | { readonly daysOfWeek: RelativeDay; readonly dayOfWeekIndex: DayOfWeekIndex }
  | { readonly dayOfMonth: number };

/** The n-th weekday that BYDAY names; undefined without BYDAY. */
export function relativeDayOf(rule: RRuleParts): RelativeDayParts | undefined {
  const { byDay, by } = rule;
  if (!byDay) return undefined;
  if (by.BYMONTHDAY) refuse('by-part', 'BYMONTHDAY');
  const position = setPosition(rule);
  const numbered = byDay.filter(({ nth }) => nth !== 0);
  if (numbered.length > 0) {
    if (byDay.length > 1) refuse('several-days', 'BYDAY');
    // Of the one day a month that BYDAY=2TU names, the first and the last are that day.
    if (position !== undefined && Math.abs(position) !== 1) refuse('set-position', 'BYSETPOS');
  } else if (position === undefined) refuse('several-days', 'BYDAY');
  const index = numbered[0]?.nth ?? position ?? 0;
  const weekdays = byDay.map(({ weekday }) => weekday).sort();
  const daysOfWeek = weekdays.length === 1 ? DAYS_OF_WEEK[weekdays[0] as number] : DAY_SETS[weekdays.join()];
  if (daysOfWeek === undefined) refuse('day-set', 'BYDAY');
  // The n-th day of any kind is the day of month n.
  if (daysOfWeek === 'Day' && index >= 5 && index <= 28) return { dayOfMonth: index };
  const dayOfWeekIndex = INDICES[index];
  if (dayOfWeekIndex === undefined) refuse('index', position === undefined ? 'BYDAY' : 'BYSETPOS');
  return { daysOfWeek, dayOfWeekIndex };
}

/** The lists that toRRule writes, and the only ones taken back: the day, or the last of a shorter month. */
const CLAMPED_DAYS: Readonly<Record<string, number>> = { '28,29': 29, '28,29,30': 30 };

/** Length of the shortest month a rule ever visits. */
function shortestMonth(anchor: number, interval: number): number {
  const lengths = Array.from({ length: 12 }, (_, i) => daysInMonth(2001, ((anchor + i * interval) % 12) + 1));
  return Math.min(...lengths);
}

/**
 * Day of month of a rule without BYDAY. `interval` in months; `yearlyMonth` (0..11) when the rule names its month.
 * A day that some visited month lacks is refused: RFC 5545 skips that month, Exchange does not.
 */
export function monthDayOf(rule: RRuleParts, startDay: number, interval: number, yearlyMonth?: number): number {
  const position = setPosition(rule);
  const days = rule.by.BYMONTHDAY ?? [civilOf(startDay).day];
  const anchor = yearlyMonth ?? monthIndexOf(startDay);
  const shortest = shortestMonth(anchor, interval);
  if (days.length > 1) {
    const clamped = position === -1 ? CLAMPED_DAYS[days.join()] : undefined;
    return clamped ?? refuse('several-days', 'BYMONTHDAY');
  }
  if (position !== undefined && Math.abs(position) !== 1) refuse('set-position', 'BYSETPOS');
  const day = days[0] as number;
  if (day === -1) return 31;
  if (day < -1) refuse('day-from-end', 'BYMONTHDAY');
  if (day === 0 || day > 31) refuse('syntax', 'BYMONTHDAY');
  if (yearlyMonth !== undefined && day > daysInMonth(2000, yearlyMonth + 1)) refuse('impossible-date', 'BYMONTHDAY');
  return day <= shortest ? day : refuse('day-clamped', 'BYMONTHDAY');
}
