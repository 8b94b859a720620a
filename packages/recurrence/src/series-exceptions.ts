/**
 * Deleted and modified occurrences of a series, keyed by the index of the occurrence they replace and sorted for
 * windows. A modification wins over a deletion of the same occurrence, as Exchange lists it under both. SPEC.md, section 7.
 */
import type { Instant, ModifiedOccurrence } from '@calendar-connector/calendar-model';
import type { OccurrenceClock } from './occurrence-clock.ts';
import { isRecord, RecurrenceError, shown } from './recurrence-error.ts';
import type { RecurrenceSeries } from './series-input.ts';

export interface SeriesExceptions {
  /** Ascending indices that the pattern's own occurrence is missing from: deleted, modified. */
  readonly removed: Int32Array;
  readonly deleted: ReadonlySet<number>;
  readonly modified: ReadonlyMap<number, ModifiedOccurrence>;
  /** All modifications by start, also those that belong to no occurrence. */
  readonly byStart: readonly ModifiedOccurrence[];
  /** `latestEnds[i]` is the latest end among the first i + 1 of `byStart`. */
  readonly latestEnds: Float64Array;
}

export const NO_EXCEPTIONS: SeriesExceptions = {
  removed: new Int32Array(0),
  deleted: new Set(),
  modified: new Map(),
  byStart: [],
  latestEnds: new Float64Array(0),
};

/** Beyond 400 years of ECMAScript time nothing can be meant; keeps arithmetic exact. */
const MAX_INSTANT = 8.64e15;

function requireInstant(value: unknown, field: string): Instant {
  if (typeof value === 'number' && Math.abs(value) <= MAX_INSTANT) return value;
  throw new RecurrenceError('InvalidException', field, `${shown(value)} is not an instant in epoch milliseconds`);
}

function requireList<T>(value: readonly T[] | undefined, field: string): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new RecurrenceError('InvalidException', field, 'is not a list');
  return value;
}

function checkModifications(list: readonly ModifiedOccurrence[]): readonly ModifiedOccurrence[] {
  let previous = Number.NEGATIVE_INFINITY;
  return list.map((entry, i) => {
    const field = `modifiedOccurrences[${i}]`;
    if (!isRecord(entry)) throw new RecurrenceError('InvalidException', field, 'is not an object');
    const originalStart = requireInstant(entry.originalStart, `${field}.originalStart`);
    const start = requireInstant(entry.start, `${field}.start`);
    const end = requireInstant(entry.end, `${field}.end`);
    if (end < start) {
      const code = 'ErrorCalendarEndDateIsEarlierThanStartDate';
      throw new RecurrenceError(code, `${field}.end`, 'lies before its start');
    }
    if (originalStart <= previous) {
      const message = 'is not after the one before it: modified occurrences are listed by original start, each once';
      throw new RecurrenceError('ExceptionsOutOfOrder', `${field}.originalStart`, message);
    }
    previous = originalStart;
    return { originalStart, start, end };
  });
}

/** Checks the exceptions of a series and sorts them. */
export function compileExceptions(series: RecurrenceSeries, clock: OccurrenceClock): SeriesExceptions {
  const deletions = requireList(series.deletedOccurrences, 'deletedOccurrences');
  const modifications = checkModifications(requireList(series.modifiedOccurrences, 'modifiedOccurrences'));
  if (deletions.length === 0 && modifications.length === 0) return NO_EXCEPTIONS;
  const modified = new Map<number, ModifiedOccurrence>();
  for (const modification of modifications) {
    const index = clock.indexOnDateOf(modification.originalStart);
    if (index !== undefined) modified.set(index, modification);
  }
  const deleted = new Set<number>();
  deletions.forEach((originalStart, i) => {
    const index = clock.indexOnDateOf(requireInstant(originalStart, `deletedOccurrences[${i}]`));
    if (index !== undefined && !modified.has(index)) deleted.add(index);
  });
  const byStart = modifications.toSorted((a, b) => a.start - b.start || a.originalStart - b.originalStart);
  const latestEnds = new Float64Array(byStart.length);
  byStart.reduce((latest, { end }, i) => {
    latestEnds[i] = Math.max(latest, end);
    return latestEnds[i];
  }, Number.NEGATIVE_INFINITY);
  const removed = Int32Array.from([...deleted, ...modified.keys()]).sort();
  return { removed, deleted, modified, byStart, latestEnds };
}
