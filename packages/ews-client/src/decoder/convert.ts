/**
 * Turns the bytes of an element's text into the value its rule wants. Strings are always fresh copies.
 */
import { CAPTURE, type Capture, type Value } from './grammar.ts';
import { sameBytes } from './names.ts';
import { parseBoolean, parseInstant, parseInteger } from './values.ts';

const TOKEN_SLOTS = 2_048;
const MAX_TOKEN_BYTES = 40;
const tokens: ({ readonly bytes: Uint8Array; readonly value: string } | undefined)[] = new Array(TOKEN_SLOTS).fill(
  undefined,
);

export function convert(capture: Capture, data: Buffer, start: number, end: number, ascii: boolean): Value {
  switch (capture) {
    case CAPTURE.instant: {
      const instant = parseInstant(data, start, end);
      return Number.isNaN(instant) && tokenOf(data, start, end, ascii) === '' ? null : instant;
    }
    case CAPTURE.token:
      return tokenOf(data, start, end, ascii);
    case CAPTURE.boolean: {
      const word = tokenOf(data, start, end, ascii);
      return word === 'true' ? true : word === 'false' ? false : word === '' ? null : parseBoolean(word);
    }
    case CAPTURE.integer: {
      const word = tokenOf(data, start, end, ascii);
      return word === '' ? null : parseInteger(word);
    }
    default:
      return textOf(data, start, end, ascii);
  }
}

function textOf(data: Buffer, start: number, end: number, ascii: boolean): string {
  return ascii ? data.toString('latin1', start, end) : data.toString('utf8', start, end);
}

function tokenOf(data: Buffer, start: number, end: number, ascii: boolean): string {
  if (end - start > MAX_TOKEN_BYTES) return textOf(data, start, end, ascii).trim();
  let hash = 7;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (data[i] as number), 0x01000193);
  const slot = (hash ^ (hash >>> 15)) & (TOKEN_SLOTS - 1);
  const known = tokens[slot];
  if (known !== undefined && sameBytes(known.bytes, data, start, end)) return known.value;
  const value = textOf(data, start, end, ascii).trim();
  tokens[slot] = { bytes: Uint8Array.prototype.slice.call(data, start, end), value };
  return value;
}
