/** An installation in a folder of its own, and the fake servers it is told about. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSealingKey, installationPaths } from '@calendar-connector/config';
import {
  DEFAULT_CLIENT_SECRET,
  type FakeExchange,
  type FakeExchangeOptions,
  type FakeRegistration,
  type FakeTrueConf,
  type Harness,
  type HarnessOptions,
  startHarness,
} from '@calendar-connector/fakes';
import { onTestFinished } from 'vitest';
import { command, type Given, type Said } from './recorded-io.ts';

const MAILBOX_PASSWORD = 'Passw0rd!';

export interface Installation {
  readonly root: string;
  readonly paths: ReturnType<typeof installationPaths>;
  /** sealed with this installation's key */
  seal(password: string): string;
  /** replaces config.json */
  configure(config: object): void;
  command(argv: readonly string[], given?: Given): Promise<Said>;
}

/** A tree with folders and a key, without config.json; removed when the test ends. */
export function newInstallation(): Installation {
  const root = mkdtempSync(join(tmpdir(), 'tc-calendar-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const paths = installationPaths(root);
  for (const folder of [paths.configFolder, paths.data, paths.logs])
    mkdirSync(folder, { recursive: true, mode: 0o750 });
  const key = ensureSealingKey({ path: paths.secretKey });
  return {
    root,
    paths,
    seal: (password) => key.seal(password),
    configure: (config) => writeFileSync(paths.config, JSON.stringify(config, null, 2), { mode: 0o600 }),
    command: (argv, given = {}) => command(argv, { ...given, env: { TC_CALENDAR_ROOT: root, ...given.env } }),
  };
}

export interface Office extends Installation {
  readonly harness: Harness;
  readonly exchange: FakeExchange;
  readonly trueconf: FakeTrueConf;
  readonly registration: FakeRegistration;
  /** a complete configuration for the fakes, secrets sealed */
  readonly config: Config;
}

/** As much of config.json as tests change. */
interface Config {
  readonly calendarProviders: [Record<string, unknown>];
  readonly trueConfServers: [Record<string, unknown>];
  readonly registration: Record<string, unknown>;
  readonly [key: string]: unknown;
}

export interface OfficeOptions {
  readonly harness?: Partial<HarnessOptions>;
  readonly exchange?: Partial<FakeExchangeOptions>;
}

/** Fake Exchange, TrueConf Server and registration server, and an installation that is configured for them. */
export async function openOffice(options: OfficeOptions = {}): Promise<Office> {
  const installation = newInstallation();
  const issuerKeyFile = join(installation.root, 'issuer.json');
  const harness = await startHarness({
    exchangePort: 0,
    trueconfPort: 0,
    registrationPort: 0,
    mailboxes: 4,
    issuerPublicKeyFile: issuerKeyFile,
    ...options.harness,
    ...(options.exchange ? { exchange: options.exchange } : {}),
  });
  onTestFinished(() => harness.close());
  const { exchange, trueconf, registration } = harness;
  if (!exchange || !trueconf || !registration) throw new Error('the harness starts what has a port');
  const server = (url: string) => {
    const { protocol, hostname, port } = new URL(url);
    return { scheme: protocol.slice(0, -1), host: hostname, port: Number(port) };
  };
  const config: Config = {
    wsHost: '127.0.0.1',
    wsPort: await freePort(),
    http: { port: await freePort() },
    launchConference: true,
    syncConferenceParticipants: true,
    productWhitelist: { tcs: ['server.example.test#vcs'] },
    calendarProviders: [
      {
        ...server(exchange.url),
        name: 'main',
        path: '/EWS/Exchange.asmx',
        autodiscoverPath: '/autodiscover/autodiscover.svc',
        type: 'ews',
        credentials: [{ login: 'svc@example.test', password: installation.seal(MAILBOX_PASSWORD) }],
        users: ['user1@example.test', 'user2@example.test'],
      },
    ],
    trueConfServers: [
      {
        id: 'server.example.test#vcs',
        url: trueconf.url,
        clientId: 'connector',
        clientSecret: installation.seal(DEFAULT_CLIENT_SECRET),
      },
    ],
    registration: { ...server(registration.url), issuerKeyFile },
  };
  installation.configure(config);
  return { ...installation, harness, exchange, trueconf, registration, config };
}

export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return await new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
