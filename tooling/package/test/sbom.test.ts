/** The list of parts: what the lockfile knows gets its hash. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { librariesOf, lockedHashes } from '../sbom.ts';
import { REPOSITORY } from '../toolbox.ts';

test('hashes are found for plain and scoped names', () => {
  const lockfile = readFileSync(path.join(REPOSITORY, 'pnpm-lock.yaml'), 'utf8');
  const hashes = lockedHashes(lockfile);
  expect(hashes.size).toBeGreaterThan(200);
  for (const [name, hash] of hashes) expect(hash, name).toMatch(/^[0-9a-f]{128}$/);
  expect([...hashes.keys()].some((name) => /^pg@\d/.test(name))).toBe(true);
  expect([...hashes.keys()].some((name) => /^@biomejs\/biome@\d/.test(name))).toBe(true);
});

test('a bundle’s libraries are named by their own package.json, ours are left out', () => {
  const inputs = {
    'apps/cli/src/program/run.ts': {},
    'tooling/node_modules/ws/lib/sender.js': {},
    'tooling/node_modules/ws/wrapper.mjs': {},
  };
  const libraries = librariesOf({ inputs, outputs: {} } as unknown as Parameters<typeof librariesOf>[0]);
  expect(libraries.map(({ name, licence }) => [name, licence])).toEqual([['ws', 'MIT']]);
  expect(libraries[0]?.licenceText).toContain('Permission is hereby granted');
});
