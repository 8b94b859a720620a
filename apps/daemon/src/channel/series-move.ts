/**
 * Clients know a series by its occurrences: who gives one of them another time with scope `series` moves them all the
 * way it goes, and Exchange is told where the first one goes. By the clock of the series' zone, so that a move across a
 * change of time keeps its hour (contract §5 `updateEvent`; feature C8).
 */
import type { Instant, SeriesMaster } from '@calendar-connector/calendar-model';
import type { EventChanges, EventDetails } from '@calendar-connector/client-protocol';
import { RecurrenceError, resolveTimeZone, TimeZone } from '@calendar-connector/recurrence';

const DAY_MS = 86_400_000;
const UTC = TimeZone.fromIana('Etc/UTC');

type Moved = EventChanges & { readonly start: string; readonly end: string };

/** Is the series given another time, and no other rule that says by itself when it begins? */
export function isSeriesMove(changes: EventChanges): changes is Moved {
  return changes.start !== undefined && changes.end !== undefined && changes.recurrence === undefined;
}

/** The same change told of the first occurrence. `shown`: the occurrence it was told of, as the client sees it. */
export function toldOfFirst(changes: Moved, master: SeriesMaster, shown: Pick<EventDetails, 'start'>): EventChanges {
  try {
    return tell(changes, master, shown);
  } catch (error) {
    // A year that no calendar has: Exchange refuses it in its own words.
    if (error instanceof RecurrenceError) return changes;
    throw error;
  }
}

function tell(changes: Moved, master: SeriesMaster, shown: Pick<EventDetails, 'start'>): EventChanges {
  const zone = resolveTimeZone([master.startTimeZone, master.endTimeZone], UTC).zone;
  const newZone = changes.timeZone === undefined ? zone : resolveTimeZone([{ id: changes.timeZone }], zone).zone;
  const isAllDay = isDate(changes.start);
  const wholeDays = (wall: number): number => (isAllDay ? Math.floor(wall / DAY_MS) * DAY_MS : wall);
  const first = master.allDay && master.startDate !== undefined ? master.startDate : isoText(master.start);
  const step = wallOf(changes.start, newZone) - wholeDays(wallOf(shown.start, zone));
  const start = wholeDays(wallOf(first, zone)) + step;
  const length = Date.parse(changes.end) - Date.parse(changes.start);
  if (isAllDay) return { ...changes, start: dateText(start), end: dateText(start + length) };
  const begin = newZone.toInstant(isoText(start).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length));
  return { ...changes, start: isoText(begin), end: isoText(begin + length) };
}

/** A moment read off the clock of a zone, as if that clock showed UTC; dates are midnights. */
function wallOf(text: string, zone: TimeZone): number {
  return isDate(text) ? Date.parse(text) : Date.parse(`${zone.toLocal(Date.parse(text))}Z`);
}

function isDate(text: string): boolean {
  return text.length === 'YYYY-MM-DD'.length;
}

function isoText(at: Instant): string {
  return new Date(at).toISOString();
}

function dateText(wall: number): string {
  return isoText(wall).slice(0, 'YYYY-MM-DD'.length);
}
