/** Writes the manual pages into docs/man; `--check` only says which are stale (exit 1). Run from the repository's root. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manualFiles } from './manual-files.ts';

const folder = fileURLToPath(new URL('../../../../docs/man', import.meta.url));
const checkOnly = process.argv.includes('--check');

for (const [name, text] of manualFiles()) {
  const path = join(folder, name);
  if (checkOnly) {
    if (textOf(path) === text) continue;
    process.stderr.write(`${path} is stale: run node apps/cli/src/docs/write-manual.ts\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
