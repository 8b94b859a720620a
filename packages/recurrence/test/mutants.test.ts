/** The mutants still fit the sources: each names a text that occurs once, and changes it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MUTANTS } from '../mutants/mutants.ts';

it('each mutant finds its place exactly once', () => {
  const unfit = MUTANTS.filter(({ file, find, replace }) => {
    const source = readFileSync(resolve(import.meta.dirname, '../src', file), 'utf8');
    return source.split(find).length !== 2 || find === replace;
  });
  expect(unfit).toEqual([]);
});
