/**
 * One watched mailbox inside a stream group: its subscription and what happened to it last.
 */
import type { HintListener, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { EwsError } from '../errors/ews-error.ts';

export class Member {
  readonly mailbox: ResolvedMailbox;
  subscriptionId: string | undefined;
  /** clock time before which Subscribe is not tried again */
  retryAt = 0;
  #failures = 0;
  #state: 'live' | 'down' | undefined;
  #reason = '';

  constructor(mailbox: ResolvedMailbox) {
    this.mailbox = mailbox;
  }

  subscribed(id: string): void {
    this.subscriptionId = id;
    this.#failures = 0;
  }

  /** Subscribe failed: the next try waits longer each time. */
  subscribeFailed(now: number, error: EwsError, reopenMs: number, reopenMaxMs: number): void {
    this.subscriptionId = undefined;
    const wait = Math.min(reopenMs * 2 ** this.#failures, reopenMaxMs * (error.retriable ? 1 : 10));
    this.#failures++;
    this.retryAt = now + Math.max(wait, error.retryAfterMs ?? 0);
  }

  live(listener: HintListener): void {
    if (this.#state === 'live') return;
    this.#state = 'live';
    listener.onState(this.mailbox.address, 'live');
  }

  down(listener: HintListener, error: EwsError): void {
    const reason = `${error.kind} ${error.code}`;
    if (this.#state === 'down' && this.#reason === reason) return;
    this.#state = 'down';
    this.#reason = reason;
    listener.onState(this.mailbox.address, 'down', { kind: error.kind, message: error.message });
  }
}
