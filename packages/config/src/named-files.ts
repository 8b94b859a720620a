/** Files the configuration names: found from its own folder, checked when it is loaded rather than when they are first needed. */
import { resolve } from 'node:path';
import type { CertificateFile } from './connector-config.ts';
import type { KeyPath } from './finding.ts';
import { readSmallFile } from './private-file.ts';
import type { Reporter } from './reporter.ts';

export class NamedFiles {
  readonly #folder: string;
  readonly #report: Reporter;

  constructor(folder: string, report: Reporter) {
    this.#folder = folder;
    this.#report = report;
  }

  /** A PEM file, read; nothing when none is named. */
  certificate(given: string | undefined, path: KeyPath): { readonly ca?: CertificateFile } {
    if (given === undefined) return {};
    const file = this.existing(given, path);
    const reading = readSmallFile(file);
    if (reading.kind !== 'read') return {};
    const pem = reading.bytes.toString('utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) this.#report.error(path, this.#report.say.noCertificate(file));
    return { ca: { path: file, pem } };
  }

  /** The absolute path; reports when the file cannot be read. */
  existing(given: string, path: KeyPath): string {
    const file = resolve(this.#folder, given);
    const reading = readSmallFile(file);
    const say = this.#report.say;
    if (reading.kind === 'missing') this.#report.error(path, say.certificateMissing(file));
    if (reading.kind === 'unreadable') this.#report.error(path, say.certificateUnreadable(file, reading.reason));
    if (reading.kind === 'tooLarge') this.#report.error(path, say.certificateUnreadable(file, 'EFBIG'));
    return file;
  }
}
