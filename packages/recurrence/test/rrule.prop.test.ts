/** RRULE there and back, and the same rule read by two other libraries (SPEC.md, section 9). */
import fc from 'fast-check';
import { RRuleTemporal } from 'rrule-temporal';
import { describe, expect, it } from 'vitest';
import { compileSeries, fromRRule, type RecurrenceSeries, TimeZone, toRRule } from '../src/index.ts';
import { modelSeries } from './support/arbitraries.ts';

fc.configureGlobal({ seed: 20_261_122, numRuns: 400 });

const DAY = 86_400_000;

const cases = modelSeries.map((series): RecurrenceSeries => ({ ...series, timeZone: TimeZone.fromIana(series.zone) }));

const startsOf = (series: RecurrenceSeries): readonly number[] => {
  const until = Date.parse(series.range.startDate) + 4000 * DAY;
  return compileSeries(series)
    .between(Number.NEGATIVE_INFINITY, until, { mode: 'start' })
    .map(({ start }) => start);
};

describe('a series written as RRULE', () => {
  it('means the same when it is read again', () => {
    let read = 0;
    fc.assert(
      fc.property(cases, (series) => {
        const { rrule } = toRRule(series.pattern, series.range, series);
        const back = fromRRule(rrule, { ...series, startDate: series.range.startDate });
        // A yearly pattern with an interval whose start is off its month has no other form in Exchange (S2.7).
        if (!back.ok && back.reason === 'multi-year-anchor') return;
        expect(back).toMatchObject({ ok: true });
        if (!back.ok) return;
        expect(startsOf({ ...series, pattern: back.pattern, range: back.range })).toEqual(startsOf(series));
        read++;
      }),
    );
    expect(read).toBeGreaterThan(350);
  });

  it('means the same to rrule-temporal, where no wall time is in doubt', () => {
    fc.assert(
      fc.property(cases, (series) => {
        const noon = { ...series, startTime: '12:00', durationMinutes: 60, allDay: false };
        const compiled = compileSeries(noon);
        const first = compiled.first();
        const ids = series.timeZone.ianaId ?? 'UTC';
        const from = Date.parse(series.range.startDate) - DAY;
        const to = from + 1500 * DAY;
        const starts = compiled.between(from, to, { mode: 'start' }).map(({ start }) => start);
        // Peers take DTSTART for the anchor, so it has to be the first occurrence; Samoa had a day without noon.
        if (!first || starts.length === 0 || ids === 'Pacific/Apia') return;
        const dtstart = noon.timeZone.toLocal(first.start).replaceAll(/[-:]/g, '');
        const { rrule } = toRRule(noon.pattern, noon.range, noon);
        const rule = new RRuleTemporal({ rruleString: `DTSTART;TZID=${ids}:${dtstart}\nRRULE:${rrule}` });
        const theirs = rule
          .between(new Date(from), new Date(to - 1), true)
          .map(({ epochMilliseconds }) => epochMilliseconds);
        expect([rrule, dtstart, theirs]).toEqual([rrule, dtstart, starts]);
      }),
      { numRuns: 150 },
    );
  });
});
