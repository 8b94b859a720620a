/**
 * How many calls at a time one budget bears, learned from its answers. A refused call tells one thing for certain: the
 * number of calls that ran when it was sent is too many. Below the lowest level known to be refused the limit grows by a
 * quarter per round; at it, it only probes by one, ever more rarely while that fails, so that probing stays far below half a per
 * cent of the calls. A refusal takes the limit to what the server still carries; refusals that go on halve it, so that a
 * capacity that fell is found in few calls.
 */
export interface AdaptiveOptions {
  readonly start: number;
  readonly max: number;
  /** must prove itself by a good while of calls at `start` before it grows, and again after each announced pause */
  readonly cautious?: boolean;
}

/** One call's place among those in flight. */
export interface Turn {
  /** how many ran when it was sent, itself included */
  readonly level: number;
  /** how often the limit had been lowered then */
  readonly epoch: number;
}

const CAUTION_CALLS = 100;
const CAUTION_MAX_CALLS = 6_400;
const PROBE_CALLS = 600;
const PROBE_MS = 5_000;
const PROBE_MAX_MS = 600_000;
/** good calls, at least, until a probed level is believed */
const PROOF_CALLS = 4;

export class AdaptiveLimit {
  readonly #start: number;
  readonly #max: number;
  readonly #cautious: boolean;
  #limit: number;
  /** highest level not known to be refused */
  #ceiling: number;
  #inFlight = 0;
  #epoch = 0;
  /** good calls in a row that were sent with the limit used up */
  #good = 0;
  /** refusals since the limit was last lowered without a good call in between */
  #surprises = 0;
  #trusted: boolean;
  #cautionCalls = CAUTION_CALLS;
  #probing = false;
  #lastRefusal = 0;
  #probeMs = PROBE_MS;
  #probeCalls = PROBE_CALLS;

  constructor(options: AdaptiveOptions) {
    this.#max = Math.max(1, options.max);
    this.#start = Math.max(1, Math.min(options.start, this.#max));
    this.#cautious = options.cautious ?? false;
    this.#trusted = !this.#cautious;
    this.#limit = this.#start;
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

  /** Nothing runs and nothing bad was learned: may be forgotten. */
  get isFresh(): boolean {
    return this.#inFlight === 0 && this.#epoch === 0;
  }

  enter(): Turn {
    this.#inFlight++;
    return { level: this.#inFlight, epoch: this.#epoch };
  }

  /** A call ended in a way that says nothing about the budget. */
  leave(): void {
    this.#inFlight--;
  }

  /** A call ended without refusal; true when the limit has grown. */
  leaveGood(turn: Turn, now: number): boolean {
    this.#inFlight--;
    if (turn.epoch === this.#epoch) this.#surprises = 0;
    // Only a call that used the limit up, as it is now, says whether more would be of use.
    if (turn.epoch < this.#epoch || turn.level < this.#limit) return false;
    this.#good++;
    if (!this.#isTrusted() || this.#limit >= this.#max) return false;
    if (this.#probing) return this.#believe();
    if (this.#limit >= this.#ceiling) return this.#probe(now);
    return this.#growAfter(this.#limit, Math.min(this.#ceiling, this.#limit + Math.max(1, this.#limit >> 2)));
  }

  /** A call was refused because too many ran; true when the limit has shrunk. */
  leaveRefused(turn: Turn, now: number): boolean {
    this.#inFlight--;
    this.#good = 0;
    this.#lastRefusal = now;
    const below = Math.max(1, turn.level - 1);
    this.#ceiling = Math.min(this.#ceiling, below);
    // What still runs is at most what the server took; of a burst of refusals the last one leaves just that.
    let next = Math.min(below, Math.max(1, this.#inFlight));
    if (turn.epoch === this.#epoch) {
      if (this.#probing) this.#probeLess();
      else next = Math.min(next, this.#surprisedAt(turn.level));
    }
    return this.#lower(next);
  }

  /** The server announced a pause: trust must be earned again, by more calls each time; true when the limit has shrunk. */
  pauseAnnounced(): boolean {
    if (!this.#cautious) return false;
    this.#trusted = false;
    this.#cautionCalls = Math.min(this.#cautionCalls * 2, CAUTION_MAX_CALLS);
    this.#good = 0;
    return this.#lower(this.#start);
  }

  #lower(next: number): boolean {
    this.#probing = false;
    this.#epoch++;
    if (next >= this.#limit) return false;
    this.#limit = next;
    return true;
  }

  /** Not where a probe was expected to fail: chance once, a smaller capacity when it goes on. */
  #surprisedAt(level: number): number {
    this.#surprises++;
    this.#probeMs = PROBE_MS;
    this.#probeCalls = PROBE_CALLS;
    return Math.max(1, this.#surprises === 1 ? level - 1 : level >> 1);
  }

  #isTrusted(): boolean {
    this.#trusted ||= this.#good >= this.#cautionCalls;
    return this.#trusted;
  }

  #growAfter(calls: number, next = this.#limit + 1): boolean {
    if (this.#good < calls) return false;
    this.#good = 0;
    this.#limit = next;
    return true;
  }

  #probe(now: number): boolean {
    if (now - this.#lastRefusal < this.#probeMs || !this.#growAfter(this.#probeCalls)) return false;
    this.#probing = true;
    return true;
  }

  /** A probed level that holds is known; the next one is probed at once, for the capacity may have risen by much. */
  #believe(): boolean {
    if (!this.#growAfter(Math.max(PROOF_CALLS, this.#limit))) return false;
    this.#ceiling = this.#limit - 1;
    this.#probeMs = PROBE_MS;
    this.#probeCalls = PROBE_CALLS;
    return true;
  }

  #probeLess(): void {
    this.#probeMs = Math.min(this.#probeMs * 2, PROBE_MAX_MS);
    this.#probeCalls = Math.min(this.#probeCalls * 2, PROBE_CALLS * 64);
  }
}
