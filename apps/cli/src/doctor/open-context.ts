/** Makes the context of one run of `doctor`; everything in it is opened when first wanted and closed at the end. */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import type { CalendarProviderConfig, ConnectorConfig } from '@calendar-connector/config';
import type { EwsSource } from '@calendar-connector/ews-client';
import type { LicenceCheck } from '@calendar-connector/licensing';
import type { Failure } from '@calendar-connector/sync-core';
import { pathsOf, readConfig } from '../commands/config-file.ts';
import { type Call, hasFlag, textOption } from '../program/command.ts';
import type { DoctorContext, DoctorOptions, Resolution } from './context.ts';
import { type Endpoint, type EndpointFacts, probeEndpoint } from './endpoint-probe.ts';

const MAILBOXES_TRIED = 3;
const LIMIT_MS = 8_000;
const CALL_MS = 5_000;

export function openContext(call: Call): DoctorContext {
  const loaded = readConfig(call);
  const paths = pathsOf(call);
  const probes = new Map<string, Promise<EndpointFacts>>();
  const sources = new Map<string, Promise<EwsSource>>();
  const resolutions = new Map<string, Promise<Resolution>>();
  let licence: Promise<LicenceCheck> | undefined;
  const signal = AbortSignal.any([call.io.signal, AbortSignal.timeout(LIMIT_MS)]);
  const config = (): ConnectorConfig => {
    if (!loaded.ok) throw new Error('this check needs the check "config"');
    return loaded.config;
  };
  const context: DoctorContext = {
    call,
    options: optionsOf(call),
    paths,
    loaded,
    get config() {
      return config();
    },
    signal,
    exchangeEndpoints: () =>
      config().calendarProviders.map((provider) => ({ provider, endpoint: endpointOf(provider) })),
    endpoints: () => endpointsOf(config()),
    probe: (endpoint) =>
      once(probes, `${endpoint.scheme} ${endpoint.host} ${endpoint.port} ${endpoint.path}`, () =>
        probeEndpoint(endpoint, call.io.now),
      ),
    mailboxes: (provider) => {
      const wanted = context.options.mailbox;
      if (wanted !== undefined) return provider.users.includes(mailboxAddress(wanted)) ? [wanted] : [];
      return provider.users.slice(0, MAILBOXES_TRIED);
    },
    resolve: (provider, address) =>
      once(resolutions, `${provider.name} ${address}`, async () => {
        const source = await once(sources, provider.name, () => openSource(provider));
        return await resolveWith(source, address, signal);
      }),
    licence: async () => {
      licence ??= readLicence(config(), paths.data, call.io.now());
      return await licence;
    },
    close: async () => {
      for (const source of sources.values()) await source.then((open) => open.close()).catch(() => {});
    },
  };
  return context;
}

function optionsOf(call: Call): DoctorOptions {
  const [mailbox, outside] = [textOption(call, 'mailbox'), textOption(call, 'outside')];
  return {
    write: hasFlag(call, 'write'),
    ...(mailbox === undefined ? {} : { mailbox: mailboxAddress(mailbox) }),
    ...(outside === undefined ? {} : { outside: mailboxAddress(outside) }),
  };
}

function endpointOf({ name, scheme, host, port, path, ca }: CalendarProviderConfig): Endpoint {
  return { label: `Exchange (${name})`, scheme, host, port, path, ...(ca ? { ca: ca.pem } : {}) };
}

/** What a TrueConf Server is called among the endpoints. */
export function labelOf(serverId: string): string {
  return `TrueConf Server ${serverId}`;
}

function endpointsOf(config: ConnectorConfig): readonly Endpoint[] {
  const exchange = config.calendarProviders.map(endpointOf);
  const trueConf = config.trueConfServers.map(({ id, url, ca }): Endpoint => {
    const { protocol, hostname, port } = new URL(url);
    const scheme = protocol === 'http:' ? 'http' : 'https';
    const number = port === '' ? (scheme === 'http' ? 80 : 443) : Number(port);
    return {
      label: labelOf(id),
      scheme,
      host: hostname.replace(/^\[|\]$/g, ''),
      port: number,
      path: '/api/v4/server',
      ...(ca ? { ca: ca.pem } : {}),
    };
  });
  const database = config.dbConnectionConfig;
  const stored: Endpoint[] =
    database && !database.host.startsWith('/')
      ? [{ label: 'PostgreSQL', scheme: 'tcp', host: database.host, port: database.port, path: '' }]
      : [];
  return [...exchange, ...trueConf, ...stored];
}

async function openSource(provider: CalendarProviderConfig): Promise<EwsSource> {
  const { createEwsSource } = await import('@calendar-connector/ews-client');
  const { name, scheme, host, port, path, autodiscoverPath, trustedHosts, credentials, auth, ca } = provider;
  return createEwsSource({
    name,
    endpoint: { scheme, host, port, path, autodiscoverPath, allowedHosts: trustedHosts },
    credentials: credentials.map(({ login, password }) => ({ login, password: () => password.reveal() })),
    auth,
    ...(ca ? { ca: [ca.pem] } : {}),
    limits: { maxConcurrency: 4 },
    timings: { callMs: CALL_MS, connectMs: CALL_MS, patienceMs: 0 },
  });
}

async function resolveWith(source: EwsSource, address: string, signal: AbortSignal): Promise<Resolution> {
  try {
    return { ok: true, address, resolved: await source.resolve(mailboxAddress(address), signal), source };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ok: false, address, failure: error };
  }
}

async function readLicence(config: ConnectorConfig, directory: string, now: number): Promise<LicenceCheck> {
  const { checkLicence } = await import('@calendar-connector/licensing');
  const { issuerKeyFile } = config.registration;
  return await checkLicence({ directory, ...(issuerKeyFile === undefined ? {} : { issuerKeyFile }) }, now);
}

function isFailure(error: unknown): error is Failure & Error {
  return error instanceof Error && 'kind' in error && 'retriable' in error;
}

async function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const present = known.get(key) ?? make();
  known.set(key, present);
  return await present;
}
