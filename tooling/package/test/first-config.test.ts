/** config.json of a first installation. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseConfig } from '@calendar-connector/config';
import { describe, expect, test } from 'vitest';
import { firstConfig } from '../first-config.ts';

const sample = (language: string): string =>
  readFileSync(path.resolve(import.meta.dirname, `../../../docs/reference/config.sample.${language}.jsonc`), 'utf8');

describe.each(['en', 'ru'] as const)('the first config.json (%s)', (language) => {
  const text = firstConfig(sample(language), language);

  test('is refused for its placeholders and nothing else, so that nothing starts half configured', () => {
    const { ok, findings } = parseConfig(text, { file: 'config.json', root: '/nowhere', env: {} });
    expect(ok).toBe(false);
    expect(findings.filter(({ level }) => level === 'error').map(({ key }) => key)).toEqual([
      'dbConnectionConfig.password',
      'calendarProviders[0].credentials[0].password',
      'trueConfServers[0].clientSecret',
    ]);
  });

  test('says in its first line that it is not ready, and has one marked line for each value of the database', () => {
    expect(text.split('\n')[0]).toMatch(/^\/\/ (NOT READY YET|ЕЩЁ НЕ ГОТОВО)/);
    expect(text.match(/"port": 5441, \/\/ written by prepare-database/g)).toHaveLength(1);
    expect(text.match(/"password": "[^"]+", \/\/ written by prepare-database/g)).toHaveLength(1);
  });
});

test('a sample without the section is refused when packaging, not at the customer', () => {
  expect(() => firstConfig('{\n}\n', 'en')).toThrow('no section dbConnectionConfig');
});
