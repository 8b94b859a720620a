/**
 * A secret that cannot be printed by accident: every way of turning it into text gives `***`.
 * Why: the connector holds one password that opens every mailbox; logs and bundles travel.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

const MASK = '***';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself. Call it where the value leaves for its one destination, never before. */
  reveal(): string {
    return this.#value;
  }

  /** True for the empty text (a database without a password). */
  get isEmpty(): boolean {
    return this.#value === '';
  }

  /** Compares in a time that does not depend on where the texts differ. */
  matches(candidate: string): boolean {
    return timingSafeEqual(digest(this.#value), digest(candidate));
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
