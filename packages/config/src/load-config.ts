/**
 * Loading config.json: everything wrong with it is told at once, with its place; nothing half-valid ever comes out.
 * Specified in the contract, sections 1–4, and the guide, chapter 3.
 */
import { dirname, resolve } from 'node:path';
import { checkSense } from './check-sense.ts';
import { checkShape } from './check-shape.ts';
import type { ConnectorConfig } from './connector-config.ts';
import { ConfigDocument, MAX_CONFIG_BYTES } from './document.ts';
import type { Finding } from './finding.ts';
import { installationPaths } from './installation-paths.ts';
import type { Language } from './language.ts';
import { readSmallFile } from './private-file.ts';
import { Reporter } from './reporter.ts';
import { ConfigResolver } from './resolve-config.ts';
import { SecretValues } from './secret-values.ts';

export interface LoadOptions {
  /** default: the root's `etc/calendar/config.json` */
  readonly file?: string | undefined;
  /** default: `/opt/trueconf/calendar` */
  readonly root?: string | undefined;
  /** where `CREDENTIALS_DIRECTORY` is looked up */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** language of the findings */
  readonly language?: Language;
}

export type LoadResult =
  | { readonly ok: true; readonly config: ConnectorConfig; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads and checks a configuration file. With `ok: true` the findings are warnings only. */
export function loadConfig(options: LoadOptions = {}): LoadResult {
  const file = resolve(options.file ?? installationPaths(options.root).config);
  const reading = readConfigText(file, options.language ?? 'en');
  if (!reading.ok) return { ok: false, findings: reading.findings };
  const { text, exposedMode } = reading;
  return parseConfig(text, { ...options, file, ...(exposedMode !== undefined && { exposedMode }) });
}

export type ConfigText =
  | { readonly ok: true; readonly text: string; readonly exposedMode: string | undefined }
  | { readonly ok: false; readonly isMissing: boolean; readonly findings: readonly Finding[] };

/** The text of a configuration file, or why there is none. */
export function readConfigText(file: string, language: Language): ConfigText {
  const report = new Reporter(file, language);
  const reading = readSmallFile(file, MAX_CONFIG_BYTES);
  const refuse = (message: string): ConfigText => {
    report.error([], message);
    return { ok: false, isMissing: reading.kind === 'missing', findings: report.findings };
  };
  if (reading.kind === 'missing') return refuse(report.say.fileMissing());
  if (reading.kind === 'tooLarge') return refuse(report.say.fileTooLarge(MAX_CONFIG_BYTES));
  if (reading.kind === 'unreadable') return refuse(report.say.fileUnreadable(reading.reason));
  const text = decodeUtf8(reading.bytes);
  if (text === undefined) return refuse(report.say.notUtf8());
  return { ok: true, text, exposedMode: reading.isExposed ? reading.mode : undefined };
}

export interface ParseOptions extends LoadOptions {
  /** rights of the file, when every user may read it */
  readonly exposedMode?: string;
}

/** The same for a text that is already in memory; `file` only names it and anchors relative paths. */
export function parseConfig(text: string, options: ParseOptions = {}): LoadResult {
  const paths = installationPaths(options.root);
  const file = resolve(options.file ?? paths.config);
  const document = new ConfigDocument(text);
  const report = new Reporter(file, options.language ?? 'en', document);
  const valid = checkShape(document, report);
  if (!valid) return { ok: false, findings: report.findings };
  checkSense(valid, report);
  const place = { path: paths.secretKey, credentialsDirectory: options.env?.CREDENTIALS_DIRECTORY };
  const secrets = new SecretValues(dirname(file), place, report);
  const config = new ConfigResolver(valid, dirname(file), secrets, report).resolve();
  if (secrets.hasPlain && options.exposedMode) report.warn([], report.say.configExposed(options.exposedMode));
  return report.hasErrors ? { ok: false, findings: report.findings } : { ok: true, config, findings: report.findings };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // UTF-16 without its mark passes for UTF-8 with a zero after each Latin letter.
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
