/**
 * The database's clock as seen from this process, and waiting for a moment on it. Starts are due on one clock for all
 * nodes; a node whose own clock is wrong still starts on time.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { NodeSession } from '../node-session.ts';
import { pause } from './waiting.ts';

/** Timers longer than this are cut in pieces, so that a corrected clock is noticed. */
const WAIT_PIECE_MS = 1_000;

export class DatabaseClock {
  readonly #session: NodeSession;
  readonly #clock: () => number;
  #offsetMs = 0;

  constructor(session: NodeSession, clock: () => number) {
    this.#session = session;
    this.#clock = clock;
  }

  now(): Instant {
    return this.#clock() + this.#offsetMs;
  }

  /** A difference smaller than the round trip is noise and is not believed. */
  async measure(): Promise<void> {
    const before = this.#clock();
    const rows = await this.#session.query<{ now: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
      [],
    );
    const after = this.#clock();
    const offset = Math.round((rows[0]?.now ?? after) - (before + after) / 2);
    this.#offsetMs = Math.abs(offset) <= after - before + 1 ? 0 : offset;
  }

  /** Never returns early. */
  async waitUntil(at: Instant, signal: AbortSignal): Promise<void> {
    for (let rest = at - this.now(); rest > 0; rest = at - this.now()) {
      await pause(Math.min(Math.ceil(rest), WAIT_PIECE_MS), signal);
    }
  }
}
