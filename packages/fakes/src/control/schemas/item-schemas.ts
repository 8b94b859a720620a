/** Calendar items as the control API takes and shows them: what a person types in Outlook, flat and without EWS. */
import { z } from 'zod';
import { momentOutSchema, momentSchema } from './moments.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
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
] as const;
const dayOfWeek = z.enum(DAYS);
const relativeDay = z.enum([...DAYS, 'Day', 'Weekday', 'WeekendDay']);
const dayOfWeekIndex = z.enum(['First', 'Second', 'Third', 'Fourth', 'Last']);
const interval = z.int().min(1).max(999);
const dayOfMonth = z.int().min(1).max(31);
const month = z.enum(MONTHS);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** Exchange's own words (design/contracts.md §9). */
const recurrenceSchema = z.object({
  pattern: z.discriminatedUnion('type', [
    z.object({ type: z.literal('Daily'), interval }),
    z.object({
      type: z.literal('Weekly'),
      interval,
      daysOfWeek: z.array(dayOfWeek).min(1),
      firstDayOfWeek: dayOfWeek.default('Monday'),
    }),
    z.object({ type: z.literal('AbsoluteMonthly'), interval, dayOfMonth }),
    z.object({ type: z.literal('RelativeMonthly'), interval, daysOfWeek: relativeDay, dayOfWeekIndex }),
    z.object({ type: z.literal('AbsoluteYearly'), dayOfMonth, month }),
    z.object({ type: z.literal('RelativeYearly'), daysOfWeek: relativeDay, dayOfWeekIndex, month }),
  ]),
  range: z.discriminatedUnion('type', [
    z.object({ type: z.literal('NoEnd'), startDate: date }),
    z.object({ type: z.literal('EndDate'), startDate: date, endDate: date }),
    z.object({ type: z.literal('Numbered'), startDate: date, numberOfOccurrences: z.int().min(1).max(9999) }),
  ]),
});

const attendeeSchema = z.union([
  z.string().min(3).describe('address of a required attendee'),
  z.object({
    address: z.string().min(3),
    name: z.string().optional(),
    role: z.enum(['required', 'optional', 'resource']).default('required'),
  }),
]);

const bodySchema = z.union([
  z.string().describe('HTML'),
  z.object({ type: z.enum(['HTML', 'Text']), content: z.string() }),
]);

const send = z
  .enum(['all', 'changed', 'none'])
  .optional()
  .describe('whom the change is announced to; default all, as Outlook does');

const contentShape = {
  subject: z.string().max(255).optional(),
  body: bodySchema.optional(),
  location: z.string().max(255).optional(),
  allDay: z.boolean().optional(),
  timeZone: z.string().optional().describe('Windows or IANA id; default: the zone of the mailbox'),
  attendees: z.array(attendeeSchema).max(1000).optional(),
  sensitivity: z.enum(['Normal', 'Personal', 'Private', 'Confidential']).optional(),
  importance: z.enum(['Low', 'Normal', 'High']).optional(),
  freeBusy: z.enum(['Free', 'Tentative', 'Busy', 'OOF', 'WorkingElsewhere']).optional(),
  categories: z.array(z.string()).optional(),
  joinUrl: z.string().optional().describe('the online meeting link of the item'),
  send,
  by: z.string().optional().describe('address of the delegate who does it for the owner'),
};

export const newItemSchema = z.object({
  ...contentShape,
  subject: z.string().max(255),
  start: momentSchema,
  end: momentSchema,
  recurrence: recurrenceSchema.optional(),
  uid: z.string().optional(),
});
export type NewItemBody = z.output<typeof newItemSchema>;

export const itemPatchSchema = z.object({
  ...contentShape,
  start: momentSchema.optional(),
  end: momentSchema.optional(),
  recurrence: recurrenceSchema.nullable().optional().describe('null: the series becomes a single item'),
  occurrence: momentSchema.optional().describe('original start of the one occurrence meant'),
});
export type ItemPatchBody = z.output<typeof itemPatchSchema>;

const personSchema = z.object({ name: z.string(), address: z.string() });

export const itemSchema = z.object({
  id: z.string(),
  changeKey: z.string(),
  mailbox: z.string(),
  kind: z.enum(['single', 'master', 'occurrence', 'exception']),
  uid: z.string(),
  globalObjectId: z.string(),
  subject: z.string(),
  body: z.string(),
  start: momentOutSchema,
  end: momentOutSchema,
  originalStart: momentOutSchema.optional(),
  allDay: z.boolean(),
  timeZone: z.string(),
  location: z.string(),
  organizer: personSchema,
  attendees: z.array(personSchema.extend({ role: z.string(), response: z.string() })),
  isMeeting: z.boolean(),
  isOrganizer: z.boolean(),
  isCancelled: z.boolean(),
  myResponse: z.string(),
  sensitivity: z.string(),
  freeBusy: z.string(),
  sequence: z.int(),
  recurrence: recurrenceSchema.optional(),
  deletedOccurrences: z.array(momentOutSchema).optional(),
  modifiedOccurrences: z
    .array(z.object({ originalStart: momentOutSchema, start: momentOutSchema, end: momentOutSchema }))
    .optional(),
});
export type ItemBody = z.input<typeof itemSchema>;
