/**
 * Reads a zone's changes out of Intl: samples every 5 days, bisects where two samples differ. Far years repeat the
 * last rule, so they are copied from a year of the same shape instead of being sampled. SPEC.md, section 5.
 */
import { civilOf, DAY_MS, dayNumber, isLeapYear, weekdayOf } from './civil.ts';
import type { ZoneChanges } from './zone-table.ts';

/** The shortest stay in an offset is a week (Recife 2000, Gaza 2040); of 418 zones, 1830..2100. */
const STEP_MS = 5 * DAY_MS;
const QUARTER_MS = 900_000;
/** Before this no zone has any change (the first in the tz database is of 1835). */
const FIRST_SCANNED_YEAR = 1820;
/** From here on every zone repeats a yearly rule (the last listed change, Morocco's, is of 2087). */
const FIRST_REPEATED_YEAR = 2140;
/** Years with every weekday of January 1st, leap and common, lie within this many years before. */
const TEMPLATE_YEARS = 48;

type OffsetReader = (instant: number) => number;

/** Makes a function that asks Intl for the offset at an instant, in milliseconds east. Throws what Intl throws. */
export function offsetReader(ianaId: string): { readonly id: string; readonly read: OffsetReader } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: ianaId,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const read = (instant: number): number => {
    const [month, day, year, hour, minute, second] = format
      .format(instant)
      .split(/[^0-9]+/, 6)
      .map(Number) as [number, number, number, number, number, number];
    return dayNumber(year, month, day) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000 - instant;
  };
  return { id: format.resolvedOptions().timeZone, read };
}

/** First instant in (`low`, `high`] with another offset than at `low`; both ends on whole seconds. */
function bisect(read: OffsetReader, low: number, high: number, offset: number): number {
  const narrow = (from: number, to: number, step: number): [number, number] => {
    let [a, b] = [from, to];
    while (b - a > step) {
      const middle = a + Math.max(step, Math.floor((b - a) / 2 / step) * step);
      if (read(middle) === offset) a = middle;
      else b = middle;
    }
    return [a, b];
  };
  const [from, to] = narrow(low, high, QUARTER_MS);
  return read(to - 1000) === offset ? to : narrow(from, to, 1000)[1];
}

function scan(read: OffsetReader, from: number, to: number): ZoneChanges {
  const at: number[] = [];
  const offsets: number[] = [];
  const initial = read(from);
  let known = initial;
  for (let low = from; low < to; low += STEP_MS) {
    const high = Math.min(low + STEP_MS, to);
    const target = read(high);
    for (let left = low; known !== target; ) {
      left = bisect(read, left, high, known);
      known = read(left);
      at.push(left);
      offsets.push(known);
    }
  }
  return { initial, at, offsets };
}

const yearStartMs = (year: number): number => dayNumber(year, 1, 1) * DAY_MS;

interface YearlyChange {
  readonly sinceYearStart: number;
  readonly offset: number;
}

/** Changes of the latest scanned year of each shape: weekday of January 1st, leap or not. */
function templatesOf(scanned: ZoneChanges): (year: number) => readonly YearlyChange[] {
  const byYear = new Map<number, YearlyChange[]>();
  scanned.at.forEach((instant, i) => {
    const { year } = civilOf(Math.floor(instant / DAY_MS));
    const changes = byYear.get(year) ?? [];
    changes.push({ sinceYearStart: instant - yearStartMs(year), offset: scanned.offsets[i] as number });
    byYear.set(year, changes);
  });
  const shapeOf = (year: number): string => `${weekdayOf(dayNumber(year, 1, 1))}${isLeapYear(year)}`;
  const byShape = new Map<string, readonly YearlyChange[]>();
  for (let year = FIRST_REPEATED_YEAR - TEMPLATE_YEARS; year < FIRST_REPEATED_YEAR; year++) {
    byShape.set(shapeOf(year), byYear.get(year) ?? []);
  }
  return (year) => byShape.get(shapeOf(year)) ?? [];
}

/** Copies the changes of a year of the same shape into every later year. */
function repeatRule(scanned: ZoneChanges, untilYear: number): ZoneChanges {
  const templateOf = templatesOf(scanned);
  const at = [...scanned.at];
  const offsets = [...scanned.offsets];
  for (let year = FIRST_REPEATED_YEAR; year < untilYear; year++) {
    for (const change of templateOf(year)) {
      at.push(yearStartMs(year) + change.sinceYearStart);
      offsets.push(change.offset);
    }
  }
  return { initial: scanned.initial, at, offsets };
}

/** Changes from the beginning of `fromYear` to the beginning of `toYear`. */
export function scanZone(read: OffsetReader, fromYear: number, toYear: number): ZoneChanges {
  const first = yearStartMs(Math.max(fromYear, FIRST_SCANNED_YEAR));
  if (toYear <= FIRST_REPEATED_YEAR) return scan(read, first, yearStartMs(toYear));
  return repeatRule(scan(read, first, yearStartMs(FIRST_REPEATED_YEAR)), toYear);
}
