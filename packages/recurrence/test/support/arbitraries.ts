/** Random series for property tests: every pattern and range, starts off the pattern, times around changes of offset. */
import fc from 'fast-check';
import type { RecurrenceRange, SeriesPattern, WallTimePolicy } from '../../src/index.ts';
import type { ModelSeries } from './model.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const day = fc.constantFrom(...DAYS);
const relativeDay = fc.constantFrom(...DAYS, 'Day' as const, 'Weekday' as const, 'WeekendDay' as const);
const index = fc.constantFrom('First', 'Second', 'Third', 'Fourth', 'Last');
const month = fc.constantFrom(...MONTHS);
const dayOfMonth = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 28, max: 31 }));
const interval = fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 14 }));

const patterns: fc.Arbitrary<SeriesPattern> = fc.oneof(
  fc.record({ type: fc.constant('Daily' as const), interval }),
  fc.record({
    type: fc.constant('Weekly' as const),
    interval,
    daysOfWeek: fc.uniqueArray(day, { minLength: 1, maxLength: 7 }),
    firstDayOfWeek: day,
  }),
  fc.record({ type: fc.constant('AbsoluteMonthly' as const), interval, dayOfMonth }),
  fc.record({
    type: fc.constant('RelativeMonthly' as const),
    interval,
    daysOfWeek: relativeDay,
    dayOfWeekIndex: index,
  }),
  fc.record({ type: fc.constant('AbsoluteYearly' as const), dayOfMonth, month }),
  fc.record({
    type: fc.constant('AbsoluteYearly' as const),
    dayOfMonth,
    month,
    interval: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ type: fc.constant('RelativeYearly' as const), daysOfWeek: relativeDay, dayOfWeekIndex: index, month }),
) as fc.Arbitrary<SeriesPattern>;

const dateText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const DAY_MS = 86_400_000;

/** Dates of 1900..2100; every third close to a change of offset of the zones below. */
const startDates = fc.oneof(
  fc
    .integer({ min: Date.UTC(1900, 0, 1) / DAY_MS, max: Date.UTC(2095, 0, 1) / DAY_MS })
    .map((n) => dateText(n * DAY_MS)),
  fc
    .integer({ min: Date.UTC(2015, 0, 1) / DAY_MS, max: Date.UTC(2030, 0, 1) / DAY_MS })
    .map((n) => dateText(n * DAY_MS)),
  fc
    .tuple(
      fc.integer({ min: 1995, max: 2035 }),
      fc.constantFrom('-03-2', '-10-2', '-11-0', '-04-0'),
      fc.integer({ min: 1, max: 9 }),
    )
    .map(([year, middle, last]) => `${year}${middle}${last}`),
);

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'Europe/Moscow',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'America/St_Johns',
);

/** Times at which clocks change, a little before and after, and any other. */
const times = fc.oneof(
  fc.constantFrom(
    '00:00',
    '00:30',
    '01:00',
    '01:30',
    '01:59:59',
    '02:00',
    '02:15',
    '02:30',
    '03:00',
    '23:30',
    '23:59:59',
  ),
  fc
    .integer({ min: 0, max: 1439 })
    .map((minute) => `${`${Math.floor(minute / 60)}`.padStart(2, '0')}:${`${minute % 60}`.padStart(2, '0')}`),
);

export const policies: fc.Arbitrary<Required<WallTimePolicy>> = fc.record({
  gap: fc.constantFrom('shift-forward', 'skip'),
  overlap: fc.constantFrom('first', 'second'),
});

function ranges(startDate: string): fc.Arbitrary<RecurrenceRange> {
  const start = Date.parse(startDate);
  return fc.oneof(
    fc.constant({ type: 'NoEnd' as const, startDate }),
    fc
      .integer({ min: 0, max: 1500 })
      .map((days) => ({ type: 'EndDate' as const, startDate, endDate: dateText(start + days * DAY_MS) })),
    fc
      .integer({ min: 1, max: 60 })
      .map((numberOfOccurrences) => ({ type: 'Numbered' as const, startDate, numberOfOccurrences })),
  );
}

export const modelSeries: fc.Arbitrary<ModelSeries> = startDates.chain((startDate) =>
  fc
    .record({
      pattern: patterns,
      range: ranges(startDate),
      startTime: times,
      durationMinutes: fc.constantFrom(0, 30, 60, 1440, 3000),
      allDay: fc.boolean(),
      zone: zones,
    })
    .map((series) =>
      series.allDay
        ? { ...series, startTime: '00:00', durationMinutes: 1440 * (1 + (series.durationMinutes % 3)) }
        : series,
    ),
);
