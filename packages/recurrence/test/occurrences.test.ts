/** Single occurrences, indices, limits and Exchange's verdicts (SPEC.md, sections 3, 4 and 7). */
import { describe, expect, it } from 'vitest';
import { compileSeries, TimeZone } from '../src/index.ts';
import { at, DAILY, iso, MONDAYS, noEnd, numbered, series, until } from './support/series.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('indices (S4.5)', () => {
  const start = at('2026-01-01T09:00Z');
  const compiled = compileSeries(
    series(DAILY, numbered('2026-01-01', 5), {
      deletedOccurrences: [start + DAY, start],
      modifiedOccurrences: [{ originalStart: start + 2 * DAY, start: start + 2.5 * DAY, end: start + 2.6 * DAY }],
    }),
  );

  it('count from one and count deleted occurrences', () => {
    expect([1, 2, 3, 4, 5, 6].map((index) => compiled.occurrenceAt(index))).toEqual([
      'deleted',
      'deleted',
      { start: start + 2.5 * DAY, end: start + 2.6 * DAY, originalStart: start + 2 * DAY, kind: 'exception' },
      { start: start + 3 * DAY, end: start + 3 * DAY + HOUR, originalStart: start + 3 * DAY, kind: 'occurrence' },
      { start: start + 4 * DAY, end: start + 4 * DAY + HOUR, originalStart: start + 4 * DAY, kind: 'occurrence' },
      undefined,
    ]);
  });

  it('are found by original start, of deleted and modified occurrences too', () => {
    expect([0, 1, 2, 3, 4].map((day) => compiled.indexOf(start + day * DAY))).toEqual([1, 2, 3, 4, 5]);
  });

  it('do not exist for anything else', () => {
    const others = [start - DAY, start + 5 * DAY, start + 1, start + 2.5 * DAY, Number.NaN, Number.POSITIVE_INFINITY];
    expect(others.map((instant) => compiled.indexOf(instant))).toEqual(others.map(() => -1));
    expect([0, -1, 1.5, Number.NaN].map((index) => compiled.occurrenceAt(index))).toEqual(Array(4).fill(undefined));
  });

  it('find a modified occurrence by the original start its server wrote', () => {
    const originalStart = start + HOUR;
    const late = compileSeries(
      series(DAILY, numbered('2026-01-01', 2), { modifiedOccurrences: [{ originalStart, start, end: start }] }),
    );
    expect(late.indexOf(originalStart)).toBe(1);
    expect(late.occurrenceAt(1)).toMatchObject({ kind: 'exception', originalStart });
  });

  it('lie in the zone of the series: New York’s evening is tomorrow in UTC', () => {
    const evenings = compileSeries(
      series(DAILY, numbered('2026-01-01', 3), { startTime: '22:00', timeZone: TimeZone.fromIana('America/New_York') }),
    );
    expect(evenings.indexOf(at('2026-01-02T03:00Z'))).toBe(1);
    expect(evenings.indexOf(at('2026-01-03T03:00Z'))).toBe(2);
  });

  it('pass over hours that do not exist under the policy skip (S5.1)', () => {
    const nights = compileSeries(
      series(DAILY, numbered('2026-03-28', 3), { startTime: '02:30', timeZone: TimeZone.fromIana('Europe/Berlin') }),
      { gap: 'skip' },
    );
    const starts = [1, 2, 3, 4].map((index) => nights.occurrenceAt(index));
    expect(starts).toMatchObject(
      [{ start: at('2026-03-28T01:30Z') }, { start: at('2026-03-30T00:30Z') }, { start: at('2026-03-31T00:30Z') }, {}]
        .slice(0, 3)
        .concat(undefined as never),
    );
    expect(nights.indexOf(at('2026-03-30T00:30Z'))).toBe(2);
    expect(nights.indexOf(at('2026-03-29T01:30Z'))).toBe(-1);
    expect(nights.last()?.start).toBe(at('2026-03-31T00:30Z'));
  });

  it('follow the policy for hours that come twice', () => {
    const nights = compileSeries(
      series(DAILY, numbered('2026-10-24', 3), { startTime: '02:30', timeZone: TimeZone.fromIana('Europe/Berlin') }),
      { overlap: 'second' },
    );
    expect(nights.occurrenceAt(2)).toMatchObject({ start: at('2026-10-25T01:30Z'), end: at('2026-10-25T02:30Z') });
    expect([nights.indexOf(at('2026-10-25T01:30Z')), nights.indexOf(at('2026-10-25T00:30Z'))]).toEqual([2, -1]);
  });

  it('find an occurrence that a gap around midnight has moved to the next day', () => {
    const rule = { kind: 'recurringDay', month: 3, dayOfWeek: 'Sunday', occurrence: -1 } as const;
    const zone = TimeZone.fromDefinition({
      id: '',
      periods: [
        { id: 'std', biasMinutes: 0 },
        { id: 'dlt', biasMinutes: -60 },
      ],
      groups: [
        {
          id: '0',
          transitions: [
            { ...rule, to: 'dlt', timeOffsetMinutes: 1410 },
            { ...rule, to: 'std', timeOffsetMinutes: 1410, month: 10 },
          ],
        },
      ],
      transitions: [{ groupId: '0' }],
    });
    // On March 29 a quarter to midnight shifts to a quarter to one on March 30.
    const late = series(DAILY, numbered('2026-03-28', 3), { startTime: '23:45', timeZone: zone });
    const shifted = at('2026-03-29T23:45Z');
    expect(zone.toLocal(shifted)).toBe('2026-03-30T00:45:00');
    expect([1, 2, 3].map((index) => compileSeries(late).indexOf(at('2026-03-28T23:45Z') + (index - 1) * DAY))).toEqual([
      1, 2, -1,
    ]);
    const without = compileSeries({ ...late, deletedOccurrences: [shifted] });
    expect([1, 2, 3].map((index) => without.occurrenceAt(index) === 'deleted')).toEqual([false, true, false]);
  });

  it('find an occurrence at a midnight that does not exist', () => {
    const zone = TimeZone.fromIana('America/Sao_Paulo');
    const midnights = compileSeries(series(DAILY, numbered('2018-11-03', 3), { startTime: '00:00', timeZone: zone }));
    expect(
      [1, 2, 3].map((index) => midnights.indexOf((midnights.occurrenceAt(index) as { start: number }).start)),
    ).toEqual([1, 2, 3]);
  });
});

describe('first and last (S4.6)', () => {
  const start = at('2026-01-05T09:00Z');

  it('pass over deleted occurrences', () => {
    const compiled = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 4), { deletedOccurrences: [start, start + 21 * DAY] }),
    );
    expect([compiled.first()?.start, compiled.last()?.start]).toEqual([start + 7 * DAY, start + 14 * DAY]);
  });

  it('are missing when everything is deleted', () => {
    const compiled = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 2), { deletedOccurrences: [start, start + 7 * DAY] }),
    );
    expect([compiled.first(), compiled.last()]).toEqual([undefined, undefined]);
  });

  it('know no last occurrence of a series without end', () => {
    const compiled = compileSeries(series(MONDAYS, noEnd('2026-01-06')));
    expect([compiled.first()?.start, compiled.last()]).toEqual([start + 7 * DAY, undefined]);
  });

  it('reach the last day of the calendar', () => {
    const compiled = compileSeries(
      series(DAILY, until('4500-08-30', '4500-09-01'), { timeZone: TimeZone.fromIana('Europe/Berlin') }),
    );
    expect(iso(compiled.last()?.start ?? 0)).toBe('4500-09-01T07:00Z');
    const endless = compileSeries(series(DAILY, noEnd('4500-08-30')));
    expect(endless.between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toHaveLength(3);
  });
});

describe('windows', () => {
  const compiled = compileSeries(series(DAILY, noEnd('2026-01-01')));

  it('stop at a limit', () => {
    const from = at('2026-01-01T00:00Z');
    expect(compiled.between(from, Number.POSITIVE_INFINITY, { limit: 2 }).map(({ start }) => iso(start))).toEqual([
      '2026-01-01T09:00Z',
      '2026-01-02T09:00Z',
    ]);
    expect(compiled.between(from, Number.POSITIVE_INFINITY, { limit: 0 })).toEqual([]);
    expect(compiled.between(from, from + 700 * DAY, { limit: 600 })).toHaveLength(600);
  });

  it('show the last occurrence as long as it lasts, days after it began', () => {
    const start = at('2026-01-05T09:00Z');
    const long = compileSeries(series(MONDAYS, numbered('2026-01-05', 1), { durationMinutes: 10 * 1440 }));
    expect(long.between(start + 9 * DAY, start + 12 * DAY)).toHaveLength(1);
    expect(long.between(start + 9 * DAY, start + 12 * DAY, { mode: 'start' })).toEqual([]);
    expect(long.between(start + 10 * DAY, start + 12 * DAY)).toEqual([]);
  });

  it('keep an exception under a limit that it stands before', () => {
    const start = at('2026-01-05T09:00Z');
    const moved = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 4), {
        modifiedOccurrences: [{ originalStart: start + 14 * DAY, start: start - DAY, end: start }],
      }),
    );
    const found = moved.between(start - 2 * DAY, start + 30 * DAY, { limit: 2 });
    expect(found.map(({ kind, start: begins }) => [kind, begins])).toEqual([
      ['exception', start - DAY],
      ['occurrence', start],
    ]);
  });

  it('sort occurrences that start together by where they came from (S4.4)', () => {
    const start = at('2026-01-05T09:00Z');
    const moved = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 3), {
        modifiedOccurrences: [{ originalStart: start + 14 * DAY, start, end: start + HOUR }],
      }),
    );
    expect(moved.between(start, start + DAY).map(({ originalStart }) => originalStart)).toEqual([
      start,
      start + 14 * DAY,
    ]);
  });

  it('hold more than any chunk, in order and without a seam', () => {
    for (const allDay of [false, true]) {
      const long = compileSeries(
        series(DAILY, noEnd('2020-01-01'), { allDay, durationMinutes: 1440, startTime: '00:00' }),
      );
      const found = long.between(at('2020-01-01T00:00Z'), at('2024-01-01T00:00Z'), { mode: 'start' });
      expect(found.map(({ start }) => start)).toEqual(
        Array.from({ length: 1461 }, (_, i) => at('2020-01-01T00:00Z') + i * DAY),
      );
    }
  });

  it('fill as many starts as fit, those that between returns', () => {
    const [from, to] = [at('2026-01-01T00:00Z'), at('2026-12-31T00:00Z')];
    const starts = compiled.between(from, to).map(({ start }) => start);
    const roomy = new Float64Array(1000);
    const filled = compiled.fill(from, to, roomy);
    expect([...roomy.subarray(0, filled)]).toEqual(starts);
    const tight = new Float64Array(10);
    expect(compiled.fill(from, to, tight)).toBe(10);
    expect([...tight]).toEqual(starts.slice(0, 10));
    for (const end of [to, from + 30 * DAY]) {
      const touched = new Float64Array(10).fill(-1);
      expect(compiled.fill(from, end, touched, { limit: 3 })).toBe(3);
      expect([...touched]).toEqual([...starts.slice(0, 3), ...Array(7).fill(-1)]);
      expect(compiled.fill(from, end, new Float64Array(3))).toBe(3);
    }
    expect(compiled.fill(from + 9.5 * HOUR, from + 34 * HOUR, roomy, { mode: 'start' })).toBe(1);
  });

  it('fill exceptions in their places, too', () => {
    const start = at('2026-01-05T09:00Z');
    const moved = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 3), {
        modifiedOccurrences: [{ originalStart: start + 7 * DAY, start: start + 15 * DAY, end: start + 16 * DAY }],
      }),
    );
    const out = new Float64Array(5);
    expect(moved.fill(start, start + 30 * DAY, out)).toBe(3);
    expect([...out.subarray(0, 3)]).toEqual([start, start + 14 * DAY, start + 15 * DAY]);
  });

  it('leave out an exception that starts as they end', () => {
    const start = at('2026-01-05T09:00Z');
    const moved = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 1), {
        modifiedOccurrences: [{ originalStart: start, start: start + DAY, end: start + DAY }],
      }),
    );
    expect(moved.between(start, start + DAY)).toEqual([]);
    expect(moved.between(start, start + DAY + 1)).toHaveLength(1);
    expect(moved.between(start + DAY, start + DAY + 1)).toHaveLength(1);
  });

  it('see a long exception that began long before', () => {
    const start = at('2026-01-05T09:00Z');
    const long = compileSeries(
      series(MONDAYS, numbered('2026-01-05', 20), {
        modifiedOccurrences: [
          { originalStart: start, start, end: start + 50 * DAY },
          { originalStart: start + 7 * DAY, start: start + 8 * DAY, end: start + 8 * DAY + HOUR },
        ],
      }),
    );
    expect(long.between(start + 45 * DAY, start + 45 * DAY + 1).map(({ kind }) => kind)).toEqual(['exception']);
    expect(long.between(start + 45 * DAY, start + 45 * DAY + 1, { mode: 'start' })).toEqual([]);
    expect(long.between(start + 50 * DAY, start + 50 * DAY + 1)).toEqual([]);
  });

  it('cost the same under a thousand deletions elsewhere, and leave none of them out (S4.7)', () => {
    const start = at('2026-01-01T09:00Z');
    const deleted = Array.from({ length: 999 }, (_, i) => start + i * DAY).reverse();
    const thinned = compileSeries(series(DAILY, numbered('2026-01-01', 999), { deletedOccurrences: deleted.slice(1) }));
    expect(
      thinned.between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).map(({ start: begins }) => begins),
    ).toEqual([start + 998 * DAY]);
  });
});

describe('what Exchange would say to a series', () => {
  it.each([
    ['nothing to a good one', series(MONDAYS, noEnd('2026-01-01')), undefined],
    [
      'there is no occurrence (S3.5)',
      series(MONDAYS, until('2026-01-06', '2026-01-08')),
      'ErrorRecurrenceHasNoOccurrence',
    ],
    [
      '25 hours every day overlap (S7.9)',
      series(DAILY, noEnd('2026-01-01'), { durationMinutes: 25 * 60 }),
      'ErrorOccurrenceTimeSpanTooBig',
    ],
    ['24 hours every day do not', series(DAILY, noEnd('2026-01-01'), { durationMinutes: 24 * 60 }), undefined],
    [
      'four days on Monday and Thursday overlap',
      series({ ...MONDAYS, daysOfWeek: ['Monday', 'Thursday'] } as never, noEnd('2026-01-01'), {
        durationMinutes: 4 * 1440,
      }),
      'ErrorOccurrenceTimeSpanTooBig',
    ],
    [
      'a single occurrence overlaps nothing',
      series(DAILY, numbered('2026-01-01', 1), { durationMinutes: 2880 }),
      undefined,
    ],
    [
      '29 days from month to month overlap in a February to come',
      series({ type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 1 }, noEnd('2026-04-01'), {
        durationMinutes: 29 * 1440,
      }),
      'ErrorOccurrenceTimeSpanTooBig',
    ],
  ])('%s', (_says, input, code) => {
    expect(compileSeries(input).exchangeError()).toBe(code);
  });
});

describe('what Exchange would say to a modification (S7.7, S7.8)', () => {
  const start = at('2026-01-05T09:00Z');
  const week = 7 * DAY;
  const compiled = compileSeries(
    series(MONDAYS, numbered('2026-01-05', 6), {
      deletedOccurrences: [start + 4 * week],
      modifiedOccurrences: [
        { originalStart: start + 3 * week, start: start + 3 * week - 2 * DAY, end: start + 3 * week - DAY },
      ],
    }),
  );
  const second = start + week;
  const verdict = (originalStart: number, begins: number, ends = begins + HOUR) =>
    compiled.validateModification({ originalStart, start: begins, end: ends });

  it.each([
    ['to the same day', () => verdict(second, second + HOUR), undefined],
    ['to the day after the previous', () => verdict(second, start + DAY), undefined],
    ['to the day of the previous', () => verdict(second, start + 2 * HOUR), 'ErrorOccurrenceCrossingBoundary'],
    ['before the previous', () => verdict(second, start - DAY), 'ErrorOccurrenceCrossingBoundary'],
    ['to the day of the next', () => verdict(second, second + week - 2 * HOUR), 'ErrorOccurrenceCrossingBoundary'],
    ['beyond the next', () => verdict(second, second + 2 * week), 'ErrorOccurrenceCrossingBoundary'],
    ['up to the next', () => verdict(second, second, second + week), undefined],
    ['into the next', () => verdict(second, second, second + week + 1), 'ErrorOccurrenceTimeSpanTooBig'],
    [
      'to the day of the next, which is itself an exception',
      () => verdict(start + 2 * week, start + 3 * week - 2 * DAY + HOUR),
      'ErrorOccurrenceCrossingBoundary',
    ],
    [
      'into the end of the previous, which is itself an exception',
      () => verdict(start + 5 * week, start + 3 * week - DAY - HOUR),
      'ErrorOccurrenceTimeSpanTooBig',
    ],
    ['over a deleted one', () => verdict(start + 5 * week, start + 4 * week - DAY), undefined],
    ['of the first to any day before', () => verdict(start, start - 100 * DAY), undefined],
    ['of the last to any day after', () => verdict(start + 5 * week, start + 500 * DAY), undefined],
    [
      'that ends before it starts',
      () => verdict(second, second, second - 1),
      'ErrorCalendarEndDateIsEarlierThanStartDate',
    ],
    ['of no time', () => verdict(second, Number.NaN, Number.NaN), 'ErrorCalendarEndDateIsEarlierThanStartDate'],
    ['of six years', () => verdict(second, second, second + 6 * 366 * DAY), 'ErrorCalendarDurationIsTooLong'],
    ['of nothing', () => verdict(second + 1, second), 'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange'],
    [
      'of a deleted one',
      () => verdict(start + 4 * week, start + 4 * week),
      'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
    ],
    ['of one that is already modified', () => verdict(start + 3 * week, start + 3 * week + HOUR), undefined],
  ])('%s', (_says, act, code) => {
    expect(act()).toBe(code);
  });

  it('judges days in the zone of the series', () => {
    const auckland = compileSeries(
      series(DAILY, numbered('2026-01-05', 3), { startTime: '08:00', timeZone: TimeZone.fromIana('Pacific/Auckland') }),
    );
    // 19:00Z is eight o'clock of the next day in Auckland; 12:00Z is one o'clock of that day.
    const originalStart = at('2026-01-05T19:00Z');
    const moved = at('2026-01-05T12:00Z');
    expect(auckland.validateModification({ originalStart, start: moved, end: moved + HOUR })).toBeUndefined();
    const yesterday = at('2026-01-05T10:00Z');
    expect(auckland.validateModification({ originalStart, start: yesterday, end: yesterday + HOUR })).toBe(
      'ErrorOccurrenceCrossingBoundary',
    );
  });
});
