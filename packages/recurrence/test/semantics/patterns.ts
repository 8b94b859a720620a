/** Exchange semantics of patterns and ranges, from the statements of SPEC.md sections 2 and 3. Written by hand. */
import type { RecurrenceRange } from '../../src/index.ts';
import type { SemanticsCase } from './case.ts';

const noEnd = (startDate: string): RecurrenceRange => ({ type: 'NoEnd', startDate });
const numbered = (startDate: string, numberOfOccurrences: number): RecurrenceRange => ({
  type: 'Numbered',
  startDate,
  numberOfOccurrences,
});
const until = (startDate: string, endDate: string): RecurrenceRange => ({ type: 'EndDate', startDate, endDate });

export const PATTERN_CASES: readonly SemanticsCase[] = [
  {
    rule: 'S2.1',
    says: 'every third day counts from the start date',
    zone: 'Russian Standard Time',
    series: { pattern: { type: 'Daily', interval: 3 }, range: noEnd('2026-01-30') },
    expected: ['2026-01-30T06:00Z', '2026-02-02T06:00Z', '2026-02-05T06:00Z', '2026-02-08T06:00Z'],
  },
  {
    rule: 'S2.2',
    says: 'every other week on Tuesday and Sunday, weeks beginning on Monday',
    zone: 'Eastern Standard Time',
    series: {
      pattern: { type: 'Weekly', interval: 2, daysOfWeek: ['Tuesday', 'Sunday'], firstDayOfWeek: 'Monday' },
      range: numbered('1997-08-05', 4),
    },
    expected: ['1997-08-05T13:00Z', '1997-08-10T13:00Z', '1997-08-19T13:00Z', '1997-08-24T13:00Z'],
  },
  {
    rule: 'S2.2',
    says: 'every other week on Tuesday and Sunday, weeks beginning on Sunday',
    zone: 'Eastern Standard Time',
    series: {
      pattern: { type: 'Weekly', interval: 2, daysOfWeek: ['Tuesday', 'Sunday'], firstDayOfWeek: 'Sunday' },
      range: numbered('1997-08-05', 4),
    },
    expected: ['1997-08-05T13:00Z', '1997-08-17T13:00Z', '1997-08-19T13:00Z', '1997-08-31T13:00Z'],
  },
  {
    rule: 'S2.2',
    says: 'days of the first week before the start date do not occur',
    series: {
      pattern: { type: 'Weekly', interval: 2, daysOfWeek: ['Monday', 'Friday'], firstDayOfWeek: 'Monday' },
      range: numbered('2026-01-07', 4),
    },
    expected: ['2026-01-09T09:00Z', '2026-01-19T09:00Z', '2026-01-23T09:00Z', '2026-02-02T09:00Z'],
  },
  {
    rule: 'S2.3',
    says: 'day 31 is the last day of shorter months',
    series: { pattern: { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 31 }, range: numbered('2026-01-31', 4) },
    expected: ['2026-01-31T09:00Z', '2026-02-28T09:00Z', '2026-03-31T09:00Z', '2026-04-30T09:00Z'],
  },
  {
    rule: 'S2.3',
    says: 'day 30 every two months, ten times, ends on the last of February, as Outlook shows it',
    series: { pattern: { type: 'AbsoluteMonthly', interval: 2, dayOfMonth: 30 }, range: numbered('2012-08-30', 10) },
    expected: [
      '2012-08-30T09:00Z',
      '2012-10-30T09:00Z',
      '2012-12-30T09:00Z',
      '2013-02-28T09:00Z',
      '2013-04-30T09:00Z',
      '2013-06-30T09:00Z',
      '2013-08-30T09:00Z',
      '2013-10-30T09:00Z',
      '2013-12-30T09:00Z',
      '2014-02-28T09:00Z',
    ],
  },
  {
    rule: 'S2.3',
    says: 'day 29 is February 28 in common years and February 29 in leap years',
    series: { pattern: { type: 'AbsoluteMonthly', interval: 13, dayOfMonth: 29 }, range: numbered('2023-01-29', 3) },
    expected: ['2023-01-29T09:00Z', '2024-02-29T09:00Z', '2025-03-29T09:00Z'],
  },
  {
    rule: 'S2.3',
    says: 'February 29 every year',
    series: {
      pattern: { type: 'AbsoluteYearly', dayOfMonth: 29, month: 'February' },
      range: numbered('2024-02-29', 5),
    },
    expected: ['2024-02-29T09:00Z', '2025-02-28T09:00Z', '2026-02-28T09:00Z', '2027-02-28T09:00Z', '2028-02-29T09:00Z'],
  },
  {
    rule: 'S2.3',
    says: 'February 29 knows that 2100 is a common year',
    series: {
      pattern: { type: 'AbsoluteYearly', dayOfMonth: 29, month: 'February' },
      range: until('2099-01-01', '2104-12-31'),
    },
    expected: [
      '2099-02-28T09:00Z',
      '2100-02-28T09:00Z',
      '2101-02-28T09:00Z',
      '2102-02-28T09:00Z',
      '2103-02-28T09:00Z',
      '2104-02-29T09:00Z',
    ],
  },
  {
    rule: 'S2.3',
    says: 'June 31 is June 30',
    series: { pattern: { type: 'AbsoluteYearly', dayOfMonth: 31, month: 'June' }, range: numbered('2026-01-01', 2) },
    expected: ['2026-06-30T09:00Z', '2027-06-30T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'last working day of the month',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
      range: numbered('2026-01-01', 5),
    },
    expected: ['2026-01-30T09:00Z', '2026-02-27T09:00Z', '2026-03-31T09:00Z', '2026-04-30T09:00Z', '2026-05-29T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'second Tuesday of the month',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Tuesday', dayOfWeekIndex: 'Second' },
      range: numbered('2026-01-01', 3),
    },
    expected: ['2026-01-13T09:00Z', '2026-02-10T09:00Z', '2026-03-10T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'first weekend day of the month',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'WeekendDay', dayOfWeekIndex: 'First' },
      range: numbered('2026-01-01', 5),
    },
    expected: ['2026-01-03T09:00Z', '2026-02-01T09:00Z', '2026-03-01T09:00Z', '2026-04-04T09:00Z', '2026-05-02T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'last weekend day of the month',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'WeekendDay', dayOfWeekIndex: 'Last' },
      range: numbered('2026-01-01', 4),
    },
    expected: ['2026-01-31T09:00Z', '2026-02-28T09:00Z', '2026-03-29T09:00Z', '2026-04-26T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'fourth working day of the month',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Fourth' },
      range: numbered('2026-01-01', 3),
    },
    expected: ['2026-01-06T09:00Z', '2026-02-05T09:00Z', '2026-03-05T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'last day of every second month',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 2, daysOfWeek: 'Day', dayOfWeekIndex: 'Last' },
      range: numbered('2026-02-01', 3),
    },
    expected: ['2026-02-28T09:00Z', '2026-04-30T09:00Z', '2026-06-30T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'third day of the month, of any kind',
    series: {
      pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Day', dayOfWeekIndex: 'Third' },
      range: numbered('2026-01-01', 2),
    },
    expected: ['2026-01-03T09:00Z', '2026-02-03T09:00Z'],
  },
  {
    rule: 'S2.4',
    says: 'fourth Thursday of November',
    series: {
      pattern: { type: 'RelativeYearly', daysOfWeek: 'Thursday', dayOfWeekIndex: 'Fourth', month: 'November' },
      range: numbered('2025-01-01', 3),
    },
    expected: ['2025-11-27T09:00Z', '2026-11-26T09:00Z', '2027-11-25T09:00Z'],
  },
  {
    rule: 'S2.7',
    says: 'every two years as 24 months',
    series: { pattern: { type: 'AbsoluteMonthly', interval: 24, dayOfMonth: 15 }, range: numbered('2020-03-15', 3) },
    expected: ['2020-03-15T09:00Z', '2022-03-15T09:00Z', '2024-03-15T09:00Z'],
  },
  {
    rule: 'S2.7',
    says: 'every two years as a yearly pattern with an interval',
    series: {
      pattern: { type: 'AbsoluteYearly', interval: 2, dayOfMonth: 15, month: 'March' },
      range: numbered('2020-03-15', 3),
    },
    expected: ['2020-03-15T09:00Z', '2022-03-15T09:00Z', '2024-03-15T09:00Z'],
  },
  {
    rule: 'S2.8',
    says: 'a start after the day of its month waits a whole interval',
    series: { pattern: { type: 'AbsoluteMonthly', interval: 3, dayOfMonth: 10 }, range: numbered('2026-01-15', 2) },
    expected: ['2026-04-10T09:00Z', '2026-07-10T09:00Z'],
  },
  {
    rule: 'S2.8',
    says: 'a yearly pattern that is over this year begins next year',
    series: { pattern: { type: 'AbsoluteYearly', dayOfMonth: 1, month: 'March' }, range: numbered('2026-05-01', 2) },
    expected: ['2027-03-01T09:00Z', '2028-03-01T09:00Z'],
  },
  {
    rule: 'S3.1',
    says: 'a series without end goes on beyond this century',
    series: { pattern: { type: 'AbsoluteYearly', dayOfMonth: 1, month: 'May' }, range: noEnd('1901-05-01') },
    window: ['2398-01-01T00:00Z', '2401-01-01T00:00Z'],
    expected: ['2398-05-01T09:00Z', '2399-05-01T09:00Z', '2400-05-01T09:00Z'],
  },
  {
    rule: 'S3.2',
    says: 'the end date is a local date and belongs to the series',
    zone: 'America/New_York',
    series: { pattern: { type: 'Daily', interval: 1 }, range: until('2026-01-01', '2026-01-03'), startTime: '23:30' },
    expected: ['2026-01-02T04:30Z', '2026-01-03T04:30Z', '2026-01-04T04:30Z'],
  },
  {
    rule: 'S3.3',
    says: 'a deleted occurrence does not lengthen a numbered series',
    series: { pattern: { type: 'Daily', interval: 1 }, range: numbered('2026-01-01', 4) },
    deleted: ['2026-01-02T09:00Z'],
    expected: ['2026-01-01T09:00Z', '2026-01-03T09:00Z', '2026-01-04T09:00Z'],
  },
  {
    rule: 'S3.5',
    says: 'no Monday lies between Tuesday and Thursday',
    series: {
      pattern: { type: 'Weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
      range: until('2026-01-06', '2026-01-08'),
    },
    expected: [],
  },
];
