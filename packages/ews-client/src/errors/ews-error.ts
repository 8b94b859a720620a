/**
 * The one error of this package. Everything that goes wrong at the Exchange boundary becomes an EwsError with a kind the
 * engine understands, the server's own code, and a sentence that names the thing, the cause and the cure.
 */
import type { Failure, FailureKind } from '@calendar-connector/sync-core';

interface EwsErrorParts {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly retriable?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly httpStatus?: number | undefined;
  readonly maybeDone?: boolean | undefined;
  readonly cause?: unknown;
  /** mailbox the failed call was for */
  readonly mailbox?: string | undefined;
  /** what the pause applies to when `kind` is `throttled` */
  readonly budget?: ThrottleScope | undefined;
  /** numbers and names the server put into MessageXml, e.g. PolicyLimit */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** What a back-off concerns: one mailbox, one mailbox's sync calls, the service account's concurrency, or the whole server. */
export type ThrottleScope = 'mailbox' | 'mailboxSync' | 'concurrency' | 'server';

const RETRIABLE: ReadonlySet<FailureKind> = new Set([
  'throttled',
  'timeout',
  'unavailable',
  'conflict',
  'mailboxMoved',
]);

/** Whatever goes wrong with Exchange: `kind` says what to do about it, `code` is the server's own word for it. */
export class EwsError extends Error implements Failure {
  /** what to do about it */
  readonly kind: FailureKind;
  /** the server's ResponseCode, `Http503` and the like, a code of Node's, or a word of our own */
  readonly code: string;
  /** whether the same call may succeed later */
  readonly retriable: boolean;
  /** the pause the server asked for */
  declare readonly retryAfterMs?: number;
  declare readonly httpStatus?: number;
  /** true: a write that may have happened although no answer came */
  declare readonly maybeDone?: boolean;
  /** for which mailbox the call was */
  declare readonly mailbox?: string;
  /** of what kind `throttled` is: what must rest */
  declare readonly budget?: ThrottleScope;
  /** what the server put into MessageXml by name, e.g. PolicyLimit */
  declare readonly values?: Readonly<Record<string, string>>;

  constructor(parts: EwsErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'EwsError';
    this.kind = parts.kind;
    this.code = parts.code;
    this.retriable = parts.retriable ?? RETRIABLE.has(parts.kind);
    const optional = ['retryAfterMs', 'httpStatus', 'maybeDone', 'mailbox', 'budget', 'values'] as const;
    for (const key of optional) {
      if (parts[key] !== undefined) Object.defineProperty(this, key, { value: parts[key], enumerable: true });
    }
  }

  /** The same failure, with more known about it. */
  with(parts: Partial<EwsErrorParts>): EwsError {
    const { kind, code, message, retriable, retryAfterMs, httpStatus, maybeDone, cause, mailbox, budget, values } =
      this;
    const known = {
      kind,
      code,
      message,
      retriable,
      retryAfterMs,
      httpStatus,
      maybeDone,
      cause,
      mailbox,
      budget,
      values,
    };
    return new EwsError({ ...known, ...parts });
  }
}

/** Whether a caught value is a failure of Exchange, rather than a defect. */
export function isEwsError(value: unknown): value is EwsError {
  return value instanceof EwsError;
}
