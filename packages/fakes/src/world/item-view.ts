/**
 * A calendar item as the control API and tests see it: flat, with ids as EWS shows them.
 */
import type { Instant, LocalDate, Recurrence } from '@calendar-connector/calendar-model';
import type { EntryIds } from './entry-ids.ts';
import type { Mailbox } from './mailbox.ts';
import type {
  AttendeeEntry,
  CalendarContent,
  CalendarRecord,
  FreeBusy,
  Person,
  ResponseType,
  Sensitivity,
} from './model.ts';
import { viewOf } from './series.ts';

export type ItemViewKind = 'single' | 'master' | 'occurrence' | 'exception';

export interface ItemView {
  readonly id: string;
  readonly changeKey: string;
  readonly mailbox: string;
  readonly kind: ItemViewKind;
  readonly uid: string;
  readonly globalObjectId: string;
  readonly subject: string;
  readonly body: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly originalStart?: Instant;
  readonly allDay: boolean;
  readonly timeZone: string;
  readonly location: string;
  readonly organizer: Person;
  readonly attendees: readonly AttendeeEntry[];
  readonly isMeeting: boolean;
  readonly isOrganizer: boolean;
  readonly isCancelled: boolean;
  readonly myResponse: ResponseType;
  readonly sensitivity: Sensitivity;
  readonly freeBusy: FreeBusy;
  readonly sequence: number;
  readonly recurrence?: Recurrence;
  readonly deletedOccurrences?: readonly Instant[];
  readonly modifiedOccurrences?: readonly {
    readonly originalStart: Instant;
    readonly start: Instant;
    readonly end: Instant;
  }[];
}

interface Ids {
  readonly ids: EntryIds;
}

export function viewItem(world: Ids, box: Mailbox, record: CalendarRecord): ItemView {
  const id = world.ids.item(box.profile.guid, record.folder, record.number);
  const kind = record.orphanOf !== undefined ? 'exception' : record.series === undefined ? 'single' : 'master';
  const view = flat(world, box, record, record.content, id, kind);
  if (record.orphanOf !== undefined) return { ...view, originalStart: record.orphanOf };
  if (record.series === undefined) return view;
  return {
    ...view,
    recurrence: record.series.recurrence,
    deletedOccurrences: [...record.series.deleted].sort((a, b) => a - b),
    modifiedOccurrences: [...record.series.exceptions.values()]
      .map(({ originalStart, overlay }) => ({ originalStart, start: overlay.start, end: overlay.end }))
      .sort((a, b) => a.originalStart - b.originalStart),
  };
}

export function viewOccurrence(world: Ids, box: Mailbox, record: CalendarRecord, originalStart: Instant): ItemView {
  const shown = viewOf(record, originalStart);
  const date: LocalDate = shown.date;
  const id = world.ids.occurrence(box.profile.guid, record.folder, record.number, date);
  return { ...flat(world, box, record, shown.content, id, shown.kind), originalStart };
}

function flat(
  world: Ids,
  box: Mailbox,
  record: CalendarRecord,
  content: CalendarContent,
  id: string,
  kind: ItemViewKind,
): ItemView {
  return {
    id,
    changeKey: world.ids.changeKey(record.change),
    mailbox: box.address,
    kind,
    uid: record.uid,
    globalObjectId: record.globalObjectId,
    subject: content.subject,
    body: content.body.content,
    start: content.start,
    end: content.end,
    allDay: content.allDay,
    timeZone: content.startZone.id,
    location: content.location,
    organizer: content.organizer,
    attendees: content.attendees,
    isMeeting: (content.state & 1) !== 0,
    isOrganizer: content.myResponse === 'Organizer',
    isCancelled: (content.state & 4) !== 0,
    myResponse: content.myResponse,
    sensitivity: content.sensitivity,
    freeBusy: content.freeBusy,
    sequence: content.sequence,
  };
}
