/**
 * The people of a meeting with their answers. Only the organizer's copy lists answers, and late; an attendee's own copy
 * knows that attendee's answer at once (feature C7). SPEC.md §2.4.
 */
import type { Attendee, FolderItem, MailboxAddress } from '@calendar-connector/calendar-model';
import type { MailboxCopies } from './copies.ts';
import type { FoldedAttendee, SourceCopy } from './meeting-view.ts';

/** Attendees of the source copy, each with the freshest answer known; bounded, one entry per address. */
export function foldAttendees(
  source: SourceCopy,
  mailboxes: readonly MailboxCopies[],
  limit: number,
): readonly FoldedAttendee[] {
  const own = new Map(mailboxes.map((copies) => [copies.mailbox as string, copies]));
  return uniqueAttendees(source.item.attendees, source.item.organizer?.address, limit).map((attendee) => {
    const copy = attendee.address === undefined ? undefined : own.get(attendee.address);
    const answer = copy?.missingSince === undefined ? ownAnswer(copy?.best.item) : undefined;
    if (answer) return { ...attendee, response: answer, answeredIn: 'ownCopy' };
    return attendee.response === 'none' ? attendee : { ...attendee, answeredIn: 'organizersCopy' };
  });
}

/** One entry per address; the organizer is not an attendee of the own meeting (Outlook 2019 lists them). */
export function uniqueAttendees(
  attendees: readonly Attendee[],
  organizer: MailboxAddress | string | undefined,
  limit: number,
): readonly Attendee[] {
  const seen = new Set<string>(organizer === undefined ? [] : [organizer]);
  const unique: Attendee[] = [];
  for (const attendee of attendees) {
    if (unique.length >= limit) break;
    if (attendee.address !== undefined) {
      if (seen.has(attendee.address)) continue;
      seen.add(attendee.address);
    }
    unique.push(attendee);
  }
  return unique;
}

function ownAnswer(item: FolderItem | undefined): Attendee['response'] | undefined {
  if (!item || item.isOrganizer) return undefined;
  return item.myResponse === 'none' || item.myResponse === 'organizer' ? undefined : item.myResponse;
}
