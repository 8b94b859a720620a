/**
 * Connections of one endpoint and credential. Bounded; the most recently used one is preferred, so that idle ones can
 * close and logged-in ones are reused. Streams do not come from here: they would use it up (facts §3.1 no. 19).
 */
import { abortedError } from './clock.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

interface Waiter {
  readonly give: (connection: Connection) => void;
}

export class ConnectionPool {
  readonly #options: ConnectionOptions;
  readonly #max: number;
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #all = new Set<Connection>();

  constructor(options: ConnectionOptions, max: number) {
    this.#options = options;
    this.#max = max;
  }

  get size(): number {
    return this.#all.size;
  }

  /** A connection for the caller alone, until `release`. */
  acquire(signal: AbortSignal): Promise<Connection> {
    if (signal.aborted) return Promise.reject(abortedError('Waiting for a connection'));
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    if (this.#all.size < this.#max) return Promise.resolve(this.#open());
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(abortedError('Waiting for a connection'));
      };
      const waiter: Waiter = {
        give: (connection) => {
          signal.removeEventListener('abort', onAbort);
          resolve(connection);
        },
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  release(connection: Connection): void {
    if (connection.isDropped) {
      this.#all.delete(connection);
      const next = this.#waiting.shift();
      if (next !== undefined) next.give(this.#open());
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next.give(connection);
  }

  close(): void {
    for (const connection of this.#all) connection.drop();
    this.#all.clear();
    this.#idle.length = 0;
  }

  #open(): Connection {
    const connection = new Connection(this.#options);
    this.#all.add(connection);
    return connection;
  }
}
