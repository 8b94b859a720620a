/** Starts the fake registration server over HTTP(S). Bodies and codes: `registration-protocol.ts`; source: design/contracts.md §7. */
import { writeFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { JWK } from 'jose';
import { HttpFaultPlan } from '../control/wire/http-fault-plan.ts';
import { RequestCounters } from '../control/wire/request-counters.ts';
import { RequestJournal } from '../control/wire/request-journal.ts';
import {
  buildWireServer,
  closeServer,
  listen,
  rotateCertificate,
  type ServerTls,
  type WaitingClock,
} from '../control/wire/wire-server.ts';
import { WorldClock } from '../world/clock.ts';
import { openIssuer } from './issuer.ts';
import { type LeaseRules, Registrar } from './registrar.ts';
import {
  leaseBodySchema,
  REGISTRATION_STATUS,
  RegistrationRefusal,
  registerBodySchema,
} from './registration-protocol.ts';

export interface FakeRegistrationOptions {
  readonly clock?: WaitingClock | undefined;
  /** TrueConf Servers named in the licences */
  readonly servers?: readonly string[] | undefined;
  /** private JWK; read, or written when absent; without it a key pair lives as long as the server */
  readonly issuerPrivateKeyFile?: string | undefined;
  /** where to write the public JWK for `registration.issuerKeyFile` */
  readonly issuerPublicKeyFile?: string | undefined;
  readonly lease?: Partial<LeaseRules> | undefined;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly tls?: ServerTls | undefined;
  readonly seed?: number | undefined;
  readonly faults?: HttpFaultPlan | undefined;
  readonly journal?: RequestJournal | undefined;
  readonly wait?: ((ms: number) => Promise<void>) | undefined;
}

export interface FakeRegistration {
  readonly url: string;
  readonly port: number;
  readonly registrar: Registrar;
  /** what `registration.issuerKeyFile` must hold */
  readonly issuerPublicJwk: JWK;
  readonly journal: RequestJournal;
  readonly faults: HttpFaultPlan;
  readonly counters: RequestCounters;
  /** from the next handshake on; only for a server started with `tls` */
  rotateCertificate(tls: ServerTls): void;
  close(): Promise<void>;
}

const BASE = '/api/calendar/v1';

/** Starts the server and resolves when it listens. */
export async function startFakeRegistration(options: FakeRegistrationOptions = {}): Promise<FakeRegistration> {
  const clock = options.clock ?? new WorldClock();
  const issuer = await openIssuer(options.issuerPrivateKeyFile);
  if (options.issuerPublicKeyFile !== undefined) {
    await writeFile(options.issuerPublicKeyFile, `${JSON.stringify(issuer.publicJwk, null, 2)}\n`);
  }
  const registrar = new Registrar({ clock, issuer, servers: options.servers, lease: options.lease });
  const journal = options.journal ?? new RequestJournal();
  const faults = options.faults ?? new HttpFaultPlan(options.seed);
  const counters = new RequestCounters();
  const app = buildWireServer({ clock, journal, faults, counters, tls: options.tls, wait: options.wait });
  serve(app, registrar);
  const host = options.host ?? '127.0.0.1';
  const port = await listen(app, options.port ?? 0, host);
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    registrar,
    issuerPublicJwk: issuer.publicJwk,
    journal,
    faults,
    counters,
    rotateCertificate: (tls) => rotateCertificate(app, tls),
    close: () => closeServer(app),
  };
}

function serve(app: FastifyInstance, registrar: Registrar): void {
  app.post(`${BASE}/register`, { config: { operation: 'register' } }, async (request, reply) =>
    json(reply, { licence: await registrar.register(parsed(registerBodySchema, request.body).request) }),
  );
  app.post(`${BASE}/lease`, { config: { operation: 'lease' } }, async (request, reply) => {
    const { licenceId, installationId, signature } = parsed(leaseBodySchema, request.body);
    return json(reply, { lease: await registrar.renewLease(licenceId, installationId, signature) });
  });
  app.post(`${BASE}/offline`, { config: { operation: 'offline' } }, async (request, reply) =>
    json(reply, { reply: await registrar.replyOffline(parsed(registerBodySchema, request.body).request) }),
  );
  app.get(`${BASE}/issuer.jwk`, { config: { operation: 'issuerKey' } }, (_request, reply) =>
    json(reply, registrar.issuer.publicJwk),
  );
  app.setNotFoundHandler((_request, reply) =>
    json(reply.code(404), { error: { code: 'notFound', message: 'There is nothing here.' } }),
  );
  app.setErrorHandler((error, _request, reply) => refuse(reply, error));
}

function parsed<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  body: unknown,
): T {
  const result = schema.safeParse(body);
  if (!result.success) throw new RegistrationRefusal('invalidRequest', 'The body is not what this call takes.');
  return result.data;
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof RegistrationRefusal) {
    const body = { error: { code: error.code, message: error.message } };
    return json(reply.code(REGISTRATION_STATUS[error.code]), body);
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  const isTheirs = typeof status === 'number' && status < 500;
  const message = error instanceof Error ? error.message : String(error);
  return json(reply.code(isTheirs ? status : 500), {
    error: { code: isTheirs ? 'invalidRequest' : 'internal', message },
  });
}

function json(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json').send(JSON.stringify(body));
}
