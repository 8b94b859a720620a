/**
 * `pnpm bench:engine`: storage and planning against floors measured in the same run, so that a slow or busy machine
 * changes both. Counts and ratios decide; a missed goal ends with exit code 1. `--json` prints the results as JSON.
 * The goals are those of the engine: item upserts, unchanged re-sync, month view, plans, memory per idle mailbox.
 */
import { benchMemory } from './engine-memory.ts';
import { benchPlanning } from './engine-plan.ts';
import { type BenchResult, printResults } from './engine-result.ts';
import { benchStorage } from './engine-storage.ts';

function planning(): readonly BenchResult[] {
  const { meetings, planMs, lookupsMs, jsonFloorMs } = benchPlanning();
  const figures = ({ best, median }: { best: number; median: number }) =>
    `median ${median.toFixed(2)} ms, best ${best.toFixed(2)} ms`;
  return [
    { name: `floor: JSON.parse of ${meetings} meetings`, measured: `${jsonFloorMs.toFixed(2)} ms` },
    {
      name: `plan of ${meetings} meetings`,
      measured: figures(planMs),
      goal: 'median <= 20 ms',
      met: planMs.median <= 20,
    },
    { name: `lookups of ${meetings} meetings`, measured: figures(lookupsMs) },
  ];
}

const results = [...(await benchStorage()), ...planning(), ...(await benchMemory())];
if (process.argv.includes('--json')) console.log(JSON.stringify(results, null, 2));
else printResults(results);
process.exitCode = results.some((result) => result.met === false) ? 1 : 0;
