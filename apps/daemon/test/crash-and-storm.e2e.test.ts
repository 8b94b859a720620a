/**
 * Issue 2 line 4 and issue 7 line 2: the service is killed (SIGKILL) in the middle of its work, and at the very second
 * when many conferences are due. Afterwards nothing is lost, nothing was done twice, nothing started early.
 * `TCC_STORM=500` makes it the full storm.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WorldItem } from '../../../tooling/scene/control-client.ts';
import type { JournalEntry } from './support/fake-worlds.ts';
import { HOUR_MS, inHours, inMs, MINUTE_MS, mail, openStage, type Stage, unique, until } from './support/stage.ts';

const STORM = Number(process.env.TCC_STORM ?? 50);
const MAILBOXES = 8;
/** Time to make the meetings and let the connector learn of them before they are due. */
const LEADS_MS = [1, 3, 8].map((times) => times * (5_000 + STORM * 60));
const PATIENCE_MS = Math.max(...LEADS_MS) + 20_000;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ mailboxes: MAILBOXES });
});
afterAll(() => stage?.close());

const linkTo = (id: string): string => `https://server.example.test/c/${id}`;
const user = (index: number): string => `user${(index % MAILBOXES) + 1}`;

/**
 * Rooms (no schedule of their own, so that only the connector starts them), all due at the same second. On a machine that
 * does not make them in time the next ones are due later.
 */
async function plan(prefix: string): Promise<{ readonly start: number; readonly ids: readonly string[] }> {
  for (const lead of LEADS_MS) {
    const start = inMs(lead);
    const ids = Array.from({ length: STORM }, (_, index) => `${prefix}_${start.toString(36)}_${index}`);
    await Promise.all(ids.map((id, index) => makeRoom(id, index, start)));
    const isThere = async (): Promise<boolean> => {
      const there = new Set((await stage.worlds.conferences()).map(({ id }) => id));
      return ids.every((id) => there.has(id));
    };
    // Some seconds ahead a start is handed out: what is there by then starts on time.
    await until(
      'all rooms are there, or it is too late',
      async () => Date.now() > start - 2_500 || isThere(),
      lead,
      50,
    );
    if (Date.now() <= start - 2_500) return { start, ids };
  }
  throw new Error('the machine is too slow for this storm');
}

async function makeRoom(id: string, index: number, start: number): Promise<void> {
  await stage.worlds.meet(user(index), {
    subject: id,
    start,
    end: start + 30 * MINUTE_MS,
    timeZone: 'UTC',
    location: linkTo(id),
    attendees: [mail(user(index + 1))],
    recurrence: {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'NoEnd', startDate: new Date(start).toISOString().slice(0, 10) },
    },
  });
}

interface Storm {
  readonly delays: readonly number[];
  readonly requests: number;
  readonly lookedAhead: number;
}

/** Starts as TrueConf Server recorded them. */
async function startsOf(prefix: string, ids: readonly string[], start: number, limitMs: number): Promise<Storm> {
  const wanted = new Set(ids);
  await until(
    'every conference runs',
    async () =>
      // Asking costs the fake time it needs for the storm: not before the storm is due to be over.
      Date.now() > start + 1_500 &&
      (await stage.worlds.conferences()).filter(({ id, state }) => wanted.has(id) && state === 'running').length ===
        ids.length,
    limitMs,
    100,
  );
  const delays: number[] = [];
  for (const id of ids) {
    const sessions = await stage.worlds.sessions(id);
    expect(sessions, id).toHaveLength(1);
    expect(sessions[0]?.startedBy).toBe('api');
    delays.push(Date.parse(sessions[0]?.startedAt ?? '') - start);
  }
  const asked = await stage.worlds.journal({ server: 'trueconf', pathContains: `/${prefix}_${start.toString(36)}_` });
  const runs = asked.filter(({ operation }) => operation === 'runConference');
  for (const { at } of runs) expect(Date.parse(at)).toBeGreaterThanOrEqual(start);
  return { delays: delays.sort((a, b) => a - b), requests: runs.length, lookedAhead: lookedAhead(asked, start) };
}

/** Starts that were asked for without another look at the conference in their own second. */
function lookedAhead(asked: readonly JournalEntry[], start: number): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const { operation, path = '', at } of asked) {
    const id = /\/conferences\/([^/]+)/.exec(path)?.[1] ?? '';
    if (operation === 'runConference' && (last.get(id) ?? start) < start) count += 1;
    last.set(id, Date.parse(at));
  }
  return count;
}

describe('chapter 3.0.2, many conferences at once', () => {
  test(`C5: ${STORM} conferences due at the same second: all within a second, none early, none twice`, async () => {
    const { start, ids } = await plan('storm');
    const { delays, requests, lookedAhead } = await startsOf('storm', ids, start, PATIENCE_MS);
    console.log(
      `storm of ${STORM}: p50 ${delays[STORM >> 1]} ms, p99 ${delays[Math.ceil(STORM * 0.99) - 1]} ms, last ${delays.at(-1)} ms`,
    );
    expect(delays[0]).toBeGreaterThanOrEqual(0);
    // Counts gate, times do not (the machine may be busy): `pnpm bench:channel` measures the promised second.
    expect(delays.at(-1)).toBeLessThanOrEqual(10_000);
    expect(requests).toBe(STORM);
    // What makes the second possible: at the due moment one request each, everything else was read before.
    expect(lookedAhead).toBeGreaterThan(STORM / 2);
  }, 240_000);

  test(`C5: ${STORM} conferences, and the service is killed at that second: each starts once`, async () => {
    const { start, ids } = await plan('killed');
    // Killed when the first start has reached the server: the others are under way.
    await until(
      'the first one starts',
      async () =>
        (
          await stage.worlds.journal({
            server: 'trueconf',
            operation: 'runConference',
            pathContains: ids[0]?.replace(/_0$/, '_') ?? '',
          })
        ).length > 0,
      PATIENCE_MS,
      5,
    );
    await stage.kill();
    const running = (await stage.worlds.conferences()).filter(
      ({ id, state }) => ids.includes(id) && state === 'running',
    ).length;
    await stage.start();
    const { delays } = await startsOf('killed', ids, start, 40_000);
    expect(delays[0]).toBeGreaterThanOrEqual(0);
    console.log(`killed when ${running} of ${STORM} ran; the last one started ${delays.at(-1)} ms after its time`);
  }, 240_000);
});

describe('chapter 1.3, a service that dies', () => {
  test('SIGKILL in the middle of work, changes while it is away, SIGKILL again: nothing lost, nothing twice', async () => {
    const watchers = await Promise.all(['user1', 'user2', 'user3'].map((name) => stage.watch(name)));
    const start = inHours(80);
    const made: WorldItem[] = [];
    const work = async (from: number, count: number): Promise<void> => {
      for (let index = from; index < from + count; index += 1) {
        const at = start + index * HOUR_MS;
        made.push(
          await stage.worlds.meet(user(index % 3), {
            subject: `Crash ${index}`,
            start: at,
            end: at + 30 * MINUTE_MS,
            attendees: [mail(user((index + 1) % 3))],
            ...(index % 2 === 0 ? { location: linkTo(`crash_${index}`) } : {}),
            ...(index % 5 === 3 ? { location: '@trueconf' } : {}),
          }),
        );
      }
    };
    for (let round = 0; round < 2; round += 1) {
      const busy = work(round * 30, 20);
      await until('some of it has arrived', () =>
        watchers[0]?.events.some(({ title }) => title === `Crash ${round * 30 + 2}` || title === `Crash ${round * 30}`),
      );
      await stage.kill();
      await busy;
      await work(round * 30 + 20, 10);
      for (const item of made.slice(round * 30, round * 30 + 3)) {
        await stage.worlds.control.update(mail(user(made.indexOf(item) % 3)), item.id, {
          subject: `${item.subject} moved`,
        });
      }
      await stage.start();
    }
    const expected = async (name: string): Promise<string> =>
      JSON.stringify(
        (await stage.worlds.control.items(mail(name)))
          .filter(({ subject }) => subject.startsWith('Crash'))
          .map(({ uid, subject, start: at }) => [uid, subject, Date.parse(at)])
          .sort(),
      );
    for (const watcher of watchers) {
      const shown = (): string =>
        JSON.stringify(
          watcher.events
            .filter(({ title }) => title.startsWith('Crash'))
            .map(({ uid, title, start: at }) => [uid, title, Date.parse(at)])
            .sort(),
        );
      const world = await expected(watcher.user);
      await until(`${watcher.user} shows what Exchange holds`, () => shown() === world, 20_000);
    }
    const conferences = await until(
      'every conference',
      async () => {
        const all = (await stage.worlds.conferences()).filter(({ topic }) => topic.startsWith('Crash'));
        return all.length >= 30 + 6 && all;
      },
      20_000,
      50,
    );
    // One for each link and each keyword, none twice.
    const wanted = made.map((_, index) => index).filter((index) => index % 2 === 0 || index % 5 === 3).length;
    expect(new Set(conferences.map(({ topic }) => topic)).size).toBe(conferences.length);
    await until(
      'as many conferences as meetings with one',
      async () => (await stage.worlds.conferences()).filter(({ topic }) => topic.startsWith('Crash')).length === wanted,
    );
    const items = await stage.worlds.control.items(mail('user1'));
    expect(new Set(items.map(({ uid, start: at }) => `${uid}${at}`)).size).toBe(items.length);
  }, 120_000);

  test('SIGTERM drains and ends with 0; the next start takes everything up again', async () => {
    const at = inHours(200);
    const bound = unique('followed');
    const end = at + HOUR_MS;
    await stage.worlds.meet('user2', { subject: bound, start: at, end, location: linkTo(bound) });
    await until('its conference', async () => (await stage.worlds.conference(bound))?.topic === bound);
    expect(await stage.stop()).toBe(0);
    const item = await stage.worlds.meet('user1', { subject: 'While it was stopped', start: at, end: at + HOUR_MS });
    // On the server people go on as well, and no list of before is left to compare with.
    await stage.worlds.changeConference(bound, { topic: 'Renamed while nobody watched' });
    await stage.start();
    await until('the title of the meeting', async () => (await stage.worlds.conference(bound))?.topic === bound);
    const watcher = await stage.watch('user1');
    expect(await watcher.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 15_000)).toBeDefined();
  });
});
