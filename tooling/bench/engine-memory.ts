/**
 * What an idle mailbox costs this process in memory: the real supervisor and the real Exchange client, streams included,
 * holding mailboxes of a fake Exchange. The heap is measured after collection, at several numbers of mailboxes, with all
 * streams open and every first look done; store and clients' connections are not part of it. Measured and fake run in a
 * process of their own each.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type MailboxAddress, mailboxAddress } from '@calendar-connector/calendar-model';
import { type Clock, MailboxSupervisor } from '@calendar-connector/daemon/engine';
import { ExchangeWorld, startFakeExchange } from '@calendar-connector/fakes';
import type { Observation, ObservationReceipt, SyncStore } from '@calendar-connector/sync-core';
import { createEwsSource } from '../../packages/ews-client/src/index.ts';
import type { BenchResult } from './engine-result.ts';

/**
 * The numbers held when the heap is measured. The slope over them is what one mailbox costs: what is there once (code,
 * connections, buffers) is in all of them, and one measurement with collection's own noise does not decide.
 */
const STEPS = [3_000, 5_000, 7_000, 9_000];
const MAILBOXES = 9_000;
const GOAL_BYTES = 8 * 1024;
const LIVE_LIMIT_MS = 180_000;
const POLL_MS = 200;
/** A collection that finds less than this ends the waiting for quiet. */
const SETTLED_BYTES = 64 * 1024;

async function serve(): Promise<void> {
  const world = new ExchangeWorld({ mailboxes: MAILBOXES, itemsPerMailbox: 1, seed: 7 });
  const exchange = await startFakeExchange({ world, journalSize: 0 });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url: exchange.url });
}

/** Answers as the database would and remembers nothing: what it kept would be counted as the mailboxes' own. */
function forgetfulStore(addresses: readonly MailboxAddress[]): SyncStore {
  const receipt = ({ changed }: Observation): ObservationReceipt => ({
    outcome: 'committed',
    inserted: changed.length,
    updated: 0,
    unchanged: 0,
    held: 0,
    quarantined: 0,
    touched: [],
    revision: 1,
  });
  const answers: Partial<SyncStore> = {
    beat: async () => ({ nodes: 1, freed: 0 }),
    acquireLeases: async () =>
      addresses.map((mailbox) => ({ mailbox, fence: 1, provider: 'exchange', paused: false, hasCursor: true })),
    releaseLeases: async () => {},
    listMailboxes: async () =>
      addresses.map((address) => ({
        address,
        provider: 'exchange',
        priority: 1,
        licensed: true,
        paused: false,
        liveItems: 0,
        revision: 0,
      })),
    saveResolution: async () => {},
    commitObservation: async (observation) => receipt(observation),
  };
  return answers as SyncStore;
}

const clock: Clock = {
  now: () => Date.now(),
  startTimer(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

const silent = new Proxy({}, { get: () => () => {} }) as ConstructorParameters<typeof MailboxSupervisor>[0]['observer'];

async function heapBytes(): Promise<number> {
  const { gc } = globalThis;
  if (!gc) throw new Error('run with --expose-gc: memory is measured after collection');
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0, settled = 0; settled < 5 && round < 60; round += 1) {
    gc();
    await pause(100);
    const { heapUsed, external } = process.memoryUsage();
    settled = heapUsed + external < least - SETTLED_BYTES ? 0 : settled + 1;
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

/** Bytes a mailbox, by the straight line that fits the measurements best. */
function slope(points: readonly { readonly mailboxes: number; readonly bytes: number }[]): number {
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [middle, bytes] = [mean((point) => point.mailboxes), mean((point) => point.bytes)];
  const spread = mean((point) => (point.mailboxes - middle) ** 2);
  return mean((point) => (point.mailboxes - middle) * (point.bytes - bytes)) / spread;
}

/** This file once more, in another part. */
function play(part: '--serve' | '--measure'): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [part], { execArgv: ['--conditions=@tcc/source', '--expose-gc'] });
}

export async function benchMemory(): Promise<readonly BenchResult[]> {
  const child = play('--measure');
  const told = once(child, 'message') as Promise<[{ readonly bytes: number }]>;
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the measurement of memory ended early')));
  const [{ bytes }] = await Promise.race([told, ended]);
  return [
    {
      name: `memory of an idle mailbox, of ${MAILBOXES}`,
      measured: `${(bytes / 1024).toFixed(1)} KB`,
      goal: '<= 8 KB',
      met: bytes <= GOAL_BYTES,
      note: 'supervisor, lease, cursor, stream',
    },
  ];
}

async function measure(): Promise<number> {
  const child = play('--serve');
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }];
  const { hostname: host, port } = new URL(url);
  const source = createEwsSource({
    name: 'exchange',
    endpoint: { scheme: 'http', host, port: Number(port) },
    credentials: [{ login: 'svc@example.test', password: () => 'Passw0rd!' }],
    auth: 'basic',
    limits: { startConcurrency: 27, maxConcurrency: 27 },
  });
  const addresses = Array.from({ length: MAILBOXES }, (_, n) => mailboxAddress(`user${n + 1}@example.test`));
  const held: MailboxAddress[] = [];
  const supervisor = new MailboxSupervisor({
    clock,
    random: Math.random,
    newId: () => crypto.randomUUID(),
    node: { id: 'bench', name: 'bench' },
    store: forgetfulStore(held),
    settings: () => ({
      language: 'en',
      sweepMs: 3_600_000,
      pollMs: 60_000,
      autoSync: true,
      holdMs: 60_000,
      judgeDisappearance: () => 'hold',
      needsPlan: () => true,
    }),
    observer: silent,
  });
  try {
    await supervisor.start(new Map([['exchange', source]]));
    const points: { readonly mailboxes: number; readonly bytes: number }[] = [];
    for (const mailboxes of STEPS) {
      held.push(...addresses.slice(held.length, mailboxes));
      await supervisor.refreshLeases();
      await allLive(supervisor, mailboxes);
      supervisor.takeStatuses();
      points.push({ mailboxes, bytes: await heapBytes() });
    }
    return slope(points);
  } finally {
    await supervisor.stop();
    await source.close();
    child.disconnect();
  }
}

async function allLive(supervisor: MailboxSupervisor, count: number): Promise<void> {
  const deadline = Date.now() + LIVE_LIMIT_MS;
  for (;;) {
    const { states, live } = supervisor.census();
    const idle = Object.values(supervisor.queueDepths()).every((depth) => depth === 0);
    if (live === count && states.get('live') === count && idle) return;
    if (Date.now() > deadline) throw new Error(`${live} of ${count} streams open: ${JSON.stringify([...states])}`);
    await pause(POLL_MS);
  }
}

if (process.argv.includes('--serve')) await serve();
if (process.argv.includes('--measure')) {
  process.send?.({ bytes: await measure() });
  process.disconnect?.();
}
