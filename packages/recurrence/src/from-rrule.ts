/**
 * RFC 5545 RRULE -> Exchange pattern and range, or the reason why Exchange cannot say it. Never an approximation:
 * a day that RFC 5545 skips in short months is refused, not clamped. SPEC.md, section 9.
 */
import type {
  DayOfWeek,
  LocalDate,
  LocalTime,
  RecurrencePattern,
  RecurrenceRange,
} from '@calendar-connector/calendar-model';
import {
  DAY_MS,
  DAYS_OF_WEEK,
  formatDate,
  formatTime,
  MONTHS,
  monthIndexOf,
  parseTime,
  requireDate,
  weekdayOf,
} from './civil.ts';
import { isRecord, RecurrenceError, shown } from './recurrence-error.ts';
import { monthDayOf, relativeDayOf } from './rrule-days.ts';
import { NotExpressible, type NotExpressibleReason, refuse } from './rrule-refusal.ts';
import { parseRRule, type RRuleParts, type Until } from './rrule-text.ts';
import { MAX_DAY, MAX_OCCURRENCES, MIN_DAY } from './series-input.ts';
import { MAX_DAILY_INTERVAL, MAX_INTERVAL, MAX_YEARLY_INTERVAL } from './series-pattern.ts';
import { TimeZone } from './time-zone.ts';

/** DTSTART, taken apart. */
export interface RRuleStart {
  readonly startDate: LocalDate;
  readonly startTime: LocalTime;
  readonly timeZone: TimeZone;
  readonly allDay?: boolean;
}

export type FromRRule =
  | { readonly ok: true; readonly pattern: RecurrencePattern; readonly range: RecurrenceRange }
  | {
      readonly ok: false;
      readonly reason: NotExpressibleReason;
      /** Part of the rule at fault, e.g. `BYSETPOS`. */
      readonly part: string;
    };

interface Start {
  readonly day: number;
  readonly timeMs: number;
  readonly zone: TimeZone;
  readonly allDay: boolean;
}

function checkStart(start: RRuleStart): Start {
  if (!isRecord(start)) throw new RecurrenceError('InvalidSeries', 'start', 'is not an object');
  const timeMs = parseTime(start.startTime);
  if (timeMs === undefined)
    throw new RecurrenceError('InvalidTime', 'startTime', `${shown(start.startTime)} is no time`);
  if (!(start.timeZone instanceof TimeZone)) {
    throw new RecurrenceError(
      'UnknownTimeZone',
      'timeZone',
      'is not a TimeZone; make one with TimeZone.fromWindows etc.',
    );
  }
  const day = requireDate(start.startDate, 'InvalidDate', 'startDate');
  return { day, timeMs, zone: start.timeZone, allDay: start.allDay === true };
}

/** BYHOUR, BYMINUTE, BYSECOND may only repeat what DTSTART says. */
function checkTime({ by }: RRuleParts, { timeMs }: Start): void {
  const seconds = timeMs / 1000;
  const parts = [
    ['BYHOUR', Math.floor(seconds / 3600)],
    ['BYMINUTE', Math.floor(seconds / 60) % 60],
    ['BYSECOND', seconds % 60],
  ] as const;
  for (const [part, value] of parts) {
    const list = by[part];
    if (list && (list.length !== 1 || list[0] !== value)) refuse('by-time', part);
  }
}

function checkInterval(interval: number, most: number): number {
  return interval <= most ? interval : refuse('interval', 'INTERVAL');
}

/** Days of the week without numbers. */
function plainDays({ byDay }: RRuleParts, start: Start): readonly DayOfWeek[] {
  const weekdays = byDay ? byDay.map(({ weekday }) => weekday).sort() : [weekdayOf(start.day)];
  if (byDay?.some(({ nth }) => nth !== 0)) refuse('index', 'BYDAY');
  return weekdays.map((weekday) => DAYS_OF_WEEK[weekday] as DayOfWeek);
}

function refuseParts({ by }: RRuleParts, parts: readonly (keyof RRuleParts['by'])[]): void {
  for (const part of parts) if (by[part]) refuse('by-part', part);
}

function dailyOrWeekly(rule: RRuleParts, start: Start): RecurrencePattern {
  refuseParts(rule, ['BYMONTH', 'BYMONTHDAY', 'BYSETPOS']);
  const daily = rule.freq === 'DAILY';
  if (daily && !rule.byDay) return { type: 'Daily', interval: checkInterval(rule.interval, MAX_DAILY_INTERVAL) };
  // Every day that is one of these weekdays is every week on them; every second day is not.
  if (daily && rule.interval > 1) refuse('by-part', 'BYDAY');
  return {
    type: 'Weekly',
    interval: checkInterval(rule.interval, MAX_INTERVAL),
    daysOfWeek: plainDays(rule, start),
    firstDayOfWeek: DAYS_OF_WEEK[daily ? 1 : rule.weekStart] as DayOfWeek,
  };
}

function monthly(rule: RRuleParts, start: Start): RecurrencePattern {
  if (rule.by.BYMONTH) refuse('month-limit', 'BYMONTH');
  const interval = checkInterval(rule.interval, MAX_INTERVAL);
  const relative = relativeDayOf(rule);
  if (relative && 'dayOfMonth' in relative) return { type: 'AbsoluteMonthly', interval, ...relative };
  if (relative) return { type: 'RelativeMonthly', interval, ...relative };
  return { type: 'AbsoluteMonthly', interval, dayOfMonth: monthDayOf(rule, start.day, interval) };
}

function yearly(rule: RRuleParts, start: Start): RecurrencePattern {
  const years = checkInterval(rule.interval, MAX_YEARLY_INTERVAL);
  const months = rule.by.BYMONTH;
  if (months && months.length > 1) refuse('several-months', 'BYMONTH');
  const anchor = monthIndexOf(start.day);
  const monthIndex = months ? (months[0] as number) - 1 : anchor % 12;
  const month = MONTHS[monthIndex];
  if (month === undefined) refuse('impossible-date', 'BYMONTH');
  if (!months && rule.byDay) refuse('by-part', 'BYDAY');
  if (!months && rule.by.BYMONTHDAY) refuse('by-part', 'BYMONTHDAY');
  if (years > 1 && monthIndex !== anchor % 12) refuse('multi-year-anchor', 'BYMONTH');
  const relative = relativeDayOf(rule);
  const day = relative ?? { dayOfMonth: monthDayOf(rule, start.day, 12, monthIndex) };
  if (years > 1) {
    if ('dayOfMonth' in day) return { type: 'AbsoluteMonthly', interval: 12 * years, ...day };
    return { type: 'RelativeMonthly', interval: 12 * years, ...day };
  }
  return 'dayOfMonth' in day ? { type: 'AbsoluteYearly', month, ...day } : { type: 'RelativeYearly', month, ...day };
}

function patternOf(rule: RRuleParts, start: Start): RecurrencePattern {
  if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(rule.freq)) refuse('frequency', 'FREQ');
  refuseParts(rule, ['BYYEARDAY', 'BYWEEKNO']);
  checkTime(rule, start);
  if (rule.freq === 'DAILY' || rule.freq === 'WEEKLY') return dailyOrWeekly(rule, start);
  return rule.freq === 'MONTHLY' ? monthly(rule, start) : yearly(rule, start);
}

/** Last date on which an occurrence would not start after UNTIL. A date stands beside dates, a time beside times. */
function endDay(until: Until, { allDay, timeMs, zone }: Start): number {
  const day = Math.floor(until.ms / DAY_MS);
  if (day <= MIN_DAY || day >= MAX_DAY) refuse('until-range', 'UNTIL');
  if (allDay !== (until.form === 'date')) refuse('until-form', 'UNTIL');
  if (until.form === 'date') return day;
  if (until.form === 'local') return until.ms - day * DAY_MS >= timeMs ? day : day - 1;
  for (let candidate = day + 1; ; candidate--) {
    if (zone.toInstant(`${formatDate(candidate)}T${formatTime(timeMs)}`) <= until.ms) return candidate;
  }
}

function rangeOf(rule: RRuleParts, start: Start): RecurrenceRange {
  const startDate = formatDate(start.day);
  if (start.day < MIN_DAY || start.day > MAX_DAY) refuse('start-range', 'DTSTART');
  if (rule.count !== undefined) {
    if (rule.count > MAX_OCCURRENCES) refuse('count', 'COUNT');
    return { type: 'Numbered', startDate, numberOfOccurrences: rule.count };
  }
  if (rule.until) return { type: 'EndDate', startDate, endDate: formatDate(endDay(rule.until, start)) };
  return { type: 'NoEnd', startDate };
}

/**
 * Reads an RRULE that begins at `start`. A rule that Exchange cannot express is refused with a reason; a bad `start`
 * throws RecurrenceError. An UNTIL before the start comes back as it is, and compileSeries refuses it.
 */
export function fromRRule(text: string, start: RRuleStart): FromRRule {
  const checked = checkStart(start);
  const rule = parseRRule(text);
  if ('reason' in rule) return { ok: false, ...rule };
  try {
    return { ok: true, pattern: patternOf(rule, checked), range: rangeOf(rule, checked) };
  } catch (stop) {
    if (stop instanceof NotExpressible) return { ok: false, reason: stop.reason, part: stop.part };
    throw stop;
  }
}
