/**
 * The section `registration` alone: people register before the rest of config.json is complete.
 * Faults elsewhere in the file do not matter here; a fault of grammar or of the section itself does.
 */
import { dirname, resolve } from 'node:path';
import { checkRegistration } from './check-sense.ts';
import { checkRegistrationShape } from './check-shape.ts';
import type { RegistrationConfig } from './connector-config.ts';
import { ConfigDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { installationPaths } from './installation-paths.ts';
import { type LoadOptions, readConfigText } from './load-config.ts';
import { NamedFiles } from './named-files.ts';
import { Reporter } from './reporter.ts';
import { resolveRegistration } from './resolve-config.ts';

export type RegistrationResult =
  | { readonly ok: true; readonly registration: RegistrationConfig; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Where to register. A file that does not exist at its usual place means the defaults; one that was named must exist. */
export function loadRegistration(options: LoadOptions = {}): RegistrationResult {
  const file = resolve(options.file ?? installationPaths(options.root).config);
  const reading = readConfigText(file, options.language ?? 'en');
  if (!reading.ok && !(reading.isMissing && options.file === undefined)) return reading;
  const document = new ConfigDocument(reading.ok ? reading.text : '{}');
  const report = new Reporter(file, options.language ?? 'en', document);
  const section = checkRegistrationShape(document, report);
  if (!section) return { ok: false, findings: report.findings };
  checkRegistration(section, report);
  const registration = resolveRegistration(section, new NamedFiles(dirname(file), report));
  return report.hasErrors
    ? { ok: false, findings: report.findings }
    : { ok: true, registration, findings: report.findings };
}
