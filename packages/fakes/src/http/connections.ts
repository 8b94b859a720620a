/** A listening HTTP or HTTPS server with numbered connections that can all be cut, and a certificate that can be changed. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly tls: { readonly key: string | Buffer; readonly cert: string | Buffer } | undefined;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onConnection: () => void;
}

export class ConnectionServer {
  readonly #server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();
  readonly #numbers = new WeakMap<Socket, number>();
  readonly #options: ListenOptions;
  #next = 1;
  port = 0;

  private constructor(options: ListenOptions) {
    this.#options = options;
    const { tls, handle } = options;
    this.#server = tls === undefined ? createServer(handle) : createTlsServer({ key: tls.key, cert: tls.cert }, handle);
    // long polls and streams end when the protocol says so
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 60_000;
    this.#server.keepAliveTimeout = 120_000;
    this.#server.timeout = 0;
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => this.#welcome(socket));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  static async listen(options: ListenOptions): Promise<ConnectionServer> {
    const server = new ConnectionServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port, options.host, resolve);
    });
    server.port = (server.#server.address() as AddressInfo).port;
    return server;
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    this.#numbers.set(socket, this.#next++);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    this.#options.onConnection();
  }

  numberOf(socket: Socket): number {
    return this.#numbers.get(socket) ?? 0;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** New connections see another certificate. */
  changeCertificate(tls: { readonly key: string | Buffer; readonly cert: string | Buffer }): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext({ key: tls.key, cert: tls.cert });
  }

  /** Cuts all connections; the server goes on listening. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cutAll();
    await closed;
  }
}
