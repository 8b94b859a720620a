/**
 * What the engine remembers, and the transactions it remembers in. storage-kysely implements it on PostgreSQL.
 * Rule I7: items, cursor, touched meetings, change feed and their jobs commit together or not at all.
 * Times inside leases are the database's own clock: a node's clock may be wrong.
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
import type { AgreedConference, Baseline, ConferenceBinding, StoredMeeting } from '../model/meeting.ts';
import type { ResolvedMailbox } from './calendar-source.ts';
import type { CancelSignal } from './cancel-signal.ts';

/** Grows each time a mailbox changes hands; a write with an older one is refused. */
export type Fence = number;

// ---- mailboxes -------------------------------------------------------------------------------------------------

/** A mailbox as configuration names it. */
export interface MailboxRegistration {
  readonly address: MailboxAddress;
  readonly provider: string;
  /** smaller is served first */
  readonly priority: number;
  /** false: known but without a licence slot; not synced */
  readonly licensed: boolean;
}

/** State of one mailbox as people see it; written in batches, never per event. */
export interface MailboxStatus {
  readonly address: MailboxAddress;
  readonly state: string;
  readonly since: Instant;
  readonly lastLookAt?: Instant;
  readonly lastEventAt?: Instant;
  readonly nextAttemptAt?: Instant;
  readonly error?: { readonly code: string; readonly message: string; readonly advice: string };
}

/** A mailbox as the store knows it. */
export interface MailboxRecord extends MailboxRegistration {
  readonly resolved?: ResolvedMailbox;
  readonly cursor?: Cursor;
  /** a listing from scratch that has not seen its last page */
  readonly listing?: string;
  readonly status?: MailboxStatus;
  readonly paused: boolean;
  readonly liveItems: number;
  readonly revision: number;
  /** when an item was last reported gone that the store never held; it came and went between two looks */
  readonly unknownGoneAt?: Instant;
}

export interface MailboxStore {
  /**
   * Makes the table equal to the list: new ones inserted, missing ones kept but marked unlicensed and unconfigured. Meetings
   * of a mailbox that is synced again, and settled ones of a mailbox that is not any more, are ordered to be planned. Of a
   * mailbox that belongs to another provider now, place and cursor are forgotten.
   */
  saveMailboxes(mailboxes: readonly MailboxRegistration[]): Promise<void>;
  findMailbox(address: MailboxAddress): Promise<MailboxRecord | undefined>;
  listMailboxes(): Promise<readonly MailboxRecord[]>;
  saveResolution(resolved: ResolvedMailbox): Promise<void>;
  saveStatuses(statuses: readonly MailboxStatus[]): Promise<void>;
  setPaused(address: MailboxAddress, paused: boolean): Promise<void>;
  /** Forgets the cursor, keeps the items: the next look lists from scratch and compares. */
  resetCursor(address: MailboxAddress): Promise<void>;
}

// ---- observation -----------------------------------------------------------------------------------------------

/** One page of a mailbox, to be committed with everything that follows from it. */
export interface Observation {
  readonly mailbox: MailboxAddress;
  readonly fence: Fence;
  /** the cursor the page was asked with; a commit is refused as `stale` when the stored one differs */
  readonly previousCursor?: Cursor;
  readonly cursor: Cursor;
  readonly changed: readonly FolderItem[];
  readonly removed: readonly ItemId[];
  /** Page of a listing from scratch. With `complete`, items no page of this listing showed count as removed. */
  readonly listing?: { readonly id: string; readonly complete: boolean };
  readonly at: Instant;
  /**
   * Removals are held this long so that a move (Delete + Create) can be told from an end. Meetings keep what is held;
   * clients see the mailbox as it is, so not any more, and under the same event id again when it comes back.
   */
  readonly holdMs: number;
  /** Decides on vanished items within the transaction (guard I8): `quarantine` keeps them untouched and records an anomaly. */
  readonly judgeDisappearance: (facts: { readonly live: number; readonly vanished: number }) => 'hold' | 'quarantine';
  /**
   * False for an item that changes nothing about a meeting without a settlement: such a meeting is not planned because
   * of it. Absent: every change is planned.
   */
  readonly needsPlan?: (item: FolderItem) => boolean;
  /**
   * False for an item that is not to be taken up: it is left out, unless the mailbox's rows have it or its meeting already.
   * Absent: everything is taken up.
   */
  readonly isWanted?: (item: FolderItem) => boolean;
}

/** What committing a page did, or why it was refused. */
export type ObservationReceipt =
  | {
      readonly outcome: 'committed';
      readonly inserted: number;
      readonly updated: number;
      readonly unchanged: number;
      readonly held: number;
      readonly quarantined: number;
      /** meetings that are planned because of the page */
      readonly touched: readonly MeetingKey[];
      /** of the mailbox's change feed; unchanged when nothing a client can see has changed */
      readonly revision: number;
    }
  /** another node owns the mailbox now */
  | { readonly outcome: 'fenced' }
  /** somebody committed from another cursor meanwhile: read the mailbox again */
  | { readonly outcome: 'stale' };

export interface ObservationStore {
  commitObservation(observation: Observation): Promise<ObservationReceipt>;
}

// ---- rules -----------------------------------------------------------------------------------------------------

/** Settings by which meetings are planned, told from others by their fingerprint. */
export interface PlanningRules {
  readonly fingerprint: string;
  /** texts one of which stands in every item that may concern a conference by these rules; see `planningRules` */
  readonly signs: readonly string[];
  /** when the plans ordered are due */
  readonly at: Instant;
}

export interface RulesStore {
  /** Fingerprint of the rules all meetings were ordered to be planned by; undefined: never. */
  findRules(): Promise<string | undefined>;
  /**
   * Orders a plan of every meeting these rules may concern, behind everything that is due, then remembers the rules.
   * Cut off in the middle it remembers nothing and is repeated. Returns how many plans were ordered.
   */
  planByNewRules(rules: PlanningRules, signal: CancelSignal): Promise<number>;
}

// ---- meetings --------------------------------------------------------------------------------------------------

/** A start owed at `at`. One job per (server, conference, occurrence): scheduling it twice is scheduling it once. */
export interface StartJob {
  readonly meeting: MeetingKey;
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
  readonly occurrenceStart: Instant;
  readonly at: Instant;
}

/** One line of a meeting's story, for `trace`, the audit log and support. Never holds a subject or a body. */
export interface TimelineEntry {
  readonly at: Instant;
  readonly meeting?: MeetingKey;
  readonly mailbox?: MailboxAddress;
  readonly stage: 'observed' | 'planned' | 'applied' | 'settled' | 'pushed' | 'client' | 'admin' | 'anomaly';
  /** rule or action, e.g. `R12 update topic` */
  readonly what: string;
  readonly outcome?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** The end of one planning round: what is agreed now and what has to happen later, committed at once. */
export interface Settlement {
  readonly key: MeetingKey;
  /** version the plan was made from; a different stored one refuses the commit as `stale` */
  readonly version: number;
  readonly baseline: Baseline;
  readonly startsToSchedule: readonly StartJob[];
  readonly startsToCancel: readonly Omit<StartJob, 'at'>[];
  /** look at this meeting again at this time (retry, end of hold, participants before start) */
  readonly planAgainAt?: Instant;
  /** items whose held removal is now accepted: the rows go */
  readonly removals: readonly { readonly mailbox: MailboxAddress; readonly itemId: ItemId }[];
  /** true when what clients see of the conference changed: every copy's change feed advances */
  readonly visibleChange: boolean;
  readonly timeline: readonly TimelineEntry[];
}

/** A meeting with a conference on a server, and what was agreed about it; nothing, when it only shows the conference. */
export interface BoundMeeting {
  readonly meeting: MeetingKey;
  readonly binding: ConferenceBinding;
  readonly agreed?: AgreedConference;
}

export interface MeetingStore {
  /** With the copies of all mailboxes that are synced: configured and licensed. */
  loadMeeting(key: MeetingKey): Promise<StoredMeeting>;
  /** The first settlement of a meeting orders a plan: copies that needed none until then may have come meanwhile. */
  commitSettlement(settlement: Settlement): Promise<'done' | 'stale'>;
  /** Enqueue planning now; one job per meeting however often it is called. */
  requestPlan(keys: readonly MeetingKey[], at?: Instant): Promise<void>;
  /** Conferences bound to meetings, for matching what a server reports. */
  findMeetingByConference(serverId: TrueConfServerId, conferenceId: ConferenceId): Promise<MeetingKey | undefined>;
  /** All meetings with a conference on a server but those whose conference the connector has removed. */
  listBoundMeetings(serverId: TrueConfServerId): Promise<readonly BoundMeeting[]>;
  /** Remembers that a conference's state changed so that clients see it. */
  saveConferenceState(
    serverId: TrueConfServerId,
    conferenceId: ConferenceId,
    state: 'running' | 'stopped',
  ): Promise<void>;
  /** The conferences of a server that clients are shown as running. */
  listRunningConferences(serverId: TrueConfServerId): Promise<readonly ConferenceId[]>;
  appendTimeline(entries: readonly TimelineEntry[]): Promise<void>;
  listTimeline(uidOrKey: string, limit: number): Promise<readonly TimelineEntry[]>;
}

// ---- what clients read -----------------------------------------------------------------------------------------

/** An item row as clients' answers are made from. `eventId` is stable while the meeting lives in the mailbox, even when the ItemId changes. */
export interface StoredItem {
  readonly mailbox: MailboxAddress;
  readonly eventId: string;
  readonly item: FolderItem;
  readonly meeting: MeetingKey;
  readonly binding?: ConferenceBinding & {
    readonly state: 'running' | 'stopped';
    readonly mode?: string;
    readonly access?: string;
  };
}

/** What changed for clients of one mailbox since a revision. */
export interface FeedPage {
  readonly revision: number;
  readonly changed: readonly StoredItem[];
  readonly removed: readonly string[];
  /** the feed no longer reaches back to the asked revision, or the page would be too large: list again */
  readonly resync: boolean;
}

export interface FeedStore {
  /** Singles that overlap the window and masters whose series may; by index, ordered by start. */
  listItemsInWindow(
    mailbox: MailboxAddress,
    from: Instant,
    to: Instant,
  ): Promise<{ readonly items: readonly StoredItem[]; readonly revision: number }>;
  findItem(mailbox: MailboxAddress, eventId: string): Promise<StoredItem | undefined>;
  changesSince(mailbox: MailboxAddress, revision: number, limit: number): Promise<FeedPage>;
  findMailboxByFolder(folderId: FolderId): Promise<MailboxAddress | undefined>;
  /** Calls back for each committed change of any node (LISTEN/NOTIFY), and with `lost` after a broken connection. */
  followChanges(listener: {
    onChange(mailbox: MailboxAddress, revision: number): void;
    onLost(): void;
  }): Promise<{ close(): Promise<void> }>;
}

// ---- nodes and leases ------------------------------------------------------------------------------------------

/**
 * A mailbox this node holds; the fence goes into every commit. With it comes what other nodes and the configuration may
 * have changed since: only the holder acts on it.
 */
export interface LeaseGrant {
  readonly mailbox: MailboxAddress;
  readonly fence: Fence;
  readonly provider: string;
  readonly paused: boolean;
  /** false: it has no cursor and is to be listed from scratch */
  readonly hasCursor: boolean;
}

export interface LeaseStore {
  /**
   * Heartbeat of a node; also removes nodes that were silent longer than `deadAfterMs` (half as long, when it shows that
   * their process has ended) and frees their mailboxes and jobs.
   */
  beat(node: {
    readonly id: string;
    readonly name: string;
    readonly deadAfterMs: number;
  }): Promise<{ readonly nodes: number; readonly freed: number }>;
  /** Takes free or expired mailboxes up to a fair share and renews the held ones; returns all that the node holds now. */
  acquireLeases(nodeId: string, ttlMs: number): Promise<readonly LeaseGrant[]>;
  releaseLeases(nodeId: string): Promise<void>;
}

// ---- anomalies, client writes, mirrors -------------------------------------------------------------------------

/** Something odd that waits for a person, or waited. */
export interface Anomaly {
  readonly id: string;
  readonly at: Instant;
  readonly kind: 'massDisappearance' | 'loop' | 'unreadableItem' | 'conferenceConflict';
  readonly mailbox?: MailboxAddress;
  readonly meeting?: MeetingKey;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly decision?: 'released' | 'discarded';
  readonly decidedAt?: Instant;
}

/** An anomaly nobody has decided about yet. */
export type AnomalyReport = Omit<Anomaly, 'decision' | 'decidedAt'>;

export interface AnomalyStore {
  listAnomalies(open: boolean): Promise<readonly Anomaly[]>;
  /** Once: an open one of the same kind about the same mailbox, meeting or server says it already. */
  saveAnomaly(anomaly: AnomalyReport): Promise<void>;
  /** `released`: the removals are real and are acted on (those of mirrors by the next list of their server). `discarded`: they stay until the next full listing. */
  decideAnomaly(id: string, decision: 'released' | 'discarded'): Promise<'done' | 'already' | 'unknown'>;
}

/** Idempotency of writes asked for by clients. */
export interface WriteLedger {
  /** `new`: do it; `known`: it was done, here is the answer; `pending`: somebody is at it; `mismatch`: the key was used for another request. */
  beginWrite(
    mailbox: MailboxAddress,
    idempotencyKey: string,
    requestHash: string,
  ): Promise<{ readonly state: 'new' | 'pending' | 'mismatch' } | { readonly state: 'known'; readonly answer: string }>;
  finishWrite(mailbox: MailboxAddress, idempotencyKey: string, answer: string): Promise<void>;
  /** The write failed for certain without effect: the key may be used again. */
  abandonWrite(mailbox: MailboxAddress, idempotencyKey: string): Promise<void>;
}

/** A conference planned on a TrueConf Server that is mirrored into its owner's calendar (feature D5). */
export interface MirrorRecord {
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
  readonly mailbox: MailboxAddress;
  readonly itemId?: ItemId;
  /** hash of what was last written to the item */
  readonly written?: string;
  readonly seenAt: Instant;
}

export interface MirrorStore {
  listMirrors(serverId: TrueConfServerId): Promise<readonly MirrorRecord[]>;
  saveMirror(mirror: MirrorRecord): Promise<void>;
  removeMirror(serverId: TrueConfServerId, conferenceId: ConferenceId): Promise<void>;
}

export interface SyncStore
  extends MailboxStore,
    ObservationStore,
    RulesStore,
    MeetingStore,
    FeedStore,
    LeaseStore,
    AnomalyStore,
    WriteLedger,
    MirrorStore {}

/** Names of the jobs the store enqueues; the daemon runs a handler for each. */
export const JOB = {
  planMeeting: 'plan_meeting',
  startConference: 'start_conference',
} as const;

export interface PlanMeetingPayload {
  readonly key: MeetingKey;
}

export type StartConferencePayload = Omit<StartJob, 'at'> & { readonly at: Instant };
