/**
 * HTTP to one Exchange origin with one service account: sends one SOAP request, reads the answer as it arrives, and keeps
 * the connection only when the exchange ended cleanly. After a 5xx the socket is dropped: servers have been seen to send a
 * second answer on it, which would be taken for the answer of the next request.
 */
import type { Authenticator } from '../auth/authenticator.ts';
import { decodeResponse } from '../decoder/decode.ts';
import type { ResponseState } from '../decoder/response-grammar.ts';
import type { ScannerLimits } from '../decoder/scanner.ts';
import type { TreeNode } from '../decoder/tree.ts';
import { type CallContext, errorOfFault, errorOfStatus } from '../errors/classify.ts';
import { EwsError } from '../errors/ews-error.ts';
import { codingOf, decoded } from './coding.ts';
import { Connection, type ConnectionOptions, type HttpRequest, type HttpResponse } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { CookieJar } from './cookies.ts';

export interface SoapRequest {
  readonly path: string;
  readonly body: string;
  readonly anchor: string | undefined;
  /** keeps a group of subscriptions on one back end */
  readonly preferAffinity: boolean;
  readonly cookies: CookieJar | undefined;
  readonly signal: AbortSignal;
  readonly context: CallContext;
}

export interface SoapAnswer {
  readonly state: ResponseState;
  readonly bytes: number;
  readonly headers: HttpResponse['headers'];
}

export interface SessionOptions {
  readonly connection: ConnectionOptions;
  readonly authenticator: Authenticator;
  readonly maxConnections: number;
  readonly userAgent: string;
  readonly limits: ScannerLimits | undefined;
}

/** What went wrong, and whether the connection had been used before (then the server may just have closed it). */
export class ExchangeFailed extends Error {
  readonly reused: boolean;
  readonly answered: boolean;

  constructor(cause: unknown, reused: boolean, answered: boolean) {
    super('exchange failed', { cause });
    this.reused = reused;
    this.answered = answered;
  }
}

export class HttpSession {
  readonly #options: SessionOptions;
  readonly #pool: ConnectionPool;
  readonly #streams = new Set<Connection>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#pool = new ConnectionPool(options.connection, options.maxConnections);
  }

  get connections(): number {
    return this.#pool.size;
  }

  /** One request, one decoded answer. Throws ExchangeFailed around the reason. */
  async exchange(request: SoapRequest): Promise<SoapAnswer> {
    const connection = await this.#pool.acquire(request.signal);
    const isUsed = connection.socketNumber > 0;
    let clean = false;
    let answered = false;
    try {
      const response = await this.#options.authenticator.send(connection, this.#http(request, true));
      answered = true;
      request.cookies?.take(response.headers['set-cookie']);
      const answer = await this.#read(response, request.context);
      clean = response.statusCode < 500;
      if (answer.state.fault !== undefined) {
        throw errorOfFault(answer.state.fault, request.context, response.statusCode);
      }
      return answer;
    } catch (error) {
      if (error instanceof EwsError && error.kind === 'authFailed') clean = false;
      throw new ExchangeFailed(error, isUsed || connection.hasAnswered, answered);
    } finally {
      if (!clean) connection.drop();
      this.#pool.release(connection);
    }
  }

  /** Opens a hanging response on a connection of its own; the caller reads the body and drops the connection. */
  async openStream(request: SoapRequest): Promise<{ readonly response: HttpResponse; readonly drop: () => void }> {
    const connection = new Connection(this.#options.connection);
    this.#streams.add(connection);
    const drop = () => {
      this.#streams.delete(connection);
      connection.drop();
    };
    try {
      const response = await this.#options.authenticator.send(connection, this.#http(request, false));
      request.cookies?.take(response.headers['set-cookie']);
      // What is no stream is read, to say what it is.
      if (response.statusCode !== 200 || !mayBeXml(response)) await this.#read(response, request.context);
      return { response, drop };
    } catch (error) {
      drop();
      throw error;
    }
  }

  close(): void {
    this.#pool.close();
    for (const connection of this.#streams) connection.drop();
    this.#streams.clear();
  }

  #http(request: SoapRequest, mayCompress: boolean): HttpRequest {
    const headers: Record<string, string> = {
      'content-type': 'text/xml; charset=utf-8',
      accept: 'text/xml',
      'user-agent': this.#options.userAgent,
    };
    if (mayCompress) headers['accept-encoding'] = 'gzip';
    if (request.anchor !== undefined) headers['x-anchormailbox'] = headerSafe(request.anchor);
    if (request.preferAffinity) headers['x-preferserveraffinity'] = 'true';
    const cookie = request.cookies?.header();
    if (cookie !== undefined) headers['cookie'] = cookie;
    return {
      path: request.path,
      method: 'POST',
      headers,
      body: Buffer.from(request.body, 'utf8'),
      signal: request.signal,
    };
  }

  async #read(response: HttpResponse, context: CallContext): Promise<SoapAnswer> {
    const { statusCode: status, headers } = response;
    const body = mayBeXml(response) && (status === 200 || status >= 400) ? decoded(response) : undefined;
    if (body === undefined) {
      await response.body.dump({ limit: 65_536 });
      throw status === 200 ? notSoap(response, context) : refusal(response, undefined, context);
    }
    const counted = counter(body);
    try {
      const { limits } = this.#options;
      const state = await decodeResponse(counted.chunks, limits === undefined ? {} : { limits });
      if (status !== 200) throw refusal(response, state.fault, context);
      return { state, bytes: counted.bytes(), headers };
    } catch (error) {
      if (status !== 200 && !(error instanceof EwsError)) throw refusal(response, undefined, context);
      throw error;
    }
  }
}

/** What an answer other than 200 means: the fault in it where there is one that says more than the status. */
function refusal(response: HttpResponse, fault: TreeNode | undefined, context: CallContext): EwsError {
  const { statusCode: status, headers } = response;
  const location = Array.isArray(headers['location']) ? headers['location'][0] : headers['location'];
  const pauseMs = retryAfterMs(headers['retry-after'], headers['date']);
  const byStatus = errorOfStatus(status, pauseMs, context, location);
  if (fault === undefined) return byStatus;
  const byFault = errorOfFault(fault, context, status);
  if (status !== 500 && byFault.kind === 'protocol') return byStatus;
  const isSilent = byFault.kind === 'throttled' && byFault.retryAfterMs === undefined && pauseMs !== undefined;
  return isSilent ? byFault.with({ retryAfterMs: pauseMs }) : byFault;
}

function headerSafe(value: string): string {
  return value.replace(/[^\x21-\x7e]/g, '');
}

/** What does not say what it is gets read: XML it is, or refused for not being it. */
function mayBeXml({ headers }: HttpResponse): boolean {
  const type = String(headers['content-type'] ?? '');
  return type === '' || /\bxml\b/i.test(type);
}

/** What answered with HTTP 200 and is no EWS, as far as its headers say. */
export function notSoap(response: HttpResponse, context: CallContext): EwsError {
  const what = [String(response.headers['content-type'] ?? ''), codingOf(response)].filter((word) => word !== '');
  return new EwsError({
    kind: 'protocol',
    code: 'NoSoapAnswer',
    message: `${context.operation}: something answered in place of EWS (${what.join(', ').slice(0, 80)}): a login page, a proxy or a wrong path`,
    httpStatus: 200,
    mailbox: context.mailbox,
  });
}

function counter(chunks: AsyncIterable<Uint8Array>): {
  readonly chunks: AsyncIterable<Uint8Array>;
  bytes(): number;
} {
  let bytes = 0;
  async function* counting() {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: counting(), bytes: () => bytes };
}

/** Retry-After in seconds or as a date, which is meant by the server's clock where it says what that shows; bounded. */
export function retryAfterMs(
  header: string | string[] | undefined,
  date?: string | string[],
  now = Date.now(),
): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const sent = Date.parse(String(date ?? ''));
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - (Number.isNaN(sent) ? now : sent);
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, 3_600_000) : undefined;
}
