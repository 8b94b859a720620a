/** What is measured: single series of different age, and a mailbox of a thousand mixed ones. Deterministic. */
import { DAYS_OF_WEEK, MONTHS } from '../src/civil.ts';
import type { RecurrencePattern, RecurrenceRange, RecurrenceSeries } from '../src/index.ts';
import { zone } from './contenders.ts';

export interface Scenario {
  readonly name: string;
  readonly series: RecurrenceSeries;
  /** Required ratio to rrule-temporal. */
  readonly atLeast?: number;
}

function seriesOf(pattern: RecurrencePattern, range: RecurrenceRange, startTime = '09:30'): RecurrenceSeries {
  return { pattern, range, startTime, durationMinutes: 45, timeZone: zone };
}

const WORKDAYS = DAYS_OF_WEEK.slice(1, 6);
const endless = (startDate: string): RecurrenceRange => ({ type: 'NoEnd', startDate });

const PATTERNS: readonly (readonly [name: string, pattern: RecurrencePattern, start: string, atLeast?: number])[] = [
  ['daily', { type: 'Daily', interval: 1 }, '2006-10-02', 50],
  ['weekly MO-FR', { type: 'Weekly', interval: 1, daysOfWeek: WORKDAYS, firstDayOfWeek: 'Monday' }, '2006-10-02', 40],
  ['every 2 weeks', { type: 'Weekly', interval: 2, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' }, '2006-10-02'],
  [
    'last weekday',
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
    '2006-10-01',
    30,
  ],
  [
    '2nd Tuesday',
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Tuesday', dayOfWeekIndex: 'Second' },
    '2006-10-01',
    12,
  ],
  ['day 15', { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 15 }, '2006-10-15', 15],
  ['yearly', { type: 'AbsoluteYearly', dayOfMonth: 3, month: 'October' }, '2006-10-03', 7],
];

export const SINGLE: readonly Scenario[] = PATTERNS.map(([name, pattern, start, atLeast]) => ({
  name,
  series: seriesOf(pattern, endless(start)),
  ...(atLeast === undefined ? {} : { atLeast }),
}));

/** Pairs of the same series in the same phase, 20 years and 1 year old at the window, without and with a count. */
export const AGES: readonly {
  readonly name: string;
  readonly old: RecurrenceSeries;
  readonly young: RecurrenceSeries;
}[] = (
  [
    ['daily', { type: 'Daily', interval: 1 }, undefined, '2006-08-14', '2025-08-14'],
    [
      'weekly MO-FR',
      { type: 'Weekly', interval: 1, daysOfWeek: WORKDAYS, firstDayOfWeek: 'Monday' },
      undefined,
      '2006-08-14',
      '2025-08-11',
    ],
    ['every 8 days, counted', { type: 'Daily', interval: 8 }, 999, '2006-08-17', '2025-08-13'],
    [
      'every 2 weeks, counted',
      { type: 'Weekly', interval: 2, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
      999,
      '2006-08-21',
      '2025-08-25',
    ],
    [
      'last weekday',
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
      undefined,
      '2006-08-01',
      '2025-08-01',
    ],
    [
      'last weekday, counted',
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
      999,
      '2006-08-01',
      '2025-08-01',
    ],
    ['day 15, counted', { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 15 }, 999, '2006-08-15', '2025-08-15'],
  ] as const
).map(([name, pattern, count, old, young]) => {
  const rangeFrom = (startDate: string): RecurrenceRange =>
    count === undefined ? endless(startDate) : { type: 'Numbered', startDate, numberOfOccurrences: count };
  return { name, old: seriesOf(pattern, rangeFrom(old)), young: seriesOf(pattern, rangeFrom(young)) };
});

/** A small deterministic generator (Lehmer). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const RELATIVE_DAYS = [...DAYS_OF_WEEK, 'Day', 'Weekday', 'WeekendDay'] as const;
const INDICES = ['First', 'Second', 'Third', 'Fourth', 'Last'] as const;

/** One of Exchange's six patterns, each as likely as the others. */
function randomPattern(next: (below: number) => number): RecurrencePattern {
  const interval = 1 + next(4);
  const daysOfWeek = RELATIVE_DAYS[next(RELATIVE_DAYS.length)] ?? 'Day';
  const dayOfWeekIndex = INDICES[next(INDICES.length)] ?? 'Last';
  const month = MONTHS[next(12)] ?? 'May';
  const dayOfMonth = 1 + next(31);
  const first = 1 + next(5);
  const weekdays = DAYS_OF_WEEK.slice(first, first + 1 + next(2));
  const patterns: readonly RecurrencePattern[] = [
    { type: 'Daily', interval },
    { type: 'Weekly', interval, daysOfWeek: weekdays, firstDayOfWeek: 'Monday' },
    { type: 'AbsoluteMonthly', interval, dayOfMonth },
    { type: 'RelativeMonthly', interval, daysOfWeek, dayOfWeekIndex },
    { type: 'AbsoluteYearly', dayOfMonth, month },
    { type: 'RelativeYearly', daysOfWeek, dayOfWeekIndex, month },
  ];
  return patterns[next(patterns.length)] as RecurrencePattern;
}

/**
 * A thousand series: the six patterns and the three ranges in equal parts, begun 2006 to 2025, none in the hours in
 * which clocks change.
 */
export function mailbox(): readonly RecurrenceSeries[] {
  const next = numbers(20_261_122);
  const pad = (value: number): string => `${value}`.padStart(2, '0');
  return Array.from({ length: 1000 }, () => {
    const startDate = `${2006 + next(20)}-${pad(1 + next(12))}-${pad(1 + next(28))}`;
    const ranges: readonly RecurrenceRange[] = [
      { type: 'NoEnd', startDate },
      { type: 'EndDate', startDate, endDate: `${2026 + next(3)}-${pad(1 + next(12))}-15` },
      { type: 'Numbered', startDate, numberOfOccurrences: 10 + next(490) },
    ];
    const range = ranges[next(3)] as RecurrenceRange;
    return seriesOf(randomPattern(next), range, `${pad(7 + next(11))}:${pad(15 * next(4))}`);
  });
}
