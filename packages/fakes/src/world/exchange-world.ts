/**
 * The Exchange side of the world: people and their mailboxes, and what a person does in Outlook. No protocol in it;
 * the EWS dialect and the control API both act through this class, so they can never disagree.
 * Names and default world: design/contracts.md §8.
 */
import { randomInt } from 'node:crypto';
import type { Instant, LocalDate, TimeZoneRef } from '@calendar-connector/calendar-model';
import { Attendant } from './attendant.ts';
import { WorldClock } from './clock.ts';
import { type Delegate, Directory, NO_ACCESS, personOf } from './directory.ts';
import { EntryIds } from './entry-ids.ts';
import { ItemGenerator } from './generator.ts';
import { type ItemView, viewItem, viewOccurrence } from './item-view.ts';
import { Mailbox } from './mailbox.ts';
import { type ItemRef, MeetingDesk, type WriteOptions } from './meeting-desk.ts';
import type { Answer, CalendarDraft, CalendarPatch, CalendarRecord, ItemRecord, Person } from './model.ts';
import { guidBytes, guidOf, hashText, mix } from './random.ts';
import { occurrencesBetween } from './series.ts';
import { WorldError } from './world-error.ts';
import { DAY_MS } from './zones.ts';

export interface ExchangeWorldOptions {
  readonly seed?: number;
  readonly clock?: WorldClock;
  readonly domain?: string;
  /** how many mailboxes user1@… to userN@… */
  readonly mailboxes?: number;
  readonly itemsPerMailbox?: number;
  /** the day generated calendars lie around; default: today by the clock */
  readonly base?: Instant;
  readonly bodyBytes?: number;
  /** login of the account that may act as everybody */
  readonly serviceAccount?: string;
  /** whether the service account has a mailbox of its own */
  readonly serviceMailbox?: boolean;
  readonly password?: string;
  /** Windows id of the zone people live in */
  readonly timeZone?: string;
}

export interface MailboxOptions {
  readonly name?: string;
  readonly password?: string;
  readonly aliases?: readonly string[];
  readonly timeZone?: string;
}

/** What real servers do in more than one way. */
export interface Behaviour {
  /** accepting an invitation deletes the entry and makes a new one (ews-managed-api issue 255) */
  acceptRecreates: boolean;
  /** declined meetings leave the calendar, as Outlook and EWS do it */
  declineRemoves: boolean;
}

const DEFAULT_PASSWORD = 'Passw0rd!';

export class ExchangeWorld {
  readonly seed: number;
  readonly clock: WorldClock;
  readonly domain: string;
  readonly serviceAccount: string;
  readonly directory = new Directory();
  readonly ids: EntryIds;
  readonly behaviour: Behaviour = { acceptRecreates: false, declineRemoves: true };
  readonly zone: TimeZoneRef;
  readonly attendant: Attendant;
  readonly desk: MeetingDesk;
  readonly generatedMailboxes: number;
  /** differs from one start to the next, so that nobody goes on from what a former world knew */
  readonly life = randomInt(2 ** 32);
  readonly #password: string;
  readonly #generator: ItemGenerator | undefined;
  readonly #boxes = new Map<string, Mailbox>();
  readonly #boxesByGuid = new Map<string, Mailbox>();
  readonly #aliases = new Map<string, string>();
  readonly #removed = new Set<string>();
  #chance = 0;

  constructor(options: ExchangeWorldOptions = {}) {
    this.seed = options.seed ?? 1;
    this.clock = options.clock ?? new WorldClock();
    this.domain = options.domain ?? 'example.test';
    this.serviceAccount = options.serviceAccount ?? `svc@${this.domain}`;
    this.zone = { id: options.timeZone ?? 'Russian Standard Time' };
    this.generatedMailboxes = options.mailboxes ?? 10;
    this.#password = options.password ?? DEFAULT_PASSWORD;
    this.ids = new EntryIds(guidBytes(guidOf(this.seed, hashText(this.domain))));
    this.#generator = this.#makeGenerator(options);
    this.attendant = new Attendant({
      directory: this.directory,
      now: () => this.clock.now(),
      findMailbox: (address) => this.findMailbox(address),
      isRoom: (address) => this.findMailbox(address)?.profile.type === 'room',
    });
    this.desk = new MeetingDesk(this);
    this.#addServiceAccount(options.serviceMailbox ?? true);
  }

  #makeGenerator(options: ExchangeWorldOptions): ItemGenerator | undefined {
    const itemsPerMailbox = options.itemsPerMailbox ?? 0;
    if (itemsPerMailbox === 0) return undefined;
    const people = new Map<number, Person>();
    return new ItemGenerator({
      seed: this.seed,
      mailboxes: this.generatedMailboxes,
      itemsPerMailbox,
      base: options.base ?? Math.floor(this.clock.now() / DAY_MS) * DAY_MS,
      zone: this.zone,
      bodyBytes: options.bodyBytes ?? 1200,
      person: (index) => {
        const known = people.get(index) ?? personOf(`User ${index + 1}`, `user${index + 1}@${this.domain}`);
        if (people.size < 4096) people.set(index, known);
        return known;
      },
    });
  }

  #addServiceAccount(hasMailbox: boolean): void {
    this.directory.addImpersonator({ login: this.serviceAccount });
    if (hasMailbox) {
      this.addMailbox(this.serviceAccount, { name: 'Calendar Service' });
      return;
    }
    this.#addAccount(this.serviceAccount, this.#password, undefined);
  }

  // people

  /** A new person with a mailbox and an account to log in with. */
  addMailbox(address: string, options: MailboxOptions = {}): Mailbox {
    return this.#openMailbox(address, 'user', options);
  }

  /** A room: it answers invitations itself. */
  addRoom(address: string, options: MailboxOptions = {}): Mailbox {
    return this.#openMailbox(address, 'room', options);
  }

  /** A distribution list; meetings with it reach its members. */
  addDistributionList(address: string, name: string, members: readonly string[]): void {
    this.directory.addList({ address, name, members });
  }

  #openMailbox(address: string, type: 'user' | 'room', options: MailboxOptions): Mailbox {
    const key = address.toLowerCase();
    if (this.#boxes.has(key)) throw new WorldError('ErrorMailboxExists', `${address} exists already.`);
    this.#removed.delete(key);
    const name = options.name ?? address.split('@')[0] ?? address;
    const box = new Mailbox(
      {
        address,
        name,
        guid: guidOf(this.seed, hashText(key)),
        type,
        aliases: options.aliases ?? [],
        timeZone: options.timeZone ?? this.zone.id,
      },
      this.clock,
    );
    this.#register(box);
    this.#addAccount(address, options.password ?? this.#password, address);
    return box;
  }

  #register(box: Mailbox): void {
    this.#boxes.set(box.address.toLowerCase(), box);
    this.#boxesByGuid.set(box.profile.guid, box);
    for (const alias of box.profile.aliases) this.#aliases.set(alias.toLowerCase(), box.address.toLowerCase());
  }

  #addAccount(login: string, password: string, mailbox: string | undefined): void {
    const [name, domain = this.domain] = login.split('@');
    const netbios = (domain.split('.')[0] ?? domain).toUpperCase();
    const account = { login, accountName: `${netbios}\\${name}`, password, disabled: false };
    this.directory.addAccount(mailbox === undefined ? account : { ...account, mailbox });
  }

  /** Takes a mailbox away: it no longer exists for anybody. */
  removeMailbox(address: string): void {
    const box = this.getMailbox(address);
    this.#boxes.delete(box.address.toLowerCase());
    this.#boxesByGuid.delete(box.profile.guid);
    this.#removed.add(box.address.toLowerCase());
  }

  findMailbox(address: string): Mailbox | undefined {
    const key = address.toLowerCase();
    const known = this.#boxes.get(key);
    if (known !== undefined) return known;
    const alias = this.#aliases.get(key);
    if (alias !== undefined) return this.#boxes.get(alias);
    return this.#removed.has(key) ? undefined : this.#generatedMailbox(key);
  }

  getMailbox(address: string): Mailbox {
    const box = this.findMailbox(address);
    if (box === undefined) {
      throw new WorldError(
        'ErrorNonExistentMailbox',
        `The SMTP address has no mailbox associated with it: ${address}.`,
      );
    }
    return box;
  }

  findMailboxByGuid(guid: string): Mailbox | undefined {
    const known = this.#boxesByGuid.get(guid);
    if (known !== undefined) return known;
    const index = this.#indexOfGuid(guid);
    return index === undefined ? undefined : this.findMailbox(`user${index + 1}@${this.domain}`);
  }

  /** Addresses of all mailboxes, generated ones first. */
  *addresses(): IterableIterator<string> {
    for (let index = 1; index <= this.generatedMailboxes; index += 1) {
      const address = `user${index}@${this.domain}`;
      if (!this.#removed.has(address)) yield address;
    }
    for (const box of this.#boxes.values())
      if (this.#indexOfAddress(box.address.toLowerCase()) === undefined) yield box.address;
  }

  /** The name of somebody, without opening their mailbox. */
  displayName(address: string): string {
    const known = this.#boxes.get(address.toLowerCase());
    if (known !== undefined) return known.profile.name;
    const index = this.#indexOfAddress(address.toLowerCase());
    return index === undefined ? address : `User ${index + 1}`;
  }

  /** All rooms. */
  rooms(): Mailbox[] {
    return [...this.#boxes.values()].filter((box) => box.profile.type === 'room');
  }

  #generatedMailbox(key: string): Mailbox | undefined {
    const index = this.#indexOfAddress(key);
    if (index === undefined) return undefined;
    const name = `User ${index + 1}`;
    const profile = {
      address: key,
      name,
      guid: this.#guidOfIndex(index),
      type: 'user' as const,
      aliases: [],
      timeZone: this.zone.id,
    };
    const box = new Mailbox(profile, this.clock, this.#generator?.sourceFor(index));
    this.#register(box);
    return box;
  }

  /** Position of a generated mailbox; undefined for all others. */
  #indexOfAddress(key: string): number | undefined {
    const match = /^user([1-9][0-9]{0,6})@(.+)$/.exec(key);
    if (match === null || match[2] !== this.domain) return undefined;
    const index = Number(match[1]) - 1;
    return index < this.generatedMailboxes ? index : undefined;
  }

  #guidOfIndex(index: number): string {
    const code = (index ^ mix(this.seed, 0x6d62)) >>> 0;
    return `${code.toString(16).padStart(8, '0')}${guidOf(this.seed, index).slice(8)}`;
  }

  #indexOfGuid(guid: string): number | undefined {
    const index = (Number.parseInt(guid.slice(0, 8), 16) ^ mix(this.seed, 0x6d62)) >>> 0;
    return index < this.generatedMailboxes && this.#guidOfIndex(index) === guid ? index : undefined;
  }

  /** An account by UPN, address or `DOMAIN\name`, with the password of its own or of the generated people. */
  findAccount(
    name: string,
  ):
    | { readonly login: string; readonly password: string; readonly mailbox?: string; readonly disabled: boolean }
    | undefined {
    const known = this.directory.findAccount(name);
    if (known !== undefined) return known;
    const backslash = name.indexOf('\\');
    const domain = backslash < 0 ? '' : name.slice(0, backslash).toLowerCase();
    const isOurs = [this.domain.toLowerCase(), this.domain.split('.')[0]?.toLowerCase(), ''].includes(domain);
    if (!isOurs) return undefined;
    const user = backslash < 0 ? name : name.slice(backslash + 1);
    const address = (user.includes('@') ? user : `${user}@${this.domain}`).toLowerCase();
    const direct = this.directory.findAccount(address);
    if (direct !== undefined) return direct;
    const box = this.#removed.has(address) || this.#indexOfAddress(address) === undefined ? undefined : address;
    return box === undefined
      ? undefined
      : { login: address, password: this.#password, mailbox: address, disabled: false };
  }

  /** Changes a password, as an administrator would. */
  setPassword(login: string, password: string): void {
    const known = this.directory.findAccount(login);
    if (known !== undefined) {
      known.password = password;
      return;
    }
    const account = this.findAccount(login);
    if (account === undefined) throw new WorldError('ErrorNonExistentMailbox', `There is no account ${login}.`);
    this.#addAccount(account.login, password, account.mailbox);
  }

  addDelegate(owner: string, delegate: string, rights: Partial<Omit<Delegate, 'address'>> = {}): void {
    this.getMailbox(owner);
    const defaults = { ...NO_ACCESS, calendar: 'Editor' as const, receivesCopies: true, viewsPrivate: false };
    this.directory.setDelegate(owner, { ...defaults, ...rights, address: this.getMailbox(delegate).address });
  }

  removeDelegate(owner: string, delegate: string): boolean {
    return this.directory.removeDelegate(owner, delegate);
  }

  /** Fresh chance of this world, in order of use. */
  chance(): readonly number[] {
    this.#chance += 1;
    return [this.seed, this.#chance];
  }

  // what a person does in Outlook

  /** A new appointment, meeting or series in somebody's calendar. Attendees are invited unless `send` says otherwise. */
  createItem(mailbox: string, draft: CalendarDraft, options: WriteOptions = {}): ItemView {
    const box = this.getMailbox(mailbox);
    return viewItem(this, box, this.desk.create(box, draft, { send: 'all', ...options }).record);
  }

  /** Changes an item. `occurrence` names one occurrence of a series by its original start. */
  updateItem(
    mailbox: string,
    itemId: string,
    patch: CalendarPatch,
    options: WriteOptions & { readonly occurrence?: Instant } = {},
  ): ItemView {
    const box = this.getMailbox(mailbox);
    const ref = this.refOf(box, itemId, options.occurrence);
    const { record } = this.desk.update(box, ref, patch, { send: 'all', ...options });
    return this.#view(box, record, ref.originalStart);
  }

  /** Moves an item to another folder, by distinguished name or folder id. Its id changes. */
  moveItem(mailbox: string, itemId: string, folder: string): ItemView | undefined {
    const box = this.getMailbox(mailbox);
    const target = box.findDistinguished(folder)?.number ?? this.#folderNumber(box, folder);
    const moved = box.move(this.refOf(box, itemId).number, target);
    return moved?.kind === 'calendar' ? viewItem(this, box, moved) : undefined;
  }

  #folderNumber(box: Mailbox, id: string): number {
    const decoded = this.ids.decode(id);
    if (decoded?.kind === 'folder' && box.folder(decoded.folder) !== undefined) return decoded.folder;
    throw new WorldError('ErrorFolderNotFound', 'The specified folder could not be found in the store.');
  }

  /** The organizer calls a meeting (or one occurrence) off: attendees keep a flagged copy, the own copy goes. */
  cancelItem(mailbox: string, itemId: string, options: { readonly occurrence?: Instant } = {}): void {
    const box = this.getMailbox(mailbox);
    this.desk.cancel(box, this.refOf(box, itemId, options.occurrence));
  }

  /** Deletes an item (or one occurrence) into Deleted Items; `hard` for good. */
  deleteItem(
    mailbox: string,
    itemId: string,
    options: { readonly occurrence?: Instant; readonly hard?: boolean; readonly send?: 'none' | 'all' } = {},
  ): void {
    const box = this.getMailbox(mailbox);
    const how = options.hard === true ? 'hard' : 'deletedItems';
    this.desk.remove(box, this.refOf(box, itemId, options.occurrence), how, options.send ?? 'all');
  }

  /** Answers an invitation; the organizer's copy learns of it. */
  respond(
    mailbox: string,
    itemId: string,
    answer: Answer,
    options: { readonly occurrence?: Instant; readonly send?: boolean } = {},
  ): ItemView | undefined {
    const box = this.getMailbox(mailbox);
    const ref = this.refOf(box, itemId, options.occurrence);
    const record = this.desk.respond(box, ref, answer, { send: options.send ?? true });
    const isGone = record === undefined || box.folder(record.folder)?.kind !== 'CalendarFolder';
    return isGone || record.series?.deleted.has(ref.originalStart ?? -1) === true
      ? undefined
      : this.#view(box, record, ref.originalStart);
  }

  /** Calendar items of a mailbox: with a window its occurrences expanded, without one masters and singles. */
  listItems(mailbox: string, window: { readonly from?: Instant; readonly to?: Instant } = {}): ItemView[] {
    const box = this.getMailbox(mailbox);
    const calendar = box.findDistinguished('calendar')?.number ?? 0;
    const views: ItemView[] = [];
    for (const record of box.itemsIn(calendar)) {
      if (record.kind === 'calendar') views.push(...this.#inWindow(box, record, window));
    }
    return views.sort((a, b) => a.start - b.start);
  }

  #inWindow(
    box: Mailbox,
    record: CalendarRecord,
    window: { readonly from?: Instant; readonly to?: Instant },
  ): ItemView[] {
    const { from, to } = window;
    if (from === undefined || to === undefined) return [viewItem(this, box, record)];
    if (record.series !== undefined) {
      return occurrencesBetween(record, from, to).map((occurrence) =>
        viewOccurrence(this, box, record, occurrence.originalStart),
      );
    }
    return record.content.start < to && record.content.end > from ? [viewItem(this, box, record)] : [];
  }

  /** One item by its id; undefined when the mailbox does not hold it (any more). */
  getItem(mailbox: string, itemId: string): ItemView | undefined {
    const box = this.getMailbox(mailbox);
    try {
      const ref = this.refOf(box, itemId);
      const record = box.find(ref.number);
      return record?.kind === 'calendar' ? this.#view(box, record, ref.originalStart) : undefined;
    } catch (error) {
      if (error instanceof WorldError) return undefined;
      throw error;
    }
  }

  #view(box: Mailbox, record: ItemRecord, originalStart: Instant | undefined): ItemView {
    const calendar = record as CalendarRecord;
    if (originalStart === undefined || calendar.series === undefined) return viewItem(this, box, calendar);
    return viewOccurrence(this, box, calendar, originalStart);
  }

  /** The item behind an id in this mailbox. Throws ErrorItemNotFound. */
  refOf(box: Mailbox, itemId: string, occurrence?: Instant): ItemRef {
    const decoded = this.ids.decode(itemId);
    const isMine = decoded !== undefined && decoded.mailboxGuid === box.profile.guid;
    if (!isMine || (decoded.kind !== 'item' && decoded.kind !== 'occurrence')) {
      throw new WorldError('ErrorItemNotFound', 'The specified object was not found in the store.');
    }
    const date: LocalDate | undefined = decoded.kind === 'occurrence' ? decoded.date : undefined;
    return this.desk.locate(box, decoded.number, decoded.folder, date, occurrence);
  }
}
