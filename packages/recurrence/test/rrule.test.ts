/** RFC 5545 in and out (SPEC.md, section 9), and mistakes of other importers that must not be ours. */
import { describe, expect, it } from 'vitest';
import { compileSeries, fromRRule, type SeriesPattern, TimeZone, toRRule } from '../src/index.ts';
import { at, DAILY, iso, MONDAYS, noEnd, numbered, series, UTC, until } from './support/series.ts';

const berlin = TimeZone.fromIana('Europe/Berlin');
const START = { startDate: '2026-01-01', startTime: '09:00', timeZone: UTC };
const read = (rrule: string, change: object = {}) => fromRRule(rrule, { ...START, ...change });
const patternOf = (rrule: string, change: object = {}): unknown => {
  const result = read(rrule, change);
  return result.ok ? result.pattern : result;
};
const reasonOf = (rrule: string, change: object = {}): unknown => {
  const result = read(rrule, change);
  return result.ok ? 'accepted' : [result.reason, result.part];
};
const write = (pattern: SeriesPattern): string => toRRule(pattern, noEnd('2026-01-01'), START).rrule;

describe('a pattern is written without loss (S9.1, S9.2)', () => {
  it.each<readonly [SeriesPattern, string]>([
    [DAILY, 'FREQ=DAILY'],
    [{ type: 'Daily', interval: 3 }, 'FREQ=DAILY;INTERVAL=3'],
    [MONDAYS, 'FREQ=WEEKLY;BYDAY=MO;WKST=MO'],
    [
      { type: 'Weekly', interval: 2, daysOfWeek: ['Friday', 'Sunday', 'Friday'], firstDayOfWeek: 'Sunday' },
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,FR;WKST=SU',
    ],
    [{ type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 28 }, 'FREQ=MONTHLY;BYMONTHDAY=28'],
    [{ type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 29 }, 'FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1'],
    [
      { type: 'AbsoluteMonthly', interval: 2, dayOfMonth: 30 },
      'FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29,30;BYSETPOS=-1',
    ],
    [{ type: 'AbsoluteMonthly', interval: 24, dayOfMonth: 31 }, 'FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=-1'],
    [
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Tuesday', dayOfWeekIndex: 'Second' },
      'FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2',
    ],
    [
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
    ],
    [
      { type: 'RelativeYearly', daysOfWeek: 'WeekendDay', dayOfWeekIndex: 'First', month: 'May' },
      'FREQ=YEARLY;BYMONTH=5;BYDAY=SU,SA;BYSETPOS=1',
    ],
    [
      { type: 'RelativeYearly', daysOfWeek: 'Day', dayOfWeekIndex: 'Fourth', month: 'May' },
      'FREQ=YEARLY;BYMONTH=5;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=4',
    ],
    [{ type: 'AbsoluteYearly', dayOfMonth: 31, month: 'January' }, 'FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31'],
    [{ type: 'AbsoluteYearly', dayOfMonth: 31, month: 'April' }, 'FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=-1'],
    [{ type: 'AbsoluteYearly', dayOfMonth: 30, month: 'April' }, 'FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30'],
    [{ type: 'AbsoluteYearly', dayOfMonth: 29, month: 'February' }, 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1'],
    [{ type: 'AbsoluteYearly', dayOfMonth: 28, month: 'February' }, 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28'],
    [
      { type: 'AbsoluteYearly', dayOfMonth: 5, month: 'May', interval: 3 },
      'FREQ=YEARLY;INTERVAL=3;BYMONTH=5;BYMONTHDAY=5',
    ],
  ])('%j', (pattern, rrule) => {
    expect(write(pattern)).toBe(rrule);
  });
});

describe('a range is written', () => {
  const evening = { startTime: '23:30', timeZone: berlin };

  it('as nothing, as a count, as the instant of the last possible start (S9.3)', () => {
    expect(toRRule(DAILY, numbered('2026-01-01', 7), evening).rrule).toBe('FREQ=DAILY;COUNT=7');
    expect(toRRule(DAILY, until('2026-01-01', '2026-07-01'), evening).rrule).toBe('FREQ=DAILY;UNTIL=20260701T213000Z');
    expect(toRRule(DAILY, until('2026-01-01', '2026-01-02'), { ...evening, startTime: '00:30:15' }).rrule).toBe(
      'FREQ=DAILY;UNTIL=20260101T233015Z',
    );
  });

  it('as a date for whole days', () => {
    const allDay = { startTime: '00:00', timeZone: berlin, allDay: true };
    expect(toRRule(DAILY, until('2026-01-01', '2026-07-01'), allDay).rrule).toBe('FREQ=DAILY;UNTIL=20260701');
  });

  it('with the starts of deleted occurrences, sorted, without modified ones (S9.4)', () => {
    const exceptions = {
      ...START,
      deletedOccurrences: [
        at('2026-01-05T09:00Z'),
        at('2026-01-03T00:00Z'),
        at('2026-01-04T09:00Z'),
        at('2030-01-01T00:00Z'),
      ],
      modifiedOccurrences: [{ originalStart: at('2026-01-04T09:00Z'), start: 0, end: 0 }],
    };
    const { exdates } = toRRule(DAILY, numbered('2026-01-01', 10), exceptions);
    expect(exdates.map(iso)).toEqual(['2026-01-03T09:00Z', '2026-01-05T09:00Z']);
  });

  it('takes a whole series for its context', () => {
    const whole = series(MONDAYS, numbered('2026-01-05', 3), { deletedOccurrences: [at('2026-01-12T09:00Z')] });
    expect(toRRule(whole.pattern, whole.range, whole)).toEqual({
      rrule: 'FREQ=WEEKLY;BYDAY=MO;WKST=MO;COUNT=3',
      exdates: [at('2026-01-12T09:00Z')],
    });
  });
});

describe('a rule is read', () => {
  it.each([
    ['with its name in front', 'RRULE:FREQ=DAILY', DAILY],
    ['in lower case, with a stray semicolon', 'freq=daily;interval=1;', DAILY],
    [
      'with a sign before a number',
      'FREQ=MONTHLY;BYMONTHDAY=+15',
      { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 15 },
    ],
    ['weekly on the day of its start', 'FREQ=WEEKLY', { ...MONDAYS, daysOfWeek: ['Thursday'] }],
    [
      'weekly with days in any order, twice',
      'FREQ=WEEKLY;BYDAY=FR,MO,FR',
      { ...MONDAYS, daysOfWeek: ['Monday', 'Friday'] },
    ],
    [
      'daily on working days as weekly (S9.9)',
      'FREQ=DAILY;BYDAY=TU,WE;WKST=SU',
      { ...MONDAYS, daysOfWeek: ['Tuesday', 'Wednesday'] },
    ],
    ['monthly on the day of its start', 'FREQ=MONTHLY', { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 1 }],
    ['the last day of a month', 'FREQ=MONTHLY;BYMONTHDAY=-1', { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 31 }],
    [
      'day 15 with a needless position',
      'FREQ=MONTHLY;BYMONTHDAY=15;BYSETPOS=-1',
      { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 15 },
    ],
    [
      'a list of days in any order, twice',
      'FREQ=MONTHLY;BYMONTHDAY=30,28,29,28;BYSETPOS=-1',
      { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 30 },
    ],
    [
      '2TU',
      'FREQ=MONTHLY;BYDAY=2TU',
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Tuesday', dayOfWeekIndex: 'Second' },
    ],
    [
      '2TU with a needless position',
      'FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=1',
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Tuesday', dayOfWeekIndex: 'Second' },
    ],
    [
      '-1FR',
      'FREQ=MONTHLY;BYDAY=-1FR',
      { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Friday', dayOfWeekIndex: 'Last' },
    ],
    [
      'the tenth day of any kind',
      'FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=10',
      { type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 10 },
    ],
    ['yearly on the day of its start', 'FREQ=YEARLY', { type: 'AbsoluteYearly', dayOfMonth: 1, month: 'January' }],
    ['yearly in another month', 'FREQ=YEARLY;BYMONTH=8', { type: 'AbsoluteYearly', dayOfMonth: 1, month: 'August' }],
    [
      'the last day of February',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1',
      { type: 'AbsoluteYearly', dayOfMonth: 31, month: 'February' },
    ],
    [
      'every fourth year as 48 months (S9.8)',
      'FREQ=YEARLY;INTERVAL=4',
      { type: 'AbsoluteMonthly', interval: 48, dayOfMonth: 1 },
    ],
    [
      'a weekday every other year',
      'FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYDAY=1MO',
      { type: 'RelativeMonthly', interval: 24, daysOfWeek: 'Monday', dayOfWeekIndex: 'First' },
    ],
    ['the hour it starts at anyway', 'FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0', DAILY],
  ])('%s', (_says, rrule, pattern) => {
    expect(patternOf(rrule)).toEqual(pattern);
  });

  it('with day 31 when no month it visits is shorter', () => {
    expect(patternOf('FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31')).toEqual({
      type: 'AbsoluteMonthly',
      interval: 12,
      dayOfMonth: 31,
    });
    expect(reasonOf('FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=31')).toEqual('accepted');
    expect(reasonOf('FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=31')).toEqual(['day-clamped', 'BYMONTHDAY']);
    expect(reasonOf('FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31')).toEqual('accepted');
  });

  it.each([
    ['a date for whole days', 'FREQ=DAILY;UNTIL=20260301', { allDay: true, startTime: '00:00' }, '2026-03-01'],
    [
      'an instant at the start of an occurrence',
      'FREQ=DAILY;UNTIL=20260301T080000Z',
      { timeZone: berlin },
      '2026-03-01',
    ],
    ['an instant a second before', 'FREQ=DAILY;UNTIL=20260301T075959Z', { timeZone: berlin }, '2026-02-28'],
    [
      'an instant of another date than the local one',
      'FREQ=DAILY;UNTIL=20260301T233000Z',
      { timeZone: berlin, startTime: '00:30' },
      '2026-03-02',
    ],
    [
      'the instant in a gap that an occurrence shifts to',
      'FREQ=DAILY;UNTIL=20260329T013000Z',
      { timeZone: berlin, startTime: '02:30' },
      '2026-03-29',
    ],
    ['a local time', 'FREQ=DAILY;UNTIL=20260301T090000', {}, '2026-03-01'],
    ['a local time a second before', 'FREQ=DAILY;UNTIL=20260301T085959', {}, '2026-02-28'],
    ['a local time in a zone of its own', 'FREQ=DAILY;UNTIL=20260301T085959', { timeZone: berlin }, '2026-02-28'],
    ['a leap second', 'FREQ=DAILY;UNTIL=20260301T085960', {}, '2026-02-28'],
  ])('until %s', (_says, rrule, change, endDate) => {
    expect(read(rrule, change)).toMatchObject({
      ok: true,
      range: { type: 'EndDate', startDate: '2026-01-01', endDate },
    });
  });

  it('with an end before its start, which then has no series (S9.10)', () => {
    const result = read('FREQ=DAILY;UNTIL=20250101T000000Z');
    expect(result).toMatchObject({ ok: true, range: { endDate: '2024-12-31' } });
    expect(() => compileSeries({ ...series(DAILY, noEnd('2026-01-01')), ...(result as object) } as never)).toThrow(
      /before 2026-01-01/,
    );
  });
});

describe('a rule is refused', () => {
  it.each([
    ['', ['syntax', 'FREQ']],
    ['FREQ', ['syntax', 'FREQ']],
    ['=DAILY', ['syntax', '=DAILY']],
    ['FREQ=DAILY;FREQ=DAILY', ['syntax', 'FREQ=DAILY']],
    ['INTERVAL=2', ['syntax', 'FREQ']],
    ['FREQ=FORTNIGHTLY', ['frequency', 'FREQ']],
    ['FREQ=HOURLY', ['frequency', 'FREQ']],
    ['FREQ=DAILY;X-NAME=1', ['unknown-part', 'X-NAME']],
    ['FREQ=MONTHLY;RSCALE=GREGORIAN;SKIP=BACKWARD', ['unknown-part', 'RSCALE']],
    ['FREQ=DAILY;INTERVAL=0', ['interval', 'INTERVAL']],
    ['FREQ=DAILY;INTERVAL=two', ['interval', 'INTERVAL']],
    ['FREQ=DAILY;INTERVAL=1000', ['interval', 'INTERVAL']],
    ['FREQ=WEEKLY;INTERVAL=100', ['interval', 'INTERVAL']],
    ['FREQ=MONTHLY;INTERVAL=100', ['interval', 'INTERVAL']],
    ['FREQ=YEARLY;INTERVAL=9', ['interval', 'INTERVAL']],
    ['FREQ=DAILY;COUNT=0', ['count', 'COUNT']],
    ['FREQ=DAILY;COUNT=1000', ['count', 'COUNT']],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260101T000000Z', ['count-and-until', 'COUNT']],
    ['FREQ=DAILY;UNTIL=20260230T000000Z', ['until-form', 'UNTIL']],
    ['FREQ=DAILY;UNTIL=20260201T250000Z', ['until-form', 'UNTIL']],
    ['FREQ=DAILY;UNTIL=tomorrow', ['until-form', 'UNTIL']],
    ['FREQ=DAILY;UNTIL=20260201', ['until-form', 'UNTIL']],
    ['FREQ=DAILY;UNTIL=99991231T235959Z', ['until-range', 'UNTIL']],
    ['FREQ=DAILY;UNTIL=00010101T000000Z', ['until-range', 'UNTIL']],
    ['FREQ=WEEKLY;WKST=XX', ['syntax', 'WKST']],
    ['FREQ=WEEKLY;BYDAY=XX', ['syntax', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=0MO', ['syntax', 'BYDAY']],
    ['FREQ=WEEKLY;BYDAY=1MO', ['index', 'BYDAY']],
    ['FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1', ['by-part', 'BYSETPOS']],
    ['FREQ=WEEKLY;BYMONTH=2', ['by-part', 'BYMONTH']],
    ['FREQ=DAILY;BYMONTHDAY=2', ['by-part', 'BYMONTHDAY']],
    ['FREQ=DAILY;INTERVAL=2;BYDAY=MO', ['by-part', 'BYDAY']],
    ['FREQ=DAILY;BYHOUR=9,10', ['by-time', 'BYHOUR']],
    ['FREQ=DAILY;BYHOUR=10', ['by-time', 'BYHOUR']],
    ['FREQ=DAILY;BYMINUTE=1', ['by-time', 'BYMINUTE']],
    ['FREQ=DAILY;BYSECOND=1', ['by-time', 'BYSECOND']],
    ['FREQ=DAILY;BYSECOND=x', ['syntax', 'BYSECOND']],
    ['FREQ=MONTHLY;BYMONTH=1', ['month-limit', 'BYMONTH']],
    ['FREQ=MONTHLY;BYDAY=MO', ['several-days', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=1MO,2MO', ['several-days', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=1MO,TU', ['several-days', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=2MO;BYSETPOS=2', ['set-position', 'BYSETPOS']],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2', ['set-position', 'BYSETPOS']],
    ['FREQ=MONTHLY;BYDAY=MO,WE;BYSETPOS=1', ['day-set', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=5MO', ['index', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=-2MO', ['index', 'BYDAY']],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=5', ['index', 'BYSETPOS']],
    ['FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=29', ['index', 'BYSETPOS']],
    ['FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=13', ['by-part', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=1,15', ['several-days', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=28,29,30', ['several-days', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=1', ['several-days', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=29,30;BYSETPOS=-1', ['several-days', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=15;BYSETPOS=2', ['set-position', 'BYSETPOS']],
    ['FREQ=MONTHLY;BYMONTHDAY=-2', ['day-from-end', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=0', ['syntax', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=32', ['syntax', 'BYMONTHDAY']],
    ['FREQ=MONTHLY;BYMONTHDAY=29', ['day-clamped', 'BYMONTHDAY']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', ['day-clamped', 'BYMONTHDAY']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', ['impossible-date', 'BYMONTHDAY']],
    ['FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1', ['impossible-date', 'BYMONTH']],
    ['FREQ=YEARLY;BYMONTH=1,2', ['several-months', 'BYMONTH']],
    ['FREQ=YEARLY;BYDAY=1MO', ['by-part', 'BYDAY']],
    ['FREQ=YEARLY;BYMONTHDAY=1', ['by-part', 'BYMONTHDAY']],
    ['FREQ=YEARLY;BYYEARDAY=1', ['by-part', 'BYYEARDAY']],
    ['FREQ=YEARLY;BYWEEKNO=1', ['by-part', 'BYWEEKNO']],
    ['FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=1', ['multi-year-anchor', 'BYMONTH']],
    [`FREQ=DAILY;${'X'.repeat(1000)}`, ['syntax', 'RRULE']],
  ])('%s', (rrule, reason) => {
    expect(reasonOf(rrule)).toEqual(reason);
  });

  it('that is no text, begins outside the calendar, or gives whole days an hour to end', () => {
    expect(fromRRule(7 as never, START)).toEqual({ ok: false, reason: 'syntax', part: 'RRULE' });
    expect(reasonOf('FREQ=DAILY', { startDate: '9997-01-01' })).toEqual(['start-range', 'DTSTART']);
    expect(reasonOf('FREQ=DAILY', { startDate: '1601-03-31' })).toEqual(['start-range', 'DTSTART']);
    expect(reasonOf('FREQ=DAILY;UNTIL=20260201T000000Z', { allDay: true, startTime: '00:00' })).toEqual([
      'until-form',
      'UNTIL',
    ]);
  });
});

describe('mistakes of other importers', () => {
  const starts = (pattern: SeriesPattern, startDate: string, count: number): readonly string[] =>
    compileSeries(series(pattern, numbered(startDate, count)))
      .between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
      .map(({ start }) => iso(start).slice(0, 10));

  it('do not skip February for days 29 and 30', () => {
    for (const dayOfMonth of [29, 30]) {
      const pattern = { type: 'AbsoluteMonthly', interval: 1, dayOfMonth } as const;
      expect(starts(pattern, '2026-01-29', 3)[1]).toBe('2026-02-28');
      expect(patternOf(write(pattern))).toEqual(pattern);
    }
  });

  it('do not lose the interval of "every two years" on its way through 24 months', () => {
    const pattern = { type: 'AbsoluteMonthly', interval: 24, dayOfMonth: 1 } as const;
    expect(patternOf(write(pattern))).toEqual(pattern);
    expect(patternOf(write({ type: 'AbsoluteYearly', interval: 2, dayOfMonth: 1, month: 'January' }))).toEqual(pattern);
  });

  it('do not drop the first day of the week', () => {
    const pattern = {
      type: 'Weekly',
      interval: 2,
      daysOfWeek: ['Sunday', 'Tuesday'],
      firstDayOfWeek: 'Sunday',
    } as const;
    expect(patternOf(write(pattern))).toEqual(pattern);
  });

  it('do not take the fifth for the last', () => {
    expect(reasonOf('FREQ=MONTHLY;BYDAY=5FR')).toEqual(['index', 'BYDAY']);
  });

  it('do not slide February 29 into March', () => {
    expect(starts({ type: 'AbsoluteYearly', dayOfMonth: 29, month: 'February' }, '2024-02-29', 2)[1]).toBe(
      '2025-02-28',
    );
  });

  it('do not lose a meeting in the night the clocks go forward, nor add one at the end for it', () => {
    const compiled = compileSeries(series(DAILY, numbered('2026-03-28', 3), { startTime: '02:30', timeZone: berlin }));
    expect(compiled.between(at('2026-03-01T00:00Z'), at('2026-05-01T00:00Z'))).toHaveLength(3);
  });
});
