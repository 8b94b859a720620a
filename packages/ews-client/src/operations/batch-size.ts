/**
 * How many ids one GetItem asks for: grows by one while batches go well, is halved when one was too much. One per source.
 */
export class BatchSize {
  #size: number;
  readonly #max: number;

  constructor(start: number, max = 100) {
    this.#size = Math.max(1, start);
    this.#max = Math.max(start, max);
  }

  get value(): number {
    return this.#size;
  }

  /** A batch of so many was too much. */
  wasCut(count: number): void {
    this.#size = Math.max(1, Math.floor(Math.min(count, this.#size) / 2));
  }

  /** Answers stood out of place: one at a time there is no place to mistake. */
  wasMixedUp(): void {
    this.#size = 1;
  }

  wentWell(count: number): void {
    if (count >= this.#size && this.#size < this.#max) this.#size++;
  }
}
