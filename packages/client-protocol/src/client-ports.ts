/** What the client needs from its surroundings. It owns no socket, clock or chance of its own, so it runs in browsers, Node and tests alike. */
import type { Push } from './answers.ts';
import type { ChannelUser } from './events.ts';

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface Credentials {
  /** `server.example.com#vcs` */
  readonly server: string;
  /** the user's access token on that server */
  readonly token: string;
}

/**
 * connecting → authorizing → ready; waiting: a new attempt is due later;
 * refused: the server does not accept the user, only `connect()` tries again; closed: by `close()`.
 */
export type ClientState = 'connecting' | 'authorizing' | 'ready' | 'waiting' | 'refused' | 'closed';

export interface ClientOptions {
  /** Opens a socket, e.g. `() => new WebSocket(url, SUBPROTOCOL)`. */
  readonly openSocket: () => SocketLike;
  /** Asked at each connection, so that a fresh token can be given. */
  readonly credentials: () => Promise<Credentials>;
  /** Runs something later; returns how to call it off. E.g. `(ms, run) => { const t = setTimeout(run, ms); return () => clearTimeout(t); }` */
  readonly after: (ms: number, run: () => void) => () => void;
  /** A number from 0 to 1 that spreads reconnections. Default: always 0.5. */
  readonly chance?: () => number;
  readonly requestTimeoutMs?: number;
  readonly onState?: (state: ClientState, user: ChannelUser | undefined) => void;
  readonly onPush?: (push: Push) => void;
}

export type ChannelErrorCode = 'disconnected' | 'timeout' | 'queueFull' | 'closed' | 'protocol';

/** The request got no answer: nobody knows whether it was done. Repeat a change with the same idempotency key. */
export class ChannelError extends Error {
  readonly code: ChannelErrorCode;

  constructor(code: ChannelErrorCode, message: string) {
    super(message);
    this.name = 'ChannelError';
    this.code = code;
  }
}
