/**
 * Time zones as items name them (Windows or IANA id, custom definition) turned into arithmetic: wall time to instant and back.
 * The arithmetic is the recurrence package's; here are the cache and the few conversions the fake needs.
 */
import type { Instant, LocalDate, TimeZoneRef } from '@calendar-connector/calendar-model';
import { TimeZone } from '@calendar-connector/recurrence';

export const UTC_REF: TimeZoneRef = { id: 'UTC' };
export const DAY_MS = 86_400_000;

const byId = new Map<string, TimeZone | undefined>();
const byDefinition = new WeakMap<object, TimeZone>();

/** The zone behind a reference; undefined when nobody knows it. A definition is trusted before a name. */
export function findZone(ref: TimeZoneRef): TimeZone | undefined {
  if (ref.definition !== undefined && ref.definition.transitions.length > 0) return fromDefinition(ref);
  return findZoneById(ref.id);
}

/** Like findZone, but an unknown zone counts as UTC. */
export function zoneOf(ref: TimeZoneRef): TimeZone {
  const zone = findZone(ref) ?? findZoneById('UTC');
  if (zone === undefined) throw new Error('the zone UTC is missing');
  return zone;
}

export function findZoneById(id: string): TimeZone | undefined {
  const name = id === 'tzone://Microsoft/Utc' || id === '' ? 'UTC' : id;
  if (!byId.has(name)) byId.set(name, id === '' ? undefined : resolve(name));
  return byId.get(name);
}

function resolve(id: string): TimeZone | undefined {
  for (const make of [TimeZone.fromWindows, TimeZone.fromIana]) {
    try {
      const zone = make(id);
      if (zone !== undefined) return zone;
    } catch {
      // not a name of this kind
    }
  }
  return undefined;
}

function fromDefinition(ref: TimeZoneRef): TimeZone | undefined {
  const definition = ref.definition;
  if (definition === undefined) return undefined;
  const known = byDefinition.get(definition);
  if (known !== undefined) return known;
  try {
    const zone = TimeZone.fromDefinition(definition);
    byDefinition.set(definition, zone);
    return zone;
  } catch {
    return findZoneById(ref.id);
  }
}

/** UTC minus nothing: how far local time is ahead of UTC at a moment, in milliseconds. */
export function offsetMs(zone: TimeZone, at: Instant): number {
  return zone.offsetAt(at) * 60_000;
}

/** Local date and time of day (milliseconds since local midnight) at a moment. */
export function toLocal(zone: TimeZone, at: Instant): { readonly date: LocalDate; readonly timeMs: number } {
  const local = at + offsetMs(zone, at);
  const day = Math.floor(local / DAY_MS);
  return { date: new Date(day * DAY_MS).toISOString().slice(0, 10), timeMs: local - day * DAY_MS };
}

/** The moment of a wall time; one that a zone skips is read with the offset before, one that it has twice is the first. */
export function toInstant(zone: TimeZone, date: LocalDate, timeMs: number): Instant {
  const day = timeMs >= DAY_MS ? addDays(date, Math.floor(timeMs / DAY_MS)) : date;
  return zone.toInstant(`${day}T${clockText(timeMs % DAY_MS)}`) + (timeMs % 1000);
}

/** `HH:MM:SS` of a time of day in milliseconds. */
export function clockText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 19);
}

/** All-day items cover whole days of their zone: start down, end up to midnight (facts "Time zones and all-day"). */
export function snapAllDay(
  start: Instant,
  end: Instant,
  zone: TimeZone,
): { readonly start: Instant; readonly end: Instant } {
  const first = toLocal(zone, start);
  const last = toLocal(zone, end);
  const from = toInstant(zone, first.date, 0);
  const wholeEnd = last.timeMs === 0 && last.date > first.date;
  const endDay = wholeEnd ? last.date : addDays(last.date, 1);
  return { start: from, end: toInstant(zone, endDay, 0) };
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
