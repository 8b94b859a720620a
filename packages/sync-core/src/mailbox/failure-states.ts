/**
 * Which state a failure means, and how long to leave the mailbox alone. A wrong password stops every attempt: trying on
 * would lock the service account (threat T6). SPEC.md §7.2.
 */
import type { FailureKind } from '../ports/failure.ts';
import type { MailboxState } from './states.ts';

export interface FailureRule {
  readonly state: MailboxState;
  /** `never`: only a person or a new configuration helps */
  readonly wait: 'never' | { readonly baseMs: number; readonly capMs: number };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const QUICK = { baseMs: SECOND, capMs: 5 * MINUTE } as const;
const SLOW = { baseMs: 5 * MINUTE, capMs: 60 * MINUTE } as const;

/** Total over the kinds of failure; `aborted` changes nothing and is handled before. */
export const FAILURE_RULES: Readonly<Record<FailureKind, FailureRule>> = {
  throttled: { state: 'throttled', wait: { baseMs: 5 * SECOND, capMs: 10 * MINUTE } },
  authFailed: { state: 'authFailed', wait: 'never' },
  extendedProtection: { state: 'protectionRequired', wait: 'never' },
  impersonationDenied: { state: 'noImpersonation', wait: SLOW },
  mailboxNotFound: { state: 'notFound', wait: SLOW },
  mailboxMoved: { state: 'moved', wait: QUICK },
  cursorInvalid: { state: 'snapshotting', wait: QUICK },
  folderNotFound: { state: 'resolving', wait: QUICK },
  notFound: { state: 'retrying', wait: QUICK },
  conflict: { state: 'retrying', wait: QUICK },
  alreadyExists: { state: 'retrying', wait: QUICK },
  forbidden: { state: 'retrying', wait: SLOW },
  invalidRequest: { state: 'retrying', wait: SLOW },
  limitExceeded: { state: 'throttled', wait: { baseMs: 5 * SECOND, capMs: 10 * MINUTE } },
  timeout: { state: 'retrying', wait: QUICK },
  unavailable: { state: 'retrying', wait: QUICK },
  tls: { state: 'retrying', wait: { baseMs: MINUTE, capMs: 10 * MINUTE } },
  protocol: { state: 'retrying', wait: QUICK },
  aborted: { state: 'retrying', wait: QUICK },
};
