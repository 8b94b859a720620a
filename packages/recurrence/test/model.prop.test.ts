/**
 * Properties against the naive model (test/support/model.ts): anchors, windows whose edges are occurrences, laws.
 * SPEC.md, sections 2 to 5 and 7.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledSeries, compileSeries, type Occurrence, TimeZone, type WallTimePolicy } from '../src/index.ts';
import { modelSeries, policies } from './support/arbitraries.ts';
import { type ModelOccurrence, type ModelSeries, modelOf } from './support/model.ts';

fc.configureGlobal({ seed: 20_261_122, numRuns: 400 });

const DAY = 86_400_000;
const HORIZON_DAYS = 2500;

function compile(series: ModelSeries, policy: WallTimePolicy, more: object = {}): CompiledSeries {
  return compileSeries({ ...series, timeZone: TimeZone.fromIana(series.zone), ...more }, policy);
}

function horizonOf({ range }: ModelSeries): string {
  return new Date(Date.parse(range.startDate) + HORIZON_DAYS * DAY).toISOString().slice(0, 10);
}

const spans = (list: readonly Occurrence[]): readonly ModelOccurrence[] =>
  list.map(({ start, end }) => ({ start, end }));

/** A series with its policy and its first occurrences by the model. */
const cases = fc.tuple(modelSeries, policies).map(([series, policy]) => {
  const horizon = horizonOf(series);
  return { series, policy, model: modelOf(series, policy, horizon), until: Date.parse(horizon) - 3 * DAY };
});

describe('a compiled series agrees with the naive model', () => {
  it('on everything up to a horizon', () => {
    fc.assert(
      fc.property(cases, ({ series, policy, model, until }) => {
        const found = compile(series, policy).between(Number.NEGATIVE_INFINITY, until, { mode: 'start' });
        expect(spans(found)).toEqual(model.filter(({ start }) => start < until));
      }),
    );
  });

  it('in windows whose edges are starts and ends of occurrences, to the millisecond', () => {
    fc.assert(
      fc.property(
        cases,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: -1, max: 1 }),
        fc.boolean(),
        (item, a, b, shift, ends) => {
          const { series, policy, model, until } = item;
          const known = model.filter(({ start }) => start < until - 30 * DAY);
          if (known.length === 0) return;
          const one = known[a % known.length] as ModelOccurrence;
          const other = known[b % known.length] as ModelOccurrence;
          const from = (ends ? one.end : one.start) + shift;
          const to = other.start + shift;
          const compiled = compile(series, policy);
          const overlapping = known.filter(
            ({ start, end }) => start < to && (end > from || start >= from) && from < to,
          );
          const starting = known.filter(({ start }) => start >= from && start < to);
          expect(spans(compiled.between(from, to))).toEqual(overlapping);
          expect(spans(compiled.between(from, to, { mode: 'start' }))).toEqual(starting);
          const out = new Float64Array(known.length + 1);
          const filled = compiled.fill(from, to, out);
          expect([...out.subarray(0, filled)]).toEqual(overlapping.map(({ start }) => start));
        },
      ),
    );
  });

  it('on its first, its last and each by its index', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ series, policy, model }, pick) => {
        const compiled = compile(series, policy);
        const [first] = model;
        if (first) expect(compiled.first()).toMatchObject(first);
        const { range } = series;
        const complete =
          range.type === 'Numbered'
            ? model.length === range.numberOfOccurrences
            : range.type === 'EndDate' &&
              Date.parse(range.endDate) < Date.parse(range.startDate) + (HORIZON_DAYS - 2) * DAY;
        if (complete) {
          expect(compiled.last()?.start).toBe(model.at(-1)?.start);
          expect(compiled.occurrenceAt(model.length + 1)).toBeUndefined();
        }
        if (model.length === 0) return;
        const position = pick % model.length;
        const wanted = model[position] as ModelOccurrence;
        expect(compiled.occurrenceAt(position + 1)).toMatchObject(wanted);
        // Two wall times may share an instant after a skipped day; the first then answers.
        const index = model.findIndex(({ start }) => start === wanted.start) + 1;
        expect(compiled.indexOf(wanted.start)).toBe(index);
      }),
    );
  });
});

describe('laws of windows', () => {
  it('two neighbouring windows hold what the whole one holds', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: HORIZON_DAYS }), ({ series, policy, until }, days) => {
        const compiled = compile(series, policy);
        const from = Date.parse(series.range.startDate) - 2 * DAY;
        const middle = Math.min(from + days * DAY, until);
        const whole = compiled.between(from, until, { mode: 'start' });
        const parts = [
          ...compiled.between(from, middle, { mode: 'start' }),
          ...compiled.between(middle, until, { mode: 'start' }),
        ];
        expect(parts).toEqual(whole);
        expect(whole.map(({ start }) => start)).toEqual(whole.map(({ start }) => start).toSorted((a, b) => a - b));
      }),
    );
  });

  it('a limit takes the earliest', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 20 }), ({ series, policy, until }, limit) => {
        const compiled = compile(series, policy);
        const whole = compiled.between(Number.NEGATIVE_INFINITY, until);
        expect(compiled.between(Number.NEGATIVE_INFINITY, until, { limit })).toEqual(whole.slice(0, limit));
      }),
    );
  });
});

/** Exceptions picked from the model: some deleted, some moved by up to ten days. */
const excepted = fc
  .tuple(
    cases,
    fc.array(fc.nat(), { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: -240, max: 240 }), fc.nat({ max: 72 })), { maxLength: 8 }),
  )
  .map(([item, deletions, moves]) => {
    // Occurrences that share an instant cannot be told apart by it.
    const unique = item.model.filter(
      ({ start }, i) => item.model[i - 1]?.start !== start && item.model[i + 1]?.start !== start,
    );
    const pick = (n: number): ModelOccurrence | undefined => unique[n % unique.length];
    const deleted = deletions.flatMap((n) => pick(n)?.start ?? []);
    const moved = new Map<number, { originalStart: number; start: number; end: number }>();
    for (const [n, hours, length] of moves) {
      const original = pick(n);
      if (!original) continue;
      const start = original.start + hours * 3_600_000;
      moved.set(original.start, { originalStart: original.start, start, end: start + length * 3_600_000 });
    }
    const modified = [...moved.values()].sort((a, b) => a.originalStart - b.originalStart);
    return { ...item, deleted, modified };
  });

describe('exceptions', () => {
  it('take away what is deleted and put what is modified where it is now', () => {
    fc.assert(
      fc.property(
        excepted,
        fc.nat(),
        fc.nat({ max: 60 }),
        ({ series, policy, model, until, deleted, modified }, a, length) => {
          const compiled = compile(series, policy, { deletedOccurrences: deleted, modifiedOccurrences: modified });
          const replaced = new Set([...deleted, ...modified.map(({ originalStart }) => originalStart)]);
          const expected = [
            ...model
              .filter(({ start }) => !replaced.has(start))
              .map((span) => ({ ...span, originalStart: span.start, kind: 'occurrence' })),
            ...modified.map((exception) => ({ ...exception, kind: 'exception' })),
          ].sort((x, y) => x.start - y.start || x.originalStart - y.originalStart);
          const seed = expected[a % Math.max(1, expected.length)];
          const from = Math.min(seed?.start ?? 0, until - 30 * DAY);
          const to = Math.min(from + length * DAY, until - 20 * DAY);
          const touches = ({ start, end }: ModelOccurrence): boolean =>
            from < to && start < to && (end > from || start >= from);
          expect(compiled.between(from, to)).toEqual(expected.filter(touches));
          expect(compiled.between(from, to, { mode: 'start' })).toEqual(
            expected.filter(({ start }) => start >= from && start < to),
          );
        },
      ),
    );
  });

  it('that are only deletions only remove, that are only modifications keep the number', () => {
    fc.assert(
      fc.property(excepted, ({ series, policy, until, deleted, modified }) => {
        const whole = (more: object): readonly Occurrence[] =>
          compile(series, policy, more).between(Number.NEGATIVE_INFINITY, until + 300 * DAY);
        const plain = whole({});
        expect(whole({ deletedOccurrences: deleted })).toEqual(plain.filter(({ start }) => !deleted.includes(start)));
        expect(whole({ modifiedOccurrences: modified })).toHaveLength(plain.length);
      }),
    );
  });

  it('are found by index, deleted ones counted', () => {
    fc.assert(
      fc.property(excepted, fc.nat(), ({ series, policy, model, deleted, modified }, pick) => {
        if (model.length === 0) return;
        const compiled = compile(series, policy, { deletedOccurrences: deleted, modifiedOccurrences: modified });
        const position = pick % model.length;
        const { start } = model[position] as ModelOccurrence;
        const exception = modified.find(({ originalStart }) => originalStart === start);
        const wanted = exception
          ? { ...exception, kind: 'exception' }
          : deleted.includes(start)
            ? 'deleted'
            : { start, kind: 'occurrence' };
        const got = compiled.occurrenceAt(position + 1);
        if (wanted === 'deleted') expect(got).toBe('deleted');
        else expect(got).toMatchObject(wanted as object);
      }),
    );
  });
});
