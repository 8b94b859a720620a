/**
 * The Calendar Attendant and the transport between mailboxes: invitations, updates and cancellations become messages in the
 * Inbox and tentative, unanswered entries in the calendar; answers come back to the organizer's copy; rooms answer themselves.
 * Sources: MS-OXOCAL 3.1.4.7–3.1.4.9, 3.1.5; facts "Meeting state".
 */
import type { Instant } from '@calendar-connector/calendar-model';
import {
  answerSubject,
  CANCELLED,
  CANCELLED_PREFIX,
  cancelled,
  keepOwn,
  mergeSeries,
  organizerOf,
  recurrenceChanged,
  sameDeliveries,
  selfOf,
  spans,
} from './attendant-rules.ts';
import { type Delivery, deliveriesFor, everyoneIn, sameAddress } from './delivery.ts';
import type { Directory } from './directory.ts';
import { movesTime } from './drafts.ts';
import { CALENDAR, DELETED_ITEMS, INBOX } from './folders.ts';
import type { Mailbox } from './mailbox.ts';
import type {
  AttendeeEntry,
  Body,
  CalendarContent,
  CalendarRecord,
  ExceptionRecord,
  MeetingMessage,
  Person,
  ResponseType,
  SendMode,
  SeriesState,
  TimeProposal,
} from './model.ts';
import { cleanGlobalObjectId, occurrenceGlobalObjectId } from './object-ids.ts';
import { originalStartOn, viewOf } from './series.ts';
import { toLocal, zoneOf } from './zones.ts';

const REQUEST_CLASS = 'IPM.Schedule.Meeting.Request';
const CANCELLATION_CLASS = 'IPM.Schedule.Meeting.Canceled';
export const RESPONSE_CLASSES: Readonly<Record<string, string>> = {
  Accept: 'IPM.Schedule.Meeting.Resp.Pos',
  Tentative: 'IPM.Schedule.Meeting.Resp.Tent',
  Decline: 'IPM.Schedule.Meeting.Resp.Neg',
};
/** Lists inside lists are followed this deep. */
const LIST_DEPTH = 5;
const YEAR_MS = 366 * 86_400_000;

/** What the attendant needs of the world. */
export interface AttendantWorld {
  readonly directory: Directory;
  readonly now: () => Instant;
  readonly findMailbox: (address: string) => Mailbox | undefined;
  /** room auto-processing */
  readonly isRoom: (address: string) => boolean;
}

/** Sent mail of one change: whom it went to. */
export interface SentReport {
  readonly recipients: readonly string[];
}

export class Attendant {
  readonly #world: AttendantWorld;

  constructor(world: AttendantWorld) {
    this.#world = world;
  }

  /**
   * Tells the attendees what changed between two versions of the organizer's copy. `after` undefined: cancelled.
   * With `changed`, only people who were added or taken off are told.
   */
  distribute(
    organizer: Mailbox,
    before: CalendarRecord | undefined,
    after: CalendarRecord | undefined,
    mode: SendMode,
    note?: Body,
  ): SentReport {
    if (mode === 'none') return { recipients: [] };
    const old = this.#expand(everyoneIn(before));
    const fresh = this.#expand(everyoneIn(after));
    const told: string[] = [];
    for (const [address, entry] of new Map([...old, ...fresh])) {
      if (sameAddress(address, organizer.address)) continue;
      const isListed = old.has(address) && fresh.has(address);
      if (mode === 'changed' && isListed && sameDeliveries(before, after, entry.via)) continue;
      told.push(address);
      this.#tell(organizer, address, entry.via, before, after, note);
    }
    return { recipients: told };
  }

  #expand(people: Map<string, AttendeeEntry>): Map<string, { readonly via: string }> {
    const reached = new Map<string, { readonly via: string }>();
    for (const [key, attendee] of people) {
      for (const address of this.membersOf(attendee.address)) {
        if (!reached.has(address)) reached.set(address, { via: key });
      }
    }
    return reached;
  }

  /** The people behind an address: itself, or the members of a list. */
  membersOf(address: string, depth = LIST_DEPTH): string[] {
    const list = this.#world.directory.findList(address);
    if (list === undefined) return [this.#world.findMailbox(address)?.address.toLowerCase() ?? address.toLowerCase()];
    return depth === 0 ? [] : list.members.flatMap((member) => this.membersOf(member, depth - 1));
  }

  #tell(
    organizer: Mailbox,
    address: string,
    via: string,
    before: CalendarRecord | undefined,
    after: CalendarRecord | undefined,
    note: Body | undefined,
  ): void {
    const box = this.#world.findMailbox(address);
    if (box === undefined) return;
    box.batch(() => {
      const deliveries = after === undefined ? [] : deliveriesFor(after, via);
      const held = before === undefined ? [] : deliveriesFor(before, via);
      for (const delivery of deliveries) this.#receiveRequest(organizer, box, after as CalendarRecord, delivery);
      if (before === undefined) return;
      for (const was of held) {
        const stays = deliveries.some(
          (delivery) => delivery.series !== undefined || delivery.orphanOf === was.orphanOf,
        );
        if (!stays) this.#receiveCancellation(organizer, box, before, was.orphanOf, note);
      }
      this.#announceLostOccurrences(organizer, box, before, after, held[0], deliveries[0], note);
    });
  }

  /** Occurrences that left a series are shown as cancelled, not silently taken away. */
  #announceLostOccurrences(
    organizer: Mailbox,
    box: Mailbox,
    before: CalendarRecord,
    after: CalendarRecord | undefined,
    held: Delivery | undefined,
    now: Delivery | undefined,
    note: Body | undefined,
  ): void {
    if (after === undefined || held?.series === undefined || now?.series === undefined) return;
    if (held.series.recurrence !== now.series.recurrence) return;
    for (const original of now.series.deleted) {
      if (!held.series.deleted.has(original)) this.#receiveCancellation(organizer, box, before, original, note);
    }
  }

  // the attendee's side

  #receiveRequest(organizer: Mailbox, box: Mailbox, source: CalendarRecord, delivery: Delivery): void {
    const globalObjectId = this.#objectId(source, delivery.orphanOf);
    const held = this.findCopy(box, source.globalObjectId, delivery.orphanOf);
    const isUpdate = held !== undefined;
    const mustAnswer =
      held === undefined || movesTime(held.content, delivery.content) || recurrenceChanged(held, delivery);
    const copy =
      held === undefined
        ? this.#newCopy(box, source, delivery, globalObjectId)
        : this.#updateCopy(box, held, delivery, mustAnswer);
    const requestType = !isUpdate ? 'NewMeetingRequest' : mustAnswer ? 'FullUpdate' : 'InformationalUpdate';
    const base = {
      kind: 'request' as const,
      from: organizerOf(organizer, source),
      to: [selfOf(box)],
      response: 'NoResponseReceived' as const,
    };
    const meeting: MeetingMessage = {
      ...base,
      associatedItem: copy.number,
      isDelegated: false,
      isOutOfDate: false,
      processed: true,
      requestType,
    };
    this.#postMessage(box, REQUEST_CLASS, 'MeetingRequest', delivery.content.subject, meeting, copy);
    this.#forwardToDelegates(box, REQUEST_CLASS, 'MeetingRequest', delivery.content.subject, meeting, copy);
    if (this.#world.isRoom(box.address) && mustAnswer) this.#answerForRoom(box, copy);
  }

  #objectId(source: CalendarRecord, orphanOf: Instant | undefined): string {
    if (orphanOf === undefined) return cleanGlobalObjectId(source.globalObjectId);
    return occurrenceGlobalObjectId(source.globalObjectId, toLocal(zoneOf(source.content.startZone), orphanOf).date);
  }

  /** A mailbox's own entry of a meeting; for an orphaned occurrence that very one. */
  findCopy(box: Mailbox, globalObjectId: string, orphanOf?: Instant): CalendarRecord | undefined {
    const calendar = box.findDistinguished('calendar')?.number ?? CALENDAR;
    const found = box.findMeeting(globalObjectId, calendar);
    return found.find((record) => record.orphanOf === orphanOf) ?? undefined;
  }

  #newCopy(box: Mailbox, source: CalendarRecord, delivery: Delivery, globalObjectId: string): CalendarRecord {
    const now = this.#world.now();
    const calendar = box.findDistinguished('calendar')?.number ?? CALENDAR;
    // an invitation to the whole series takes over from entries of single occurrences
    if (delivery.orphanOf === undefined) {
      for (const orphan of box.findMeeting(source.globalObjectId, calendar)) box.remove(orphan.number);
    }
    const record = box.insert({
      kind: 'calendar',
      folder: calendar,
      itemClass: 'IPM.Appointment',
      created: now,
      received: now,
      modified: now,
      modifiedBy: source.content.organizer.name,
      isRead: true,
      isDraft: false,
      isAssociated: false,
      uid: source.uid,
      globalObjectId,
      content: delivery.content,
      ...(delivery.series === undefined ? {} : { series: delivery.series }),
      ...(delivery.orphanOf === undefined ? {} : { orphanOf: delivery.orphanOf }),
    });
    return record as CalendarRecord;
  }

  #updateCopy(box: Mailbox, held: CalendarRecord, delivery: Delivery, mustAnswer: boolean): CalendarRecord {
    const content = keepOwn(held.content, delivery.content, mustAnswer);
    const series = delivery.series === undefined ? undefined : mergeSeries(held, delivery.series, content, mustAnswer);
    const { series: _old, ...rest } = held;
    const now = this.#world.now();
    const next = { ...rest, content, modified: now, modifiedBy: content.organizer.name };
    return box.write(series === undefined ? next : { ...next, series });
  }

  #receiveCancellation(
    organizer: Mailbox,
    box: Mailbox,
    source: CalendarRecord,
    occurrence: Instant | undefined,
    note: Body | undefined,
  ): void {
    const whole = this.findCopy(box, source.globalObjectId);
    const orphan = occurrence === undefined ? undefined : this.findCopy(box, source.globalObjectId, occurrence);
    const now = this.#world.now();
    const touched = { modified: now, modifiedBy: source.content.organizer.name };
    let copy: CalendarRecord | undefined;
    const single = orphan ?? (occurrence === undefined ? whole : undefined);
    if (single !== undefined) {
      copy = box.write({ ...single, ...touched, content: cancelled(single.content) });
    } else if (whole?.series !== undefined && occurrence !== undefined) {
      copy = this.#cancelOccurrence(box, whole, whole.series, occurrence, touched);
    }
    const subject = `${CANCELLED_PREFIX}${source.content.subject}`;
    const meeting: MeetingMessage = {
      kind: 'cancellation',
      from: organizerOf(organizer, source),
      to: [selfOf(box)],
      response: 'Unknown',
      isDelegated: false,
      isOutOfDate: false,
      processed: true,
      requestType: 'None',
      ...(copy === undefined ? {} : { associatedItem: copy.number }),
    };
    this.#postMessage(box, CANCELLATION_CLASS, 'MeetingCancellation', subject, meeting, copy ?? source, note);
    this.#forwardToDelegates(box, CANCELLATION_CLASS, 'MeetingCancellation', subject, meeting, copy ?? source, note);
    if (this.#world.isRoom(box.address) && copy !== undefined && occurrence === undefined) box.remove(copy.number);
  }

  #cancelOccurrence(
    box: Mailbox,
    whole: CalendarRecord,
    series: SeriesState,
    occurrence: Instant,
    touched: { readonly modified: Instant; readonly modifiedBy: string },
  ): CalendarRecord {
    const deleted = new Set(series.deleted);
    const wasShown = deleted.delete(occurrence);
    const base: CalendarRecord = wasShown ? { ...whole, series: { ...series, deleted } } : whole;
    const shown = cancelled(viewOf(base, occurrence).content);
    const exception: ExceptionRecord = {
      originalStart: occurrence,
      overlay: {
        ...base.series?.exceptions.get(occurrence)?.overlay,
        subject: shown.subject,
        state: shown.state,
        freeBusy: 'Free',
        start: shown.start,
        end: shown.end,
      },
    };
    const exceptions = new Map(series.exceptions).set(occurrence, exception);
    return box.write({ ...whole, ...touched, series: { ...series, deleted, exceptions } });
  }

  #postMessage(
    box: Mailbox,
    itemClass: string,
    element: string,
    subject: string,
    meeting: MeetingMessage,
    about: CalendarRecord,
    note?: Body,
  ): void {
    const now = this.#world.now();
    const { uid, globalObjectId, content, series } = about;
    box.insert(
      {
        kind: 'message',
        element,
        folder: INBOX,
        itemClass,
        created: now,
        received: now,
        modified: now,
        modifiedBy: meeting.from.name,
        isRead: false,
        isDraft: false,
        isAssociated: false,
        content: { ...content, subject, reminderSet: false, ...(note === undefined ? {} : { body: note }) },
        meeting,
        calendar: { uid, globalObjectId, content, ...(series === undefined ? {} : { series }) },
      },
      { isNewMail: true },
    );
  }

  #forwardToDelegates(
    box: Mailbox,
    itemClass: string,
    element: string,
    subject: string,
    meeting: MeetingMessage,
    about: CalendarRecord,
    note?: Body,
  ): void {
    for (const delegate of this.#world.directory.delegatesOf(box.address)) {
      if (!delegate.receivesCopies) continue;
      const target = this.#world.findMailbox(delegate.address);
      if (target === undefined) continue;
      const { associatedItem: _item, ...rest } = meeting;
      this.#postMessage(target, itemClass, element, subject, { ...rest, isDelegated: true }, about, note);
    }
  }

  // rooms

  #answerForRoom(box: Mailbox, copy: CalendarRecord): void {
    const answer = this.#hasConflict(box, copy) ? 'Decline' : 'Accept';
    const organizer = copy.content.organizer.name;
    const content: CalendarContent = {
      ...copy.content,
      subject: organizer,
      body: { type: copy.content.body.type, content: '' },
      myResponse: answer,
      freeBusy: copy.content.intendedFreeBusy,
      replyTime: this.#world.now(),
    };
    if (answer === 'Decline') box.remove(copy.number);
    else box.write({ ...copy, content, modified: this.#world.now() });
    this.sendResponse(box, copy, copy.orphanOf, answer);
  }

  #hasConflict(box: Mailbox, copy: CalendarRecord): boolean {
    const mine = spans(copy, copy.content.start, copy.content.start + YEAR_MS);
    const last = mine.at(-1);
    if (last === undefined) return false;
    for (const item of box.itemsIn(copy.folder)) {
      if (item.kind !== 'calendar' || item.number === copy.number || item.content.freeBusy === 'Free') continue;
      for (const other of spans(item, copy.content.start, last.end)) {
        if (mine.some((span) => span.start < other.end && other.start < span.end)) return true;
      }
    }
    return false;
  }

  // answers

  /** Carries an answer to the organizer: a message in the Inbox, the answer in their copy. */
  sendResponse(
    box: Mailbox,
    copy: CalendarRecord,
    occurrence: Instant | undefined,
    answer: ResponseType,
    words: { readonly proposal?: TimeProposal; readonly note?: Body } = {},
  ): void {
    const { proposal, note = { type: 'HTML', content: '' } } = words;
    const organizer = this.#world.findMailbox(copy.content.organizer.address);
    if (organizer === undefined || organizer === box) return;
    organizer.batch(() => {
      const held = this.findCopy(organizer, copy.globalObjectId);
      const meeting: MeetingMessage = {
        kind: 'response',
        from: selfOf(box),
        to: [copy.content.organizer],
        response: answer,
        isDelegated: false,
        isOutOfDate: held === undefined,
        processed: held !== undefined,
        requestType: 'None',
        ...(held === undefined ? {} : { associatedItem: held.number }),
        ...(proposal === undefined ? {} : { proposal }),
      };
      this.#postMessage(
        organizer,
        RESPONSE_CLASSES[answer] ?? REQUEST_CLASS,
        'MeetingResponse',
        answerSubject(answer, copy.content.subject),
        meeting,
        copy,
        note,
      );
      if (held !== undefined) this.#track(organizer, held, selfOf(box), occurrence, answer, proposal);
    });
  }

  #track(
    organizer: Mailbox,
    held: CalendarRecord,
    who: Person,
    occurrence: Instant | undefined,
    answer: ResponseType,
    proposal?: TimeProposal,
  ): void {
    const now = this.#world.now();
    const record = {
      response: answer,
      lastResponse: now,
      ...(proposal === undefined ? {} : { proposedStart: proposal.start, proposedEnd: proposal.end }),
    };
    const answered = (attendees: readonly AttendeeEntry[]): AttendeeEntry[] => {
      const known = attendees.some((attendee) => sameAddress(attendee.address, who.address));
      const list = known ? attendees : [...attendees, { ...who, role: 'optional' as const, response: answer }];
      return list.map((attendee) =>
        sameAddress(attendee.address, who.address) ? { ...attendee, ...record } : attendee,
      );
    };
    if (occurrence === undefined || held.series === undefined) {
      const content = { ...held.content, attendees: answered(held.content.attendees) };
      organizer.write({ ...held, content, modified: now, modifiedBy: who.name });
      return;
    }
    if (
      held.series.deleted.has(occurrence) ||
      originalStartOn(held, toLocal(zoneOf(held.content.startZone), occurrence).date) !== occurrence
    )
      return;
    const shown = viewOf(held, occurrence).content;
    const overlay = {
      ...held.series.exceptions.get(occurrence)?.overlay,
      start: shown.start,
      end: shown.end,
      attendees: answered(shown.attendees),
    };
    const exceptions = new Map(held.series.exceptions).set(occurrence, { originalStart: occurrence, overlay });
    organizer.write({ ...held, series: { ...held.series, exceptions }, modified: now, modifiedBy: who.name });
  }

  /** The organizer's own entry after a cancellation: flagged, in Deleted Items. */
  bury(organizer: Mailbox, record: CalendarRecord): CalendarRecord | undefined {
    const content = { ...record.content, state: record.content.state | CANCELLED };
    const flagged = organizer.write({ ...record, content, modified: this.#world.now() });
    return organizer.move(flagged.number, DELETED_ITEMS) as CalendarRecord | undefined;
  }
}
