/** A case of Exchange's semantics: a series, a window, and what must come out. Run in several process zones. */
import {
  compileSeries,
  type Occurrence,
  type RecurrenceSeries,
  TimeZone,
  type TimeZoneDefinition,
  type WallTimePolicy,
  type WindowOptions,
} from '../../src/index.ts';

export interface SemanticsCase {
  /** Statement of SPEC.md. */
  readonly rule: string;
  readonly says: string;
  /** Windows id, IANA id or definition; UTC if absent. */
  readonly zone?: string | TimeZoneDefinition;
  readonly series: Pick<RecurrenceSeries, 'pattern' | 'range'> &
    Partial<Pick<RecurrenceSeries, 'startTime' | 'durationMinutes' | 'allDay'>>;
  /** Instants as `YYYY-MM-DDTHH:MMZ`. */
  readonly deleted?: readonly string[];
  readonly modified?: readonly (readonly [originalStart: string, start: string, end: string])[];
  readonly policy?: WallTimePolicy;
  readonly window?: readonly [from: string, to: string];
  readonly options?: WindowOptions;
  /** `start`, or `start/end`, as UTC; an exception carries `!` behind. */
  readonly expected: readonly string[];
}

function zoneOf(zone: SemanticsCase['zone'] = 'UTC'): TimeZone {
  if (typeof zone !== 'string') return TimeZone.fromDefinition(zone);
  return zone.endsWith('Time') ? TimeZone.fromWindows(zone) : TimeZone.fromIana(zone);
}

const at = (text: string): number => Date.parse(text);
const text = (instant: number): string => `${new Date(instant).toISOString().slice(0, 16)}Z`;

/** Expands a case in the notation of its expectation. */
export function outcomeOf(item: SemanticsCase): readonly string[] {
  const series = compileSeries(
    {
      startTime: '09:00',
      durationMinutes: 60,
      ...item.series,
      timeZone: zoneOf(item.zone),
      deletedOccurrences: (item.deleted ?? []).map(at),
      modifiedOccurrences: (item.modified ?? []).map(([originalStart, start, end]) => ({
        originalStart: at(originalStart),
        start: at(start),
        end: at(end),
      })),
    },
    item.policy,
  );
  const [from, to] = item.window ?? [];
  const limit = item.options?.limit ?? item.expected.length + (item.series.range.type === 'NoEnd' ? 0 : 5);
  const found = series.between(from ? at(from) : Number.NEGATIVE_INFINITY, to ? at(to) : Number.POSITIVE_INFINITY, {
    ...item.options,
    ...(item.window ? {} : { limit }),
  });
  const withEnds = item.expected.some((entry) => entry.includes('/'));
  const written = (list: readonly Occurrence[]): readonly string[] =>
    list.map(({ start, end, kind }) => {
      const mark = kind === 'exception' ? '!' : '';
      return withEnds ? `${text(start)}/${text(end)}${mark}` : `${text(start)}${mark}`;
    });
  const [first, last] = [found[0], found.at(-1)];
  if (item.window || !first || !last) return written(found);
  // Windows without options go a shorter way, which must come to the same.
  const again = written(series.between(first.start, last.start + 1));
  return written(found).map((entry, i) => (entry === again[i] ? entry : `${entry}, but without options ${again[i]}`));
}
