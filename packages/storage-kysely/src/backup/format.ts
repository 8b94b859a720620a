/**
 * A backup file: gzip of lines `name<TAB>json`. The first is `head`, the last `end` with row counts and a SHA-256 over
 * everything before it; between them the rows of each table and the jobs that wait. Rows are never parsed here, so
 * 64-bit numbers survive. A file of an older schema is loaded into that schema and then migrated.
 */
export const BACKUP_FORMAT = 'calendar-connector-backup';
export const BACKUP_VERSION = 1;

export interface BackupHead {
  readonly format: string;
  readonly version: number;
  /** last migration of the database it was taken from */
  readonly schema: number;
  readonly createdAt: string;
}

export interface BackupEnd {
  readonly rows: Readonly<Record<string, number>>;
  readonly sha256: string;
}

export interface BackupSummary {
  readonly schema: number;
  readonly createdAt: string;
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * In an order in which references exist. Nodes and leases are not kept, they belong to running
 * processes; neither are the rules of planning, so that everything restored is looked at by today's.
 */
export const BACKUP_TABLES = [
  'mailboxes',
  'mailbox_status',
  'items',
  'listing_items',
  'feed_removals',
  'meetings',
  'conference_states',
  'timeline',
  'anomalies',
  'client_writes',
  'mirrors',
] as const;

/** The name jobs go by in the file. */
export const JOBS = 'jobs';
