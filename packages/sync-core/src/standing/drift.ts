/**
 * Whether a conference is another than when its meeting was settled last: people change conferences on the server, and
 * nobody watches while the service is down. SPEC.md §5.5.
 */
import type { Conference } from '@calendar-connector/calendar-model';
import type { BoundMeeting } from '../ports/sync-store.ts';
import { isSameUser, userKey } from './participants.ts';

/** `conference`: as the server lists it now; undefined: a complete list does not have it. Time and state are no drift. */
export function hasDrifted({ binding, agreed }: BoundMeeting, conference: Conference | undefined): boolean {
  if (!conference) return binding.removed !== true;
  // What is only shown has nothing agreed but what clients are told of it.
  if (!agreed) {
    const { mode = conference.mode, access = conference.access } = binding;
    return binding.removed === true || mode !== conference.mode || access !== conference.access;
  }
  const { serverId } = binding;
  const present = new Set(conference.participants.map(({ id }) => userKey(id, serverId)));
  const { topic, description, owner, mode, access } = agreed;
  return (
    topic !== conference.topic ||
    (description ?? '') !== (conference.description ?? '') ||
    (owner !== undefined && !isSameUser(owner, conference.owner, serverId)) ||
    mode !== conference.mode ||
    access !== conference.access ||
    agreed.participants.some((id) => !present.has(userKey(id, serverId)))
  );
}
