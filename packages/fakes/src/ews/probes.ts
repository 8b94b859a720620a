/**
 * What can be measured at the fake: a journal of requests, counts by operation and budget, the most requests at a time,
 * requests sent inside an announced back-off.
 */
import type { Instant } from '@calendar-connector/calendar-model';

export interface JournalEntry {
  readonly sequence: number;
  readonly at: Instant;
  readonly operation: string;
  /** login */
  readonly account?: string;
  /** mailbox whose budget is charged */
  readonly mailbox?: string;
  readonly anchor?: string;
  readonly status: number;
  readonly responseCodes: readonly string[];
  /** ids in a batch, where there is one */
  readonly items: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly durationMs: number;
  readonly fault?: string;
  readonly backEnd?: string;
  readonly connection: number;
}

export interface CounterSnapshot {
  readonly requests: number;
  readonly byOperation: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byCode: Readonly<Record<string, number>>;
  readonly byMailbox: Readonly<Record<string, number>>;
  readonly concurrencyHighWater: number;
  readonly concurrencyHighWaterByMailbox: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly authFailures: number;
  readonly openStreams: number;
  readonly subscriptions: number;
  /** requests made while a back-off announced to that budget was running */
  readonly backOffViolations: number;
  readonly backOffsAnnounced: number;
}

/** Counts by mailbox are kept for this many; enough for every scenario, bounded for soaks. */
const MOST_MAILBOXES = 20_000;

export class Journal {
  readonly #entries: JournalEntry[] = [];
  readonly #limit: number;
  #sequence = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: Omit<JournalEntry, 'sequence'>): void {
    this.#sequence += 1;
    if (this.#limit === 0) return;
    this.#entries.push({ ...entry, sequence: this.#sequence });
    if (this.#entries.length > this.#limit * 2) this.#entries.splice(0, this.#entries.length - this.#limit);
  }

  /** The newest entries, oldest first. */
  list(
    filter: { readonly operation?: string; readonly mailbox?: string; readonly since?: number } = {},
  ): JournalEntry[] {
    return this.#entries
      .slice(-this.#limit)
      .filter((entry) => filter.operation === undefined || entry.operation === filter.operation)
      .filter((entry) => filter.mailbox === undefined || entry.mailbox?.toLowerCase() === filter.mailbox.toLowerCase())
      .filter((entry) => filter.since === undefined || entry.sequence > filter.since);
  }

  clear(): void {
    this.#entries.length = 0;
  }
}

export class Counters {
  #requests = 0;
  #byOperation = new Map<string, number>();
  #byStatus = new Map<string, number>();
  #byCode = new Map<string, number>();
  #byMailbox = new Map<string, number>();
  #highByMailbox = new Map<string, number>();
  #high = 0;
  connections = 0;
  authFailures = 0;
  openStreams = 0;
  subscriptions = 0;
  backOffViolations = 0;
  backOffsAnnounced = 0;

  countRequest(operation: string, mailbox: string | undefined): void {
    this.#requests += 1;
    bump(this.#byOperation, operation);
    if (mailbox !== undefined && (this.#byMailbox.size < MOST_MAILBOXES || this.#byMailbox.has(mailbox)))
      bump(this.#byMailbox, mailbox);
  }

  countAnswer(status: number, codes: readonly string[]): void {
    bump(this.#byStatus, String(status));
    for (const code of codes) bump(this.#byCode, code);
  }

  noteConcurrency(mailbox: string, inMailbox: number, overall: number): void {
    if (overall > this.#high) this.#high = overall;
    const known = this.#highByMailbox.get(mailbox) ?? 0;
    if (inMailbox > known && (known > 0 || this.#highByMailbox.size < MOST_MAILBOXES))
      this.#highByMailbox.set(mailbox, inMailbox);
  }

  snapshot(): CounterSnapshot {
    return {
      requests: this.#requests,
      byOperation: Object.fromEntries(this.#byOperation),
      byStatus: Object.fromEntries(this.#byStatus),
      byCode: Object.fromEntries(this.#byCode),
      byMailbox: Object.fromEntries(this.#byMailbox),
      concurrencyHighWater: this.#high,
      concurrencyHighWaterByMailbox: Object.fromEntries(this.#highByMailbox),
      connections: this.connections,
      authFailures: this.authFailures,
      openStreams: this.openStreams,
      subscriptions: this.subscriptions,
      backOffViolations: this.backOffViolations,
      backOffsAnnounced: this.backOffsAnnounced,
    };
  }

  reset(): void {
    this.#requests = 0;
    this.#byOperation.clear();
    this.#byStatus.clear();
    this.#byCode.clear();
    this.#byMailbox.clear();
    this.#highByMailbox.clear();
    this.#high = 0;
    this.authFailures = 0;
    this.backOffViolations = 0;
    this.backOffsAnnounced = 0;
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
