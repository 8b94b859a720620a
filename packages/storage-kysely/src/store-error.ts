/**
 * The one error class of this boundary. PostgreSQL's SQLSTATEs and the driver's socket errors are classified here,
 * nobody above looks at them. Source: PostgreSQL documentation, appendix A "Error Codes"; Node.js system errors.
 */
import type { Failure, FailureKind } from '@calendar-connector/sync-core';

interface Rule {
  readonly kind: FailureKind;
  readonly retriable: boolean;
  readonly says: string;
}

const rule = (kind: FailureKind, retriable: boolean, says: string): Rule => ({ kind, retriable, says });

const UNAVAILABLE = rule('unavailable', true, 'the connection to PostgreSQL was lost; it is tried again');

/** Exact codes first, then two-character classes of SQLSTATE. */
const RULES: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: rule('unavailable', true, 'nothing listens there: is PostgreSQL running, are host and port right?'),
  ENOTFOUND: rule('unavailable', true, 'the host name is not known: check `host` and the name server'),
  EAI_AGAIN: rule('unavailable', true, 'the name server does not answer'),
  ENOENT: rule('unavailable', true, 'the socket does not exist: is PostgreSQL running?'),
  EACCES: rule('forbidden', false, 'the socket may not be opened by this user'),
  ENOSPC: rule('limitExceeded', true, 'the disk is full: free space'),
  ETIMEDOUT: rule('timeout', true, 'PostgreSQL did not answer in time'),
  TLS: rule('tls', false, "the server's certificate was not accepted: check its host name, its date and the CA file"),
  TLS_REFUSED: rule('tls', false, 'the server does not offer TLS: switch it on there, or off here'),
  POOL_TIMEOUT: rule('timeout', true, 'no free connection in time: PostgreSQL is slow or the pool too small'),
  POOL_CLOSED: rule('aborted', false, 'the store is closed'),
  '28P01': rule('authFailed', false, 'PostgreSQL refused the password: check user and password'),
  '28000': rule('authFailed', false, 'PostgreSQL refused the user: check the role and pg_hba.conf'),
  '3D000': rule('notFound', false, 'the database does not exist: create it or correct its name'),
  '42501': rule('forbidden', false, 'the role lacks a right: it must own the database or its schemas'),
  '42P01': rule('protocol', false, 'a table is missing: run the migrations'),
  '3F000': rule('protocol', false, 'the schema is missing: run the migrations'),
  '40001': rule('conflict', true, 'another transaction changed the same rows; it is tried again'),
  '40P01': rule('conflict', true, 'two transactions waited for each other; it is tried again'),
  '53100': rule('limitExceeded', true, 'the disk of PostgreSQL is full: free space; nothing was lost'),
  '53200': rule('limitExceeded', true, 'PostgreSQL is out of memory'),
  '53300': rule('limitExceeded', true, 'PostgreSQL has no free connection: raise max_connections or lower the pool'),
  '55P03': rule('timeout', true, 'a lock was not granted in time'),
  '57014': rule('timeout', true, 'the statement ran too long and was cancelled'),
  '25P03': rule('unavailable', true, 'the transaction stood still too long and PostgreSQL ended it'),
  '25006': rule('forbidden', false, 'the server is read-only (a standby?): connect to the primary'),
  '08': UNAVAILABLE,
  '57': UNAVAILABLE,
  '53': rule('limitExceeded', true, 'PostgreSQL lacks resources'),
  '58': rule('unavailable', true, "PostgreSQL could not use its own files: see the server's log"),
  '22': rule('invalidRequest', false, 'a value was refused'),
  '23': rule('conflict', false, 'a rule of the tables was broken'),
};

const SOCKET_LOST =
  /Connection terminated|connection error|Client was closed|ECONNRESET|EPIPE|server closed|no answer within/i;
const POOL_TIMEOUT = /timeout exceeded when trying to connect|Connection terminated due to connection timeout/i;

/** What every method of the store throws when it could not do its work. */
export class StoreError extends Error implements Failure {
  readonly kind: FailureKind;
  readonly code: string;
  readonly retriable: boolean;
  declare readonly maybeDone?: boolean;

  constructor(
    message: string,
    fields: { kind: FailureKind; code: string; retriable: boolean; maybeDone?: boolean; cause?: unknown },
  ) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'StoreError';
    this.kind = fields.kind;
    this.code = fields.code;
    this.retriable = fields.retriable;
    if (fields.maybeDone) this.maybeDone = true;
  }
}

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/;

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return TLS_CODE.test(code) ? 'TLS' : code;
  const first = (error as { errors?: readonly unknown[] } | null)?.errors?.[0];
  if (first !== undefined) return codeOf(first);
  const text = error instanceof Error ? error.message : String(error);
  if (POOL_TIMEOUT.test(text)) return 'POOL_TIMEOUT';
  if (/does not support SSL/i.test(text)) return 'TLS_REFUSED';
  if (/after calling end on the pool|pool is closed|driver has already been destroyed/i.test(text))
    return 'POOL_CLOSED';
  return SOCKET_LOST.test(text) ? '08006' : 'XX000';
}

function ruleFor(code: string): Rule {
  const exact = RULES[code];
  if (exact) return exact;
  if (/^E[A-Z]+$/.test(code)) return UNAVAILABLE;
  return RULES[code.slice(0, 2)] ?? rule('protocol', false, 'PostgreSQL refused the request');
}

/** Classifies whatever the driver threw. `what` names the thing that was being done. */
export function storeError(error: unknown, what: string, maybeDone = false): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const { kind, retriable, says } = ruleFor(code);
  const detail = error instanceof Error ? error.message || (error as { code?: string }).code : String(error);
  return new StoreError(`${what}: ${says} (${code}: ${detail})`, { kind, code, retriable, maybeDone, cause: error });
}

/** True for the two SQLSTATEs that mean "run the same transaction again". */
export function isSerializationFailure(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}
