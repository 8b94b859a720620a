/**
 * Is the package good for strangers? Builds and packs it with the vocabulary it depends on, asks publint and attw,
 * then type checks and runs a consumer that knows nothing of this repository.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const PACKAGE = resolve(import.meta.dirname, '..');
const ROOT = resolve(PACKAGE, '../..');
const MODEL = resolve(ROOT, 'packages/calendar-model');
const PNPM = ['npx', '--yes', 'pnpm@12.21.0'] as const;
const work = mkdtempSync(join(tmpdir(), 'recurrence-publish-'));
const path = [join(PACKAGE, 'node_modules/.bin'), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);

function run(what: string, cwd: string, command: string, ...args: readonly string[]): string {
  console.log(`- ${what}`);
  const child = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH: path } });
  if (child.status !== 0) {
    console.error(child.stdout, child.stderr, child.error ?? '');
    throw new Error(`${what} failed`);
  }
  return child.stdout;
}

/** Builds a package beside its sources and packs it as pnpm would publish it; returns the tarball. */
function pack(folder: string): string {
  run(`build ${folder.slice(ROOT.length + 1)}`, folder, ...PNPM, 'run', 'build');
  const before = new Set(readdirSync(work));
  run('pack', folder, ...PNPM, 'pack', '--pack-destination', work);
  return join(work, readdirSync(work).find((name) => name.endsWith('.tgz') && !before.has(name)) as string);
}

function unpack(tarball: string, name: string): void {
  const target = join(work, 'consumer/node_modules', name);
  mkdirSync(target, { recursive: true });
  run(`unpack ${name}`, work, 'tar', '-xzf', tarball, '-C', target, '--strip-components=1');
}

const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(PACKAGE, 'README.md'), 'utf8')) ?? [];

try {
  const model = pack(MODEL);
  const recurrence = pack(PACKAGE);
  console.log(run('publint', PACKAGE, 'publint', 'run', recurrence, '--strict').trim());
  console.log(run('attw', PACKAGE, 'attw', recurrence, '--profile', 'esm-only').trim());
  unpack(model, '@calendar-connector/calendar-model');
  unpack(recurrence, '@calendar-connector/recurrence');
  const consumer = join(work, 'consumer');
  writeFileSync(join(consumer, 'package.json'), '{"type": "module"}');
  writeFileSync(join(consumer, 'main.ts'), example);
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const options = {
      module,
      moduleResolution,
      target: 'es2023',
      lib: ['es2023', 'dom'],
      strict: true,
      noEmit: true,
      types: [],
    };
    writeFileSync(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, skipLibCheck: false }, files: ['main.ts'] }),
    );
    run(`a consumer type checks, libraries included (${moduleResolution})`, consumer, 'tsc', '-p', '.');
  }
  run('a consumer runs', consumer, process.execPath, 'main.ts');
  console.log('The packed package is fit to be published.');
} finally {
  rmSync(work, { recursive: true });
}
