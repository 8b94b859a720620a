/** A release changes one number: what the service says of itself follows package.json. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../../src/version.ts';

test('the service has the version of the repository', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(VERSION).toEqual({ version, commit: 'source' });
});
