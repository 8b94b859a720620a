/** Builds the pages into `dist/`: HTML as it is, one script and one style sheet per page. The daemon serves the folder. */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const here = import.meta.dirname;
const out = path.join(here, 'dist');

export const SCRIPTS = {
  entryPoints: { status: path.join(here, 'src/status/main.ts'), calendar: path.join(here, 'src/calendar/main.ts') },
  outdir: path.join(out, 'assets'),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['@tcc/source'],
  minify: true,
  legalComments: 'none',
} as const satisfies BuildOptions;

if (import.meta.main) {
  rmSync(out, { recursive: true, force: true });
  cpSync(path.join(here, 'pages'), out, { recursive: true });
  await build(SCRIPTS);
}
