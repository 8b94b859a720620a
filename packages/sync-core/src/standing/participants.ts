/**
 * Who belongs into the conference: the people of the occurrence in progress or next, found by e-mail, by policy where
 * they have no account. Three-way: people somebody added on the server by hand are left alone. SPEC.md §4.4; C4, C6.
 */
import type {
  Attendee,
  Conference,
  ConferenceParticipant,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import { trueConfUserId } from '@calendar-connector/calendar-model';
import type { PlanSettings } from '../model/settings.ts';
import { uniqueAttendees } from '../view/attendees.ts';
import { compareText } from '../view/copies.ts';
import type { Assessment } from './assess.ts';
import { emailOf } from './email.ts';

/** The attendees that count now: those of the exception in focus, otherwise the meeting's. Rooms take no part. */
export function attendeesInFocus(assessment: Assessment, settings: PlanSettings): readonly Attendee[] {
  const { focus, view } = assessment;
  const own = focus?.exception;
  const attendees = own
    ? uniqueAttendees(own.attendees, view.organizer?.address, settings.limits.attendees)
    : view.attendees;
  return attendees.filter((attendee) => attendee.role !== 'resource');
}

export interface WantedParticipants {
  /** sorted by id */
  readonly participants: readonly ConferenceParticipant[];
  /** attendees left out because they have no account */
  readonly unknown: number;
  /** attendees left out because of the limit */
  readonly beyondLimit: number;
  /** false: some accounts could not be found out; nobody may be removed on this evidence */
  readonly complete: boolean;
}

/** The participants the meeting asks for, organizer included. */
export function wantedParticipants(
  assessment: Assessment,
  on: { readonly serverId: TrueConfServerId; readonly access: Conference['access'] },
  users: ReadonlyMap<string, TrueConfUser | null>,
  settings: PlanSettings,
): WantedParticipants {
  const found = new Map<string, ConferenceParticipant>();
  let unknown = 0;
  let beyondLimit = 0;
  let complete = true;
  const { organizer } = assessment.view;
  for (const person of [...(organizer ? [organizer] : []), ...attendeesInFocus(assessment, settings)]) {
    const email = emailOf(person.address);
    const user = email === undefined ? null : users.get(email);
    if (user === undefined) {
      complete = false;
      continue;
    }
    const participant = user?.isActive ? { id: user.id } : guest(email, person.name, on.access, settings);
    if (!participant) unknown += person === organizer ? 0 : 1;
    else if (found.has(userKey(participant.id, on.serverId))) continue;
    else if (found.size >= settings.limits.participants) beyondLimit += 1;
    else found.set(userKey(participant.id, on.serverId), participant);
  }
  const participants = [...found.values()].sort((a, b) => compareText(a.id, b.id));
  return { participants, unknown, beyondLimit, complete };
}

/** A public conference takes e-mail addresses as guests; a private one does not. */
function guest(
  email: string | undefined,
  name: string,
  access: Conference['access'],
  settings: PlanSettings,
): ConferenceParticipant | undefined {
  if (email === undefined || settings.unknownAttendees !== 'guest' || access !== 'public') return undefined;
  return { id: trueConfUserId(email), displayName: name === '' ? email : name };
}

export interface ParticipantChange {
  readonly add: readonly ConferenceParticipant[];
  readonly remove: readonly TrueConfUserId[];
  /** people both sides agree on already, and those still to be removed: the new baseline before anything is written */
  readonly agreed: readonly TrueConfUserId[];
}

/** What to change so that the conference holds the wanted people; only people the connector once agreed on are removed. */
export function compareParticipants(
  wanted: WantedParticipants,
  conference: Pick<Conference, 'participants' | 'owner'>,
  agreed: readonly TrueConfUserId[],
  serverId: TrueConfServerId,
): ParticipantChange {
  const keyOf = (id: TrueConfUserId): string => userKey(id, serverId);
  const owner = keyOf(conference.owner);
  const present = new Map(conference.participants.map((participant) => [keyOf(participant.id), participant.id]));
  const wish = new Set(wanted.participants.map((participant) => keyOf(participant.id)));
  const once = new Set(agreed.map(keyOf));
  const surplus = [...present].filter(([key]) => once.has(key) && !wish.has(key) && key !== owner);
  const kept = [...present].filter(([key]) => wish.has(key) || (once.has(key) && key !== owner));
  return {
    add: wanted.participants.filter(({ id }) => !present.has(keyOf(id)) && keyOf(id) !== owner),
    remove: wanted.complete && wanted.beyondLimit === 0 ? surplus.map(([, id]) => id).sort(compareText) : [],
    agreed: kept.map(([, id]) => id).sort(compareText),
  };
}

/** One key for the forms a server uses for one user: `login`, `LOGIN`, `login@server`. E-mail guests keep their domain. */
export function userKey(id: TrueConfUserId, serverId: TrueConfServerId): string {
  const key = id.toLowerCase();
  const domain = `@${serverId.toLowerCase().split('#')[0] ?? ''}`;
  return domain.length > 1 && key.endsWith(domain) ? key.slice(0, -domain.length) : key;
}

/** True when both ids mean one user of the server. */
export function isSameUser(a: TrueConfUserId, b: TrueConfUserId, serverId: TrueConfServerId): boolean {
  return userKey(a, serverId) === userKey(b, serverId);
}
