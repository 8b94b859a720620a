/**
 * A zone as sorted numbers: when its offset changes, and from which wall time on the new offset answers.
 * One ascending array per overlap policy settles gaps and overlaps with a single comparison. SPEC.md, section 5.
 */
import { DAY_MS } from './civil.ts';
import { RecurrenceError } from './recurrence-error.ts';

/** Offsets are milliseconds east of UTC; `offsets[i]` holds from `at[i]` on, `initial` before `at[0]`. */
export interface ZoneChanges {
  readonly initial: number;
  readonly at: readonly number[];
  readonly offsets: readonly number[];
}

export interface ZoneTable {
  /** Instants of change, ascending, closed by Infinity. */
  readonly at: Float64Array;
  /** One more than there are changes: `offset[i]` holds before `at[i]`. */
  readonly offset: Float64Array;
  /** Wall time from which `offset[i + 1]` answers, when an ambiguous time means its first instant. */
  readonly switchFirst: Float64Array;
  /** The same when an ambiguous time means its second instant. */
  readonly switchSecond: Float64Array;
  /** Where the last search ended. Windows of many series are alike, so the next one mostly ends there too. */
  hint: number;
}

/** Two changes closer than this are judged together; no real zone has any. */
const CLOSE_MS = 2 * DAY_MS;

export function buildZoneTable(changes: ZoneChanges): ZoneTable {
  const count = changes.at.length;
  const at = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const offset = new Float64Array(count + 1);
  const switchFirst = new Float64Array(at);
  const switchSecond = new Float64Array(at);
  offset[0] = changes.initial;
  for (let i = 0; i < count; i++) {
    const instant = changes.at[i] as number;
    const before = offset[i] as number;
    const after = changes.offsets[i] as number;
    at[i] = instant;
    offset[i + 1] = after;
    switchFirst[i] = Math.max(instant + Math.max(before, after), i > 0 ? (switchFirst[i - 1] as number) : -Infinity);
    switchSecond[i] = Math.max(instant + after, i > 0 ? (switchSecond[i - 1] as number) : -Infinity);
  }
  return { at, offset, switchFirst, switchSecond, hint: 0 };
}

/**
 * Refuses a jump of more than a day, single or within two days: later wall times would then map to earlier
 * instants. The largest real ones are exactly a day (Samoa 2011, Manila 1844).
 */
export function refuseWildJumps(changes: ZoneChanges): void {
  for (let i = 0; i < changes.at.length; i++) {
    const before = i === 0 ? changes.initial : (changes.offsets[i - 1] as number);
    for (let j = i; j < changes.at.length && (changes.at[j] as number) - (changes.at[i] as number) < CLOSE_MS; j++) {
      if (Math.abs((changes.offsets[j] as number) - before) > DAY_MS) {
        throw new RecurrenceError('InvalidTimeZoneDefinition', 'periods', 'the offset jumps by more than a day');
      }
    }
  }
}

/** Number of entries of an ascending list that are less than or equal to a value. */
export function countUpTo(sorted: Float64Array | Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the offset that answers for a wall time: the number of switches up to it. */
export function wallIndex(table: ZoneTable, switches: Float64Array, wall: number): number {
  const { hint } = table;
  if (wall < (switches[hint] as number)) {
    if (hint === 0 || wall >= (switches[hint - 1] as number)) return hint;
  } else if (wall < (switches[hint + 1] as number)) return hint + 1;
  table.hint = countUpTo(switches, wall);
  return table.hint;
}

/** Offset in force at an instant, in milliseconds east of UTC. */
export function offsetAt(table: ZoneTable, instant: number): number {
  return table.offset[countUpTo(table.at, instant)] as number;
}
