/**
 * The one lasting connection of a node. It holds session locks: one that says "this node lives", and one per meeting
 * being worked on. PostgreSQL frees them when the process dies; other nodes end the session of a node that is silent.
 */
import type pg from 'pg';
import type { ConnectionOptions } from './connection.ts';
import { expectAnswers, openClient } from './connection.ts';
import type { NodeAnchor } from './repositories/leases.ts';
import { nodeLockId } from './repositories/leases.ts';
import { StoreError, storeError } from './store-error.ts';

export class NodeSession implements NodeAnchor {
  readonly #options: ConnectionOptions;
  readonly #nodes = new Set<string>();
  readonly #lostListeners = new Set<() => void>();
  #client: Promise<pg.Client> | undefined;
  #closed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.#options = { ...options, applicationName: `${options.applicationName} session` };
  }

  /** Calls back each time the session breaks: every lock it held is free from then on. */
  onLost(listener: () => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /** Makes this session the proof that `nodeId` lives. Cheap when it already is. */
  async hold(nodeId: string): Promise<void> {
    this.#nodes.add(nodeId);
    await this.#connected();
    if (this.#heldNow.has(nodeId)) return;
    // Noted before it is asked for, so that two callers at once do not take the lock twice: questions keep their order.
    const held = this.#heldNow.add(nodeId);
    await this.query('select pg_try_advisory_lock($1)', [nodeLockId(nodeId)]).catch((error: unknown) => {
      held.delete(nodeId);
      throw error;
    });
  }

  async release(nodeId: string): Promise<void> {
    this.#nodes.delete(nodeId);
    if (!this.#heldNow.delete(nodeId)) return;
    await this.query('select pg_advisory_unlock($1)', [nodeLockId(nodeId)]);
  }

  /** One after the other, in the order of the calls. */
  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const result = this.#turn.then(async () => {
      try {
        const client = await this.#connected();
        return (await client.query<Row>(text, [...values])).rows;
      } catch (error) {
        throw storeError(error, "the node's session");
      }
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #heldNow = new Set<string>();

  #connected(): Promise<pg.Client> {
    if (this.#closed) {
      return Promise.reject(
        new StoreError('the store is closed', { kind: 'aborted', code: 'POOL_CLOSED', retriable: false }),
      );
    }
    this.#client ??= this.#open();
    return this.#client;
  }

  async #open(): Promise<pg.Client> {
    const client = openClient(this.#options);
    const lost = once(() => this.#lose());
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      expectAnswers(client);
      for (const nodeId of this.#nodes) {
        await client.query('select pg_try_advisory_lock($1)', [nodeLockId(nodeId)]);
        this.#heldNow.add(nodeId);
      }
      return client;
    } catch (error) {
      lost();
      await client.end().catch(() => undefined);
      throw storeError(error, "the node's session");
    }
  }

  #lose(): void {
    this.#client = undefined;
    this.#heldNow = new Set();
    for (const listener of this.#lostListeners) listener();
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
