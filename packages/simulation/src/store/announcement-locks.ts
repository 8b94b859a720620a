/**
 * Who adds a copy of a meeting shares its lock, who announces the meeting to all that hold a copy has it alone: as
 * storage-kysely's announcement-locks.ts. All locks of a transaction are taken at once or not at all.
 */

export interface Wanted {
  readonly shared?: readonly string[];
  readonly alone?: readonly string[];
}

export class AnnouncementLocks {
  readonly #shared = new Map<string, number>();
  readonly #alone = new Set<string>();

  /** Gives the locks back when called; undefined when somebody else stands in the way. */
  take({ shared = [], alone = [] }: Wanted): (() => void) | undefined {
    const isFree = shared.every((name) => !this.#alone.has(name)) && alone.every((name) => this.#isUnheld(name));
    if (!isFree) return undefined;
    for (const name of shared) this.#shared.set(name, (this.#shared.get(name) ?? 0) + 1);
    for (const name of alone) this.#alone.add(name);
    return () => {
      for (const name of shared) this.#letGo(name);
      for (const name of alone) this.#alone.delete(name);
    };
  }

  #isUnheld(name: string): boolean {
    return !this.#alone.has(name) && !this.#shared.has(name);
  }

  #letGo(name: string): void {
    const left = (this.#shared.get(name) ?? 1) - 1;
    if (left === 0) this.#shared.delete(name);
    else this.#shared.set(name, left);
  }
}
