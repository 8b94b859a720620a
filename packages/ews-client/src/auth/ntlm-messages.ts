/**
 * NTLMv2 messages (MS-NLMP): Unicode, with MIC and channel binding. Pure: time and randomness come in as arguments.
 */
import { createHash, createHmac } from 'node:crypto';
import { md4 } from './md4.ts';

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');

const FLAG = {
  unicode: 0x0000_0001,
  requestTarget: 0x0000_0004,
  ntlm: 0x0000_0200,
  alwaysSign: 0x0000_8000,
  extendedSecurity: 0x0008_0000,
  targetInfo: 0x0080_0000,
  version: 0x0200_0000,
  key128: 0x2000_0000,
  key56: 0x8000_0000,
} as const;

const NEGOTIATED =
  (FLAG.unicode |
    FLAG.requestTarget |
    FLAG.ntlm |
    FLAG.alwaysSign |
    FLAG.extendedSecurity |
    FLAG.targetInfo |
    FLAG.version |
    FLAG.key128 |
    FLAG.key56) >>>
  0;

const AV = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;
const MIC_PRESENT = 2;
/** Windows 10.0, NTLM revision 15 */
const VERSION = Buffer.from([10, 0, 0, 0, 0, 0, 0, 15]);

export interface NtlmAccount {
  readonly user: string;
  /** empty for a UPN, or when the server shall decide */
  readonly domain: string;
  readonly password: string;
}

/** `DOMAIN\user`, `user@domain` and plain `user`, as people write logins. */
export function splitLogin(login: string): { readonly user: string; readonly domain: string } {
  const slash = login.indexOf('\\');
  if (slash >= 0) return { domain: login.slice(0, slash), user: login.slice(slash + 1) };
  return { domain: '', user: login };
}

/** The first message (NEGOTIATE). */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40);
  SIGNATURE.copy(message, 0);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(NEGOTIATED, 12);
  message.writeUInt32LE(40, 20);
  message.writeUInt32LE(40, 28);
  VERSION.copy(message, 32);
  return message;
}

export interface Challenge {
  readonly raw: Buffer;
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: Buffer;
}

/** Reads the server's CHALLENGE; undefined when it is none. */
export function parseChallenge(raw: Buffer): Challenge | undefined {
  if (raw.length < 48 || !raw.subarray(0, 8).equals(SIGNATURE) || raw.readUInt32LE(8) !== 2) return undefined;
  const length = raw.readUInt16LE(40);
  const offset = raw.readUInt32LE(44);
  if (offset + length > raw.length) return undefined;
  return {
    raw,
    flags: raw.readUInt32LE(20),
    serverChallenge: raw.subarray(24, 32),
    targetInfo: raw.subarray(offset, offset + length),
  };
}

interface AuthenticateInputs {
  readonly account: NtlmAccount;
  readonly negotiate: Buffer;
  readonly challenge: Challenge;
  /** 8 random bytes */
  readonly clientChallenge: Buffer;
  readonly nowMs: number;
  /** tls-server-end-point data, see channelBinding; absent over plain HTTP */
  readonly binding: Buffer | undefined;
  readonly host: string;
}

/** The last message (AUTHENTICATE). */
export function authenticateMessage(inputs: AuthenticateInputs): Buffer {
  const { account, challenge, clientChallenge } = inputs;
  const serverTime = findPair(challenge.targetInfo, AV.timestamp);
  const timestamp = serverTime ?? fileTime(inputs.nowMs);
  const info = extendTargetInfo(challenge.targetInfo, inputs, serverTime !== undefined);
  const key = hmac(md4(utf16(account.password)), utf16(upperCase(account.user) + account.domain));
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    timestamp,
    clientChallenge,
    Buffer.alloc(4),
    info,
    Buffer.alloc(4),
  ]);
  const proof = hmac(key, Buffer.concat([challenge.serverChallenge, blob]));
  const sessionKey = hmac(key, proof);
  // With a server timestamp the LM answer must be empty (MS-NLMP 3.1.5.1.2).
  const lm =
    serverTime === undefined
      ? Buffer.concat([hmac(key, Buffer.concat([challenge.serverChallenge, clientChallenge])), clientChallenge])
      : Buffer.alloc(24);
  const message = layOut(lm, Buffer.concat([proof, blob]), account, (challenge.flags & NEGOTIATED) >>> 0);
  hmac(sessionKey, Buffer.concat([inputs.negotiate, challenge.raw, message])).copy(message, MIC_OFFSET);
  return message;
}

const MIC_OFFSET = 72;
const HEADER = 88;

function layOut(lm: Buffer, nt: Buffer, account: NtlmAccount, flags: number): Buffer {
  const parts = [lm, nt, utf16(account.domain), utf16(account.user), utf16('CONNECTOR'), Buffer.alloc(0)];
  const header = Buffer.alloc(HEADER);
  SIGNATURE.copy(header, 0);
  header.writeUInt32LE(3, 8);
  let offset = HEADER;
  for (const [i, part] of parts.entries()) {
    header.writeUInt16LE(part.length, 12 + i * 8);
    header.writeUInt16LE(part.length, 14 + i * 8);
    header.writeUInt32LE(offset, 16 + i * 8);
    offset += part.length;
  }
  header.writeUInt32LE(flags, 60);
  VERSION.copy(header, 64);
  return Buffer.concat([header, ...parts]);
}

/** The server's target info plus: MIC promised, channel binding, target name. */
function extendTargetInfo(info: Buffer, inputs: AuthenticateInputs, promiseMic: boolean): Buffer {
  const pairs: Buffer[] = [];
  for (const { id, value } of pairsOf(info)) {
    if (id !== AV.flags && id !== AV.channelBindings && id !== AV.targetName) pairs.push(pair(id, value));
  }
  const known = findPair(info, AV.flags);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(((known === undefined || known.length < 4 ? 0 : known.readUInt32LE(0)) | MIC_PRESENT) >>> 0);
  pairs.push(pair(AV.flags, flags));
  if (!promiseMic) pairs.push(pair(AV.timestamp, fileTime(inputs.nowMs)));
  if (inputs.binding !== undefined) pairs.push(pair(AV.channelBindings, bindingHash(inputs.binding)));
  pairs.push(pair(AV.targetName, utf16(`HTTP/${inputs.host}`)));
  pairs.push(pair(AV.end, Buffer.alloc(0)));
  return Buffer.concat(pairs);
}

/** MD5 over gss_channel_bindings_struct with empty addresses (RFC 2744, MS-NLMP 2.2.2.1). */
function bindingHash(applicationData: Buffer): Buffer {
  const struct = Buffer.alloc(20);
  struct.writeUInt32LE(applicationData.length, 16);
  return createHash('md5').update(struct).update(applicationData).digest();
}

function pairsOf(info: Buffer): { readonly id: number; readonly value: Buffer }[] {
  const pairs: { readonly id: number; readonly value: Buffer }[] = [];
  for (let at = 0; at + 4 <= info.length; ) {
    const id = info.readUInt16LE(at);
    const length = info.readUInt16LE(at + 2);
    if (id === AV.end || at + 4 + length > info.length) break;
    pairs.push({ id, value: info.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return pairs;
}

function findPair(info: Buffer, id: number): Buffer | undefined {
  return pairsOf(info).find((entry) => entry.id === id)?.value;
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function fileTime(nowMs: number): Buffer {
  const ticks = (BigInt(Math.trunc(nowMs)) + 11_644_473_600_000n) * 10_000n;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(ticks);
  return bytes;
}

/** As Windows has it: letter by letter, never one for two (ß stays), none outside ASCII for one in it (ı stays). */
function upperCase(text: string): string {
  return [...text].map(upperCaseOf).join('');
}

function upperCaseOf(letter: string): string {
  const upper = letter.toUpperCase();
  const isOther = upper.length !== letter.length || (letter > '\x7f' && upper <= '\x7f');
  return isOther ? letter : upper;
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}
