/**
 * One mailbox that always fails, one with 50,000 items, one that is mail-bombed (goal: the latency of the others stays
 * within 1.5 × that of the same load without them). Latency is from the change in the fake to the row in the database,
 * as PostgreSQL itself announces it; the same load is played before and while the three misbehave, in one run.
 */
import pg from 'pg';
import type { ControlClient } from '../scene/control-client.ts';
import { agreed, atLeast, atMost, type Finding, noted } from './goals.ts';
import { type OpenTheatre, openTheatre } from './theatre.ts';
import { address, converged, forEach, pause, quiet, settled, until } from './worlds.ts';

export interface FairnessOptions {
  readonly mailboxes: number;
  /** of the big mailbox */
  readonly items: number;
  readonly changes: number;
  readonly gapMs: number;
  /** changes a second to the mail-bombed one */
  readonly bombs: number;
}

const HOUR_MS = 3_600_000;
const FACTOR = 1.5;

export async function fairness(options: FairnessOptions, open: OpenTheatre = openTheatre): Promise<readonly Finding[]> {
  const { mailboxes, items, changes, gapMs } = options;
  // The last three misbehave; they join when the load without them was measured.
  const theatre = await open({
    mailboxes: mailboxes + 3,
    configure: (config) => {
      config.calendarProviders[0].users = addresses(mailboxes);
    },
  });
  const { scene, database, nodes } = theatre;
  const { control } = scene;
  const [node] = nodes;
  if (!node) throw new Error('a theatre has at least one node');
  const [failing, big, bombed] = [address(mailboxes), address(mailboxes + 1), address(mailboxes + 2)];
  const arrivals = await Arrivals.open(database.connection);
  try {
    await fill(control, big, items);
    await theatre.start();
    await settled(control, database, mailboxes, 120_000);
    await quiet(control, 2_000, 60_000);
    const load = { control, arrivals, mailboxes, changes, gapMs };
    await measure({ ...load, changes: Math.ceil(changes / 4) }, 'Warm');
    const alone = await measure(load, 'Alone');

    await control.call('POST', '/faults', {
      server: 'exchange',
      kind: 'responseError',
      code: 'ErrorMailboxStoreUnavailable',
      mailbox: failing,
    });
    const bomb = new Bomb(control, bombed, options.bombs);
    node.configure((config) => {
      config.calendarProviders[0].users = addresses(mailboxes + 3);
    });
    node.daemon?.child.kill('SIGHUP');
    const listing = async (): Promise<number> => {
      const [row] = await database.rows<{ count: string }>(
        'select count(*) as count from tcc.items i join tcc.mailboxes m on m.id = i.mailbox_id where m.address = $1',
        [big],
      );
      return Number(row?.count);
    };
    await until('the first page of the big mailbox', 60_000, async () => (await listing()) > 0);
    const beside = await measure(load, 'Beside');
    const listedMeanwhile = await listing();
    const bombs = await bomb.stop();
    const { left } = await converged(control, database, [...addresses(mailboxes), bombed], 60_000);
    const limit = (before: number): number => before * FACTOR;
    return [
      noted('changes measured', `${alone.length} alone, ${beside.length} beside the three`),
      noted('items of the big mailbox listed meanwhile', listedMeanwhile),
      atLeast('changes of the mail-bombed mailbox meanwhile', bombs, (changes * gapMs * options.bombs) / 1000 / 2),
      noted('p50 alone, ms', share(alone, 0.5)),
      noted('p95 alone, ms', share(alone, 0.95)),
      atMost('p50 beside them', share(beside, 0.5), limit(share(alone, 0.5)), 'ms'),
      atMost('p95 beside them', share(beside, 0.95), limit(share(alone, 0.95)), 'ms'),
      agreed('differences between Exchange and the database', left),
    ];
  } finally {
    await arrivals.close();
    await theatre.close();
  }
}

const addresses = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => address(index));

/** When the change feed announced each mailbox: NOTIFY is sent by the transaction that stores the rows. */
class Arrivals {
  readonly #client: pg.Client;
  readonly #waiting = new Map<string, (at: number) => void>();

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('notification', ({ payload = '' }) => {
      this.#waiting.get(payload.split(' ')[1] ?? '')?.(performance.now());
    });
  }

  static async open(connection: pg.ClientConfig): Promise<Arrivals> {
    const client = new pg.Client(connection);
    await client.connect();
    await client.query('listen tcc_feed');
    return new Arrivals(client);
  }

  next(mailbox: string): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.set(mailbox, (at) => {
        this.#waiting.delete(mailbox);
        resolve(at);
      });
    });
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

interface Load {
  readonly control: ControlClient;
  readonly arrivals: Arrivals;
  readonly mailboxes: number;
  readonly changes: number;
  readonly gapMs: number;
}

/** The load: a change every so often, each in another mailbox. Latencies in ascending order. */
async function measure(
  { control, arrivals, mailboxes, changes, gapMs }: Load,
  word: string,
): Promise<readonly number[]> {
  const latencies: Promise<number>[] = [];
  for (let index = 0; index < changes; index += 1) {
    latencies.push(change(control, arrivals, address((index * 7) % mailboxes), `${word} ${index}`, index));
    await pause(gapMs);
  }
  return (await Promise.all(latencies)).sort((a, b) => a - b);
}

async function change(
  control: ControlClient,
  arrivals: Arrivals,
  mailbox: string,
  subject: string,
  index: number,
): Promise<number> {
  const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + (24 + index) * HOUR_MS);
  const arrived = arrivals.next(mailbox);
  const began = performance.now();
  await control.create(mailbox, { subject, start, end: new Date(start.getTime() + HOUR_MS / 2) });
  return (await arrived) - began;
}

/** A mailbox whose one appointment is changed again and again. */
class Bomb {
  readonly #done: Promise<number>;
  #stopped = false;

  constructor(control: ControlClient, mailbox: string, perSecond: number) {
    this.#done = this.#drop(control, mailbox, 1000 / perSecond);
    // Its failure is told by stop(); a scenario that failed before has its own.
    this.#done.catch(() => {});
  }

  stop(): Promise<number> {
    this.#stopped = true;
    return this.#done;
  }

  async #drop(control: ControlClient, mailbox: string, gapMs: number): Promise<number> {
    const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS);
    const item = await control.create(mailbox, { subject: 'Bomb', start, end: new Date(start.getTime() + HOUR_MS) });
    for (let count = 1; ; count += 1) {
      if (this.#stopped) return count;
      await control.update(mailbox, item.id, { subject: `Bomb ${count}` });
      await pause(gapMs);
    }
  }
}

async function fill(control: ControlClient, mailbox: string, items: number): Promise<void> {
  const base = Date.now() - 300 * 24 * HOUR_MS;
  await forEach(
    Array.from({ length: items }, (_, index) => index),
    async (index) => {
      const start = new Date(base + index * (HOUR_MS / 4));
      await control.create(mailbox, { subject: `Big ${index}`, start, end: new Date(start.getTime() + HOUR_MS / 8) });
    },
  );
}

function share(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
