/** Reads a GetStreamingEvents answer envelope by envelope, over a socket of its own. */
import { type ClientRequest, request } from 'node:http';
import type { FakeExchange } from '../../../src/ews/index.ts';
import { basic, type CallOptions, envelope, type Reply, toReply } from './ews-caller.ts';

export class StreamReader {
  readonly #request: ClientRequest;
  #buffer = '';
  #waiting: (() => void)[] = [];
  #hasEnded = false;
  /** ended with the end of the answer, not by a cut */
  isPolite = false;
  readonly chunks: string[] = [];

  constructor(
    exchange: FakeExchange,
    subscriptionIds: readonly string[],
    options: CallOptions & { readonly minutes?: number } = {},
  ) {
    const ids = subscriptionIds.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('');
    const body = envelope(
      `<m:GetStreamingEvents><m:SubscriptionIds>${ids}</m:SubscriptionIds><m:ConnectionTimeout>${options.minutes ?? 30}</m:ConnectionTimeout></m:GetStreamingEvents>`,
      options,
    );
    this.#request = request(exchange.ewsUrl, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: basic(options.login ?? 'svc@example.test'),
        'content-type': 'text/xml',
        'content-length': Buffer.byteLength(body),
        ...options.headers,
      },
    });
    this.#request.on('response', (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        this.chunks.push(chunk);
        this.#buffer += chunk;
        this.#wake();
      });
      response.on('end', () => {
        this.isPolite = true;
      });
      response.on('close', () => this.#finish());
    });
    this.#request.on('error', () => this.#finish());
    this.#request.end(body);
  }

  #finish(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The next envelope; undefined when the stream has ended. */
  async next(): Promise<Reply | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf('</Envelope>');
      if (end >= 0) {
        const text = this.#buffer.slice(0, end + 11);
        this.#buffer = this.#buffer.slice(end + 11);
        return toReply(200, text);
      }
      if (this.#hasEnded) return undefined;
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  /** Whatever came after the last whole envelope. */
  get rest(): string {
    return this.#buffer;
  }

  async ended(): Promise<void> {
    while (!this.#hasEnded) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  close(): void {
    this.#request.destroy();
  }
}

/** Names of the events in an envelope. */
export function eventsIn(reply: Reply | undefined): string[] {
  return (reply?.all('Notification') ?? [])
    .flatMap((notification) => notification.children.map((child) => child.name))
    .filter((name) => name.endsWith('Event'));
}
