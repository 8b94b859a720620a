/**
 * From what a client sends to what the calendar port takes: RFC 3339 moments become instants, dates stay dates.
 * Clients may not choose the organizer, the marker or other mailboxes; only named fields pass.
 */

import type { Attendee, Recurrence } from '@calendar-connector/calendar-model';
import type { EventChanges, EventDraft as WireDraft } from '@calendar-connector/client-protocol';
import type { EventDraft, EventPatch } from '@calendar-connector/sync-core';

/** What a client wants changed, or what that means for the item as a whole: its rule may be one the connector has made. */
export type ItemChanges = Omit<EventChanges, 'recurrence'> & { readonly recurrence?: Recurrence | null | undefined };

type WireAttendee = WireDraft['attendees'][number];

function attendees(list: readonly WireAttendee[]): EventDraft['attendees'] {
  return list.map(
    (person): Pick<Attendee, 'name' | 'address' | 'role'> => ({
      name: person.name ?? person.email,
      address: person.email.toLowerCase(),
      role: person.role,
    }),
  );
}

/** Times of an event; all-day ones carry dates and midnight instants in UTC, which the port replaces by the zone's own. */
function times(
  start: string,
  end: string,
  allDay: boolean,
): Pick<EventDraft, 'start' | 'end' | 'allDay' | 'startDate' | 'endDate'> {
  const span = { start: Date.parse(start), end: Date.parse(end) };
  return allDay ? { ...span, allDay: true, startDate: start, endDate: end } : { ...span, allDay: false };
}

export function draftFrom(wire: WireDraft): EventDraft {
  return {
    subject: wire.title,
    ...times(wire.start, wire.end, wire.allDay),
    timeZone: wire.timeZone,
    location: wire.location,
    ...(wire.body ? { body: wire.body } : {}),
    attendees: attendees(wire.attendees) ?? [],
    ...(wire.recurrence ? { recurrence: wire.recurrence } : {}),
    sensitivity: wire.isPrivate ? 'private' : 'normal',
    ...(wire.conference ? { conference: wire.conference } : {}),
  };
}

/** `fallbackZone`: the event's present zone, used when times change and the client named none. */
export function patchFrom(wire: ItemChanges, fallbackZone: string): EventPatch {
  const moved =
    wire.start !== undefined && wire.end !== undefined
      ? {
          ...times(wire.start, wire.end, wire.allDay ?? wire.start.length === 10),
          timeZone: wire.timeZone ?? fallbackZone,
        }
      : wire.timeZone !== undefined
        ? { timeZone: wire.timeZone }
        : {};
  return {
    ...moved,
    ...(wire.title === undefined ? {} : { subject: wire.title }),
    ...(wire.location === undefined ? {} : { location: wire.location }),
    ...(wire.body === undefined ? {} : { body: wire.body }),
    ...(wire.attendees === undefined ? {} : { attendees: attendees(wire.attendees) ?? [] }),
    ...(wire.recurrence === undefined ? {} : { recurrence: wire.recurrence }),
    ...(wire.isPrivate === undefined
      ? {}
      : { sensitivity: wire.isPrivate ? ('private' as const) : ('normal' as const) }),
    ...(wire.conference ? { conference: wire.conference } : {}),
  };
}
