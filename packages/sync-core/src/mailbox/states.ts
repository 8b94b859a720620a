/**
 * The states of one mailbox as people see them, and the events that move it. SPEC.md §7; facts "State machine per mailbox".
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { FailureFacts } from '../model/decision.ts';
import type { FailureKind } from '../ports/failure.ts';

/** Order is that of a mailbox's life, then of the ways it can be stopped. */
export const MAILBOX_STATES = [
  'starting',
  'resolving',
  'snapshotting',
  'live',
  'livePolling',
  'throttled',
  'retrying',
  'authFailed',
  'protectionRequired',
  'noImpersonation',
  'notFound',
  'moved',
  'outOfLicence',
  'suspended',
] as const;
export type MailboxState = (typeof MAILBOX_STATES)[number];

export type MailboxEvent =
  | { readonly type: 'resolved' }
  /** a page was committed and more wait */
  | { readonly type: 'pageCommitted' }
  /** the mailbox is current */
  | { readonly type: 'lookSucceeded' }
  | { readonly type: 'lookFailed'; readonly failure: FailureFacts & { readonly message?: string } }
  | { readonly type: 'streamOpened' }
  | { readonly type: 'streamLost' }
  /** the server was away and is back: what waits to be tried again is tried now */
  | { readonly type: 'serverReturned' }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'licenceLost' }
  | { readonly type: 'licenceGained' }
  /** configuration was reloaded: what was refused before may be accepted now */
  | { readonly type: 'credentialsChanged' }
  | { readonly type: 'resyncRequested' };
export type MailboxEventType = MailboxEvent['type'];

/** Where a mailbox stands. Plain data; `mailboxStep` makes the next one. */
export interface MailboxMachine {
  readonly state: MailboxState;
  /** age of the state */
  readonly since: Instant;
  /** since when the mailbox is not in order; outlives changes between states that are not in order either */
  readonly troubledSince?: Instant;
  readonly stream: 'live' | 'down';
  /** failures in a row */
  readonly attempts: number;
  /** no look before this time, except when a person asks; infinite: only a person or a new configuration helps */
  readonly blockedUntil?: Instant;
  readonly error?: { readonly kind: FailureKind; readonly code: string; readonly message: string };
}

/** A mailbox that was just taken over. */
export function newMailboxMachine(now: Instant): MailboxMachine {
  return { state: 'starting', since: now, stream: 'down', attempts: 0 };
}
