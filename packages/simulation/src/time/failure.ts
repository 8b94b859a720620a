/** A failed call of a simulated system, classified like an adapter's. */
import type { Failure, FailureKind } from '@calendar-connector/sync-core';

export class SimFailure extends Error implements Failure {
  readonly kind: FailureKind;
  readonly code: string;
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
  readonly maybeDone?: boolean;

  constructor(kind: FailureKind, more: { readonly retryAfterMs?: number; readonly maybeDone?: boolean } = {}) {
    super(`simulated ${kind}`);
    this.kind = kind;
    this.code = `sim.${kind}`;
    this.retriable = !['authFailed', 'forbidden', 'invalidRequest', 'notFound', 'mailboxNotFound'].includes(kind);
    if (more.retryAfterMs !== undefined) this.retryAfterMs = more.retryAfterMs;
    if (more.maybeDone !== undefined) this.maybeDone = more.maybeDone;
  }
}
