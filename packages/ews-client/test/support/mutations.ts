/**
 * Damages answers the way networks, proxies and hostile hands do: bytes flipped, cut out, doubled, moved; tags and
 * attributes swapped; nesting; markup put where text belongs. Seeded: the same seed damages the same way.
 */

/** mulberry32 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const INSERTS = [
  '<',
  '>',
  '&',
  '&#0;',
  '&#x110000;',
  '&amp;',
  '&bogus;',
  '"',
  "'",
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x ?>',
  '<!DOCTYPE a>',
  '</t:Subject>',
  '<t:Subject>',
  '<t:ItemId Id="evil"/>',
  '</m:Items>',
  ' xmlns:t="urn:x"',
  ' xmlns="urn:x"',
  '\u0000',
  '\u0001',
  '\r\n',
  '\ufeff',
  '😀',
  'ResponseClass="Error"',
  '/',
  'true',
  '9999999999999999999999',
];

type Damage = (bytes: Buffer, random: () => number) => Buffer;

const at = (bytes: Buffer, random: () => number) => Math.floor(random() * (bytes.length + 1));

const splice = (bytes: Buffer, from: number, to: number, middle: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(Math.max(from, to))]);

const DAMAGES: readonly Damage[] = [
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[at(copy, random) % Math.max(1, copy.length)] = Math.floor(random() * 256);
    return copy;
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const i = at(copy, random) % Math.max(1, copy.length);
    copy[i] = (copy[i] ?? 0) ^ (1 << Math.floor(random() * 8));
    return copy;
  },
  (bytes, random) => {
    const from = at(bytes, random);
    return splice(bytes, from, from + Math.floor(random() * 40), Buffer.alloc(0));
  },
  (bytes, random) => {
    const from = at(bytes, random);
    const part = bytes.subarray(from, from + Math.floor(random() * 200));
    const to = at(bytes, random);
    return splice(bytes, to, to, part);
  },
  (bytes, random) => {
    const i = at(bytes, random);
    return splice(bytes, i, i, Buffer.from(INSERTS[Math.floor(random() * INSERTS.length)] ?? ''));
  },
  (bytes, random) => dropOrDouble(bytes, random, 0),
  (bytes, random) => dropOrDouble(bytes, random, 2),
];

/** Takes out one tag, or writes it twice. */
function dropOrDouble(bytes: Buffer, random: () => number, times: number): Buffer {
  const start = bytes.indexOf(0x3c, at(bytes, random));
  const end = start < 0 ? -1 : bytes.indexOf(0x3e, start);
  if (end < 0) return bytes;
  const tag = bytes.subarray(start, end + 1);
  return splice(bytes, start, end + 1, Buffer.concat(Array.from({ length: times }, () => tag)));
}

/** One to three damages. */
export function damage(bytes: Buffer, random: () => number): Buffer {
  let out = bytes;
  const count = 1 + Math.floor(random() * 3);
  for (let i = 0; i < count; i++) out = (DAMAGES[Math.floor(random() * DAMAGES.length)] as Damage)(out, random);
  return out;
}
