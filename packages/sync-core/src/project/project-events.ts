/**
 * A window of a calendar as a client sees it: series expanded, exceptions in their place, private events masked.
 * Pure over what storage gives; the cost depends on the window. SPEC.md §8; features C1, C8, C9, C13, D3.
 */
import type { Instant, SeriesMaster } from '@calendar-connector/calendar-model';
import type { StoredItem } from '../ports/sync-store.ts';
import { compareText } from '../view/copies.ts';
import { exceptionsOf, lastInstant } from '../view/occurrences.ts';
import { compileMaster } from '../view/series.ts';
import { occurrenceEventId } from './event-ids.ts';
import { type EventInTime, type ProjectedEvent, projectEvent, type ViewOptions } from './project-event.ts';

/** Occurrences of one series in one answer; a daily series over `MAX_LIST_DAYS` stays well below. */
export const MAX_OCCURRENCES_PER_SERIES = 2000;

/** The events that overlap `from`…`to` (half-open), by start. */
export function projectEvents(
  items: readonly StoredItem[],
  from: Instant,
  to: Instant,
  options: ViewOptions,
): readonly ProjectedEvent[] {
  const found: { readonly at: Instant; readonly event: ProjectedEvent }[] = [];
  for (const stored of items) {
    for (const inTime of eventsInTime(stored, from, to, options.recurringWindow)) {
      const event = projectEvent(stored, inTime, options);
      if (event) found.push({ at: inTime.start, event });
    }
  }
  return found.sort((a, b) => a.at - b.at || compareText(a.event.id, b.event.id)).map(({ event }) => event);
}

/** An item's events inside a window: itself, or the occurrences of a series. */
export function eventsInTime(
  stored: StoredItem,
  from: Instant,
  to: Instant,
  recurring?: { readonly from: Instant; readonly to: Instant },
): readonly EventInTime[] {
  const { item, eventId } = stored;
  if (item.kind === 'seriesMaster') {
    const low = Math.max(from, recurring?.from ?? from);
    const high = Math.min(to, recurring?.to ?? to);
    return low < high ? occurrencesIn(item, eventId, low, high) : [];
  }
  if (item.start >= to || lastInstant(item) <= from) return [];
  return [{ id: eventId, kind: item.kind, item, start: item.start, end: item.end, ownSpan: true }];
}

function occurrencesIn(master: SeriesMaster, eventId: string, from: Instant, to: Instant): readonly EventInTime[] {
  const series = compileMaster(master);
  if (!series) return unreadable(master, eventId, from, to);
  const exceptions = exceptionsOf(master);
  return series.between(from, to, { limit: MAX_OCCURRENCES_PER_SERIES }).map(({ start, end, originalStart, kind }) => {
    const exception = kind === 'exception' ? exceptions.get(originalStart) : undefined;
    const id = occurrenceEventId(eventId, originalStart);
    return { id, kind, item: exception ?? master, start, end, ownSpan: exception !== undefined };
  });
}

/** A series whose recurrence cannot be understood is shown once, where its master stands. */
function unreadable(item: SeriesMaster, id: string, from: Instant, to: Instant): readonly EventInTime[] {
  if (item.start >= to || lastInstant(item) <= from) return [];
  return [{ id, kind: 'single', item, start: item.start, end: item.end, ownSpan: true }];
}
