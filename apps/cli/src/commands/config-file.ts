/** Loads config.json for a command; with errors every finding is printed and the command ends with 78. */
import {
  type ConnectorConfig,
  chooseRoot,
  formatFinding,
  type InstallationPaths,
  installationPaths,
  type LoadResult,
  loadConfig,
} from '@calendar-connector/config';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

export function readConfig(call: Pick<Call, 'io' | 'language' | 'root' | 'configFile'>): LoadResult {
  const { io, language, root, configFile } = call;
  return loadConfig({ root: chooseRoot(root, io.env), file: configFile, env: io.env, language });
}

export function pathsOf(call: Pick<Call, 'io' | 'root'>): InstallationPaths {
  return installationPaths(chooseRoot(call.root, call.io.env));
}

/** The configuration, or CommandFault 78 after its errors were printed. Warnings are `config check`'s business. */
export function requireConfig(call: Call): ConnectorConfig {
  const loaded = readConfig(call);
  if (loaded.ok) return loaded.config;
  for (const finding of loaded.findings) {
    if (finding.level === 'error') call.io.err(formatFinding(finding));
  }
  const text = {
    en: 'the configuration has errors (above); correct it and try again',
    ru: 'в конфигурации ошибки (см. выше); исправьте её и повторите',
  };
  throw new CommandFault(EXIT.badConfig, text[call.language]);
}
