/**
 * One notification stream while it is read: what its envelopes mean to the members it was opened for. Events only ring
 * the bell; an error ends the stream, and says which subscriptions are gone with it (facts §1.5).
 */
import type { HintListener } from '@calendar-connector/sync-core';
import type { RawMessage } from '../decoder/response-grammar.ts';
import { type CallContext, errorOfFault, errorOfMessage } from '../errors/classify.ts';
import type { EwsError } from '../errors/ews-error.ts';
import type { Member } from './member.ts';
import type { StreamEnvelope } from './stream-decoder.ts';

interface ReadingOptions {
  readonly name: string;
  readonly members: readonly Member[];
  readonly listener: HintListener;
  /** clock time in milliseconds */
  readonly now: () => number;
  /** whether a member has not been removed meanwhile */
  readonly isWatched: (member: Member) => boolean;
  /** the server has said that the stream is open */
  readonly onOpen: (reading: Reading) => void;
  /** the server refused to go on; `losesAll`: with every subscription of the stream */
  readonly onRefused: (code: string, losesAll: boolean) => void;
}

export class Reading {
  readonly #options: ReadingOptions;
  #openedAt: number | undefined;
  #endedInOrder = false;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get members(): readonly Member[] {
    return this.#options.members;
  }

  /** The server has said that the stream is open. */
  get isOpen(): boolean {
    return this.#openedAt !== undefined;
  }

  /** For how long it has been open by now, in milliseconds. */
  get openMs(): number {
    return this.#openedAt === undefined ? 0 : this.#options.now() - this.#openedAt;
  }

  /** The server itself has ended the stream, in order. */
  get endedInOrder(): boolean {
    return this.#endedInOrder;
  }

  get subscriptionIds(): readonly string[] {
    return this.members.flatMap(({ subscriptionId }) => subscriptionId ?? []);
  }

  /** What one envelope means; a refusal, which is returned, ends the stream. */
  take(envelope: StreamEnvelope, context: CallContext): EwsError | undefined {
    if (envelope.fault !== undefined) return this.refused(errorOfFault(envelope.fault, context, 200));
    for (const message of envelope.messages) {
      if (message.responseClass === 'Error') {
        return this.refused(errorOfMessage(message, context), message.errorSubscriptionIds);
      }
      if (!this.isOpen) {
        this.#openedAt = this.#options.now();
        this.#options.onOpen(this);
      }
      if (message.connectionStatus === 'Closed') this.#endedInOrder = true;
      this.#ring(message);
    }
    return undefined;
  }

  #ring(message: RawMessage): void {
    const { isWatched, listener, members } = this.#options;
    for (const { events, subscriptionId } of message.notifications) {
      if (!events.some((event) => event.type !== 'StatusEvent')) continue;
      // A notification that does not say whose it is may be anybody's.
      const isMeant = (member: Member) => subscriptionId === '' || member.subscriptionId === subscriptionId;
      for (const member of members) {
        if (!isMeant(member) || !isWatched(member)) continue;
        listener.onHint({ mailbox: member.mailbox.address, reason: 'notification' });
      }
    }
  }

  /**
   * The server does not go on with the stream, or does not even begin it: returns why. Bad ids poison the whole connection:
   * they are dropped and subscribed anew, the good ones kept (facts §3.1 no. 9). Where none of ours is named, as in a
   * fault, a code that means a lost subscription means all of them.
   */
  refused(error: EwsError, badIds: readonly string[] = []): EwsError {
    const { isWatched, listener, members, onRefused } = this.#options;
    const bad = members.filter(({ subscriptionId }) => subscriptionId !== undefined && badIds.includes(subscriptionId));
    const losesAll = bad.length === 0 && losesSubscription(error.code);
    for (const member of losesAll ? members : bad) {
      member.subscriptionId = undefined;
      if (isWatched(member)) listener.onHint({ mailbox: member.mailbox.address, reason: 'resubscribed' });
    }
    onRefused(error.code, losesAll);
    return error;
  }
}

/** Whether after this code the subscription is gone and a new one is made, without the old watermark. */
export function losesSubscription(code: string): boolean {
  return LOSES_SUBSCRIPTION.has(code);
}

const LOSES_SUBSCRIPTION = new Set([
  'ErrorInvalidSubscription',
  'ErrorSubscriptionNotFound',
  'ErrorExpiredSubscription',
  'ErrorSubscriptionUnsubscribed',
  'ErrorReadEventsFailed',
  'ErrorProxyRequestNotAllowed',
  'ErrorMissedNotificationEvents',
  'ErrorInvalidWatermark',
  'ErrorSubscriptionAccessDenied',
  'ErrorProxiedSubscriptionCallFailure',
]);
