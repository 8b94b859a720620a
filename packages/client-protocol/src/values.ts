/** Building blocks of the messages: texts with bounds, times, recurrence. */
import type { ConferenceAccess, ConferenceMode, ConferenceState, Recurrence } from '@calendar-connector/calendar-model';
import * as z from 'zod';
import {
  MAX_EMAIL_CHARACTERS,
  MAX_ID_CHARACTERS,
  MAX_IDEMPOTENCY_KEY_CHARACTERS,
  MAX_INTERVAL,
  MAX_NAME_CHARACTERS,
  MAX_OCCURRENCES,
  MAX_REQUEST_ID_CHARACTERS,
  MAX_TIME_ZONE_CHARACTERS,
} from './limits.ts';

/** Opaque ids: given by the server, sent back unchanged. */
export const calendarId = z.string().min(1).max(MAX_ID_CHARACTERS);
export const eventId = z.string().min(1).max(MAX_ID_CHARACTERS);

/** Chosen by the client, echoed in the answer. */
export const requestId = z.union([z.string().min(1).max(MAX_REQUEST_ID_CHARACTERS), z.int()]);

/** Grows with every change of a calendar; compare only within one calendar. */
export const revision = z.int().min(0);

/** Names one change the user wanted; repeated requests with the same key do it once. */
export const idempotencyKey = z
  .string()
  .max(MAX_IDEMPOTENCY_KEY_CHARACTERS)
  .regex(/^[A-Za-z0-9_.:-]{8,}$/);

/** RFC 3339 with an offset: `2026-03-02T10:00:00+03:00`. */
export const dateTime = z.iso.datetime({ offset: true });
/** A date of an all-day event: `2026-03-02`. */
export const date = z.iso.date();
export const moment = z.union([dateTime, date]);

/** IANA (`Europe/Moscow`) or Windows (`Russian Standard Time`) id. */
export const timeZone = z.string().min(1).max(MAX_TIME_ZONE_CHARACTERS);

export const email = z
  .string()
  .max(MAX_EMAIL_CHARACTERS)
  .regex(/^[^\s@<>"]{1,64}@[^\s@<>"]{1,253}$/);
export const personName = z.string().max(MAX_NAME_CHARACTERS);

export const body = z.object({ type: z.enum(['html', 'text']), content: z.string() });

const dayOfWeek = z.enum(['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']);
const relativeDay = z.enum([...dayOfWeek.options, 'Day', 'Weekday', 'WeekendDay']);
const dayOfWeekIndex = z.enum(['First', 'Second', 'Third', 'Fourth', 'Last']);
const month = z.enum([
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]);

interface Bounds {
  readonly days: number;
  readonly others: number;
  readonly occurrences: number;
}

/** Exchange's own patterns and ranges (calendar-model `Recurrence`). Dates are dates in the event's time zone. */
function recurrenceWithin(make: typeof z.object, { days, others, occurrences }: Bounds) {
  const every = (most: number) => z.int().min(1).max(most);
  const dayOfMonth = z.int().min(1).max(31);
  const pattern = z.discriminatedUnion('type', [
    make({ type: z.literal('Daily'), interval: every(days) }),
    make({
      type: z.literal('Weekly'),
      interval: every(others),
      daysOfWeek: z.array(dayOfWeek).min(1).max(7),
      firstDayOfWeek: dayOfWeek,
    }),
    make({ type: z.literal('AbsoluteMonthly'), interval: every(others), dayOfMonth }),
    make({ type: z.literal('RelativeMonthly'), interval: every(others), daysOfWeek: relativeDay, dayOfWeekIndex }),
    make({ type: z.literal('AbsoluteYearly'), dayOfMonth, month }),
    make({ type: z.literal('RelativeYearly'), daysOfWeek: relativeDay, dayOfWeekIndex, month }),
  ]);
  const range = z.discriminatedUnion('type', [
    make({ type: z.literal('NoEnd'), startDate: date }),
    make({ type: z.literal('EndDate'), startDate: date, endDate: date }),
    make({ type: z.literal('Numbered'), startDate: date, numberOfOccurrences: every(occurrences) }),
  ]);
  return make({ pattern, range });
}

/** What a client may ask for: Exchange's bounds, no unknown field. */
export const recurrenceDraft = recurrenceWithin(z.strictObject as typeof z.object, {
  days: MAX_INTERVAL,
  others: 99,
  occurrences: MAX_OCCURRENCES,
}) satisfies z.ZodType<Recurrence>;

/** What there is, however it was made. */
export const recurrence = recurrenceWithin(z.object, {
  days: Number.MAX_SAFE_INTEGER,
  others: Number.MAX_SAFE_INTEGER,
  occurrences: Number.MAX_SAFE_INTEGER,
});

export const conferenceMode = z.enum([
  'smartMeeting',
  'moderated',
  'allOnScreen',
  'videoLecture',
]) satisfies z.ZodType<ConferenceMode>;
export const conferenceAccess = z.enum(['private', 'public']) satisfies z.ZodType<ConferenceAccess>;
export const conferenceState = z.enum(['running', 'stopped']) satisfies z.ZodType<ConferenceState>;

export const conference = z.object({
  id: z.string().min(1),
  mode: conferenceMode,
  access: conferenceAccess,
  state: conferenceState,
});
