/**
 * A series master made ready to be asked for its occurrences. Expansion itself is packages/recurrence; here is only what
 * an item's fields mean for it: wall time and zone of the series, and what to do with one that cannot be understood.
 */
import type { Instant, SeriesMaster, TimeZoneRef } from '@calendar-connector/calendar-model';
import {
  type CompiledSeries,
  compileSeries,
  RecurrenceError,
  resolveTimeZone,
  TimeZone,
} from '@calendar-connector/recurrence';

const MINUTE = 60_000;

/** The item's own zone: start zone, then end zone, then the one given for items that name none. Never throws. */
export function itemZone(
  item: { readonly startTimeZone?: TimeZoneRef; readonly endTimeZone?: TimeZoneRef },
  fallback: TimeZone = utc(),
): TimeZone {
  return resolveTimeZone([item.startTimeZone, item.endTimeZone], fallback).zone;
}

/** Coordinated universal time, for items that name no zone. */
export function utc(): TimeZone {
  return TimeZone.fromIana('UTC');
}

/**
 * The compiled series of a master, or undefined when its recurrence cannot be understood (hostile or broken data): the
 * caller shows the item and owes no starts.
 */
export function compileMaster(master: SeriesMaster, fallback?: TimeZone): CompiledSeries | undefined {
  try {
    const zone = itemZone(master, fallback);
    return compileSeries({
      pattern: master.recurrence.pattern,
      range: master.recurrence.range,
      startTime: wallTime(zone, master.start, master.allDay),
      durationMinutes: durationMinutes(zone, master),
      timeZone: zone,
      allDay: master.allDay,
      deletedOccurrences: master.deletedOccurrences,
      modifiedOccurrences: [...master.modifiedOccurrences].sort((a, b) => a.originalStart - b.originalStart),
    });
  } catch (error) {
    if (error instanceof RecurrenceError) return undefined;
    throw error;
  }
}

function wallTime(zone: TimeZone, start: Instant, allDay: boolean): string {
  return allDay ? '00:00' : (zone.toLocal(start).split('T')[1] ?? '00:00');
}

/** Whole days of an all-day series are counted on the wall clock: a day of 23 hours is a day. */
function durationMinutes(zone: TimeZone, master: SeriesMaster): number {
  if (!master.allDay) return Math.max(0, Math.round((master.end - master.start) / MINUTE));
  const wallMinutes = (master.end - master.start) / MINUTE + zone.offsetAt(master.end) - zone.offsetAt(master.start);
  return Math.max(1440, Math.round(wallMinutes / 1440) * 1440);
}
