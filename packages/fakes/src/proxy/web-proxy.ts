/**
 * The web front of a TrueConf Server as far as the calendar channel goes: a browser or client opens a socket whose path ends in
 * `calendar/`, signed in by its TrueConf token; the proxy opens the connector's socket for that user, authorises it, and from then
 * on hands every frame through, pings and pongs too. A pair over which nothing passes is dropped without a word after about 41 s.
 * Sources: facts/trueconf.md §5 (observed idle limit), design/contracts.md §5 (first message). The chain itself is our inference.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CHANNEL_PATH_END, SUBPROTOCOL } from '@calendar-connector/client-protocol';
import { WebSocket, WebSocketServer } from 'ws';
import type { TrueConfWorld } from '../trueconf/world/trueconf-world.ts';
import { WorldClock } from '../world/clock.ts';
import { ProxiedPair, type ProxySocketInfo } from './proxied-pair.ts';

export interface FakeWebProxyOptions {
  /** whose users and tokens count */
  readonly world: TrueConfWorld;
  /** `ws://127.0.0.1:4315`: the connector's `wsPort` */
  readonly connectorUrl: string;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** a pair over which nothing passed for so long is dropped */
  readonly idleMs?: number | undefined;
  /** false: the proxy only relays, the client sends `authorize` itself */
  readonly authorises?: boolean | undefined;
  /** what the proxy sends as Origin; null: none */
  readonly origin?: string | null | undefined;
  /** waits of the idle limit; tests give a manual clock */
  readonly timers?: Pick<WorldClock, 'after'> | undefined;
}

export interface ProxyCounters {
  readonly opened: number;
  readonly refused: number;
  readonly idleDropped: number;
}

export interface FakeWebProxy {
  /** `ws://127.0.0.1:PORT/websocket/calendar/` */
  readonly url: string;
  readonly port: number;
  /** a client's socket as this user; frames may be sent once it is open */
  openSocket(userId: string): WebSocket;
  sockets(): readonly ProxySocketInfo[];
  counters(): ProxyCounters;
  /** tears the connections of one user, or all, without a close frame; says how many */
  cut(userId?: string): number;
  /** frames are held back until `resume`: a half-open network */
  pause(userId?: string): number;
  resume(userId?: string): number;
  close(): Promise<void>;
}

const IDLE_MS = 41_000;
const PATH = `/websocket/${CHANNEL_PATH_END}`;

/** Starts the proxy and resolves when it listens. */
export async function startFakeWebProxy(options: FakeWebProxyOptions): Promise<FakeWebProxy> {
  const host = options.host ?? '127.0.0.1';
  const http = createServer((_request, response) => response.writeHead(426, { connection: 'close' }).end());
  const proxy = new WebProxy(options, http);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, host, resolve);
  });
  const { port } = http.address() as AddressInfo;
  const url = `ws://${host}:${port}${PATH}`;
  return {
    url,
    port,
    openSocket: (userId) =>
      new WebSocket(url, SUBPROTOCOL, { headers: { authorization: `Bearer ${options.world.userToken(userId)}` } }),
    sockets: () => proxy.pairs.map((pair) => pair.info()),
    counters: () => proxy.counters(),
    cut: (userId) => proxy.each(userId, (pair) => pair.cut()),
    pause: (userId) => proxy.each(userId, (pair) => pair.pause()),
    resume: (userId) => proxy.each(userId, (pair) => pair.resume()),
    close: () => proxy.close(),
  };
}

class WebProxy {
  readonly #options: FakeWebProxyOptions;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, autoPong: false, handleProtocols: () => SUBPROTOCOL });
  readonly #pairs = new Set<ProxiedPair>();
  readonly #timers: Pick<WorldClock, 'after'>;
  #opened = 0;
  #refused = 0;
  #idleDropped = 0;

  constructor(options: FakeWebProxyOptions, http: Server) {
    this.#options = options;
    this.#http = http;
    this.#timers = options.timers ?? new WorldClock();
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  get pairs(): readonly ProxiedPair[] {
    return [...this.#pairs];
  }

  counters(): ProxyCounters {
    return { opened: this.#opened, refused: this.#refused, idleDropped: this.#idleDropped };
  }

  each(userId: string | undefined, act: (pair: ProxiedPair) => void): number {
    const meant = this.pairs.filter((pair) => userId === undefined || pair.user === userId);
    for (const pair of meant) act(pair);
    return meant.length;
  }

  async close(): Promise<void> {
    this.each(undefined, (pair) => pair.cut());
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://proxy.invalid');
    const token = tokenOf(request, url);
    const userId = token === undefined ? undefined : this.#options.world.tokens.find(token)?.userId;
    if (!url.pathname.endsWith(`/${CHANNEL_PATH_END}`)) {
      this.#refuse(socket, '404 Not Found');
      return;
    }
    if (token === undefined || userId === undefined) {
      this.#refuse(socket, '401 Unauthorized');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#join(client, userId, token));
  }

  #refuse(socket: Socket, status: string): void {
    this.#refused += 1;
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }

  #join(client: WebSocket, user: string, token: string): void {
    this.#opened += 1;
    const { connectorUrl, world, origin } = this.#options;
    const connector = new WebSocket(`${connectorUrl.replace(/\/+$/, '')}/${CHANNEL_PATH_END}`, SUBPROTOCOL, {
      autoPong: false,
      ...(origin === null ? {} : { origin: origin ?? `https://${world.domain}` }),
    });
    const first = { method: 'authorize', server: world.serverId, token };
    const pair = new ProxiedPair({
      id: this.#opened,
      user,
      client,
      connector,
      greeting: this.#options.authorises === false ? undefined : JSON.stringify(first),
      idleMs: this.#options.idleMs ?? IDLE_MS,
      timers: this.#timers,
      onIdle: () => {
        this.#idleDropped += 1;
      },
      onEnd: () => this.#pairs.delete(pair),
    });
    this.#pairs.add(pair);
  }
}

/** As a browser or client would carry it: header, query or cookie. */
function tokenOf(request: IncomingMessage, url: URL): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const cookie = /(?:^|;\s*)access_token=([^;\s]+)/.exec(request.headers.cookie ?? '')?.[1];
  return header ?? url.searchParams.get('access_token') ?? cookie;
}
