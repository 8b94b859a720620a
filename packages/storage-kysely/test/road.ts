/**
 * The road to PostgreSQL: an answer can get lost on it (the server has done what it was asked, its client never hears), and
 * it can be closed for a while, as if the server were down.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Road {
  readonly url: string;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isMute = false;
  #wanted: { readonly text: string; readonly done: () => void } | undefined;

  private constructor(databaseUrl: string, port: number) {
    const url = new URL(databaseUrl);
    this.#target = { host: url.hostname, port: Number(url.port) };
    this.#port = port;
    url.port = String(port);
    this.url = url.href;
  }

  static async to(databaseUrl: string): Promise<Road> {
    const road = new Road(databaseUrl, await freePort());
    await road.open();
    return road;
  }

  /** The next answer that contains `text` is kept, and its connection cut. Resolves when that has happened. */
  steal(text: string): Promise<void> {
    return new Promise((done) => {
      this.#wanted = { text, done };
    });
  }

  async open(): Promise<void> {
    const server = createServer((socket) => this.#join(socket));
    this.#server = server;
    await new Promise<void>((done) => server.listen(this.#port, '127.0.0.1', done));
  }

  /** Nothing comes or goes any more, and nobody is told: half-open connections. */
  mute(): void {
    this.#isMute = true;
    for (const socket of this.#sockets) socket.pause();
  }

  unmute(): void {
    this.#isMute = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** Cuts every connection and refuses new ones. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
  }

  #join(near: Socket): void {
    const far = connect(this.#target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (request) => far.write(request));
    if (this.#isMute) near.pause();
    far.on('data', (answer) => {
      if (!this.#wanted || !answer.includes(this.#wanted.text)) {
        near.write(answer);
        return;
      }
      near.destroy();
      this.#wanted.done();
      this.#wanted = undefined;
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
