/** Events as clients see them: a summary for lists, details for the card. Specified in the contract, section 5. */
import * as z from 'zod';
import { body, calendarId, conference, date, dateTime, eventId, recurrence } from './values.ts';

export const eventSummary = z.object({
  id: eventId,
  calendarId,
  uid: z.string(),
  kind: z.enum(['single', 'occurrence', 'exception']),
  title: z.string(),
  /** all-day events carry dates; `end` is the first day after the event */
  start: z.union([dateTime, date]),
  end: z.union([dateTime, date]),
  allDay: z.boolean(),
  timeZone: z.string(),
  location: z.string(),
  isCancelled: z.boolean(),
  /** grey: no conference; teal: a conference with a join address */
  indicator: z.enum(['grey', 'teal']),
  joinUrl: z.url({ protocol: /^https?$/ }).optional(),
  conference: conference.optional(),
  myResponse: z.enum(['organizer', 'accepted', 'tentative', 'declined', 'none']),
  isPrivate: z.boolean(),
});

const attendee = z.object({
  name: z.string(),
  /** as the server knows it; need not be a well-formed address */
  email: z.string().optional(),
  role: z.enum(['organizer', 'required', 'optional', 'resource']),
  response: z.enum(['accepted', 'tentative', 'declined', 'none']),
});

const person = z.object({ name: z.string(), email: z.string().optional() });

/** `recurrence` is that of the series an occurrence belongs to. HTML in `body` is sanitised by the server. */
export const eventDetails = eventSummary.extend({
  body: body.optional(),
  attendees: z.array(attendee),
  recurrence: recurrence.optional(),
  organizer: person.optional(),
});

export const calendar = z.object({ id: calendarId, title: z.string() });

/** The user the socket belongs to. */
export const user = z.object({ id: z.string().min(1), displayName: z.string(), email: z.string() });

export type EventSummary = z.infer<typeof eventSummary>;
export type EventDetails = z.infer<typeof eventDetails>;
export type EventAttendee = z.infer<typeof attendee>;
export type EventPerson = z.infer<typeof person>;
export type CalendarEntry = z.infer<typeof calendar>;
export type ChannelUser = z.infer<typeof user>;
