/**
 * A client of the channel as hostile or as correct as a test wants: sends any frame, keeps everything that comes back.
 * It shares no code with the connector, so that nothing is agreed between the two that is not on the wire.
 */
import WebSocket from 'ws';

const ANSWER_LIMIT_MS = 40_000;

export interface Frame {
  readonly method?: string;
  readonly requestId?: string | number;
  readonly error?: { readonly code: string; readonly message: string; readonly retryAfterMs?: number };
  // biome-ignore lint/suspicious/noExplicitAny: a frame is whatever came; tests state what it must hold
  readonly [field: string]: any;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export interface ChannelClientOptions {
  readonly origin?: string;
  readonly path?: string;
  readonly subprotocol?: string | null;
}

export class ChannelClient {
  readonly socket: WebSocket;
  /** every frame, in order */
  readonly frames: Frame[] = [];
  /** resolves when the socket is open; rejects with the HTTP status of a refused handshake */
  readonly opened: Promise<void>;
  readonly closed: Promise<Closing>;
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  constructor(url: string, options: ChannelClientOptions = {}) {
    const { origin, path = '/websocket/calendar/', subprotocol = 'calendar.v1' } = options;
    this.socket = new WebSocket(
      `${url}${path}`,
      subprotocol === null ? [] : [subprotocol],
      origin === undefined ? {} : { origin },
    );
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', () => resolve());
      this.socket.once('unexpected-response', (_request, response) => {
        response.resume();
        reject(new Error(`HTTP ${response.statusCode}`));
      });
      this.socket.once('error', reject);
    });
    this.opened.catch(() => {});
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#wake();
      }),
    );
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      this.#wake();
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Sends a request and gives its answer, an error included. */
  async ask(request: Record<string, unknown>): Promise<Frame> {
    const requestId = `q${this.#nextId++}`;
    const from = this.frames.length;
    this.send({ requestId, ...request });
    const wanted = request.requestId ?? requestId;
    return this.next((frame) => frame.requestId === wanted, from, `the answer to ${String(request.method)}`);
  }

  /** The first frame that fits, from the given place on. */
  next(fits: (frame: Frame) => boolean, from = 0, what = 'a frame', limitMs = ANSWER_LIMIT_MS): Promise<Frame> {
    return new Promise((resolve, reject) => {
      let looked = from;
      const timer = setTimeout(() => finish(() => reject(new Error(`${what}: not within ${limitMs} ms`))), limitMs);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = (): void => {
        for (; looked < this.frames.length; looked += 1) {
          const frame = this.frames[looked] as Frame;
          if (!fits(frame)) continue;
          finish(() => resolve(frame));
          return;
        }
        if (this.socket.readyState === WebSocket.CLOSED)
          finish(() => reject(new Error(`${what}: the socket was closed before`)));
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
