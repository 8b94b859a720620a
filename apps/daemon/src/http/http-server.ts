/**
 * Health, metrics, status and administration over HTTP (contract §6), and the browser pages.
 * Nothing here waits on Exchange or TrueConf: a probe must answer while everything else is in trouble. It is open before
 * anything else: while the service is starting, /livez is well, /readyz says what is being waited for, the rest says 503.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type GuardOptions, guard } from './guard.ts';
import {
  isImpossible,
  missing,
  refuseBadAddress,
  refuseBadRequest,
  refuseFaults,
  refuseOtherMethods,
} from './refusals.ts';

export interface HttpPages {
  /** A page or asset by its path below `/`; undefined when there is none. */
  find(path: string): { readonly type: string; readonly body: Buffer } | undefined;
}

interface Health {
  readonly ok: boolean;
  readonly detail: string;
}

/** What the pages and commands ask the daemon. */
export interface AdminApi {
  readonly alive: () => Health;
  readonly ready: () => Health;
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
  readonly status: () => Promise<unknown>;
  readonly mailboxes: () => Promise<readonly unknown[]>;
  readonly mailbox: (address: string) => Promise<unknown | undefined>;
  /** false: no such mailbox */
  readonly act: (address: string, action: 'resync' | 'pause' | 'resume') => Promise<boolean>;
  readonly trace: (uid: string) => Promise<readonly unknown[]>;
  readonly explain: (uid: string) => Promise<unknown | undefined>;
  readonly explainMailbox: (address: string) => Promise<unknown | undefined>;
  readonly anomalies: () => Promise<readonly unknown[]>;
  readonly decideAnomaly: (id: string, decision: 'released' | 'discarded') => Promise<'done' | 'already' | 'unknown'>;
  readonly deadJobs: () => Promise<readonly unknown[]>;
  readonly retryJob: (id: string) => Promise<boolean>;
}

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly token: () => string;
  /** undefined while the service is starting or stopping */
  readonly api: () => AdminApi | undefined;
  /** `starting: opening the database`; what is under way while there is no api */
  readonly stage: () => string;
  readonly pages: HttpPages;
  /** port of the client channel, for the calendar page */
  readonly channelPort: () => number;
  /** where browser pages may connect to, for the content security policy */
  readonly connectSources: () => readonly string[];
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

const ACTIONS = ['resync', 'pause', 'resume'] as const;
const REQUEST_TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 16 * 1024;

export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) => {
      protect(reply, options);
      refuseBadAddress(reply);
    },
    clientErrorHandler: refuseBadRequest,
  });
  app.addHook('onSend', async (_request, reply) => protect(reply, options));
  refuseFaults(app);
  refuseOtherMethods(app, () => {
    health(app, options);
    administration(app, options);
    pages(app, options);
  });
  await app.listen({ host: options.host, port: options.port });
  const bound = app.server.address();
  return { port: typeof bound === 'object' && bound ? bound.port : options.port, close: () => app.close() };
}

/** What every answer carries, whoever gives it. */
function protect(reply: FastifyReply, options: HttpOptions): void {
  const connect = [...new Set(["'self'", ...options.connectSources()])].join(' ');
  reply.headers({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src ${connect}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  });
}

function health(app: FastifyInstance, { api, stage }: HttpOptions): void {
  const answer = (reply: FastifyReply, { ok, detail }: Health): void => {
    void reply
      .code(ok ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(`${ok ? 'ok' : 'not ok'}: ${detail}\n`);
  };
  const meanwhile = (ok: boolean): Health => ({ ok, detail: stage() });
  app.get('/livez', (_request, reply) => answer(reply, api()?.alive() ?? meanwhile(true)));
  app.get('/readyz', (_request, reply) => answer(reply, api()?.ready() ?? meanwhile(false)));
}

type Handler = (api: AdminApi, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

function administration(app: FastifyInstance, options: HttpOptions): void {
  const rules: GuardOptions = { host: options.host, token: options.token };
  const guarded =
    (handler: Handler, action: boolean) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      if (!guard(request, reply, rules, action)) return reply;
      const api = options.api();
      if (api && isImpossible(request)) return missing(reply, 'thing');
      if (api) return await handler(api, request, reply);
      const message = `the service is not ready (${options.stage()}); try again in a moment`;
      return reply
        .code(503)
        .header('retry-after', '1')
        .send({ error: { code: 'notReady', message } });
    };
  const read = (path: string, handler: Handler): void => void app.get(path, guarded(handler, false));
  const act = (path: string, handler: Handler): void => void app.post(path, guarded(handler, true));

  read('/metrics', async (api, _request, reply) => {
    const { type, text } = await api.metrics();
    return reply.type(type).send(text);
  });
  read('/api/v1/status', (api) => api.status());
  read('/api/v1/mailboxes', async (api) => ({ mailboxes: await api.mailboxes() }));
  read('/api/v1/mailboxes/:address', async (api, request, reply) => {
    const found = await api.mailbox((request.params as { address: string }).address);
    return found ?? missing(reply, 'mailbox');
  });
  read('/api/v1/mailboxes/:address/explain', async (api, request, reply) => {
    const found = await api.explainMailbox((request.params as { address: string }).address);
    return found ?? missing(reply, 'mailbox');
  });
  for (const action of ACTIONS) {
    act(`/api/v1/mailboxes/:address/${action}`, async (api, request, reply) => {
      const done = await api.act((request.params as { address: string }).address, action);
      return done ? { done: true } : missing(reply, 'mailbox');
    });
  }
  read('/api/v1/meetings/:uid/trace', async (api, request) => ({
    timeline: await api.trace((request.params as { uid: string }).uid),
  }));
  read('/api/v1/meetings/:uid/explain', async (api, request, reply) => {
    const found = await api.explain((request.params as { uid: string }).uid);
    return found ?? missing(reply, 'meeting');
  });
  read('/api/v1/anomalies', async (api) => ({ anomalies: await api.anomalies() }));
  for (const [verb, decision] of [
    ['release', 'released'],
    ['discard', 'discarded'],
  ] as const) {
    act(`/api/v1/anomalies/:id/${verb}`, async (api, request, reply) => {
      const outcome = await api.decideAnomaly((request.params as { id: string }).id, decision);
      return outcome === 'unknown' ? missing(reply, 'anomaly') : { outcome };
    });
  }
  read('/api/v1/jobs/dead', async (api) => ({ jobs: await api.deadJobs() }));
  act('/api/v1/jobs/:id/retry', async (api, request, reply) => {
    const done = await api.retryJob((request.params as { id: string }).id);
    return done ? { done: true } : missing(reply, 'job');
  });
}

function pages(app: FastifyInstance, options: HttpOptions): void {
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const path = new URL(request.url, 'http://page').pathname;
    const page = options.pages.find(path);
    return page ? reply.type(page.type).send(page.body) : reply.callNotFound();
  };
  // Where the calendar page finds the client channel; nothing secret.
  app.get('/calendar/channel.json', async () => ({ port: options.channelPort() }));
  app.get('/', serve);
  app.get('/calendar/', serve);
  app.get('/assets/*', serve);
}
