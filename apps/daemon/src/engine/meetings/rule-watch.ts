/**
 * Has every meeting planned anew when the rules they were planned by have changed (a reload, a start with another
 * configuration, a new edition of the planner): settings take effect on meetings nobody touches. Cut off in the middle it
 * begins again; several nodes may do it at once, a meeting is planned once.
 */
import { type PlanSettings, planningRules, type RulesStore } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';

const RETRY_MS = 10_000;

export interface RuleObserver {
  /** so many meetings are looked at again */
  rulesChanged(meetings: number): void;
  rulesFailed(error: unknown): void;
}

export interface RuleWatchOptions {
  readonly clock: Clock;
  readonly store: RulesStore;
  readonly settings: () => PlanSettings;
  readonly observer: RuleObserver;
}

export class RuleWatch {
  readonly #options: RuleWatchOptions;
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;

  constructor(options: RuleWatchOptions) {
    this.#options = options;
  }

  /** The rules may have changed. Returns at once; resolves when what follows is ordered, or failed and is tried again. */
  check(): Promise<void> {
    this.#cancelRetry?.();
    this.#work = this.#work.then(() => this.#check());
    return this.#work;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancelRetry?.();
    await this.#work;
  }

  async #check(): Promise<void> {
    const { clock, store, settings, observer } = this.#options;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    try {
      const rules = planningRules(settings());
      if ((await store.findRules()) === rules.fingerprint) return;
      observer.rulesChanged(await store.planByNewRules({ ...rules, at: clock.now() }, signal));
    } catch (error) {
      if (signal.aborted) return;
      observer.rulesFailed(error);
      this.#cancelRetry = clock.startTimer(RETRY_MS, () => void this.check());
    }
  }
}
