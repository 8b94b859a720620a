/** A series that is moved by one of its occurrences: where its first one goes, by the clock of its zone. */
import type { Recurrence, SeriesMaster } from '@calendar-connector/calendar-model';
import { expect, test } from 'vitest';
import { movedRecurrence } from '../../src/channel/moved-recurrence.ts';
import { isSeriesMove, toldOfFirst } from '../../src/channel/series-move.ts';

const MONDAYS: Recurrence = {
  pattern: { type: 'Weekly', interval: 2, daysOfWeek: ['Monday', 'Saturday'], firstDayOfWeek: 'Monday' },
  range: { type: 'EndDate', startDate: '2026-03-02', endDate: '2026-06-29' },
};

/** Mondays and Saturdays at ten in Berlin, every second week from winter into summer. */
const weekly = {
  startTimeZone: { id: 'W. Europe Standard Time' },
  start: Date.parse('2026-03-02T10:00:00+01:00'),
  allDay: false,
  recurrence: MONDAYS,
} as SeriesMaster;
const wholeDays = { ...weekly, allDay: true, startDate: '2026-03-02' } as SeriesMaster;
const timed = (start: string, end: string) => ({ start, end });

test.each([
  [
    'an hour later, told of a summer day',
    weekly,
    '2026-04-06T10:00:00+02:00',
    timed('2026-04-06T11:00:00+02:00', '2026-04-06T12:30:00+02:00'),
    timed('2026-03-02T10:00:00.000Z', '2026-03-02T11:30:00.000Z'),
  ],
  [
    'a week later, across the change of time',
    weekly,
    '2026-03-23T10:00:00+01:00',
    timed('2026-03-30T10:00:00+02:00', '2026-03-30T11:00:00+02:00'),
    {
      ...timed('2026-03-09T09:00:00.000Z', '2026-03-09T10:00:00.000Z'),
      recurrence: { ...MONDAYS, range: { type: 'EndDate', startDate: '2026-03-09', endDate: '2026-07-06' } },
    },
  ],
  [
    'to the same hour of another zone',
    weekly,
    '2026-04-06T10:00:00+02:00',
    { ...timed('2026-04-06T10:00:00+03:00', '2026-04-06T11:00:00+03:00'), timeZone: 'Europe/Moscow' },
    { ...timed('2026-03-02T07:00:00.000Z', '2026-03-02T08:00:00.000Z'), timeZone: 'Europe/Moscow' },
  ],
  [
    'to whole days, one day later',
    weekly,
    '2026-04-06T10:00:00+02:00',
    { ...timed('2026-04-07', '2026-04-09'), allDay: true },
    {
      ...timed('2026-03-03', '2026-03-05'),
      allDay: true,
      recurrence: {
        pattern: { type: 'Weekly', interval: 2, daysOfWeek: ['Tuesday', 'Sunday'], firstDayOfWeek: 'Tuesday' },
        range: { type: 'EndDate', startDate: '2026-03-03', endDate: '2026-06-30' },
      },
    },
  ],
  [
    'from whole days to an hour',
    wholeDays,
    '2026-04-06',
    { ...timed('2026-04-06T09:00:00+02:00', '2026-04-06T10:00:00+02:00'), allDay: false },
    { ...timed('2026-03-02T08:00:00.000Z', '2026-03-02T09:00:00.000Z'), allDay: false },
  ],
])('%s', (_what, master, shown, changes, wanted) => {
  expect(toldOfFirst(changes, master, { start: shown })).toEqual(wanted);
});

test('a year no calendar has is left to Exchange to refuse', () => {
  const changes = timed('9999-04-06T09:00:00Z', '9999-04-06T10:00:00Z');
  expect(toldOfFirst(changes, weekly, { start: '2026-04-06T10:00:00+02:00' })).toEqual(changes);
});

test('a new rule says by itself when the series begins', () => {
  const times = timed('2026-04-06T09:00:00Z', '2026-04-06T10:00:00Z');
  expect(isSeriesMove(times)).toBe(true);
  expect(isSeriesMove({ ...times, recurrence: null })).toBe(false);
  expect(isSeriesMove({ title: 'Only a title' })).toBe(false);
});

const forever = (startDate: string) => ({ type: 'NoEnd', startDate }) as const;

test.each([
  [
    'the 31st of each month, a day earlier',
    '2026-01-31',
    -1,
    { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 31 },
    { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 30 },
  ],
  [
    'the second Monday, two days later',
    '2026-03-09',
    2,
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Monday', dayOfWeekIndex: 'Second' },
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Wednesday', dayOfWeekIndex: 'Second' },
  ],
  [
    'the last Friday, a day earlier',
    '2026-03-27',
    -1,
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Friday', dayOfWeekIndex: 'Last' },
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Thursday', dayOfWeekIndex: 'Last' },
  ],
  [
    'the last working day, a week earlier',
    '2026-03-31',
    -7,
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Tuesday', dayOfWeekIndex: 'Fourth' },
  ],
  [
    'the fourth Wednesday, a week later, which not every month has',
    '2026-07-22',
    7,
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Wednesday', dayOfWeekIndex: 'Fourth' },
    { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Wednesday', dayOfWeekIndex: 'Last' },
  ],
  [
    'the last day of the year, into the next',
    '2026-12-31',
    1,
    { type: 'AbsoluteYearly', dayOfMonth: 31, month: 'December' },
    { type: 'AbsoluteYearly', dayOfMonth: 1, month: 'January' },
  ],
  [
    'the last Sunday of March, eight days later',
    '2026-03-29',
    8,
    { type: 'RelativeYearly', daysOfWeek: 'Sunday', dayOfWeekIndex: 'Last', month: 'March' },
    { type: 'RelativeYearly', daysOfWeek: 'Monday', dayOfWeekIndex: 'First', month: 'April' },
  ],
] as const)('%s', (_what, first, days, pattern, wanted) => {
  const moved = new Date(Date.parse(first) + days * 86_400_000).toISOString().slice(0, 10);
  expect(movedRecurrence({ pattern, range: forever(first) }, days, moved)).toEqual({
    pattern: wanted,
    range: forever(moved),
  });
});
