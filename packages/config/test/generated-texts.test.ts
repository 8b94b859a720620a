/** The sample and the reference are written from the schema; the light entry points stay light. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configReference, configSample, installationPaths, parseConfig, SealingKey } from '../src/index.ts';
import { chooseRoot } from '../src/paths.ts';
import { configFile } from '../src/schema/config-file.ts';
import { elementOf, fieldsOf } from '../src/schema-walk.ts';

describe.each(['en', 'ru'] as const)('the sample in %s', (language) => {
  const sample = configSample(language);

  test('refuses to start until its placeholders are filled in, and says nothing else', () => {
    const { findings } = parseConfig(sample, { file: '/c' });
    expect(findings.map(({ level, key }) => `${level} ${key}`)).toEqual([
      'error calendarProviders[0].credentials[0].password',
      'error trueConfServers[0].clientSecret',
    ]);
  });

  test('loads without a finding when they are, also with every optional key in force', () => {
    const filled = sample.replaceAll('"dGNf…"', '"dGNfAQ=="');
    const opened = parseConfig(filled.replaceAll('"dGNfAQ=="', '"plain"'), { file: '/c' });
    expect(opened.findings.filter((finding) => !finding.message.includes('plain text'))).toEqual([]);
    const everything = filled.replace(/^(\s*)\/\/(?=[\s/]*("|\}))/gm, '$1').replaceAll('"dGNfAQ=="', '"plain"');
    const inForce = everything.replace(/^.*"(caFile|issuerKeyFile)".*$/gm, '');
    const { findings } = parseConfig(inForce, { file: '/c' });
    expect(findings.filter((finding) => !finding.message.includes('plain text'))).toEqual([]);
  });

  test('shows every key of the schema', () => {
    for (const name of names()) expect(sample).toContain(`"${name}"`);
  });
});

describe.each(['en', 'ru'] as const)('the reference in %s', (language) => {
  const reference = configReference(language);

  test('has a row for every key, with no cell empty', () => {
    const rows = reference.split('\n').filter((line) => line.startsWith('| `'));
    for (const name of names())
      expect(
        rows.some((row) => row.includes(`${name}\``) || row.includes(`.${name}\``)),
        name,
      ).toBe(true);
    for (const row of rows) expect(row.split(' | ').every((cell) => cell.trim() !== '')).toBe(true);
  });
});

test('no text of one language holds the other by mistake', () => {
  const words = (text: string) => text.replace(/`[^`]*`|"[^"]*"/g, '');
  expect(words(configReference('en'))).not.toMatch(/[а-яё]/i);
});

describe('the light entry points', () => {
  test.each(['secrets.ts', 'paths.ts', 'nearest.ts'])('%s brings nothing but modules of Node', (entry) => {
    const outside = new Set<string>();
    const visit = (file: string): void => {
      const text = readFileSync(file, 'utf8');
      for (const [, target] of text.matchAll(/(?:from|import) '([^']+)'/g)) {
        if (target!.startsWith('.')) visit(resolve(dirname(file), target!));
        else outside.add(target!);
      }
    };
    visit(resolve(import.meta.dirname, '../src', entry));
    expect([...outside].filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
});

describe('the tree of an installation', () => {
  test('is the documented one', () => {
    expect(installationPaths()).toEqual({
      root: '/opt/trueconf/calendar',
      program: '/opt/trueconf/calendar/bin/calendar/tc_calendar',
      configFolder: '/opt/trueconf/calendar/etc/calendar',
      config: '/opt/trueconf/calendar/etc/calendar/config.json',
      secretKey: '/opt/trueconf/calendar/etc/calendar/secret.key',
      data: '/opt/trueconf/calendar/var/lib/calendar',
      embeddedDatabase: '/opt/trueconf/calendar/var/lib/calendar/database',
      logs: '/opt/trueconf/calendar/var/log/calendar',
    });
  });

  test('moves with --root, else with TC_CALENDAR_ROOT', () => {
    expect(chooseRoot('/a', { TC_CALENDAR_ROOT: '/b' })).toBe('/a');
    expect(chooseRoot(undefined, { TC_CALENDAR_ROOT: '/b' })).toBe('/b');
    expect(chooseRoot(undefined, { TC_CALENDAR_ROOT: '' })).toBe('/opt/trueconf/calendar');
    expect(installationPaths('/a').config).toBe('/a/etc/calendar/config.json');
  });
});

function names(): Set<string> {
  const found = new Set<string>();
  const visit = (fields: ReturnType<typeof fieldsOf>): void => {
    for (const [name, schema] of Object.entries(fields ?? {})) {
      found.add(name);
      const element = elementOf(schema);
      visit(fieldsOf(schema) ?? (element && fieldsOf(element)));
    }
  };
  visit(fieldsOf(configFile));
  return found;
}

test('a sealing key is 32 random bytes', () => {
  expect(SealingKey.generate().export()).not.toEqual(SealingKey.generate().export());
  expect(SealingKey.generate().export()).toHaveLength(32);
});
