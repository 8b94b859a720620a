/** A series that is moved by one of its occurrences: where its first one goes, by the clock of its zone. */
import type { SeriesMaster } from '@calendar-connector/calendar-model';
import { expect, test } from 'vitest';
import { isSeriesMove, toldOfFirst } from '../../src/channel/series-move.ts';

/** Mondays at ten in Berlin, from winter into summer. */
const weekly = {
  startTimeZone: { id: 'W. Europe Standard Time' },
  start: Date.parse('2026-03-02T10:00:00+01:00'),
  allDay: false,
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
    timed('2026-03-09T09:00:00.000Z', '2026-03-09T10:00:00.000Z'),
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
    { ...timed('2026-03-03', '2026-03-05'), allDay: true },
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
