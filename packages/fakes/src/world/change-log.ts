/**
 * What happened in one folder, in order of change numbers: the source of synchronisation.
 * Items generated from the seed are not in the log: item n of them appeared with change n.
 * Requirements: MS-OXWSSYNC (newest to oldest, pages, deletions by id only), facts "SyncFolderItems".
 */

export type ChangeKind = 'write' | 'read' | 'gone';

export interface ChangeEntry {
  readonly change: number;
  readonly item: number;
  readonly kind: ChangeKind;
  /** change number of the item's appearance in this folder */
  readonly appeared: number;
}

/** What a client that knows everything up to `since` must be told. */
export interface FolderChange {
  readonly item: number;
  readonly kind: 'create' | 'update' | 'delete' | 'read';
  readonly change: number;
}

/** A position between two calls: all changes up to `since` are known; of (since, until] those after `below` are. */
export interface SyncPosition {
  readonly since: number;
  readonly until: number;
  readonly below: number;
}

/** Beyond this the log keeps only the last entry of each item. */
const COMPACT_AT = 20_000;

/** An entry among the others of its item. */
interface Link extends ChangeEntry {
  /** change number of the last entry that was more than a change of the read flag; its appearance if there is none */
  readonly written: number;
  /** change number of the item's next entry */
  next: number;
}

/** The first and the last of an item's entries. */
interface Chain {
  readonly first: number;
  last: Link;
}

export class ChangeLog {
  #entries: Link[] = [];
  readonly #chains = new Map<number, Chain>();
  #compactAt = COMPACT_AT;

  /** Change numbers only grow. */
  add(entry: ChangeEntry): void {
    const chain = this.#chains.get(entry.item);
    const written = entry.kind !== 'read' ? entry.change : (chain?.last.written ?? entry.appeared);
    const link: Link = { ...entry, written, next: Number.POSITIVE_INFINITY };
    if (chain === undefined) this.#chains.set(entry.item, { first: entry.change, last: link });
    else {
      chain.last.next = entry.change;
      chain.last = link;
    }
    this.#entries.push(link);
    if (this.#entries.length >= this.#compactAt) this.#compact();
  }

  get size(): number {
    return this.#entries.length;
  }

  /**
   * Changes of a position, newest first, one per item, found as they are asked for: a page costs what it holds, however
   * long the log is. `generated` is how many items the seed gave the folder: they appeared with change numbers 1 to
   * `generated`.
   */
  *newestFirst({ since, until, below }: SyncPosition, generated: number): Generator<FolderChange, void, undefined> {
    const end = Math.min(until, below - 1);
    for (let index = this.#firstAfter(end) - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index] as Link;
      if (entry.change <= since) break;
      if (entry.next <= until) continue;
      const kind = kindSince(entry, since);
      if (kind !== undefined) yield { item: entry.item, kind, change: entry.change };
    }
    for (let item = Math.min(generated, end); item > since; item -= 1) {
      const isLogged = (this.#chains.get(item)?.first ?? Number.POSITIVE_INFINITY) <= until;
      if (!isLogged) yield { item, kind: 'create', change: item };
    }
  }

  /** The place of the first entry after a change. */
  #firstAfter(change: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as Link).change > change) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #compact(): void {
    this.#entries = this.#entries.filter((entry) => entry.next === Number.POSITIVE_INFINITY);
    this.#compactAt = Math.max(COMPACT_AT, this.#entries.length * 2);
  }
}

/** What an item's last entry means to a client that knows everything up to `since`; nothing if it never saw the item. */
function kindSince(entry: Link, since: number): FolderChange['kind'] | undefined {
  const isNew = entry.appeared > since;
  if (entry.kind === 'gone') return isNew ? undefined : 'delete';
  if (isNew) return 'create';
  return entry.kind === 'read' && entry.written <= since ? 'read' : 'update';
}
