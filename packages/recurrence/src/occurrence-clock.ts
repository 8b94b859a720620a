/**
 * From the index of an occurrence to its instants and back, for one series in its zone under one policy.
 * Also knows which occurrences fall into a gap when those are to be skipped. SPEC.md, sections 4 and 5.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { DAY_MS } from './civil.ts';
import { type CheckedSeries, lastPossible } from './series-input.ts';
import type { WallTimePolicy } from './time-zone.ts';
import { countUpTo, offsetAt, type ZoneTable } from './zone-table.ts';

export class OccurrenceClock {
  readonly series: CheckedSeries;
  readonly skipsGaps: boolean;
  readonly #first: boolean;
  #skipped: readonly number[] | undefined;
  #last: number | undefined;

  constructor(series: CheckedSeries, policy: Required<WallTimePolicy>) {
    this.series = series;
    // A day without midnight is still a day: all-day series have nothing to skip.
    this.skipsGaps = policy.gap === 'skip' && !series.allDay;
    this.#first = policy.overlap === 'first';
  }

  /** The ascending wall times that settle gaps and overlaps under this policy. */
  switches(table: ZoneTable): Float64Array {
    return this.#first ? table.switchFirst : table.switchSecond;
  }

  instantOf(wall: number): Instant {
    const table = this.series.zone.table(wall, wall);
    return wall - (table.offset[countUpTo(this.switches(table), wall)] as number);
  }

  startOf(index: number): Instant {
    return this.instantOf(this.series.rule.dayAt(index) * DAY_MS + this.series.timeMs);
  }

  endOf(index: number): Instant {
    const { allDay, durationMs, rule, timeMs } = this.series;
    const start = this.startOf(index);
    if (!allDay) return start + durationMs;
    return Math.max(start, this.instantOf(rule.dayAt(index) * DAY_MS + timeMs + durationMs));
  }

  /** Local day number of an instant. */
  dayOf(instant: Instant): number {
    const table = this.series.zone.table(instant, instant);
    return Math.floor((instant + offsetAt(table, instant)) / DAY_MS);
  }

  /** Index of the occurrence that starts exactly then. */
  indexAt(instant: Instant): number | undefined {
    const { rule, first } = this.series;
    const day = this.dayOf(instant);
    // Shifted out of a gap around midnight, an occurrence may stand on a day of the clock that is not its own.
    for (
      let index = Math.max(first, rule.indexFrom(day - 1));
      index <= this.last && rule.dayAt(index) <= day + 1;
      index++
    ) {
      if (this.startOf(index) === instant && !this.isSkipped(index)) return index;
    }
    return undefined;
  }

  /** Index of the occurrence an exception belongs to: Exchange knows occurrences by their date. */
  indexOnDateOf(instant: Instant): number | undefined {
    const exact = this.indexAt(instant);
    if (exact !== undefined) return exact;
    const { rule, first } = this.series;
    const day = this.dayOf(instant);
    const index = rule.indexFrom(day);
    return index >= first && index <= this.last && rule.dayAt(index) === day && !this.isSkipped(index)
      ? index
      : undefined;
  }

  /** Index of the last occurrence; skipped ones are not counted, so a Numbered series moves its end. */
  get last(): number {
    if (this.#last === undefined) {
      const { count, last, rule } = this.series;
      this.#last = last;
      if (this.skipsGaps && count !== undefined) {
        for (const index of this.skipped) {
          if (index <= this.#last) this.#last++;
        }
        this.#last = Math.min(this.#last, lastPossible(rule));
      }
    }
    return this.#last;
  }

  isSkipped(index: number): boolean {
    return this.skipsGaps && this.skipped.includes(index);
  }

  /** Ascending indices whose wall time does not exist. Empty unless gaps are skipped. */
  get skipped(): readonly number[] {
    this.#skipped ??= this.skipsGaps ? this.#findSkipped() : [];
    return this.#skipped;
  }

  #findSkipped(): readonly number[] {
    const { rule, first, timeMs, zone } = this.series;
    const found: number[] = [];
    const end = lastPossible(rule);
    const table = zone.table(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    for (let i = 0; i + 1 < table.at.length; i++) {
      const gapFrom = (table.at[i] as number) + (table.offset[i] as number);
      const gapTo = (table.at[i] as number) + (table.offset[i + 1] as number);
      for (let day = Math.ceil((gapFrom - timeMs) / DAY_MS); day * DAY_MS + timeMs < gapTo; day++) {
        const index = rule.indexFrom(day);
        if (index >= first && index <= end && rule.dayAt(index) === day) found.push(index);
      }
    }
    return found;
  }
}
