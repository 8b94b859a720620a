/**
 * Exponential back-off with jitter. Chance is an argument: the caller draws it, equal arguments give equal delays.
 */

/** The first and the longest pause between attempts. */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Delay before attempt `count` + 1. `chance` in [0, 1) spreads it over the upper half of the interval, so that many
 * meetings that failed together do not come back together.
 */
export function backoffMs(count: number, limits: BackoffLimits, chance: number): number {
  const MAX_DOUBLINGS = 30;
  const full = Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(Math.max(count, 0), MAX_DOUBLINGS));
  const spread = Math.min(Math.max(chance, 0), 1);
  return Math.round(full / 2 + (full / 2) * spread);
}
