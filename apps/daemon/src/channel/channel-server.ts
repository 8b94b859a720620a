/**
 * The WebSocket server on `wsPort` (contract §5): lets sockets in, pings them, and closes them in order at the end.
 * Behind it: sessions, the change hub, and the store's change notifications of every node.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { PING_INTERVAL_MS, SUBPROTOCOL } from '@calendar-connector/client-protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Admission, clientAddress } from './admission.ts';
import { Session, type SessionContext } from './session.ts';

/** A handshake that takes longer is dropped (slow loris). */
const HANDSHAKE_TIMEOUT_MS = 10_000;
const REVIEW_EVERY_MS = 1_000;
/** Drain: sockets that did not close by themselves are cut after this long. */
const CLOSE_PATIENCE_MS = 1_000;

export interface ChannelServer {
  readonly port: number;
  readonly clients: number;
  /** Stops letting sockets in and closes the present ones. */
  close(): Promise<void>;
}

export interface ChannelOptions {
  readonly host: string;
  readonly port: number;
  readonly maxMessageBytes: number;
  readonly admission: Admission;
  readonly context: SessionContext;
  readonly onRefusedHandshake: (reason: string) => void;
}

export async function openChannel(options: ChannelOptions): Promise<ChannelServer> {
  const { admission, context } = options;
  const http = createServer((_request, response) => {
    response
      .writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
      .end('This port speaks WebSocket (calendar.v1) only.\n');
  });
  http.headersTimeout = HANDSHAKE_TIMEOUT_MS;
  http.requestTimeout = HANDSHAKE_TIMEOUT_MS;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const sessions = new Map<WebSocket, Session>();
  const alive = new WeakSet<WebSocket>();

  http.on('upgrade', (request: IncomingMessage, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const address = clientAddress(request, admission.trustedProxies);
    const refusal = admission.check(request, address);
    if (refusal) {
      options.onRefusedHandshake(refusal.reason);
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      admission.opened(address);
      client.once('close', () => {
        admission.closed(address);
        sessions.delete(client);
      });
      alive.add(client);
      client.on('pong', () => alive.add(client));
      sessions.set(client, new Session(client, context));
    });
  });

  await listen(http, options.host, options.port);
  const pings = setInterval(() => {
    for (const client of sessions.keys()) {
      // No answer since the last ping: half-open. Cut it, or its buffers stay for ever.
      if (!alive.has(client)) {
        client.terminate();
        continue;
      }
      alive.delete(client);
      client.ping();
    }
  }, PING_INTERVAL_MS);

  const reviews = setInterval(() => {
    for (const session of sessions.values()) void session.review();
  }, REVIEW_EVERY_MS);

  const bound = http.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    get clients() {
      return sessions.size;
    },
    async close() {
      clearInterval(pings);
      clearInterval(reviews);
      http.close();
      await Promise.race([
        Promise.all([...sessions.values()].map((session) => session.drain())),
        delay(CLOSE_PATIENCE_MS),
      ]);
      for (const client of sessions.keys()) client.terminate();
      sockets.close();
      http.closeAllConnections();
    },
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Rejects with the system's error when the port is taken or may not be used. */
function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
