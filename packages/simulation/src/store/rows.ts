/** Rows of the simulated tables. */
import type { Cursor, FolderItem, Instant, ItemId, MeetingKey } from '@calendar-connector/calendar-model';
import type { Baseline, MailboxRegistration, ResolvedMailbox } from '@calendar-connector/sync-core';

export interface ItemRow {
  readonly item: FolderItem;
  readonly key: MeetingKey;
  /** what clients know the event by, whatever the item's id */
  readonly eventId: string;
  /** of the mailbox's feed, when clients last saw it change */
  revision: number;
  missingSince?: Instant;
  quarantined?: boolean;
}

export interface MailboxRow {
  registration: MailboxRegistration;
  resolved?: ResolvedMailbox;
  cursor?: Cursor;
  unknownGoneAt?: Instant;
  listing?: string;
  readonly listed: Set<ItemId>;
  readonly items: Map<ItemId, ItemRow>;
  node?: string;
  fence: number;
  revision: number;
  /** events clients were told to remove, and in which revision */
  readonly removals: Map<string, number>;
}

export interface MeetingRow {
  readonly baseline: Baseline;
  readonly version: number;
  readonly boundAt: Instant;
}
