/**
 * The stage: fakes, a fresh installation below a temporary folder, registered at the fake registration server as a new
 * installation would be, and the real service against them. Everything through the commands an administrator uses.
 */
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ControlClient } from './control-client.ts';
import { Processes } from './processes.ts';

export interface Addresses {
  readonly exchange: string;
  readonly trueconf: string;
  readonly registration: string;
  readonly control: string;
}

/** The service's process: for tests that kill it. */
export interface DaemonProcess {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** exit code, or the signal that ended it */
  readonly ended: Promise<number | string>;
}

export interface Scene {
  readonly processes: Processes;
  readonly control: ControlClient;
  readonly addresses: Addresses;
  /** the fakes' process: for tests that stop and continue it */
  readonly fakes: ChildProcess;
  readonly root: string;
  readonly wsUrl: string;
  readonly httpUrl: string;
  /** config.json as it stands; for further installations beside this one */
  readonly config: Readonly<Record<string, unknown>>;
  /** what `--register` printed */
  readonly registered: string;
  /** Writes config.json anew; takes effect at the next start or SIGHUP. */
  configure(change: (config: Record<string, unknown>) => void): void;
  /** Starts the service and waits until it is ready. */
  startDaemon(): Promise<DaemonProcess>;
  /** Runs a command of tc_calendar to its end. */
  command(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  close(): Promise<void>;
}

const SERVICE_PASSWORD = 'Passw0rd!';
const START_LIMIT_MS = 60_000;

export interface SceneOptions {
  readonly mailboxes: number;
  /** further arguments of `fake-exchange` */
  readonly fakeArgs?: readonly string[];
  /** an external PostgreSQL; absent: the embedded one */
  readonly database?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password?: string;
    readonly database: string;
  };
  readonly onDaemonLine?: (line: string) => void;
}

export async function openScene(options: SceneOptions): Promise<Scene> {
  const processes = new Processes();
  const root = mkdtempSync(path.join(tmpdir(), 'tcc-scene-'));
  // Started by root, the embedded PostgreSQL runs as another user and has to walk through here.
  chmodSync(root, 0o755);
  const close = async (): Promise<void> => {
    await processes.stopAll();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    const issuer = path.join(root, 'issuer.jwk.json');
    const { addresses, child: fakes } = await startFakes(processes, options, issuer);
    const [wsPort, httpPort] = [await freePort(), await freePort()];
    const config = configFor({ addresses, issuer, wsPort, httpPort, options });
    writeConfig(root, config);
    const command: Scene['command'] = (...args) =>
      processes.run({ name: 'tc_calendar', entry: 'apps/cli/src/main.ts', args: ['--root', root, ...args] });
    const registered = await register(command);
    const httpUrl = `http://127.0.0.1:${httpPort}`;
    return {
      processes,
      control: new ControlClient(addresses.control),
      addresses,
      fakes,
      root,
      wsUrl: `ws://127.0.0.1:${wsPort}`,
      httpUrl,
      config,
      registered,
      configure: (change) => {
        change(config);
        writeConfig(root, config);
      },
      startDaemon: () => startDaemon(processes, root, httpUrl, options.onDaemonLine),
      command,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts the fakes in a process of their own and waits for their addresses. */
function startFakes(
  processes: Processes,
  { mailboxes, fakeArgs = [] }: SceneOptions,
  issuer: string,
): Promise<{ readonly addresses: Addresses; readonly child: ChildProcess }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the fakes did not start in time')), START_LIMIT_MS);
    let said = '';
    const child = processes.start({
      name: 'fakes',
      entry: 'apps/fake-exchange/src/main.ts',
      args: [...ports(), '--mailboxes', String(mailboxes), '--issuer-public-key', issuer, '--json', ...fakeArgs],
      onLine: (line) => {
        said = `${said}${line}\n`.slice(-2000);
        if (!line.startsWith('{"ready"')) return;
        clearTimeout(timer);
        resolve({ addresses: JSON.parse(line) as Addresses, child });
      },
    });
    child.once('exit', () => reject(new Error(`the fakes ended at once: ${said}`)));
  });
}

function ports(): readonly string[] {
  return ['exchange', 'trueconf', 'registration', 'control'].flatMap((name) => [`--${name}-port`, '0']);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

interface ConfigFacts {
  readonly addresses: Addresses;
  readonly issuer: string;
  readonly wsPort: number;
  readonly httpPort: number;
  readonly options: SceneOptions;
}

function configFor(facts: ConfigFacts): Record<string, unknown> {
  const { addresses, issuer, wsPort, httpPort, options } = facts;
  const { mailboxes, database } = options;
  const exchange = new URL(addresses.exchange);
  const registration = new URL(addresses.registration);
  const users = Array.from({ length: mailboxes }, (_, index) => `user${index + 1}@example.test`);
  return {
    wsPort,
    wsHost: '127.0.0.1',
    ...(database ? { dbConnectionConfig: database } : {}),
    launchConference: true,
    syncConferenceParticipants: true,
    cache: { autoSync: true, backward: 2, forward: 3 },
    productWhitelist: { tcs: ['server.example.test#vcs'] },
    calendarProviders: [
      {
        name: 'demo',
        scheme: 'http',
        host: exchange.hostname,
        port: Number(exchange.port),
        path: '/EWS/Exchange.asmx',
        autodiscoverPath: '/autodiscover/autodiscover.svc',
        type: 'ews',
        auth: 'basic',
        credentials: [{ login: 'svc@example.test', password: SERVICE_PASSWORD }],
        users,
      },
    ],
    trueConfServers: [
      {
        id: 'server.example.test#vcs',
        url: addresses.trueconf,
        apiVersion: 'auto',
        clientId: 'connector',
        clientSecret: SERVICE_PASSWORD,
      },
    ],
    registration: {
      scheme: 'http',
      host: registration.hostname,
      port: Number(registration.port),
      issuerKeyFile: issuer,
    },
    http: { host: '127.0.0.1', port: httpPort },
    conferences: { keyword: { enabled: true, word: '@trueconf' } },
    language: 'en',
    instance: { name: 'demo' },
  };
}

export function writeConfig(root: string, config: Record<string, unknown>): void {
  const folder = path.join(root, 'etc/calendar');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

async function register(command: Scene['command']): Promise<string> {
  const { code, output } = await command('--register', 'ENTR-0000-0000-0001');
  if (code !== 0) throw new Error(`tc_calendar --register failed with ${code}: ${output.trim()}`);
  return output.trim().split('\n').at(-1) ?? '';
}

/** Starts the service and waits until it answers /readyz. */
async function startDaemon(
  processes: Processes,
  root: string,
  httpUrl: string,
  onLine?: (line: string) => void,
): Promise<DaemonProcess> {
  const daemon = launchDaemon(processes, root, onLine);
  let over: number | string | undefined;
  void daemon.ended.then((how) => {
    over = how;
  });
  const last = (): string => daemon.lines.slice(-30).join('\n');
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isReady(httpUrl))) {
    if (over !== undefined) throw new Error(`tc_calendar ended with ${over}:\n${last()}`);
    if (Date.now() > deadline) throw new Error(`tc_calendar is not ready after ${START_LIMIT_MS / 1000} s:\n${last()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return daemon;
}

/** Starts the service and returns at once. `program`: an executable to run instead of the source. */
export function launchDaemon(
  processes: Processes,
  root: string,
  onLine?: (line: string) => void,
  program?: string,
): DaemonProcess {
  const lines: string[] = [];
  const child = processes.start({
    name: 'tc_calendar',
    entry: 'apps/cli/src/main.ts',
    program,
    args: ['--root', root],
    onLine: (line) => {
      lines.push(line);
      onLine?.(line);
    },
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return { child, lines, ended };
}

export function isReady(httpUrl: string): Promise<boolean> {
  return fetch(`${httpUrl}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}
