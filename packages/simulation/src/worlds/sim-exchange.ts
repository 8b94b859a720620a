/**
 * Exchange as far as the engine depends on it: folders with change logs, opaque cursors, pages, newest state of each item,
 * notifications that get lost. People change it through `SimPeople`.
 */
import {
  cursor as asCursor,
  type Cursor,
  type FolderItem,
  folderId,
  type Instant,
  type ItemId,
  type MailboxAddress,
} from '@calendar-connector/calendar-model';
import type {
  CalendarSource,
  ChangePage,
  EventPatch,
  HintListener,
  HintStream,
  ResolvedMailbox,
} from '@calendar-connector/sync-core';
import type { Run } from '../run/run-parts.ts';
import { SimFailure } from '../time/failure.ts';
import type { SimNode } from '../time/sim-node.ts';

/** Items of one page: small, so that pages end in the middle of things. */
const PAGE_SIZE = 3;

interface Folder {
  epoch: number;
  readonly items: Map<ItemId, FolderItem>;
  /** one entry per change, oldest first */
  readonly log: ItemId[];
  /** hidden: the server shows an empty folder */
  blank: boolean;
  throttledUntil: Instant;
}

export class SimExchange {
  readonly folders = new Map<MailboxAddress, Folder>();
  /** requests answered inside an announced pause (I13) */
  violations: string[] = [];
  awayUntil: Instant = 0;
  readonly #run: Run;
  readonly #listeners = new Set<{
    readonly node: SimNode;
    readonly listener: HintListener;
    watched: Set<MailboxAddress>;
  }>();

  constructor(run: Run, addresses: readonly MailboxAddress[]) {
    this.#run = run;
    for (const address of addresses) {
      this.folders.set(address, { epoch: 1, items: new Map(), log: [], blank: false, throttledUntil: 0 });
    }
  }

  folder(address: MailboxAddress): Folder {
    const folder = this.folders.get(address);
    if (!folder) throw new SimFailure('mailboxNotFound');
    return folder;
  }

  put(address: MailboxAddress, item: FolderItem): void {
    const folder = this.folder(address);
    folder.items.set(item.itemId, item);
    this.#changed(address, folder, item.itemId);
  }

  remove(address: MailboxAddress, itemId: ItemId): void {
    const folder = this.folder(address);
    if (!folder.items.delete(itemId)) return;
    this.#changed(address, folder, itemId);
  }

  /** The stored cursor is not accepted any more (restored database, moved mailbox). */
  refuseCursors(address: MailboxAddress): void {
    this.folder(address).epoch += 1;
    this.#hint(address);
  }

  /** Asks for a pause. */
  throttle(address: MailboxAddress, ms: number): void {
    this.folder(address).throttledUntil = this.#run.time.now + ms;
  }

  setBlank(address: MailboxAddress, blank: boolean): void {
    const folder = this.folder(address);
    folder.blank = blank;
    folder.epoch += 1;
    this.#hint(address);
  }

  /** What the mailbox shows. */
  visible(address: MailboxAddress): ReadonlyMap<ItemId, FolderItem> {
    const folder = this.folder(address);
    return folder.blank ? new Map() : folder.items;
  }

  #changed(address: MailboxAddress, folder: Folder, itemId: ItemId): void {
    folder.log.push(itemId);
    this.#hint(address);
  }

  #hint(address: MailboxAddress): void {
    const { chance, time, sometimes, faultsOn } = this.#run;
    for (const entry of this.#listeners) {
      if (!entry.watched.has(address)) continue;
      if (faultsOn() && chance.happens(0.15)) {
        sometimes.count('hint lost');
        continue;
      }
      const times = chance.happens(0.2) ? 2 : 1;
      for (let count = 0; count < times; count += 1) {
        time.after(chance.between(5, 800), () => {
          if (entry.node.alive) entry.listener.onHint({ mailbox: address, reason: 'notification' });
        });
      }
    }
  }

  /** The port as one node uses it. */
  source(node: SimNode): CalendarSource {
    /** pauses this node was told of, by mailbox */
    const told = new Map<MailboxAddress, { readonly until: Instant; readonly fence: number }>();
    const ask = <T>(name: string, mailbox: MailboxAddress, effect: () => T): Promise<T> => {
      const { now } = this.#run.time;
      // Looks obey the pause of their mailbox; other calls go through the client's limiter, which is not simulated.
      const pause = told.get(mailbox);
      // Who holds the mailbox anew has forgotten the pause; the client's limiter has not.
      const remembered = pause && pause.fence === this.#run.fenceOf(mailbox);
      if (name === 'fetchChanges' && remembered && now < pause.until) {
        this.violations.push(`${node.id} asked ${mailbox} inside an announced pause`);
      }
      const call = node.call('exchange', name, () => {
        this.#admit(mailbox);
        return effect();
      });
      return call.catch((error: unknown) => {
        const asked = error instanceof SimFailure ? error.retryAfterMs : undefined;
        if (name === 'fetchChanges' && asked !== undefined) {
          told.set(mailbox, { until: this.#run.time.now + asked, fence: this.#run.fenceOf(mailbox) });
        }
        throw error;
      });
    };
    const refuse = (): never => {
      throw new Error('not simulated');
    };
    return {
      name: 'exchange',
      resolve: (address) => ask('resolve', address, () => resolved(address)),
      fetchChanges: ({ address }, cursor) => ask('fetchChanges', address, () => this.#page(address, cursor)),
      openHints: (listener) => this.#openHints(node, listener),
      createEvent: refuse,
      updateEvent: ({ address }, { itemId }, patch) =>
        ask('updateEvent', address, () => this.#write(address, itemId, patch)),
      cancelEvent: refuse,
      respond: refuse,
      writeMarker: ({ address }, { itemId }, marker) =>
        ask('writeMarker', address, () => void this.#write(address, itemId, { marker })),
      fetchDelegates: ({ address }) => ask('fetchDelegates', address, () => []),
      close: async () => {},
    };
  }

  /** The same question from a job: like all calls but looks it waits in the client's limiter, which is not simulated. */
  askAgain(node: SimNode): CalendarSource['fetchChanges'] {
    return ({ address }, cursor) =>
      node.call('exchange', 'askAgain', () => {
        this.#admit(address);
        return this.#page(address, cursor);
      });
  }

  #admit(address: MailboxAddress): void {
    const { time, sometimes } = this.#run;
    const folder = this.folder(address);
    if (time.now < this.awayUntil) {
      sometimes.count('exchange away');
      throw new SimFailure('unavailable');
    }
    if (time.now >= folder.throttledUntil) return;
    throw new SimFailure('throttled', { retryAfterMs: folder.throttledUntil - time.now });
  }

  #page(address: MailboxAddress, cursor: Cursor | undefined): ChangePage {
    const { chance, sometimes, faultsOn } = this.#run;
    const folder = this.folder(address);
    if (faultsOn() && chance.happens(0.03)) {
      const pause = chance.between(1_000, 60_000);
      folder.throttledUntil = this.#run.time.now + pause;
      sometimes.count(cursor?.includes('L') ? 'throttled in the middle of a page' : 'throttled');
      throw new SimFailure('throttled', { retryAfterMs: pause });
    }
    if (cursor === undefined) return this.#listing(address, folder, folder.log.length, '');
    const [epoch, kind = '', from = '', after = ''] = cursor.split(':');
    if (Number(epoch) !== folder.epoch) {
      sometimes.count(kind === 'L' ? 'cursor refused in the middle of a listing' : 'cursor refused');
      throw new SimFailure('cursorInvalid');
    }
    if (kind === 'L') return this.#listing(address, folder, Number(from), after);
    return this.#changes(address, folder, Number(from));
  }

  /** A page of the whole folder, from behind an id; changes made meanwhile follow from the log. */
  #listing(address: MailboxAddress, folder: Folder, from: number, after: string): ChangePage {
    const all = [...this.visible(address).values()].sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
    const rest = all.filter((item) => item.itemId > after);
    const page = rest.slice(0, PAGE_SIZE);
    const end = rest.length <= PAGE_SIZE;
    const cursor = end ? `${folder.epoch}:S:${from}` : `${folder.epoch}:L:${from}:${page.at(-1)?.itemId ?? ''}`;
    return { changed: page, removed: [], unreadable: [], cursor: asCursor(cursor), complete: end };
  }

  #changes(address: MailboxAddress, folder: Folder, from: number): ChangePage {
    const visible = this.visible(address);
    const to = Math.min(folder.log.length, from + PAGE_SIZE);
    const ids = [...new Set(folder.log.slice(from, to))];
    const changed = ids.flatMap((id) => visible.get(id) ?? []);
    const removed = ids.filter((id) => !visible.has(id));
    if (removed.length > 0 && changed.length === 0) this.#run.sometimes.count('page of removals only');
    const cursor = asCursor(`${folder.epoch}:S:${to}`);
    return { changed, removed, unreadable: [], cursor, complete: to === folder.log.length };
  }

  #write(
    address: MailboxAddress,
    itemId: ItemId,
    { marker, location, ifLocation }: Pick<EventPatch, 'marker' | 'location' | 'ifLocation'>,
  ): FolderItem {
    const item = this.folder(address).items.get(itemId);
    if (!item) throw new SimFailure('notFound');
    if (ifLocation !== undefined && ifLocation !== item.location) throw new SimFailure('conflict');
    this.#run.journal.itemWrites.push({ address, itemId });
    const written = { ...item, ...(marker && { marker }), ...(location !== undefined && { location }) };
    this.put(address, written);
    return written;
  }

  #openHints(node: SimNode, listener: HintListener): HintStream {
    const entry = { node, listener, watched: new Set<MailboxAddress>() };
    this.#listeners.add(entry);
    return {
      watch: (mailboxes) => {
        const wanted = new Set(mailboxes.map((mailbox) => mailbox.address));
        for (const address of wanted) {
          if (entry.watched.has(address)) continue;
          this.#run.time.after(this.#run.chance.between(10, 2_000), () => {
            if (!node.alive || !entry.watched.has(address)) return;
            listener.onState(address, 'live');
            listener.onHint({ mailbox: address, reason: 'streamOpened' });
          });
        }
        entry.watched = wanted;
      },
      close: async () => void this.#listeners.delete(entry),
    };
  }
}

function resolved(address: MailboxAddress): ResolvedMailbox {
  return {
    address,
    folderId: folderId(`folder-${address}`),
    calendarTitle: 'Calendar',
    ownerName: address,
    endpoint: 'sim',
    affinityGroup: 'sim',
  };
}
