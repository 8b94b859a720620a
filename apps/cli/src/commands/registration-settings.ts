/**
 * Where to register. People register before config.json is complete, so its section `registration` is read even while
 * other keys still have errors; an error in that section itself stops the command.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { chooseRoot, type Finding, formatFinding, installationPaths, loadConfig } from '@calendar-connector/config';
import type { RegistrationServer } from '@calendar-connector/licensing';
import { parse } from 'jsonc-parser';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

export interface RegistrationSettings {
  readonly directory: string;
  readonly server: RegistrationServer;
  readonly issuerKeyFile?: string;
}

const DEFAULT_HOST = 'reg.trueconf.com';
const DEFAULT_PORT = 443;

export function registrationSettings(call: Call): RegistrationSettings {
  const root = chooseRoot(call.root, call.io.env);
  const paths = installationPaths(root);
  const file = resolve(call.configFile ?? paths.config);
  const loaded = loadConfig({ file, root, env: call.io.env, language: call.language });
  if (loaded.ok) {
    const { host, port, scheme, ca, issuerKeyFile } = loaded.config.registration;
    return {
      directory: paths.data,
      server: { host, port, scheme, ca: ca?.pem },
      ...(issuerKeyFile === undefined ? {} : { issuerKeyFile }),
    };
  }
  const text = readIfThere(file);
  if (text === undefined && call.configFile === undefined) {
    return { directory: paths.data, server: { host: DEFAULT_HOST, port: DEFAULT_PORT } };
  }
  const disturbing = loaded.findings.filter(({ level, key }) => level === 'error' && concernsRegistration(key));
  if (text === undefined || disturbing.length > 0)
    throw refused(call, disturbing.length > 0 ? disturbing : loaded.findings);
  return { directory: paths.data, ...readSection(text, dirname(file)) };
}

function concernsRegistration(key: string): boolean {
  return key === '(file)' || key === 'registration' || key.startsWith('registration.');
}

function refused({ io, language }: Call, findings: readonly Finding[]): CommandFault {
  for (const finding of findings) io.err(formatFinding(finding));
  const text = {
    en: 'config.json does not say where to register (above); correct it and try again',
    ru: 'из config.json нельзя узнать, где регистрироваться (см. выше); исправьте и повторите',
  };
  return new CommandFault(EXIT.badConfig, text[language]);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The section was checked with the rest of the file: only what is valid gets here. */
function readSection(text: string, folder: string): Omit<RegistrationSettings, 'directory'> {
  const whole = parse(text, [], { allowTrailingComma: true }) as { registration?: Record<string, unknown> } | undefined;
  const { host, port, scheme, caFile, issuerKeyFile } = whole?.registration ?? {};
  return {
    server: {
      host: typeof host === 'string' ? host : DEFAULT_HOST,
      port: typeof port === 'number' ? port : DEFAULT_PORT,
      ...(scheme === 'http' ? { scheme } : {}),
      ...(typeof caFile === 'string' ? { ca: readFileSync(resolve(folder, caFile), 'utf8') } : {}),
    },
    ...(typeof issuerKeyFile === 'string' ? { issuerKeyFile: resolve(folder, issuerKeyFile) } : {}),
  };
}
