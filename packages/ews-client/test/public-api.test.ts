/**
 * What users of the package see: no type of ews-javascript-api, and no cost for those who never talk to Exchange.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const SOURCE = resolve(import.meta.dirname, '../src');

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
}

it('only wire/library.ts names ews-javascript-api, and loads it when first needed', () => {
  const naming = files(SOURCE).filter((name) =>
    /from 'ews-javascript-api|import\('ews-javascript-api/.test(readFileSync(resolve(SOURCE, name), 'utf8')),
  );
  expect(naming).toEqual(['wire/library.ts']);
  expect(readFileSync(resolve(SOURCE, 'wire/library.ts'), 'utf8')).not.toMatch(/^import .*ews-javascript-api/m);
});

it('the public entry exports nothing of the wire but the list of operations', () => {
  const index = readFileSync(resolve(SOURCE, 'index.ts'), 'utf8');
  expect([...index.matchAll(/from '\.\/wire\/([^']+)'/g)].map((match) => match[1])).toEqual(['request.ts']);
});
