/**
 * Sorts socket faults and refusing answers into failure kinds. The only place that looks at status codes, reason words
 * and socket codes. Sources: facts/trueconf.md §2.2, §2.3; Node and undici error codes.
 */
import type { FailureKind } from '@calendar-connector/sync-core';
import { TrueConfError } from '../error.ts';
import { LIMITS } from '../options.ts';
import { type RawAnswer, readErrorFacts, readRetryAfterMs } from './answer.ts';

/** A request in the words needed to judge its failure. */
export interface Request {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** false for reads and for the token endpoint: repeating them changes nothing */
  readonly changesSomething: boolean;
}

const BY_REASON: Readonly<Record<string, FailureKind>> = {
  uniqueValueAlreadyInUse: 'alreadyExists',
  conferenceNotFound: 'notFound',
  invitationNotFound: 'notFound',
  userNotFound: 'notFound',
  recordNotFound: 'notFound',
  routeNotFound: 'protocol',
  forbidden: 'forbidden',
  accessTokenInvalid: 'authFailed',
  InvalidCredentials: 'authFailed',
  invalid_client: 'authFailed',
  unauthorized_client: 'authFailed',
};

const TLS_CODES =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|HOSTNAME_MISMATCH$|EPROTO$)/;
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** An answer that is not 2xx. */
export function failureOfAnswer(request: Request, answer: RawAnswer, server: string, now: number): TrueConfError {
  const { reason, location, text } = readErrorFacts(answer.text);
  const kind = kindOfAnswer(answer.status, reason);
  const code = reason ?? `http${answer.status}`;
  const where = location === undefined ? '' : ` (${location})`;
  const message = `${request.operation}: TrueConf Server ${server} answered ${answer.status} ${code}${where}`;
  const pauseMs = pauseOf(kind, answer, now);
  return new TrueConfError(message, {
    kind,
    code,
    operation: request.operation,
    httpStatus: answer.status,
    retryAfterMs: pauseMs,
    maybeDone: answer.status >= 500 && request.changesSomething,
    serverText: text,
  });
}

/** 429 always means a pause, 503 when it says so. */
function pauseOf(kind: FailureKind, answer: RawAnswer, now: number): number | undefined {
  if (kind !== 'throttled' && answer.status !== 503) return undefined;
  const announced = readRetryAfterMs(answer.headers['retry-after'], now);
  const pause = announced ?? (kind === 'throttled' ? LIMITS.defaultPauseMs : undefined);
  return pause === undefined ? undefined : Math.min(pause, LIMITS.maxPauseMs);
}

function kindOfAnswer(status: number, reason: string | undefined): FailureKind {
  if (reason !== undefined && Object.hasOwn(BY_REASON, reason) && status < 500) return BY_REASON[reason] ?? 'protocol';
  if (status === 401) return 'authFailed';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'notFound';
  if (status === 409) return 'conflict';
  if (status === 429) return 'throttled';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'unavailable';
  if (status >= 300 && status < 400) return 'protocol';
  return 'invalidRequest';
}

/** No answer, or half of one. `signal` is the caller's own: its abort is not a fault of the link. */
export function failureOfLink(
  request: Request,
  cause: unknown,
  server: string,
  circumstances: { readonly aborted: boolean; readonly timedOut: boolean; readonly sent: boolean },
): TrueConfError {
  const code = codeOf(cause);
  const maybeDone = request.changesSomething && circumstances.sent && !NEVER_SENT.has(code);
  const { kind, what } = linkFault(code, circumstances);
  const message = `${request.operation}: ${what} (TrueConf Server ${server}${code === '' ? '' : `, ${code}`})`;
  const fields = { kind, code: code === '' ? kind : code, operation: request.operation, maybeDone };
  return new TrueConfError(message, kind === 'aborted' ? fields : { ...fields, cause });
}

function linkFault(
  code: string,
  circumstances: { readonly aborted: boolean; readonly timedOut: boolean },
): { readonly kind: FailureKind; readonly what: string } {
  if (circumstances.aborted) return { kind: 'aborted', what: 'given up by the caller' };
  if (circumstances.timedOut || TIMEOUTS.has(code)) return { kind: 'timeout', what: 'no answer in time' };
  if (TLS_CODES.test(code)) return { kind: 'tls', what: 'the certificate or the TLS connection is not acceptable' };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { kind: 'unavailable', what: 'no connection in time' };
  return { kind: 'unavailable', what: 'the connection failed' };
}

/** Socket code of an error or of what caused it. */
function codeOf(cause: unknown): string {
  for (let depth = 0, error = cause; depth < 4 && error instanceof Error; depth += 1, error = error.cause) {
    if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
    const code = (error as { readonly code?: unknown }).code;
    if (typeof code === 'string' && (code !== 'UND_ERR_SOCKET' || !(error.cause instanceof Error))) return code;
  }
  return '';
}

/** A 2xx answer that is not what the API says. */
export function failureOfShape(request: Request, server: string, problem: string): TrueConfError {
  return new TrueConfError(`${request.operation}: TrueConf Server ${server} answered in an unknown form: ${problem}`, {
    kind: 'protocol',
    code: 'unexpectedAnswer',
    operation: request.operation,
    maybeDone: request.changesSomething,
  });
}
