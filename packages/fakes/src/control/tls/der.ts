/** The few forms of DER (ITU-T X.690) a certificate needs. */

const NODE_SAFE_LENGTH = 0x80;

function wrap(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < NODE_SAFE_LENGTH) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => wrap(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => wrap(0x31, ...parts);
export const octets = (content: Uint8Array): Buffer => wrap(0x04, content);
export const bits = (content: Uint8Array, unused = 0): Buffer => wrap(0x03, Buffer.from([unused]), content);
export const utf8 = (text: string): Buffer => wrap(0x0c, Buffer.from(text));
export const yes = (): Buffer => Buffer.from([0x01, 0x01, 0xff]);
/** `[n] EXPLICIT` */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer => wrap(0xa0 | number, ...parts);
/** `[n] IMPLICIT` of a primitive form */
export const implicit = (number: number, content: Uint8Array): Buffer => wrap(0x80 | number, content);

/** A positive integer of big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const isHigh = ((bytes[0] ?? 0) & 0x80) !== 0;
  return wrap(0x02, isHigh ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** `1.2.840.10045.4.3.2` */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return wrap(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

/** UTCTime, good for the years 1950 to 2049. */
export function utcTime(instant: number): Buffer {
  const text = `${new Date(instant).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;
  return wrap(0x17, Buffer.from(text));
}
