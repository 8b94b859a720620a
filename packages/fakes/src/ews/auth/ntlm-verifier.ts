/**
 * One NTLMv2 handshake, really verified: proof of the password, MIC over all three messages, channel binding to the TLS
 * certificate (MS-NLMP 3.3.2, 3.1.5.1.2; RFC 5929 tls-server-end-point; Extended Protection of IIS).
 */
import { createHash, createHmac, randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { ExtendedProtection } from '../server-options.ts';
import { md4, rc4 } from './md4.ts';
import {
  type AuthenticateMessage,
  AV_CHANNEL_BINDINGS,
  AV_FLAG_MIC,
  AV_FLAGS,
  avPairsOf,
  challengeMessage,
  FLAG_KEY_EXCHANGE,
  messageType,
  readAuthenticate,
  withoutMic,
} from './ntlm-messages.ts';

export interface NtlmAccount {
  readonly login: string;
  readonly password: string;
}

export interface NtlmSettings {
  readonly domain: string;
  readonly computer: string;
  readonly dnsDomain: string;
  readonly extendedProtection: ExtendedProtection;
  /** channel binding token of the certificate; undefined without TLS */
  readonly channelBinding: Buffer | undefined;
  readonly findAccount: (name: string) => NtlmAccount | undefined;
  readonly now: () => number;
}

export type NtlmOutcome =
  | { readonly kind: 'challenge'; readonly message: Buffer }
  | { readonly kind: 'accepted'; readonly login: string }
  | { readonly kind: 'refused'; readonly account?: string; readonly reason: NtlmRefusal };

export type NtlmRefusal =
  | 'malformed'
  | 'noHandshake'
  | 'unknownUser'
  | 'oldResponse'
  | 'wrongPassword'
  | 'badMic'
  | 'missingChannelBinding'
  | 'wrongChannelBinding';

const OLD_RESPONSE_BYTES = 24;

/** The handshake of one connection. */
export class NtlmHandshake {
  readonly #settings: NtlmSettings;
  #negotiate: Buffer | undefined;
  #challenge: Buffer | undefined;
  #challengeMessage: Buffer | undefined;

  constructor(settings: NtlmSettings) {
    this.#settings = settings;
  }

  take(message: Buffer): NtlmOutcome {
    switch (messageType(message)) {
      case 1:
        return this.#answerNegotiate(message);
      case 3:
        return this.#verify(message);
      default:
        return { kind: 'refused', reason: 'malformed' };
    }
  }

  #answerNegotiate(message: Buffer): NtlmOutcome {
    const { domain, computer, dnsDomain, now } = this.#settings;
    const challenge = randomBytes(8);
    this.#negotiate = Buffer.from(message);
    this.#challenge = challenge;
    this.#challengeMessage = challengeMessage({ challenge, domain, computer, dnsDomain, now: now() });
    return { kind: 'challenge', message: this.#challengeMessage };
  }

  #verify(raw: Buffer): NtlmOutcome {
    const challenge = this.#challenge;
    if (challenge === undefined) return { kind: 'refused', reason: 'noHandshake' };
    const message = readAuthenticate(raw);
    if (message === undefined) return { kind: 'refused', reason: 'malformed' };
    if (message.ntResponse.length <= OLD_RESPONSE_BYTES) return { kind: 'refused', reason: 'oldResponse' };
    const name =
      message.domain === '' || message.user.includes('@') ? message.user : `${message.domain}\\${message.user}`;
    const account = this.#settings.findAccount(name);
    if (account === undefined) return { kind: 'refused', reason: 'unknownUser' };
    const reason = this.#problemWith(message, account, challenge);
    this.#challenge = undefined;
    return reason === undefined
      ? { kind: 'accepted', login: account.login }
      : { kind: 'refused', account: account.login, reason };
  }

  #problemWith(message: AuthenticateMessage, account: NtlmAccount, challenge: Buffer): NtlmRefusal | undefined {
    const key = responseKey(account.password, message.user, message.domain);
    const proof = message.ntResponse.subarray(0, 16);
    const expected = hmacMd5(key, Buffer.concat([challenge, message.ntResponse.subarray(16)]));
    if (!timingSafeEqual(proof, expected)) return 'wrongPassword';
    const pairs = avPairsOf(message.ntResponse);
    const flags = pairs.get(AV_FLAGS);
    const hasMic = flags !== undefined && flags.length >= 4 && (flags.readUInt32LE(0) & AV_FLAG_MIC) !== 0;
    if (hasMic && !this.#isMicRight(message, hmacMd5(key, proof))) return 'badMic';
    return this.#channelProblem(pairs.get(AV_CHANNEL_BINDINGS));
  }

  #isMicRight(message: AuthenticateMessage, baseKey: Buffer): boolean {
    const usesExchange = (message.flags & FLAG_KEY_EXCHANGE) !== 0 && message.sessionKey.length === 16;
    const sessionKey = usesExchange ? rc4(baseKey, message.sessionKey) : baseKey;
    const parts = [
      this.#negotiate ?? Buffer.alloc(0),
      this.#challengeMessage ?? Buffer.alloc(0),
      withoutMic(message.raw),
    ];
    const expected = hmacMd5(sessionKey, Buffer.concat(parts));
    return message.mic.length === expected.length && timingSafeEqual(message.mic, expected);
  }

  #channelProblem(token: Buffer | undefined): NtlmRefusal | undefined {
    const { extendedProtection, channelBinding } = this.#settings;
    if (extendedProtection === 'off' || channelBinding === undefined) return undefined;
    const isAbsent = token === undefined || token.every((byte) => byte === 0);
    if (isAbsent) return extendedProtection === 'require' ? 'missingChannelBinding' : undefined;
    return token.equals(channelBinding) ? undefined : 'wrongChannelBinding';
  }
}

function responseKey(password: string, user: string, domain: string): Buffer {
  const hash = md4(Buffer.from(password, 'utf16le'));
  return hmacMd5(hash, Buffer.from(upcase(user) + domain, 'utf16le'));
}

/** Windows upcases each UTF-16 unit alone: what would become two letters, or a letter of ASCII, stays as it is. */
function upcase(text: string): string {
  return text.replace(/./gu, (letter) => {
    const upper = letter.toUpperCase();
    const isSingle = upper.length === letter.length && !(letter > '\x7f' && upper <= '\x7f');
    return isSingle ? upper : letter;
  });
}

function hmacMd5(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}

/** MD5 of the gss_channel_bindings structure around `tls-server-end-point:` and the certificate's hash. */
export function channelBindingOf(certificatePem: string | Buffer): Buffer {
  const certificate = new X509Certificate(certificatePem);
  const application = Buffer.concat([
    Buffer.from('tls-server-end-point:', 'latin1'),
    createHash(hashNameOf(certificate)).update(certificate.raw).digest(),
  ]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(application.length, 16);
  return createHash('md5').update(head).update(application).digest();
}

const SHA384_OIDS = ['06082a8648ce3d040303', '06092a864886f70d01010c'];
const SHA512_OIDS = ['06082a8648ce3d040304', '06092a864886f70d01010d'];

/** The hash of the certificate's signature; at least SHA-256 (RFC 5929 4.1). */
function hashNameOf(certificate: X509Certificate): string {
  const tail = certificate.raw.subarray(-600).toString('hex');
  if (SHA384_OIDS.some((oid) => tail.includes(oid))) return 'sha384';
  return SHA512_OIDS.some((oid) => tail.includes(oid)) ? 'sha512' : 'sha256';
}
