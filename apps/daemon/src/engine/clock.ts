/**
 * Time as the engine gets it. The engine never touches the platform's clock or timers, so that the simulation can
 * run the very same code a thousand times faster than real time.
 */
import type { Instant } from '@calendar-connector/calendar-model';

export interface Clock {
  now(): Instant;
  /** Calls back once after `ms`; the returned function takes the call back. */
  startTimer(ms: number, callback: () => void): () => void;
}

/** Longest delay a platform timer takes (2^31 - 1 ms); longer waits are made of several. */
const MAX_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  startTimer(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when the signal aborts: callers look at the signal, nothing is thrown. */
export function waitFor(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.startTimer(ms, finish);
    signal.addEventListener('abort', finish, { once: true });
  });
}
