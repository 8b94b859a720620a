/**
 * How many calls at a time one budget bears, learned from its answers. Grows by one per round while nothing is refused;
 * each refusal takes one off what was in flight, so a burst of refusals lands on the true capacity in one round.
 * Above a level that was refused once it only probes, rarely, so that probing stays far below half a per cent of calls.
 */
export interface AdaptiveOptions {
  readonly start: number;
  readonly max: number;
}

const PROBE_AFTER_CALLS = 1_000;
const PROBE_AFTER_MS = 30_000;
const PROBE_MAX_MS = 600_000;

export class AdaptiveLimit {
  #limit: number;
  readonly #max: number;
  /** highest level not known to be refused */
  #ceiling: number;
  #inFlight = 0;
  #good = 0;
  #lastRefusal = 0;
  #probeMs = PROBE_AFTER_MS;
  #probing = false;

  constructor(options: AdaptiveOptions) {
    this.#limit = Math.max(1, Math.min(options.start, options.max));
    this.#max = Math.max(1, options.max);
    this.#ceiling = this.#max;
  }

  get limit(): number {
    return this.#limit;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get hasRoom(): boolean {
    return this.#inFlight < this.#limit;
  }

  /** Nothing runs and nothing was learned: may be forgotten. */
  get isFresh(): boolean {
    return this.#inFlight === 0 && this.#ceiling === this.#max;
  }

  enter(): void {
    this.#inFlight++;
  }

  /** A call ended without refusal; true when the limit has grown. */
  leaveGood(now: number): boolean {
    const full = this.#inFlight >= this.#limit;
    this.#inFlight--;
    if (!full || this.#limit >= this.#max) return false;
    this.#good++;
    return this.#limit < this.#ceiling ? this.#growKnown() : this.#probe(now);
  }

  /** A call ended in a way that says nothing about the budget. */
  leave(): void {
    this.#inFlight--;
  }

  /** A call was refused because too many ran; true when the limit has shrunk. */
  leaveRefused(now: number): boolean {
    const level = this.#inFlight;
    this.#inFlight--;
    if (this.#probing) this.#probeMs = Math.min(this.#probeMs * 2, PROBE_MAX_MS);
    this.#probing = false;
    this.#good = 0;
    this.#lastRefusal = now;
    const lower = Math.max(1, Math.min(this.#limit, level) - 1);
    this.#ceiling = lower;
    if (lower >= this.#limit) return false;
    this.#limit = lower;
    return true;
  }

  #growKnown(): boolean {
    if (this.#good < this.#limit) return false;
    this.#good = 0;
    this.#limit++;
    return true;
  }

  #probe(now: number): boolean {
    if (this.#probing && this.#good >= this.#limit * 4) {
      // A whole round and more passed at the probed level: it holds, go on from here.
      this.#probing = false;
      this.#ceiling = Math.min(this.#max, this.#limit + 1);
      this.#probeMs = PROBE_AFTER_MS;
      return this.#growKnown();
    }
    if (this.#probing || this.#good < PROBE_AFTER_CALLS || now - this.#lastRefusal < this.#probeMs) return false;
    this.#good = 0;
    this.#probing = true;
    this.#limit++;
    this.#ceiling = this.#limit;
    return true;
  }
}
