/**
 * At most one handler per meeting, over all nodes. A queue's job key says "one job waits", not "one job runs": a change
 * that arrives while a meeting is being worked on makes a second job. So each handler holds a PostgreSQL session lock of
 * its meeting; within the process handlers queue up in order. The locks vanish with the process or the connection, and
 * handlers whose lock is gone are told through their signal.
 */

import { batched } from '../batcher.ts';
import { lockId } from '../hashes.ts';
import type { NodeSession } from '../node-session.ts';
import { pause } from './waiting.ts';

/** How often a lock that another node holds is asked for again. */
const RETRY_MS = 50;

export interface MeetingLock {
  /** aborted when the lock is lost */
  readonly signal: AbortSignal;
  release(): void;
}

interface Entry {
  /** session generation the database lock was taken in; undefined: not taken */
  generation: number | undefined;
  lost: AbortController;
  readonly waiters: Array<() => void>;
}

export class MeetingLocks {
  readonly #entries = new Map<string, Entry>();
  readonly #tryLock;
  readonly #unlock;
  readonly #stopWatching: () => void;
  #generation = 0;

  constructor(session: NodeSession) {
    this.#tryLock = batched<string, boolean>(async (ids) => {
      const rows = await session.query<{ got: boolean }>(
        'select pg_try_advisory_lock(id) as got from unnest($1::bigint[]) with ordinality k (id, n) order by n',
        [ids],
      );
      return rows.map((row) => row.got);
    });
    this.#unlock = batched<string, boolean>(async (ids) => {
      const rows = await session.query<{ done: boolean }>(
        'select pg_advisory_unlock(id) as done from unnest($1::bigint[]) with ordinality k (id, n) order by n',
        [ids],
      );
      return rows.map((row) => row.done);
    });
    this.#stopWatching = session.onLost(() => this.#lose());
  }

  /** Waits for its turn in this process, then for the lock in the database. Rejects when `signal` aborts. */
  async acquire(meeting: string, signal: AbortSignal): Promise<MeetingLock> {
    const id = lockId(`meeting:${meeting}`);
    const entry = await this.#enter(id, signal);
    try {
      while (entry.generation !== this.#generation) {
        const generation = this.#generation;
        if (await this.#tryLock(id)) entry.generation = generation;
        else await pause(RETRY_MS, signal);
      }
    } catch (error) {
      this.#leave(id, entry);
      throw error;
    }
    if (entry.lost.signal.aborted) entry.lost = new AbortController();
    return { signal: entry.lost.signal, release: () => this.#leave(id, entry) };
  }

  close(): void {
    this.#stopWatching();
  }

  async #enter(id: string, signal: AbortSignal): Promise<Entry> {
    signal.throwIfAborted();
    const entry = this.#entries.get(id);
    if (!entry) {
      const fresh: Entry = { generation: undefined, lost: new AbortController(), waiters: [] };
      this.#entries.set(id, fresh);
      return fresh;
    }
    await new Promise<void>((resolve, reject) => {
      const onTurn = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        entry.waiters.splice(entry.waiters.indexOf(onTurn), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      entry.waiters.push(onTurn);
    });
    return entry;
  }

  #leave(id: string, entry: Entry): void {
    const next = entry.waiters.shift();
    if (next) {
      next();
      return;
    }
    this.#entries.delete(id);
    if (entry.generation === this.#generation) this.#unlock(id).catch(() => undefined);
  }

  #lose(): void {
    this.#generation += 1;
    for (const entry of this.#entries.values()) {
      if (entry.generation !== undefined)
        entry.lost.abort(new Error('the lock of the meeting was lost with the connection'));
    }
  }
}
