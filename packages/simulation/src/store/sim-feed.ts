/**
 * What clients read: the change feed of each mailbox with its revisions, the rows joined with their conference, and who
 * has to be told of a change. Semantics as in storage-kysely's feed and meetings repositories.
 */
import type { ConferenceId, MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import type { FeedPage, StoredItem } from '@calendar-connector/sync-core';
import type { ItemRow, MailboxRow, MeetingRow } from './rows.ts';

interface Tables {
  readonly mailboxes: ReadonlyMap<MailboxAddress, MailboxRow>;
  readonly meetings: ReadonlyMap<MeetingKey, MeetingRow>;
}

export class SimFeed {
  readonly #tables: Tables;
  readonly #states = new Map<ConferenceId, 'running' | 'stopped'>();
  #announced: (mailbox: MailboxAddress) => void = () => {};

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** The feeds of these mailboxes advance; all copies of these meetings count as changed in the revision theirs has now. */
  announce(mailboxes: readonly MailboxAddress[], meetings: readonly MeetingKey[]): void {
    const advanced = [...new Set(mailboxes)];
    for (const address of advanced) this.#row(address).revision += 1;
    for (const row of this.#tables.mailboxes.values()) {
      for (const entry of row.items.values()) if (meetings.includes(entry.key)) entry.revision = row.revision;
    }
    for (const address of advanced) this.#announced(address);
  }

  /** Calls back at each commit that announces a new revision of a mailbox's feed. */
  onAnnounced(listener: (mailbox: MailboxAddress) => void): void {
    this.#announced = listener;
  }

  changesSince(mailbox: MailboxAddress, revision: number): Pick<FeedPage, 'revision' | 'changed' | 'removed'> {
    const row = this.#row(mailbox);
    const changed = shownOf(row).filter((entry) => entry.revision > revision);
    const removed = [...row.removals].flatMap(([event, at]) => (at > revision ? [event] : []));
    return { revision: row.revision, changed: changed.map((entry) => this.#stored(mailbox, entry)), removed };
  }

  listItems(mailbox: MailboxAddress): readonly StoredItem[] {
    return shownOf(this.#row(mailbox)).map((entry) => this.#stored(mailbox, entry));
  }

  #stored(mailbox: MailboxAddress, { item, key, eventId }: ItemRow): StoredItem {
    const { binding, agreed } = this.#tables.meetings.get(key)?.baseline ?? {};
    const stored = { mailbox, eventId, item, meeting: key };
    if (!binding) return stored;
    const state = this.#states.get(binding.conferenceId) ?? 'stopped';
    const { mode, access } = agreed ?? {};
    return { ...stored, binding: { ...binding, state, ...(mode && { mode }), ...(access && { access }) } };
  }

  listRunning(): readonly ConferenceId[] {
    return [...this.#states].flatMap(([id, state]) => (state === 'running' ? [id] : []));
  }

  /** Tells the holders only what is new; an unknown conference counts as stopped. */
  saveConferenceState(
    conference: ConferenceId,
    state: 'running' | 'stopped',
    meetings: readonly MeetingKey[],
    holders: readonly MailboxAddress[],
  ): void {
    if ((this.#states.get(conference) ?? 'stopped') === state) return;
    this.#states.set(conference, state);
    this.announce(holders, meetings);
  }

  boundTo(conference: ConferenceId): readonly MeetingKey[] {
    return [...this.#tables.meetings].flatMap(([key, row]) =>
      row.baseline.binding?.conferenceId === conference ? [key] : [],
    );
  }

  holdersOf(keys: readonly MeetingKey[]): readonly MailboxAddress[] {
    return [...this.#tables.mailboxes].flatMap(([address, row]) =>
      [...row.items.values()].some((entry) => keys.includes(entry.key)) ? [address] : [],
    );
  }

  /** Tells the listener that the feed of a mailbox has advanced. */
  tell(mailbox: MailboxAddress): void {
    this.#announced(mailbox);
  }

  #row(address: MailboxAddress): MailboxRow {
    const row = this.#tables.mailboxes.get(address);
    if (!row) throw new Error(`mailbox ${address} is not registered`);
    return row;
  }
}

/** What has vanished is shown to nobody, believed or not. */
function shownOf({ items }: MailboxRow): readonly ItemRow[] {
  return [...items.values()].filter((entry) => entry.missingSince === undefined);
}
