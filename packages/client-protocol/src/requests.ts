/** What clients ask: one schema per method. Specified in the contract, section 5. */
import * as z from 'zod';
import { eventChanges, eventDraft } from './drafts.ts';
import { MAX_COMMENT_CHARACTERS, MAX_LIST_DAYS, MAX_SERVER_CHARACTERS, MAX_TOKEN_CHARACTERS } from './limits.ts';
import { calendarId, dateTime, eventId, idempotencyKey, requestId, revision } from './values.ts';

const DAY_MS = 86_400_000;

/** `this`: the event or occurrence the id names; `series`: the whole series it belongs to. For a single event both are the same. */
const scope = z.enum(['this', 'series']).default('this');
const comment = z.string().max(MAX_COMMENT_CHARACTERS).default('');

function method<const M extends string, S extends z.core.$ZodLooseShape>(name: M, shape: S) {
  return z.strictObject({ method: z.literal(name), requestId: requestId.optional(), ...shape });
}

export const requests = {
  /** The first message: who is this? The connector asks the named server whose token it is. */
  authorize: method('authorize', {
    server: z.string().min(1).max(MAX_SERVER_CHARACTERS),
    token: z.string().min(1).max(MAX_TOKEN_CHARACTERS),
  }),
  /** The user's own calendar; those of principals are opened by their id. */
  getCalendarList: method('getCalendarList', {}),
  /** Events that overlap the half-open span from…to, series expanded. */
  getEventList: method('getEventList', { calendarId, from: dateTime, to: dateTime }).superRefine(
    ({ from, to }, context) => {
      const length = Date.parse(to) - Date.parse(from);
      if (length <= 0) context.addIssue({ code: 'custom', path: ['to'], message: 'must be after from' });
      if (length > MAX_LIST_DAYS * DAY_MS) {
        context.addIssue({ code: 'custom', path: ['to'], message: `the span may be ${MAX_LIST_DAYS} days at most` });
      }
    },
  ),
  /** One event with its body, attendees and recurrence. */
  getEvent: method('getEvent', { eventId }),
  /** Changes of a calendar from now on or, with sinceRevision, from then on. */
  subscribe: method('subscribe', { calendarId, sinceRevision: revision.optional() }),
  createEvent: method('createEvent', { calendarId, event: eventDraft, idempotencyKey }),
  updateEvent: method('updateEvent', { eventId, scope, changes: eventChanges, idempotencyKey }),
  /** The organizer's event is cancelled and the guests are told; an invitation is removed from the own calendar. */
  cancelEvent: method('cancelEvent', { eventId, scope, comment, idempotencyKey }),
  respondToEvent: method('respondToEvent', {
    eventId,
    scope,
    response: z.enum(['accepted', 'tentative', 'declined']),
    comment,
    idempotencyKey,
  }),
} as const;

export type Method = keyof typeof requests;

export const METHODS = Object.keys(requests) as Method[];

/** A request as the server gets it: validated, defaults filled in. */
export type ClientRequest<M extends Method = Method> = { [K in M]: z.output<(typeof requests)[K]> }[M];

/** A request as a client writes it. */
export type ClientRequestInput<M extends Method = Method> = { [K in M]: z.input<(typeof requests)[K]> }[M];

/** Is this text the name of a method? */
export function isMethod(name: unknown): name is Method {
  return typeof name === 'string' && Object.hasOwn(requests, name);
}
