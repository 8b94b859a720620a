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
  /** whether a member has not been removed meanwhile */
  readonly isWatched: (member: Member) => boolean;
  /** the server has said that the stream is open */
  readonly onOpen: (reading: Reading) => void;
  /** the server refused to go on; `losesAll`: with every subscription of the stream */
  readonly onRefused: (code: string, losesAll: boolean) => void;
}

export class Reading {
  readonly #options: ReadingOptions;
  #isOpen = false;
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

  /** The server itself has ended the stream, in order. */
  get endedInOrder(): boolean {
    return this.#endedInOrder;
  }

  get subscriptionIds(): readonly string[] {
    return this.members.flatMap(({ subscriptionId }) => subscriptionId ?? []);
  }

  /** What one envelope means; a refusal, which is returned, ends the stream. */
  take(envelope: StreamEnvelope, context: CallContext): EwsError | undefined {
    if (envelope.fault !== undefined) return errorOfFault(envelope.fault, context, 200);
    for (const message of envelope.messages) {
      if (message.responseClass === 'Error') return this.#refused(message, context);
      if (!this.#isOpen) {
        this.#isOpen = true;
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

  /** Bad ids poison the whole connection: they are dropped and subscribed anew, the good ones kept (facts §3.1 no. 9). */
  #refused(message: RawMessage, context: CallContext): EwsError {
    const { isWatched, listener, members, onRefused } = this.#options;
    const named = new Set(message.errorSubscriptionIds);
    const losesAll = named.size === 0 && losesSubscription(message.code);
    const isLost = ({ subscriptionId }: Member) =>
      losesAll || (subscriptionId !== undefined && named.has(subscriptionId));
    for (const member of members.filter(isLost)) {
      member.subscriptionId = undefined;
      if (isWatched(member)) listener.onHint({ mailbox: member.mailbox.address, reason: 'resubscribed' });
    }
    onRefused(message.code, losesAll);
    return errorOfMessage(message, context);
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
  'ErrorReadEventsFailed',
  'ErrorProxyRequestNotAllowed',
  'ErrorMissedNotificationEvents',
  'ErrorInvalidWatermark',
  'ErrorSubscriptionAccessDenied',
  'ErrorProxiedSubscriptionCallFailure',
]);
