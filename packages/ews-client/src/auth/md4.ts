/**
 * MD4 (RFC 1320), which NTLM needs for the hash of a password and OpenSSL 3 no longer offers. Not used for anything else.
 */
function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

const ROUND2 = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
const ROUND3 = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
const SHIFT1 = [3, 7, 11, 19];
const SHIFT2 = [3, 5, 9, 13];
const SHIFT3 = [3, 9, 11, 15];

export function md4(input: Uint8Array): Buffer {
  const padded = Buffer.alloc(((input.length + 8) >> 6) * 64 + 64);
  padded.set(input);
  padded[input.length] = 0x80;
  padded.writeUInt32LE((input.length * 8) >>> 0, padded.length - 8);
  padded.writeUInt32LE(Math.floor(input.length / 0x20000000), padded.length - 4);
  let state: [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) state = block(state, padded, at);
  const digest = Buffer.alloc(16);
  for (const [i, word] of state.entries()) digest.writeInt32LE(word | 0, i * 4);
  return digest;
}

type State = [number, number, number, number];

function block(start: State, data: Buffer, at: number): State {
  const word = (i: number) => data.readInt32LE(at + i * 4);
  let [a, b, c, d] = start;
  const step = (mixed: number, shift: number) => {
    const next = rotate((a + mixed) | 0, shift);
    [a, d, c, b] = [d, c, b, next];
  };
  for (let i = 0; i < 16; i++) step((((b & c) | (~b & d)) + word(i)) | 0, SHIFT1[i % 4] as number);
  for (let i = 0; i < 16; i++) {
    step((((b & c) | (b & d) | (c & d)) + word(ROUND2[i] as number) + 0x5a827999) | 0, SHIFT2[i % 4] as number);
  }
  for (let i = 0; i < 16; i++) {
    step(((b ^ c ^ d) + word(ROUND3[i] as number) + 0x6ed9eba1) | 0, SHIFT3[i % 4] as number);
  }
  return [(start[0] + a) | 0, (start[1] + b) | 0, (start[2] + c) | 0, (start[3] + d) | 0];
}
