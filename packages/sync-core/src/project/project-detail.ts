/**
 * The card of one event: summary, body, people with their answers, recurrence. Answers come from every synced copy of the
 * meeting, so that they change in real time (C5.1 of the guide; features C1, C7). SPEC.md §8.3.
 */
import type { Attendee, Person } from '@calendar-connector/calendar-model';
import type { MeetingCopy } from '../model/meeting.ts';
import type { StoredItem } from '../ports/sync-store.ts';
import { emailOf } from '../standing/email.ts';
import { uniqueAttendees } from '../view/attendees.ts';
import { foldMeeting } from '../view/fold-meeting.ts';
import { exceptionsOf } from '../view/occurrences.ts';
import { compileMaster } from '../view/series.ts';
import type { EventRef } from './event-ids.ts';
import { occurrenceEventId } from './event-ids.ts';
import {
  disclosureOf,
  type EventInTime,
  type ProjectedAttendee,
  type ProjectedDetail,
  projectEvent,
  strictest,
  type ViewOptions,
} from './project-event.ts';

/** People of one card. */
const MAX_PEOPLE = 2000;

/**
 * The card of the event `ref` names. `copies`: the meeting's copies in all synced mailboxes, for the answers; without them
 * the item's own list is shown. undefined: the id names no occurrence (any more), or the viewer may not know of it.
 */
export function projectDetail(
  stored: StoredItem,
  ref: EventRef,
  options: ViewOptions,
  copies: readonly MeetingCopy[] = [],
): ProjectedDetail | undefined {
  const event = locate(stored, ref);
  const summary = event && projectEvent(stored, event, options);
  if (!event || !summary) return undefined;
  const { item } = event;
  const master = stored.item.kind === 'seriesMaster' ? stored.item : undefined;
  const disclosure = strictest(disclosureOf(item, options), disclosureOf(stored.item, options));
  const recurrence = master && { recurrence: master.recurrence };
  if (disclosure !== 'full') return { ...summary, attendees: [], ...recurrence };
  const organizer = item.organizer ?? stored.item.organizer;
  const isMeeting = item.isMeeting || item.attendees.length > 0;
  return {
    ...summary,
    ...(item.body && { body: item.body }),
    attendees: isMeeting ? people(item.attendees, organizer, answersOf(copies)) : [],
    ...recurrence,
    ...(organizer && { organizer: personOf(organizer) }),
  };
}

function locate(stored: StoredItem, { originalStart }: EventRef): EventInTime | undefined {
  const { item, eventId } = stored;
  if (item.kind !== 'seriesMaster' || originalStart === undefined) {
    if (originalStart !== undefined) return undefined;
    const kind = item.kind === 'exception' ? 'exception' : 'single';
    return { id: eventId, kind, item, start: item.start, end: item.end, ownSpan: true };
  }
  const exception = exceptionsOf(item).get(originalStart);
  const id = occurrenceEventId(eventId, originalStart);
  const modified = item.modifiedOccurrences.find((candidate) => candidate.originalStart === originalStart);
  if (modified) {
    const { start, end } = modified;
    return { id, kind: 'exception', item: exception ?? item, start, end, ownSpan: exception !== undefined };
  }
  const found = compileMaster(item)
    ?.between(originalStart, originalStart + 1, { mode: 'start' })
    .find((occurrence) => occurrence.originalStart === originalStart);
  return found && { id, kind: 'occurrence', item, start: found.start, end: found.end, ownSpan: false };
}

/** The freshest answer of each person, by address. */
function answersOf(copies: readonly MeetingCopy[]): ReadonlyMap<string, Attendee['response']> {
  if (copies.length === 0) return new Map();
  const view = foldMeeting(copies, 0, { holdMs: Number.MAX_SAFE_INTEGER, maxAttendees: MAX_PEOPLE });
  return new Map(
    view.attendees.flatMap(({ address, response }) => (address === undefined ? [] : [[address, response] as const])),
  );
}

/** The organizer first, then everybody in the item's order. */
function people(
  attendees: readonly Attendee[],
  organizer: Person | undefined,
  answers: ReadonlyMap<string, Attendee['response']>,
): readonly ProjectedAttendee[] {
  const first: readonly ProjectedAttendee[] = organizer
    ? [{ ...personOf(organizer), role: 'organizer', response: 'accepted' }]
    : [];
  const rest = uniqueAttendees(attendees, organizer?.address, MAX_PEOPLE).map((attendee) => {
    const answer = attendee.address === undefined ? undefined : answers.get(attendee.address);
    const response = answer === undefined || answer === 'none' ? attendee.response : answer;
    return { ...personOf(attendee), role: attendee.role, response };
  });
  return [...first, ...rest];
}

function personOf({ name, address }: Person): { readonly name: string; readonly email?: string } {
  const email = emailOf(address);
  return { name, ...(email !== undefined && { email }) };
}
