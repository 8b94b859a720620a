/** Bad input gets a RecurrenceError with a code and the field at fault (SPEC.md, S8.1). */
import { describe, expect, it } from 'vitest';
import {
  compileSeries,
  fromRRule,
  RecurrenceError,
  type RecurrenceSeries,
  TimeZone,
  type TimeZoneDefinition,
  toRRule,
} from '../src/index.ts';
import { NAMELESS_PACIFIC } from './semantics/times.ts';
import { at, DAILY, MONDAYS, noEnd, numbered, series, UTC, until } from './support/series.ts';

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (error instanceof RecurrenceError) return [error.code, error.field];
    return error;
  }
  return 'accepted';
}

/** Hostile callers do not respect types. */
const loose = (value: unknown): never => value as never;

const good = series(DAILY, noEnd('2026-01-01'));
const changed = (change: Record<string, unknown>): RecurrenceSeries => ({ ...good, ...change }) as RecurrenceSeries;
const pattern = (value: unknown): RecurrenceSeries => changed({ pattern: value });
const range = (value: unknown): RecurrenceSeries => changed({ range: value });
const absolute = { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 1 };
const relative = { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Day', dayOfWeekIndex: 'First' };
const yearly = { type: 'AbsoluteYearly', dayOfMonth: 1, month: 'May' };
const backwards = Array.from({ length: 1000 }, (_, i) => {
  const originalStart = at('2026-01-01T09:00Z') + (1000 - i) * 86_400_000;
  return { originalStart, start: originalStart, end: originalStart + 3_600_000 };
});

const CASES: readonly (readonly [says: string, series: unknown, code: string, field: string])[] = [
  ['no series', undefined, 'InvalidSeries', 'series'],
  ['no pattern', pattern(undefined), 'InvalidPattern', 'pattern'],
  ['a pattern of another kind', pattern({ type: 'Hijri' }), 'InvalidPattern', 'pattern.type'],
  ['interval 0', pattern({ type: 'Daily', interval: 0 }), 'InvalidInterval', 'pattern.interval'],
  ['interval -1', pattern({ type: 'Daily', interval: -1 }), 'InvalidInterval', 'pattern.interval'],
  ['half an interval', pattern({ type: 'Daily', interval: 1.5 }), 'InvalidInterval', 'pattern.interval'],
  ['an interval as text', pattern({ type: 'Daily', interval: '1' }), 'InvalidInterval', 'pattern.interval'],
  ['every 1000 days', pattern({ type: 'Daily', interval: 1000 }), 'InvalidInterval', 'pattern.interval'],
  ['every 100 weeks', pattern({ ...MONDAYS, interval: 100 }), 'InvalidInterval', 'pattern.interval'],
  ['every 100 months', pattern({ ...absolute, interval: 100 }), 'InvalidInterval', 'pattern.interval'],
  ['every 9 years', pattern({ ...yearly, interval: 9 }), 'InvalidInterval', 'pattern.interval'],
  ['no weekday', pattern({ ...MONDAYS, daysOfWeek: [] }), 'InvalidDaysOfWeek', 'pattern.daysOfWeek'],
  ['weekdays as text', pattern({ ...MONDAYS, daysOfWeek: 'Monday' }), 'InvalidDaysOfWeek', 'pattern.daysOfWeek'],
  [
    'eight weekdays',
    pattern({ ...MONDAYS, daysOfWeek: Array(8).fill('Monday') }),
    'InvalidDaysOfWeek',
    'pattern.daysOfWeek',
  ],
  [
    'a weekday in lower case',
    pattern({ ...MONDAYS, daysOfWeek: ['monday'] }),
    'InvalidDaysOfWeek',
    'pattern.daysOfWeek',
  ],
  [
    'no first day of the week',
    pattern({ ...MONDAYS, firstDayOfWeek: undefined }),
    'InvalidFirstDayOfWeek',
    'pattern.firstDayOfWeek',
  ],
  ['day 0', pattern({ ...absolute, dayOfMonth: 0 }), 'InvalidDayOfMonth', 'pattern.dayOfMonth'],
  ['day 32', pattern({ ...absolute, dayOfMonth: 32 }), 'InvalidDayOfMonth', 'pattern.dayOfMonth'],
  ['the fifth', pattern({ ...relative, dayOfWeekIndex: 'Fifth' }), 'InvalidDayOfWeekIndex', 'pattern.dayOfWeekIndex'],
  [
    'a relative day that is none',
    pattern({ ...relative, daysOfWeek: '__proto__' }),
    'InvalidDaysOfWeek',
    'pattern.daysOfWeek',
  ],
  ['month 13', pattern({ ...yearly, month: 13 }), 'InvalidMonth', 'pattern.month'],
  ['no range', range(null), 'InvalidRange', 'range'],
  ['a range of another kind', range({ type: 'Forever', startDate: '2026-01-01' }), 'InvalidRange', 'range.type'],
  ['February 30', range(noEnd('2026-02-30')), 'InvalidDate', 'range.startDate'],
  ['February 29 of a common year', range(noEnd('2100-02-29')), 'InvalidDate', 'range.startDate'],
  ['a date with offset', range(noEnd('2026-01-01-08:00')), 'InvalidDate', 'range.startDate'],
  ['a date without dashes', range(noEnd('2026/01/01')), 'InvalidDate', 'range.startDate'],
  ['month 00', range(noEnd('2026-00-10')), 'InvalidDate', 'range.startDate'],
  ['year 9999', range(noEnd('9999-01-01')), 'InvalidDate', 'range.startDate'],
  ['the day before the calendar begins', range(noEnd('1601-03-31')), 'InvalidDate', 'range.startDate'],
  ['an end in year 9999', range(until('2026-01-01', '9999-12-31')), 'ErrorRecurrenceEndDateTooBig', 'range.endDate'],
  [
    'an end after the calendar',
    range(until('2026-01-01', '4500-09-02')),
    'ErrorRecurrenceEndDateTooBig',
    'range.endDate',
  ],
  ['an end before the calendar', range(until('2026-01-01', '1500-09-02')), 'InvalidDate', 'range.endDate'],
  ['an end before the start', range(until('2026-01-02', '2026-01-01')), 'EndBeforeStart', 'range.endDate'],
  ['count 0', range(numbered('2026-01-01', 0)), 'InvalidNumberOfOccurrences', 'range.numberOfOccurrences'],
  ['count 1000', range(numbered('2026-01-01', 1000)), 'InvalidNumberOfOccurrences', 'range.numberOfOccurrences'],
  [
    'a count that is not one',
    range(numbered('2026-01-01', Number.NaN)),
    'InvalidNumberOfOccurrences',
    'range.numberOfOccurrences',
  ],
  [
    'a count that leaves the calendar',
    changed({ pattern: { ...absolute, interval: 99 }, range: numbered('2026-01-01', 999) }),
    'ErrorRecurrenceEndDateTooBig',
    'range.numberOfOccurrences',
  ],
  ['24 o’clock', changed({ startTime: '24:00' }), 'InvalidTime', 'startTime'],
  ['minute 60', changed({ startTime: '09:60' }), 'InvalidTime', 'startTime'],
  ['second 60', changed({ startTime: '09:00:60' }), 'InvalidTime', 'startTime'],
  ['seconds without colon', changed({ startTime: '09:00.00' }), 'InvalidTime', 'startTime'],
  ['nine o’clock in short', changed({ startTime: '9:00' }), 'InvalidTime', 'startTime'],
  ['a negative duration', changed({ durationMinutes: -1 }), 'InvalidDuration', 'durationMinutes'],
  ['an endless duration', changed({ durationMinutes: Number.POSITIVE_INFINITY }), 'InvalidDuration', 'durationMinutes'],
  ['six years', changed({ durationMinutes: 6 * 366 * 1440 }), 'ErrorCalendarDurationIsTooLong', 'durationMinutes'],
  ['a zone as text', changed({ timeZone: 'Europe/Berlin' }), 'UnknownTimeZone', 'timeZone'],
  ['deletions that are no list', changed({ deletedOccurrences: 5 }), 'InvalidException', 'deletedOccurrences'],
  [
    'a deletion as text',
    changed({ deletedOccurrences: [at('2026-01-02T09:00Z'), 'x'] }),
    'InvalidException',
    'deletedOccurrences[1]',
  ],
  [
    'a modification that is none',
    changed({ modifiedOccurrences: [null] }),
    'InvalidException',
    'modifiedOccurrences[0]',
  ],
  [
    'a modification of no time',
    changed({ modifiedOccurrences: [{ originalStart: Number.NaN, start: 0, end: 0 }] }),
    'InvalidException',
    'modifiedOccurrences[0].originalStart',
  ],
  [
    'a modification beyond all time',
    changed({ modifiedOccurrences: [{ originalStart: 0, start: 9e15, end: 9e15 }] }),
    'InvalidException',
    'modifiedOccurrences[0].start',
  ],
  [
    'a modification that ends before it starts',
    changed({ modifiedOccurrences: [{ originalStart: 0, start: 1, end: 0 }] }),
    'ErrorCalendarEndDateIsEarlierThanStartDate',
    'modifiedOccurrences[0].end',
  ],
  [
    '1,000 exceptions out of order',
    changed({ modifiedOccurrences: backwards }),
    'ExceptionsOutOfOrder',
    'modifiedOccurrences[1].originalStart',
  ],
  [
    'one occurrence modified twice',
    changed({ modifiedOccurrences: [backwards[0], backwards[0]] }),
    'ExceptionsOutOfOrder',
    'modifiedOccurrences[1].originalStart',
  ],
];

describe('a bad series is refused', () => {
  it.each(CASES)('for %s', (_says, input, code, field) => {
    expect(errorOf(() => compileSeries(loose(input)))).toEqual([code, field]);
  });

  it('for a policy nobody knows', () => {
    expect(errorOf(() => compileSeries(good, loose({ gap: 'back' })))).toEqual(['InvalidPolicy', 'gap']);
    expect(errorOf(() => compileSeries(good, loose({ overlap: 'third' })))).toEqual(['InvalidPolicy', 'overlap']);
    expect(errorOf(() => compileSeries(good, loose(null)))).toEqual(['InvalidPolicy', 'policy']);
    expect(errorOf(() => good.timeZone.toInstant('2026-01-01T10:00', loose(null)))).toEqual([
      'InvalidPolicy',
      'policy',
    ]);
  });

  it('a modification that is none', () => {
    expect(errorOf(() => compileSeries(good).validateModification(loose(undefined)))).toEqual([
      'InvalidException',
      'modification',
    ]);
  });

  it('with a message that names the field and shows the value briefly', () => {
    expect(() => compileSeries(range(noEnd('x'.repeat(1000))))).toThrow(
      /^range\.startDate: "x{60}…" is not a date YYYY-MM-DD$/,
    );
  });
});

describe('the limits themselves are good', () => {
  it.each([
    ['every 999 days', pattern({ type: 'Daily', interval: 999 })],
    ['every 99 months on day 31', pattern({ ...absolute, interval: 99, dayOfMonth: 31 })],
    ['every 8 years', pattern({ ...yearly, interval: 8 })],
    ['the first and last day of the calendar', range(until('1601-04-01', '4500-09-01'))],
    ['999 occurrences', range(numbered('2026-01-01', 999))],
    ['five years', changed({ durationMinutes: (5 * 365 + 2) * 1440 })],
    ['a second before midnight', changed({ startTime: '23:59:59' })],
  ])('%s', (_says, input) => {
    expect(errorOf(() => compileSeries(input))).toBe('accepted');
  });
});

describe('a bad window is refused', () => {
  const compiled = compileSeries(good);
  it.each([
    ['from nowhere', () => compiled.between(Number.NaN, 0), 'from'],
    ['to a text', () => compiled.between(0, loose('1')), 'to'],
    ['in an unknown mode', () => compiled.between(0, 1, loose({ mode: 'inside' })), 'mode'],
    ['with a negative limit', () => compiled.between(0, 1, { limit: -1 }), 'limit'],
    ['with half a limit', () => compiled.between(0, 1, { limit: 1.5 }), 'limit'],
    ['when filling, too', () => compiled.fill(0, Number.NaN, new Float64Array(1)), 'to'],
    ['with options that are none', () => compiled.between(0, 1, loose(null)), 'options'],
    ['when filling with options that are none', () => compiled.fill(0, 1, new Float64Array(1), loose(7)), 'options'],
    ['filling nothing', () => compiled.fill(0, 1, loose(undefined)), 'out'],
    ['filling a plain list', () => compiled.fill(0, 1, loose([])), 'out'],
  ])('%s', (_says, act, field) => {
    expect(errorOf(act)).toEqual(['InvalidWindow', field]);
  });

  it('but one that ends before it begins is merely empty', () => {
    expect(compiled.between(at('2026-02-01T00:00Z'), at('2026-01-01T00:00Z'))).toEqual([]);
    expect(compiled.fill(5, 5, new Float64Array(1))).toBe(0);
  });
});

describe('an unknown zone is refused', () => {
  it.each([
    ['a Windows id', () => TimeZone.fromWindows('Nowhere Standard Time')],
    ['an IANA id among Windows ids', () => TimeZone.fromWindows('Europe/Berlin')],
    ['nothing', () => TimeZone.fromWindows(loose(undefined))],
    ['an IANA id', () => TimeZone.fromIana('Europe/Atlantis')],
    ['a Windows id among IANA ids', () => TimeZone.fromIana('Russian Standard Time')],
    ['an offset', () => TimeZone.fromIana('+03:00')],
    ['an empty id', () => TimeZone.fromIana('')],
    ['a number', () => TimeZone.fromIana(loose(7))],
  ])('%s', (_says, act) => {
    expect(errorOf(act)).toEqual(['UnknownTimeZone', 'timeZone']);
  });
});

describe('a bad definition is refused', () => {
  const [std, dlt] = NAMELESS_PACIFIC.periods as [unknown, unknown];
  const [group] = NAMELESS_PACIFIC.groups as [TimeZoneDefinition['groups'][number]];
  const [spring, autumn] = group.transitions as [object, object];
  const withRule = (rule: object) => ({ groups: [{ id: '0', transitions: [rule, autumn] }] });
  it.each([
    ['without a period that a transition names', { periods: [std] }, 'groups[0].transitions[0].to'],
    ['without periods', { periods: undefined }, 'periods'],
    ['with a period of three days', { periods: [{ id: 'std', biasMinutes: 4320 }, dlt] }, 'periods[0].biasMinutes'],
    ['with a nameless period', { periods: [{ biasMinutes: 0 }] }, 'periods[0].id'],
    ['with a period that is none', { periods: [null] }, 'periods[0]'],
    ['with ten thousand periods', { periods: Array(10_000).fill(std) }, 'periods'],
    ['without the group that is in force', { transitions: [{ groupId: '7' }] }, 'transitions[0].groupId'],
    ['without transitions', { transitions: [] }, 'transitions'],
    ['with a group from nowhen', { transitions: [{ groupId: '0', from: 'yesterday' }] }, 'transitions[0].from'],
    ['with an empty group', { groups: [{ id: '0', transitions: [] }] }, 'groups[0].transitions'],
    ['with a crowded group', { groups: [{ id: '0', transitions: Array(51).fill(spring) }] }, 'groups[0].transitions'],
    ['with month 13', withRule({ ...spring, month: 13 }), 'groups[0].transitions[0].month'],
    ['with a fifth Sunday', withRule({ ...spring, occurrence: 5 }), 'groups[0].transitions[0].occurrence'],
    ['with Sunday number 0', withRule({ ...spring, occurrence: 0 }), 'groups[0].transitions[0].occurrence'],
    ['with a day that is none', withRule({ ...spring, dayOfWeek: 'Day' }), 'groups[0].transitions[0].dayOfWeek'],
    [
      'with a time before the day',
      withRule({ ...spring, timeOffsetMinutes: -1 }),
      'groups[0].transitions[0].timeOffsetMinutes',
    ],
    ['with a rule of another kind', withRule({ ...spring, kind: 'lunar' }), 'groups[0].transitions[0].kind'],
    [
      'with day 32',
      withRule({ kind: 'recurringDate', to: 'std', timeOffsetMinutes: 0, month: 1, day: 32 }),
      'groups[0].transitions[0].day',
    ],
    [
      'with a jump of more than a day within a group',
      {
        periods: [
          { id: 'std', biasMinutes: -800 },
          { id: 'dlt', biasMinutes: 800 },
        ],
      },
      'groups[0].transitions',
    ],
    [
      'with a jump of more than a day between groups',
      {
        periods: [
          { id: 'west', biasMinutes: 780 },
          { id: 'east', biasMinutes: -780 },
        ],
        groups: [
          { id: 'w', transitions: [{ kind: 'always', to: 'west' }] },
          { id: 'e', transitions: [{ kind: 'always', to: 'east' }] },
        ],
        transitions: [{ groupId: 'w' }, { groupId: 'e', from: '2012-01-01T00:00:00' }],
      },
      'periods',
    ],
  ])('%s', (_says, change, field) => {
    expect(errorOf(() => TimeZone.fromDefinition(loose({ ...NAMELESS_PACIFIC, ...change })))).toEqual([
      'InvalidTimeZoneDefinition',
      field,
    ]);
  });

  it('when there is none', () => {
    expect(errorOf(() => TimeZone.fromDefinition(loose(null)))).toEqual(['InvalidTimeZoneDefinition', 'definition']);
  });
});

describe('bad times are refused by a zone', () => {
  it.each([
    ['an instant that is none', () => UTC.offsetAt(Number.NaN), 'InvalidInstant', 'instant'],
    ['an instant after the calendar', () => UTC.toLocal(9e13), 'InvalidInstant', 'instant'],
    ['a wall time without time', () => UTC.toInstant('2026-01-01'), 'InvalidTime', 'local'],
    ['a wall time with zone', () => UTC.toInstant('2026-01-01T00:00:00Z'), 'InvalidTime', 'local'],
    ['a wall time of year 9999', () => UTC.toInstant('9999-01-01T00:00'), 'InvalidInstant', 'local'],
    ['a wall time of year 0', () => UTC.toInstant('0000-01-01T00:00'), 'InvalidTime', 'local'],
  ])('%s', (_says, act, code, field) => {
    expect(errorOf(act)).toEqual([code, field]);
  });
});

describe('a bad start of a rule is refused', () => {
  const start = { startDate: '2026-01-01', startTime: '09:00', timeZone: UTC };
  it.each([
    ['none', undefined, 'InvalidSeries', 'start'],
    ['a date that does not exist', { ...start, startDate: '2026-02-30' }, 'InvalidDate', 'startDate'],
    ['no time', { ...start, startTime: 'noon' }, 'InvalidTime', 'startTime'],
    ['no zone', { ...start, timeZone: 'UTC' }, 'UnknownTimeZone', 'timeZone'],
  ])('%s', (_says, input, code, field) => {
    expect(errorOf(() => fromRRule('FREQ=DAILY', loose(input)))).toEqual([code, field]);
  });

  it('and so is a bad series on its way out', () => {
    expect(errorOf(() => toRRule({ type: 'Daily', interval: 0 }, noEnd('2026-01-01'), good))).toEqual([
      'InvalidInterval',
      'pattern.interval',
    ]);
  });
});
