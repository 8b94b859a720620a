/**
 * `pnpm --filter @calendar-connector/recurrence mutants [WORD]`: puts one fault at a time into a copy of the sources and
 * runs the package's own tests on it (without the reference vectors). At least 95 % must be noticed. With a word: only
 * mutants whose file or text contains it.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const REQUIRED_PERCENT = 95;
/** A mutant may never come to an end; that is noticed, too. */
const TIME_LIMIT_MS = 120_000;
const PACKAGE = resolve(import.meta.dirname, '..');
const WORK = mkdtempSync(join(tmpdir(), 'recurrence-mutants-'));
/** Fast files first: most mutants die there. */
const STAGES = [
  ['bad-input', 'occurrences', 'rrule.test', 'semantics'],
  ['zones', 'prop', 'fuzz', 'readme'],
];
const VITEST = join(PACKAGE, 'node_modules/.bin/vitest');

/** True when the tests pass. */
function testsPass(filters: readonly string[]): Promise<boolean> {
  return new Promise((done) => {
    const config = join(PACKAGE, 'mutants/vitest.config.ts');
    const child = spawn(VITEST, ['run', '--config', config, '--root', WORK, '--bail', '1', ...filters], {
      stdio: 'ignore',
      detached: true,
    });
    const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), TIME_LIMIT_MS);
    child.on('close', (code) => {
      clearTimeout(timer);
      done(code === 0);
    });
  });
}

function writeMutated({ file, find, replace }: Mutant): void {
  const source = readFileSync(join(PACKAGE, 'src', file), 'utf8');
  writeFileSync(
    join(WORK, 'src', file),
    source.replace(find, () => replace),
  );
}

async function survives(mutant: Mutant): Promise<boolean> {
  writeMutated(mutant);
  for (const stage of STAGES) if (!(await testsPass(stage))) return false;
  return true;
}

const [word] = process.argv.slice(2);
const chosen = MUTANTS.filter(({ file, find, replace }) => !word || `${file} ${find} ${replace}`.includes(word));

try {
  symlinkSync(join(PACKAGE, 'node_modules'), join(WORK, 'node_modules'));
  for (const name of ['src', 'test', 'scripts', 'README.md', 'package.json']) {
    cpSync(join(PACKAGE, name), join(WORK, name), { recursive: true });
  }
  for (const stage of STAGES) {
    if (!(await testsPass(stage))) throw new Error(`the tests fail without any mutant: ${stage.join(', ')}`);
  }
  const survivors: Mutant[] = [];
  for (const [i, mutant] of chosen.entries()) {
    const alive = await survives(mutant);
    if (alive) survivors.push(mutant);
    const verdict = alive ? 'SURVIVED' : 'noticed';
    console.log(
      `${i + 1}/${chosen.length} ${verdict} ${mutant.file}: ${JSON.stringify(mutant.find)} -> ${JSON.stringify(mutant.replace)}`,
    );
    cpSync(join(PACKAGE, 'src', mutant.file), join(WORK, 'src', mutant.file));
  }
  const noticed = chosen.length - survivors.length;
  const percent = (100 * noticed) / chosen.length;
  console.log(
    `\n${noticed} of ${chosen.length} mutants noticed: ${percent.toFixed(1)} % (required: ${REQUIRED_PERCENT} %)`,
  );
  process.exitCode = percent >= REQUIRED_PERCENT ? 0 : 1;
} finally {
  rmSync(WORK, { recursive: true, force: true });
}
