/** A request that is answered with an error code of the channel. Thrown inside method handlers, answered by the session. */
import type { ErrorCode } from '@calendar-connector/client-protocol';
import { isFailure } from '@calendar-connector/sync-core';

export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  /** the change was made all the same, only its outcome cannot be shown (yet) */
  readonly maybeDone: boolean;

  constructor(code: ErrorCode, message: string, retryAfterMs?: number, maybeDone = false) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.maybeDone = maybeDone;
  }
}

const UNREACHABLE = 'the calendar cannot be reached now; try again later';

/**
 * What the client is told of a failure below. Texts of Exchange or PostgreSQL stay inside: they may name servers and people.
 */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!isFailure(error)) return new Refusal('internal', 'the connector met a fault of its own; it is in its log');
  switch (error.kind) {
    case 'notFound':
    case 'mailboxNotFound':
    case 'folderNotFound':
      return new Refusal('notFound', 'there is no such event or calendar any more');
    case 'conflict':
    case 'alreadyExists':
      return new Refusal('conflict', 'the event was changed meanwhile; read it again');
    case 'forbidden':
    case 'impersonationDenied':
      return new Refusal('forbidden', 'Exchange does not let the connector do this in this mailbox');
    case 'invalidRequest':
      return new Refusal('invalidRequest', faultOf(error.code));
    case 'protocol':
      // A code of Exchange that our table does not know is its word all the same; trying again would not change it.
      if (error.code.startsWith('Error')) return new Refusal('invalidRequest', faultOf(error.code));
      return new Refusal('providerUnavailable', UNREACHABLE, error.retryAfterMs);
    case 'limitExceeded':
      return new Refusal('invalidRequest', `a limit of the server was reached (${error.code})`);
    default:
      return new Refusal('providerUnavailable', UNREACHABLE, error.retryAfterMs);
  }
}

/** Codes of Exchange begin with `Error`; others were found on the way to it. */
function faultOf(code: string): string {
  if (code === 'UnknownTimeZone') return 'timeZone: there is no such time zone';
  return code.startsWith('Error') ? `Exchange refused the change (${code})` : `Exchange cannot keep this (${code})`;
}
