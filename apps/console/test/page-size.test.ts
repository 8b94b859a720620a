/** The pages stay light: what a browser has to fetch and compile before it shows anything has a ceiling. */
import path from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { SCRIPTS } from '../build.ts';

/** Schemas, client and page are 114 KB; a library's whole namespace pulled in by accident would be four times that. */
const CEILINGS = { 'status.js': 12_000, 'calendar.js': 130_000 };

test('each page’s script stays below its ceiling', async () => {
  const { outputFiles } = await build({ ...SCRIPTS, write: false });
  const sizes = Object.fromEntries(outputFiles.map((file) => [path.basename(file.path), file.contents.byteLength]));
  expect(Object.keys(sizes).sort()).toEqual(Object.keys(CEILINGS).sort());
  for (const [name, ceiling] of Object.entries(CEILINGS)) expect(sizes[name], name).toBeLessThan(ceiling);
});
