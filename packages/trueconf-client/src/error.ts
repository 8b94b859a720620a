/**
 * The one error of this package. Everything that can go wrong between us and a TrueConf Server is sorted into the
 * kinds of sync-core's `Failure`; callers decide by `kind`, never by text.
 * The message names operation, server and cause and holds no topic, no address and no secret; what the server wrote
 * itself (which may repeat a topic) stands apart in `serverText`.
 */
import type { Failure, FailureKind } from '@calendar-connector/sync-core';

export interface TrueConfErrorFields {
  readonly kind: FailureKind;
  readonly code: string;
  readonly operation: string;
  readonly httpStatus?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly maybeDone?: boolean | undefined;
  readonly serverText?: string | undefined;
  readonly cause?: unknown;
}

/** Kinds after which the same call may succeed later without anybody changing anything. */
const RETRIABLE: ReadonlySet<FailureKind> = new Set(['throttled', 'timeout', 'unavailable', 'conflict', 'protocol']);

export class TrueConfError extends Error implements Failure {
  readonly kind: FailureKind;
  /** reason word of the server (`conferenceNotFound`), socket code (`ECONNREFUSED`), or ours (`answerTooLarge`) */
  readonly code: string;
  /** what was being done, e.g. `createConference` */
  readonly operation: string;
  readonly retriable: boolean;
  declare readonly httpStatus?: number;
  declare readonly retryAfterMs?: number;
  /** the server may have carried the call out although no usable answer arrived */
  declare readonly maybeDone?: boolean;
  /** the server's own words, cut; may repeat what was sent, so it is for debug logs only */
  declare readonly serverText?: string;

  constructor(message: string, fields: TrueConfErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'TrueConfError';
    this.kind = fields.kind;
    this.code = fields.code;
    this.operation = fields.operation;
    this.retriable = RETRIABLE.has(fields.kind);
    if (fields.httpStatus !== undefined) this.httpStatus = fields.httpStatus;
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs;
    if (fields.maybeDone === true) this.maybeDone = true;
    if (fields.serverText) Object.defineProperty(this, 'serverText', { value: fields.serverText, enumerable: false });
  }
}
