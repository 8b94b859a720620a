/**
 * pnpm bench:ews: how fast, how small and how smooth the Exchange client is, in one run, against the floor (the same bytes
 * only turned into text) and its peers (ews-javascript-api, saxes). Prints each threshold with what was measured and
 * fails when one is missed. Ratios are of process CPU time, medians of interleaved rounds, so a busy machine matters little.
 */
import { decodeBytes, decodeResponse } from '../../packages/ews-client/src/decoder/decode.ts';
import { translateItem } from '../../packages/ews-client/src/translate/item.ts';
import { builtInZones } from '../../packages/ews-client/src/translate/zones.ts';
import { getItemAnswer, syncAnswer } from './ews-payloads.ts';

interface Line {
  readonly name: string;
  readonly measured: number;
  readonly unit: string;
  readonly limit: string;
  readonly passed: boolean;
}

const lines: Line[] = [];

function atLeast(name: string, measured: number, minimum: number, unit: string): void {
  lines.push({ name, measured, unit, limit: `≥ ${minimum}`, passed: measured >= minimum });
}

function atMost(name: string, measured: number, maximum: number, unit: string): void {
  lines.push({ name, measured, unit, limit: `≤ ${maximum}`, passed: measured <= maximum });
}

type Work = () => unknown | Promise<unknown>;

/** Median CPU milliseconds per call of each, taken in turns. */
async function race(
  works: Readonly<Record<string, Work>>,
  rounds: number,
  target: number,
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  const repeats: Record<string, number> = {};
  for (const [name, work] of Object.entries(works)) {
    for (let i = 0; i < 3; i++) await work();
    const once = await cpuMs(work, 1);
    repeats[name] = Math.max(1, Math.min(200, Math.round(target / Math.max(once, 0.05))));
    times[name] = [];
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) times[name]?.push(await cpuMs(work, repeats[name] ?? 1));
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

async function cpuMs(work: Work, repeats: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < repeats; i++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / repeats;
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

function translateAll(bytes: Buffer): number {
  let count = 0;
  for (const message of decodeBytes(bytes).messages) {
    for (const item of message.items) {
      if (translateItem(item, { zones: builtInZones, defaultZone: 'UTC' }).ok) count++;
    }
  }
  return count;
}

async function decoding(): Promise<void> {
  const { readChangesWithLibrary, readItemsWithLibrary } = await import(
    '../../packages/ews-client/test/support/library-reader.ts'
  );
  const { readWithSaxes } = await import('../../packages/ews-client/test/support/saxes-reader.ts');
  const get = getItemAnswer(100);
  const getText = get.toString('utf8');
  const sync = syncAnswer(512);
  const syncText = sync.toString('utf8');
  const gets = await race(
    {
      floor: () => get.toString('utf8').length,
      ours: () => translateAll(get),
      saxes: () => readWithSaxes(get.toString('utf8')),
      library: () => readItemsWithLibrary(getText, 100),
    },
    7,
    150,
  );
  const syncs = await race(
    {
      floor: () => sync.toString('utf8').length,
      ours: () => decodeBytes(sync),
      saxes: () => readWithSaxes(sync.toString('utf8')),
      library: () => readChangesWithLibrary(syncText),
    },
    9,
    60,
  );
  console.table({ 'GetItem × 100': gets, 'SyncFolderItems 512': syncs });
  const ratio = (of: Record<string, number>, peer: string) => (of[peer] ?? 0) / (of['ours'] ?? 1);
  atLeast('GetItem × 100 against ews-javascript-api', ratio(gets, 'library'), 10, '×');
  atLeast('GetItem × 100 against saxes', ratio(gets, 'saxes'), 1.5, '×');
  atLeast('SyncFolderItems 512 against ews-javascript-api', ratio(syncs, 'library'), 7, '×');
}

/** Chunks as a socket gives them: 64 KB each, some already waiting. */
async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function collect(): void {
  globalThis.gc?.();
}

async function memory(): Promise<void> {
  const bytes = getItemAnswer(100);
  for (let i = 0; i < 3; i++) await decodeResponse(chunks(bytes));
  collect();
  let peak = 0;
  for (let read = 0; read < 50_000; read += 100) {
    const state = await decodeResponse(chunks(bytes));
    if (state.messages.length !== 100) throw new Error('items are missing');
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  atMost('50,000 items streamed, peak RSS', peak / 2 ** 20, 260, 'MB');
}

async function keptItems(): Promise<void> {
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept: unknown[] = [];
  for (let first = 0; first < 5_000; first += 100) {
    const state = await decodeResponse(chunks(getItemAnswer(100, first)));
    for (const { items } of state.messages) {
      const translated =
        items[0] === undefined ? undefined : translateItem(items[0], { zones: builtInZones, defaultZone: 'UTC' });
      if (translated?.ok) kept.push(translated.item);
    }
  }
  collect();
  const each = (process.memoryUsage().heapUsed - before) / kept.length / 1024;
  atMost(`kept item (of ${kept.length}, 6 KB of HTML each)`, each, 16, 'KB');
}

/** The most work done between two turns of the event loop, in CPU time of this thread (other processes do not count). */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let running = true;
  let last = threadMs();
  const tick = () => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  running = false;
  return longest;
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function stalls(): Promise<void> {
  const bytes = getItemAnswer(400);
  for (let i = 0; i < 5; i++) await decodeResponse(chunks(bytes));
  const longest: number[] = [];
  for (let i = 0; i < 15; i++) {
    collect();
    longest.push(await longestTurn(() => decodeResponse(chunks(bytes))));
  }
  atMost('longest stall of the event loop, median of 15 answers of 400 items', median(longest), 10, 'ms');
}

async function ntlm(): Promise<void> {
  const { ntlmRun } = await import('./ews-ntlm.ts');
  const run = await ntlmRun(400, 4);
  atMost(`NTLM: requests for ${run.calls} calls`, run.requests, 410, '');
  atMost('NTLM: connections', run.connections, 4, '');
}

// Memory first: peers and fakes are loaded when their turn comes, so that they are not measured with it.
await memory();
await keptItems();
await stalls();
await decoding();
await ntlm();
for (const line of lines) {
  const value = `${line.measured.toFixed(line.measured < 100 ? 1 : 0)} ${line.unit}`.trim();
  console.log(`${line.passed ? 'pass' : 'FAIL'}  ${line.name}: ${value} (${line.limit})`);
}
process.exitCode = lines.every((line) => line.passed) ? 0 : 1;
