/**
 * One keep-alive connection to Exchange: an undici Client that never pipelines, plus what is bound to its socket
 * (NTLM log-in, channel binding). A new socket forgets both.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Client, type Dispatcher } from 'undici';
import { channelBinding } from '../auth/channel-binding.ts';
import { type ConnectorOptions, makeConnector } from './connector.ts';
import { skipInterimAnswers } from './interim-answers.ts';

export interface ConnectionOptions extends Omit<ConnectorOptions, 'onSocket'> {
  readonly origin: string;
  /** how long an unused connection is kept */
  readonly keepAliveMs: number;
  /** is shown each new socket, once its certificate has been accepted */
  readonly inspect?: (socket: Socket | TLSSocket) => void;
}

export interface HttpRequest {
  readonly path: string;
  readonly method: 'POST' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
}

export type HttpResponse = Dispatcher.ResponseData;

export class Connection {
  readonly #client: Client;
  #sockets = 0;
  #binding: Buffer | undefined;
  #dropped = false;
  #isConnected = false;
  #hasAnswered = false;
  #expectAnswer: () => void = () => undefined;
  /** the log-in that holds on the present socket */
  #loggedInOn = 0;

  constructor(options: ConnectionOptions) {
    this.#client = new Client(options.origin, {
      connect: makeConnector({
        ...options,
        onSocket: (socket) => {
          this.#onSocket(socket);
          options.inspect?.(socket);
        },
      }),
      pipelining: 1,
      keepAliveTimeout: options.keepAliveMs,
      keepAliveMaxTimeout: options.keepAliveMs,
      // The whole call has a deadline of its own; these only catch what escapes it.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 65_536,
    });
    this.#client.on('disconnect', () => {
      this.#isConnected = false;
      this.#loggedInOn = 0;
      this.#binding = undefined;
    });
  }

  /** Number of the present socket, 0 before the first; a change means log-ins are lost. */
  get socketNumber(): number {
    return this.#sockets;
  }

  /** The present socket, or the last one, has given an answer: what fails on it now may only be a closed connection. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  get channelBinding(): Buffer | undefined {
    return this.#binding;
  }

  get isLoggedIn(): boolean {
    return this.#loggedInOn !== 0 && this.#loggedInOn === this.#sockets;
  }

  loggedIn(): void {
    this.#loggedInOn = this.#sockets;
  }

  loggedOut(): void {
    this.#loggedInOn = 0;
  }

  get isDropped(): boolean {
    return this.#dropped;
  }

  /** Sends one request. Before the first byte the socket may be new: `socketNumber` tells. */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const { signal } = request;
    // undici hears of an abort only once it has a socket, which behind a mute proxy may be never.
    const giveUp = () => {
      if (!this.#isConnected) this.drop();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#expectAnswer();
    try {
      const response = await this.#client.request({
        path: request.path,
        method: request.method,
        headers: request.headers as Record<string, string>,
        body: request.body ?? null,
        signal,
      });
      this.#hasAnswered = true;
      return response;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Closes the socket at once; the connection is not used again. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#client.destroy().catch(() => undefined);
  }

  #onSocket(socket: Socket | TLSSocket): void {
    this.#sockets++;
    this.#isConnected = true;
    this.#hasAnswered = false;
    this.#expectAnswer = skipInterimAnswers(socket);
    this.#loggedInOn = 0;
    this.#binding = 'getPeerCertificate' in socket ? channelBinding(socket) : undefined;
    socket.setNoDelay(true);
  }
}
