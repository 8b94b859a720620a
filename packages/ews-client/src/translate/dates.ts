/**
 * Dates of all-day items: taken in the item's own zone, never in UTC (facts §2.3: 22:00Z..22:00Z is one day in Berlin).
 */
import type { Instant, LocalDate, TimeZoneRef } from '@calendar-connector/calendar-model';
import type { ZoneResolver } from './zones.ts';

const DAY = 86_400_000;

/** The date an all-day item starts on, or (with `end`) the exclusive date it ends on. */
export function allDayDate(
  instant: Instant,
  zones: readonly (TimeZoneRef | undefined)[],
  resolver: ZoneResolver,
  edge: 'start' | 'end',
): LocalDate {
  for (const zone of zones) {
    if (zone === undefined) continue;
    const offset = resolver.offsetMinutesAt(zone, instant);
    if (offset === undefined) continue;
    const local = instant + offset * 60_000;
    // A zone that does not put the item on midnight is not the one it was made in: try the next.
    if (local % DAY === 0) return dateOf(local);
  }
  return nearestMidnight(instant, zones, resolver, edge);
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
