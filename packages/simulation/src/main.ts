/**
 * `pnpm sim`: runs seeds, the corpus of seeds that once failed first. Exit code 1 when a run fails, a mutant is not caught,
 * or (from 500 seeds on) a required situation was never reached. Every failure prints the line that replays it.
 */
import { performance } from 'node:perf_hooks';
import yargs from 'yargs';
import { listCorpus } from './run/corpus.ts';
import { isMutant, MUTANTS, type Mutant } from './run/mutants.ts';
import { type RunOptions, type RunResult, simulate } from './run/simulate.ts';
import { REQUIRED, Sometimes } from './time/sometimes.ts';

/** A mutant must be caught within so many seeds. */
const MUTANT_SEEDS = 500;
/** Fewer seeds cannot be expected to have met everything. */
const SEEDS_FOR_SITUATIONS = 500;

const options = yargs(process.argv.slice(2))
  .option('seeds', { type: 'number', default: 200, describe: 'how many seeds' })
  .option('from', { type: 'number', default: 1, describe: 'the first one' })
  .option('seed', { type: 'number', describe: 'this one only' })
  .option('mutant', { type: 'string', describe: 'with this planted bug' })
  .option('mutants', { type: 'boolean', default: false, describe: 'check that every planted bug is caught' })
  .option('trace', { type: 'string', describe: 'print the lines of the story that match' })
  .option('counts', { type: 'boolean', default: false, describe: 'print how often situations were reached' })
  .strict()
  .parseSync();

function runOptions(): RunOptions {
  const { trace } = options;
  if (trace === undefined) return {};
  return { trace: (line) => void (new RegExp(trace).test(line) && console.log(line)) };
}

function report({ seed, mutant, failure }: RunResult): void {
  const replay = `pnpm sim --seed ${seed}${mutant ? ` --mutant ${mutant}` : ''}`;
  console.log(`FAILED seed ${seed}: ${failure}\n  replay: ${replay}`);
}

async function runSeeds(seeds: readonly number[], mutant: Mutant | undefined): Promise<boolean> {
  const sometimes = new Sometimes();
  const from = performance.now();
  let virtualMs = 0;
  let events = 0;
  let failed = 0;
  for (const seed of seeds) {
    const result = await simulate(seed, mutant, runOptions());
    sometimes.addAll(result.sometimes);
    virtualMs += result.virtualMs;
    events += result.events;
    if (!result.failure) continue;
    failed += 1;
    report(result);
  }
  const realMs = performance.now() - from;
  const hours = (virtualMs / 3_600_000).toFixed(0);
  console.log(
    `${seeds.length} seeds, ${failed} failed; ${hours} h of virtual time in ${(realMs / 1000).toFixed(1)} s ` +
      `(${Math.round(virtualMs / realMs)} times real time), ${events} events`,
  );
  if (options.counts) for (const [what, count] of [...sometimes.counts].sort()) console.log(`${count}\t${what}`);
  const missing = seeds.length < SEEDS_FOR_SITUATIONS ? [] : REQUIRED.filter((what) => !reached(sometimes, what));
  for (const what of missing) console.log(`NEVER REACHED: ${what}`);
  return failed === 0 && missing.length === 0;
}

function reached(sometimes: Sometimes, what: string): boolean {
  return [...sometimes.counts.keys()].some((counted) => counted.startsWith(what));
}

async function catchMutants(): Promise<boolean> {
  let escaped = 0;
  for (const mutant of Object.keys(MUTANTS) as Mutant[]) {
    let caught: RunResult | undefined;
    for (let seed = options.from; seed < options.from + MUTANT_SEEDS && !caught; seed += 1) {
      const result = await simulate(seed, mutant, runOptions());
      if (result.failure) caught = result;
    }
    if (!caught) escaped += 1;
    const how = caught ? `caught by seed ${caught.seed}: ${caught.failure?.split('\n')[0]}` : 'NOT CAUGHT';
    console.log(`${mutant.padEnd(24)} ${how}`);
  }
  return escaped === 0;
}

async function main(): Promise<boolean> {
  if (options.mutants) return catchMutants();
  const { mutant } = options;
  if (mutant !== undefined && !isMutant(mutant)) {
    console.log(`unknown mutant ${mutant}; known: ${Object.keys(MUTANTS).join(', ')}`);
    return false;
  }
  if (options.seed !== undefined) return runSeeds([options.seed], mutant);
  const fresh = Array.from({ length: options.seeds }, (_, index) => options.from + index);
  return runSeeds([...new Set([...listCorpus().map((entry) => entry.seed), ...fresh])], mutant);
}

process.exitCode = (await main()) ? 0 : 1;
