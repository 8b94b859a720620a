/**
 * Keeps one lasting trouble from filling the log: its line is said at once, then after a minute, four, sixteen, at most an
 * hour, each time with how many were left unsaid meanwhile. After quiet the first line is said at once again.
 */
import type { Clock } from '../engine/clock.ts';

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
const PAUSE_GROWTH = 4;
/** Troubles told apart; past it all are forgotten, which costs a few repeated lines. */
const KEYS_LIMIT = 50_000;

interface Told {
  readonly from: number;
  readonly pauseMs: number;
  lines: number;
  unsaid: number;
}

export class Repeats {
  readonly #clock: Clock;
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Undefined: leave the line out. Otherwise facts to put into it: `repeated`, how many were left out since the last one.
   * `lines`: so many are said before the pause begins, for troubles that many mailboxes share.
   */
  news(key: string, lines = 1): { readonly repeated?: number } | undefined {
    const now = this.#clock.now();
    const told = this.#told.get(key);
    if (told && now - told.from < told.pauseMs) {
      if (told.lines < lines) {
        told.lines += 1;
        return {};
      }
      told.unsaid += 1;
      return undefined;
    }
    const unsaid = told?.unsaid ?? 0;
    const pauseMs = told && unsaid > 0 ? Math.min(told.pauseMs * PAUSE_GROWTH, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    if (this.#told.size >= KEYS_LIMIT) this.#told.clear();
    this.#told.set(key, { from: now, pauseMs, lines: 1, unsaid: 0 });
    return unsaid > 0 ? { repeated: unsaid } : {};
  }
}
