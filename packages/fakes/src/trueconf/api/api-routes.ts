/** How a route of one dialect is declared: name, scope, work. Turns refusals into the dialect's errors and results into JSON. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TrueConfRefusal } from '../world/refusal.ts';
import { sendApiError } from './api-errors.ts';
import { authorise, type Caller } from './caller.ts';
import type { Dialect } from './dialect.ts';

export interface ApiCall {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly reply: FastifyReply;
}

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** below `/api/<version>` */
  readonly path: string;
  readonly operation: string;
  /** null: served without a token */
  readonly scope: string | null | undefined;
  /** the JSON answer; undefined: 204 */
  readonly work: (call: ApiCall) => unknown;
}

const NOBODY: Caller = { clientId: '', scopes: [] };

/** Serves the routes of one dialect. */
export function serveRoutes(app: FastifyInstance, dialect: Dialect, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    app.route({
      method: route.method,
      url: `/api/${dialect.apiVersion}${route.path}`,
      config: { operation: route.operation, apiVersion: dialect.apiVersion },
      handler: (request, reply) => answer(dialect, route, request, reply),
      errorHandler: (error, _request, reply) => sendApiError(reply, dialect.family, error, dialect.world.quirks),
    });
  }
}

function answer(dialect: Dialect, route: ApiRoute, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!dialect.isServed()) {
    throw new TrueConfRefusal(
      'routeNotFound',
      `Route ${request.method} ${request.url.split('?')[0]} is not found.`,
      '',
      'path',
    );
  }
  const caller = route.scope === null ? NOBODY : authorise(dialect.world, request, route.scope);
  const result = route.work({
    caller,
    params: request.params as Record<string, string>,
    query: queryOf(request),
    body: request.body,
    reply,
  });
  if (result === undefined) return reply.code(204).send();
  if (typeof result === 'string') return reply.send(result);
  return reply.type('application/json').send(JSON.stringify(result));
}

function queryOf(request: FastifyRequest): Record<string, string> {
  const entries = Object.entries((request.query ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) ? String(value[0]) : String(value)]),
  );
}

/** An integer of the query string, or what holds when it is absent; nonsense is refused. */
export function integerOfQuery(query: Readonly<Record<string, string>>, name: string, absent: number): number {
  const text = query[name];
  if (text === undefined || text === '') return absent;
  if (!/^-?\d{1,15}$/.test(text)) throw new TrueConfRefusal('invalidParameter', `${name} must be an integer.`, name);
  return Number(text);
}

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 500;

export function pageSizeOf(query: Readonly<Record<string, string>>): number {
  return Math.min(MAX_PAGE_SIZE, Math.max(1, integerOfQuery(query, 'page_size', DEFAULT_PAGE_SIZE)));
}
