/**
 * Where the sealing key lives: `etc/calendar/secret.key` (0600, made on first use) or the systemd credential `secret.key`.
 * A key that other users may read protects nothing, so it is refused. Specified in the contract, sections 2 and 3.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Language } from './language.ts';
import { KEY_BYTES, SealingKey } from './sealing.ts';
import { type SealingKeyErrorCode, sealingKeySentence } from './sealing-key-messages.ts';

/** Name of the systemd credential that replaces the file (`LoadCredential=secret.key:…`). */
export const KEY_CREDENTIAL = 'secret.key';

const MAX_KEY_FILE_BYTES = 1024;
/** Any right of other users, and the group's right to write. A group may read: systemd hands credentials over that way. */
const FORBIDDEN_MODE = 0o027;

/** Why there is no usable key. */
export class SealingKeyError extends Error {
  readonly code: SealingKeyErrorCode;
  readonly path: string;
  readonly #detail: string;

  constructor(code: SealingKeyErrorCode, path: string, detail = '') {
    super(sealingKeySentence(code, path, detail));
    this.name = 'SealingKeyError';
    this.code = code;
    this.path = path;
    this.#detail = detail;
  }

  /** The sentence for a person; `message` is the English one. */
  sentence(language: Language): string {
    return sealingKeySentence(this.code, this.path, this.#detail, language);
  }
}

export interface SealingKeyPlace {
  /** normally `installationPaths(root).secretKey` */
  readonly path: string;
  /** `$CREDENTIALS_DIRECTORY`; the credential wins over the file */
  readonly credentialsDirectory?: string | undefined;
}

/** Opens the key; throws SealingKeyError when there is none or it cannot be trusted. */
export function openSealingKey(place: SealingKeyPlace): SealingKey {
  if (place.credentialsDirectory) {
    const key = readKey(join(place.credentialsDirectory, KEY_CREDENTIAL));
    if (key) return key;
  }
  const key = readKey(place.path);
  if (key) return key;
  throw new SealingKeyError('missing', place.path);
}

/** Makes a key file (0600). Keeps and opens the one that is there already: making a new one would spoil every sealed text. */
export function createSealingKey(place: SealingKeyPlace): SealingKey {
  const key = SealingKey.generate();
  const temporary = `${place.path}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(place.path), { recursive: true, mode: 0o750 });
    writeDurably(temporary, `${key.export().toString('base64')}\n`);
    return linkOnce(temporary, place.path) ? key : openSealingKey({ path: place.path });
  } catch (error) {
    if (error instanceof SealingKeyError) throw error;
    throw new SealingKeyError('notWritable', place.path, reason(error));
  } finally {
    removeQuietly(temporary);
  }
}

/** Opens the key or makes it on first use. */
export function ensureSealingKey(place: SealingKeyPlace): SealingKey {
  try {
    return openSealingKey(place);
  } catch (error) {
    if (error instanceof SealingKeyError && error.code === 'missing') return createSealingKey(place);
    throw error;
  }
}

function readKey(path: string): SealingKey | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new SealingKeyError('unreadable', path, reason(error));
  }
  try {
    refuseExposed(path, fstatSync(descriptor).mode);
    return parseKey(path, readSome(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function refuseExposed(path: string, mode: number): void {
  if (process.platform === 'win32' || (mode & FORBIDDEN_MODE) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  throw new SealingKeyError('exposed', path, octal);
}

function readSome(descriptor: number): string {
  const buffer = Buffer.alloc(MAX_KEY_FILE_BYTES);
  const length = readSync(descriptor, buffer, 0, MAX_KEY_FILE_BYTES, 0);
  return buffer.toString('latin1', 0, length).trim();
}

function parseKey(path: string, text: string): SealingKey {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== text) {
    throw new SealingKeyError('damaged', path, String(KEY_BYTES));
  }
  return new SealingKey(bytes);
}

function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts the file in its place unless there is one; unlike a rename it never overwrites. */
function linkOnce(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it was never made
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function reason(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
