/** MD4 and RC4, which NTLM needs and OpenSSL 3 no longer offers (RFC 1320; RC4 as in MS-NLMP). For verifying only. */

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const ROUND_ORDERS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
];
const ROUND_SHIFTS: readonly (readonly number[])[] = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
];
const ROUND_CONSTANTS = [0, 0x5a827999, 0x6ed9eba1];

function mixRound(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}

/** The MD4 digest of some bytes. */
export function md4(data: Uint8Array): Buffer {
  const length = (((data.length + 8) >>> 6) + 1) * 64;
  const padded = Buffer.alloc(length);
  padded.set(data);
  padded[data.length] = 0x80;
  padded.writeUInt32LE((data.length * 8) >>> 0, length - 8);
  padded.writeUInt32LE(Math.floor(data.length / 0x20000000), length - 4);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < length; at += 64) block(padded, at, state);
  const digest = Buffer.alloc(16);
  state.forEach((word, index) => void digest.writeUInt32LE(word >>> 0, index * 4));
  return digest;
}

function block(data: Buffer, at: number, state: number[]): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let round = 0; round < 3; round += 1) {
    for (let step = 0; step < 16; step += 1) {
      const word = data.readUInt32LE(at + (ROUND_ORDERS[round]?.[step] ?? 0) * 4);
      const sum = (a + mixRound(round, b, c, d) + word + (ROUND_CONSTANTS[round] ?? 0)) | 0;
      [a, d, c, b] = [d, c, b, rotate(sum, ROUND_SHIFTS[round]?.[step % 4] ?? 0)];
    }
  }
  [a, b, c, d].forEach((word, index) => {
    state[index] = ((state[index] ?? 0) + word) | 0;
  });
}

/** RC4 with a key; the same for both directions. */
export function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const swap = (i: number, j: number): void => {
    const kept = state[i] ?? 0;
    state[i] = state[j] ?? 0;
    state[j] = kept;
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  const out = Buffer.alloc(data.length);
  let i = 0;
  let j = 0;
  for (let n = 0; n < data.length; n += 1) {
    i = (i + 1) & 255;
    j = (j + (state[i] ?? 0)) & 255;
    swap(i, j);
    out[n] = (data[n] ?? 0) ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
  }
  return out;
}
