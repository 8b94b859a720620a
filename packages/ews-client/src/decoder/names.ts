/**
 * Interned element and attribute names. A qualified name is looked up by the hash of its bytes and then verified byte by
 * byte, so a collision costs time, never a wrong name. The table is shared by all scanners and bounded: names beyond
 * the bound (only hostile documents have them) get an entry of their own that nobody keeps.
 */
const TABLE_BITS = 13;
const TABLE_SIZE = 1 << TABLE_BITS;
const MAX_INTERNED = 4_096;
export const MAX_NAME_BYTES = 512;

export interface QName {
  /** index in the shared table, -1 for one that was not interned */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly prefix: string;
  readonly local: string;
  readonly valid: boolean;
}

const table: (QName | undefined)[] = new Array<QName | undefined>(TABLE_SIZE).fill(undefined);
let interned = 0;

/** One step of the hash; the scanner runs it while it walks over the name. */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

export const HASH_SEED = 0x811c9dc5;

/** The name whose bytes are `data[start, end)` and whose hash is `hash`. */
export function internName(data: Uint8Array, start: number, end: number, hash: number): QName {
  let slot = (hash ^ (hash >>> TABLE_BITS)) & (TABLE_SIZE - 1);
  for (let probe = 0; probe < 16; probe++) {
    const entry = table[slot];
    if (entry === undefined) return insert(data, start, end, slot);
    if (sameBytes(entry.bytes, data, start, end)) return entry;
    slot = (slot + 1) & (TABLE_SIZE - 1);
  }
  return makeName(data, start, end, -1);
}

function insert(data: Uint8Array, start: number, end: number, slot: number): QName {
  if (interned >= MAX_INTERNED || end - start > 64) return makeName(data, start, end, -1);
  const entry = makeName(data, start, end, interned);
  interned++;
  table[slot] = entry;
  return entry;
}

export function sameBytes(bytes: Uint8Array, data: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (bytes.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[i] !== data[start + i]) return false;
  return true;
}

const NAME_START =
  /^[:A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}]/u;
const NAME_REST =
  /^[-.0-9:A-Z_a-z\u{B7}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{203F}-\u{2040}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}]*$/u;

function makeName(data: Uint8Array, start: number, end: number, index: number): QName {
  const bytes = Uint8Array.prototype.slice.call(data, start, end);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const colon = text.indexOf(':');
  const prefix = colon < 0 ? '' : text.slice(0, colon);
  const local = colon < 0 ? text : text.slice(colon + 1);
  const wellFormed = NAME_START.test(text) && NAME_REST.test(text);
  const valid = wellFormed && (colon < 0 || (prefix !== '' && NAME_START.test(local) && !local.includes(':')));
  return { index, bytes, prefix, local, valid };
}
