/**
 * Exchange as a CalendarSource: composes transport, operations and streams. Beyond the port it offers what doctor and
 * tools need: names, zones, free/busy, a calendar view, autodiscover.
 */
import type {
  CalendarItem,
  Cursor,
  FolderItem,
  Interval,
  ItemId,
  ItemMarker,
  MailboxAddress,
  Person,
} from '@calendar-connector/calendar-model';
import type {
  CalendarSource,
  ChangePage,
  Delegate,
  EventAddress,
  EventDraft,
  EventPatch,
  HintListener,
  HintStream,
  MailPolicy,
  ResolvedMailbox,
} from '@calendar-connector/sync-core';
import { asSeenOutside } from './errors/away.ts';
import { EwsError } from './errors/ews-error.ts';
import { AddressBook } from './operations/address-book.ts';
import { Autodiscover, type UserSettings } from './operations/autodiscover.ts';
import { BatchSize } from './operations/batch-size.ts';
import { readCalendarView } from './operations/calendar-view.ts';
import { type OperationContext, targetOf } from './operations/context.ts';
import { fetchDelegates } from './operations/delegates.ts';
import { fetchChanges } from './operations/fetch-changes.ts';
import { readCalendarItems } from './operations/read-calendar-items.ts';
import { resolveMailbox } from './operations/resolve-mailbox.ts';
import { findPeople } from './operations/resolve-names.ts';
import { getServerTimeZones, type ServerTimeZone } from './operations/server-time-zones.ts';
import { errorOfUnreadable } from './operations/unreadable.ts';
import { type Availability, getUserAvailability } from './operations/user-availability.ts';
import { EventWriter } from './operations/write-events.ts';
import { type EwsSourceOptions, resolveOptions } from './options.ts';
import { HintStreams } from './streaming/hint-streams.ts';
import { EwsTransport } from './transport/ews-transport.ts';
import { loadFacade } from './wire/facade.ts';

/** Exchange as CalendarSource, with the reads beyond the port. */
export interface EwsSource extends CalendarSource {
  /** One item as it is now; undefined when it is gone or no event. */
  fetchItem(mailbox: ResolvedMailbox, itemId: ItemId, signal: AbortSignal): Promise<FolderItem | undefined>;
  /** Singles and expanded occurrences that overlap a window, without attendees. */
  readCalendarView(mailbox: ResolvedMailbox, window: Interval, signal: AbortSignal): Promise<readonly CalendarItem[]>;
  /** People of the directory by name, address or X.500 name, as this mailbox sees it; nobody is an empty list. */
  resolveNames(mailbox: ResolvedMailbox, text: string, signal: AbortSignal): Promise<readonly Person[]>;
  /** Every time zone the server knows. */
  getServerTimeZones(mailbox: ResolvedMailbox, signal: AbortSignal): Promise<readonly ServerTimeZone[]>;
  /** When these people are busy, one answer per address in their order; whoever cannot be asked has a `failure`. */
  getUserAvailability(
    mailbox: ResolvedMailbox,
    addresses: readonly MailboxAddress[],
    window: Interval,
    signal: AbortSignal,
  ): Promise<readonly Availability[]>;
  /** What autodiscover says about a mailbox; undefined when it is not configured or silent. */
  getUserSettings(address: MailboxAddress, signal: AbortSignal): Promise<UserSettings | undefined>;
  /** What the limiter has learned, for status pages. */
  throttleState(): { readonly limit: number; readonly inFlight: number; readonly waiting: number };
}

/** A calendar source on one Exchange. Opens nothing until it is used. */
export function createEwsSource(options: EwsSourceOptions): EwsSource {
  return new Source(options);
}

class Source implements EwsSource {
  readonly name: string;
  readonly #context: OperationContext;
  readonly #autodiscover: Autodiscover;
  readonly #size: BatchSize;
  readonly #writer: EventWriter;
  readonly #streams = new Set<HintStreams>();

  constructor(options: EwsSourceOptions) {
    const resolved = resolveOptions(options);
    this.name = resolved.name;
    const transport = new EwsTransport(resolved);
    this.#context = { options: resolved, transport, facade: loadFacade, addresses: new AddressBook() };
    this.#autodiscover = new Autodiscover(this.#context);
    this.#size = new BatchSize(resolved.limits.getItemBatch);
    this.#writer = new EventWriter(this.#context, this.#size);
  }

  async resolve(address: MailboxAddress, signal: AbortSignal): Promise<ResolvedMailbox> {
    try {
      return await resolveMailbox(this.#context, this.#autodiscover, address, signal);
    } catch (error) {
      throw error instanceof EwsError ? asSeenOutside(error) : error;
    }
  }

  async fetchChanges(mailbox: ResolvedMailbox, cursor: Cursor | undefined, signal: AbortSignal): Promise<ChangePage> {
    const work = fetchChanges(this.#context, mailbox, cursor, this.#size, signal);
    return await this.#following(mailbox, signal, work);
  }

  async fetchItem(mailbox: ResolvedMailbox, id: ItemId, signal: AbortSignal): Promise<FolderItem | undefined> {
    const work = readCalendarItems(this.#context, targetOf(this.#context, mailbox), [id], this.#size, signal);
    const read = await this.#following(mailbox, signal, work);
    const failure = read.unreadable[0];
    if (failure !== undefined && read.items.length === 0) throw errorOfUnreadable(failure, mailbox.address);
    return read.items[0];
  }

  openHints(listener: HintListener): HintStream {
    const streams = new HintStreams(this.#context, listener);
    this.#streams.add(streams);
    return streams;
  }

  async createEvent(
    mailbox: ResolvedMailbox,
    draft: EventDraft,
    writeKey: string,
    mail: MailPolicy,
    signal: AbortSignal,
  ): Promise<FolderItem> {
    return await this.#following(mailbox, signal, this.#writer.create(mailbox, draft, writeKey, mail, signal));
  }

  async updateEvent(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    patch: EventPatch,
    mail: MailPolicy,
    signal: AbortSignal,
  ): Promise<FolderItem> {
    return await this.#following(mailbox, signal, this.#writer.update(mailbox, address, patch, mail, signal));
  }

  async cancelEvent(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    mail: MailPolicy,
    signal: AbortSignal,
    comment?: string,
  ): Promise<'done' | 'already'> {
    return await this.#following(mailbox, signal, this.#writer.cancel(mailbox, address, mail, signal, comment));
  }

  async respond(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    response: 'accepted' | 'tentative' | 'declined',
    signal: AbortSignal,
    comment?: string,
  ): Promise<'done' | 'already'> {
    return await this.#following(mailbox, signal, this.#writer.respond(mailbox, address, response, signal, comment));
  }

  async writeMarker(
    mailbox: ResolvedMailbox,
    address: EventAddress,
    marker: ItemMarker,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#following(mailbox, signal, this.#writer.writeMarker(mailbox, address, marker, signal));
  }

  async fetchDelegates(mailbox: ResolvedMailbox, signal: AbortSignal): Promise<readonly Delegate[]> {
    return await this.#following(mailbox, signal, fetchDelegates(this.#context, mailbox, signal));
  }

  async readCalendarView(
    mailbox: ResolvedMailbox,
    window: Interval,
    signal: AbortSignal,
  ): Promise<readonly CalendarItem[]> {
    return await this.#following(mailbox, signal, readCalendarView(this.#context, mailbox, window, signal));
  }

  async resolveNames(mailbox: ResolvedMailbox, text: string, signal: AbortSignal): Promise<readonly Person[]> {
    const work = findPeople(this.#context, targetOf(this.#context, mailbox), text, signal);
    return await this.#following(mailbox, signal, work);
  }

  async getServerTimeZones(mailbox: ResolvedMailbox, signal: AbortSignal): Promise<readonly ServerTimeZone[]> {
    const work = getServerTimeZones(this.#context, targetOf(this.#context, mailbox), signal);
    return await this.#following(mailbox, signal, work);
  }

  async getUserAvailability(
    mailbox: ResolvedMailbox,
    addresses: readonly MailboxAddress[],
    window: Interval,
    signal: AbortSignal,
  ): Promise<readonly Availability[]> {
    const work = getUserAvailability(this.#context, targetOf(this.#context, mailbox), addresses, window, signal);
    return await this.#following(mailbox, signal, work);
  }

  async getUserSettings(address: MailboxAddress, signal: AbortSignal): Promise<UserSettings | undefined> {
    return await this.#autodiscover.find(address, signal);
  }

  throttleState() {
    const { limit, inFlight, waiting } = this.#context.transport.limiter;
    return { limit, inFlight, waiting };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams].map((streams) => streams.close()));
    this.#streams.clear();
    this.#context.transport.close();
  }

  /** A mailbox its server does not know any more may have moved: autodiscover is asked afresh and says so. */
  async #following<T>(mailbox: ResolvedMailbox, signal: AbortSignal, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof EwsError)) throw error;
      if (error.kind === 'mailboxMoved') this.#autodiscover.forget(mailbox.address);
      if (error.kind !== 'mailboxNotFound') throw asSeenOutside(error);
      this.#autodiscover.forget(mailbox.address);
      const settings = await this.#autodiscover.find(mailbox.address, signal).catch(() => undefined);
      if (settings?.url === undefined || settings.url === mailbox.endpoint) throw error;
      throw error.with({ kind: 'mailboxMoved', retriable: true });
    }
  }
}
