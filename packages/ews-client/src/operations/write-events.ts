/**
 * Creates, changes, cancels and answers events. Creating is idempotent by a marker property; changing reads the item
 * first, so that the four time fields are complete and a stale change key is noticed.
 */
import {
  type CalendarItem,
  type FolderItem,
  type ItemMarker,
  itemId,
  MARKER,
} from '@calendar-connector/calendar-model';
import type { EventAddress, EventDraft, EventPatch, MailPolicy, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { RawMessage } from '../decoder/response-grammar.ts';
import { EwsError } from '../errors/ews-error.ts';
import { wireMarker, wireOfDraft, wireOfPatch } from '../translate/draft.ts';
import type { Target } from '../transport/ews-transport.ts';
import type { WireItem } from '../wire/item-writers.ts';
import { findByMarker } from '../wire/read-requests.ts';
import { createItem, deleteItem, type ResponseName, respondToItem, updateItem } from '../wire/write-requests.ts';
import type { BatchSize } from './batch-size.ts';
import { callOne, type OperationContext, protocolError, targetOf } from './context.ts';
import { findOccurrence } from './find-occurrence.ts';
import { readCalendarItems } from './read-calendar-items.ts';
import { errorOfUnreadable } from './unreadable.ts';

const MAX_CONFLICTS = 3;

export class EventWriter {
  readonly #context: OperationContext;
  readonly #size: BatchSize;
  /** creations under way, so that two calls with one key make one item */
  readonly #creating = new Map<string, Promise<FolderItem>>();

  constructor(context: OperationContext, size: BatchSize) {
    this.#context = context;
    this.#size = size;
  }

  async create(
    mailbox: ResolvedMailbox,
    draft: EventDraft,
    writeKey: string,
    mail: MailPolicy,
    signal: AbortSignal,
  ): Promise<FolderItem> {
    const key = `${mailbox.address} ${writeKey}`;
    const underWay = this.#creating.get(key);
    if (underWay !== undefined) return await underWay;
    const creating = this.#create(mailbox, draft, writeKey, mail, signal);
    this.#creating.set(key, creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(key);
    }
  }

  async update(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    patch: EventPatch,
    mail: MailPolicy,
    signal: AbortSignal,
  ): Promise<FolderItem> {
    const { zones, timeZone } = this.#context.options;
    await this.#change(mailbox, address, mail, signal, (present) => {
      if (isWritten(patch, present)) return {};
      const { ifLocation } = patch;
      if (ifLocation !== undefined && ifLocation !== present.location) throw movedMeanwhile(mailbox.address);
      return wireOfPatch(patch, present, zones, timeZone);
    });
    return await this.#get(mailbox, address.itemId, signal);
  }

  async writeMarker(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    marker: ItemMarker,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#change(mailbox, address, 'none', signal, () => ({ marker: wireMarker(marker) }));
  }

  /** Organizer's meeting: cancelled for everybody unless nobody shall hear of it. Anything else: removed. */
  async cancel(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    mail: MailPolicy,
    signal: AbortSignal,
    comment?: string,
  ): Promise<'done' | 'already'> {
    const target = targetOf(this.#context, mailbox);
    try {
      const present = await this.#find(mailbox, address, signal);
      if (present === undefined) return 'already';
      const facade = await this.#context.facade();
      const ofMeeting = present.isMeeting && present.isOrganizer && !present.isCancelled && mail !== 'none';
      const request = ofMeeting
        ? respondToItem(
            facade,
            mailbox.address,
            'CancelCalendarItem',
            { id: present.itemId, changeKey: present.changeKey },
            comment,
          )
        : deleteItem(facade, mailbox.address, present.itemId, 'none');
      await callOne(this.#context, request, target, signal);
      return 'done';
    } catch (error) {
      if (error instanceof EwsError && error.kind === 'notFound') return 'already';
      throw error;
    }
  }

  async respond(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    response: 'accepted' | 'tentative' | 'declined',
    signal: AbortSignal,
    comment?: string,
  ): Promise<'done' | 'already'> {
    const present = await this.#find(mailbox, address, signal);
    if (present === undefined) {
      if (response === 'declined') return 'already';
      throw gone(mailbox.address, address);
    }
    if (present.myResponse === response) return 'already';
    const id = { id: present.itemId, changeKey: present.changeKey };
    const facade = await this.#context.facade();
    const request = respondToItem(facade, mailbox.address, RESPONSE_NAMES[response], id, comment);
    await callOne(this.#context, request, targetOf(this.#context, mailbox), signal);
    return 'done';
  }

  async #create(
    mailbox: ResolvedMailbox,
    draft: EventDraft,
    writeKey: string,
    mail: MailPolicy,
    signal: AbortSignal,
  ): Promise<FolderItem> {
    const context = this.#context;
    const target = targetOf(context, mailbox);
    const known = await this.#findByKey(mailbox, target, writeKey, signal);
    if (known !== undefined) return await this.#get(mailbox, known, signal);
    const { instance, zones } = context.options;
    const marker: ItemMarker = { ...(instance === undefined ? {} : { instance }), ...draft.marker, writeKey };
    const item: WireItem = wireOfDraft(draft, marker, zones);
    const policy: MailPolicy = (draft.attendees ?? []).length === 0 ? 'none' : mail;
    const request = createItem(await context.facade(), mailbox.address, mailbox.folderId, item, policy);
    const message = await callOne(context, request, target, signal);
    return await this.#get(mailbox, createdId(message, mailbox), signal);
  }

  async #findByKey(
    mailbox: ResolvedMailbox,
    target: Target,
    writeKey: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const facade = await this.#context.facade();
    const request = findByMarker(facade, mailbox.address, mailbox.folderId, MARKER.writeKey, writeKey);
    const message = await callOne(this.#context, request, target, signal);
    return message.items[0]?.itemId;
  }

  /** Reads, changes, and reads again when somebody else was faster. */
  async #change(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    mail: MailPolicy,
    signal: AbortSignal,
    changes: (present: CalendarItem) => WireItem,
  ): Promise<void> {
    const target = targetOf(this.#context, mailbox);
    for (let attempt = 1; ; attempt++) {
      const present = await this.#find(mailbox, address, signal);
      if (present === undefined) throw gone(mailbox.address, address);
      const item = changes(present);
      if (Object.keys(item).length === 0) return;
      const hasAttendees = present.isMeeting || item.required !== undefined || item.optional !== undefined;
      const id = { id: present.itemId, changeKey: present.changeKey };
      const request = updateItem(await this.#context.facade(), mailbox.address, id, item, hasAttendees ? mail : 'none');
      try {
        await callOne(this.#context, request, target, signal);
        return;
      } catch (error) {
        const raced = error instanceof EwsError && error.kind === 'conflict' && attempt < MAX_CONFLICTS;
        if (!raced) throw error;
      }
    }
  }

  /** The addressed item as it is now: the item itself, or one occurrence of a series. */
  async #find(mailbox: ResolvedMailbox, address: EventAddress, signal: AbortSignal): Promise<CalendarItem | undefined> {
    const target = targetOf(this.#context, mailbox);
    const read = await readCalendarItems(this.#context, target, [address.itemId], this.#size, signal);
    const item = read.items[0];
    const failure = read.unreadable[0];
    if (failure !== undefined) throw errorOfUnreadable(failure, mailbox.address);
    if (item === undefined || address.originalStart === undefined || item.kind !== 'seriesMaster') return item;
    return await findOccurrence(this.#context, mailbox, item, address.originalStart, this.#size, signal);
  }

  async #get(mailbox: ResolvedMailbox, id: string, signal: AbortSignal): Promise<FolderItem> {
    const target = targetOf(this.#context, mailbox);
    const read = await readCalendarItems(this.#context, target, [id], this.#size, signal);
    const item = read.items[0];
    if (item !== undefined) return item;
    const { code, kind } = read.unreadable[0] ?? { code: 'ErrorItemNotFound', kind: 'notFound' };
    const message = `the item just written in ${mailbox.address} cannot be read back (${code})`;
    throw new EwsError({ kind, code, message, mailbox: mailbox.address, maybeDone: true });
  }
}

const RESPONSE_NAMES: Readonly<Record<'accepted' | 'tentative' | 'declined', ResponseName>> = {
  accepted: 'AcceptItem',
  tentative: 'TentativelyAcceptItem',
  declined: 'DeclineItem',
};

/** A join link and its marker that a write left there whose answer was lost: written again, it would mail people again. */
function isWritten({ marker, location, ifLocation: _from, ...rest }: EventPatch, present: CalendarItem): boolean {
  if (marker === undefined || Object.values(rest).some((value) => value !== undefined)) return false;
  const isMarked = Object.entries(marker).every(([name, value]) => present.marker[name as keyof ItemMarker] === value);
  return isMarked && (location === undefined || present.location === location);
}

function movedMeanwhile(mailbox: string): EwsError {
  const message = 'the location was changed meanwhile; nothing was written';
  return new EwsError({ kind: 'conflict', code: 'LocationChanged', message, mailbox });
}

function createdId(message: RawMessage, mailbox: ResolvedMailbox): string {
  const id = message.items[0]?.itemId;
  if (id === undefined || id === '') {
    throw protocolError('CreateItem', mailbox.address, 'the answer names no item').with({ maybeDone: true });
  }
  return itemId(id);
}

function gone(mailbox: string, address: EventAddress): EwsError {
  const what = address.originalStart === undefined ? 'the item' : 'that occurrence';
  const message = `${what} is not in the calendar of ${mailbox} any more`;
  return new EwsError({ kind: 'notFound', code: 'ErrorItemNotFound', message, mailbox });
}
