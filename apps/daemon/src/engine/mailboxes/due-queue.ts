/**
 * Things that become due: a binary heap behind one timer, however many mailboxes wait.
 * Each key is due once; a new time replaces the old one.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Clock } from '../clock.ts';

interface Entry<Key> {
  readonly key: Key;
  readonly at: Instant;
}

/** The timer never sleeps longer than this, so that a clock that was set back heals by itself. */
const MAX_SLEEP_MS = 60_000;

export class DueQueue<Key> {
  readonly #clock: Clock;
  readonly #onDue: (key: Key) => void;
  readonly #heap: Entry<Key>[] = [];
  /** The valid time of each key; heap entries with another time are leftovers and are skipped. */
  readonly #due = new Map<Key, Instant>();
  #cancelTimer: (() => void) | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, onDue: (key: Key) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#due.size;
  }

  dueAt(key: Key): Instant | undefined {
    return this.#due.get(key);
  }

  set(key: Key, at: Instant): void {
    if (this.#due.get(key) === at) return;
    this.#due.set(key, at);
    this.#push({ key, at });
    this.#compact();
    this.#arm();
  }

  delete(key: Key): void {
    this.#due.delete(key);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#due.clear();
    this.#heap.length = 0;
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    for (let top = this.#heap[0]; top !== undefined && top.at <= now; top = this.#heap[0]) {
      this.#pop();
      if (this.#due.get(top.key) !== top.at) continue;
      this.#due.delete(top.key);
      this.#onDue(top.key);
    }
    this.#arm();
  }

  #arm(): void {
    for (let top = this.#heap[0]; top !== undefined && this.#due.get(top.key) !== top.at; top = this.#heap[0])
      this.#pop();
    const next = this.#heap[0];
    if (next === undefined || next.at >= this.#timerAt) return;
    this.#cancelTimer?.();
    const delay = Math.min(Math.max(0, next.at - this.#clock.now()), MAX_SLEEP_MS);
    this.#timerAt = next.at;
    this.#cancelTimer = this.#clock.startTimer(delay, () => this.#fire());
  }

  /** Rebuilds the heap when leftovers outweigh the living, so that memory follows the number of keys. */
  #compact(): void {
    if (this.#heap.length < 64 || this.#heap.length < this.#due.size * 2) return;
    const living = this.#heap.filter((entry) => this.#due.get(entry.key) === entry.at);
    this.#heap.length = 0;
    for (const entry of living) this.#push(entry);
  }

  #push(entry: Entry<Key>): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && (heap[right]?.at ?? 0) < (heap[left]?.at ?? 0) ? right : left;
      const below = heap[child];
      if (below === undefined || below.at >= last.at) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}
