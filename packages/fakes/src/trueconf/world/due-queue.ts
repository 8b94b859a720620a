/** What falls due when: at most one event per key, the earliest first, in O(log n). A binary heap; replaced events are skipped when met. */
export interface DueEvent {
  readonly key: string;
  readonly at: number;
  readonly what: 'start' | 'stop';
}

export class DueQueue {
  readonly #current = new Map<string, DueEvent>();
  #heap: DueEvent[] = [];

  /** Sets or, with undefined, removes the event of a key. */
  plan(key: string, event: DueEvent | undefined): void {
    if (!event) {
      this.#current.delete(key);
      return;
    }
    this.#current.set(key, event);
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1);
  }

  /** Takes the earliest event that is due by `now`. */
  take(now: number): DueEvent | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (!first || (first.at > now && this.#isCurrent(first))) return undefined;
      this.#removeFirst();
      if (!this.#isCurrent(first)) continue;
      this.#current.delete(first.key);
      return first;
    }
  }

  #isCurrent(event: DueEvent): boolean {
    return this.#current.get(event.key) === event;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfLater(parent, index)) return;
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const smaller = this.#atOf(right) < this.#atOf(left) ? right : left;
      if (smaller >= this.#heap.length || !this.#swapIfLater(index, smaller)) return;
      index = smaller;
    }
  }

  #atOf(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Puts the earlier of the two at `upper`; says whether it had to. */
  #swapIfLater(upper: number, lower: number): boolean {
    const [above, below] = [this.#heap[upper], this.#heap[lower]];
    if (!above || !below || above.at <= below.at) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }
}
