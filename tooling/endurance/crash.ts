/**
 * Crashes at random moments of a mixed load (goal: nothing lost, no conference twice, ready again ≤ 2 s after the last
 * restart). The service and PostgreSQL are killed with SIGKILL and started again. The fakes are the other side's world
 * and must keep it: they are cut off (connections torn and refused) or stopped for a moment (SIGSTOP), which is what a
 * crash of theirs looks like from here.
 */
import { agreed, atMost, exactly, type Finding, noted } from './goals.ts';
import { lastingWrongConferences, MixedLoad } from './mixed-load.ts';
import { type OpenTheatre, openTheatre, type Theatre } from './theatre.ts';
import { address, converged, pause, settled, until } from './worlds.ts';

export interface CrashOptions {
  readonly mailboxes: number;
  readonly points: number;
  readonly seed: number;
  /** the longest time of work between two crashes */
  readonly workMs: number;
}

const VICTIMS = ['service', 'database', 'service and database', 'road to Exchange', 'fakes stopped'] as const;
type Victim = (typeof VICTIMS)[number];
const READY_MS = 2_000;
const HOUR_MS = 3_600_000;
const START_LIMIT_MS = 60_000;

export async function crash(options: CrashOptions, open: OpenTheatre = openTheatre): Promise<readonly Finding[]> {
  const { mailboxes, points, seed, workMs } = options;
  const theatre = await open({ mailboxes });
  const { scene, database } = theatre;
  const { control } = scene;
  const chance = seeded(seed);
  try {
    await theatre.start();
    await settled(control, database, mailboxes, 60_000);
    const load = new MixedLoad(control, mailboxes, 20);
    const readyMs: number[] = [];
    const worksMs: number[] = [];
    const counts = new Map<Victim, number>();
    for (let point = 0; point < points; point += 1) {
      await pause(chance() * workMs);
      const victim = VICTIMS[Math.floor(chance() * VICTIMS.length)] ?? 'service';
      counts.set(victim, (counts.get(victim) ?? 0) + 1);
      await strike(theatre, victim, chance);
      const again = Date.now();
      const works = worksAgain(theatre, `Probe ${point}`);
      readyMs.push(await until('ready again', START_LIMIT_MS, () => theatre.isReady()));
      await works;
      worksMs.push(Date.now() - again);
    }
    await load.stop();
    const all = Array.from({ length: mailboxes }, (_, index) => address(index));
    const { left, ms } = await converged(control, database, all, 60_000);
    const wrong = await lastingWrongConferences(theatre, load.conferences, 60_000);
    // One without a key was replaced by a newer job of the same key while it ran: superseded, not given up.
    const dead = await database.rows(
      'select 1 from graphile_worker.jobs where attempts >= max_attempts and locked_at is null and key is not null',
    );
    return [
      noted('seed', seed),
      noted('deeds of the load', load.deeds),
      exactly('crash points', readyMs.length, points),
      noted('by victim', [...counts].map(([victim, count]) => `${victim} ${count}`).join(', ')),
      agreed('differences between Exchange and the database', left),
      noted('they agreed after, ms', ms),
      agreed('conferences missing, twice or left over', wrong),
      noted('meetings with a conference', load.conferences.length),
      exactly('jobs given up', dead.length, 0),
      noted('ready again, p50 ms', median(readyMs)),
      atMost('ready again after the last restart', readyMs.at(-1) ?? 0, READY_MS, 'ms'),
      noted('a change made right after a restart is stored, p50 ms', median(worksMs)),
      noted('the same, slowest ms', Math.max(...worksMs)),
      noted('ready again, slowest of all, ms', Math.max(...readyMs)),
    ];
  } finally {
    await theatre.close();
  }
}

async function strike(theatre: Theatre, victim: Victim, chance: () => number): Promise<void> {
  switch (victim) {
    case 'service':
      await theatre.kill();
      return theatre.launch();
    case 'database':
      return theatre.database.crash();
    case 'service and database':
      await Promise.all([theatre.kill(), theatre.database.crash()]);
      return theatre.launch();
    case 'road to Exchange':
      await theatre.exchange.close();
      await pause(chance() * 400);
      return theatre.exchange.open();
    case 'fakes stopped':
      theatre.scene.fakes.kill('SIGSTOP');
      await pause(chance() * 400);
      theatre.scene.fakes.kill('SIGCONT');
  }
}

/** A change made right after the restart is in the database: streams, leases, looks and commits work again. */
async function worksAgain({ scene, database }: Theatre, subject: string): Promise<void> {
  const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 2_000 * HOUR_MS);
  await scene.control.create(address(0), { subject, start, end: new Date(start.getTime() + HOUR_MS) });
  await until(`${subject} in the database`, START_LIMIT_MS, async () => {
    const rows = await database.rows("select 1 from tcc.items where item->>'subject' = $1", [subject]);
    return rows.length > 0;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
