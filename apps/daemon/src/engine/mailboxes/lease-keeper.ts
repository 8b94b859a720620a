/**
 * Keeps this node alive in the database and its mailboxes leased. Fences make a stale node harmless, so a missed beat
 * costs only a takeover; the lease's time is the database's own (a paused or wrong clock here changes nothing).
 */
import type { LeaseGrant, SyncStore } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';

const BEAT_MS = 1_250;
/** Leases run out this long after the last renewal. */
const LEASE_TTL_MS = 5_000;
/** A node that was silent this long is taken for dead, half as long when its process is gone: its mailboxes and jobs are freed. */
const DEAD_AFTER_MS = 5_000;

export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly node: { readonly id: string; readonly name: string };
  /** All mailboxes this node holds now. */
  readonly onGrants: (grants: readonly LeaseGrant[], nodes: number) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #cancel: (() => void) | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** The first round's errors are the caller's: a daemon that cannot reach its database does not start. */
  async start(): Promise<void> {
    await this.#beat();
    this.#arm();
  }

  /** A round now, after any round under way. */
  renewNow(): Promise<void> {
    this.#round = this.#round
      .then(() => (this.#stopped ? undefined : this.#beat()))
      .catch((error: unknown) => this.#options.onError(error));
    return this.#round;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#round;
    await this.#options.store
      .releaseLeases(this.#options.node.id)
      .catch((error: unknown) => this.#options.onError(error));
  }

  async #beat(): Promise<void> {
    const { store, node, onGrants } = this.#options;
    const { nodes } = await store.beat({ ...node, deadAfterMs: DEAD_AFTER_MS });
    const grants = await store.acquireLeases(node.id, LEASE_TTL_MS);
    await onGrants(grants, nodes);
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.startTimer(BEAT_MS, () => {
      void this.renewNow().then(() => this.#arm());
    });
  }
}
