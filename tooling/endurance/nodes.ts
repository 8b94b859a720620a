/**
 * Three daemons on one PostgreSQL (goal: one killed, one paused for 30 s; every change lands once, takeover ≤ 10 s, a
 * stale node's write is refused). The paused one is stopped in the middle of looks, so that it wakes with answers of
 * Exchange in hand and a lease that others have taken.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { agreed, atLeast, atMost, exactly, type Finding, noted } from './goals.ts';
import { lastingWrongConferences, MixedLoad } from './mixed-load.ts';
import { type Node, type OpenTheatre, openTheatre, type Theatre } from './theatre.ts';
import { address, converged, forEach, settled, until } from './worlds.ts';

export interface NodesOptions {
  readonly mailboxes: number;
  readonly pausedMs: number;
}

const HOUR_MS = 3_600_000;
const TAKEOVER_MS = 10_000;
/** Mailboxes of a lost node in which a change is made at once: whether somebody else works there. */
const PROBES = 20;
/** Mailboxes of the node to be paused that get a change in its last moment. */
const IN_FLIGHT = 60;

export async function nodes(options: NodesOptions, open: OpenTheatre = openTheatre): Promise<readonly Finding[]> {
  const { mailboxes, pausedMs } = options;
  const theatre = await open({ mailboxes, nodes: 3 });
  const { scene, database } = theatre;
  const { control } = scene;
  const [killed, paused, third] = theatre.nodes;
  if (!killed || !paused || !third) throw new Error('three nodes were asked for');
  try {
    for (const node of theatre.nodes) await theatre.start(node);
    const startMs = await settled(control, database, mailboxes, 240_000);
    await until('mailboxes shared out evenly', 60_000, async () => (await shares(theatre)).every((share) => share > 0));
    await pause(4_000);
    const before = await shares(theatre);
    const load = new MixedLoad(control, mailboxes, 50);

    const ofKilled = await mailboxesOf(theatre, killed);
    await theatre.kill(killed);
    const killedAt = Date.now();
    const afterKill = await takeover(theatre, killed, ofKilled, killedAt);

    const ofPaused = await mailboxesOf(theatre, paused);
    await inTheMiddleOfLooks(theatre, ofPaused, () => paused.daemon?.child.kill('SIGSTOP'));
    const pausedAt = Date.now();
    const afterPause = await takeover(theatre, paused, ofPaused, pausedAt);
    await pause(Math.max(0, pausedMs - (Date.now() - pausedAt)));
    paused.daemon?.child.kill('SIGCONT');
    await until(
      'the paused node works again',
      60_000,
      async () => (await shares(theatre)).filter((share) => share > 0).length === 2,
    );
    await load.stop();

    const all = Array.from({ length: mailboxes }, (_, index) => address(index));
    const { left } = await converged(control, database, all, 60_000);
    const wrong = await lastingWrongConferences(theatre, load.conferences, 60_000);
    const fenced = await metric(paused, 'tcc_fenced_commits_total');
    return [
      noted('mailboxes synchronised after the start of three, ms', startMs),
      noted('shares', before.join(' / ')),
      noted('deeds of the load', load.deeds),
      exactly('mailboxes of the killed node that others hold', afterKill.taken, ofKilled.length),
      atMost('takeover from the killed node', afterKill.leasesMs, TAKEOVER_MS, 'ms'),
      atMost('a change in its mailboxes lands after, slowest', afterKill.changesMs, TAKEOVER_MS, 'ms'),
      exactly('mailboxes of the paused node that the third holds', afterPause.taken, ofPaused.length),
      atMost('takeover from the paused node', afterPause.leasesMs, TAKEOVER_MS, 'ms'),
      atMost('a change in its mailboxes lands after, slowest', afterPause.changesMs, TAKEOVER_MS, 'ms'),
      atLeast('writes of the node that woke up stale, refused', fenced, 1),
      agreed('differences between Exchange and the database', left),
      agreed('conferences missing, twice or left over', wrong),
      noted('meetings with a conference', load.conferences.length),
    ];
  } finally {
    for (const { daemon } of theatre.nodes) daemon?.child.kill('SIGCONT');
    await theatre.close();
  }
}

/** Mailboxes held by each node that is known, by name. */
async function shares({ database, nodes: all }: Theatre): Promise<readonly number[]> {
  const rows = await database.rows<{ name: string; count: string }>(
    'select n.name, count(*) as count from tcc.mailboxes m join tcc.nodes n on n.id = m.lease_node group by n.name',
  );
  return all.map(({ name }) => Number(rows.find((row) => row.name === name)?.count ?? 0));
}

async function mailboxesOf({ database }: Theatre, { name }: Node): Promise<readonly string[]> {
  const rows = await database.rows<{ address: string }>(
    'select m.address from tcc.mailboxes m join tcc.nodes n on n.id = m.lease_node where n.name = $1 order by m.id',
    [name],
  );
  return rows.map((row) => row.address);
}

interface Takeover {
  readonly taken: number;
  readonly leasesMs: number;
  readonly changesMs: number;
}

/** Until every mailbox of a lost node is held by a node whose lease runs, and until changes made there have landed. */
async function takeover(theatre: Theatre, loser: Node, lost: readonly string[], since: number): Promise<Takeover> {
  const { scene, database } = theatre;
  const probes = lost.filter((_, index) => index % Math.ceil(lost.length / PROBES) === 0);
  const stamp = `Probe ${since}`;
  await forEach(probes, async (mailbox, index) => {
    const start = new Date(Math.ceil(since / HOUR_MS) * HOUR_MS + (300 + index) * HOUR_MS);
    await scene.control.create(mailbox, { subject: stamp, start, end: new Date(start.getTime() + HOUR_MS) });
  });
  const count = async (text: string, values: unknown[]): Promise<number> =>
    Number((await database.rows<{ count: string }>(text, values))[0]?.count ?? 0);
  const held = (): Promise<number> =>
    count(
      `select count(*) as count from tcc.mailboxes m join tcc.nodes n on n.id = m.lease_node
        where m.address = any($1) and n.lease_until > clock_timestamp() and n.name <> $2`,
      [lost, loser.name],
    );
  let leasesMs: number | undefined;
  await until('changes in the mailboxes of the lost node', 120_000, async () => {
    if (leasesMs === undefined && (await held()) === lost.length) leasesMs = Date.now() - since;
    const landed = await count("select count(*) as count from tcc.items where item->>'subject' = $1", [stamp]);
    return leasesMs !== undefined && landed >= probes.length;
  });
  return { taken: await held(), leasesMs: leasesMs ?? Number.POSITIVE_INFINITY, changesMs: Date.now() - since };
}

/** Changes in many of its mailboxes at once, and the signal while it reads them. */
async function inTheMiddleOfLooks(theatre: Theatre, own: readonly string[], stop: () => void): Promise<void> {
  const { control } = theatre.scene;
  // Exchange takes its time to answer: at the moment of the stop many looks wait for it.
  await control.call('POST', '/faults', { server: 'exchange', kind: 'delay', ms: 1_500, operation: 'GetItem' });
  await forEach(own.slice(0, IN_FLIGHT), async (mailbox, index) => {
    const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + (400 + index) * HOUR_MS);
    await control.create(mailbox, { subject: `In flight ${index}`, start, end: new Date(start.getTime() + HOUR_MS) });
  });
  await pause(500);
  stop();
  await control.call('DELETE', '/faults?server=exchange');
}

async function metric({ httpUrl }: Node, name: string): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
