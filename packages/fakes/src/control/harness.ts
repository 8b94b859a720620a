/**
 * Starts any of the fake servers around one world and one clock, with the control API: what `apps/fake-exchange` runs and
 * what end-to-end tests use directly. Ports, names and passwords: design/contracts.md §8.
 */
import { type FakeExchange, type FakeExchangeOptions, startFakeExchange } from '../ews/index.ts';
import { type FakeWebProxy, startFakeWebProxy } from '../proxy/web-proxy.ts';
import { type FakeRegistration, startFakeRegistration } from '../registration/fake-registration.ts';
import { defaultWorld, type FakeTrueConf, startFakeTrueConf } from '../trueconf/fake-trueconf.ts';
import type { TrueConfQuirks } from '../trueconf/world/quirks.ts';
import { DEFAULT_SERVER_ID, type TrueConfWorld } from '../trueconf/world/trueconf-world.ts';
import { type ClockOptions, WorldClock } from '../world/clock.ts';
import { ExchangeWorld } from '../world/exchange-world.ts';
import { controlRoutes } from './control-api.ts';
import { type ControlServer, startControlServer } from './control-server.ts';
import { type LifeProfile, startOfficeLife } from './load/office-life.ts';
import { exchangeProbe, httpProbe, type ServerProbe } from './routes/server-probe.ts';
import type { ServerTls } from './wire/wire-server.ts';

export interface HarnessOptions {
  /** each server is started when its port is given; 0: any free one */
  readonly exchangePort?: number | undefined;
  readonly trueconfPort?: number | undefined;
  readonly registrationPort?: number | undefined;
  readonly controlPort?: number | undefined;
  /** the web proxy; needs `connectorUrl` */
  readonly proxyPort?: number | undefined;
  /** `ws://127.0.0.1:4315` */
  readonly connectorUrl?: string | undefined;
  readonly proxyIdleMs?: number | undefined;
  readonly host?: string | undefined;
  readonly mailboxes?: number | undefined;
  /** generated items per mailbox */
  readonly items?: number | undefined;
  readonly seed?: number | undefined;
  /** how busy the made-up users are; default: nobody stirs */
  readonly profile?: LifeProfile | undefined;
  readonly clock?: ClockOptions | undefined;
  readonly quirks?: Partial<TrueConfQuirks> | undefined;
  readonly serverId?: string | undefined;
  readonly tls?: ServerTls | undefined;
  /** budgets, authentication, streaming, mailbox servers of the fake Exchange */
  readonly exchange?: Omit<FakeExchangeOptions, 'world' | 'port' | 'host' | 'tls'> | undefined;
  readonly issuerPrivateKeyFile?: string | undefined;
  readonly issuerPublicKeyFile?: string | undefined;
}

export interface Harness {
  readonly clock: WorldClock;
  readonly exchangeWorld: ExchangeWorld;
  readonly trueconfWorld: TrueConfWorld;
  readonly exchange?: FakeExchange | undefined;
  readonly trueconf?: FakeTrueConf | undefined;
  readonly registration?: FakeRegistration | undefined;
  readonly proxy?: FakeWebProxy | undefined;
  readonly control?: ControlServer | undefined;
  close(): Promise<void>;
}

const DEFAULT_MAILBOXES = 10;

/** Starts what has a port. When one cannot start, those already started are closed again. */
export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const { seed = 1, mailboxes = DEFAULT_MAILBOXES, host, tls } = options;
  const clock = new WorldClock(options.clock);
  const exchangeWorld = new ExchangeWorld({ clock, seed, mailboxes, itemsPerMailbox: options.items ?? 0 });
  const serverId = options.serverId ?? DEFAULT_SERVER_ID;
  const trueconfWorld = defaultWorld({ clock, seed, serverId, quirks: options.quirks, userCount: mailboxes });
  const running: { close(): Promise<void> }[] = [];
  const started = async <T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> => {
    running.unshift(await server);
    return await server;
  };
  const close = async (): Promise<void> => {
    for (const server of running.splice(0)) await server.close();
    clock.stop();
  };
  try {
    const probes: ServerProbe[] = [];
    const exchange =
      options.exchangePort === undefined ? undefined : await started(openExchange(options, exchangeWorld));
    if (exchange) probes.push(exchangeProbe(exchange));
    const trueconf =
      options.trueconfPort === undefined
        ? undefined
        : await started(startFakeTrueConf({ world: trueconfWorld, port: options.trueconfPort, host, tls, seed }));
    if (trueconf) probes.push(httpProbe('trueconf', trueconf));
    const registration =
      options.registrationPort === undefined ? undefined : await started(openRegistration(options, clock, serverId));
    if (registration) probes.push(httpProbe('registration', registration));
    const proxy = options.proxyPort === undefined ? undefined : await started(openProxy(options, trueconfWorld));
    const parts = { clock, exchangeWorld, trueconfWorld, exchange, trueconf, registration, proxy };
    const routes = controlRoutes({ ...parts, certificate: tls?.cert }, probes);
    const control =
      options.controlPort === undefined
        ? undefined
        : await started(startControlServer(routes, { port: options.controlPort, host }));
    const life = startOfficeLife(exchangeWorld, clock, options.profile ?? 'quiet', seed);
    running.unshift({ close: async () => life.stop() });
    return { ...parts, control, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openExchange(options: HarnessOptions, world: ExchangeWorld): Promise<FakeExchange> {
  const { exchangePort: port = 0, host = '127.0.0.1', tls } = options;
  return startFakeExchange({ world, port, host, ...(tls ? { tls } : {}), ...options.exchange });
}

function openRegistration(options: HarnessOptions, clock: WorldClock, serverId: string): Promise<FakeRegistration> {
  return startFakeRegistration({
    clock,
    servers: [serverId],
    port: options.registrationPort,
    host: options.host,
    tls: options.tls,
    seed: options.seed,
    issuerPrivateKeyFile: options.issuerPrivateKeyFile,
    issuerPublicKeyFile: options.issuerPublicKeyFile,
  });
}

function openProxy(options: HarnessOptions, world: TrueConfWorld): Promise<FakeWebProxy> {
  if (options.connectorUrl === undefined) throw new Error('the web proxy needs the address of a connector');
  const { connectorUrl, proxyPort: port, host, proxyIdleMs: idleMs } = options;
  return startFakeWebProxy({ world, connectorUrl, port, host, idleMs });
}
