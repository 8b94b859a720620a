/**
 * The tables as kysely sees them; the schema itself stands in migrations/. Instants are int8 (milliseconds) because
 * they come from Exchange; `timestamptz` is used where the database's own clock decides (leases, beats).
 */
import type {
  ConferenceId,
  Cursor,
  FolderId,
  FolderItem,
  Instant,
  ItemId,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
} from '@calendar-connector/calendar-model';
import type { Baseline, MailboxStatus, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { ColumnType, Generated } from 'kysely';

/** Written as JSON text, read as a value. */
type Json<Value> = ColumnType<Value, string, string>;
type JsonOrNull<Value> = ColumnType<Value | null, string | null, string | null>;

interface MailboxTable {
  readonly id: Generated<number>;
  readonly address: MailboxAddress;
  readonly provider: string;
  readonly priority: number;
  readonly licensed: boolean;
  readonly configured: Generated<boolean>;
  readonly paused: Generated<boolean>;
  readonly resolved: JsonOrNull<ResolvedMailbox>;
  readonly folder_id: FolderId | null;
  readonly cursor: Cursor | null;
  readonly listing: string | null;
  readonly live_items: Generated<number>;
  readonly revision: Generated<number>;
  readonly feed_floor: Generated<number>;
  readonly lease_node: string | null;
  readonly fence: Generated<number>;
  readonly unknown_gone_at: Generated<Instant | null>;
}

interface MailboxStatusTable {
  readonly mailbox_id: number;
  readonly status: Json<MailboxStatus>;
}

interface ItemTable {
  readonly mailbox_id: number;
  readonly item_hash: string;
  readonly event_id: string;
  readonly meeting_hash: string;
  readonly meeting_key: MeetingKey;
  readonly original_start: Instant | null;
  readonly span_start: Instant;
  readonly span_end: Instant;
  readonly long_span: boolean;
  readonly row_hash: string;
  readonly content_hash: string;
  readonly item: Json<FolderItem>;
  readonly missing_since: Instant | null;
  readonly quarantine: string | null;
  readonly revision: number;
}

interface ListingItemTable {
  readonly mailbox_id: number;
  readonly item_hash: string;
}

interface FeedRemovalTable {
  readonly mailbox_id: number;
  readonly event_id: string;
  readonly revision: number;
  readonly removed_at: Generated<Date>;
}

interface MeetingTable {
  readonly meeting_hash: string;
  readonly meeting_key: MeetingKey;
  readonly uid: string | null;
  readonly version: number;
  readonly baseline: Json<Baseline>;
  readonly binding_server: TrueConfServerId | null;
  readonly binding_conference: ConferenceId | null;
  readonly bound_at: Date | null;
}

interface ConferenceStateTable {
  readonly server_id: TrueConfServerId;
  readonly conference_id: ConferenceId;
  readonly state: 'running' | 'stopped';
}

interface TimelineTable {
  readonly id: Generated<number>;
  readonly at: Instant;
  readonly meeting_hash: string | null;
  readonly meeting_key: MeetingKey | null;
  readonly mailbox: MailboxAddress | null;
  readonly stage: string;
  readonly what: string;
  readonly outcome: string | null;
  readonly detail: JsonOrNull<Readonly<Record<string, string | number | boolean>>>;
}

interface NodeTable {
  readonly id: string;
  readonly name: string;
  readonly beat_at: Date;
  readonly lease_until: Date | null;
  readonly worker_pools: Generated<readonly string[]>;
}

interface AnomalyTable {
  readonly id: string;
  readonly at: Instant;
  readonly kind: 'massDisappearance' | 'loop' | 'unreadableItem' | 'conferenceConflict';
  readonly mailbox: MailboxAddress | null;
  readonly meeting_key: MeetingKey | null;
  readonly facts: Json<Readonly<Record<string, string | number | boolean>>>;
  readonly decision: 'released' | 'discarded' | null;
  readonly decided_at: Instant | null;
}

interface ClientWriteTable {
  readonly mailbox: MailboxAddress;
  readonly key_hash: string;
  readonly request_hash: string;
  readonly answer: string | null;
  readonly begun_at: Generated<Date>;
}

interface MirrorTable {
  readonly server_id: TrueConfServerId;
  readonly conference_id: ConferenceId;
  readonly mailbox: MailboxAddress;
  readonly item_id: ItemId | null;
  readonly written: string | null;
  readonly seen_at: Instant;
}

interface RulesTable {
  readonly single: Generated<boolean>;
  readonly fingerprint: string;
}

interface MigrationTable {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
  readonly fingerprint: string;
  readonly applied_at: Generated<Date>;
}

export interface Database {
  'tcc.mailboxes': MailboxTable;
  'tcc.mailbox_status': MailboxStatusTable;
  'tcc.items': ItemTable;
  'tcc.listing_items': ListingItemTable;
  'tcc.feed_removals': FeedRemovalTable;
  'tcc.meetings': MeetingTable;
  'tcc.rules': RulesTable;
  'tcc.conference_states': ConferenceStateTable;
  'tcc.timeline': TimelineTable;
  'tcc.nodes': NodeTable;
  'tcc.anomalies': AnomalyTable;
  'tcc.client_writes': ClientWriteTable;
  'tcc.mirrors': MirrorTable;
  'tcc.migrations': MigrationTable;
}
