/**
 * One run: worlds, one to three nodes with the real engine, an hour of people and faults, then quiet, then judgement. The
 * seed decides everything; the answer of a failed run names the seed that replays it.
 */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { planSettings } from '@calendar-connector/sync-core';
import { SimDatabase } from '../store/sim-database.ts';
import { HOLD_MS } from '../store/sim-store.ts';
import { Chance } from '../time/chance.ts';
import { type FaultRates, SimNode, type System } from '../time/sim-node.ts';
import { Sometimes } from '../time/sometimes.ts';
import { VirtualTime } from '../time/virtual-time.ts';
import { People } from '../worlds/people.ts';
import { SimClients } from '../worlds/sim-client.ts';
import { SimExchange } from '../worlds/sim-exchange.ts';
import { HOST, SERVER, SimTrueConf } from '../worlds/sim-trueconf.ts';
import type { Mutant } from './mutants.ts';
import { brokenInJournal, brokenNow, differences, ownConferenceId, type Watched } from './oracle.ts';
import type { Run } from './run-parts.ts';
import { startDaemon } from './sim-daemon.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 8);
/** People and faults go on this long. */
const BUSY_MS = 50 * MINUTE;
/** Then the engine has this long to converge: longer than a sweep, a back-off at its cap and a hold together. */
const QUIET_MS = 45 * MINUTE;
/** The whole journal is checked once per so many events, and at the end. */
const JOURNAL_EVERY = 512;

export interface RunResult {
  readonly seed: number;
  readonly mutant: Mutant | undefined;
  readonly failure: string | undefined;
  readonly virtualMs: number;
  readonly events: number;
  readonly sometimes: Sometimes;
}

export interface RunOptions {
  readonly trace?: (line: string) => void;
}

/** Runs one seed to its end or its first broken invariant. */
export async function simulate(seed: number, mutant?: Mutant, { trace }: RunOptions = {}): Promise<RunResult> {
  const chance = new Chance(seed);
  const time = new VirtualTime(START, chance.fork());
  const sometimes = new Sometimes();
  let fences: SimDatabase['mailboxes'] | undefined;
  const run: Run = {
    fenceOf: (mailbox) => fences?.get(mailbox)?.fence ?? 0,
    seed,
    time,
    chance: chance.fork(),
    sometimes,
    mutant,
    trace: (line) => trace?.(`${new Date(time.now).toISOString().slice(11, 23)} ${line}`),
    journal: { created: [], removed: [], runs: [], opened: [], topics: [], itemWrites: [], broken: [] },
    quietSince: START + BUSY_MS,
    faultsOn: () => time.now < START + BUSY_MS,
  };
  const watched = stage(run, chance.fork());
  fences = watched.database.mailboxes;
  const failure = await play(run, watched);
  return { seed, mutant, failure, virtualMs: time.now - START, events: time.events, sometimes };
}

async function play(run: Run, watched: Watched): Promise<string | undefined> {
  const { time } = run;
  let failure: string | undefined;
  const check = (): void => {
    failure = brokenNow(watched, run);
    if (!failure && time.events % JOURNAL_EVERY === 0) failure = brokenInJournal(watched, run);
    if (failure) throw new StopRun();
  };
  try {
    await time.runUntil(START + BUSY_MS + QUIET_MS, check);
  } catch (error) {
    if (error instanceof StopRun) return failure;
    return `exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  return brokenInJournal(watched, run) ?? differences(watched, run)[0];
}

class StopRun extends Error {}

/** Worlds, nodes, people and trouble, all set in motion. */
function stage(run: Run, chance: Chance): Watched {
  const addresses = ['anna', 'boris', 'clara', 'dmitri']
    .slice(0, chance.between(2, 4))
    .map((name) => mailboxAddress(`${name}@sim.test`));
  const exchange = new SimExchange(run, addresses);
  const trueconf = new SimTrueConf(run, addresses);
  const database = new SimDatabase(
    run,
    addresses.map((address) => ({ address, provider: 'exchange', priority: 1, licensed: true })),
  );
  const people = new People(run, exchange, trueconf, addresses);
  const clients = new SimClients(database);
  const watched = { database, exchange, trueconf, people, clients };
  runNodes(run, watched, chance.fork());
  keepBusy(run, watched, chance.fork());
  makeTrouble(run, watched, chance.fork());
  return watched;
}

function runNodes(run: Run, worlds: Watched, chance: Chance): void {
  const settings = planSettings({
    servers: [{ id: SERVER, hosts: [HOST] }],
    keyword: { text: '@trueconf', serverId: SERVER, mode: 'smartMeeting', access: 'private' },
    timing: { holdMs: run.mutant === 'deleteAtOnce' ? 0 : HOLD_MS },
  });
  const rates = ratesOf(chance);
  const faults = { rates: (system: System) => (run.faultsOn() ? rates[system] : NONE) };
  let count = 0;
  const live = new Set<SimNode>();
  const boot = (): void => {
    const node = new SimNode(`node-${++count}`, {
      time: run.time,
      chance: chance.fork(),
      faults,
      sometimes: run.sometimes,
      onCrash: (crashed) => {
        live.delete(crashed);
        worlds.database.endSession(crashed.id);
        run.time.after(chance.between(500, 20_000), boot);
      },
    });
    live.add(node);
    startDaemon(node, worlds, settings, run);
  };
  for (let node = chance.between(1, 3); node > 0; node -= 1) run.time.after(chance.between(0, 2_000), boot);
  const pauseSome = (): void => {
    if (!run.faultsOn()) return;
    const node = [...live][0];
    if (node && chance.happens(0.5)) {
      run.sometimes.count('node paused');
      node.pause(chance.between(10_000, 40_000));
    }
    run.time.after(chance.between(60_000, 600_000), pauseSome);
  };
  run.time.after(chance.between(60_000, 600_000), pauseSome);
}

const NONE: FaultRates = { crash: 0, requestLost: 0, answerLost: 0 };

/**
 * Each run has a temper of its own: some systems fail often in it, others hardly. In some no process ever dies: a restart
 * heals much, and must not be what everything relies on.
 */
function ratesOf(chance: Chance): Readonly<Record<System, FaultRates>> {
  const isMortal = !chance.happens(0.25);
  const draw = (): FaultRates => {
    const level = chance.pick([0.002, 0.01, 0.04]);
    return { crash: isMortal ? level / 4 : 0, requestLost: level, answerLost: level };
  };
  return { database: draw(), exchange: draw(), trueconf: draw() };
}

function keepBusy(run: Run, { people }: Watched, chance: Chance): void {
  const pace = chance.pick([15_000, 60_000, 180_000]);
  const next = (): void => {
    if (!run.faultsOn()) return;
    people.act(ownConferenceId);
    run.time.after(chance.between(500, pace * 2), next);
  };
  run.time.after(chance.between(100, 30_000), next);
}

/** Outages, refused cursors, announced pauses, mailboxes that come back empty or are not synced for a while. */
function makeTrouble(run: Run, { database, exchange, trueconf, people }: Watched, chance: Chance): void {
  const { time, sometimes } = run;
  const addresses = [...exchange.folders.keys()];
  const takeLicence = (): void => {
    const address = chance.pick(addresses);
    sometimes.count('mailbox not synced for a while');
    run.trace(`${address} loses its licence`);
    database.setLicensed(address, false);
    time.after(chance.between(2_000, 360_000), () => database.setLicensed(address, true));
  };
  const comeBackEmpty = (): void => {
    const address = chance.pick(addresses);
    // Smaller calendars lose all their events in everyday life: the guard lets them.
    const known = [...database.mailbox(address).items.values()].filter(
      (row) => row.missingSince === undefined && !row.quarantined,
    );
    if (known.length < 4 || exchange.folder(address).items.size < 4) return;
    sometimes.count('mailbox came back empty');
    // Sometimes with a move under way, whose second half nobody sees for minutes.
    if (chance.happens(0.5)) people.beginMove(address);
    const from = chance.between(0, 4_000);
    time.after(from, () => exchange.setBlank(address, true));
    time.after(from + chance.between(60_000, 600_000), () => exchange.setBlank(address, false));
  };
  const troubles: (() => void)[] = [
    () => exchange.refuseCursors(chance.pick(addresses)),
    () => exchange.throttle(chance.pick(addresses), chance.between(1_000, 30_000)),
    () => {
      exchange.awayUntil = time.now + chance.between(5_000, 240_000);
    },
    () => {
      trueconf.awayUntil = time.now + chance.between(5_000, 240_000);
    },
    takeLicence,
    comeBackEmpty,
    comeBackEmpty,
  ];
  const next = (): void => {
    if (!run.faultsOn()) return;
    chance.pick(troubles)();
    time.after(chance.between(10_000, 400_000), next);
  };
  time.after(chance.between(10_000, 200_000), next);
}
