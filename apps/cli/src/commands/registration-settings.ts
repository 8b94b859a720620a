/**
 * Where to register. People register before config.json is complete: only its section `registration` is read, so faults
 * elsewhere do not matter; an error in the section itself, or in the grammar of the file, stops the command.
 */
import {
  chooseRoot,
  type Finding,
  formatFinding,
  installationPaths,
  loadRegistration,
} from '@calendar-connector/config';
import type { RegistrationServer } from '@calendar-connector/licensing';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

interface RegistrationSettings {
  readonly directory: string;
  readonly server: RegistrationServer;
  readonly issuerKeyFile?: string;
}

export function registrationSettings(call: Call): RegistrationSettings {
  const root = chooseRoot(call.root, call.io.env);
  const loaded = loadRegistration({ file: call.configFile, root, env: call.io.env, language: call.language });
  if (!loaded.ok) throw refused(call, loaded.findings);
  const { host, port, scheme, ca, issuerKeyFile } = loaded.registration;
  return {
    directory: installationPaths(root).data,
    server: { host, port, scheme, ca: ca?.pem },
    ...(issuerKeyFile === undefined ? {} : { issuerKeyFile }),
  };
}

function refused({ io, language }: Call, findings: readonly Finding[]): CommandFault {
  for (const finding of findings) io.err(formatFinding(finding));
  const text = {
    en: 'config.json does not say where to register (above); correct it and try again',
    ru: 'из config.json нельзя узнать, где регистрироваться (см. выше); исправьте и повторите',
  };
  return new CommandFault(EXIT.badConfig, text[language]);
}
