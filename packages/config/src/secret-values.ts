/**
 * The four ways to write a secret in config.json: plain (warned about), the output of --hash_pass, `file:PATH`, `credential:NAME`.
 * What a file or a credential holds may itself be sealed. Nothing here puts the text into a message.
 */
import { join, resolve } from 'node:path';
import type { KeyPath } from './finding.ts';
import { readSmallFile } from './private-file.ts';
import type { Reporter } from './reporter.ts';
import { SECRET_PLACEHOLDER } from './schema/key.ts';
import { looksSealed, MAX_PASSWORD_BYTES, SealError, type SealErrorCode, type SealingKey } from './sealing.ts';
import { openSealingKey, SealingKeyError, type SealingKeyPlace } from './sealing-key-file.ts';
import { Secret } from './secret.ts';

const MAX_SECRET_FILE_BYTES = 2 * MAX_PASSWORD_BYTES;
const CREDENTIAL_NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,255}$/;

/** Turns written secrets into Secrets, reporting what fails; one per loaded file, so the key is opened once. */
export class SecretValues {
  /** true once a plain secret was met */
  hasPlain = false;
  readonly #folder: string;
  readonly #place: SealingKeyPlace;
  readonly #report: Reporter;
  #key: SealingKey | SealingKeyError | undefined;

  constructor(folder: string, place: SealingKeyPlace, report: Reporter) {
    this.#folder = folder;
    this.#place = place;
    this.#report = report;
  }

  /** The secret written at `path`. After a reported error the result is empty and must not be used. */
  resolve(written: string, path: KeyPath): Secret {
    if (written === SECRET_PLACEHOLDER) return new Secret(this.#fail(path, this.#report.say.placeholder()));
    if (written.startsWith('file:')) {
      const file = resolve(this.#folder, written.slice('file:'.length));
      return this.#opened(this.#readFile(file, path, 'file'), path);
    }
    if (written.startsWith('credential:')) return this.#opened(this.#readCredential(written, path), path);
    if (looksSealed(written) || written === '') return this.#opened(written, path);
    this.hasPlain = true;
    this.#report.warn(path, this.#report.say.plainSecret());
    return new Secret(written);
  }

  #readCredential(written: string, path: KeyPath): string {
    const name = written.slice('credential:'.length);
    const folder = this.#place.credentialsDirectory;
    if (!CREDENTIAL_NAME.test(name)) return this.#fail(path, this.#report.say.credentialName());
    if (!folder) return this.#fail(path, this.#report.say.noCredentials(name));
    return this.#readFile(join(folder, name), path, 'credential');
  }

  #readFile(file: string, path: KeyPath, origin: 'file' | 'credential'): string {
    const say = this.#report.say;
    const reading = readSmallFile(file, MAX_SECRET_FILE_BYTES);
    if (reading.kind === 'missing') return this.#fail(path, say.secretFileMissing(file));
    if (reading.kind === 'tooLarge') return this.#fail(path, say.secretFileTooLarge(file));
    if (reading.kind === 'unreadable') return this.#fail(path, say.secretFileUnreadable(file, reading.reason));
    if (reading.isExposed && origin === 'file') return this.#fail(path, say.secretFileExposed(file, reading.mode));
    const text = reading.bytes.toString('utf8').replace(/\r?\n$/, '');
    return text === '' ? this.#fail(path, say.secretFileEmpty(file)) : text;
  }

  #opened(text: string, path: KeyPath): Secret {
    if (!looksSealed(text)) return new Secret(text);
    const key = this.#openKey();
    if (key instanceof SealingKeyError) {
      const { noKey, unusable } = { noKey: this.#report.say.sealNoKey, unusable: this.#report.say.sealKeyUnusable };
      this.#report.error(
        path,
        key.code === 'missing' ? noKey(key.path) : unusable(key.sentence(this.#report.language)),
      );
      return new Secret('');
    }
    try {
      return new Secret(key.unseal(text));
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return new Secret(this.#fail(path, this.#sealSentence(error.code)));
    }
  }

  #openKey(): SealingKey | SealingKeyError {
    this.#key ??= tryOpen(this.#place);
    return this.#key;
  }

  #sealSentence(code: SealErrorCode): string {
    const say = this.#report.say;
    if (code === 'otherKey') return say.sealOtherKey(this.#place.path);
    if (code === 'unknownVersion') return say.sealUnknownVersion();
    return code === 'cut' ? say.sealCut() : say.sealAltered();
  }

  #fail(path: KeyPath, message: string): string {
    this.#report.error(path, message);
    return '';
  }
}

function tryOpen(place: SealingKeyPlace): SealingKey | SealingKeyError {
  try {
    return openSealingKey(place);
  } catch (error) {
    if (error instanceof SealingKeyError) return error;
    throw error;
  }
}
