/** Performs one look at a held mailbox and tells its state machine, its provider's outage and the observer what came of it. */
import type { ItemId, MailboxAddress } from '@calendar-connector/calendar-model';
import type { LookLane, SyncStore } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import { failureFacts } from '../meetings/decision-applier.ts';
import type { Held } from './held-mailbox.ts';
import { type LookOptions, type LookResult, lookAtMailbox } from './look.ts';
import type { ProviderLinks } from './provider-links.ts';
import type { Roster } from './roster.ts';

/** A mailbox with many pages works a quarter of the time: parsing and storing it must not be felt by the others. */
const REST_FACTOR = 3;

export interface LookObserver {
  looked(facts: {
    readonly mailbox: MailboxAddress;
    readonly lane: LookLane;
    readonly ms: number;
    /** since the reason to look appeared */
    readonly latencyMs: number;
    readonly changes: number;
    readonly unannounced: boolean;
    readonly quarantined: number;
  }): void;
  failed(mailbox: MailboxAddress, failure: ReturnType<typeof failureFacts>): void;
  gaveUpReading(mailbox: MailboxAddress, itemId: ItemId): void;
}

export interface LookRunnerOptions {
  readonly clock: Clock;
  readonly store: SyncStore;
  readonly roster: Roster;
  readonly links: ProviderLinks;
  readonly settings: () => LookOptions;
  readonly newId: () => string;
  readonly observer: LookObserver;
  /** another node owns the mailbox */
  readonly onFenced: (held: Held) => void;
}

export class LookRunner {
  readonly #options: LookRunnerOptions;

  constructor(options: LookRunnerOptions) {
    this.#options = options;
  }

  /** Never throws: what went wrong is in the mailbox's machine. */
  async look(held: Held, lane: LookLane): Promise<void> {
    const { clock, store, observer, settings, newId, links, roster } = this.#options;
    const began = { lane, at: clock.now(), askedAt: held.askedAt ?? clock.now() };
    const resolvedBefore = held.resolved;
    const waiters = held.waiters.splice(0);
    Object.assign(held, {
      looking: true,
      clientWaiting: false,
      hintedAt: undefined,
      askedAt: undefined,
      restsUntil: undefined,
    });
    try {
      const onGaveUp = (itemId: ItemId): void => observer.gaveUpReading(held.address, itemId);
      const source = links.listened(held);
      const context = { clock, store, source, options: settings, newId, onGaveUp };
      const result = await lookAtMailbox(held, context, held.stop.signal);
      if (result.outcome === 'fenced') this.#options.onFenced(held);
      else this.#succeeded(held, result, began);
    } catch (error) {
      if (held.stop.signal.aborted) return;
      const failure = failureFacts(error);
      observer.failed(held.address, failure);
      roster.step(held, { type: 'lookFailed', failure });
    } finally {
      held.looking = false;
      if (resolvedBefore !== held.resolved) links.watchSoon();
      for (const resolve of waiters) resolve();
    }
  }

  #succeeded(
    held: Held,
    result: Exclude<LookResult, { outcome: 'fenced' }>,
    began: { readonly lane: LookLane; readonly at: number; readonly askedAt: number },
  ): void {
    const { clock, observer, roster } = this.#options;
    const { quarantined } = result;
    const changes = result.inserted + result.updated + result.held + quarantined;
    const now = clock.now();
    observer.looked({
      mailbox: held.address,
      lane: began.lane,
      ms: now - began.at,
      latencyMs: now - began.askedAt,
      changes,
      unannounced: began.lane === 'sweep' && held.machine.stream === 'live' && changes > 0,
      quarantined,
    });
    roster.step(held, { type: result.outcome === 'more' ? 'pageCommitted' : 'lookSucceeded' });
    if (result.outcome === 'more') {
      held.hintedAt ??= began.at;
      held.restsUntil = now + (now - began.at) * REST_FACTOR;
    } else held.lastLookAt = now;
  }
}
