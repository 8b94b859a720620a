/**
 * Chance from a seed: the same seed gives the same world, the same faults, the same ids.
 * Counter-free hashing (murmur3 finaliser) lets any part of the world be generated without generating the rest.
 */

/** Mixes any number of 32-bit numbers into one, well spread. */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** A number that stands for a text. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash, text.length);
}

/** A stream of chance. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state);
  }

  /** 0 ≤ x < 1 */
  fraction(): number {
    return this.next() / 4294967296;
  }

  /** 0 ≤ n < limit */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}

const hex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** A GUID (lower case, with dashes) that depends only on the parts. */
export function guidOf(...parts: readonly number[]): string {
  const a = hex32(mix(...parts, 1));
  const b = hex32(mix(...parts, 2));
  const c = hex32(mix(...parts, 3));
  const d = hex32(mix(...parts, 4));
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** The 16 bytes of a GUID as Windows stores them (first three groups little-endian). */
export function guidBytes(guid: string): Buffer {
  const raw = Buffer.from(guid.replaceAll('-', ''), 'hex');
  raw.subarray(0, 4).reverse();
  raw.subarray(4, 6).reverse();
  raw.subarray(6, 8).reverse();
  return raw;
}
