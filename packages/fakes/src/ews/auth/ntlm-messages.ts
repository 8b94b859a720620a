/**
 * NTLM messages, read and written (MS-NLMP 2.2.1): negotiate in, challenge out, authenticate in with its AV pairs.
 */

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
export const FLAG_UNICODE = 0x1;
export const FLAG_KEY_EXCHANGE = 0x40000000;
const CHALLENGE_FLAGS = 0x628a8205;
const AV_EOL = 0;
const AV_NETBIOS_COMPUTER = 1;
const AV_NETBIOS_DOMAIN = 2;
const AV_DNS_COMPUTER = 3;
const AV_DNS_DOMAIN = 4;
export const AV_FLAGS = 6;
const AV_TIMESTAMP = 7;
export const AV_CHANNEL_BINDINGS = 10;
/** AvFlags: the authenticate message carries a MIC */
export const AV_FLAG_MIC = 2;
/** Where the MIC stands in the authenticate message. */
export const MIC_OFFSET = 72;
const MIC_BYTES = 16;
const FILETIME_EPOCH = 116444736000000000n;

export interface AuthenticateMessage {
  readonly flags: number;
  readonly user: string;
  readonly domain: string;
  readonly ntResponse: Buffer;
  readonly sessionKey: Buffer;
  readonly mic: Buffer;
  readonly raw: Buffer;
}

/** 1, 2, 3, or undefined when it is no NTLM message. */
export function messageType(message: Buffer): number | undefined {
  if (message.length < 12 || message.compare(SIGNATURE, 0, 8, 0, 8) !== 0) return undefined;
  return message.readUInt32LE(8);
}

/** The challenge message of a server. */
export function challengeMessage(options: {
  readonly challenge: Buffer;
  readonly domain: string;
  readonly computer: string;
  readonly dnsDomain: string;
  readonly now: number;
}): Buffer {
  const target = Buffer.from(options.domain, 'utf16le');
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64LE(FILETIME_EPOCH + BigInt(options.now) * 10000n);
  const info = Buffer.concat([
    avPair(AV_NETBIOS_DOMAIN, Buffer.from(options.domain, 'utf16le')),
    avPair(AV_NETBIOS_COMPUTER, Buffer.from(options.computer, 'utf16le')),
    avPair(AV_DNS_DOMAIN, Buffer.from(options.dnsDomain, 'utf16le')),
    avPair(AV_DNS_COMPUTER, Buffer.from(`${options.computer.toLowerCase()}.${options.dnsDomain}`, 'utf16le')),
    avPair(AV_TIMESTAMP, timestamp),
    avPair(AV_EOL, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(56);
  SIGNATURE.copy(head);
  head.writeUInt32LE(2, 8);
  head.writeUInt16LE(target.length, 12);
  head.writeUInt16LE(target.length, 14);
  head.writeUInt32LE(56, 16);
  head.writeInt32LE(CHALLENGE_FLAGS | FLAG_KEY_EXCHANGE | 0, 20);
  options.challenge.copy(head, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56 + target.length, 44);
  Buffer.from([10, 0, 0x63, 0x45, 0, 0, 0, 15]).copy(head, 48);
  return Buffer.concat([head, target, info]);
}

function avPair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** Reads an authenticate message; undefined when its fields lie outside of it. */
export function readAuthenticate(raw: Buffer): AuthenticateMessage | undefined {
  if (raw.length < 64) return undefined;
  const flags = raw.readUInt32LE(60);
  const field = (at: number): Buffer | undefined => {
    const length = raw.readUInt16LE(at);
    const offset = raw.readUInt32LE(at + 4);
    return offset + length > raw.length ? undefined : raw.subarray(offset, offset + length);
  };
  const encoding = (flags & FLAG_UNICODE) !== 0 ? 'utf16le' : 'latin1';
  const [ntResponse, domain, user, sessionKey] = [field(20), field(28), field(36), field(52)];
  if (ntResponse === undefined || domain === undefined || user === undefined || sessionKey === undefined)
    return undefined;
  const mic = raw.length >= MIC_OFFSET + MIC_BYTES ? raw.subarray(MIC_OFFSET, MIC_OFFSET + MIC_BYTES) : Buffer.alloc(0);
  return { flags, user: user.toString(encoding), domain: domain.toString(encoding), ntResponse, sessionKey, mic, raw };
}

/** AV pairs inside an NTLMv2 response (after proof, header, time and client challenge). */
export function avPairsOf(ntResponse: Buffer): ReadonlyMap<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  for (let at = 16 + 28; at + 4 <= ntResponse.length; ) {
    const id = ntResponse.readUInt16LE(at);
    const length = ntResponse.readUInt16LE(at + 2);
    if (id === AV_EOL || at + 4 + length > ntResponse.length) break;
    pairs.set(id, ntResponse.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return pairs;
}

/** The message as it was when its MIC was computed: with zeroes in its place. */
export function withoutMic(raw: Buffer): Buffer {
  const copy = Buffer.from(raw);
  copy.fill(0, MIC_OFFSET, MIC_OFFSET + MIC_BYTES);
  return copy;
}
