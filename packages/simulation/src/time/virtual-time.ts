/**
 * Virtual time: a heap of things to come. Between two of them every promise that can settle settles, so the order of
 * everything that happens follows from the seed alone. Events of one instant run in an order drawn by chance.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Chance } from './chance.ts';

interface Coming {
  readonly at: Instant;
  readonly tie: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class VirtualTime {
  now: Instant;
  /** events run so far */
  events = 0;
  readonly #chance: Chance;
  readonly #heap: Coming[] = [];

  constructor(start: Instant, chance: Chance) {
    this.now = start;
    this.#chance = chance;
  }

  /** Calls back at a time; the returned function takes it back. */
  at(time: Instant, run: () => void): () => void {
    const coming: Coming = { at: Math.max(time, this.now), tie: this.#chance.next(), run, cancelled: false };
    this.#push(coming);
    return () => {
      coming.cancelled = true;
    };
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.now + Math.max(0, ms), run);
  }

  /** Runs until `end`; `check` is called after each event and throws to end the run. */
  async runUntil(end: Instant, check: () => void): Promise<void> {
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.now = next.at;
      this.events += 1;
      next.run();
      await settled();
      check();
    }
    this.now = end;
  }

  #push(coming: Coming): void {
    const heap = this.#heap;
    let index = heap.push(coming) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !isEarlier(coming, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = coming;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right && isEarlier(right, heap[child] as Coming)) child += 1;
      const below = heap[child] as Coming;
      if (!isEarlier(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isEarlier(a: Coming, b: Coming): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/** Resolves when no promise can settle any more without a new event. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
