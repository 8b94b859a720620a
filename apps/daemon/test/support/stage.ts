/**
 * What every end-to-end file starts with: the fakes, a database of its own, a registered installation and the real
 * service, over the very scene the demo plays on (tooling/scene). One stage per file; tests tell their people apart by
 * mailbox. Conditions are waited for, with a deadline; nothing here sleeps a fixed time.
 */
import { ControlClient } from '../../../../tooling/scene/control-client.ts';
import { type DaemonProcess, openScene, type Scene } from '../../../../tooling/scene/scene.ts';
import { Watcher } from '../../../../tooling/scene/watcher.ts';
import { createTestDatabase } from '../../../../tooling/test/database.ts';
import { ChannelClient } from './channel-client.ts';
import { FakeWorlds } from './fake-worlds.ts';

export const SERVER = 'server.example.test#vcs';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const PATIENCE_MS = 15_000;
const POLL_MS = 20;

// biome-ignore lint/suspicious/noExplicitAny: tests write any config.json, wrong ones too
export type Config = Record<string, any>;

export interface Stage {
  readonly scene: Scene;
  /** people in Outlook and on TrueConf Server, and what the fake worlds hold */
  readonly worlds: FakeWorlds;
  /** the service that runs now */
  readonly daemon: DaemonProcess;
  readonly lines: readonly string[];
  /** Starts the service (again). */
  start(): Promise<DaemonProcess>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; its exit code. */
  stop(): Promise<number | string>;
  /** Changes config.json and sends SIGHUP; resolves with the line of log that says what came of it. */
  reload(change: (config: Config) => void): Promise<string>;
  /** A client of the channel that keeps a calendar by pushes. */
  watch(user: string, token?: () => Promise<{ readonly token: string; readonly server: string }>): Promise<Watcher>;
  /** A client that sends what it is told and keeps every frame. */
  connect(options?: ConstructorParameters<typeof ChannelClient>[1]): Promise<ChannelClient>;
  /** The same, authorised as a user of the fake TrueConf Server. */
  login(user: string): Promise<ChannelClient>;
  fetchText(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly mailboxes?: number;
  readonly configure?: (config: Config, scene: Scene) => void;
  readonly fakeArgs?: readonly string[];
  /** false: the service is started by the test */
  readonly start?: boolean;
  /** before the service starts: the world it finds */
  readonly prepare?: (worlds: FakeWorlds, scene: Scene) => Promise<void>;
}

/** A mailbox of the default world. */
export const mail = (user: string): string => `${user}@example.test`;

let names = 0;
/** A name no other test and no earlier try of the same one has used: tests can be repeated on one stage. */
export function unique(word: string): string {
  names += 1;
  return `${word}_${names}`;
}

/** The next full hour that is at least `hours` away: times that no test has to wait for. */
export function inHours(hours: number): number {
  return Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + hours * HOUR_MS;
}

/** The next full second at least `ms` away. */
export function inMs(ms: number): number {
  return Math.ceil((Date.now() + ms) / 1000) * 1000;
}

/** Waits until `probe` gives something that is not false or undefined; fails with `what` after the deadline. */
export async function until<Found>(
  what: string,
  probe: () => Promise<Found | undefined | false> | Found | undefined | false,
  limitMs = PATIENCE_MS,
  pauseMs = POLL_MS,
): Promise<Found> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not seen within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const database = await createTestDatabase();
  const { hostname, port, username, password, pathname } = new URL(database.url);
  const scene = await openScene({
    mailboxes: options.mailboxes ?? 6,
    ...(options.fakeArgs ? { fakeArgs: options.fakeArgs } : {}),
    database: {
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.slice(1),
    },
  }).catch(async (error: unknown) => {
    await database.drop();
    throw error;
  });
  const stage = new OpenStage(scene, () => database.drop());
  try {
    if (options.configure) scene.configure((config) => options.configure?.(config, scene));
    await options.prepare?.(stage.worlds, scene);
    if (options.start !== false) await stage.start();
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

class OpenStage implements Stage {
  readonly scene: Scene;
  readonly worlds: FakeWorlds;
  readonly #drop: () => Promise<void>;
  readonly #opened: { close(): void }[] = [];
  #daemon: DaemonProcess | undefined;

  constructor(scene: Scene, drop: () => Promise<void>) {
    this.scene = scene;
    this.#drop = drop;
    this.worlds = new FakeWorlds(new ControlClient(scene.addresses.control));
  }

  get daemon(): DaemonProcess {
    if (!this.#daemon) throw new Error('the service was not started');
    return this.#daemon;
  }

  get lines(): readonly string[] {
    return this.daemon.lines;
  }

  async start(): Promise<DaemonProcess> {
    this.#daemon = await this.scene.startDaemon();
    return this.#daemon;
  }

  async kill(): Promise<void> {
    this.daemon.child.kill('SIGKILL');
    await this.daemon.ended;
  }

  async stop(): Promise<number | string> {
    this.daemon.child.kill('SIGTERM');
    return this.daemon.ended;
  }

  async reload(change: (config: Config) => void): Promise<string> {
    this.scene.configure(change);
    const from = this.lines.length;
    this.daemon.child.kill('SIGHUP');
    return until('the answer to SIGHUP', () =>
      this.lines.slice(from).find((line) => /configuration reloaded|new configuration is refused/.test(line)),
    );
  }

  async watch(user: string, token = () => this.worlds.control.token(user)): Promise<Watcher> {
    const watcher = new Watcher(user, this.scene.wsUrl, token);
    this.#opened.push(watcher);
    await watcher.open(Date.now() - 40 * DAY_MS, Date.now() + 90 * DAY_MS);
    return watcher;
  }

  async connect(options: ConstructorParameters<typeof ChannelClient>[1] = {}): Promise<ChannelClient> {
    const client = new ChannelClient(this.scene.wsUrl, options);
    this.#opened.push(client);
    await client.opened;
    return client;
  }

  async login(user: string): Promise<ChannelClient> {
    const client = await this.connect();
    const { token, server } = await this.worlds.control.token(user);
    const answer = await client.ask({ method: 'authorize', server, token });
    if (answer.error) throw new Error(`${user} was refused: ${JSON.stringify(answer.error)}`);
    return client;
  }

  async fetchText(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${this.scene.httpUrl}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  async close(): Promise<void> {
    for (const one of this.#opened) one.close();
    await this.scene.close();
    await this.#drop();
  }
}
