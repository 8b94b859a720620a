/**
 * `pnpm check`: every static check, each with a line of its own; exit code 1 when one fails.
 * Order: cheapest first, so that a slip shows at once.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findArchitectureFaults } from './architecture.ts';
import { ROOT, readSources } from './sources.ts';

interface Check {
  readonly name: string;
  readonly run: () => { readonly ok: boolean; readonly output: string };
}

function command(program: string, args: readonly string[]): ReturnType<Check['run']> {
  const done = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  return {
    ok: done.status === 0,
    output: `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? String(done.error) : ''}`,
  };
}

function architecture(): ReturnType<Check['run']> {
  const faults = findArchitectureFaults(readSources());
  return {
    ok: faults.length === 0,
    output: faults.map((f) => `${f.file}:${f.line}: ${f.rule}: ${f.message}`).join('\n'),
  };
}

function lockfile(): ReturnType<Check['run']> {
  const text = readFileSync(path.join(ROOT, 'pnpm-lock.yaml'), 'utf8');
  const line = text.split('\n').findIndex((row) => /https?:\/\//.test(row.replace(/deprecated:.*/, '')));
  return line < 0
    ? { ok: true, output: '' }
    : { ok: false, output: `pnpm-lock.yaml:${line + 1}: holds an address; lock by hash only` };
}

/**
 * Declared dependencies and tags. Tests, benches and the repository's own tools may reach into a package's folder (turbo
 * cannot be told so); what they may import is the architecture check's matter.
 */
function boundaries(): ReturnType<Check['run']> {
  const { ok, output } = command('turbo', ['boundaries', '--no-color']);
  const places = [...output.matchAll(/,-\[([^\]]+)\]/g)].map(([, place = '']) => place.replace(`${ROOT}/`, ''));
  const faults = places.filter((place) => !/(^|\/)(test|bench|scripts|mutants)\/|^tooling\//.test(place));
  return { ok: ok || (places.length > 0 && faults.length === 0), output: `${faults.join('\n')}\n${output}` };
}

const CHECKS: readonly Check[] = [
  { name: 'architecture', run: architecture },
  { name: 'lockfile', run: lockfile },
  { name: 'biome', run: () => command('biome', ['ci', '--colors=off', '--max-diagnostics=30', '.']) },
  { name: 'types', run: () => command('turbo', ['run', 'typecheck', '--output-logs=errors-only']) },
  { name: 'boundaries', run: boundaries },
  { name: 'dead code', run: () => command('knip', ['--no-progress', '--no-config-hints']) },
  {
    name: 'generated docs',
    run: () =>
      existsSync(path.join(ROOT, 'tooling/docs/run.ts'))
        ? command('node', ['--conditions=@tcc/source', 'tooling/docs/run.ts', '--check'])
        : { ok: true, output: '' },
  },
];

const only = process.argv.slice(2);
let failed = 0;
for (const check of CHECKS) {
  if (only.length > 0 && !only.includes(check.name)) continue;
  const started = performance.now();
  const { ok, output } = check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
  if (!ok) {
    failed += 1;
    console.log(output.trimEnd().split('\n').slice(-200).join('\n'));
  }
}
process.exit(failed === 0 ? 0 : 1);
