/**
 * What a refusal means to those who wait for the server. Inside the client a 503 slows all calls down, whatever it is. To
 * the outside, one that announces no pause is a server that is down or in maintenance: nothing asked to wait, so its
 * return counts, and not a back-off of our own making.
 */
import type { EwsError } from './ews-error.ts';

export function asSeenOutside(error: EwsError): EwsError {
  const isDown = error.kind === 'throttled' && error.httpStatus === 503 && error.retryAfterMs === undefined;
  return isDown ? error.with({ kind: 'unavailable' }) : error;
}
