/**
 * What the client tells about itself: plain records for logs and metrics. No subjects, bodies or passwords pass here.
 */
import type { FailureKind } from '@calendar-connector/sync-core';

/** One exchange, as it ended. */
export interface RequestFinished {
  readonly operation: string;
  readonly mailbox?: string | undefined;
  /** from the first byte sent to the last one read */
  readonly ms: number;
  /** `ok` or the code of the failure */
  readonly code: string;
  /** absent when it went well */
  readonly kind?: FailureKind | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** 1 for the first */
  readonly attempt: number;
}

/** Is told what happens; whatever it does not implement is not told. Must not throw. */
export interface EwsObserver {
  /** one exchange with the server is over, well or not; a call that is repeated finishes several */
  requestFinished?(record: RequestFinished): void;
  /** a budget must rest; `untilMs` in clock time */
  throttled?(record: { readonly budget: string; readonly untilMs: number; readonly code: string }): void;
  /** what the limiter has learned about a budget */
  limitChanged?(record: {
    readonly budget: string;
    readonly limit: number;
    readonly reason: 'grown' | 'rejected';
  }): void;
  /** a notification stream was opened, ended or lost */
  streamState?(record: StreamStateRecord): void;
  /** something an administrator should know though the call went on */
  warning?(record: { readonly code: string; readonly message: string; readonly mailbox?: string | undefined }): void;
}

/** What has become of one notification stream. */
export interface StreamStateRecord {
  readonly group: string;
  readonly state: 'opening' | 'open' | 'closed' | 'lost';
  /** how many it is for */
  readonly mailboxes: number;
  /** code of the failure that lost it */
  readonly reason?: string | undefined;
}
