/**
 * `pnpm endurance [--only outage,idle,fairness,crash,nodes,empty] [--seed N] [--json] [--short]`: the engine's promises shown
 * with real processes, the service being the program that the packages install. Each scenario prints what it measured
 * beside its goal; the exit code is 1 when one was missed. `--short` plays the versions that the tests play as well.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram } from '../package/program.ts';
import { crash } from './crash.ts';
import { empty } from './empty.ts';
import { fairness } from './fairness.ts';
import type { Finding } from './goals.ts';
import { idle } from './idle.ts';
import { nodes } from './nodes.ts';
import { outage } from './outage.ts';
import { type OpenTheatre, openTheatre } from './theatre.ts';

const MINUTE_MS = 60_000;

interface Scenario {
  readonly name: string;
  readonly full: (open: OpenTheatre) => Promise<readonly Finding[]>;
  readonly short: (open: OpenTheatre) => Promise<readonly Finding[]>;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
    short: { type: 'boolean' },
  },
});

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'outage',
    full: (open) => outage({ mailboxes: 1_000, changes: 500, awayMs: 10 * MINUTE_MS, how: 'refuse' }, open),
    short: (open) => outage({ mailboxes: 100, changes: 50, awayMs: 15_000, how: 'refuse' }, open),
  },
  {
    name: 'outage-restart',
    full: (open) => outage({ mailboxes: 1_000, changes: 500, awayMs: 2 * MINUTE_MS, how: 'restart' }, open),
    short: (open) => outage({ mailboxes: 100, changes: 50, awayMs: 15_000, how: 'restart' }, open),
  },
  {
    name: 'outage-503',
    full: (open) => outage({ mailboxes: 1_000, changes: 500, awayMs: 10 * MINUTE_MS, how: '503' }, open),
    short: (open) => outage({ mailboxes: 100, changes: 50, awayMs: 15_000, how: '503' }, open),
  },
  {
    name: 'idle',
    full: (open) => idle({ mailboxes: 1_000, minutes: 10, sweepMinutes: 2, lost: 50 }, open),
    short: (open) => idle({ mailboxes: 50, minutes: 0.1, sweepMinutes: 1, lost: 5 }, open),
  },
  {
    name: 'fairness',
    full: (open) => fairness({ mailboxes: 200, items: 50_000, changes: 300, gapMs: 100, bombs: 20 }, open),
    short: (open) => fairness({ mailboxes: 20, items: 2_000, changes: 40, gapMs: 100, bombs: 20 }, open),
  },
  {
    name: 'crash',
    full: (open) => crash({ mailboxes: 40, points: 200, seed: Number(values.seed), workMs: 700 }, open),
    short: (open) => crash({ mailboxes: 12, points: 5, seed: Number(values.seed), workMs: 500 }, open),
  },
  {
    name: 'nodes',
    full: (open) => nodes({ mailboxes: 3_000, pausedMs: 30_000 }, open),
    short: (open) => nodes({ mailboxes: 90, pausedMs: 14_000 }, open),
  },
  { name: 'empty', full: empty, short: empty },
];

const wanted = values.only?.split(',');
const unknown = wanted?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}\n`);
  process.exit(64);
}

const folder = mkdtempSync(path.join(tmpdir(), 'tcc-endurance-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
chmodSync(folder, 0o755);
const program = await buildProgram(folder);
const open: OpenTheatre = (options) => openTheatre({ ...options, program });

const results: { readonly scenario: string; readonly seconds: number; readonly findings: readonly Finding[] }[] = [];
for (const scenario of SCENARIOS) {
  if (wanted && !wanted.includes(scenario.name)) continue;
  const began = Date.now();
  const findings = await (values.short ? scenario.short(open) : scenario.full(open)).catch((error: unknown) => [
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
