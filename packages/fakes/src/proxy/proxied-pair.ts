/** Two sockets tied together: what comes in on one goes out on the other, until one ends, somebody cuts, or nothing passes for too long. */
import { type RawData, WebSocket } from 'ws';
import type { TimerHandle, WorldClock } from '../world/clock.ts';

export interface PairOptions {
  readonly id: number;
  readonly user: string;
  readonly client: WebSocket;
  readonly connector: WebSocket;
  /** sent to the connector first */
  readonly greeting: string | undefined;
  readonly idleMs: number;
  readonly timers: Pick<WorldClock, 'after'>;
  readonly onIdle: () => void;
  readonly onEnd: () => void;
}

type Send = () => void;

/** Frames held while the connector's socket opens or the pair is paused; more is a client gone wild. */
const MAX_HELD = 10_000;
const BAD_GATEWAY = 1014;

export interface ProxySocketInfo {
  readonly id: number;
  readonly user: string;
  readonly fromClient: number;
  readonly fromConnector: number;
}

export class ProxiedPair {
  readonly user: string;
  readonly #options: PairOptions;
  #held: Send[] = [];
  #isPaused = false;
  #fromClient = 0;
  #fromConnector = 0;
  #idle: TimerHandle | undefined;
  #hasEnded = false;

  constructor(options: PairOptions) {
    this.#options = options;
    this.user = options.user;
    const { client, connector } = options;
    connector.once('open', () => {
      if (options.greeting !== undefined) connector.send(options.greeting);
      this.#flush();
    });
    this.#relay(client, connector, () => {
      this.#fromClient += 1;
    });
    this.#relay(connector, client, () => {
      this.#fromConnector += 1;
    });
    this.#touch();
  }

  info(): ProxySocketInfo {
    const { id, user } = this.#options;
    return { id, user, fromClient: this.#fromClient, fromConnector: this.#fromConnector };
  }

  /** Both connections break, as when a cable is pulled. */
  cut(): void {
    this.#end();
    this.#options.client.terminate();
    this.#options.connector.terminate();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flush();
  }

  #relay(from: WebSocket, to: WebSocket, count: () => void): void {
    from.on('message', (data: RawData, isBinary: boolean) => {
      count();
      this.#pass(to, () => to.send(data as Buffer, { binary: isBinary }));
    });
    from.on('ping', (data: Buffer) => this.#pass(to, () => to.ping(data)));
    from.on('pong', (data: Buffer) => this.#pass(to, () => to.pong(data)));
    from.on('close', (code: number, reason: Buffer) => this.#closeOther(to, code, reason));
    from.on('error', () => undefined);
  }

  #pass(to: WebSocket, send: Send): void {
    this.#touch();
    if (!this.#isPaused && to.readyState === WebSocket.OPEN && this.#held.length === 0) {
      send();
      return;
    }
    this.#held.push(() => {
      if (to.readyState === WebSocket.OPEN) send();
    });
    if (this.#held.length > MAX_HELD) this.cut();
  }

  #flush(): void {
    if (this.#isPaused || this.#options.connector.readyState === WebSocket.CONNECTING) return;
    for (const send of this.#held.splice(0)) send();
  }

  /** Close frames go through; a connection that broke breaks the other. */
  #closeOther(to: WebSocket, code: number, reason: Buffer): void {
    if (this.#hasEnded) return;
    this.#end();
    if (to.readyState === WebSocket.CONNECTING || (code === 1006 && to === this.#options.connector)) to.terminate();
    else if (code === 1006) to.close(BAD_GATEWAY, 'connector unreachable');
    else if (code === 1005) to.close();
    else to.close(code, reason);
  }

  #touch(): void {
    if (this.#hasEnded) return;
    this.#idle?.cancel();
    this.#idle = this.#options.timers.after(this.#options.idleMs, () => {
      this.#options.onIdle();
      this.cut();
    });
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#idle?.cancel();
    this.#options.onEnd();
  }
}
