/**
 * How an adapter says that it could not do something. Adapters classify; nobody above matches message text.
 * EwsError, TrueConfError and StoreError implement it.
 */
export type FailureKind =
  /** the other side asked for a pause; `retryAfterMs` says how long, 0 or absent means unknown */
  | 'throttled'
  /** login or password refused; trying again would lock the account out */
  | 'authFailed'
  /** NTLM was refused because the server insists on channel binding the connection cannot give */
  | 'extendedProtection'
  /** the service account may not open this mailbox */
  | 'impersonationDenied'
  | 'mailboxNotFound'
  /** the mailbox lives on another server now: resolve it again */
  | 'mailboxMoved'
  /** the stored cursor is not accepted any more: list the folder from scratch and compare */
  | 'cursorInvalid'
  | 'folderNotFound'
  | 'notFound'
  /** somebody else changed the thing meanwhile: read it again */
  | 'conflict'
  | 'alreadyExists'
  | 'forbidden'
  | 'invalidRequest'
  /** a limit of the other side (participants, licences) */
  | 'limitExceeded'
  | 'timeout'
  /** no link, reset, 5xx, maintenance */
  | 'unavailable'
  /** certificate not trusted, expired or for another host */
  | 'tls'
  /** the answer was not what the protocol says */
  | 'protocol'
  | 'aborted';

/** What a failed call throws (a subclass of Error that carries these fields). */
export interface Failure {
  readonly kind: FailureKind;
  /** the other side's own code, e.g. `ErrorServerBusy`; for logs and people */
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
  readonly httpStatus?: number;
  /** true when the request may have been carried out although no answer arrived */
  readonly maybeDone?: boolean;
}

/** Tells a classified failure from a programming error. */
export function isFailure(value: unknown): value is Failure & Error {
  return value instanceof Error && typeof (value as Partial<Failure>).kind === 'string' && 'retriable' in value;
}
