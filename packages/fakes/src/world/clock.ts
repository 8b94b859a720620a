/**
 * The world's clock: real, scaled (a simulated day in a minute) or manual (moves only when told).
 * Everything in the fakes that waits, expires or stamps asks this clock, so tests never sleep.
 */
import type { Instant } from '@calendar-connector/calendar-model';

export type ClockMode = 'real' | 'scaled' | 'manual';

export interface ClockOptions {
  readonly mode?: ClockMode;
  /** where the clock starts; default: now for real and scaled, 2026-03-02T08:00:00Z for manual */
  readonly now?: Instant;
  /** world milliseconds per real millisecond, for `scaled` */
  readonly rate?: number;
}

export interface ClockState {
  readonly mode: ClockMode;
  readonly now: Instant;
  readonly rate: number;
}

/** Something that can be waited for no longer. */
export interface TimerHandle {
  cancel(): void;
}

interface Timer extends TimerHandle {
  readonly due: Instant;
  readonly order: number;
  readonly run: () => void;
  native: NodeJS.Timeout | undefined;
}

const MANUAL_START = Date.UTC(2026, 2, 2, 8, 0, 0);
/** setTimeout overflows beyond this; longer waits are re-armed. */
const LONGEST_NATIVE_MS = 2 ** 31 - 1;

export class WorldClock {
  #mode: ClockMode;
  #rate: number;
  /** world time at #realAnchor */
  #anchor: Instant;
  #realAnchor: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(options: ClockOptions = {}) {
    this.#mode = options.mode ?? 'real';
    this.#rate = this.#mode === 'scaled' ? (options.rate ?? 60) : 1;
    this.#anchor = options.now ?? (this.#mode === 'manual' ? MANUAL_START : Date.now());
    this.#realAnchor = Date.now();
  }

  /** A clock that only moves by `set` and `advance`. */
  static manual(now: Instant = MANUAL_START): WorldClock {
    return new WorldClock({ mode: 'manual', now });
  }

  now(): Instant {
    if (this.#mode === 'manual') return this.#anchor;
    return Math.floor(this.#anchor + (Date.now() - this.#realAnchor) * this.#rate);
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  state(): ClockState {
    return { mode: this.#mode, now: this.now(), rate: this.#rate };
  }

  /** Moves the clock to a moment and runs what became due on the way, in order. Going back runs nothing. */
  set(now: Instant): void {
    if (this.#mode === 'manual') this.#runUntil(now);
    this.#anchor = now;
    this.#realAnchor = Date.now();
    this.#rearm();
  }

  advance(ms: number): void {
    this.set(this.now() + ms);
  }

  /** Changes how the clock moves; the present moment stays. */
  configure(mode: ClockMode, rate = 1): void {
    this.#anchor = this.now();
    this.#realAnchor = Date.now();
    this.#mode = mode;
    this.#rate = mode === 'scaled' ? rate : 1;
    this.#rearm();
  }

  /** Runs `run` once, when `ms` of world time have passed. */
  after(ms: number, run: () => void): TimerHandle {
    return this.at(this.now() + Math.max(0, ms), run);
  }

  at(due: Instant, run: () => void): TimerHandle {
    const timer: Timer = {
      due,
      order: this.#order++,
      run,
      native: undefined,
      cancel: () => {
        clearTimeout(timer.native);
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    this.#arm(timer);
    return timer;
  }

  /** Cancels everything that waits. */
  stop(): void {
    for (const timer of [...this.#timers]) timer.cancel();
  }

  #runUntil(now: Instant): void {
    for (;;) {
      const next = this.#firstDue(now);
      if (next === undefined) return;
      this.#anchor = Math.max(this.#anchor, next.due);
      this.#timers.delete(next);
      next.run();
    }
  }

  #firstDue(now: Instant): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > now) continue;
      if (first === undefined || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }

  #rearm(): void {
    for (const timer of this.#timers) {
      clearTimeout(timer.native);
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.native = undefined;
    if (this.#mode === 'manual') return;
    const wait = Math.max(0, (timer.due - this.now()) / this.#rate);
    timer.native = setTimeout(() => this.#fire(timer), Math.min(Math.ceil(wait), LONGEST_NATIVE_MS));
    timer.native.unref();
  }

  #fire(timer: Timer): void {
    if (!this.#timers.has(timer)) return;
    if (timer.due > this.now()) {
      this.#arm(timer);
      return;
    }
    this.#timers.delete(timer);
    timer.run();
  }
}
