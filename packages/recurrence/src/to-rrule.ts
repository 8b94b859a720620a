/**
 * Exchange pattern and range -> RFC 5545 RRULE, without loss: the clamp of days 29..31 is written with BYSETPOS or
 * BYMONTHDAY=-1, a working day with BYDAY and BYSETPOS, as MS-OXCICAL 2.1.3.2.2 does. SPEC.md, section 9.
 */
import type {
  DayOfWeek,
  Instant,
  LocalTime,
  ModifiedOccurrence,
  RecurrenceRange,
} from '@calendar-connector/calendar-model';
import { DAY_MS, DAYS_OF_WEEK, daysInMonth, MONTHS } from './civil.ts';
import { OccurrenceClock } from './occurrence-clock.ts';
import { DAY_CODES, icalDate, icalInstant } from './rrule-text.ts';
import { compileExceptions } from './series-exceptions.ts';
import { checkSeries, type RecurrenceSeries } from './series-input.ts';
import type { MultiYearPattern, SeriesPattern } from './series-pattern.ts';
import { DEFAULT_POLICY, type TimeZone } from './time-zone.ts';

/** What a rule needs to know beside pattern and range; a whole RecurrenceSeries will do. */
export interface RRuleContext {
  readonly startTime: LocalTime;
  readonly timeZone: TimeZone;
  readonly allDay?: boolean;
  readonly deletedOccurrences?: readonly Instant[];
  readonly modifiedOccurrences?: readonly ModifiedOccurrence[];
}

export interface RRuleText {
  /** Without `RRULE:` in front. Meant for a DTSTART at the series' first occurrence. */
  readonly rrule: string;
  /** Starts of deleted occurrences, for EXDATE. Modified ones are not among them: they are RECURRENCE-ID components. */
  readonly exdates: readonly Instant[];
}

const POSITIONS = { First: 1, Second: 2, Third: 3, Fourth: 4, Last: -1 } as const;
const DAY_SETS = { Day: 'SU,MO,TU,WE,TH,FR,SA', Weekday: 'MO,TU,WE,TH,FR', WeekendDay: 'SU,SA' } as const;

/** BYMONTHDAY that means "this day, or the month's last if the month is shorter"; `shortest` month in question. */
function clampedDay(dayOfMonth: number, shortest: number, longest: number): string[] {
  if (dayOfMonth <= shortest) return [`BYMONTHDAY=${dayOfMonth}`];
  if (dayOfMonth >= longest) return ['BYMONTHDAY=-1'];
  const days = Array.from({ length: dayOfMonth - shortest + 1 }, (_, i) => shortest + i);
  return [`BYMONTHDAY=${days.join(',')}`, 'BYSETPOS=-1'];
}

type RelativePattern = Extract<SeriesPattern, { type: 'RelativeMonthly' | 'RelativeYearly' }>;

function relativeParts({ daysOfWeek, dayOfWeekIndex }: RelativePattern): string[] {
  const weekday = DAYS_OF_WEEK.indexOf(daysOfWeek as DayOfWeek);
  const days = weekday < 0 ? DAY_SETS[daysOfWeek as keyof typeof DAY_SETS] : DAY_CODES[weekday];
  return [`BYDAY=${days}`, `BYSETPOS=${POSITIONS[dayOfWeekIndex]}`];
}

function intervalPart(interval: number): string[] {
  return interval === 1 ? [] : [`INTERVAL=${interval}`];
}

function patternParts(pattern: SeriesPattern): string[] {
  switch (pattern.type) {
    case 'Daily':
      return ['FREQ=DAILY', ...intervalPart(pattern.interval)];
    case 'Weekly': {
      const days = DAYS_OF_WEEK.flatMap((day, i) => (pattern.daysOfWeek.includes(day) ? [DAY_CODES[i]] : []));
      const weekStart = DAY_CODES[DAYS_OF_WEEK.indexOf(pattern.firstDayOfWeek)];
      return ['FREQ=WEEKLY', ...intervalPart(pattern.interval), `BYDAY=${days.join(',')}`, `WKST=${weekStart}`];
    }
    case 'AbsoluteMonthly':
      return ['FREQ=MONTHLY', ...intervalPart(pattern.interval), ...clampedDay(pattern.dayOfMonth, 28, 31)];
    case 'RelativeMonthly':
      return ['FREQ=MONTHLY', ...intervalPart(pattern.interval), ...relativeParts(pattern)];
    case 'AbsoluteYearly':
    case 'RelativeYearly': {
      const month = MONTHS.indexOf(pattern.month) + 1;
      const head = ['FREQ=YEARLY', ...intervalPart((pattern as MultiYearPattern).interval ?? 1), `BYMONTH=${month}`];
      if (pattern.type === 'RelativeYearly') return [...head, ...relativeParts(pattern)];
      return [...head, ...clampedDay(pattern.dayOfMonth, daysInMonth(2001, month), daysInMonth(2000, month))];
    }
  }
}

/**
 * Writes pattern and range as an RRULE, deletions as instants for EXDATE. Throws RecurrenceError on bad input.
 * UNTIL is an instant (RFC 5545 asks for UTC beside a zone), for all-day series a date.
 */
export function toRRule(pattern: SeriesPattern, range: RecurrenceRange, context: RRuleContext): RRuleText {
  const series: RecurrenceSeries = { ...context, pattern, range, durationMinutes: 0 };
  const checked = checkSeries(series);
  const clock = new OccurrenceClock(checked, DEFAULT_POLICY);
  const parts = patternParts(pattern);
  if (range.type === 'Numbered') parts.push(`COUNT=${range.numberOfOccurrences}`);
  if (range.type === 'EndDate') {
    const untilDay = checked.endDay as number;
    const until = checked.allDay
      ? icalDate(untilDay)
      : icalInstant(clock.instantOf(untilDay * DAY_MS + checked.timeMs));
    parts.push(`UNTIL=${until}`);
  }
  const { deleted } = compileExceptions(series, clock);
  const exdates = [...deleted].sort((a, b) => a - b).map((index) => clock.startOf(index));
  return { rrule: parts.join(';'), exdates };
}
