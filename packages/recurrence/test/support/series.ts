/** Short ways to say a series in tests. */
import type { RecurrencePattern, RecurrenceRange, RecurrenceSeries } from '../../src/index.ts';
import { TimeZone } from '../../src/index.ts';

export const UTC = TimeZone.fromIana('UTC');
export const DAILY: RecurrencePattern = { type: 'Daily', interval: 1 };
export const MONDAYS: RecurrencePattern = {
  type: 'Weekly',
  interval: 1,
  daysOfWeek: ['Monday'],
  firstDayOfWeek: 'Monday',
};

export const noEnd = (startDate: string): RecurrenceRange => ({ type: 'NoEnd', startDate });
export const numbered = (startDate: string, numberOfOccurrences: number): RecurrenceRange => ({
  type: 'Numbered',
  startDate,
  numberOfOccurrences,
});
export const until = (startDate: string, endDate: string): RecurrenceRange => ({ type: 'EndDate', startDate, endDate });

/** An hour from nine o'clock in UTC, unless said otherwise. */
export function series(
  pattern: RecurrenceSeries['pattern'],
  range: RecurrenceRange,
  more: Partial<RecurrenceSeries> = {},
): RecurrenceSeries {
  return { pattern, range, startTime: '09:00', durationMinutes: 60, timeZone: UTC, ...more };
}

export const at = (text: string): number => Date.parse(text);
export const iso = (instant: number): string => new Date(instant).toISOString().replace(/:00\.000Z$/, 'Z');
