/**
 * What one copy of a meeting becomes when another changes: pure rules of the Calendar Attendant.
 * Sources: MS-OXOCAL 3.1.4.7–3.1.4.9; facts "Meeting state".
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { type Delivery, deliveriesFor, sameAddress } from './delivery.ts';
import type { Mailbox } from './mailbox.ts';
import type { CalendarContent, CalendarRecord, Person, ResponseType, SeriesState } from './model.ts';
import { occurrencesBetween } from './series.ts';

/** AppointmentState bit (MS-OXOCAL asfCanceled). */
export const CANCELLED = 4;
export const CANCELLED_PREFIX = 'Canceled: ';

export function sameDeliveries(
  before: CalendarRecord | undefined,
  after: CalendarRecord | undefined,
  via: string,
): boolean {
  if (before === undefined || after === undefined) return false;
  const shape = (record: CalendarRecord): string =>
    deliveriesFor(record, via)
      .map(
        (delivery) =>
          `${delivery.orphanOf ?? ''}:${delivery.series === undefined ? '' : [...delivery.series.deleted].sort().join(',')}`,
      )
      .join('\n');
  return shape(before) === shape(after);
}

export function recurrenceChanged(held: CalendarRecord, delivery: Delivery): boolean {
  return JSON.stringify(held.series?.recurrence) !== JSON.stringify(delivery.series?.recurrence);
}

/** What an attendee keeps of their own entry when the organizer sends an update. */
export function keepOwn(held: CalendarContent, sent: CalendarContent, mustAnswer: boolean): CalendarContent {
  const own = {
    categories: held.categories,
    reminderSet: held.reminderSet,
    reminderMinutes: held.reminderMinutes,
    opaque: held.opaque,
  };
  const extended = new Map([...held.extended, ...sent.extended]);
  if (mustAnswer || (held.state & CANCELLED) !== 0) return { ...sent, ...own, extended };
  const reply = held.replyTime === undefined ? {} : { replyTime: held.replyTime };
  return { ...sent, ...own, extended, ...reply, myResponse: held.myResponse, freeBusy: held.freeBusy };
}

/** The series as sent, with the attendee's own answers to single occurrences where they still hold. */
export function mergeSeries(
  held: CalendarRecord,
  sent: SeriesState,
  content: CalendarContent,
  mustAnswer: boolean,
): SeriesState {
  if (mustAnswer || held.series === undefined) return sent;
  const exceptions = new Map(sent.exceptions);
  const deleted = new Set(sent.deleted);
  for (const original of held.series.deleted) if (!sent.exceptions.has(original)) deleted.add(original);
  for (const [original, own] of held.series.exceptions) {
    const theirs = sent.exceptions.get(original);
    const wasCancelled = ((own.overlay.state ?? 0) & CANCELLED) !== 0;
    if (sent.deleted.has(original)) {
      if (wasCancelled) {
        deleted.delete(original);
        exceptions.set(original, own);
      }
      continue;
    }
    const start = theirs?.overlay.start ?? original;
    const end = theirs?.overlay.end ?? original + (content.end - content.start);
    if (wasCancelled || own.overlay.start !== start || own.overlay.end !== end || own.overlay.myResponse === undefined)
      continue;
    const { myResponse, freeBusy, replyTime } = own.overlay;
    const answer = {
      myResponse,
      ...(freeBusy === undefined ? {} : { freeBusy }),
      ...(replyTime === undefined ? {} : { replyTime }),
    };
    exceptions.set(original, { originalStart: original, overlay: { ...theirs?.overlay, ...answer, start, end } });
  }
  return { recurrence: sent.recurrence, exceptions, deleted };
}

export function cancelled(content: CalendarContent): CalendarContent {
  const subject = content.subject.startsWith(CANCELLED_PREFIX)
    ? content.subject
    : `${CANCELLED_PREFIX}${content.subject}`;
  return { ...content, subject, state: content.state | CANCELLED | 3, freeBusy: 'Free' };
}

export function spans(
  record: CalendarRecord,
  from: Instant,
  to: Instant,
): { readonly start: Instant; readonly end: Instant }[] {
  if (record.series === undefined) return [record.content];
  return occurrencesBetween(record, from, to).map((occurrence) => occurrence.content);
}

/** The title of an answer as Outlook writes it. */
export function answerSubject(answer: ResponseType, subject: string): string {
  const verb = answer === 'Accept' ? 'Accepted' : answer === 'Decline' ? 'Declined' : 'Tentative';
  return `${verb}: ${subject}`;
}

export function selfOf(box: Mailbox): Person {
  return { name: box.profile.name, address: box.address, routingType: 'SMTP', mailboxType: 'Mailbox' };
}

export function organizerOf(organizer: Mailbox, record: CalendarRecord): Person {
  return sameAddress(record.content.organizer.address, organizer.address)
    ? record.content.organizer
    : selfOf(organizer);
}
