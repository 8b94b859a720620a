/** Storage part of `pnpm bench:engine`, on an embedded PostgreSQL with fsync on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { MailboxAddress, SingleItem } from '@calendar-connector/calendar-model';
import {
  changeKey,
  conferenceId,
  cursor,
  itemId,
  mailboxAddress,
  meetingKey,
  trueConfServerId,
} from '@calendar-connector/calendar-model';
import type { PostgresStore } from '@calendar-connector/storage-kysely';
import { createDatabase, openStore, openWorkQueue, startEmbeddedPostgres } from '@calendar-connector/storage-kysely';
import type { Observation, StartJob } from '@calendar-connector/sync-core';
import pg from 'pg';
import type { BenchResult } from './engine-result.ts';

const DAY_MS = 86_400_000;
const BASE = Date.UTC(2026, 0, 5, 9);
const ITEMS_PER_PAGE = 100;
const PAGES = 200;
const CONCURRENT_MAILBOXES = 8;
const VIEW_ITEMS = 5_000;
const STARTS = 500;
const SETTLE_MS = 20;
const SETTLE_ROUNDS = 500;

/** About 1.6 KB as JSON, like the rows the floor was published for. */
function itemOf(mailbox: number, n: number): SingleItem {
  const start = BASE + (n % 1_100) * DAY_MS + (n % 9) * 3_600_000;
  return {
    kind: 'single',
    itemId: itemId(`AAMkAGI2TG93AAA=${mailbox}-${n}-${'x'.repeat(100)}`),
    changeKey: changeKey(`DwAAABYAAAA${n}`),
    uid: `040000008200E00074C5B7101A82E008${mailbox}-${n}`,
    cleanGlobalObjectId: `040000008200E00074C5B7101A82E008${mailbox.toString(16)}F${n.toString(16)}`,
    subject: `Weekly planning ${n}`,
    start,
    end: start + 3_600_000,
    allDay: false,
    location: 'Room 4.12 / https://server.example.test/c/12345',
    body: { type: 'text', content: 'Agenda of the meeting. '.repeat(20) },
    attendees: Array.from({ length: 8 }, (_, index) => ({
      name: `Attendee Number ${index}`,
      address: `attendee${index}@example.test`,
      role: 'required' as const,
      response: 'none' as const,
    })),
    isOrganizer: true,
    isMeeting: true,
    isCancelled: false,
    myResponse: 'organizer',
    sensitivity: 'normal',
    freeBusy: 'busy',
    links: [],
    marker: {},
    hasAttachments: false,
  };
}

const boxOf = (n: number): MailboxAddress => mailboxAddress(`user${n}@example.test`);

function pageOf(mailbox: number, page: number, size: number): Observation {
  const changed = Array.from({ length: size }, (_, n) => itemOf(mailbox, page * size + n));
  return {
    mailbox: boxOf(mailbox),
    fence: 0,
    cursor: cursor(`c${page + 1}`),
    changed,
    removed: [],
    at: BASE,
    holdMs: 0,
    judgeDisappearance: () => 'hold',
    ...(page === 0 ? {} : { previousCursor: cursor(`c${page}`) }),
  };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

/** What PostgreSQL does with the same rows when nothing of ours is in the way: one unnest per page, two indexes. */
async function benchRawUnnest(url: string): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: CONCURRENT_MAILBOXES });
  await pool.query('create table raw (box int, id text, start_at bigint, item json, primary key (box, id))');
  await pool.query('create index raw_start on raw (box, start_at)');
  const insert = `insert into raw select $1, n.id, n.start_at, n.item from unnest($2::text[], $3::bigint[], $4::json[]) n (id, start_at, item)
    on conflict (box, id) do update set start_at = excluded.start_at, item = excluded.item`;
  const pages = (box: number) =>
    Array.from({ length: PAGES / CONCURRENT_MAILBOXES }, (_, page) =>
      Array.from({ length: ITEMS_PER_PAGE }, (_, n) => itemOf(box, page * ITEMS_PER_PAGE + n)),
    );
  const work = Array.from({ length: CONCURRENT_MAILBOXES }, (_, box) => pages(box));
  const seconds = await secondsOf(() =>
    Promise.all(
      work.map(async (mine, box) => {
        for (const items of mine) {
          const columns = [
            items.map((one) => one.itemId),
            items.map((one) => one.start),
            items.map((one) => JSON.stringify(one)),
          ];
          await pool.query(insert, [box, ...columns]);
        }
      }),
    ),
  );
  await pool.query('drop table raw');
  await pool.end();
  return (PAGES * ITEMS_PER_PAGE) / seconds;
}

/** Rounds of pages over several mailboxes at once; `rounds` 2 commits the same items changed. */
async function commitAll(store: PostgresStore, change: (page: Observation) => Observation): Promise<number> {
  const work = Array.from({ length: CONCURRENT_MAILBOXES }, (_, box) =>
    Array.from({ length: PAGES / CONCURRENT_MAILBOXES }, (_, page) => change(pageOf(box, page, ITEMS_PER_PAGE))),
  );
  const seconds = await secondsOf(() =>
    Promise.all(
      work.map(async (pages) => {
        for (const page of pages) {
          const receipt = await store.commitObservation(page);
          if (receipt.outcome !== 'committed') throw new Error(`unexpected ${receipt.outcome}`);
        }
      }),
    ),
  );
  return (PAGES * ITEMS_PER_PAGE) / seconds;
}

async function resetCursors(store: PostgresStore): Promise<void> {
  for (let box = 0; box < CONCURRENT_MAILBOXES; box += 1) await store.resetCursor(boxOf(box));
}

async function benchUpserts(store: PostgresStore, url: string): Promise<readonly BenchResult[]> {
  await store.saveMailboxes(
    Array.from({ length: CONCURRENT_MAILBOXES + 1 }, (_, n) => ({
      address: boxOf(n),
      provider: 'x',
      priority: 1,
      licensed: true,
    })),
  );
  const raw = await benchRawUnnest(url);
  const inserts = await commitAll(store, (page) => page);
  await resetCursors(store);
  const updates = await commitAll(store, (page) => ({
    ...page,
    changed: page.changed.map((item) => ({ ...item, subject: `${item.subject}!` })),
  }));
  const share = inserts / raw;
  return [
    { name: 'floor: raw unnest upserts', measured: `${Math.round(raw)} items/s` },
    {
      name: 'item inserts through the store',
      measured: `${Math.round(inserts)} items/s`,
      goal: '>= 10000/s',
      met: inserts >= 10_000,
      note: 'with cursor, feed, one job per meeting',
    },
    { name: 'share of the floor', measured: `${Math.round(share * 100)} %`, goal: '>= 40 %', met: share >= 0.4 },
    { name: 'item updates through the store', measured: `${Math.round(updates)} items/s` },
  ];
}

/** Tuples written in our schema and the queue's, by PostgreSQL's own count. */
async function rowsWritten(client: pg.Client): Promise<number> {
  await client.query('select pg_stat_force_next_flush()');
  const { rows } = await client.query<{ n: string }>(
    `select sum(n_tup_ins + n_tup_upd + n_tup_del) as n from pg_stat_user_tables`,
  );
  return Number(rows[0]?.n ?? 0);
}

async function benchResync(store: PostgresStore, url: string): Promise<readonly BenchResult[]> {
  const client = new pg.Client(url);
  await client.connect();
  const last = PAGES / CONCURRENT_MAILBOXES;
  const page = { ...pageOf(0, 0, ITEMS_PER_PAGE), previousCursor: cursor(`c${last}`), cursor: cursor(`c${last}`) };
  const unchanged = { ...page, changed: page.changed.map((item) => ({ ...item, subject: `${item.subject}!` })) };
  await store.close();
  await settleStatistics(client);
  const fresh = openStore({ connection: { url }, applicationName: 'bench', poolSize: 1 });
  const before = await rowsWritten(client);
  for (let round = 0; round < 20; round += 1) {
    const receipt = await fresh.commitObservation(unchanged);
    if (receipt.outcome !== 'committed' || receipt.unchanged !== ITEMS_PER_PAGE)
      throw new Error('the re-sync was not a re-sync');
  }
  await fresh.close();
  await settleStatistics(client);
  const written = (await rowsWritten(client)) - before;
  await client.end();
  return [{ name: 'rows written by 20 unchanged re-syncs', measured: String(written), goal: '0', met: written === 0 }];
}

/** A session's counts arrive at its end at the latest; waits until the store's sessions are gone. */
async function settleStatistics(client: pg.Client): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    const { rows } = await client.query(`select 1 from pg_stat_activity where application_name like 'bench%'`);
    if (rows.length === 0) return;
    await pause(SETTLE_MS);
  }
  throw new Error('the sessions of a closed store do not end');
}

async function benchMonthView(store: PostgresStore): Promise<readonly BenchResult[]> {
  const box = CONCURRENT_MAILBOXES;
  for (let page = 0; page < VIEW_ITEMS / 500; page += 1) await store.commitObservation(pageOf(box, page, 500));
  const times: number[] = [];
  let items = 0;
  for (let round = 0; round < 200; round += 1) {
    const from = BASE + ((round * 30) % 1_000) * DAY_MS;
    times.push(
      1_000 *
        (await secondsOf(
          async () => (items = (await store.listItemsInWindow(boxOf(box), from, from + 30 * DAY_MS)).items.length),
        )),
    );
  }
  times.sort((a, b) => a - b);
  const [p50, p99] = [times[100] ?? 0, times[197] ?? 0];
  return [
    {
      name: `month view of a mailbox with ${VIEW_ITEMS} items`,
      measured: `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
      goal: 'p50 <= 5 ms',
      met: p50 <= 5,
      note: `${items} items`,
    },
  ];
}

async function benchStarts(store: PostgresStore): Promise<readonly BenchResult[]> {
  const delays: number[] = [];
  const done = Promise.withResolvers<void>();
  const queue = await openWorkQueue({
    store,
    nodeId: 'bench',
    planConcurrency: 1,
    handlers: {
      plan_meeting: async () => undefined,
      start_conference: async ({ at }) => {
        delays.push(Date.now() - at);
        if (delays.length === STARTS) done.resolve();
      },
    },
  });
  const at = Date.now() + 4_000;
  const startOf = (n: number): StartJob => ({
    meeting: meetingKey({ uid: `s${n}` }),
    serverId: trueConfServerId('s'),
    conferenceId: conferenceId(`c${n}`),
    occurrenceStart: at,
    at,
  });
  await store.commitSettlement({
    key: meetingKey({ uid: 'bench' }),
    version: 0,
    baseline: { version: 1, starts: [], cancelled: false, removed: false },
    startsToSchedule: Array.from({ length: STARTS }, (_, n) => startOf(n)),
    startsToCancel: [],
    removals: [],
    visibleChange: false,
    timeline: [],
  });
  await done.promise;
  await queue.stop();
  delays.sort((a, b) => a - b);
  const [first, last] = [delays[0] ?? 0, delays.at(-1) ?? 0];
  return [
    {
      name: `${STARTS} starts due at one instant`,
      measured: `first after ${first} ms, last after ${last} ms`,
      goal: 'none early, last <= 500 ms',
      met: first >= 0 && last <= 500,
    },
  ];
}

async function benchManyMailboxes(store: PostgresStore): Promise<readonly BenchResult[]> {
  const all = Array.from({ length: 10_000 }, (_, n) => ({
    address: boxOf(n),
    provider: 'x',
    priority: 1,
    licensed: true,
  }));
  await store.saveMailboxes(all);
  await store.beat({ id: 'bench', name: 'bench', deadAfterMs: 60_000 });
  const first = await secondsOf(() => store.acquireLeases('bench', 60_000));
  const again = await secondsOf(() => store.acquireLeases('bench', 60_000));
  const list = await secondsOf(() => store.listMailboxes());
  return [
    { name: 'first lease of 10,000 mailboxes', measured: `${Math.round(first * 1_000)} ms` },
    { name: 'renewing 10,000 leases', measured: `${Math.round(again * 1_000)} ms` },
    {
      name: 'status of 10,000 mailboxes',
      measured: `${Math.round(list * 1_000)} ms`,
      goal: '<= 100 ms',
      met: list <= 0.1,
    },
  ];
}

export async function benchStorage(): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tcc-bench-'));
  const server = await startEmbeddedPostgres({ dataDir: folder, durable: true });
  try {
    const connection = await createDatabase({ url: server.url }, 'bench');
    const url = 'url' in connection ? connection.url : server.url;
    const first = openStore({ connection, applicationName: 'bench', poolSize: CONCURRENT_MAILBOXES });
    await first.migrate();
    const results = [...(await benchUpserts(first, url)), ...(await benchResync(first, url))];
    const store = openStore({ connection, applicationName: 'bench', poolSize: CONCURRENT_MAILBOXES });
    results.push(...(await benchMonthView(store)), ...(await benchManyMailboxes(store)), ...(await benchStarts(store)));
    await store.close();
    return results;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
