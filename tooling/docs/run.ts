/**
 * `pnpm run docs`: writes the generated parts of docs/reference from the code. With `--check` nothing is written, and a page that
 * differs from what would be written fails: a reference is never older than the code it describes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { references } from './references.ts';

export const REFERENCE_FOLDER = fileURLToPath(new URL('../../docs/reference/', import.meta.url));

/** Names of the pages under `folder` that differ from the code. */
export function findStalePages(folder: string): string[] {
  return references()
    .filter(({ name, text }) => readOrNothing(path.join(folder, name)) !== text)
    .map(({ name }) => name);
}

/** Writes what differs; the names of the pages written. */
export function writePages(folder: string): string[] {
  const stale = new Set(findStalePages(folder));
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of references()) if (stale.has(name)) writeFileSync(path.join(folder, name), text);
  return [...stale];
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function main(isCheck: boolean): number {
  if (!isCheck) {
    for (const name of writePages(REFERENCE_FOLDER)) console.log(`docs/reference/${name}: written`);
    return 0;
  }
  const stale = findStalePages(REFERENCE_FOLDER);
  for (const name of stale) console.error(`docs/reference/${name}: differs from the code; call: pnpm run docs`);
  return stale.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.includes('--check'));
