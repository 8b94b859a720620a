/**
 * Several writers at once, and clients that follow the feed: pages of several mailboxes that share meetings, settlements
 * that announce and accept removals, conferences that start and stop. Whoever applied every page of the feed holds what
 * the tables hold.
 */
import type { MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import { conferenceId, itemId, mailboxAddress, meetingKey, trueConfServerId } from '@calendar-connector/calendar-model';
import type { Settlement, StoredItem } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { jobKey } from '../src/hashes.ts';
import { DAY, MONDAY, observation, registration, single } from './items.ts';
import { openTestStore } from './open-test-store.ts';

const opened = openTestStore();
const SERVER = trueConfServerId('server.example.test#vcs');
const MEETINGS = 4;
const ITEMS = 5;
const PAGES = 60;
const SETTLEMENTS = 60;
const STATES = 60;

const keyOf = (n: number): MeetingKey => meetingKey({ uid: `shared-${n}` });
const conferenceOf = (n: number) => conferenceId(`conf-${n % 2}`);

/** A repeatable sequence; how the writers interleave is PostgreSQL's affair and differs from run to run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const settlementOf = (change: Partial<Settlement> & Pick<Settlement, 'key' | 'version'>): Settlement => ({
  baseline: { version: 1, starts: [], cancelled: false, removed: false },
  startsToSchedule: [],
  startsToCancel: [],
  removals: [],
  visibleChange: false,
  timeline: [],
  ...change,
});

/** What a client knows of one mailbox: the feed applied page by page, as a client would. */
class Follower {
  readonly #mailbox: MailboxAddress;
  readonly events = new Map<string, string>();
  #revision = 0;

  constructor(mailbox: MailboxAddress) {
    this.#mailbox = mailbox;
  }

  async read(): Promise<void> {
    const page = await opened.store.changesSince(this.#mailbox, this.#revision, 1_000);
    expect(page.resync).toBe(false);
    const changed = new Set(page.changed.map((one) => one.eventId));
    expect(page.removed.filter((eventId) => changed.has(eventId))).toEqual([]);
    for (const one of page.changed) this.events.set(one.eventId, shown(one));
    for (const eventId of page.removed) this.events.delete(eventId);
    this.#revision = page.revision;
  }
}

/** What a client shows of an event: what it says and how to join. */
function shown({ item, meeting, binding }: StoredItem): string {
  return JSON.stringify([item.subject, meeting, binding?.conferenceId, binding?.state]);
}

/** Pages of one mailbox: items that appear, change, change their meeting, vanish and come back. */
async function observe(mailbox: MailboxAddress, seed: number): Promise<void> {
  const next = numbers(seed);
  let cursor: string | undefined;
  for (let page = 1; page <= PAGES; page += 1) {
    const touched = [...new Set([next(ITEMS), next(ITEMS)])];
    const gone = touched.filter(() => next(3) === 0).map((n) => itemId(`${mailbox}-${n}`));
    const changed = touched
      .map((n) => single(`${mailbox}-${n}`, { uid: `shared-${next(MEETINGS)}`, subject: `page ${page}` }))
      .filter((item) => !gone.includes(item.itemId));
    const receipt = await opened.store.commitObservation(
      observation(mailbox, [cursor, `c${page}`], { changed, removed: gone }),
    );
    expect(receipt.outcome).toBe('committed');
    cursor = `c${page}`;
  }
}

/** Settlements of all meetings: they bind and unbind conferences, and accept what is missing. */
async function settle(seed: number): Promise<void> {
  const next = numbers(seed);
  for (let turn = 0; turn < SETTLEMENTS; turn += 1) {
    const n = next(MEETINGS);
    const { key, version, copies } = await opened.store.loadMeeting(keyOf(n));
    const removals = copies
      .filter((copy) => copy.missingSince !== undefined)
      .map(({ mailbox, item }) => ({ mailbox, itemId: item.itemId }));
    const binding = {
      serverId: SERVER,
      conferenceId: conferenceOf(n),
      ownership: 'created',
      url: 'https://x',
    } as const;
    const bound = next(2) === 0 ? { binding } : {};
    const baseline = { version: 1, starts: [], cancelled: false, removed: false, ...bound } as const;
    await opened.store.commitSettlement(settlementOf({ key, version, baseline, removals, visibleChange: true }));
  }
}

async function startAndStop(seed: number): Promise<void> {
  const next = numbers(seed);
  for (let turn = 0; turn < STATES; turn += 1) {
    await opened.store.saveConferenceState(SERVER, conferenceOf(next(2)), next(2) === 0 ? 'running' : 'stopped');
  }
}

test('whoever follows the feed while everybody writes ends with what the tables hold', async () => {
  const mailboxes = ['anna', 'boris', 'clara'].map((name) => mailboxAddress(`${name}-race@example.test`));
  await opened.store.saveMailboxes(mailboxes.map((mailbox) => registration(mailbox)));
  const followers = mailboxes.map((mailbox) => new Follower(mailbox));
  let over = false;
  const follow = async (follower: Follower): Promise<void> => {
    while (!over) await follower.read();
  };
  const following = Promise.all(followers.map(follow));
  await Promise.all([
    ...mailboxes.map((mailbox, n) => observe(mailbox, n + 1)),
    settle(11),
    settle(12),
    startAndStop(21),
  ]);
  over = true;
  await following;
  for (const [n, mailbox] of mailboxes.entries()) {
    await followers[n]?.read();
    const { items } = await opened.store.listItemsInWindow(mailbox, MONDAY - DAY, MONDAY + DAY);
    expect(items.length).toBeGreaterThan(0);
    expect(new Map(followers[n]?.events)).toEqual(new Map(items.map((one) => [one.eventId, shown(one)])));
  }
}, 60_000);

test('an event that comes back while its removal is being committed is not removed at clients', async () => {
  const mailbox = mailboxAddress('back@example.test');
  const item = single('back', { uid: 'back' });
  const key = meetingKey({ uid: 'back' });
  await opened.store.saveMailboxes([registration(mailbox)]);
  await opened.store.commitObservation(observation(mailbox, [undefined, 'c1'], { changed: [item] }));
  await opened.store.commitObservation(observation(mailbox, ['c1', 'c2'], { removed: [item.itemId] }));

  // The settlement is stopped between its removal and its commit: by the start it has to add, which another holds.
  const start = { meeting: key, serverId: SERVER, conferenceId: conferenceOf(0), occurrenceStart: MONDAY, at: MONDAY };
  const obstacle = await opened.store.internals.db.startTransaction().execute();
  const name = jobKey.start(start.serverId, start.conferenceId, start.occurrenceStart);
  await sql`select graphile_worker.add_job('plan_meeting', '{}'::json, job_key := ${name})`.execute(obstacle);
  const removals = [{ mailbox, itemId: item.itemId }];
  const removing = opened.store.commitSettlement(
    settlementOf({ key, version: 0, removals, startsToSchedule: [start] }),
  );
  await expect.poll(waiting).toBe(1);
  const coming = opened.store.commitObservation(observation(mailbox, ['c2', 'c3'], { changed: [item] }));
  await expect.poll(waiting).toBe(2);
  await obstacle.commit().execute();

  expect(await removing).toBe('done');
  expect(await coming).toMatchObject({ outcome: 'committed', inserted: 1 });
  const page = await opened.store.changesSince(mailbox, 1, 10);
  expect(page.changed.map((one) => one.item.itemId)).toEqual([item.itemId]);
  expect(page.removed).toEqual([]);
});

/** How many transactions of this database wait for another one. */
async function waiting(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(opened.store.internals.db);
  return rows[0]?.n ?? 0;
}
