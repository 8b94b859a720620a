/**
 * Once a second: the counts people and metrics see, statuses of mailboxes saved in one batch, and the sign of life that
 * the watchdog wants. Reading counts costs nothing that grows with what exists.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SyncStore } from '@calendar-connector/sync-core';
import type { LicenceKeeper } from '../compose/licence-keeper.ts';
import type { Clock } from '../engine/clock.ts';
import type { MailboxSupervisor } from '../engine/mailboxes/mailbox-supervisor.ts';
import type { Metrics } from './metrics.ts';

const BEAT_MS = 1_000;
/** Every so many beats the dead jobs are counted. */
const SLOW_BEATS = 15;
/** Every so many beats the store drops what nobody will ask for any more; the first time soon after the start. */
const MAINTENANCE_BEATS = 3_600;
const FIRST_MAINTENANCE_BEAT = 120;

export interface PulseOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly store: Pick<SyncStore, 'saveStatuses'> & { maintain(): Promise<unknown> };
  readonly supervisor: MailboxSupervisor;
  readonly queue: { deadLetters(): Promise<readonly unknown[]> };
  readonly channel: () => number;
  readonly licence: LicenceKeeper;
}

export class Pulse {
  readonly #options: PulseOptions;
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  readonly #listeners = new Set<(status: string) => void>();
  #cancel: (() => void) | undefined;
  #beats = 0;
  #seenBeats = -1;
  #status = 'starting';
  #dead = 0;
  #stopped = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#delay.enable();
    void this.#beat();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#delay.disable();
  }

  /** True when a whole beat, database write included, has passed since the last call. */
  hasMoved(): boolean {
    const moved = this.#beats !== this.#seenBeats;
    this.#seenBeats = this.#beats;
    return moved;
  }

  statusLine(): string {
    return this.#status;
  }

  onStatus(listener: (status: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #beat(): Promise<void> {
    const { clock, store, supervisor, queue, metrics } = this.#options;
    try {
      this.#count();
      const statuses = supervisor.takeStatuses();
      if (statuses.length > 0) await store.saveStatuses(statuses);
      if (this.#beats % MAINTENANCE_BEATS === FIRST_MAINTENANCE_BEAT) await store.maintain();
      if (this.#beats % SLOW_BEATS === 0) {
        this.#dead = (await queue.deadLetters()).length;
        metrics.deadJobs.set(this.#dead);
      }
    } catch {
      metrics.dbErrors.inc();
    }
    this.#beats += 1;
    if (!this.#stopped) this.#cancel = clock.startTimer(BEAT_MS, () => void this.#beat());
  }

  #count(): void {
    const { metrics, supervisor, channel, licence } = this.#options;
    const census = supervisor.census();
    metrics.mailboxes.reset();
    for (const [state, count] of census.states) metrics.mailboxes.set({ state }, count);
    metrics.streams.set({ state: 'live' }, census.live);
    metrics.streams.set({ state: 'down' }, census.down);
    for (const [lane, depth] of Object.entries(supervisor.queueDepths())) metrics.queueDepth.set({ lane }, depth);
    metrics.wsClients.set(channel());
    metrics.loopLag.set(this.#delay.max / 1e9);
    this.#delay.reset();
    const { entitlements } = licence.check;
    metrics.licenceSlots.set({ kind: 'allowed' }, Math.min(entitlements.accounts, 1e9));
    metrics.licenceSlots.set({ kind: 'used' }, supervisor.heldCount);
    if (entitlements.until !== undefined) metrics.licenceExpiry.set(entitlements.until / 1000);
    this.#say(this.#describe(census));
  }

  #describe(census: ReturnType<MailboxSupervisor['census']>): string {
    const held = this.#options.supervisor.heldCount;
    const live = census.states.get('live') ?? 0;
    const polling = census.states.get('livePolling') ?? 0;
    const ill = held - live - polling;
    const { state } = this.#options.licence.check.entitlements;
    const parts = [`LIVE ${live}/${held}`];
    if (polling > 0) parts.push(`polling ${polling}`);
    if (ill > 0) parts.push(`not current ${ill}`);
    if (this.#dead > 0) parts.push(`dead jobs ${this.#dead}`);
    parts.push(`clients ${this.#options.channel()}`);
    if (state !== 'working') parts.push(`licence ${state}`);
    return parts.join(', ');
  }

  #say(status: string): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}
