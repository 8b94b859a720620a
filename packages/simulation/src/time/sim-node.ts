/**
 * One daemon process: a clock and calls to the outside, each of which is a point where it can crash, be paused, lose the
 * request or lose the answer. A crashed node's promises never settle: whatever was in its memory is gone.
 */
import type { Clock } from '@calendar-connector/daemon/engine';
import type { Chance } from './chance.ts';
import { SimFailure } from './failure.ts';
import type { Sometimes } from './sometimes.ts';
import type { VirtualTime } from './virtual-time.ts';

export type System = 'database' | 'exchange' | 'trueconf';

/** How often calls go wrong, per system; all zero once the faults are over. */
export interface FaultRates {
  /** the node dies at this call */
  readonly crash: number;
  readonly requestLost: number;
  readonly answerLost: number;
}

export interface Faults {
  rates(system: System): FaultRates;
}

export interface Transaction<T> {
  /** takes the locks and reads what is decided before the commit; undefined while others hold a lock */
  readonly begin: () => (() => void) | undefined;
  readonly commit: () => T;
}

const LATENCY: Readonly<Record<System, readonly [number, number]>> = {
  database: [1, 4],
  exchange: [4, 120],
  trueconf: [4, 120],
};
/** A lost request or answer is noticed by a time-out. */
const TIMEOUT_MS = 5_000;

export class SimNode {
  readonly id: string;
  readonly clock: Clock;
  alive = true;
  #pausedUntil = 0;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #faults: Faults;
  readonly #sometimes: Sometimes;
  readonly #onCrash: (node: SimNode) => void;

  constructor(
    id: string,
    parts: {
      time: VirtualTime;
      chance: Chance;
      faults: Faults;
      sometimes: Sometimes;
      onCrash: (node: SimNode) => void;
    },
  ) {
    this.id = id;
    this.#time = parts.time;
    this.#chance = parts.chance;
    this.#faults = parts.faults;
    this.#sometimes = parts.sometimes;
    this.#onCrash = parts.onCrash;
    this.clock = {
      now: () => this.#time.now,
      startTimer: (ms, callback) => this.#time.after(ms, () => this.#wake(callback)),
    };
  }

  random(): number {
    return this.#chance.next();
  }

  /** Stops the process for a while: timers and answers come all at once afterwards. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#time.now + ms);
  }

  crash(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#onCrash(this);
  }

  /** Calls a system: `effect` happens there, at once and wholly or not at all. */
  call<T>(system: System, name: string, effect: () => T): Promise<T> {
    return this.#ask(system, name, (answer) => answer(effect));
  }

  /**
   * A transaction of the database that others can see begin: it waits for its locks, works, and commits a little later.
   * Between begin and commit anything may happen, also the end of this node, which undoes it.
   */
  transact<T>(name: string, { begin, commit }: Transaction<T>): Promise<T> {
    const between = (): number => this.#chance.between(1, 4);
    return this.#ask('database', name, (answer) => {
      const start = (): void => {
        if (!this.alive) return;
        const release = begin();
        if (!release) {
          this.#sometimes.count(`waits for a lock: ${name}`);
          this.#time.after(between(), start);
          return;
        }
        this.#time.after(between(), () => {
          release();
          if (this.alive) answer(commit);
          else this.#sometimes.count(`crash in the middle of database.${name}`);
        });
      };
      start();
    });
  }

  #ask<T>(system: System, name: string, carryOut: (answer: (effect: () => T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.alive) return;
      const rates = this.#faults.rates(system);
      const fate = this.#chance.next();
      const crashBefore = fate < rates.crash / 2;
      const crashAfter = !crashBefore && fate < rates.crash;
      const lostRequest = !crashAfter && fate < rates.crash + rates.requestLost;
      const lostAnswer = !lostRequest && fate < rates.crash + rates.requestLost + rates.answerLost;
      const [low, high] = LATENCY[system];
      const half = (): number => this.#chance.between(low, high) / 2;
      if (crashBefore) {
        this.#sometimes.count(`crash before ${system}.${name}`);
        this.crash();
        return;
      }
      if (lostRequest) {
        this.#sometimes.count(`request lost: ${system}.${name}`);
        this.#time.after(TIMEOUT_MS, () => this.#wake(() => reject(new SimFailure('timeout', { maybeDone: true }))));
        return;
      }
      const answer = (effect: () => T): void => {
        let settle: () => void;
        try {
          const result = effect();
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error);
        }
        if (crashAfter) {
          this.#sometimes.count(`crash after ${system}.${name}`);
          this.crash();
          return;
        }
        if (lostAnswer) {
          this.#sometimes.count(`answer lost: ${system}.${name}`);
          settle = () => reject(new SimFailure('timeout', { maybeDone: true }));
          this.#time.after(TIMEOUT_MS, () => this.#wake(settle));
          return;
        }
        this.#time.after(half(), () => this.#wake(settle));
      };
      this.#time.after(half(), () => carryOut(answer));
    });
  }

  #wake(callback: () => void): void {
    if (!this.alive) return;
    if (this.#pausedUntil > this.#time.now) this.#time.at(this.#pausedUntil, () => this.#wake(callback));
    else callback();
  }
}
