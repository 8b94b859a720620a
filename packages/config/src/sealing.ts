/**
 * Reversible encryption of passwords (`--hash_pass`): the connector must log in with them, so they cannot be hashed.
 *
 * Text  = base64( "tc_" ‖ version 0x01 ‖ nonce(12) ‖ ciphertext ‖ tag(16) ), AES-256-GCM, the first four bytes authenticated too.
 * nonce = 4 bytes naming the key (of SHA-256 over it) ‖ 8 random bytes: so "made with another key" is told apart from "altered".
 * plain = length (2 bytes) ‖ password (UTF-8) ‖ zeros up to a multiple of 16: hides the length, and shows a cut text by its size.
 * Specified in the contract, section 3; the reasons stand in this package's README.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const MAGIC = 'tc_';
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 1;
const KEY_NAME_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const LENGTH_BYTES = 2;
const SMALLEST_BYTES = HEADER_BYTES + NONCE_BYTES + BLOCK_BYTES + TAG_BYTES;

/** What every sealed text begins with: base64 of `tc_`. */
export const SEALED_PREFIX = 'dGNf';

/** AES-256 takes a key of this size. */
export const KEY_BYTES = 32;

/** Longest password that can be sealed, in UTF-8 bytes. */
export const MAX_PASSWORD_BYTES = 4096;

export type SealErrorCode =
  | 'emptyPassword'
  | 'passwordTooLong'
  | 'notSealed'
  | 'unknownVersion'
  | 'cut'
  | 'otherKey'
  | 'altered';

const SENTENCES: Readonly<Record<SealErrorCode, string>> = {
  emptyPassword: 'The password is empty; there is nothing to encrypt.',
  passwordTooLong: `The password is longer than ${MAX_PASSWORD_BYTES} bytes.`,
  notSealed: 'The text was not made by --hash_pass: it does not start with dGNf.',
  unknownVersion: 'The encrypted text has a version this program does not know: it was made by a newer one.',
  cut: 'The encrypted text was cut: a part of it is missing.',
  otherKey: 'The encrypted text was made with another secret.key.',
  altered: 'The encrypted text was altered: it fails its integrity check.',
};

/** Why a text could not be sealed or opened. The message never contains the text. */
export class SealError extends Error {
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode) {
    super(SENTENCES[code]);
    this.name = 'SealError';
    this.code = code;
  }
}

/** A key that seals passwords; held in memory only, never printed. */
export class SealingKey {
  readonly #bytes: Buffer;
  readonly #name: Buffer;

  /** `bytes` is copied. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new RangeError(`a sealing key has ${KEY_BYTES} bytes, not ${bytes.length}`);
    this.#bytes = Buffer.from(bytes);
    this.#name = createHash('sha256')
      .update('tc_calendar key name\0')
      .update(this.#bytes)
      .digest()
      .subarray(0, KEY_NAME_BYTES);
  }

  static generate(): SealingKey {
    return new SealingKey(randomBytes(KEY_BYTES));
  }

  /** For the key file only. */
  export(): Buffer {
    return Buffer.from(this.#bytes);
  }

  /** Encrypts a password; two calls never give the same text. */
  seal(password: string): string {
    const plain = frame(password);
    const header = Buffer.concat([Buffer.from(MAGIC, 'latin1'), Buffer.of(VERSION)]);
    const nonce = Buffer.concat([this.#name, randomBytes(NONCE_BYTES - KEY_NAME_BYTES)]);
    const cipher = createCipheriv('aes-256-gcm', this.#bytes, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(header);
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([header, nonce, body, cipher.getAuthTag()]).toString('base64');
  }

  /** Decrypts what `seal` made; throws SealError for everything else, never returns a wrong password. */
  unseal(text: string): string {
    const bytes = decode(text);
    const nonce = bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
    if (!nonce.subarray(0, KEY_NAME_BYTES).equals(this.#name)) throw new SealError('otherKey');
    const decipher = createDecipheriv('aes-256-gcm', this.#bytes, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(bytes.subarray(0, HEADER_BYTES));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const body = bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES);
      return unframe(Buffer.concat([decipher.update(body), decipher.final()]));
    } catch {
      throw new SealError('altered');
    }
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'SealingKey(***)';
  }
}

/** Does this text claim to be sealed? (Whether it can be opened only `unseal` tells.) */
export function looksSealed(text: string): boolean {
  return text.startsWith(SEALED_PREFIX);
}

function frame(password: string): Buffer {
  const bytes = Buffer.from(password, 'utf8');
  if (bytes.length === 0) throw new SealError('emptyPassword');
  if (bytes.length > MAX_PASSWORD_BYTES) throw new SealError('passwordTooLong');
  const plain = Buffer.alloc(Math.ceil((LENGTH_BYTES + bytes.length) / BLOCK_BYTES) * BLOCK_BYTES);
  plain.writeUInt16BE(bytes.length, 0);
  bytes.copy(plain, LENGTH_BYTES);
  return plain;
}

function unframe(plain: Buffer): string {
  const length = plain.readUInt16BE(0);
  if (length === 0 || length > plain.length - LENGTH_BYTES) throw new SealError('altered');
  return plain.subarray(LENGTH_BYTES, LENGTH_BYTES + length).toString('utf8');
}

function decode(text: string): Buffer {
  if (!looksSealed(text)) throw new SealError('notSealed');
  if (/[^A-Za-z0-9+/=]/.test(text)) throw new SealError('altered');
  if (text.length % 4 !== 0) throw new SealError('cut');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < HEADER_BYTES) throw new SealError('cut');
  if (bytes[MAGIC.length] !== VERSION) throw new SealError('unknownVersion');
  const isWhole = bytes.length >= SMALLEST_BYTES && (bytes.length - SMALLEST_BYTES) % BLOCK_BYTES === 0;
  if (!isWhole) throw new SealError('cut');
  if (bytes.toString('base64') !== text) throw new SealError('altered');
  return bytes;
}
