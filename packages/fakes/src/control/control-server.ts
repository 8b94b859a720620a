/** Serves control routes over HTTP with their OpenAPI description at `/control/v1/openapi.json`. Source: design/contracts.md §8. */
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { REGISTRATION_STATUS, RegistrationRefusal } from '../registration/registration-protocol.ts';
import { statusOf, TrueConfRefusal } from '../trueconf/world/refusal.ts';
import { WorldError } from '../world/world-error.ts';
import { ControlRefusal, type ControlRoute } from './control-route.ts';
import { openApiOf } from './openapi.ts';
import { closeServer, listen } from './wire/wire-server.ts';

export interface ControlServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const VERSION = '0.1.0';
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** Starts the control API. It has no authentication: it listens on loopback unless told otherwise. */
export async function startControlServer(
  routes: readonly ControlRoute[],
  options: { readonly port?: number | undefined; readonly host?: string | undefined } = {},
): Promise<ControlServer> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4000 },
    frameworkErrors: (_error, request, reply) => refuse(unreadableAddress(request.url), reply as FastifyReply),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    const text = body.toString();
    try {
      done(null, text.trim() === '' ? undefined : JSON.parse(text));
    } catch {
      done(new ControlRefusal(400, 'invalidRequest', 'The body is not JSON.'));
    }
  });
  const description = openApiOf(routes, VERSION);
  app.get('/control/v1/openapi.json', () => description);
  for (const route of routes) {
    app.route({
      method: route.method,
      url: `/control/v1${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      handler: (request, reply) => answer(route, request, reply),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ error: { code: 'noSuchRoute', message: `There is no ${request.method} ${request.url}.` } });
  });
  app.setErrorHandler((error, _request, reply) => refuse(error, reply));
  const host = options.host ?? '127.0.0.1';
  const port = await listen(app as never, options.port ?? 0, host);
  return { url: `http://${host}:${port}`, port, close: () => closeServer(app as never) };
}

async function answer(route: ControlRoute, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = route.bodyIsOptional && request.body === undefined ? {} : request.body;
  const result = await route.work({
    params: checked(route.params, request.params, 'path'),
    query: checked(route.query, request.query, 'query'),
    body: checked(route.body, body, 'body'),
  });
  if (!route.answer) return reply.code(204).send();
  return reply
    .code(route.status)
    .type('application/json')
    .send(JSON.stringify(route.answer.parse(result)));
}

function checked(schema: ControlRoute['body'], value: unknown, where: string): unknown {
  if (!schema) return {};
  const result = schema.safeParse(value ?? undefined);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = [where, ...(issue?.path ?? [])].join('.');
  throw new ControlRefusal(400, 'invalidRequest', `${place}: ${issue?.message ?? 'not valid'}`);
}

function unreadableAddress(url: string): ControlRefusal {
  return new ControlRefusal(400, 'invalidRequest', `${url} is no valid address: percent-encode ids in it.`);
}

function refuse(error: unknown, reply: FastifyReply): void {
  const [status, code] = statusAndCode(error);
  const message = error instanceof Error ? error.message : String(error);
  reply.code(status).send({ error: { code, message } });
}

function statusAndCode(error: unknown): readonly [number, string] {
  if (error instanceof ControlRefusal) return [error.status, error.code];
  if (error instanceof TrueConfRefusal) return [statusOf(error.reason, 'v4'), error.reason];
  if (error instanceof RegistrationRefusal) return [REGISTRATION_STATUS[error.code], error.code];
  if (error instanceof WorldError) return [/NotFound|NonExistent/.test(error.code) ? 404 : 400, error.code];
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' && status < 500 ? [status, 'invalidRequest'] : [500, 'internal'];
}
