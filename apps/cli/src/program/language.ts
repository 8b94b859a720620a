/**
 * The language a command speaks: the locale's, when it is set; else `language` of config.json; else English.
 * The file is only peeked at: `--help` must not wait for the schema to load.
 */
import { readFileSync } from 'node:fs';
import { chooseRoot, installationPaths } from '@calendar-connector/config/paths';

export type Language = 'en' | 'ru';
export interface Text {
  readonly en: string;
  readonly ru: string;
}

const NEUTRAL = /^(C|POSIX)(\.|$)/i;

export function chooseLanguage(
  env: Readonly<Record<string, string | undefined>>,
  place: { readonly root?: string | undefined; readonly configFile?: string | undefined },
): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG;
  if (locale && !NEUTRAL.test(locale)) return /^ru/i.test(locale) ? 'ru' : 'en';
  const file = place.configFile ?? installationPaths(chooseRoot(place.root, env)).config;
  return peek(file) ?? 'en';
}

function peek(file: string): Language | undefined {
  try {
    const found = /^\s*"language"\s*:\s*"(en|ru)"/m.exec(readFileSync(file, 'utf8'));
    return found?.[1] as Language | undefined;
  } catch {
    return undefined;
  }
}
