/**
 * Clients know a series by its occurrences: who gives one of them another time with scope `series` moves them all the
 * way it goes, and Exchange is told where the first one goes and on which days the others are then. By the clock of the series' zone, so that a move across a
 * change of time keeps its hour (contract §5 `updateEvent`; feature C8).
 */
import type { Instant, SeriesMaster } from '@calendar-connector/calendar-model';
import type { EventChanges, EventDetails } from '@calendar-connector/client-protocol';
import { RecurrenceError, resolveTimeZone, TimeZone } from '@calendar-connector/recurrence';

import type { ItemChanges } from './event-drafts.ts';
import { movedRecurrence } from './moved-recurrence.ts';

const DAY_MS = 86_400_000;
const UTC = TimeZone.fromIana('Etc/UTC');

type Moved = EventChanges & { readonly start: string; readonly end: string };

/** Is the series given another time, and no other rule that says by itself when it begins? */
export function isSeriesMove(changes: EventChanges): changes is Moved {
  return changes.start !== undefined && changes.end !== undefined && changes.recurrence === undefined;
}

/** The same change told of the first occurrence. `shown`: the occurrence it was told of, as the client sees it. */
export function toldOfFirst(changes: Moved, master: SeriesMaster, shown: Pick<EventDetails, 'start'>): ItemChanges {
  try {
    return tell(changes, master, shown);
  } catch (error) {
    // A year that no calendar has: Exchange refuses it in its own words.
    if (error instanceof RecurrenceError) return changes;
    throw error;
  }
}

function tell(changes: Moved, master: SeriesMaster, shown: Pick<EventDetails, 'start'>): ItemChanges {
  const zone = resolveTimeZone([master.startTimeZone, master.endTimeZone], UTC).zone;
  const newZone = changes.timeZone === undefined ? zone : resolveTimeZone([{ id: changes.timeZone }], zone).zone;
  const isAllDay = isDate(changes.start);
  const wholeDays = (wall: number): number => (isAllDay ? Math.floor(wall / DAY_MS) * DAY_MS : wall);
  const first = master.allDay && master.startDate !== undefined ? master.startDate : isoText(master.start);
  const step = wallOf(changes.start, newZone) - wholeDays(wallOf(shown.start, zone));
  const before = wholeDays(wallOf(first, zone));
  const start = before + step;
  const days = Math.floor(start / DAY_MS) - Math.floor(before / DAY_MS);
  const rule = days === 0 ? {} : { recurrence: movedRecurrence(master.recurrence, days, dateText(start)) };
  const length = Date.parse(changes.end) - Date.parse(changes.start);
  if (isAllDay) return { ...changes, ...rule, start: dateText(start), end: dateText(start + length) };
  const begin = newZone.toInstant(isoText(start).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length));
  return { ...changes, ...rule, start: isoText(begin), end: isoText(begin + length) };
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
