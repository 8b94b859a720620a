/**
 * Dates of all-day items: taken in the item's own zone, never in UTC (facts §2.3: 22:00Z..22:00Z is one day in Berlin).
 */
import type { Instant, LocalDate, TimeZoneRef } from '@calendar-connector/calendar-model';
import type { ZoneResolver } from './zones.ts';

const DAY = 86_400_000;
/** by how much clocks jump at most when summer time begins */
const JUMP = 3_600_000;

/** The date an all-day item starts on, or (with `end`) the exclusive date it ends on. */
export function allDayDate(
  instant: Instant,
  zones: readonly (TimeZoneRef | undefined)[],
  resolver: ZoneResolver,
  edge: 'start' | 'end',
): LocalDate {
  for (const zone of zones) {
    // A zone that does not put the item on midnight is not the one it was made in: try the next.
    const local = zone === undefined ? undefined : midnightAt(instant, zone, resolver);
    if (local !== undefined) return dateOf(local);
  }
  return nearestMidnight(instant, zones, resolver, edge);
}

/** Where the clock jumps over midnight, it is told in the offset before or after the jump. */
function midnightAt(instant: Instant, zone: TimeZoneRef, resolver: ZoneResolver): number | undefined {
  for (const near of [instant, instant - 1, instant + JUMP]) {
    const offset = resolver.offsetMinutesAt(zone, near);
    const local = offset === undefined ? undefined : instant + offset * 60_000;
    if (local !== undefined && local % DAY === 0) return local;
  }
  return undefined;
}

/** No zone fits: the item's first known zone rounds outward, without any the nearest midnight of UTC is taken. */
function nearestMidnight(
  instant: Instant,
  zones: readonly (TimeZoneRef | undefined)[],
  resolver: ZoneResolver,
  edge: 'start' | 'end',
): LocalDate {
  for (const zone of zones) {
    const offset = zone === undefined ? undefined : resolver.offsetMinutesAt(zone, instant);
    if (offset === undefined) continue;
    const local = instant + offset * 60_000;
    return dateOf(edge === 'start' ? Math.floor(local / DAY) * DAY : Math.ceil(local / DAY) * DAY);
  }
  return dateOf(Math.round(instant / DAY) * DAY);
}

function dateOf(localMs: number): LocalDate {
  return new Date(localMs).toISOString().slice(0, 10);
}

/** `2026-03-01T09:00:00Z`: the form every request uses. */
export function isoInstant(instant: Instant): string {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
