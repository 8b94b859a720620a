/**
 * What the client tells about itself: plain records for logs and metrics. No subjects, bodies or passwords pass here.
 */
import type { FailureKind } from '@calendar-connector/sync-core';

export interface RequestFinished {
  readonly operation: string;
  readonly mailbox?: string | undefined;
  readonly ms: number;
  /** `ok` or the code of the failure */
  readonly code: string;
  readonly kind?: FailureKind | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly attempt: number;
}

export interface EwsObserver {
  requestFinished?(record: RequestFinished): void;
  /** a budget must rest; `untilMs` in clock time */
  throttled?(record: { readonly budget: string; readonly untilMs: number; readonly code: string }): void;
  /** what the limiter has learned about a budget */
  limitChanged?(record: {
    readonly budget: string;
    readonly limit: number;
    readonly reason: 'grown' | 'rejected';
  }): void;
  streamState?(record: StreamStateRecord): void;
  /** something an administrator should know though the call went on */
  warning?(record: { readonly code: string; readonly message: string; readonly mailbox?: string | undefined }): void;
}

export interface StreamStateRecord {
  readonly group: string;
  readonly state: 'opening' | 'open' | 'closed' | 'lost';
  readonly mailboxes: number;
  readonly reason?: string | undefined;
}
