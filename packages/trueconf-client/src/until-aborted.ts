/** Waits for work that is shared with others: one caller may give up the wait, the work goes on. */
import type { CancelSignal } from '@calendar-connector/sync-core';
import { TrueConfError } from './error.ts';

export async function untilAborted<Value>(
  work: Promise<Value>,
  signal: CancelSignal,
  operation: string,
): Promise<Value> {
  const givenUp = Promise.withResolvers<never>();
  const stop = (): void => {
    givenUp.reject(
      new TrueConfError(`${operation}: given up by the caller`, { kind: 'aborted', code: 'aborted', operation }),
    );
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  work.catch(() => {});
  givenUp.promise.catch(() => {});
  try {
    return await Promise.race([work, givenUp.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
