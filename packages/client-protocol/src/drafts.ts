/**
 * What a user wants an event to be: the payload of createEvent and updateEvent.
 * Unknown keys are refused: a mistyped `attendes` must not silently lose the guests.
 */
import * as z from 'zod';
import { MAX_ATTENDEES, MAX_BODY_CHARACTERS, MAX_LOCATION_CHARACTERS, MAX_TITLE_CHARACTERS } from './limits.ts';
import { conferenceAccess, conferenceMode, email, moment, personName, recurrenceDraft, timeZone } from './values.ts';

const DAY_MS = 86_400_000;

const attendeeDraft = z.strictObject({
  email,
  name: personName.optional(),
  role: z.enum(['required', 'optional', 'resource']).default('required'),
});

/** Options of the conference to bind to the event. */
const conferenceDraft = z.strictObject({
  mode: conferenceMode.default('smartMeeting'),
  access: conferenceAccess.default('private'),
});

const fields = {
  title: z.string().min(1).max(MAX_TITLE_CHARACTERS),
  start: moment,
  end: moment,
  allDay: z.boolean(),
  timeZone,
  location: z.string().max(MAX_LOCATION_CHARACTERS),
  body: z.strictObject({ type: z.enum(['html', 'text']), content: z.string().max(MAX_BODY_CHARACTERS) }),
  attendees: z.array(attendeeDraft).max(MAX_ATTENDEES),
  isPrivate: z.boolean(),
};

/**
 * A new event. With `allDay` start and end are dates and `end` is the first day after it; otherwise both carry an offset.
 * `timeZone` is the zone the event is planned in: recurring events keep their wall time there.
 * `conference` absent: an event without a conference.
 */
export const eventDraft = z
  .strictObject({
    title: fields.title,
    start: fields.start,
    end: fields.end,
    allDay: fields.allDay.default(false),
    timeZone: fields.timeZone,
    location: fields.location.default(''),
    body: fields.body.optional(),
    attendees: fields.attendees.default([]),
    recurrence: recurrenceDraft.optional(),
    isPrivate: fields.isPrivate.default(false),
    conference: conferenceDraft.optional(),
  })
  .superRefine((draft, context) => {
    for (const fault of timeFaults(draft)) context.addIssue({ code: 'custom', ...fault });
  });

/**
 * Changes of an event: what is absent stays. `start` and `end` come together, with `timeZone` when the zone changes.
 * `conference: null` unbinds and removes the conference, `recurrence: null` makes a series a single event (scope `series` only).
 */
export const eventChanges = z
  .strictObject({
    title: fields.title.optional(),
    start: fields.start.optional(),
    end: fields.end.optional(),
    allDay: fields.allDay.optional(),
    timeZone: fields.timeZone.optional(),
    location: fields.location.optional(),
    body: fields.body.optional(),
    attendees: fields.attendees.optional(),
    recurrence: recurrenceDraft.nullable().optional(),
    isPrivate: fields.isPrivate.optional(),
    conference: conferenceDraft.nullable().optional(),
  })
  .superRefine((changes, context) => {
    for (const fault of changeFaults(changes)) context.addIssue({ code: 'custom', ...fault });
  });

export type EventDraft = z.output<typeof eventDraft>;
export type EventDraftInput = z.input<typeof eventDraft>;
export type EventChanges = z.output<typeof eventChanges>;
export type EventChangesInput = z.input<typeof eventChanges>;

interface Fault {
  readonly path: string[];
  readonly message: string;
}

interface Times {
  readonly start: string;
  readonly end: string;
  readonly allDay?: boolean | undefined;
}

function timeFaults({ start, end, allDay }: Times): Fault[] {
  const forms = [isDate(start), isDate(end)];
  if (allDay === true && forms.includes(false)) return [fault('start', 'an all-day event has dates: YYYY-MM-DD')];
  if (allDay !== true && forms.includes(true))
    return [fault('start', 'a time with an offset is needed unless allDay is true')];
  const length = Date.parse(end) - Date.parse(start);
  if (allDay === true && length < DAY_MS) return [fault('end', 'must be after start: the first day after the event')];
  return length < 0 ? [fault('end', 'must not be before start')] : [];
}

function changeFaults(changes: z.output<typeof eventChanges>): Fault[] {
  const { start, end, allDay } = changes;
  if (Object.keys(changes).length === 0) return [fault('', 'nothing to change')];
  if ((start === undefined) !== (end === undefined))
    return [fault(start ? 'end' : 'start', 'start and end come together')];
  if (allDay !== undefined && start === undefined) return [fault('start', 'allDay needs start and end')];
  if (start === undefined || end === undefined) return [];
  return timeFaults({ start, end, allDay: allDay ?? (isDate(start) && isDate(end)) });
}

function fault(key: string, message: string): Fault {
  return { path: key ? [key] : [], message };
}

function isDate(text: string): boolean {
  return text.length === 'YYYY-MM-DD'.length;
}
