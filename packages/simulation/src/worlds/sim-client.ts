/**
 * A client of each mailbox that always listens: it reads what changed whenever a commit announces a new revision, and
 * keeps what it was told. What it shows must be what a client that asks for everything now would be shown.
 */
import type { Instant, MailboxAddress } from '@calendar-connector/calendar-model';
import { projectEvents, type StoredItem, type ViewOptions } from '@calendar-connector/sync-core';
import type { SimDatabase } from '../store/sim-database.ts';
import { HOST, SERVER } from './sim-trueconf.ts';

interface Told {
  revision: number;
  readonly items: Map<string, StoredItem>;
}

export class SimClients {
  readonly #database: SimDatabase;
  readonly #told = new Map<MailboxAddress, Told>();

  constructor(database: SimDatabase) {
    this.#database = database;
    for (const address of database.mailboxes.keys()) this.#told.set(address, { revision: 0, items: new Map() });
    database.feed.onAnnounced((mailbox) => this.#read(mailbox));
  }

  /** The first event that a client shows otherwise than it is. */
  difference(from: Instant, to: Instant): string | undefined {
    for (const [mailbox, { items }] of this.#told) {
      const shown = this.#events(mailbox, [...items.values()], from, to);
      const actual = this.#events(mailbox, this.#database.feed.listItems(mailbox), from, to);
      const missed = [...actual].find(([id, event]) => shown.get(id) !== event);
      if (missed)
        return `D3: clients of ${mailbox} show an old ${missed[0]} (${differing(missed[1], shown.get(missed[0]))})`;
      const left = [...shown.keys()].find((id) => !actual.has(id));
      if (left !== undefined) return `D3: clients of ${mailbox} still show ${left}`;
    }
    return undefined;
  }

  #read(mailbox: MailboxAddress): void {
    const told = this.#told.get(mailbox);
    if (!told) return;
    const page = this.#database.feed.changesSince(mailbox, told.revision);
    for (const eventId of page.removed) told.items.delete(eventId);
    for (const item of page.changed) told.items.set(item.eventId, item);
    told.revision = page.revision;
  }

  #events(
    mailbox: MailboxAddress,
    items: readonly StoredItem[],
    from: Instant,
    to: Instant,
  ): ReadonlyMap<string, string> {
    const options: ViewOptions = {
      viewer: 'owner',
      calendarId: mailbox,
      privacy: 'masked',
      access: 'full',
      language: 'en',
      servers: [{ id: SERVER, hosts: [HOST] }],
    };
    return new Map(projectEvents(items, from, to, options).map((event) => [event.id, JSON.stringify(event)]));
  }
}

/** Names of the fields in which two events differ. */
function differing(actual: string, shown = '{}'): string {
  const [a, b] = [JSON.parse(actual), JSON.parse(shown)] as readonly Readonly<Record<string, unknown>>[];
  const names = new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]);
  return [...names].filter((name) => JSON.stringify(a?.[name]) !== JSON.stringify(b?.[name])).join(', ');
}
