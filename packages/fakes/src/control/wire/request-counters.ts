/** Exact counts of what a fake server did: by operation, by status, in flight at once. Counts gate tests, timings never do. */
export interface CounterSnapshot {
  readonly requests: number;
  readonly inFlight: number;
  readonly inFlightHighWater: number;
  readonly byOperation: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** requests that never got an answer (reset, hung, timed out after commit) */
  readonly unanswered: number;
}

export class RequestCounters {
  #requests = 0;
  #inFlight = 0;
  #highWater = 0;
  #unanswered = 0;
  readonly #byOperation = new Map<string, number>();
  readonly #byStatus = new Map<string, number>();

  begin(operation: string): void {
    this.#requests += 1;
    this.#inFlight += 1;
    this.#highWater = Math.max(this.#highWater, this.#inFlight);
    increment(this.#byOperation, operation);
  }

  /** `status` undefined: the connection ended without an answer. */
  end(status: number | undefined): void {
    this.#inFlight -= 1;
    if (status === undefined) this.#unanswered += 1;
    else increment(this.#byStatus, String(status));
  }

  snapshot(): CounterSnapshot {
    return {
      requests: this.#requests,
      inFlight: this.#inFlight,
      inFlightHighWater: this.#highWater,
      byOperation: Object.fromEntries(this.#byOperation),
      byStatus: Object.fromEntries(this.#byStatus),
      unanswered: this.#unanswered,
    };
  }

  /** Back to zero; what is in flight stays counted as such. */
  reset(): void {
    this.#requests = 0;
    this.#highWater = this.#inFlight;
    this.#unanswered = 0;
    this.#byOperation.clear();
    this.#byStatus.clear();
  }
}

function increment(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
