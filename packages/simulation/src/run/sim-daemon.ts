/** The daemon's engine — the real one — composed with the simulated worlds; only its job runner is the simulation's. */
import { ConferenceWatch, MailboxSupervisor, MeetingWorker } from '@calendar-connector/daemon/engine';
import { judgeDisappearance, needsPlan, type PlanSettings } from '@calendar-connector/sync-core';
import type { Job } from '../store/job-table.ts';
import type { SimDatabase } from '../store/sim-database.ts';
import { simStore } from '../store/sim-store.ts';
import type { SimNode } from '../time/sim-node.ts';
import type { SimExchange } from '../worlds/sim-exchange.ts';
import { SERVER, type SimTrueConf } from '../worlds/sim-trueconf.ts';
import { mutatedTarget, reachedPlace } from './mutated-world.ts';
import type { Run } from './run-parts.ts';

/** Jobs a node works on at the same time. */
const WORKERS = 3;

export interface Worlds {
  readonly database: SimDatabase;
  readonly exchange: SimExchange;
  readonly trueconf: SimTrueConf;
}

/** Starts the engine on a node. Nothing is returned: a node ends by crashing. */
export function startDaemon(node: SimNode, worlds: Worlds, settings: PlanSettings, run: Run): void {
  const { database, exchange, trueconf } = worlds;
  const store = simStore(database, node, run);
  const { clock } = node;
  const random = (): number => node.random();
  let ids = 0;
  const newId = (): string => `${node.id}-${++ids}`;
  const target = mutatedTarget(trueconf.target(node), run);
  const source = exchange.source(node);
  const askAgain = exchange.askAgain(node);
  const quiet = (): void => {};
  const supervisor = new MailboxSupervisor({
    clock,
    random,
    newId,
    node: { id: node.id, name: node.id },
    store,
    settings: () => ({
      language: 'en',
      autoSync: true,
      holdMs: settings.timing.holdMs,
      judgeDisappearance: (facts) => judgeDisappearance(facts),
      needsPlan: (item) => needsPlan(item, settings),
      sweepMs: run.mutant === 'sweepOff' ? 1e12 : 5 * 60_000,
      pollMs: run.mutant === 'sweepOff' ? 1e12 : 30_000,
    }),
    observer: {
      looked: quiet,
      failed: quiet,
      stateChanged: quiet,
      gaveUpReading: quiet,
      leases: quiet,
      leaseError: quiet,
    },
  });
  const worker = new MeetingWorker({
    clock,
    random,
    store,
    reach: {
      target: (id) => (id === SERVER ? target : undefined),
      mailbox: async (address, signal) => reachedPlace(await supervisor.locate(address, signal), askAgain, run),
      lookSoon: (address) => {
        run.sometimes.count('news found before a deletion is believed');
        supervisor.hint(address);
      },
    },
    settings: () => settings,
    newId,
    observer: {
      planned: (plan) => {
        const what = plan.decisions.map((decision) => `${decision.rule} ${decision.kind} ${decision.why}`);
        const starts = plan.startsToSchedule.map((job) => new Date(job.occurrenceStart).toISOString().slice(11, 19));
        const rules = plan.fired.map((firing) => `${firing.rule} ${firing.why}`);
        run.trace(`${node.id} plans ${plan.key}: ${what.join(', ') || rules.join(', ')}; starts ${starts.join()}`);
      },
      applied: (key, decision, outcome) => run.trace(`${node.id} applied ${key}: ${decision.kind} ${outcome.status}`),
      started: ({ key, due, at, outcome }) => {
        run.trace(`${node.id} started ${key}: ${outcome}`);
        if (outcome === 'done' && at > due + 10_000) run.sometimes.count('start late');
      },
      lookupFailed: quiet,
      anomaly: quiet,
    },
  });
  const watch = new ConferenceWatch({
    clock,
    store,
    targets: () => [target],
    onListed: async () => {},
    observer: { listed: quiet, failed: quiet },
  });
  // A daemon that cannot reach its database at the start ends; systemd starts it again.
  supervisor.start(new Map([['exchange', source]])).then(
    () => {
      runJobs(node, database, worker, run);
      watch.start();
    },
    () => node.crash(),
  );
}

function runJobs(node: SimNode, database: SimDatabase, worker: MeetingWorker, run: Run): void {
  const never = new AbortController().signal;
  let busy = 0;
  let slots = 0;
  let cancel: (() => void) | undefined;
  const carryOut = async (job: Job, slot: string): Promise<void> => {
    let failed = false;
    try {
      if (job.work.kind === 'plan') await worker.plan(job.work.key, never);
      else await worker.start(job.work.job, never);
    } catch {
      failed = true;
    }
    await until('finishJob', () => database.jobs.finish(job, failed, { node: node.id, slot }));
  };
  /** The queue's own calls are repeated until they are answered. */
  const until = async (name: string, effect: () => void): Promise<void> => {
    for (;;) {
      const done = await node.call('database', name, effect).then(
        () => true,
        () => false,
      );
      if (done) return;
    }
  };
  const work = async (): Promise<void> => {
    busy += 1;
    for (;;) {
      const slot = `${node.id}/${++slots}`;
      const job = await node
        .call('database', 'claimJob', () => database.jobs.claim(node.id, slot))
        .catch(() => 'unknown' as const);
      // The answer was lost: a job may be locked that nobody works on (storage-kysely's LostJobs).
      if (job === 'unknown' && run.mutant !== 'lostFetchForgotten')
        await until('unlockJob', () => database.jobs.unlockSlot(slot));
      if (job === undefined || job === 'unknown') break;
      await carryOut(job, slot);
    }
    busy -= 1;
    arm();
  };
  const arm = (): void => {
    if (!node.alive || busy >= WORKERS) return;
    cancel?.();
    const due = database.jobs.nextDue();
    const delay = due === undefined ? 60_000 : Math.min(60_000, Math.max(2, due - run.time.now));
    cancel = node.clock.startTimer(delay, () => {
      cancel = undefined;
      void work();
    });
  };
  database.jobs.onChange(arm);
  arm();
}
