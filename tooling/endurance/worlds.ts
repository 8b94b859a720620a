/**
 * The judge: what the fake Exchange and the fake TrueConf Server hold, beside what the database holds. What the service
 * believes is not asked.
 */
import type { ControlClient } from '../scene/control-client.ts';
import type { DatabaseServer } from './database-server.ts';

const PARALLEL = 16;
const POLL_MS = 20;

export interface Counters {
  readonly requests: number;
  readonly byOperation: Readonly<Record<string, number>>;
  readonly byMailbox: Readonly<Record<string, number>>;
  readonly concurrencyHighWater: number;
  readonly openStreams: number;
  readonly subscriptions: number;
}

export const address = (index: number): string => `user${index + 1}@example.test`;

/** Does `work` for all, some at a time. */
export async function forEach<One>(
  all: readonly One[],
  work: (one: One, index: number) => Promise<void>,
): Promise<void> {
  const entries = [...all.entries()];
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let entry = entries.shift(); entry; entry = entries.shift()) await work(entry[1], entry[0]);
    }),
  );
}

export async function exchangeCounters(control: ControlClient): Promise<Counters> {
  return (await control.call<{ exchange: Counters }>('GET', '/counters')).exchange;
}

export async function resetCounters(control: ControlClient): Promise<void> {
  await control.call('DELETE', '/counters?server=exchange');
}

/** Items of these mailboxes that are in one world only; `a@b` of how many. */
export async function differences(
  control: ControlClient,
  database: DatabaseServer,
  mailboxes: readonly string[],
): Promise<readonly string[]> {
  const stored = new Map<string, Set<string>>(mailboxes.map((mailbox) => [mailbox, new Set()]));
  const rows = await database.rows<{ address: string; item: StoredItem }>(
    `select m.address, json_build_object('uid', i.item->>'uid', 'subject', i.item->>'subject', 'start', i.item->>'start') as item
       from tcc.items i join tcc.mailboxes m on m.id = i.mailbox_id
      where i.missing_since is null and m.address = any($1)`,
    [mailboxes],
  );
  for (const { address: mailbox, item } of rows) stored.get(mailbox)?.add(keyOf(item.uid, item.subject, item.start));
  const found: string[] = [];
  await forEach(mailboxes, async (mailbox) => {
    const here = stored.get(mailbox) ?? new Set();
    const items = await control.items(mailbox);
    const there = new Set(items.map(({ uid, subject, start }) => keyOf(uid, subject, Date.parse(start))));
    for (const key of there) if (!here.has(key)) found.push(`${mailbox} lacks ${key}`);
    for (const key of here) if (!there.has(key)) found.push(`${mailbox} still has ${key}`);
  });
  return found;
}

interface StoredItem {
  readonly uid: string;
  readonly subject: string;
  readonly start: number;
}

function keyOf(uid: string, subject: string, start: number): string {
  return `${subject}|${new Date(Number(start)).toISOString()}|${uid.slice(-12)}`;
}

/** Waits until nothing differs any more; the differences that are left after `limitMs`, and how long it took. */
export async function converged(
  control: ControlClient,
  database: DatabaseServer,
  mailboxes: readonly string[],
  limitMs: number,
): Promise<{ readonly left: readonly string[]; readonly ms: number }> {
  const began = Date.now();
  for (;;) {
    const left = await differences(control, database, mailboxes).catch((error: unknown) => [`not readable: ${error}`]);
    const ms = Date.now() - began;
    if (left.length === 0 || ms > limitMs) return { left, ms };
    await pause(POLL_MS);
  }
}

/** Waits until `probe` holds; throws with `what` after the limit. Returns the time it took. */
export async function until(what: string, limitMs: number, probe: () => Promise<boolean>): Promise<number> {
  const began = Date.now();
  while (!(await probe())) {
    if (Date.now() - began > limitMs) throw new Error(`not seen within ${limitMs} ms: ${what}`);
    await pause(POLL_MS);
  }
  return Date.now() - began;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** All mailboxes were listed to their end and every stream is open. */
export async function settled(
  control: ControlClient,
  database: DatabaseServer,
  mailboxes: number,
  limitMs: number,
): Promise<number> {
  return await until(`${mailboxes} mailboxes synchronised and watched`, limitMs, async () => {
    const [row] = await database.rows<{ count: string }>(
      'select count(*) as count from tcc.mailboxes where cursor is not null and listing is null',
    );
    if (Number(row?.count) < mailboxes) return false;
    const { subscriptions, openStreams } = await exchangeCounters(control);
    return subscriptions >= mailboxes && openStreams >= Math.ceil(mailboxes / 200);
  });
}

/** Waits until Exchange was asked nothing for a while: what the start or a return caused is over. */
export async function quiet(control: ControlClient, quietMs: number, limitMs: number): Promise<void> {
  let before = -1;
  let since = Date.now();
  await until('no more requests', limitMs, async () => {
    const { requests } = await exchangeCounters(control);
    if (requests !== before) {
      before = requests;
      since = Date.now();
    }
    return Date.now() - since >= quietMs;
  });
}
