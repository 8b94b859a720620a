/** Token bucket per connection: a flood is answered with `rateLimited`, then the connection is closed (contract §5). */
import type { Instant } from '@calendar-connector/calendar-model';

export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #last: Instant;

  constructor(perSecond: number, burst: number, now: Instant) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#last = now;
  }

  /** Takes one token; false when there is none. */
  take(now: Instant): boolean {
    const refill = (Math.max(0, now - this.#last) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + refill);
    this.#last = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
