/**
 * The rule of a series whose days move with it: Mondays that are dragged to a Tuesday become Tuesdays, the second Monday
 * of each month the second Tuesday. Exchange would keep the old rule and show the series on days nobody chose.
 */
import type { DayOfWeek, DayOfWeekIndex, LocalDate, Month, Recurrence } from '@calendar-connector/calendar-model';

type Pattern = Recurrence['pattern'];
type Range = Recurrence['range'];

const DAY_MS = 86_400_000;
const DAYS_OF_WEEK: readonly DayOfWeek[] = [
  ...(['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const),
];
const INDEXES: readonly DayOfWeekIndex[] = ['First', 'Second', 'Third', 'Fourth'];
const MONTHS: readonly Month[] = [
  ...(['January', 'February', 'March', 'April', 'May', 'June'] as const),
  ...(['July', 'August', 'September', 'October', 'November', 'December'] as const),
];

/** `days`: how far the series goes; `first`: the date on which its first occurrence then is. */
export function movedRecurrence({ pattern, range }: Recurrence, days: number, first: LocalDate): Recurrence {
  return { pattern: movedPattern(pattern, days, first), range: movedRange(range, days, first) };
}

function movedPattern(pattern: Pattern, days: number, first: LocalDate): Pattern {
  const date = new Date(`${first}T00:00:00Z`);
  const [dayOfMonth, month] = [date.getUTCDate(), MONTHS[date.getUTCMonth()] ?? 'January'];
  switch (pattern.type) {
    case 'Daily':
      return pattern;
    case 'Weekly':
      // The week begins later as well: days of one week stay in one week, which every second week would notice.
      return {
        ...pattern,
        daysOfWeek: pattern.daysOfWeek.map((day) => turned(day, days)),
        firstDayOfWeek: turned(pattern.firstDayOfWeek, days),
      };
    case 'AbsoluteMonthly':
      return { ...pattern, dayOfMonth };
    case 'RelativeMonthly':
      return { ...pattern, ...relativeDay(date, pattern.dayOfWeekIndex) };
    case 'AbsoluteYearly':
      return { ...pattern, dayOfMonth, month };
    case 'RelativeYearly':
      return { ...pattern, ...relativeDay(date, pattern.dayOfWeekIndex), month };
  }
}

function movedRange(range: Range, days: number, first: LocalDate): Range {
  if (range.type !== 'EndDate') return { ...range, startDate: first };
  return { ...range, startDate: first, endDate: dateText(Date.parse(range.endDate) + days * DAY_MS) };
}

function turned(day: DayOfWeek, days: number): DayOfWeek {
  const index = DAYS_OF_WEEK.indexOf(day) + days;
  return DAYS_OF_WEEK[((index % 7) + 7) % 7] ?? day;
}

/** Which weekday of its month a date is; the last one if the series counted from the end, or if there is no other name. */
function relativeDay(
  date: Date,
  before: DayOfWeekIndex,
): { readonly daysOfWeek: DayOfWeek; readonly dayOfWeekIndex: DayOfWeekIndex } {
  const daysOfWeek = DAYS_OF_WEEK[date.getUTCDay()] ?? 'Sunday';
  const nextWeek = new Date(date.getTime() + 7 * DAY_MS);
  const isLast = before === 'Last' && nextWeek.getUTCMonth() !== date.getUTCMonth();
  const week = Math.floor((date.getUTCDate() - 1) / 7);
  return { daysOfWeek, dayOfWeekIndex: isLast ? 'Last' : (INDEXES[week] ?? 'Last') };
}

function dateText(at: number): LocalDate {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
