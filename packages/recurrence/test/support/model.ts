/**
 * The naive model: walks day by day and asks of each whether it is an occurrence. Shares no code with the package:
 * dates are UTC Dates, wall times go through Temporal. Slow on purpose.
 */
import { Temporal } from 'temporal-polyfill';
import type { DayOfWeek, RecurrenceRange, RelativeDay, SeriesPattern, WallTimePolicy } from '../../src/index.ts';

const NAMES: readonly DayOfWeek[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const INDICES = ['First', 'Second', 'Third', 'Fourth'];
const DAY = 86_400_000;

const utc = (date: string): Date => new Date(`${date}T00:00:00Z`);
const lastOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
const months = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();

function isOfKind(date: Date, kind: RelativeDay): boolean {
  const weekday = date.getUTCDay();
  if (kind === 'Day') return true;
  if (kind === 'Weekday') return weekday !== 0 && weekday !== 6;
  if (kind === 'WeekendDay') return weekday === 0 || weekday === 6;
  return NAMES[weekday] === kind;
}

/** Whether the date is the n-th (or last) day of its kind in its month, found by counting. */
function isNth(date: Date, kind: RelativeDay, index: string): boolean {
  if (!isOfKind(date, kind)) return false;
  const day = date.getUTCDate();
  const others = (from: number, to: number): number => {
    let count = 0;
    for (let d = from; d <= to; d++) {
      if (isOfKind(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), d)), kind)) count++;
    }
    return count;
  };
  return index === 'Last' ? others(day + 1, lastOfMonth(date)) === 0 : others(1, day - 1) === INDICES.indexOf(index);
}

const isDayOfMonth = (date: Date, wanted: number): boolean =>
  date.getUTCDate() === wanted || (date.getUTCDate() < wanted && date.getUTCDate() === lastOfMonth(date));

/** Whether a pattern that begins on `start` has an occurrence on `date`, which is not before it. */
function isOccurrence(pattern: SeriesPattern, start: Date, date: Date): boolean {
  switch (pattern.type) {
    case 'Daily':
      return Math.round((date.getTime() - start.getTime()) / DAY) % pattern.interval === 0;
    case 'Weekly': {
      if (!pattern.daysOfWeek.includes(NAMES[date.getUTCDay()] as DayOfWeek)) return false;
      const first = NAMES.indexOf(pattern.firstDayOfWeek);
      const weekOf = (day: Date): number => day.getTime() - ((day.getUTCDay() + 7 - first) % 7) * DAY;
      return Math.round((weekOf(date) - weekOf(start)) / (7 * DAY)) % pattern.interval === 0;
    }
    case 'AbsoluteMonthly':
      return (months(date) - months(start)) % pattern.interval === 0 && isDayOfMonth(date, pattern.dayOfMonth);
    case 'RelativeMonthly':
      return (
        (months(date) - months(start)) % pattern.interval === 0 &&
        isNth(date, pattern.daysOfWeek, pattern.dayOfWeekIndex)
      );
    default: {
      const interval = (pattern as { interval?: number }).interval ?? 1;
      if (date.getUTCMonth() !== MONTHS.indexOf(pattern.month)) return false;
      if ((date.getUTCFullYear() - start.getUTCFullYear()) % interval !== 0) return false;
      return pattern.type === 'AbsoluteYearly'
        ? isDayOfMonth(date, pattern.dayOfMonth)
        : isNth(date, pattern.daysOfWeek, pattern.dayOfWeekIndex);
    }
  }
}

export interface ModelOccurrence {
  readonly start: number;
  readonly end: number;
}

export interface ModelSeries {
  readonly pattern: SeriesPattern;
  readonly range: RecurrenceRange;
  readonly startTime: string;
  readonly durationMinutes: number;
  readonly allDay: boolean;
  readonly zone: string;
}

/** Instant of a wall time; undefined when it is skipped. */
function instantOf(local: Temporal.PlainDateTime, zone: string, { gap, overlap }: WallTimePolicy): number | undefined {
  const read = local.toZonedDateTime(zone, { disambiguation: overlap === 'second' ? 'later' : 'compatible' });
  return gap === 'skip' && !read.toPlainDateTime().equals(local) ? undefined : read.epochMilliseconds;
}

/** Occurrences until a date (exclusive) at the latest, walking day by day. */
export function modelOf(series: ModelSeries, policy: WallTimePolicy, beforeDate: string): readonly ModelOccurrence[] {
  const { pattern, range, startTime, durationMinutes, allDay, zone } = series;
  const found: ModelOccurrence[] = [];
  const start = utc(range.startDate);
  const before = utc(beforeDate).getTime();
  for (let time = start.getTime(); time < before; time += DAY) {
    const date = new Date(time);
    const text = date.toISOString().slice(0, 10);
    if (range.type === 'EndDate' && text > range.endDate) break;
    if (range.type === 'Numbered' && found.length >= range.numberOfOccurrences) break;
    if (!isOccurrence(pattern, start, date)) continue;
    const local = Temporal.PlainDateTime.from(`${text}T${startTime}`);
    const begin = instantOf(local, zone, allDay ? { ...policy, gap: 'shift-forward' } : policy);
    if (begin === undefined) continue;
    const wallEnd = local.add({ minutes: durationMinutes });
    const end = allDay
      ? instantOf(wallEnd, zone, { ...policy, gap: 'shift-forward' })
      : begin + durationMinutes * 60_000;
    found.push({ start: begin, end: end as number });
  }
  return found;
}
