/**
 * Push notifications: the server calls the client's address, first to see whether somebody is there, then with every change, and
 * when nothing happens once per StatusFrequency. The client answers OK or Unsubscribe; one that stays away loses the subscription.
 * Sources: Microsoft reference pages PushSubscriptionRequest, SendNotification, StatusFrequency.
 */

import type { TimerHandle, WorldClock } from '../../world/clock.ts';
import type { EntryIds } from '../../world/entry-ids.ts';
import { parseXml, type XmlElement } from '../../xml/xml-element.ts';
import { XmlWriter } from '../../xml/xml-writer.ts';
import { MESSAGES_NS, SOAP_NS, TYPES_NS } from '../wire/names.ts';
import { type NotificationOptions, writeNotification } from './event-writer.ts';
import type { QueuedEvent, Subscription } from './subscription.ts';

const EVENTS_PER_CALL = 50;
const FIRST_RETRY_MS = 30_000;
/** How long the client may think about one call, in real time: it is a real connection. */
const ANSWER_MS = 10_000;

export interface PushOptions {
  readonly subscription: Subscription;
  readonly url: string;
  readonly statusMs: number;
  readonly clock: WorldClock;
  readonly ids: EntryIds;
  readonly watermark: (watermark: number) => string;
  /** takes the subscription away */
  readonly giveUp: () => void;
}

type Verdict = 'ok' | 'unsubscribe' | 'silence';

export class PushSender {
  readonly #options: PushOptions;
  readonly #stopped = new AbortController();
  #timer: TimerHandle | undefined;
  #isSending = false;
  #retryMs = FIRST_RETRY_MS;
  #silentSince: number | undefined;
  #previous: string;

  constructor(options: PushOptions) {
    this.#options = options;
    this.#previous = options.watermark(options.subscription.watermark);
  }

  start(): void {
    const { subscription } = this.#options;
    subscription.wake = () => this.#wake();
    subscription.ended = () => this.#stop();
    void this.#send();
  }

  #stop(): void {
    this.#stopped.abort();
    this.#timer?.cancel();
  }

  #wake(): void {
    if (this.#silentSince === undefined) this.#later(0);
  }

  #later(ms: number): void {
    this.#timer?.cancel();
    if (this.#stopped.signal.aborted) return;
    // what has happened is told at once, however the world's clock moves
    if (ms === 0) setImmediate(() => void this.#send());
    else this.#timer = this.#options.clock.after(ms, () => void this.#send());
  }

  async #send(): Promise<void> {
    if (this.#isSending || this.#stopped.signal.aborted) return;
    this.#isSending = true;
    const events = this.#options.subscription.drain(EVENTS_PER_CALL);
    const verdict = await this.#call(events);
    this.#isSending = false;
    if (this.#stopped.signal.aborted) return;
    if (verdict === 'unsubscribe') this.#options.giveUp();
    else if (verdict === 'silence') this.#retry(events);
    else this.#goOn(events);
  }

  #goOn(events: readonly QueuedEvent[]): void {
    const { subscription, clock, statusMs, watermark } = this.#options;
    this.#retryMs = FIRST_RETRY_MS;
    this.#silentSince = undefined;
    subscription.touch(clock.now());
    const last = events.at(-1);
    if (last !== undefined) this.#previous = watermark(last.watermark);
    this.#later(subscription.hasEvents ? 0 : statusMs);
  }

  #retry(events: readonly QueuedEvent[]): void {
    const { subscription, clock, statusMs, giveUp } = this.#options;
    subscription.restore(events);
    this.#silentSince ??= clock.now();
    if (clock.now() - this.#silentSince >= statusMs) {
      giveUp();
      return;
    }
    this.#later(this.#retryMs);
    this.#retryMs *= 2;
  }

  async #call(events: readonly QueuedEvent[]): Promise<Verdict> {
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: {
          'content-type': 'text/xml; charset=utf-8',
          soapaction: `"${MESSAGES_NS}/SendNotification"`,
        },
        body: this.#document(events),
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      const text = await response.text();
      return response.ok ? verdictIn(parseXml(text)) : 'silence';
    } catch {
      // nobody there, no answer, or no XML: to the server all the same
      return 'silence';
    }
  }

  #document(events: readonly QueuedEvent[]): string {
    const { subscription, ids, watermark } = this.#options;
    const out = new XmlWriter();
    out.declaration().open('s:Envelope', { 'xmlns:s': SOAP_NS, 'xmlns:t': TYPES_NS, 'xmlns:m': MESSAGES_NS });
    out.open('s:Header').element('t:RequestServerVersion', undefined, { Version: 'Exchange2016' }).close();
    out.open('s:Body').open('m:SendNotification').open('m:ResponseMessages');
    out.open('m:SendNotificationResponseMessage', { ResponseClass: 'Success' }).element('m:ResponseCode', 'NoError');
    const options: NotificationOptions = {
      ids,
      box: subscription.box,
      subscriptionId: subscription.id,
      watermarks: { previous: this.#previous, more: subscription.hasEvents, text: watermark },
    };
    writeNotification(out, 'm:Notification', options, events, subscription.watermark);
    out.close().close().close().close().close();
    return out.toString();
  }
}

function verdictIn(root: XmlElement): Verdict {
  const status = root.at('Body', 'SendNotificationResult')?.childText('SubscriptionStatus')?.trim();
  if (status === 'Unsubscribe') return 'unsubscribe';
  return status === 'OK' ? 'ok' : 'silence';
}
