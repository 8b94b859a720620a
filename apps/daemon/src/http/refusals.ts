/**
 * Everything the HTTP side says no to before a handler is reached: unknown addresses, other methods, broken addresses
 * and requests, bodies. One shape for all, `{"error":{"code","message"}}` (docs/reference/http.md).
 */
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type Code = 'notFound' | 'methodNotAllowed' | 'invalidRequest' | 'internal';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function refuse(reply: FastifyReply, status: number, code: Code, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

/** A thing of this kind that is not there. */
export function missing(reply: FastifyReply, what: string): FastifyReply {
  return refuse(reply, 404, 'notFound', `there is no such ${what}`);
}

/** No name of ours holds control characters, and PostgreSQL takes no zero byte: such a thing cannot be there. */
export function isImpossible({ params }: FastifyRequest): boolean {
  return Object.values(params ?? {}).some((value) => /\p{Cc}/u.test(String(value)));
}

/** An address that cannot be decoded, or is too long, never reaches handlers and hooks. */
export function refuseBadAddress(reply: FastifyReply): void {
  void refuse(reply, 400, 'invalidRequest', 'the address is too long or not properly encoded');
}

/** Bytes that are no HTTP request at all, or one with endless headers: answered without a request to answer to. */
export function refuseBadRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'the headers are too large']
      : ['400 Bad Request', 'this is no HTTP request'];
  const body = JSON.stringify({ error: { code: 'invalidRequest', message } });
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\nconnection: close`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Before the routes: what goes wrong on the way to them and in them. */
export function refuseFaults(app: FastifyInstance): void {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) void refuse(reply, status, 'invalidRequest', error.message);
    else void refuse(reply, status, 'internal', 'the daemon could not answer; the reason is in its log');
  });
  app.setNotFoundHandler((_request, reply) => {
    void refuse(reply, 404, 'notFound', 'there is nothing at this address');
  });
  // No address takes a body; whatever a client sends along is read up to the limit and forgotten.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, undefined));
}

/** Around the routes: their addresses answer all other methods with 405 and the ones they have. */
export function refuseOtherMethods(app: FastifyInstance, routes: () => void): void {
  const served = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = served.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    served.set(url, known);
  });
  routes();
  for (const [url, methods] of [...served]) {
    const allow = [...methods].sort().join(', ');
    app.route({
      url,
      method: METHODS.filter((method) => !methods.has(method)),
      exposeHeadRoute: false,
      handler: (_request, reply) =>
        refuse(reply.header('allow', allow), 405, 'methodNotAllowed', `this address takes ${allow}`),
    });
  }
}
