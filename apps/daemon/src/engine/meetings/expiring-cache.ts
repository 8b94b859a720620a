/**
 * A bounded cache whose entries expire, with one load under way per key: the directory of TrueConf users, delegates.
 * The oldest entry goes when the bound is reached.
 */
import type { Clock } from '../clock.ts';

interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly expiresAt: number;
}

export class ExpiringCache<Value> {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #lifetimeMs: (value: Value) => number;
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(clock: Clock, options: { readonly maxEntries: number; readonly lifetimeMs: (value: Value) => number }) {
    this.#clock = clock;
    this.#maxEntries = options.maxEntries;
    this.#lifetimeMs = options.lifetimeMs;
  }

  /** The cached value, or what `load` gives. A failed load is not kept. */
  get(key: string, load: () => Promise<Value>): Promise<Value> {
    const found = this.#entries.get(key);
    if (found && found.expiresAt > this.#clock.now()) return found.value;
    const value = load();
    this.#save(key, { value, expiresAt: Number.POSITIVE_INFINITY });
    value.then(
      (loaded) => {
        if (this.#entries.get(key)?.value === value) {
          this.#save(key, { value, expiresAt: this.#clock.now() + this.#lifetimeMs(loaded) });
        }
      },
      () => {
        if (this.#entries.get(key)?.value === value) this.#entries.delete(key);
      },
    );
    return value;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  #save(key: string, entry: Entry<Value>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
  }
}
