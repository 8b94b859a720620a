/**
 * Does an item already say what a patch wants? Asked when an earlier try of the same change was perhaps carried out: writing
 * it again would mail every guest a second time.
 */
import type { FolderItem } from '@calendar-connector/calendar-model';
import type { EventPatch } from '@calendar-connector/sync-core';

/** False also when it cannot be told: servers rewrite HTML, so a body is never known to be there. */
export function isApplied(patch: EventPatch, item: FolderItem): boolean {
  const { subject, location, start, end, allDay, sensitivity, attendees, recurrence, marker } = patch;
  if (patch.body !== undefined || (recurrence ?? null) !== null) return false;
  return (
    (subject === undefined || subject === item.subject) &&
    (location === undefined || location === item.location) &&
    (allDay === undefined || allDay === item.allDay) &&
    (item.allDay || ((start === undefined || start === item.start) && (end === undefined || end === item.end))) &&
    (!item.allDay ||
      ((patch.startDate === undefined || patch.startDate === item.startDate) &&
        (patch.endDate === undefined || patch.endDate === item.endDate))) &&
    (sensitivity === undefined || sensitivity === item.sensitivity) &&
    (recurrence === undefined || item.kind !== 'seriesMaster') &&
    (marker?.conferenceUrl === undefined || marker.conferenceUrl === (item.marker.conferenceUrl ?? '')) &&
    (attendees === undefined || people(attendees) === people(item.attendees))
  );
}

function people(list: readonly { readonly address?: string; readonly role: string }[]): string {
  return JSON.stringify(
    list
      .filter(({ role }) => role !== 'organizer')
      .map(({ address, role }) => `${role} ${address?.toLowerCase()}`)
      .sort(),
  );
}
