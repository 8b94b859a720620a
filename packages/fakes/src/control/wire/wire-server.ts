/**
 * The HTTP ground under the fake TrueConf Server and the fake registration server: fastify with lenient body parsing,
 * a journal entry per request, counters, and the wire faults of `http-fault-plan.ts` (applied to the raw socket, so that a
 * client really sees a reset, a cut answer, or silence).
 */
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { HttpFault, HttpFaultPlan } from './http-fault-plan.ts';
import type { RequestCounters } from './request-counters.ts';
import type { OpenEntry, RequestJournal } from './request-journal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** name of the operation in journal, counters and faults */
    operation?: string;
    /** API version of the dialect that serves it */
    apiVersion?: string;
  }
  interface FastifyRequest {
    journalEntry: OpenEntry | null;
    fault: HttpFault | null;
    /** who asks, set by the dialect's authorisation */
    caller: string;
  }
}

/** PEM texts of a server certificate. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
}

/** The world's clock, or anything that tells the time. */
export interface WaitingClock {
  now(): number;
  after?(ms: number, run: () => void): unknown;
}

export interface WireServerOptions {
  readonly clock: WaitingClock;
  readonly journal: RequestJournal;
  readonly faults: HttpFaultPlan;
  readonly counters: RequestCounters;
  readonly tls?: ServerTls | undefined;
  /** waits of `latency` and `drip`; default: by the clock, so that a manual one holds answers until it is moved on */
  readonly wait?: ((ms: number) => Promise<void>) | undefined;
}

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const DRIP_PIECES = 16;

/** Builds (does not yet start) a server with journal, counters and faults wired in. */
export function buildWireServer(options: WireServerOptions): FastifyInstance {
  const common = { bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true, routerOptions: { maxParamLength: 500 } };
  const app = (options.tls
    ? Fastify({ ...common, https: { key: options.tls.key, cert: options.tls.cert } })
    : Fastify(common)) as unknown as FastifyInstance;
  parseBodiesLeniently(app);
  app.decorateRequest('journalEntry', null);
  app.decorateRequest('fault', null);
  app.decorateRequest('caller', 'anonymous');
  const wait = options.wait ?? waitBy(options.clock);

  app.addHook('onRequest', (request, reply, done) => {
    const operation = operationOf(request);
    options.counters.begin(operation);
    reply.raw.once('close', () => options.counters.end(reply.raw.writableFinished ? reply.raw.statusCode : undefined));
    done();
  });
  app.addHook('preHandler', (request, reply, done) => {
    enterJournal(options, request);
    const fault = options.faults.strike({
      operation: operationOf(request),
      method: request.method,
      path: pathOf(request),
    });
    if (!fault) return done();
    request.fault = fault;
    if (request.journalEntry) request.journalEntry.fault = fault.kind;
    strikeBefore(fault, request, reply, options, wait, done);
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!request.journalEntry) enterJournal(options, request);
    const text = typeof payload === 'string' ? payload : undefined;
    const entry = request.journalEntry;
    if (entry) {
      entry.caller = request.caller;
      options.journal.settle(entry, withholdsAnswer(request.fault) ? undefined : reply.statusCode, text);
    }
    strikeAfter(request.fault, reply, text ?? '', wait, () => done(null, payload));
  });
  return app;
}

/** Starts listening and says where. `host` defaults to loopback: a fake never listens to the world by itself. */
export async function listen(app: FastifyInstance, port: number, host = '127.0.0.1'): Promise<number> {
  await app.listen({ port, host });
  return (app.server.address() as AddressInfo).port;
}

/** Ends everything at once, hung answers included. */
export async function closeServer(app: FastifyInstance): Promise<void> {
  app.server.closeAllConnections();
  await app.close();
}

/** Changes the certificate of a running server; open connections keep theirs. */
export function rotateCertificate(app: FastifyInstance, tls: ServerTls): void {
  if (!('setSecureContext' in app.server)) throw new Error('this server was started without TLS');
  (app.server as unknown as TlsServer).setSecureContext({ key: tls.key, cert: tls.cert });
}

function parseBodiesLeniently(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const text = body.toString();
    if (text.trim() === '') return done(null, undefined);
    try {
      done(null, JSON.parse(text));
    } catch {
      done(Object.assign(new Error('the body is not JSON'), { statusCode: 400 }));
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())));
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body.toString() === '' ? undefined : body.toString());
  });
}

function enterJournal(options: WireServerOptions, request: FastifyRequest): void {
  request.journalEntry = options.journal.open({
    at: options.clock.now(),
    method: request.method,
    path: pathOf(request),
    query: withoutToken(request.query),
    operation: operationOf(request),
    version: request.routeOptions.config.apiVersion,
    caller: request.caller,
    requestBody: request.body ?? undefined,
  });
}

function strikeBefore(
  fault: HttpFault,
  request: FastifyRequest,
  reply: FastifyReply,
  options: WireServerOptions,
  wait: (ms: number) => Promise<void>,
  proceed: () => void,
): void {
  const settleUnanswered = (): void => {
    if (request.journalEntry) options.journal.settle(request.journalEntry, undefined);
  };
  switch (fault.kind) {
    case 'latency':
      void wait(fault.ms ?? 1000).then(proceed);
      return;
    case 'hang':
      settleUnanswered();
      return;
    case 'reset':
      settleUnanswered();
      resetSocket(reply);
      return;
    case 'html502':
      reply.code(502).type('text/html; charset=utf-8').send(HTML_502);
      return;
    case 'tooManyRequests':
      retryAfter(reply, fault, 1000)
        .code(429)
        .type('application/json')
        .send(
          JSON.stringify({
            error: { code: 429, message: 'Too Many Requests', errors: [{ reason: 'tooManyRequests' }] },
          }),
        );
      return;
    case 'status':
      retryAfter(reply, fault, undefined)
        .code(fault.status ?? 500)
        .type(fault.contentType ?? 'application/json')
        .send(fault.text ?? '');
      return;
    default:
      proceed();
  }
}

function strikeAfter(
  fault: HttpFault | null,
  reply: FastifyReply,
  text: string,
  wait: (ms: number) => Promise<void>,
  proceed: () => void,
): void {
  switch (fault?.kind) {
    case 'timeoutAfterCommit':
      return;
    case 'resetAfterCommit':
      resetSocket(reply);
      return;
    case 'halfJson':
      writeHead(reply, Buffer.byteLength(text));
      reply.raw.write(firstHalf(text), () => reply.raw.socket?.destroy());
      return;
    case 'brokenJson':
      writeHead(reply, firstHalf(text).length);
      reply.raw.end(firstHalf(text));
      return;
    case 'drip':
      writeHead(reply, Buffer.byteLength(text));
      void drip(reply, Buffer.from(text), fault.ms ?? 100, wait);
      return;
    default:
      proceed();
  }
}

async function drip(
  reply: FastifyReply,
  body: Buffer,
  delayMs: number,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  const size = Math.max(1, Math.ceil(body.length / DRIP_PIECES));
  for (let offset = 0; offset < body.length && !reply.raw.destroyed; offset += size) {
    await wait(delayMs);
    reply.raw.write(body.subarray(offset, offset + size));
  }
  reply.raw.end();
}

function writeHead(reply: FastifyReply, contentLength: number): void {
  reply.raw.writeHead(reply.statusCode, { ...stringHeaders(reply), 'content-length': String(contentLength) });
}

function stringHeaders(reply: FastifyReply): Record<string, string> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
}

function resetSocket(reply: FastifyReply): void {
  const socket = reply.raw.socket;
  if (socket && 'resetAndDestroy' in socket) socket.resetAndDestroy();
  else reply.raw.destroy();
}

function retryAfter(reply: FastifyReply, fault: HttpFault, presetMs: number | undefined): FastifyReply {
  const ms = fault.backOffMs ?? presetMs;
  return ms === undefined ? reply : reply.header('retry-after', String(Math.ceil(ms / 1000)));
}

function withholdsAnswer(fault: HttpFault | null): boolean {
  return fault?.kind === 'timeoutAfterCommit' || fault?.kind === 'resetAfterCommit';
}

function firstHalf(text: string): Buffer {
  const bytes = Buffer.from(text);
  return bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2)));
}

function operationOf(request: FastifyRequest): string {
  return request.routeOptions.config.operation ?? 'unknown';
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}

function withoutToken(query: unknown): Record<string, string> {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'access_token' ? '***' : String(value)]));
}

/** World time where the clock can wait, real time where it only tells. */
function waitBy(clock: WaitingClock): (ms: number) => Promise<void> {
  return (ms) =>
    new Promise((resolve) => {
      if (clock.after) clock.after(ms, resolve);
      else setTimeout(resolve, ms).unref();
    });
}

const HTML_502 =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';
