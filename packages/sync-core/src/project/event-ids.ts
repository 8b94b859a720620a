/**
 * Event ids as clients see them: the stored id, and for one occurrence of a series its original start behind
 * `.`, in base 36. Stored ids are base64url, which has no `.`: the two forms never collide. SPEC.md §8.1.
 */
import type { Instant } from '@calendar-connector/calendar-model';

/** An event id, taken apart. */
export interface EventRef {
  readonly storedId: string;
  readonly originalStart?: Instant;
}

/** The id of one occurrence of a series. */
export function occurrenceEventId(storedId: string, originalStart: Instant): string {
  return `${storedId}.${originalStart.toString(36)}`;
}

/** Takes an event id apart; anything that is no occurrence's id is a stored id. */
export function parseEventId(eventId: string): EventRef {
  const parts = /^(.+)\.(-?[0-9a-z]{1,11})$/s.exec(eventId);
  if (!parts?.[1] || parts[2] === undefined) return { storedId: eventId };
  const originalStart = Number.parseInt(parts[2], 36);
  return Number.isSafeInteger(originalStart) ? { storedId: parts[1], originalStart } : { storedId: eventId };
}
