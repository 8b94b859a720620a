/**
 * Starts the fake TrueConf Server: API v3.11, v4 and (switchable) v4.1 over one world, OAuth, the pages links lead to,
 * request journal, counters, faults. Source: facts/trueconf.md §2, §9; design/contracts.md §8.
 */
import type { FastifyInstance } from 'fastify';
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
import { sendApiError } from './api/api-errors.ts';
import { serveRoutes } from './api/api-routes.ts';
import { conferenceRoutes } from './api/conference-routes.ts';
import type { Dialect } from './api/dialect.ts';
import { dialectV3 } from './api/dialect-v3.ts';
import { dialectV4 } from './api/dialect-v4.ts';
import { invitationRoutes } from './api/invitation-routes.ts';
import { serveOAuth } from './api/oauth-routes.ts';
import { serverRoutesV3, serverRoutesV4 } from './api/server-routes.ts';
import { userRoutes } from './api/user-routes.ts';
import type { TrueConfQuirks } from './world/quirks.ts';
import { TrueConfRefusal } from './world/refusal.ts';
import { TrueConfWorld } from './world/trueconf-world.ts';

export interface FakeTrueConfOptions {
  /** absent: a new one with `userCount` default users and the OAuth client `connector` */
  readonly world?: TrueConfWorld | undefined;
  /** the Exchange world's clock */
  readonly clock?: WaitingClock | undefined;
  /** `server.example.test#vcs` */
  readonly serverId?: string | undefined;
  readonly quirks?: Partial<TrueConfQuirks> | undefined;
  /** `user1` … `userN` with `user1@example.test` …, default 10 */
  readonly userCount?: number | undefined;
  readonly seed?: number | undefined;
  /** 0 (default): any free one */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly tls?: ServerTls | undefined;
  readonly faults?: HttpFaultPlan | undefined;
  readonly journal?: RequestJournal | undefined;
  /** waits of `latency` and `drip`; default: by the clock */
  readonly wait?: ((ms: number) => Promise<void>) | undefined;
}

export interface FakeTrueConf {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly world: TrueConfWorld;
  readonly journal: RequestJournal;
  readonly faults: HttpFaultPlan;
  readonly counters: RequestCounters;
  readonly quirks: TrueConfQuirks;
  /** from the next handshake on; only for a server started with `tls` */
  rotateCertificate(tls: ServerTls): void;
  close(): Promise<void>;
}

export const DEFAULT_CLIENT_ID = 'connector';
export const DEFAULT_CLIENT_SECRET = 'Passw0rd!';
const DEFAULT_USERS = 10;

/** Starts the server and resolves when it listens. */
export async function startFakeTrueConf(options: FakeTrueConfOptions = {}): Promise<FakeTrueConf> {
  const world = options.world ?? defaultWorld(options);
  const journal = options.journal ?? new RequestJournal();
  const faults = options.faults ?? new HttpFaultPlan(options.seed);
  const counters = new RequestCounters();
  const app = buildWireServer({ clock: world.clock, journal, faults, counters, tls: options.tls, wait: options.wait });
  serveApi(app, world);
  const host = options.host ?? '127.0.0.1';
  const port = await listen(app, options.port ?? 0, host);
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    world,
    journal,
    faults,
    counters,
    quirks: world.quirks,
    rotateCertificate: (tls) => rotateCertificate(app, tls),
    close: () => closeServer(app),
  };
}

/** A world with the OAuth client of the contracts and N users. */
export function defaultWorld(options: FakeTrueConfOptions = {}): TrueConfWorld {
  const world = new TrueConfWorld(options);
  world.tokens.saveApplication({ clientId: DEFAULT_CLIENT_ID, clientSecret: DEFAULT_CLIENT_SECRET });
  for (let index = 1; index <= (options.userCount ?? DEFAULT_USERS); index += 1) {
    world.addUser({ id: `user${index}`, email: `user${index}@example.test`, displayName: `User ${index}` });
  }
  return world;
}

function serveApi(app: FastifyInstance, world: TrueConfWorld): void {
  serveOAuth(app, world);
  const dialects: readonly Dialect[] = [dialectV3(world), dialectV4(world, 'v4'), dialectV4(world, 'v4.1')];
  for (const dialect of dialects) {
    const around = dialect.family === 'v3' ? serverRoutesV3(dialect) : serverRoutesV4(dialect);
    serveRoutes(app, dialect, [
      ...conferenceRoutes(dialect),
      ...invitationRoutes(dialect),
      ...userRoutes(dialect),
      ...around,
    ]);
  }
  servePages(app, world);
  app.setNotFoundHandler((request, reply) => {
    if (!request.url.startsWith('/api/')) {
      return reply.code(404).type('text/html').send('<html><body><h1>404 Not Found</h1></body></html>');
    }
    const family = request.url.startsWith('/api/v3') ? 'v3' : 'v4';
    const message = `Route ${request.method} ${request.url.split('?', 1)[0]} is not found.`;
    sendApiError(reply, family, new TrueConfRefusal('routeNotFound', message, '', 'path'), world.quirks);
    return reply;
  });
  app.setErrorHandler((error, request, reply) => {
    sendApiError(reply, request.url.startsWith('/api/v4') ? 'v4' : 'v3', error, world.quirks);
  });
}

/** The pages people open from an invitation, and the client port's version page. */
function servePages(app: FastifyInstance, world: TrueConfWorld): void {
  for (const path of ['/c/:id', '/webrtc/:id']) {
    app.get<{ Params: { id: string } }>(path, { config: { operation: 'conferencePage' } }, (request, reply) => {
      const found = world.findConference(request.params.id);
      const title = found ? `Conference ${found.id}: ${found.state}` : 'Conference not found';
      return reply
        .code(found ? 200 : 404)
        .type('text/html; charset=utf-8')
        .send(`<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`);
    });
  }
  app.get('/vsstatus', { config: { operation: 'vsstatus' } }, (_request, reply) =>
    reply.type('text/html').send(`<html><body>TrueConf Server ${world.quirks.serverVersion}</body></html>`),
  );
}
