/**
 * What the server says: an answer per method, errors, pushes. Flat JSON, `method` beside the fields.
 * Readers ignore unknown fields: a later minor version may add some.
 */
import * as z from 'zod';
import { errorCode } from './codes.ts';
import { calendar, eventDetails, eventSummary, user } from './events.ts';
import type { Method } from './requests.ts';
import { calendarId, eventId, requestId, revision } from './values.ts';

function answer<const M extends string, S extends z.core.$ZodLooseShape>(name: M, shape: S) {
  return z.object({ method: z.literal(name), requestId: requestId.optional(), ...shape });
}

export const answers = {
  authorize: answer('authorize', { user }),
  getCalendarList: answer('getCalendarList', { calendars: z.array(calendar) }),
  getEventList: answer('getEventList', { events: z.array(eventSummary), revision }),
  getEvent: answer('getEvent', { event: eventDetails }),
  subscribe: answer('subscribe', { revision }),
  createEvent: answer('createEvent', { event: eventDetails }),
  updateEvent: answer('updateEvent', { event: eventDetails }),
  cancelEvent: answer('cancelEvent', { event: eventDetails }),
  respondToEvent: answer('respondToEvent', { event: eventDetails }),
} as const satisfies Record<Method, z.ZodType>;

/** `method` is the one asked for, or "" when the message named none. */
export const errorAnswer = z.object({
  method: z.string(),
  requestId: requestId.optional(),
  error: z.object({
    code: errorCode,
    message: z.string(),
    /** with rateLimited and providerUnavailable */
    retryAfterMs: z.int().min(0).optional(),
  }),
});

export const pushes = {
  /** Events of a subscribed calendar that appeared, changed or went, or whose conference did: state, mode, access, join address. */
  eventsChanged: z.object({
    method: z.literal('eventsChanged'),
    calendarId,
    revision,
    changed: z.array(eventSummary),
    removed: z.array(eventId),
  }),
  /** The calendars the user may see are others now: ask getCalendarList again. */
  calendarsChanged: z.object({ method: z.literal('calendarsChanged') }),
  /** The client fell behind, or the server cannot name the missed changes: read the calendar (or all of them) anew. */
  resync: z.object({ method: z.literal('resync'), calendarId: calendarId.optional() }),
} as const;

export type PushMethod = keyof typeof pushes;

export type Answer<M extends Method = Method> = { [K in M]: z.output<(typeof answers)[K]> }[M];
export type ErrorAnswer = z.output<typeof errorAnswer>;
export type Push<M extends PushMethod = PushMethod> = { [K in M]: z.output<(typeof pushes)[K]> }[M];
export type ServerMessage = Answer | ErrorAnswer | Push;
