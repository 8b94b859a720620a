/**
 * What shall go wrong: rules per mailbox and operation, by count or probability, seeded. The server asks at fixed points
 * ("stages") whether a rule strikes; each kind of fault belongs to one stage.
 * The list: facts "Fake Exchange fidelity checklist" 8, goals §7.
 */
import { Random } from '../../world/random.ts';

/** Before the request is worked on. */
export const REQUEST_FAULTS = [
  'status',
  'html',
  'busyFault',
  'busyMessage',
  'busyInner',
  'connectionCount',
  'tooManyObjects',
  'soapFault',
  'responseError',
  'reset',
  'halfOpen',
  'delay',
  'impersonationDenied',
  'mailboxMoved',
  'unauthorized',
  'emptyBody',
] as const;
/** While the finished answer goes out. */
export const RESPONSE_FAULTS = ['timeoutAfterCommit', 'truncate', 'slowBody', 'controlCharacters'] as const;
/** On open streams of notifications. */
export const STREAM_FAULTS = [
  'muteStream',
  'cutStream',
  'cutChunk',
  'splitChunks',
  'duplicateEvents',
  'reorderEvents',
  'dropEvents',
  'delayEvents',
  'mergeEvents',
  'streamError',
] as const;
/** Per item of a batch. */
export const ITEM_FAULTS = [
  'notReadableYet',
  'itemError',
  'emptyTimeZone',
  'ianaTimeZone',
  'customTimeZone',
  'duplicateUid',
  'hugeAttendees',
  'legacyAddresses',
] as const;
/** Synchronisation, subscriptions, autodiscover. */
export const STATE_FAULTS = [
  'invalidSyncState',
  'syncFolderNotFound',
  'subscriptionNotFound',
  'missedEvents',
  'invalidWatermark',
  'redirectLoop',
  'batchStopped',
] as const;

export const FAULT_KINDS = [
  ...REQUEST_FAULTS,
  ...RESPONSE_FAULTS,
  ...STREAM_FAULTS,
  ...ITEM_FAULTS,
  ...STATE_FAULTS,
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRule {
  readonly kind: FaultKind;
  /** address; absent: every mailbox */
  readonly mailbox?: string;
  /** EWS operation name, or `Autodiscover`; absent: every one */
  readonly operation?: string;
  /** strikes at most so often; absent: until removed */
  readonly count?: number;
  /** lets so many pass first */
  readonly skip?: number;
  /** 0..1; absent: always */
  readonly probability?: number;
  /** HTTP status of `status` */
  readonly status?: number;
  /** Exchange response code of `soapFault`, `responseError`, `itemError`, `streamError` */
  readonly code?: string;
  readonly text?: string;
  /** milliseconds of world time: `delay`, `slowBody` per piece, `delayEvents` */
  readonly ms?: number;
  /** announced back-off or Retry-After */
  readonly backOffMs?: number;
  /** `truncate`: after so many bytes; `slowBody`, `splitChunks`: bytes per piece */
  readonly bytes?: number;
  /** `hugeAttendees`: how many */
  readonly amount?: number;
}

export interface ActiveFault extends FaultRule {
  readonly id: string;
  readonly struck: number;
}

interface Entry {
  readonly id: string;
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

export interface FaultSubject {
  readonly mailbox?: string | undefined;
  readonly operation?: string | undefined;
}

export class FaultPlan {
  readonly #entries = new Map<string, Entry>();
  readonly #random: Random;
  #next = 1;

  constructor(seed = 1) {
    this.#random = new Random(seed);
  }

  /** Puts a rule in force; returns its id. */
  add(rule: FaultRule): string {
    if (!FAULT_KINDS.includes(rule.kind)) throw new RangeError(`unknown fault kind ${String(rule.kind)}`);
    const id = `fault-${this.#next++}`;
    this.#entries.set(id, { id, rule, seen: 0, struck: 0 });
    return id;
  }

  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }

  list(): ActiveFault[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry.rule, id: entry.id, struck: entry.struck }));
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** The first rule of one of these kinds that strikes now; it is counted. */
  take(kinds: readonly FaultKind[], subject: FaultSubject): FaultRule | undefined {
    if (this.#entries.size === 0) return undefined;
    for (const entry of this.#entries.values()) {
      if (kinds.includes(entry.rule.kind) && this.#strikes(entry, subject)) return entry.rule;
    }
    return undefined;
  }

  /** All rules of these kinds that strike now, in order of their making. */
  takeAll(kinds: readonly FaultKind[], subject: FaultSubject): FaultRule[] {
    if (this.#entries.size === 0) return [];
    return [...this.#entries.values()]
      .filter((entry) => kinds.includes(entry.rule.kind) && this.#strikes(entry, subject))
      .map((entry) => entry.rule);
  }

  #strikes(entry: Entry, subject: FaultSubject): boolean {
    const { rule } = entry;
    if (rule.mailbox !== undefined && rule.mailbox.toLowerCase() !== subject.mailbox?.toLowerCase()) return false;
    if (rule.operation !== undefined && rule.operation !== subject.operation) return false;
    if (rule.count !== undefined && entry.struck >= rule.count) return false;
    entry.seen += 1;
    if (entry.seen <= (rule.skip ?? 0)) return false;
    if (rule.probability !== undefined && !this.#random.chance(rule.probability)) return false;
    entry.struck += 1;
    return true;
  }
}
