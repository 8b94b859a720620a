/** Reference vectors of other projects behave as their README says. SPEC.md, sections 2 to 6 and 9. */
import { describe, expect, it } from 'vitest';
import { compileSeries, fromRRule, RecurrenceError, type RRuleStart, TimeZone } from '../src/index.ts';
import { definitionOf } from './support/definition-xml.ts';
import { hasVectors, loadVectors, type RuleVector, type ZoneVector } from './support/vectors.ts';

function startOf(vector: RuleVector): RRuleStart {
  return {
    startDate: vector.dtstart.slice(0, 10),
    startTime: vector.allDay ? '00:00' : vector.dtstart.slice(11),
    timeZone: TimeZone.fromIana(vector.tz ?? 'UTC'),
    allDay: vector.allDay,
  };
}

function instantOf(text: string, zone: TimeZone): number {
  if (text.endsWith('Z')) return Date.parse(text);
  return zone.toInstant(text.length === 10 ? `${text}T00:00:00` : text);
}

/** Starts of a vector's own pattern and range, in its own window. */
function expand(vector: RuleVector): readonly number[] {
  const { timeZone, startTime } = startOf(vector);
  const series = compileSeries({
    ...(vector.exchange as NonNullable<RuleVector['exchange']>),
    startTime,
    timeZone,
    durationMinutes: vector.allDay ? 1440 : 60,
    allDay: vector.allDay,
    deletedOccurrences: vector.exdates.map((text) => instantOf(text, timeZone)),
  });
  const { window } = vector;
  const edge = window?.inclusive ? 1 : 0;
  const from = window ? instantOf(window.from, timeZone) + 1 - edge : Number.NEGATIVE_INFINITY;
  const to = window?.to ? instantOf(window.to, timeZone) + edge : Number.POSITIVE_INFINITY;
  const limit = vector.complete ? Number.POSITIVE_INFINITY : (vector.limit ?? vector.expected.length);
  return series.between(from, to, { mode: 'start', limit }).map(({ start }) => start);
}

/** Weekday lists are sets. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, v) => (key === 'daysOfWeek' && Array.isArray(v) ? [...v].sort() : v)));
}

describe.skipIf(!hasVectors)('rules that Exchange can express', () => {
  const vectors = loadVectors<RuleVector>('rfc-exchange.json');

  it('are read from RRULE as the pattern and range the vectors name', () => {
    expect(vectors.length).toBe(306);
    for (const vector of vectors) {
      const read = fromRRule(vector.rrule, startOf(vector));
      expect({ id: vector.id, ...(normal(read) as object) }).toEqual({
        id: vector.id,
        ok: true,
        ...(normal({ pattern: vector.exchange?.pattern, range: vector.exchange?.range }) as object),
      });
    }
  });

  it('expand to the instants the vectors name', () => {
    // Two rules end before they start: nothing to expand, and a range that S8.1 refuses.
    const endsBeforeStart = new Set(['dateutil-0212', 'rrule-temporal-0105']);
    for (const vector of vectors) {
      if (endsBeforeStart.has(vector.id)) {
        expect(vector.expected).toEqual([]);
        expect(() => expand(vector)).toThrow(RecurrenceError);
        continue;
      }
      const zone = startOf(vector).timeZone;
      const expected = (vector.expectedUtc ?? vector.expected).map((text) => instantOf(text, zone));
      expect({ id: vector.id, starts: expand(vector) }).toEqual({ id: vector.id, starts: expected });
    }
  });
});

describe.skipIf(!hasVectors)('rules that Exchange cannot express', () => {
  it('are refused when RFC 5545 skips short months, never clamped (S9.6)', () => {
    const vectors = loadVectors<RuleVector>('rfc-clamp-differs.json');
    expect(vectors.length).toBe(12);
    for (const vector of vectors) {
      const read = fromRRule(vector.rrule, startOf(vector));
      expect({ id: vector.id, ...read }).toMatchObject({ id: vector.id, ok: false, reason: 'day-clamped' });
    }
  });

  it('are refused with a reason of their own kind (S9.5)', () => {
    const vectors = loadVectors<RuleVector>('rrule-only.json');
    expect(vectors.length).toBe(568);
    const reasons: Readonly<Record<string, string>> = {
      interval: 'interval',
      'several bymonth': 'several-months',
      'monthly bymonth': 'month-limit',
      BYHOUR: 'by-time',
      BYMINUTE: 'by-time',
      BYSECOND: 'by-time',
      'freq HOURLY': 'frequency',
      'freq MINUTELY': 'frequency',
      'freq SECONDLY': 'frequency',
      'several nth byday': 'several-days',
      'negative bymonthday': 'day-from-end',
      'arbitrary weekday set': 'day-set',
      'index -2': 'index',
      'index 5': 'index',
      'index 24': 'index',
      'nth in weekly': 'index',
      'multi-year anchor month': 'multi-year-anchor',
      'COUNT and UNTIL': 'count-and-until',
      'UNTIL date with timed DTSTART': 'until-form',
      'impossible date': 'impossible-date',
      'parts BYWEEKDAY': 'unknown-part',
      count: 'count',
    };
    for (const vector of vectors) {
      const read = fromRRule(vector.rrule, startOf(vector));
      const { id, rrule } = vector;
      expect({ id, rrule, ok: read.ok }).toEqual({ id, rrule, ok: false });
      const reason = reasons[vector.notExpressible as string];
      if (reason) expect({ id: vector.id, ...read }).toMatchObject({ id: vector.id, reason });
    }
  });
});

describe.skipIf(!hasVectors)('Windows zones as EWS sends them', () => {
  it('give the offsets of 11,448 samples from their own definition (S6.3)', () => {
    const vectors = loadVectors<ZoneVector>('windows-zones.json');
    expect(vectors.length).toBe(141);
    let samples = 0;
    for (const { windows, timeZoneDefinitionXml, offsets } of vectors) {
      const zone = TimeZone.fromDefinition(definitionOf(windows, timeZoneDefinitionXml));
      const got = offsets.map(([at]) => [at, zone.offsetAt(Date.parse(at))]);
      expect({ windows, offsets: got }).toEqual({ windows, offsets });
      samples += got.length;
    }
    expect(samples).toBe(11_448);
  });

  it('are all known by their Windows id, also the two that CLDR dropped (S6.1, S6.2)', () => {
    for (const { windows, iana, offsets } of loadVectors<ZoneVector>('windows-zones.json')) {
      const zone = TimeZone.fromWindows(windows);
      if (iana === null) {
        expect(offsets.map(([at]) => [at, zone.offsetAt(Date.parse(at))])).toEqual(offsets);
      }
      // CLDR's choice agrees with Windows' own rules of today, but for Ramadan in Morocco and hours around a change.
      const today = offsets.filter(([at]) => /^202[67]-..-15/.test(at) && windows !== 'Morocco Standard Time');
      expect([windows, today.map(([at]) => zone.offsetAt(Date.parse(at)))]).toEqual([windows, today.map(([, m]) => m)]);
    }
  });
});
