/**
 * Where a scenario plays: a PostgreSQL that can be killed, the fakes, a relay on the road to Exchange that can be closed,
 * and as many installations of the service as it needs on the one database. Everything is a process of its own.
 */
import { cpSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type DaemonProcess, isReady, launchDaemon, openScene, type Scene, writeConfig } from '../scene/scene.ts';
import { DatabaseServer } from './database-server.ts';
import { Relay } from './relay.ts';
import { until } from './worlds.ts';

const START_LIMIT_MS = 60_000;

// biome-ignore lint/suspicious/noExplicitAny: a config.json as people write it
export type Config = Record<string, any>;

export interface Node {
  readonly name: string;
  readonly root: string;
  readonly httpUrl: string;
  readonly wsUrl: string;
  daemon: DaemonProcess | undefined;
  /** Writes config.json anew; takes effect at the next start or SIGHUP. */
  configure(change: (config: Config) => void): void;
}

export interface Theatre {
  readonly scene: Scene;
  readonly database: DatabaseServer;
  readonly exchange: Relay;
  readonly nodes: readonly Node[];
  /** Starts the service of a node and waits until it is ready. */
  start(node?: Node): Promise<void>;
  /** Starts it and returns at once. */
  launch(node?: Node): void;
  /** false while it starts; throws when it has ended */
  isReady(node?: Node): Promise<boolean>;
  /** SIGKILL, and waits until it is gone. */
  kill(node?: Node): Promise<void>;
  close(): Promise<void>;
}

export interface TheatreOptions {
  readonly mailboxes: number;
  readonly nodes?: number;
  readonly fakeArgs?: readonly string[];
  readonly configure?: (config: Config) => void;
  /** the executable of the service; absent: it runs from source */
  readonly program?: string;
}

/** How scenarios open their theatre: `pnpm endurance` plays with the program as it is installed, the tests from source. */
export type OpenTheatre = (options: TheatreOptions) => Promise<Theatre>;

export async function openTheatre(options: TheatreOptions): Promise<Theatre> {
  const database = await DatabaseServer.start();
  const scene = await openScene({
    mailboxes: options.mailboxes,
    database: database.connection,
    ...(options.fakeArgs ? { fakeArgs: options.fakeArgs } : {}),
  }).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  const exchange = new Relay(Number(new URL(scene.addresses.exchange).port));
  await exchange.open();
  const nodes = await openNodes(scene, options, exchange.port);
  const only = (): Node => {
    const [first] = nodes;
    if (!first) throw new Error('a theatre has at least one node');
    return first;
  };
  const launch = (node = only()): void => {
    node.daemon = launchDaemon(scene.processes, node.root, undefined, options.program);
  };
  const ready = async (node = only()): Promise<boolean> => {
    const { exitCode, signalCode } = node.daemon?.child ?? {};
    const over = exitCode ?? signalCode;
    if (over === undefined || over === null) return await isReady(node.httpUrl);
    throw new Error(`${node.name} ended with ${over}:\n${node.daemon?.lines.slice(-20).join('\n')}`);
  };
  return {
    scene,
    database,
    exchange,
    nodes,
    launch,
    isReady: ready,
    start: async (node = only()) => {
      launch(node);
      await until(`${node.name} is ready`, START_LIMIT_MS, () => ready(node));
    },
    kill: async (node = only()) => {
      node.daemon?.child.kill('SIGKILL');
      await node.daemon?.ended;
    },
    close: async () => {
      await scene.close();
      await exchange.close();
      await database.stop();
    },
  };
}

/** One installation per node: the registered one, and copies of it beside it. */
async function openNodes(scene: Scene, options: TheatreOptions, exchangePort: number): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let index = 0; index < (options.nodes ?? 1); index += 1) {
    const name = `node${index + 1}`;
    const root = path.join(scene.root, name);
    cpSync(path.join(scene.root, 'var'), path.join(root, 'var'), { recursive: true });
    const [wsPort, httpPort] = [await freePort(), await freePort()];
    const config: Config = structuredClone(scene.config);
    config.wsPort = wsPort;
    config.http.port = httpPort;
    config.instance.name = name;
    config.calendarProviders[0].port = exchangePort;
    // Autodiscover would name the fake's own address and lead past the relay.
    config.calendarProviders[0].autodiscoverPath = '/none';
    options.configure?.(config);
    writeConfig(root, config);
    nodes.push({
      name,
      root,
      httpUrl: `http://127.0.0.1:${httpPort}`,
      wsUrl: `ws://127.0.0.1:${wsPort}`,
      daemon: undefined,
      configure: (change) => {
        change(config);
        writeConfig(root, config);
      },
    });
  }
  return nodes;
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
