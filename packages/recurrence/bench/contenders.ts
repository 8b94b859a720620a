/**
 * The libraries compared: ours, rrule-temporal, rrule-rust. Each turns a scenario into a function that answers one
 * window, with every start forced to a number. rrule-rust answers wall times only; those count as its numbers.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { compileSeries, type Occurrence, type RecurrenceSeries, TimeZone, toRRule } from '../src/index.ts';

const ZONE = 'Europe/Berlin';
export const FROM = Date.UTC(2026, 7, 15);
export const TO = Date.UTC(2027, 0, 15);

/** Answers a window with starts: epoch milliseconds, or wall milliseconds for rrule-rust. */
export type Window = () => readonly number[];

/** Without this the bench would compare nothing: say so instead of failing somewhere else. */
const rust = await import('rrule-rust').catch((error: unknown) => {
  console.error('BENCH CANNOT RUN: the native addon of rrule-rust did not load, so its ratios would be missing.');
  console.error(error);
  process.exit(2);
});

export function ours(series: RecurrenceSeries): Window {
  const compiled = compileSeries(series);
  return () => compiled.between(FROM, TO).map(({ start }) => start);
}

/** Sum of the starts in the window, each occurrence being a full object with its times as plain numbers. */
export function oursSum(series: RecurrenceSeries): () => number {
  const compiled = compileSeries(series);
  return () => {
    const found = compiled.between(FROM, TO);
    let sum = 0;
    for (let i = 0; i < found.length; i++) sum += (found[i] as Occurrence).start;
    return sum;
  };
}

const icalLocal = (text: string): string => text.replaceAll(/[-:]/g, '');

/** DTSTART and RRULE of a series, in the form the peers read fastest. */
export function rruleText(series: RecurrenceSeries): string {
  const { rrule } = toRRule(series.pattern, series.range, series);
  const first = compileSeries(series).first();
  if (!first) throw new Error('a series without occurrence has no DTSTART');
  const dtstart = icalLocal(series.timeZone.toLocal(first.start));
  const friendly = rrule.replace(/BYDAY=(\w\w);BYSETPOS=(-?\d)/, 'BYDAY=$2$1');
  return `DTSTART;TZID=${ZONE}:${dtstart}\nRRULE:${friendly}`;
}

const FROM_DATE = new Date(FROM);
const BEFORE_DATE = new Date(TO - 1);

export function temporal(rruleString: string): Window {
  const rule = new RRuleTemporal({ rruleString, cache: false });
  return () => rule.between(FROM_DATE, BEFORE_DATE, true).map((occurrence) => occurrence.epochMilliseconds);
}

const utc = (instant: number) => {
  const date = new Date(instant);
  return rust.DateTime.utc(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  );
};
const FROM_RUST = utc(FROM);
const BEFORE_RUST = utc(TO - 1000);

export function rustWindow(rruleString: string): Window {
  const set = rust.RRuleSet.fromString(rruleString);
  set.cache.disable();
  return () =>
    set
      .between(FROM_RUST, BEFORE_RUST, true)
      .map(({ year, month, day, time }) => Date.UTC(year, month - 1, day, time?.hour, time?.minute, time?.second));
}

export const zone = TimeZone.fromIana(ZONE);

/** Wall milliseconds of an instant, to compare with rrule-rust. */
export function wallOf(instant: number): number {
  return instant + zone.offsetAt(instant) * 60_000;
}
