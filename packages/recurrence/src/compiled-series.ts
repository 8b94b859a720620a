/**
 * A series made ready: windows, single occurrences, indices. The cost of a window depends on the window alone.
 * Specified in SPEC.md, sections 3, 4 and 7; names fixed by design/contracts.md §9.
 */
import type { Instant, ModifiedOccurrence } from '@calendar-connector/calendar-model';
import { DAY_MS } from './civil.ts';
import { modificationError, seriesError } from './modification-rules.ts';
import type { Occurrence } from './occurrence.ts';
import { OccurrenceClock } from './occurrence-clock.ts';
import { type ExchangeErrorCode, isRecord, RecurrenceError, shown } from './recurrence-error.ts';
import { compileExceptions, NO_EXCEPTIONS, type SeriesExceptions } from './series-exceptions.ts';
import { type CheckedSeries, checkSeries, type RecurrenceSeries } from './series-input.ts';
import { DEFAULT_POLICY, requirePolicy, type WallTimePolicy } from './time-zone.ts';
import { CHUNK, type Expansion, endChunk, type ScanWindow, scan, scanPlain, startChunk } from './window-scan.ts';
import { countUpTo } from './zone-table.ts';

export interface WindowOptions {
  /** `overlap` (default): whatever touches the window; `start`: what starts in it. */
  readonly mode?: 'overlap' | 'start';
  /** At most so many, the earliest. */
  readonly limit?: number;
}

export interface CompiledSeries {
  /** Occurrences in the half-open window, by start. Deleted ones are missing, modified ones stand where they are now. */
  between(from: Instant, to: Instant, options?: WindowOptions): Occurrence[];
  /** Writes the starts `between` would return, as many as fit; returns how many. */
  fill(from: Instant, to: Instant, out: Float64Array, options?: WindowOptions): number;
  /** The n-th occurrence of the pattern, from 1; deleted ones are counted. */
  occurrenceAt(index: number): Occurrence | 'deleted' | undefined;
  /** Index, from 1, of the occurrence with this original start; -1 when there is none. */
  indexOf(originalStart: Instant): number;
  /** The first occurrence of the pattern that is not deleted. */
  first(): Occurrence | undefined;
  /** The last one; undefined for a series without end. */
  last(): Occurrence | undefined;
  /** What Exchange would answer when asked to create this series; undefined when it would accept. */
  exchangeError(): ExchangeErrorCode | undefined;
  /** What Exchange would answer to this change of one occurrence; undefined when it would accept. */
  validateModification(modification: ModifiedOccurrence): ExchangeErrorCode | undefined;
}

const NO_OPTIONS: WindowOptions = {};

/** Objects for the first `count` starts found, of a series whose occurrences last equally long. */
function plainOccurrences(count: number, durationMs: number): Occurrence[] {
  const list = new Array<Occurrence>(count);
  for (let i = 0; i < count; i++) {
    const start = startChunk[i] as number;
    list[i] = { start, end: start + durationMs, originalStart: start, kind: 'occurrence' };
  }
  return list;
}

class ClosedFormSeries implements CompiledSeries {
  readonly #series: CheckedSeries;
  readonly #clock: OccurrenceClock;
  readonly #exceptions: SeriesExceptions;
  readonly #expansion: Expansion;
  readonly #endless: boolean;

  constructor(series: RecurrenceSeries, policy: WallTimePolicy) {
    const checked = checkSeries(series);
    const { gap, overlap } = requirePolicy(policy);
    const clock = new OccurrenceClock(checked, { gap, overlap });
    const exceptions = compileExceptions(series, clock);
    const { rule, first, timeMs, durationMs, zone, allDay } = checked;
    const { last, skipsGaps } = clock;
    const { removed } = exceptions;
    const plain = !allDay && !skipsGaps && exceptions === NO_EXCEPTIONS;
    const overlapFirst = overlap === 'first';
    this.#series = checked;
    this.#clock = clock;
    this.#exceptions = exceptions;
    const endless = series.range.type === 'NoEnd';
    const opens = (checked.startDay - 1) * DAY_MS;
    const closes = endless ? Number.POSITIVE_INFINITY : (rule.dayAt(last) + 2) * DAY_MS;
    this.#expansion = {
      rule,
      first,
      last,
      opens,
      closes,
      timeMs,
      durationMs,
      zone,
      overlapFirst,
      allDay,
      skipsGaps,
      removed,
      plain,
    };
    this.#endless = endless;
  }

  between(from: Instant, to: Instant, options: WindowOptions = NO_OPTIONS): Occurrence[] {
    const expansion = this.#expansion;
    if (expansion.plain && options === NO_OPTIONS && isWithinCalendar(from, to)) {
      if (from >= to) return [];
      const count = scanPlain(expansion, { from, to, overlap: true }, startChunk, CHUNK);
      if (count >= 0) return plainOccurrences(count, expansion.durationMs);
    }
    return this.#collect(requireWindow(from, to, options), requireLimit(options.limit));
  }

  fill(from: Instant, to: Instant, out: Float64Array, options: WindowOptions = NO_OPTIONS): number {
    const window = requireWindow(from, to, options);
    if (!(out instanceof Float64Array)) throw new RecurrenceError('InvalidWindow', 'out', 'is not a Float64Array');
    const limit = Math.min(out.length, requireLimit(options.limit));
    if (limit === 0 || window.from >= window.to) return 0;
    const expansion = this.#expansion;
    const count = expansion.plain ? scanPlain(expansion, window, out, limit) : -1;
    if (count >= 0) return count;
    let filled = 0;
    if (this.#exceptions.byStart.length > 0) {
      for (const { start } of this.#collect(window, limit)) out[filled++] = start;
      return filled;
    }
    scan(expansion, window, (count) => {
      for (let i = 0; i < count && filled < limit; i++) out[filled++] = startChunk[i] as number;
      return filled < limit;
    });
    return filled;
  }

  occurrenceAt(index: number): Occurrence | 'deleted' | undefined {
    if (!Number.isInteger(index) || index < 1) return undefined;
    const raw = this.#rawIndex(index);
    return raw <= this.#clock.last ? this.#at(raw) : undefined;
  }

  indexOf(originalStart: Instant): number {
    if (!Number.isFinite(originalStart)) return -1;
    let raw = this.#clock.indexAt(originalStart);
    if (raw === undefined) {
      for (const [index, modification] of this.#exceptions.modified) {
        if (modification.originalStart === originalStart) raw = index;
      }
    }
    if (raw === undefined) return -1;
    const position = raw - this.#series.first + 1;
    return position - this.#clock.skipped.filter((skipped) => skipped < (raw as number)).length;
  }

  first(): Occurrence | undefined {
    for (let raw = this.#series.first; raw <= this.#clock.last; raw++) {
      const found = this.#clock.isSkipped(raw) ? 'deleted' : this.#at(raw);
      if (found !== 'deleted') return found;
    }
    return undefined;
  }

  last(): Occurrence | undefined {
    if (this.#endless) return undefined;
    for (let raw = this.#clock.last; raw >= this.#series.first; raw--) {
      const found = this.#clock.isSkipped(raw) ? 'deleted' : this.#at(raw);
      if (found !== 'deleted') return found;
    }
    return undefined;
  }

  exchangeError(): ExchangeErrorCode | undefined {
    return seriesError(this.#series);
  }

  validateModification(modification: ModifiedOccurrence): ExchangeErrorCode | undefined {
    return modificationError(this, modification, (instant) => this.#clock.dayOf(instant));
  }

  #at(raw: number): Occurrence | 'deleted' {
    const modification = this.#exceptions.modified.get(raw);
    if (modification) return exceptionOf(modification);
    if (this.#exceptions.deleted.has(raw)) return 'deleted';
    const start = this.#clock.startOf(raw);
    return { start, end: this.#clock.endOf(raw), originalStart: start, kind: 'occurrence' };
  }

  /** Index of the rule of the n-th counted occurrence: skipped ones are not counted. */
  #rawIndex(position: number): number {
    let raw = this.#series.first + position - 1;
    for (const skipped of this.#clock.skipped) {
      if (skipped > raw) break;
      raw++;
    }
    return raw;
  }

  /** The general way to a list: any series, any window. */
  #collect(window: ScanWindow, limit: number): Occurrence[] {
    const expansion = this.#expansion;
    const found: Occurrence[] = [];
    if (limit === 0 || window.from >= window.to) return found;
    scan(expansion, window, (count) => {
      for (let i = 0; i < count && found.length < limit; i++) {
        const start = startChunk[i] as number;
        found.push({ start, end: endChunk[i] as number, originalStart: start, kind: 'occurrence' });
      }
      return found.length < limit;
    });
    return this.#exceptions.byStart.length === 0 ? found : this.#withMoved(found, window, limit);
  }

  /** Adds the modified occurrences that stand in the window, in their places. */
  #withMoved(found: Occurrence[], { from, to, overlap }: ScanWindow, limit: number): Occurrence[] {
    const { byStart, latestEnds } = this.#exceptions;
    const moved: Occurrence[] = [];
    // Before this one none ends after the window begins; one of no length at its very beginning still counts.
    for (let i = countUpTo(latestEnds, from - 1); i < byStart.length; i++) {
      const modification = byStart[i] as ModifiedOccurrence;
      if (modification.start >= to) break;
      if (modification.start >= from || (overlap && modification.end > from)) moved.push(exceptionOf(modification));
    }
    if (moved.length === 0) return found;
    const merged = found.concat(moved).sort((a, b) => a.start - b.start || a.originalStart - b.originalStart);
    return merged.length > limit ? merged.slice(0, limit) : merged;
  }
}

function exceptionOf({ originalStart, start, end }: ModifiedOccurrence): Occurrence {
  return { start, end, originalStart, kind: 'exception' };
}

function requireLimit(limit: unknown): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (typeof limit === 'number' && limit >= 0 && (Number.isInteger(limit) || limit === Number.POSITIVE_INFINITY))
    return limit;
  throw new RecurrenceError('InvalidWindow', 'limit', `${shown(limit)} is not a number of occurrences`);
}

/** Windows may be open to either side; all occurrences, moved ones too, are asked for within these years. */
const CALENDAR_FROM = -11_644_473_600_000;
const CALENDAR_TO = 79_900_000_000_000;

function isWithinCalendar(from: unknown, to: unknown): boolean {
  return typeof from === 'number' && typeof to === 'number' && from >= CALENDAR_FROM && to <= CALENDAR_TO;
}

/** Checks a window and cuts it to the years of the calendar. */
function requireWindow(from: Instant, to: Instant, options: WindowOptions): ScanWindow {
  if (!isRecord(options)) throw new RecurrenceError('InvalidWindow', 'options', 'is not an object');
  const overlap = options.mode === undefined || options.mode === 'overlap';
  if (!overlap && options.mode !== 'start') {
    throw new RecurrenceError('InvalidWindow', 'mode', `${shown(options.mode)} is neither "overlap" nor "start"`);
  }
  if (isWithinCalendar(from, to)) return { from, to, overlap };
  return { from: cut(from, 'from'), to: cut(to, 'to'), overlap };
}

function cut(instant: unknown, field: string): Instant {
  if (typeof instant !== 'number' || Number.isNaN(instant)) {
    throw new RecurrenceError('InvalidWindow', field, `${shown(instant)} is not an instant in epoch milliseconds`);
  }
  return Math.min(Math.max(instant, CALENDAR_FROM), CALENDAR_TO);
}

/**
 * Checks a series and makes it ready to be asked. Throws RecurrenceError with `code` and `field` on bad input.
 * Without a policy a time inside a gap is shifted forward and an ambiguous one is its first instant.
 */
export function compileSeries(series: RecurrenceSeries, policy: WallTimePolicy = DEFAULT_POLICY): CompiledSeries {
  return new ClosedFormSeries(series, policy);
}
