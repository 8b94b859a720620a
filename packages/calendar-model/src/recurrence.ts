/**
 * Recurrence in Exchange's own terms, as plain data.
 * Source: Microsoft "Recurrence patterns and EWS", MS-OXOCAL 2.2.1.44; design/contracts.md §9.
 */
import type { DayOfWeek, Instant, LocalDate } from './time.ts';

/** What a relative pattern counts: one weekday, any day, working days (Monday..Friday) or weekend days. */
export type RelativeDay = DayOfWeek | 'Day' | 'Weekday' | 'WeekendDay';

export type DayOfWeekIndex = 'First' | 'Second' | 'Third' | 'Fourth' | 'Last';

export type Month =
  | 'January'
  | 'February'
  | 'March'
  | 'April'
  | 'May'
  | 'June'
  | 'July'
  | 'August'
  | 'September'
  | 'October'
  | 'November'
  | 'December';

/** Days 29..31 mean "that day or the last of a shorter month" (Microsoft, element DayOfMonth). */
export type RecurrencePattern =
  | { readonly type: 'Daily'; readonly interval: number }
  | {
      readonly type: 'Weekly';
      readonly interval: number;
      readonly daysOfWeek: readonly DayOfWeek[];
      readonly firstDayOfWeek: DayOfWeek;
    }
  | { readonly type: 'AbsoluteMonthly'; readonly interval: number; readonly dayOfMonth: number }
  | {
      readonly type: 'RelativeMonthly';
      readonly interval: number;
      readonly daysOfWeek: RelativeDay;
      readonly dayOfWeekIndex: DayOfWeekIndex;
    }
  | { readonly type: 'AbsoluteYearly'; readonly dayOfMonth: number; readonly month: Month }
  | {
      readonly type: 'RelativeYearly';
      readonly daysOfWeek: RelativeDay;
      readonly dayOfWeekIndex: DayOfWeekIndex;
      readonly month: Month;
    };

/** Dates are dates in the series' own zone, never instants. */
export type RecurrenceRange =
  | { readonly type: 'NoEnd'; readonly startDate: LocalDate }
  | { readonly type: 'EndDate'; readonly startDate: LocalDate; readonly endDate: LocalDate }
  | { readonly type: 'Numbered'; readonly startDate: LocalDate; readonly numberOfOccurrences: number };

export interface Recurrence {
  readonly pattern: RecurrencePattern;
  readonly range: RecurrenceRange;
}

/** A modified occurrence as the master lists it (EWS ModifiedOccurrences): where it was, where it is now. */
export interface ModifiedOccurrence {
  readonly originalStart: Instant;
  readonly start: Instant;
  readonly end: Instant;
}
