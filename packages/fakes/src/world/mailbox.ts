/**
 * One mailbox: folders, items, change numbers, watchers. It knows storing, not meetings: those are `attendant.ts`.
 * Items that come from the seed are made again each time they are asked for and kept only once somebody changes them.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { ChangeLog, type FolderChange, type SyncPosition } from './change-log.ts';
import type { WorldClock } from './clock.ts';
import { EditHistory } from './edits.ts';
import { CALENDAR, FIRST_USER_FOLDER, type FolderKind, INBOX, MESSAGE_ROOT, STANDARD_FOLDERS } from './folders.ts';
import type { CalendarRecord, ItemRecord } from './model.ts';
import { cleanGlobalObjectId } from './object-ids.ts';
import type { StoreEvent, StoreWatcher } from './store-events.ts';

export interface Folder {
  readonly number: number;
  readonly parent: number;
  readonly name: string;
  readonly folderClass: string;
  readonly kind: FolderKind;
  readonly distinguished?: string;
  /** change number of the last write to the folder itself or its contents */
  readonly change: number;
  readonly appeared: number;
}

/** Where items come from that nobody has touched yet. */
export interface ItemSource {
  readonly count: number;
  make(number: number): CalendarRecord;
  findNumber(cleanGlobalObjectId: string): number | undefined;
}

export interface MailboxProfile {
  readonly address: string;
  readonly name: string;
  readonly guid: string;
  readonly type: 'user' | 'room';
  /** other addresses that reach it */
  readonly aliases: readonly string[];
  readonly timeZone: string;
}

type Written<R> = R extends ItemRecord ? Omit<R, 'number' | 'change' | 'appeared'> : never;
/** An item before the store gave it a number. */
export type NewItem = Written<ItemRecord>;

const NO_ITEMS: ItemSource = {
  count: 0,
  make: () => {
    throw new RangeError('this mailbox has no generated items');
  },
  findNumber: () => undefined,
};

export class Mailbox {
  readonly profile: MailboxProfile;
  readonly #clock: WorldClock;
  readonly #source: ItemSource;
  readonly #records = new Map<number, ItemRecord>();
  /** numbers of generated items that were removed or moved away */
  readonly #gone = new Set<number>();
  readonly #folders = new Map<number, Folder>();
  readonly #members = new Map<number, Set<number>>();
  readonly #logs = new Map<number, ChangeLog>();
  readonly #edits = new EditHistory();
  readonly #byMeeting = new Map<string, Set<number>>();
  readonly #watchers = new Set<StoreWatcher>();
  readonly #goneFolders: { readonly number: number; readonly change: number; readonly appeared: number }[] = [];
  readonly configurations = new Map<string, unknown>();
  #change: number;
  #nextNumber: number;
  #nextFolder = FIRST_USER_FOLDER;
  #batch: StoreEvent[] | undefined;
  /** grows when the mailbox is moved or its calendar recreated: sync states of before are void */
  epoch = 1;
  deletedTotal = 0;
  lastCommit: Instant;

  constructor(profile: MailboxProfile, clock: WorldClock, source: ItemSource = NO_ITEMS) {
    this.profile = profile;
    this.#clock = clock;
    this.#source = source;
    this.#change = source.count;
    this.#nextNumber = source.count + 1;
    this.lastCommit = clock.now();
  }

  get address(): string {
    return this.profile.address;
  }

  get change(): number {
    return this.#change;
  }

  get generatedCount(): number {
    return this.#source.count;
  }

  // folders

  folder(number: number): Folder | undefined {
    const known = this.#folders.get(number);
    if (known !== undefined) return known;
    const seed = STANDARD_FOLDERS.find((candidate) => candidate.number === number);
    if (seed === undefined || this.#goneFolders.some((gone) => gone.number === number)) return undefined;
    return { ...seed, change: number === CALENDAR ? this.#source.count : 0, appeared: 0 };
  }

  findDistinguished(name: string): Folder | undefined {
    for (const folder of this.#folders.values()) if (folder.distinguished === name) return folder;
    const seed = STANDARD_FOLDERS.find((candidate) => candidate.distinguished === name);
    return seed && this.folder(seed.number);
  }

  folders(): Folder[] {
    const standard = STANDARD_FOLDERS.map((seed) => this.folder(seed.number)).filter((folder) => folder !== undefined);
    const own = [...this.#folders.values()].filter((folder) => folder.number >= FIRST_USER_FOLDER);
    return [...standard, ...own];
  }

  removedFolders(): readonly { readonly number: number; readonly change: number; readonly appeared: number }[] {
    return this.#goneFolders;
  }

  createFolder(
    parent: number,
    name: string,
    folderClass = 'IPF.Note',
    kind: FolderKind = 'Folder',
    distinguished?: string,
  ): Folder {
    const change = this.#nextChange();
    const base = { number: this.#nextFolder++, parent, name, folderClass, kind, change, appeared: change };
    const folder: Folder = distinguished === undefined ? base : { ...base, distinguished };
    this.#folders.set(folder.number, folder);
    this.#emit([{ kind: 'created', at: this.#clock.now(), folder: folder.number, parentFolder: parent }]);
    return folder;
  }

  updateFolder(number: number, changes: { readonly name?: string; readonly parent?: number }): Folder {
    const folder = { ...this.#mustHaveFolder(number), ...changes, change: this.#nextChange() };
    this.#folders.set(number, folder);
    this.#emit([{ kind: 'modified', at: this.#clock.now(), folder: number, parentFolder: folder.parent }]);
    return folder;
  }

  removeFolder(number: number): void {
    const folder = this.#mustHaveFolder(number);
    this.batch(() => {
      for (const child of this.folders()) if (child.parent === number) this.removeFolder(child.number);
      for (const item of this.numbersIn(number)) this.remove(item);
      this.#folders.delete(number);
      this.#goneFolders.push({ number, change: this.#nextChange(), appeared: folder.appeared });
      this.#emit([{ kind: 'deleted', at: this.#clock.now(), folder: number, parentFolder: folder.parent }]);
    });
  }

  /** What a restore or a clumsy administrator does: a new calendar folder, the old one and its sync states are void. */
  recreateCalendar(): Folder {
    const old = this.findDistinguished('calendar');
    const fresh = this.createFolder(MESSAGE_ROOT, 'Calendar', 'IPF.Appointment', 'CalendarFolder', 'calendar');
    if (old !== undefined) {
      for (const item of this.numbersIn(old.number)) this.move(item, fresh.number);
      this.#folders.delete(old.number);
      this.#goneFolders.push({ number: old.number, change: this.#nextChange(), appeared: old.appeared });
    }
    return fresh;
  }

  // items

  find(number: number): ItemRecord | undefined {
    const kept = this.#records.get(number);
    if (kept !== undefined) return kept;
    const isGenerated = number >= 1 && number <= this.#source.count && !this.#gone.has(number);
    return isGenerated ? this.#source.make(number) : undefined;
  }

  /** Whether an item is as the seed made it; then its change number is its number. */
  isUntouched(number: number): boolean {
    return number >= 1 && number <= this.#source.count && !this.#gone.has(number) && !this.#records.has(number);
  }

  /** Numbers of the items in a folder, generated ones first, in order of appearance. */
  *numbersIn(folder: number): IterableIterator<number> {
    if (folder === CALENDAR) {
      for (let number = 1; number <= this.#source.count; number += 1) {
        if (!this.#gone.has(number) && !this.#records.has(number)) yield number;
      }
    }
    yield* [...(this.#members.get(folder) ?? [])];
  }

  countIn(folder: number): number {
    const kept = this.#members.get(folder)?.size ?? 0;
    if (folder !== CALENDAR) return kept;
    let touched = this.#gone.size;
    for (const number of this.#members.get(CALENDAR) ?? []) if (number <= this.#source.count) touched += 1;
    return kept + this.#source.count - touched;
  }

  *itemsIn(folder: number): IterableIterator<ItemRecord> {
    for (const number of this.numbersIn(folder)) {
      const record = this.find(number);
      if (record !== undefined) yield record;
    }
  }

  /** Items of a meeting in one folder (normally one; a series and its orphaned occurrences; pasted duplicates). */
  findMeeting(globalObjectId: string, folder: number): CalendarRecord[] {
    const key = cleanGlobalObjectId(globalObjectId);
    const found: CalendarRecord[] = [];
    const generated = this.#source.findNumber(key);
    const numbers = new Set(this.#byMeeting.get(key));
    if (generated !== undefined) numbers.add(generated);
    for (const number of numbers) {
      const record = this.find(number);
      if (record?.kind === 'calendar' && record.folder === folder) found.push(record);
    }
    return found;
  }

  insert(item: NewItem, options: { readonly isNewMail?: boolean } = {}): ItemRecord {
    const change = this.#nextChange();
    const record = { ...item, number: this.#nextNumber++, change, appeared: change } as ItemRecord;
    this.#keep(record);
    this.#log(record, 'write');
    this.#announceWrite('created', record, options.isNewMail === true);
    return record;
  }

  /** Writes a new version of an item. */
  write<R extends ItemRecord>(record: R): R {
    const before = this.find(record.number);
    const written = { ...record, change: this.#nextChange() };
    if (before !== undefined) this.#edits.note(before, written);
    this.#keep(written);
    this.#log(written, 'write');
    this.#announceWrite('modified', written, false);
    return written;
  }

  /** Names of the properties of an item that were changed after a version; undefined when nobody remembers. */
  changedSince(number: number, change: number): ReadonlySet<string> | undefined {
    return this.#edits.since(number, change);
  }

  markRead(number: number, isRead: boolean): ItemRecord | undefined {
    const record = this.find(number);
    if (record === undefined) return undefined;
    const written = { ...record, isRead, change: this.#nextChange() };
    this.#edits.note(record, written);
    this.#keep(written);
    this.#log(written, 'read');
    this.#announceWrite('modified', written, false);
    return written;
  }

  /** Takes an item away for good. */
  remove(number: number): void {
    const record = this.find(number);
    if (record === undefined) return;
    this.#drop(record);
    this.deletedTotal += 1;
    const at = this.#clock.now();
    const parentFolder = this.#parentOf(record.folder);
    this.#emit([
      { kind: 'deleted', at, folder: record.folder, parentFolder: record.folder, item: number },
      ...this.#freeBusy(record),
      { kind: 'modified', at, folder: record.folder, parentFolder },
    ]);
  }

  /** Moves an item; it gets a new number, as ids change with the folder. */
  move(number: number, folder: number): ItemRecord | undefined {
    const record = this.find(number);
    if (record === undefined) return undefined;
    this.#drop(record);
    const change = this.#nextChange();
    const moved: ItemRecord = { ...record, folder, number: this.#nextNumber++, change, appeared: change };
    this.#keep(moved);
    this.#log(moved, 'write');
    const at = this.#clock.now();
    const old = { folder: record.folder, item: number, parentFolder: record.folder };
    this.#emit([
      { kind: 'moved', at, folder, parentFolder: folder, item: moved.number, old },
      ...this.#freeBusy(record),
      { kind: 'modified', at, folder: record.folder, parentFolder: this.#parentOf(record.folder) },
      { kind: 'modified', at, folder, parentFolder: this.#parentOf(folder) },
    ]);
    return moved;
  }

  copy(number: number, folder: number): ItemRecord | undefined {
    const record = this.find(number);
    if (record === undefined) return undefined;
    const change = this.#nextChange();
    const copied: ItemRecord = { ...record, folder, number: this.#nextNumber++, change, appeared: change };
    this.#keep(copied);
    this.#log(copied, 'write');
    const at = this.#clock.now();
    const old = { folder: record.folder, item: number, parentFolder: record.folder };
    this.#emit([
      { kind: 'copied', at, folder, parentFolder: folder, item: copied.number, old },
      { kind: 'modified', at, folder, parentFolder: this.#parentOf(folder) },
    ]);
    return copied;
  }

  /** What a client at this position has yet to be told, newest first. */
  changesIn(folder: number, position: SyncPosition): Generator<FolderChange, void, undefined> {
    const generated = folder === CALENDAR ? this.#source.count : 0;
    return (this.#logs.get(folder) ?? new ChangeLog()).newestFirst(position, generated);
  }

  // watching

  watch(watcher: StoreWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Runs several writes and tells the watchers of all of them at once. */
  batch<T>(work: () => T): T {
    if (this.#batch !== undefined) return work();
    this.#batch = [];
    try {
      return work();
    } finally {
      const events = this.#batch;
      this.#batch = undefined;
      this.#emit(events);
    }
  }

  // inside

  #announceWrite(kind: 'created' | 'modified', record: ItemRecord, isNewMail: boolean): void {
    const at = this.#clock.now();
    const event = { at, folder: record.folder, parentFolder: record.folder, item: record.number };
    const folderEvent: StoreEvent = {
      kind: 'modified',
      at,
      folder: record.folder,
      parentFolder: this.#parentOf(record.folder),
      ...(record.folder === INBOX ? { unread: this.#unreadInInbox() } : {}),
    };
    const newMail: StoreEvent[] = isNewMail ? [{ ...event, kind: 'newMail' }] : [];
    this.#emit([{ ...event, kind }, ...newMail, ...this.#freeBusy(record), folderEvent]);
  }

  #unreadInInbox(): number {
    let unread = 0;
    for (const number of this.#members.get(INBOX) ?? []) if (this.#records.get(number)?.isRead === false) unread += 1;
    return unread;
  }

  #freeBusy(record: ItemRecord): StoreEvent[] {
    if (record.kind !== 'calendar' || this.folder(record.folder)?.kind !== 'CalendarFolder') return [];
    const at = this.#clock.now();
    return [{ kind: 'freeBusyChanged', at, folder: record.folder, parentFolder: record.folder, item: record.number }];
  }

  #emit(events: readonly StoreEvent[]): void {
    if (events.length === 0) return;
    if (this.#batch !== undefined) {
      this.#batch.push(...events);
      return;
    }
    for (const watcher of [...this.#watchers]) watcher(events);
  }

  #nextChange(): number {
    this.lastCommit = this.#clock.now();
    this.#change += 1;
    return this.#change;
  }

  #keep(record: ItemRecord): void {
    this.#records.set(record.number, record);
    const members = this.#members.get(record.folder) ?? new Set();
    members.add(record.number);
    this.#members.set(record.folder, members);
    if (record.kind !== 'calendar') return;
    const key = cleanGlobalObjectId(record.globalObjectId);
    const meeting = this.#byMeeting.get(key) ?? new Set();
    meeting.add(record.number);
    this.#byMeeting.set(key, meeting);
  }

  #drop(record: ItemRecord): void {
    this.#records.delete(record.number);
    this.#edits.forget(record.number);
    this.#members.get(record.folder)?.delete(record.number);
    if (record.number <= this.#source.count) this.#gone.add(record.number);
    if (record.kind === 'calendar') {
      const key = cleanGlobalObjectId(record.globalObjectId);
      const meeting = this.#byMeeting.get(key);
      meeting?.delete(record.number);
      if (meeting?.size === 0) this.#byMeeting.delete(key);
    }
    this.#nextChange();
    this.#log({ ...record, change: this.#change }, 'gone');
  }

  #log(record: ItemRecord, kind: 'write' | 'read' | 'gone'): void {
    const log = this.#logs.get(record.folder) ?? new ChangeLog();
    log.add({ change: record.change, item: record.number, kind, appeared: record.appeared });
    this.#logs.set(record.folder, log);
    const folder = this.folder(record.folder);
    if (folder !== undefined) this.#folders.set(folder.number, { ...folder, change: record.change });
  }

  #parentOf(folder: number): number {
    return this.folder(folder)?.parent ?? MESSAGE_ROOT;
  }

  #mustHaveFolder(number: number): Folder {
    const folder = this.folder(number);
    if (folder === undefined) throw new RangeError(`${this.address} has no folder ${number}`);
    return folder;
  }
}
