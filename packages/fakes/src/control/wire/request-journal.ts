/**
 * What a fake server was asked and what it answered, in order: the ground for assertions such as
 * "the conference was created once although the answer was lost".
 * Bounded: the newest entries are kept, totals are counted for ever. Authorization headers are not recorded.
 */
export interface JournalEntry {
  readonly seq: number;
  /** the world's clock, epoch milliseconds */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** name of the operation, e.g. `createConference`; `unknown` for a path nobody serves */
  readonly operation: string;
  /** `v3.11`, `v4`, `v4.1`; absent outside the API */
  readonly version?: string | undefined;
  /** who asked: `client:connector`, `user:user1`, `anonymous` */
  readonly caller: string;
  readonly requestBody?: unknown;
  /** absent while (or because) nothing was answered */
  readonly status?: number | undefined;
  readonly responseBody?: string | undefined;
  /** kind of the fault that struck it */
  readonly fault?: string | undefined;
}

export interface JournalFilter {
  readonly operation?: string | undefined;
  readonly method?: string | undefined;
  readonly pathContains?: string | undefined;
  readonly version?: string | undefined;
  readonly status?: number | undefined;
  readonly caller?: string | undefined;
  /** entries after this sequence number */
  readonly since?: number | undefined;
}

/** An open entry: the server adds what it learns. */
export type OpenEntry = { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] };

const MAX_ENTRIES = 20_000;
const MAX_BODY_CHARACTERS = 20_000;

interface Waiter {
  readonly filter: JournalFilter;
  readonly tell: (entry: JournalEntry) => void;
}

/** The request journal of one fake server. */
export class RequestJournal {
  #entries: OpenEntry[] = [];
  #seq = 0;
  #dropped = 0;
  readonly #waiters = new Set<Waiter>();

  /** Opens an entry for a request that has just come in. */
  open(entry: Omit<OpenEntry, 'seq'>): OpenEntry {
    this.#seq += 1;
    const opened: OpenEntry = { seq: this.#seq, ...entry };
    this.#entries.push(opened);
    if (this.#entries.length > MAX_ENTRIES * 1.25) {
      this.#dropped += this.#entries.length - MAX_ENTRIES;
      this.#entries = this.#entries.slice(-MAX_ENTRIES);
    }
    return opened;
  }

  /** The answer is decided (and about to be written, or withheld by a fault). */
  settle(entry: OpenEntry, status: number | undefined, responseBody?: string): void {
    entry.status = status;
    if (responseBody !== undefined) entry.responseBody = responseBody.slice(0, MAX_BODY_CHARACTERS);
    for (const waiter of this.#waiters) {
      if (!matches(entry, waiter.filter)) continue;
      this.#waiters.delete(waiter);
      waiter.tell(entry);
    }
  }

  list(filter: JournalFilter = {}): readonly JournalEntry[] {
    return this.#entries.filter((entry) => matches(entry, filter));
  }

  count(filter: JournalFilter = {}): number {
    return this.list(filter).length;
  }

  /** The newest fitting entry. */
  last(filter: JournalFilter = {}): JournalEntry | undefined {
    return this.#entries.findLast((entry) => matches(entry, filter));
  }

  /** The first fitting entry that is settled from now on. Give an abort signal to limit the wait. */
  async waitFor(filter: JournalFilter, signal?: AbortSignal): Promise<JournalEntry> {
    signal?.throwIfAborted();
    return await new Promise<JournalEntry>((resolve, reject) => {
      const waiter: Waiter = { filter, tell: resolve };
      this.#waiters.add(waiter);
      signal?.addEventListener(
        'abort',
        () => {
          if (this.#waiters.delete(waiter)) reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** Sequence number of the newest entry: pass it as `since` to look only at what follows. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** How many old entries were let go. */
  get dropped(): number {
    return this.#dropped;
  }

  clear(): void {
    this.#entries = [];
  }
}

function matches(entry: JournalEntry, filter: JournalFilter): boolean {
  if (filter.operation !== undefined && entry.operation !== filter.operation) return false;
  if (filter.method !== undefined && entry.method !== filter.method) return false;
  if (filter.pathContains !== undefined && !entry.path.includes(filter.pathContains)) return false;
  if (filter.version !== undefined && entry.version !== filter.version) return false;
  if (filter.status !== undefined && entry.status !== filter.status) return false;
  if (filter.caller !== undefined && entry.caller !== filter.caller) return false;
  return filter.since === undefined || entry.seq > filter.since;
}
