/**
 * Exchange away, changes made meanwhile, and back (goal: converged ≤ 10 s after the return, calls ≤ 1.2 × the minimum).
 *
 * The minimum of calls: every stream opened once; every mailbox looked at once, because a cut stream may have lost events of
 * each; one GetItem batch for every mailbox that changed. Subscriptions that outlived the outage need not be made anew;
 * after a `restart` they are all gone, and each costs a Subscribe.
 * Calls that Exchange refused while it was away are told beside it: with `refuse` none reaches it, with `503` all do.
 */
import { agreed, atMost, type Finding, noted } from './goals.ts';
import { type OpenTheatre, openTheatre } from './theatre.ts';
import {
  address,
  converged,
  exchangeCounters,
  forEach,
  pause,
  quiet,
  resetCounters,
  settled,
  until,
} from './worlds.ts';

export interface OutageOptions {
  readonly mailboxes: number;
  readonly changes: number;
  readonly awayMs: number;
  /** connections refused; the same, and all subscriptions forgotten; every request answered with HTTP 503 */
  readonly how: 'refuse' | 'restart' | '503';
}

const MAILBOXES_PER_STREAM = 200;
const HOUR_MS = 3_600_000;

export async function outage(options: OutageOptions, open: OpenTheatre = openTheatre): Promise<readonly Finding[]> {
  const { mailboxes, changes, awayMs, how } = options;
  const theatre = await open({ mailboxes, fakeArgs: ['--items', '2'] });
  const { scene, database, exchange } = theatre;
  const { control } = scene;
  try {
    await theatre.start();
    const startMs = await settled(control, database, mailboxes, 180_000);
    await quiet(control, 1_500, 60_000);
    const all = Array.from({ length: mailboxes }, (_, index) => address(index));
    await resetCounters(control);
    const goAway = Date.now();
    if (how === 'restart') await control.call('POST', '/exchange/drop-subscriptions');
    if (how !== '503') await exchange.close();
    else {
      await control.call('POST', '/faults', { server: 'exchange', kind: 'status', status: 503 });
      await control.call('POST', '/exchange/cut');
    }
    const changed = await changeWorld(changes, mailboxes, (mailbox, item) => control.create(mailbox, item));
    await pause(Math.max(0, awayMs - (Date.now() - goAway)));
    const awaySeconds = (Date.now() - goAway) / 1000;
    const refused = (await exchangeCounters(control)).requests;
    if (how !== '503') await exchange.open();
    else await control.call('DELETE', '/faults?server=exchange');
    // Counted in the database alone: comparing a thousand calendars takes longer than the return itself.
    const ms = await until('every missed change in the database', 60_000, async () => {
      const rows = await database.rows<{ count: string }>(
        "select count(*) as count from tcc.items where item->>'subject' like 'Missed %' and missing_since is null",
      );
      return Number(rows[0]?.count) >= changes;
    });
    const { left } = await converged(control, database, all, 60_000);
    await quiet(control, 6_000, 60_000);
    const counters = await exchangeCounters(control);
    const subscribes = how === 'restart' ? mailboxes : 0;
    const minimum = Math.ceil(mailboxes / MAILBOXES_PER_STREAM) + subscribes + mailboxes + changed.size;
    return [
      noted('mailboxes synchronised and watched after the start, ms', startMs),
      noted(`seconds away (${how})`, awaySeconds),
      noted('changes missed', changes),
      atMost('converged after the return', ms, 10_000, 'ms'),
      agreed('differences between Exchange and the database', left),
      noted('minimum of calls', minimum),
      noted('calls refused while away', refused),
      noted('calls', JSON.stringify(counters.byOperation)),
      atMost('calls after the return / minimum', (counters.requests - refused) / minimum, 1.2),
      how === '503'
        ? noted('calls, refused ones included / minimum', counters.requests / minimum)
        : atMost('calls, refused ones included / minimum', counters.requests / minimum, 1.2),
      noted('most calls at once', counters.concurrencyHighWater),
    ];
  } finally {
    await theatre.close();
  }
}

/** Changes spread over the mailboxes; returns whose calendar changed. */
async function changeWorld(
  changes: number,
  mailboxes: number,
  create: (mailbox: string, item: object) => Promise<unknown>,
): Promise<ReadonlySet<string>> {
  const changed = new Set<string>();
  await forEach(
    Array.from({ length: changes }, (_, index) => index),
    async (index) => {
      const mailbox = address((index * 7) % mailboxes);
      const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + (24 + (index % 200)) * HOUR_MS);
      const end = new Date(start.getTime() + HOUR_MS / 2);
      await create(mailbox, { subject: `Missed ${index}`, start, end });
      changed.add(mailbox);
    },
  );
  return changed;
}
