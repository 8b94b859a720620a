/**
 * `pnpm endurance [--only outage,idle,fairness,crash,nodes,empty] [--json] [--short]`: the engine's promises shown with real
 * processes. Each scenario prints what it measured beside its goal; the exit code is 1 when one was missed. `--short`
 * plays the versions that the tests play as well.
 */
import { parseArgs } from 'node:util';
import { crash } from './crash.ts';
import { empty } from './empty.ts';
import { fairness } from './fairness.ts';
import type { Finding } from './goals.ts';
import { idle } from './idle.ts';
import { nodes } from './nodes.ts';
import { outage } from './outage.ts';

const MINUTE_MS = 60_000;

interface Scenario {
  readonly name: string;
  readonly full: () => Promise<readonly Finding[]>;
  readonly short: () => Promise<readonly Finding[]>;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'outage',
    full: () => outage({ mailboxes: 1_000, changes: 500, awayMs: 10 * MINUTE_MS, how: 'refuse' }),
    short: () => outage({ mailboxes: 100, changes: 50, awayMs: 15_000, how: 'refuse' }),
  },
  {
    name: 'outage-restart',
    full: () => outage({ mailboxes: 1_000, changes: 500, awayMs: 2 * MINUTE_MS, how: 'restart' }),
    short: () => outage({ mailboxes: 100, changes: 50, awayMs: 15_000, how: 'restart' }),
  },
  {
    name: 'outage-503',
    full: () => outage({ mailboxes: 1_000, changes: 500, awayMs: 10 * MINUTE_MS, how: '503' }),
    short: () => outage({ mailboxes: 100, changes: 50, awayMs: 15_000, how: '503' }),
  },
  {
    name: 'idle',
    full: () => idle({ mailboxes: 1_000, minutes: 10, sweepMinutes: 2, lost: 50 }),
    short: () => idle({ mailboxes: 50, minutes: 0.1, sweepMinutes: 1, lost: 5 }),
  },
  {
    name: 'fairness',
    full: () => fairness({ mailboxes: 200, items: 50_000, changes: 300, gapMs: 100, bombs: 20 }),
    short: () => fairness({ mailboxes: 20, items: 2_000, changes: 40, gapMs: 100, bombs: 20 }),
  },
  {
    name: 'crash',
    full: () => crash({ mailboxes: 40, points: 200, seed: 1, workMs: 700 }),
    short: () => crash({ mailboxes: 12, points: 5, seed: 2, workMs: 500 }),
  },
  {
    name: 'nodes',
    full: () => nodes({ mailboxes: 3_000, pausedMs: 30_000 }),
    short: () => nodes({ mailboxes: 90, pausedMs: 14_000 }),
  },
  { name: 'empty', full: empty, short: empty },
];

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean' }, short: { type: 'boolean' } },
});
const wanted = values.only?.split(',');
const unknown = wanted?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}\n`);
  process.exit(64);
}

const results: { readonly scenario: string; readonly seconds: number; readonly findings: readonly Finding[] }[] = [];
for (const scenario of SCENARIOS) {
  if (wanted && !wanted.includes(scenario.name)) continue;
  const began = Date.now();
  const findings = await (values.short ? scenario.short() : scenario.full()).catch((error: unknown) => [
    { what: 'played to its end', measured: String(error), goal: 'yes', ok: false },
  ]);
  const seconds = Math.round((Date.now() - began) / 1000);
  results.push({ scenario: scenario.name, seconds, findings });
  if (values.json) continue;
  process.stdout.write(`\n${scenario.name} (${seconds} s)\n`);
  for (const { what, measured, goal, ok } of findings) {
    process.stdout.write(
      `  ${ok ? (goal === '–' ? ' ' : '✓') : '✗'} ${what}: ${measured}${goal === '–' ? '' : ` (${goal})`}\n`,
    );
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
process.exit(results.some(({ findings }) => findings.some(({ ok }) => !ok)) ? 1 : 0);
