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

export class ChangeLog {
  #entries: ChangeEntry[] = [];
  #compactAt = COMPACT_AT;

  add(entry: ChangeEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= this.#compactAt) this.#compact();
  }

  get size(): number {
    return this.#entries.length;
  }

  /**
   * Changes in (since, until], newest first, one per item. `generated` is how many items the seed gave the folder:
   * they appeared with change numbers 1 to `generated`.
   */
  between(since: number, until: number, generated: number): FolderChange[] {
    const last = new Map<number, ChangeEntry & { wasRead: boolean }>();
    for (let index = this.#firstAfter(since); index < this.#entries.length; index += 1) {
      const entry = this.#entries[index] as ChangeEntry;
      if (entry.change > until) break;
      const before = last.get(entry.item);
      last.set(entry.item, { ...entry, wasRead: entry.kind === 'read' && (before === undefined || before.wasRead) });
    }
    const changes: FolderChange[] = [];
    for (const entry of last.values()) {
      const isNew = entry.appeared > since;
      if (entry.kind !== 'gone') {
        const kind = isNew ? 'create' : entry.wasRead ? 'read' : 'update';
        changes.push({ item: entry.item, kind, change: entry.change });
      } else if (!isNew) {
        changes.push({ item: entry.item, kind: 'delete', change: entry.change });
      }
    }
    changes.sort((a, b) => b.change - a.change);
    for (let item = Math.min(generated, until); item > since; item -= 1) {
      if (!last.has(item)) changes.push({ item, kind: 'create', change: item });
    }
    return changes;
  }

  #firstAfter(change: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as ChangeEntry).change > change) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #compact(): void {
    const last = new Map<number, ChangeEntry>();
    for (const entry of this.#entries) {
      const before = last.get(entry.item);
      last.delete(entry.item);
      last.set(entry.item, before !== undefined && entry.kind === 'read' ? { ...entry, kind: before.kind } : entry);
    }
    this.#entries = [...last.values()];
    this.#compactAt = Math.max(COMPACT_AT, this.#entries.length * 2);
  }
}
