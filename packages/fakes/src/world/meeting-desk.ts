/**
 * What people do with calendar items, with all consequences: create, change, cancel, delete, answer; whole items or single
 * occurrences. Every operation of Outlook and of EWS ends here.
 * Sources: MS-OXOCAL 3.1.4; Microsoft reference pages of CreateItem, UpdateItem, DeleteItem; facts "Meeting state", "Writes".
 */
import type { Instant, LocalDate } from '@calendar-connector/calendar-model';
import type { Attendant } from './attendant.ts';
import { contentOf, movesTime, patched, trimOverlay } from './drafts.ts';
import { CALENDAR, DELETED_ITEMS, RECOVERABLE_DELETIONS } from './folders.ts';
import type { Mailbox } from './mailbox.ts';
import type {
  Answer,
  Body,
  CalendarContent,
  CalendarDraft,
  CalendarPatch,
  CalendarRecord,
  ResponseType,
  SendMode,
  SeriesState,
  TimeProposal,
} from './model.ts';
import { globalObjectIdOf, newGlobalObjectId } from './object-ids.ts';
import {
  originalStartOn,
  seriesOf,
  shiftRange,
  startSeries,
  viewOf,
  withException,
  withoutOccurrence,
} from './series.ts';
import { WorldError } from './world-error.ts';
import { toLocal, zoneOf } from './zones.ts';

/** An item, or one occurrence of a master. */
export interface ItemRef {
  readonly number: number;
  readonly originalStart?: Instant;
}

export interface WriteOptions {
  readonly send?: SendMode;
  /** name of who does it, when not the owner: a delegate */
  readonly by?: string;
  readonly folder?: number;
}

export type Disposal = 'hard' | 'soft' | 'deletedItems';

interface DeskWorld {
  readonly clock: { now(): Instant };
  readonly zone: { readonly id: string };
  readonly attendant: Attendant;
  readonly behaviour: { readonly acceptRecreates: boolean; readonly declineRemoves: boolean };
  chance(): readonly number[];
}

const ANSWERS: Readonly<Record<Answer, ResponseType>> = {
  accept: 'Accept',
  tentative: 'Tentative',
  decline: 'Decline',
};
const CANCELLED = 4;

export interface WriteResult {
  readonly record: CalendarRecord;
  /** whom messages went to */
  readonly recipients: readonly string[];
}

const NOBODY: Pick<WriteResult, 'recipients'> = { recipients: [] };

export class MeetingDesk {
  readonly #world: DeskWorld;

  constructor(world: DeskWorld) {
    this.#world = world;
  }

  get #now(): Instant {
    return this.#world.clock.now();
  }

  /** Finds an item by number and, for an occurrence, its original start. Throws ErrorItemNotFound. */
  locate(
    box: Mailbox,
    number: number,
    folder: number,
    date: LocalDate | undefined,
    occurrence: Instant | undefined,
  ): ItemRef {
    const record = box.find(number);
    if (record === undefined || record.folder !== folder) throw notFound();
    if (date === undefined && occurrence === undefined) return { number };
    if (record.kind !== 'calendar' || record.series === undefined) throw notFound();
    const zone = zoneOf(record.content.startZone);
    const original = originalStartOn(record, date ?? toLocal(zone, occurrence ?? 0).date);
    if (original === undefined) throw notFound();
    return { number, originalStart: original };
  }

  create(box: Mailbox, draft: CalendarDraft, options: WriteOptions): WriteResult {
    const owner = {
      name: box.profile.name,
      address: box.address,
      routingType: 'SMTP',
      mailboxType: 'Mailbox' as const,
    };
    const send = options.send ?? 'none';
    const typed = contentOf(draft, owner, { id: box.profile.timeZone });
    const content = { ...typed, requestSent: send !== 'none' && typed.attendees.length > 0 };
    const now = this.#now;
    const uid = draft.uid ?? newGlobalObjectId(now, this.#world.chance());
    const series = draft.recurrence === undefined ? undefined : startSeries(content, draft.recurrence);
    const aligned = series === undefined ? content : alignToFirst(content, series);
    const record = box.insert({
      kind: 'calendar',
      folder: options.folder ?? box.findDistinguished('calendar')?.number ?? CALENDAR,
      itemClass: draft.itemClass ?? 'IPM.Appointment',
      created: now,
      received: now,
      modified: now,
      modifiedBy: options.by ?? box.profile.name,
      isRead: true,
      isDraft: false,
      isAssociated: false,
      uid,
      globalObjectId: globalObjectIdOf(uid),
      content: aligned,
      ...(series === undefined || draft.recurrence === undefined
        ? {}
        : { series: aligned === content ? series : startSeries(aligned, draft.recurrence) }),
    }) as CalendarRecord;
    const { recipients } = this.#world.attendant.distribute(box, undefined, record, send);
    return { record, recipients };
  }

  update(box: Mailbox, ref: ItemRef, patch: CalendarPatch, options: WriteOptions): WriteResult {
    const before = getCalendar(box, ref.number);
    const by = options.by ?? box.profile.name;
    const mine = before.content.myResponse === 'Organizer';
    const send = mine ? (options.send ?? 'none') : 'none';
    const changed = this.#patched(before, ref, patch);
    const sent = send !== 'none' && hasAttendees(changed);
    const stamped: CalendarRecord = {
      ...changed,
      content: sent
        ? { ...changed.content, sequence: changed.content.sequence + 1, requestSent: true }
        : changed.content,
      modified: this.#now,
      modifiedBy: by,
    };
    const after = resetAnswers(before, stamped, sent);
    const record = box.write(after);
    const { recipients } = this.#world.attendant.distribute(box, before, record, send);
    return { record, recipients };
  }

  /** What an item would become, without writing it. */
  preview(box: Mailbox, ref: ItemRef, patch: CalendarPatch): CalendarRecord {
    return this.#patched(getCalendar(box, ref.number), ref, patch);
  }

  #patched(before: CalendarRecord, ref: ItemRef, patch: CalendarPatch): CalendarRecord {
    return ref.originalStart === undefined
      ? this.#patchWhole(before, patch)
      : this.#patchOccurrence(before, ref.originalStart, patch);
  }

  #patchWhole(before: CalendarRecord, patch: CalendarPatch): CalendarRecord {
    const content = patched(before.content, patch);
    const withUid =
      patch.uid === undefined || patch.uid === before.uid
        ? before
        : { ...before, uid: patch.uid, globalObjectId: globalObjectIdOf(patch.uid) };
    if (patch.recurrence === null) {
      const { series: _series, ...single } = withUid;
      return { ...single, content };
    }
    if (patch.recurrence !== undefined) {
      const series = startSeries(content, patch.recurrence);
      const aligned = alignToFirst(content, series);
      return {
        ...withUid,
        content: aligned,
        series: aligned === content ? series : startSeries(aligned, patch.recurrence),
      };
    }
    if (before.series === undefined) return { ...withUid, content };
    const isMoved = movesTime(before.content, content) || before.content.startZone.id !== content.startZone.id;
    if (!isMoved) {
      return { ...withUid, content, series: { ...before.series } };
    }
    // another time drops all exceptions, as Outlook does
    const { pattern, range } = before.series.recurrence;
    const startDate = toLocal(zoneOf(content.startZone), content.start).date;
    const wasDate = toLocal(zoneOf(before.content.startZone), before.content.start).date;
    const recurrence = { pattern, range: startDate === wasDate ? range : shiftRange(range, startDate) };
    return { ...withUid, content, series: startSeries(content, recurrence) };
  }

  #patchOccurrence(before: CalendarRecord, originalStart: Instant, patch: CalendarPatch): CalendarRecord {
    if (patch.recurrence !== undefined) {
      throw new WorldError('ErrorCalendarInvalidPropertyState', 'Recurrence cannot be set on an occurrence.');
    }
    const shown = viewOf(before, originalStart).content;
    const content = patched(shown, patch);
    const known = before.series?.exceptions.get(originalStart)?.overlay;
    const { recurrence: _recurrence, uid: _uid, ...own } = patch;
    const overlay = trimOverlay(before.content, {
      ...known,
      ...own,
      state: content.state,
      start: content.start,
      end: content.end,
    });
    return { ...before, series: withException(before, { originalStart, overlay }) };
  }

  /** The organizer cancels: everybody is told, the own copy goes to Deleted Items. */
  cancel(box: Mailbox, ref: ItemRef, send: SendMode = 'all', note?: Body): CalendarRecord | undefined {
    const before = getCalendar(box, ref.number);
    if (before.content.myResponse !== 'Organizer') {
      throw new WorldError('ErrorCalendarIsNotOrganizer', 'The account is not the meeting organizer.');
    }
    if (ref.originalStart !== undefined) {
      return this.#removeOccurrence(box, before, ref.originalStart, send, note).record;
    }
    this.#world.attendant.distribute(box, before, undefined, send, note);
    return this.#world.attendant.bury(box, before);
  }

  #removeOccurrence(
    box: Mailbox,
    before: CalendarRecord,
    originalStart: Instant,
    send: SendMode,
    note?: Body,
  ): WriteResult {
    const after = box.write({
      ...before,
      series: withoutOccurrence(before, originalStart),
      modified: this.#now,
      modifiedBy: box.profile.name,
    });
    const isMine = before.content.myResponse === 'Organizer';
    const { recipients } = isMine ? this.#world.attendant.distribute(box, before, after, send, note) : NOBODY;
    return { record: after, recipients };
  }

  /** Deletes an item. The organizer of a meeting cancels it by that unless nobody is to be told. Tells who was told. */
  remove(box: Mailbox, ref: ItemRef, how: Disposal, send: SendMode): readonly string[] {
    const record = box.find(ref.number);
    if (record === undefined) throw notFound();
    let told: readonly string[] = [];
    if (record.kind === 'calendar') {
      if (ref.originalStart !== undefined)
        return this.#removeOccurrence(box, record, ref.originalStart, send).recipients;
      const isMeeting =
        hasAttendees(record) && record.content.myResponse === 'Organizer' && (record.content.state & CANCELLED) === 0;
      if (isMeeting && send !== 'none')
        told = this.#world.attendant.distribute(box, record, undefined, send).recipients;
    }
    dispose(box, ref.number, how);
    return told;
  }

  /** Accepts, tentatively accepts or declines. Returns the entry as it is afterwards, a declined one in Deleted Items. */
  respond(
    box: Mailbox,
    ref: ItemRef,
    answer: Answer,
    options: {
      readonly send: boolean;
      readonly by?: string;
      readonly proposal?: TimeProposal;
      readonly note?: Body;
    },
  ): CalendarRecord | undefined {
    const record = this.#invitation(box, ref, answer);
    const response = ANSWERS[answer];
    const occurrence = ref.originalStart ?? record.orphanOf;
    const remaining = box.batch(() =>
      ref.originalStart === undefined
        ? this.#answerWhole(box, record, response, options.by)
        : this.#answerOccurrence(box, record, ref.originalStart, response, options.by),
    );
    if (options.send) this.#world.attendant.sendResponse(box, record, occurrence, response, options);
    return remaining;
  }

  #invitation(box: Mailbox, ref: ItemRef, answer: Answer): CalendarRecord {
    const record = getCalendar(box, ref.number);
    const verb = { accept: 'Accept', tentative: 'Tentative', decline: 'Decline' }[answer];
    if (record.content.myResponse === 'Organizer') {
      throw new WorldError(`ErrorCalendarIsOrganizerFor${verb}`, 'The account is the meeting organizer.');
    }
    const shown = ref.originalStart === undefined ? record.content : viewOf(record, ref.originalStart).content;
    if ((shown.state & CANCELLED) !== 0) {
      throw new WorldError(`ErrorCalendarIsCancelledFor${verb}`, 'The meeting has been cancelled.');
    }
    return record;
  }

  #answerWhole(
    box: Mailbox,
    record: CalendarRecord,
    response: ResponseType,
    by: string | undefined,
  ): CalendarRecord | undefined {
    const series =
      record.series === undefined
        ? undefined
        : { ...record.series, exceptions: answeredExceptions(record, response, this.#now) };
    const next: CalendarRecord = {
      ...record,
      content: answered(record.content, response, this.#now),
      modified: this.#now,
      modifiedBy: by ?? box.profile.name,
      ...(series === undefined ? {} : { series }),
    };
    if (response === 'Decline' && this.#world.behaviour.declineRemoves) {
      box.write(next);
      return box.move(record.number, DELETED_ITEMS) as CalendarRecord | undefined;
    }
    if (this.#world.behaviour.acceptRecreates) {
      box.remove(record.number);
      return box.insert(next) as CalendarRecord;
    }
    return box.write(next);
  }

  #answerOccurrence(
    box: Mailbox,
    record: CalendarRecord,
    originalStart: Instant,
    response: ResponseType,
    by: string | undefined,
  ): CalendarRecord {
    const touched = { modified: this.#now, modifiedBy: by ?? box.profile.name };
    if (response === 'Decline' && this.#world.behaviour.declineRemoves) {
      return box.write({ ...record, ...touched, series: withoutOccurrence(record, originalStart) });
    }
    const shown = answered(viewOf(record, originalStart).content, response, this.#now);
    const known = record.series?.exceptions.get(originalStart)?.overlay;
    const { myResponse, freeBusy, replyTime = this.#now, start, end } = shown;
    const overlay = { ...known, myResponse, freeBusy, replyTime, start, end };
    return box.write({ ...record, ...touched, series: withException(record, { originalStart, overlay }) });
  }
}

/** Takes an item out of its folder the way somebody asked for. */
export function dispose(box: Mailbox, number: number, how: Disposal): void {
  if (how === 'hard') box.remove(number);
  else box.move(number, how === 'soft' ? RECOVERABLE_DELETIONS : DELETED_ITEMS);
}

/** A master's own start is its first occurrence. */
function alignToFirst(content: CalendarContent, series: SeriesState): CalendarContent {
  const start = seriesOf({ content, series } as CalendarRecord).first()?.start ?? content.start;
  return start === content.start ? content : { ...content, start, end: start + (content.end - content.start) };
}

function answered(content: CalendarContent, response: ResponseType, now: Instant): CalendarContent {
  const freeBusy = response === 'Accept' ? content.intendedFreeBusy : response === 'Tentative' ? 'Tentative' : 'Free';
  return { ...content, myResponse: response, freeBusy, replyTime: now, state: content.state | 3 };
}

/** An answer to the whole series replaces the answers to single occurrences. */
function answeredExceptions(
  record: CalendarRecord,
  response: ResponseType,
  now: Instant,
): NonNullable<CalendarRecord['series']>['exceptions'] {
  const exceptions = new Map(record.series?.exceptions);
  for (const [original, exception] of exceptions) {
    if (exception.overlay.myResponse === undefined) continue;
    const shown = answered(viewOf(record, original).content, response, now);
    exceptions.set(original, {
      originalStart: original,
      overlay: { ...exception.overlay, myResponse: response, freeBusy: shown.freeBusy, replyTime: now },
    });
  }
  return exceptions;
}

/** When the time moves and people are told, the organizer waits for new answers. */
function resetAnswers(before: CalendarRecord, after: CalendarRecord, sent: boolean): CalendarRecord {
  if (!sent) return after;
  const isMoved = movesTime(before.content, after.content) || before.series?.recurrence !== after.series?.recurrence;
  if (!isMoved) return after;
  const attendees = after.content.attendees.map(({ lastResponse: _last, ...attendee }) => ({
    ...attendee,
    response: 'Unknown' as const,
  }));
  return { ...after, content: { ...after.content, attendees } };
}

export function hasAttendees(record: CalendarRecord): boolean {
  if (record.content.attendees.length > 0) return true;
  for (const exception of record.series?.exceptions.values() ?? [])
    if ((exception.overlay.attendees ?? []).length > 0) return true;
  return false;
}

function getCalendar(box: Mailbox, number: number): CalendarRecord {
  const record = box.find(number);
  if (record?.kind !== 'calendar') throw notFound();
  return record;
}

function notFound(): WorldError {
  return new WorldError('ErrorItemNotFound', 'The specified object was not found in the store.');
}
