/**
 * The hot loop: which of a pattern's own occurrences lie in a window, as chunks of numbers. Costs what the window
 * holds (SPEC.md, S4.7). Not reentrant and not asynchronous: chunks are shared by all series of the process.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { DAY_MS } from './civil.ts';
import type { DayRule } from './series-pattern.ts';
import type { TimeZone } from './time-zone.ts';
import { countUpTo, wallIndex } from './zone-table.ts';

export const CHUNK = 256;
/** Starts and ends of the occurrences found last. */
export const startChunk = new Float64Array(CHUNK);
export const endChunk = new Float64Array(CHUNK);

/** All that decides on instants, in one flat object. */
export interface Expansion {
  readonly rule: DayRule;
  /** Indices of the first and last occurrence. */
  readonly first: number;
  readonly last: number;
  /** No occurrence starts before `opens` or after `closes`. */
  readonly opens: Instant;
  readonly closes: Instant;
  readonly timeMs: number;
  readonly durationMs: number;
  readonly zone: TimeZone;
  /** An ambiguous time means its first instant. */
  readonly overlapFirst: boolean;
  readonly allDay: boolean;
  readonly skipsGaps: boolean;
  /** Ascending indices of occurrences that are deleted or modified. */
  readonly removed: Int32Array;
  /** None of the last three asks for anything. */
  readonly plain: boolean;
}

/** A half-open window within the years of the calendar. */
export interface ScanWindow {
  readonly from: Instant;
  readonly to: Instant;
  readonly overlap: boolean;
}

/** No offset exceeds a day, so the wall date of an occurrence is at most a day from the UTC date of its instant. */
const MARGIN_DAYS = 1;
/** Tables are asked for this much more than the window: wall times are looked up in them. */
const MARGIN_MS = 3 * DAY_MS;

/**
 * Plain series, by far the most: writes the first `limit` starts to `out`, which may be `startChunk`, and returns how
 * many, or -1 when a chunk does not hold what has to be looked at. Ends are starts plus duration.
 */
export function scanPlain(expansion: Expansion, window: ScanWindow, out: Float64Array, limit: number): number {
  const { from, to, overlap } = window;
  const { rule, first, last, timeMs, durationMs, zone } = expansion;
  const low = overlap ? from - durationMs : from;
  if (low > expansion.closes || to < expansion.opens) return 0;
  const index = Math.max(first, rule.indexNear(Math.floor(low / DAY_MS) - MARGIN_DAYS));
  if (index > last) return 0;
  const filled = rule.fill(index, Math.floor(to / DAY_MS) + MARGIN_DAYS, timeMs, startChunk);
  if (filled === CHUNK) return -1;
  const walls = Math.min(filled, last - index + 1);
  if (walls === 0) return 0;
  const table = zone.table(low - MARGIN_MS, to + MARGIN_MS);
  const { offset } = table;
  const switches = expansion.overlapFirst ? table.switchFirst : table.switchSecond;
  let zoneIndex = wallIndex(table, switches, startChunk[0] as number);
  let nextSwitch = switches[zoneIndex] as number;
  let shift = offset[zoneIndex] as number;
  let count = 0;
  // Also for `startChunk` itself: each start takes the place of a wall time that was read, there are never more of them.
  for (let i = 0; i < walls && count < limit; i++) {
    const wall = startChunk[i] as number;
    while (wall >= nextSwitch) {
      nextSwitch = switches[++zoneIndex] as number;
      shift = offset[zoneIndex] as number;
    }
    const start = wall - shift;
    if (start >= to) break;
    // An end exactly at the beginning is outside, an occurrence of no length there is inside.
    if (start > low || start >= from) out[count++] = start;
  }
  return count;
}

/** Receives the first `count` of `startChunk` and `endChunk`; answers false to stop. */
export type ChunkVisitor = (count: number) => boolean;

/** Any series: hands over chunk by chunk, in order, until the visitor has enough. */
export function scan(expansion: Expansion, window: ScanWindow, visit: ChunkVisitor): void {
  const { rule, last, timeMs, durationMs, allDay, skipsGaps, removed } = expansion;
  const { from, to, overlap } = window;
  // Holds for whole days of any length too: their ends are wall times, and those the margin is for.
  const low = overlap ? from - durationMs : from;
  const untilDay = Math.floor(to / DAY_MS) + MARGIN_DAYS;
  let index = Math.max(expansion.first, rule.indexFrom(Math.floor(low / DAY_MS) - MARGIN_DAYS));
  if (index > last) return;
  const table = expansion.zone.table(low - MARGIN_MS, to + durationMs + MARGIN_MS);
  const { at, offset } = table;
  const switches = expansion.overlapFirst ? table.switchFirst : table.switchSecond;
  let nextRemoved = countUpTo(removed, index - 1);
  let zoneIndex = countUpTo(switches, rule.dayAt(index) * DAY_MS + timeMs);
  let endZoneIndex = zoneIndex;
  while (index <= last) {
    const walls = Math.min(rule.fill(index, untilDay, timeMs, startChunk), last - index + 1);
    let count = 0;
    for (let i = 0; i < walls; i++) {
      const wall = startChunk[i] as number;
      while (wall >= (switches[zoneIndex] as number)) zoneIndex++;
      const start = wall - (offset[zoneIndex] as number);
      if (start >= to) {
        if (count > 0) visit(count);
        return;
      }
      let end = start + durationMs;
      if (allDay) {
        while (wall + durationMs >= (switches[endZoneIndex] as number)) endZoneIndex++;
        // A wall time inside a gap shifts past a wall time soon after it.
        end = Math.max(start, wall + durationMs - (offset[endZoneIndex] as number));
      }
      while (nextRemoved < removed.length && (removed[nextRemoved] as number) < index + i) nextRemoved++;
      if (removed[nextRemoved] === index + i) continue;
      if (skipsGaps && start >= (at[zoneIndex] as number)) continue;
      if (start < from && !(overlap && end > from)) continue;
      startChunk[count] = start;
      endChunk[count++] = end;
    }
    if ((count > 0 && !visit(count)) || walls < CHUNK) return;
    index += walls;
  }
}
