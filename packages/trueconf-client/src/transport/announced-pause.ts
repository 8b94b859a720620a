/**
 * A pause the server asked for (429, or 503 with Retry-After). While it lasts nothing is sent: every call fails at once
 * with the rest of the pause, so that the caller can plan (invariant I13: no request inside an announced back-off).
 */
import { TrueConfError } from '../error.ts';
import type { Clock } from '../options.ts';

export class AnnouncedPause {
  readonly #clock: Clock;
  readonly #server: string;
  #until = 0;

  constructor(clock: Clock, server: string) {
    this.#clock = clock;
    this.#server = server;
  }

  announce(pauseMs: number): void {
    this.#until = Math.max(this.#until, this.#clock.now() + pauseMs);
  }

  /** Throws while the pause lasts. */
  check(operation: string): void {
    const retryAfterMs = this.#until - this.#clock.now();
    if (retryAfterMs <= 0) return;
    throw new TrueConfError(`${operation}: not sent, TrueConf Server ${this.#server} asked for a pause`, {
      kind: 'throttled',
      code: 'announcedPause',
      operation,
      retryAfterMs,
    });
  }
}
