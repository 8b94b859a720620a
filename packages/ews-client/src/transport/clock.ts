/**
 * Time and chance as the client uses them. Injected, so tests own them; `systemClock` is the platform's.
 */
import { EwsError } from '../errors/ews-error.ts';

/** Time as the client uses it. */
export interface Clock {
  /** milliseconds since 1970 */
  now(): number;
  /** calls back once; the returned function cancels it */
  after(ms: number, callback: () => void): () => void;
}

/** The platform's clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export function abortedError(operation: string): EwsError {
  return new EwsError({ kind: 'aborted', code: 'Aborted', message: `${operation} was given up by the caller` });
}

/** Waits, unless the signal ends the wait: then it throws `aborted`. */
export function pause(clock: Clock, ms: number, signal: AbortSignal, what: string): Promise<void> {
  if (signal.aborted) return Promise.reject(abortedError(what));
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(abortedError(what));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** A signal that fires with `signal` or after `ms`; `timedOut` tells which. Call `clear` when done. */
export function deadline(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; timedOut(): boolean; clear(): void } {
  const controller = new AbortController();
  let late = false;
  const onAbort = () => controller.abort(signal.reason);
  const cancel = clock.after(ms, () => {
    late = true;
    controller.abort(new Error('deadline'));
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    timedOut: () => late,
    clear() {
      cancel();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
