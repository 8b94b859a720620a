/**
 * The program as a few dozen pieces of plain JavaScript. Each command loads only the pieces it needs: one file of
 * everything would cost every `tc_calendar --version` the parsing of the whole service.
 * esbuild splits ES modules only, while a single executable starts CommonJS only; so the pieces are split first and
 * turned into CommonJS one by one, and a loader of a few lines hands them to each other.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile, type Plugin, transform } from 'esbuild';
import type { BuildFacts } from './facts.ts';
import { REPOSITORY } from './toolbox.ts';

export interface Bundle {
  /** name → CommonJS text */
  readonly pieces: ReadonlyMap<string, string>;
  readonly entry: string;
  /** which files of which packages went in */
  readonly metafile: Metafile;
}

const ENTRY = 'main.js';
/** Optional parts of libraries that are never installed and never loaded by us. */
const ABSENT = ['pg-native', 'pg-cloudflare', 'deasync'];
const START = `
import { processIo } from './program/io.ts';
import { run } from './program/run.ts';
run(process.argv.slice(2), processIo()).then((code) => { process.exitCode = code; });`;

/** What stands for code that only has a meaning in a checkout: the pages and the version are found otherwise. */
function definitions({ version, commit }: BuildFacts): Record<string, string> {
  return {
    TCC_VERSION: JSON.stringify(version),
    TCC_COMMIT: JSON.stringify(commit),
    'import.meta.dirname': 'undefined',
    // yargs makes itself a require() from it: the executable's own address, which the loader provides
    'import.meta.url': 'globalThis.__programUrl',
  };
}

/** Two libraries look for files beside themselves at run time; an executable has nothing beside it. */
const embedded: Plugin = {
  name: 'embedded',
  setup({ onLoad, onResolve, resolve }) {
    // its CommonJS flavour hides its own parts from bundlers
    onResolve({ filter: /^jsonc-parser$/ }, async ({ path: name, pluginData, ...where }) => {
      if (pluginData === 'found') return undefined;
      const found = await resolve(name, { ...where, pluginData: 'found' });
      return { path: found.path.replace(/lib[/\\]umd[/\\]main\.js$/, path.join('lib', 'esm', 'main.js')) };
    });
    onLoad({ filter: /yargs[/\\]lib[/\\]platform-shims[/\\]esm\.mjs$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const contents = text.replace(/y18n: y18n\((\{[^}]+\})\)/, 'y18n: withWords(y18n($1))');
      if (contents === text) throw new Error(`yargs has changed: ${file} does not open its words as expected`);
      return { contents: `${WORDS}${contents}`, loader: 'js' };
    });
  },
};

/** yargs' own words in the two languages of the program. */
const WORDS = `
import ru from '../../locales/ru.json';
import en from '../../locales/en.json';
function withWords(words) {
  for (const [locale, texts] of [['ru', ru], ['en', en]]) { words.setLocale(locale); words.updateLocale(texts); }
  return words;
}
`;

export async function bundleProgram(facts: BuildFacts): Promise<Bundle> {
  const built = await build({
    stdin: { contents: START, resolveDir: path.join(REPOSITORY, 'apps/cli/src'), sourcefile: 'start.ts', loader: 'ts' },
    absWorkingDir: REPOSITORY,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['@tcc/source'],
    external: ABSENT,
    plugins: [embedded],
    define: definitions(facts),
    entryNames: 'main',
    chunkNames: '[name]-[hash]',
    outdir: path.join(REPOSITORY, 'dist'),
    write: false,
    metafile: true,
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const pieces = new Map<string, string>();
  for (const file of [...built.outputFiles].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const name = path.basename(file.path) === 'stdin.js' ? ENTRY : path.basename(file.path);
    pieces.set(name, await asCommonJs(file.text, name));
  }
  if (!pieces.has(ENTRY)) throw new Error(`the bundle has no ${ENTRY}: ${[...pieces.keys()].join(', ')}`);
  return { pieces, entry: ENTRY, metafile: built.metafile };
}

/** A piece that is one CommonJS library offers only `default`, where Node's import() would offer each name: hand over the library. */
const WHOLE_LIBRARY = /export default (require_\w+\(\));?\s*$/;

async function asCommonJs(text: string, name: string): Promise<string> {
  const { code } = await transform(text.replace(WHOLE_LIBRARY, 'module.exports = $1;\n'), {
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    sourcefile: name,
    // import() of a piece becomes the loader's require
    supported: { 'dynamic-import': false },
    logLevel: 'error',
  });
  return code;
}

/** The start of the executable: finds pieces among its assets, everything else among Node's own modules. */
export function loaderText(entry: string): string {
  return `'use strict';
const { getAsset } = require('node:sea');
const { compileFunction } = require('node:vm');
const { dirname } = require('node:path');
globalThis.__programUrl = require('node:url').pathToFileURL(process.execPath).href;
const builtin = require;
const loaded = new Map();
const folder = dirname(process.execPath);
function load(name) {
  if (!name.startsWith('./')) return builtin(name);
  const known = loaded.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const body = compileFunction(getAsset(name.slice(2), 'utf8'), ['exports', 'require', 'module', '__filename', '__dirname'], {
    filename: 'tc_calendar:' + name.slice(2),
  });
  body.call(module.exports, module.exports, load, module, process.execPath, folder);
  return module.exports;
}
load.resolve = builtin.resolve;
load('./${entry}');
`;
}
