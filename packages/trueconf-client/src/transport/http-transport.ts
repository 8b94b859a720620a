/**
 * One HTTP exchange with one server: a bounded pool of kept connections, own authorities, time-outs, an answer size
 * limit, abort. It never follows a redirect (credentials stay with the configured host) and never repeats a request,
 * except a read whose kept connection the server had just closed.
 */
import { rootCertificates } from 'node:tls';
import type { CancelSignal } from '@calendar-connector/sync-core';
import { Pool } from 'undici';
import { TrueConfError } from '../error.ts';
import { type Clock, LIMITS, type TrueConfServerOptions } from '../options.ts';
import type { RawAnswer } from './answer.ts';
import { failureOfLink, type Request } from './failure-classification.ts';

export interface WireRequest extends Request {
  /** below the base path, already encoded */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** sent as JSON */
  readonly body?: unknown;
  /** sent as a form instead */
  readonly form?: Readonly<Record<string, string>>;
}

const TLS_MIN_VERSION = 'TLSv1.2';
const CLOSED_UNDER_US = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export class HttpTransport {
  readonly server: string;
  readonly clock: Clock;
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #requestMs: number;
  readonly #options: TrueConfServerOptions;
  readonly #closing = new AbortController();

  constructor(options: TrueConfServerOptions) {
    const url = new URL(options.url);
    this.server = options.id;
    this.clock = options.clock ?? Date;
    this.#options = options;
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#requestMs = options.timeouts?.requestMs ?? LIMITS.requestMs;
    this.#pool = new Pool(url.origin, {
      connections: options.maxConnections ?? LIMITS.maxConnections,
      pipelining: 1,
      allowH2: false,
      connectTimeout: options.timeouts?.connectMs ?? LIMITS.connectMs,
      headersTimeout: this.#requestMs,
      bodyTimeout: this.#requestMs,
      maxResponseSize: options.maxAnswerBytes ?? LIMITS.maxAnswerBytes,
      connect: { minVersion: TLS_MIN_VERSION, ...trusted(options.ca) },
    });
  }

  /** Sends once and reads the whole answer, of any status. Throws TrueConfError when there is none. */
  async send(request: WireRequest, signal: CancelSignal): Promise<RawAnswer> {
    const startedAt = this.clock.now();
    try {
      const answer = await this.#attempt(request, signal);
      this.#report(request, startedAt, answer.status);
      return answer;
    } catch (error) {
      const failure = error as TrueConfError;
      this.#report(request, startedAt, undefined, failure.kind);
      const mayRepeat = request.method === 'GET' && CLOSED_UNDER_US.has(failure.code);
      if (!mayRepeat) throw failure;
      const answer = await this.#attempt(request, signal);
      this.#report(request, startedAt, answer.status);
      return answer;
    }
  }

  /** Ends what is in flight and all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pool.destroy();
  }

  async #attempt(request: WireRequest, signal: CancelSignal): Promise<RawAnswer> {
    const wait = new BoundedWait([signal, this.#closing.signal], this.#requestMs);
    let sent = false;
    try {
      wait.signal.throwIfAborted();
      sent = true;
      const { statusCode, headers, body } = await this.#pool.request({
        method: request.method,
        path: this.#basePath + request.path + encodeQuery(request.query),
        ...encodeBody(request),
        signal: wait.signal,
      });
      return { status: statusCode, headers, text: await body.text() };
    } catch (cause) {
      if (isTooLarge(cause)) throw tooLarge(request, this.server);
      const aborted = wait.signal.aborted && !wait.timedOut;
      throw failureOfLink(request, cause, this.server, { aborted, timedOut: wait.timedOut, sent });
    } finally {
      wait.dispose();
    }
  }

  #report(request: Request, startedAt: number, status: number | undefined, failure?: string): void {
    this.#options.observer?.onRequest?.({
      operation: request.operation,
      method: request.method,
      durationMs: this.clock.now() - startedAt,
      ...(status === undefined ? {} : { status }),
      ...(failure === undefined ? {} : { failure }),
    });
  }
}

/** Aborts when one of the signals does or when the time is up, and leaves no listener behind. */
class BoundedWait {
  timedOut = false;
  readonly #controller = new AbortController();
  readonly #signals: readonly CancelSignal[];
  readonly #timer: NodeJS.Timeout;
  readonly #abort = (): void => this.#controller.abort();

  constructor(signals: readonly CancelSignal[], limitMs: number) {
    this.#signals = signals;
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#controller.abort();
    }, limitMs);
    for (const signal of signals) {
      if (signal.aborted) this.#controller.abort();
      else signal.addEventListener('abort', this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort);
  }
}

function trusted(ca: string | readonly string[] | undefined): { readonly ca?: string[] } {
  return ca === undefined ? {} : { ca: [...rootCertificates, ...(typeof ca === 'string' ? [ca] : ca)] };
}

function encodeQuery(query: WireRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function encodeBody(request: WireRequest): { readonly headers: Record<string, string>; readonly body?: string } {
  const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
  if (request.form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    return { headers, body: new URLSearchParams(request.form).toString() };
  }
  if (request.body === undefined) return { headers };
  headers['content-type'] = 'application/json';
  return { headers, body: JSON.stringify(request.body) };
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof Error && (cause as { code?: unknown }).code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

function tooLarge(request: Request, server: string): TrueConfError {
  return new TrueConfError(`${request.operation}: the answer of TrueConf Server ${server} is larger than allowed`, {
    kind: 'protocol',
    code: 'answerTooLarge',
    operation: request.operation,
    maybeDone: request.changesSomething,
  });
}
