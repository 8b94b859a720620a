/** Conformance of settlements, the feed clients read, anomalies' neighbours: ledger, mirrors, timeline. */
import type { MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import { conferenceId, itemId, mailboxAddress, meetingKey, trueConfServerId } from '@calendar-connector/calendar-model';
import type { Baseline, ConferenceBinding, Settlement, StartJob } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { jobKey } from '../src/hashes.ts';
import { DAY, HOUR, MONDAY, observation, registration, series, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';

const opened = openTestStore();
const SERVER = trueConfServerId('server.example.test#vcs');
const EMPTY: Baseline = { version: 1, starts: [], cancelled: false, removed: false };
let [anna, boris] = ['', ''] as [MailboxAddress, MailboxAddress];
let key: MeetingKey;
let uid = '';
let count = 0;

beforeEach(async () => {
  count += 1;
  [anna, boris] = [mailboxAddress(`anna${count}@example.test`), mailboxAddress(`boris${count}@example.test`)];
  uid = `meeting-${count}`;
  key = meetingKey({ uid });
  await opened.store.saveMailboxes([registration(anna), registration(boris)]);
  const items = { changed: [single('a', { uid })] };
  await opened.store.commitObservation(observation(anna, [undefined, 'c1'], items));
  await opened.store.commitObservation(observation(boris, [undefined, 'c1'], items));
});

function binding(change: Partial<ConferenceBinding> = {}): ConferenceBinding {
  return {
    serverId: SERVER,
    conferenceId: conferenceId(`conf${count}`),
    ownership: 'created',
    url: 'https://x/c/1',
    ...change,
  };
}

function settlement(version: number, change: Partial<Settlement> = {}): Settlement {
  return {
    key,
    version,
    baseline: EMPTY,
    startsToSchedule: [],
    startsToCancel: [],
    removals: [],
    visibleChange: false,
    timeline: [],
    ...change,
  };
}

const settle = (version: number, change: Partial<Settlement> = {}) =>
  opened.store.commitSettlement(settlement(version, change));

/** Adds a job without committing: whoever adds one of the same key has to wait. */
async function holdJob(jobName: string): Promise<{ release(): Promise<unknown> }> {
  const trx = await opened.store.internals.db.startTransaction().execute();
  await sql`select graphile_worker.add_job('plan_meeting', '{}'::json, job_key := ${jobName})`.execute(trx);
  return { release: () => trx.rollback().execute() };
}

/** Until somebody waits for a lock of that kind in this database. */
async function waitsForLock(kind: 'advisory' | 'transactionid'): Promise<void> {
  await expect
    .poll(() => ask(opened.store, `select 1 from pg_locks where not granted and locktype = '${kind}'`), { interval: 5 })
    .not.toEqual([]);
}

async function jobs(prefix: string): Promise<readonly { key: string; run_at: Date }[]> {
  return ask(opened.store, `select key, run_at from graphile_worker.jobs where key like '${prefix}:%' order by run_at`);
}

describe('a settlement', () => {
  test('is loaded again with the copies of all mailboxes', async () => {
    expect(await opened.store.loadMeeting(key)).toMatchObject({
      key,
      version: 0,
      copies: [{ mailbox: anna }, { mailbox: boris }],
    });
    const baseline = { ...EMPTY, binding: binding(), cancelled: true };
    expect(await settle(0, { baseline })).toBe('done');
    expect(await opened.store.loadMeeting(key)).toMatchObject({ version: 1, baseline });
    expect(await opened.store.loadMeeting(meetingKey({ uid: 'nobody' }))).toEqual({
      key: 'uid:nobody',
      copies: [],
      version: 0,
    });
  });

  test('planned from an older version is refused, of two at once one wins', async () => {
    expect(await Promise.all([settle(0), settle(0)]).then((both) => both.toSorted())).toEqual(['done', 'stale']);
    expect(await settle(0)).toBe('stale');
    expect(await settle(2)).toBe('stale');
    expect(await settle(1)).toBe('done');
  });

  test('that is refused leaves nothing: no start, no line, no look', async () => {
    await settle(0);
    const before = await ask(opened.store, 'select count(*) from graphile_worker.jobs');
    const start: StartJob = {
      meeting: key,
      serverId: SERVER,
      conferenceId: conferenceId('x'),
      occurrenceStart: 1,
      at: 2,
    };
    const line = { at: 1, meeting: key, stage: 'settled' as const, what: 'R1' };
    expect(await settle(0, { startsToSchedule: [start], timeline: [line], planAgainAt: 5 })).toBe('stale');
    expect(await ask(opened.store, 'select count(*) from graphile_worker.jobs')).toEqual(before);
    expect(await opened.store.listTimeline(key, 10)).toEqual([]);
  });

  test('that clients see advances the feed of every copy', async () => {
    await settle(0, { baseline: { ...EMPTY, binding: binding() }, visibleChange: true });
    for (const mailbox of [anna, boris]) {
      const page = await opened.store.changesSince(mailbox, 1, 10);
      expect(page).toMatchObject({
        revision: 2,
        changed: [{ binding: { state: 'stopped', ownership: 'created' } }],
        resync: false,
      });
    }
  });

  test('waits for a copy that is just being stored, so that its clients see the conference too', async () => {
    const carol = mailboxAddress(`carol${count}@example.test`);
    await opened.store.saveMailboxes([registration(carol)]);
    // Carol's page is stopped between its items and its commit: by the job it has to add, which another holds.
    const obstacle = await holdJob(jobKey.planNow(key));
    const page = opened.store.commitObservation(
      observation(carol, [undefined, 'c1'], { changed: [single('a', { uid })] }),
    );
    await waitsForLock('transactionid');
    const settled = settle(0, { baseline: { ...EMPTY, binding: binding() }, visibleChange: true });
    await Promise.race([settled, waitsForLock('advisory')]);
    await obstacle.release();
    const receipt = await page;
    expect(await settled).toBe('done');
    const told = receipt.outcome === 'committed' ? receipt.revision : Number.NaN;
    expect(await opened.store.changesSince(carol, told, 10)).toMatchObject({
      revision: told + 1,
      changed: [{ binding: { ownership: 'created' } }],
    });
  });

  test('that accepts a removal takes the row; clients were told when it vanished, and are not told again', async () => {
    const { items } = await opened.store.listItemsInWindow(anna, MONDAY, MONDAY + 1);
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { removed: [itemId('a')] }));
    expect(await settle(0, { removals: [{ mailbox: anna, itemId: itemId('a') }] })).toBe('done');
    const page = await opened.store.changesSince(anna, 1, 10);
    expect(page).toMatchObject({ revision: 2, changed: [], removed: [items[0]?.eventId] });
    expect((await opened.store.loadMeeting(key)).copies.map((copy) => copy.mailbox)).toEqual([boris]);
    const again = single('a2', { uid });
    await opened.store.commitObservation(observation(anna, ['c2', 'c3'], { changed: [again] }));
    const back = await opened.store.changesSince(anna, 1, 10);
    expect(back).toMatchObject({ removed: [], changed: [{ eventId: items[0]?.eventId }] });
  });

  test('that accepts a removal tells clients of what an older version held in silence', async () => {
    const { items } = await opened.store.listItemsInWindow(anna, MONDAY, MONDAY + 1);
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { removed: [itemId('a')] }));
    const { revision } = await opened.store.changesSince(anna, 1, 10);
    await ask(opened.store, `delete from tcc.feed_removals where event_id = '${items[0]?.eventId}'`);
    await settle(0, { removals: [{ mailbox: anna, itemId: itemId('a') }] });
    const page = await opened.store.changesSince(anna, revision, 10);
    expect(page).toMatchObject({ revision: revision + 1, changed: [], removed: [items[0]?.eventId] });
  });

  test('does not remove an item that came back meanwhile', async () => {
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { removed: [itemId('a')] }));
    await opened.store.commitObservation(observation(anna, ['c2', 'c3'], { changed: [single('a', { uid })] }));
    await settle(0, { removals: [{ mailbox: anna, itemId: itemId('a') }] });
    expect((await opened.store.loadMeeting(key)).copies).toHaveLength(2);
  });

  test('schedules a start once, moves it, cancels it', async () => {
    const occurrenceStart = Date.now() + DAY;
    const start: StartJob = {
      meeting: key,
      serverId: SERVER,
      conferenceId: conferenceId(`s${count}`),
      occurrenceStart,
      at: occurrenceStart,
    };
    const mine = async () => (await jobs('start')).length;
    const before = await mine();
    await settle(0, { startsToSchedule: [start, start] });
    await settle(1, { startsToSchedule: [start] });
    expect(await mine()).toBe(before + 1);
    await settle(2, { startsToSchedule: [{ ...start, at: occurrenceStart + HOUR }] });
    expect((await jobs('start')).at(-1)?.run_at.getTime()).toBe(occurrenceStart + HOUR - 5_000);
    await settle(3, { startsToCancel: [start] });
    expect(await mine()).toBe(before);
  });

  test('orders the next look; an earlier one already ordered stays, one due now is never postponed', async () => {
    const soon = Date.now() + HOUR;
    await settle(0);
    await ask(opened.store, `delete from graphile_worker._private_jobs where key = '${jobKey.planLater(key)}'`);
    const before = (await jobs('later')).length;
    await settle(1, { planAgainAt: soon + HOUR });
    await settle(2, { planAgainAt: soon });
    await settle(3, { planAgainAt: soon + DAY });
    const later = await jobs('later');
    expect(later).toHaveLength(before + 1);
    expect(later.map((job) => job.run_at.getTime())).toContain(soon);
    const now = (await jobs('plan')).filter((job) => job.run_at.getTime() > Date.now());
    expect(now).toEqual([]);
  });
});

describe('a window of a mailbox', () => {
  async function seen(from: number, to: number): Promise<readonly string[]> {
    const { items } = await opened.store.listItemsInWindow(anna, from, to);
    return items.map((one) => one.item.itemId);
  }

  test('holds what overlaps it, half open, ordered by start', async () => {
    const changed = [
      single('before', { start: MONDAY - HOUR, end: MONDAY }),
      single('across', { start: MONDAY - HOUR, end: MONDAY + 1 }),
      single('inside', { start: MONDAY + 1, end: MONDAY + 2 }),
      single('point', { start: MONDAY, end: MONDAY }),
      single('after', { start: MONDAY + HOUR, end: MONDAY + 2 * HOUR }),
      single('long', { start: MONDAY - 300 * DAY, end: MONDAY + 300 * DAY }),
      single('old', { start: MONDAY - 300 * DAY, end: MONDAY - 200 * DAY }),
    ];
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { changed, removed: [itemId('a')] }));
    expect(await seen(MONDAY, MONDAY + HOUR)).toEqual(['long', 'across', 'point', 'inside']);
    expect(await seen(MONDAY + HOUR, MONDAY)).toEqual([]);
  });

  test('holds every series that may reach into it, and none that ended long ago', async () => {
    const range = (type: 'EndDate' | 'Numbered', rest: object) => ({ type, startDate: '2020-01-06', ...rest }) as never;
    const old = { start: Date.UTC(2020, 0, 6, 9), end: Date.UTC(2020, 0, 6, 10) };
    const weekly = { type: 'Weekly', interval: 2, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' } as const;
    const ended = { pattern: weekly, range: range('EndDate', { endDate: '2020-03-02' }) };
    const numbered = { pattern: weekly, range: range('Numbered', { numberOfOccurrences: 161 }) };
    const few = { pattern: weekly, range: range('Numbered', { numberOfOccurrences: 3 }) };
    const changed = [
      series('open', old),
      series('ended', { ...old, recurrence: ended }),
      series('numbered', { ...old, recurrence: numbered }),
      series('few', { ...old, recurrence: few }),
      series('moved', {
        ...old,
        recurrence: few,
        modifiedOccurrences: [{ originalStart: old.start, start: MONDAY + HOUR, end: MONDAY + 2 * HOUR }],
      }),
    ];
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { changed }));
    expect((await seen(MONDAY + 1, MONDAY + DAY)).toSorted()).toEqual(['a', 'moved', 'numbered', 'open']);
  });

  test('of an unknown mailbox is empty', async () => {
    const window = await opened.store.listItemsInWindow(mailboxAddress('nobody@example.test'), 0, MONDAY);
    expect(window).toEqual({ items: [], revision: 0 });
  });
});

describe('the change feed', () => {
  test('answers with everything since a revision, or with a resync when that is too much or too far', async () => {
    const many = Array.from({ length: 12 }, (_, index) => single(`n${index}`));
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { changed: many }));
    expect(await opened.store.changesSince(anna, 1, 12)).toMatchObject({ revision: 2, resync: false });
    expect(await opened.store.changesSince(anna, 1, 11)).toEqual({
      revision: 2,
      changed: [],
      removed: [],
      resync: true,
    });
    expect(await opened.store.changesSince(anna, 2, 1)).toEqual({
      revision: 2,
      changed: [],
      removed: [],
      resync: false,
    });
    expect(await opened.store.changesSince(anna, 99, 1)).toMatchObject({ resync: true });
    expect(await opened.store.changesSince(mailboxAddress('nobody@example.test'), 0, 1)).toMatchObject({
      resync: true,
    });
  });

  test('forgets old removals and then sends clients that are further behind to list again', async () => {
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { removed: [itemId('a')] }));
    await settle(0, { removals: [{ mailbox: anna, itemId: itemId('a') }] });
    expect(await opened.store.changesSince(anna, 1, 5)).toMatchObject({ resync: false });
    expect(await opened.store.maintain({ removalsDays: 0 })).toMatchObject({ removals: expect.any(Number) });
    expect(await opened.store.changesSince(anna, 1, 5)).toMatchObject({ resync: true, revision: 2 });
    expect(await opened.store.changesSince(anna, 2, 5)).toMatchObject({ resync: false });
  });

  test('is followed by every node, and not for what nobody sees', async () => {
    const heard: string[] = [];
    const first = Promise.withResolvers<void>();
    const follower = await opened.another().followChanges({
      onChange: (mailbox, revision) => {
        heard.push(`${mailbox} ${revision}`);
        if (heard.length === 2) first.resolve();
      },
      onLost: () => undefined,
    });
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], { changed: [single('a', { uid })] }));
    await opened.store.commitObservation(
      observation(anna, ['c2', 'c3'], { changed: [single('a', { uid, subject: 'New' })] }),
    );
    await opened.store.commitObservation(observation(boris, ['c1', 'c2'], { changed: [single('b')] }));
    await first.promise;
    expect(heard).toEqual([`${anna} 2`, `${boris} 2`]);
    await follower.close();
  });

  test('tells when the connection broke, and goes on by itself', async () => {
    const lost = Promise.withResolvers<void>();
    const heard = Promise.withResolvers<number>();
    const follower = await opened.another().followChanges({
      onChange: (mailbox, revision) => mailbox === anna && heard.resolve(revision),
      onLost: () => lost.resolve(),
    });
    await ask(
      opened.store,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% changes'`,
    );
    await lost.promise;
    for (let round = 1; round < 100; round += 1) {
      await opened.store.commitObservation(
        observation(anna, [`c${round}`, `c${round + 1}`], { changed: [single('a', { uid, subject: `${round}` })] }),
      );
      if (await Promise.race([heard.promise, new Promise((done) => setTimeout(() => done(undefined), 20))])) break;
    }
    expect(await heard.promise).toBeGreaterThan(1);
    await follower.close();
  });
});

describe('a settlement nobody will ask for', () => {
  const gone = (name: string) => meetingKey({ uid: `${name}-${count}` });
  const settled = (name: string, baseline: Baseline) =>
    opened.store.commitSettlement(settlement(0, { key: gone(name), baseline }));
  const versionOf = async (meeting: MeetingKey) => (await opened.store.loadMeeting(meeting)).version;

  test('goes after a while: its meeting is in no mailbox, and it has no conference left', async () => {
    await settled('removed', { ...EMPTY, binding: binding(), removed: true });
    await settled('unbound', EMPTY);
    await settled('waiting', { ...EMPTY, binding: binding() });
    await settle(0, { baseline: { ...EMPTY, binding: binding(), removed: true } });
    await opened.store.maintain({ timelineDays: 1 });
    expect(await versionOf(gone('removed'))).toBe(1);
    await opened.store.maintain({ timelineDays: 0 });
    expect([await versionOf(gone('removed')), await versionOf(gone('unbound'))]).toEqual([0, 0]);
    expect([await versionOf(gone('waiting')), await versionOf(key)]).toEqual([1, 1]);
  });
});

describe('a conference', () => {
  test('that starts is seen by the clients of every copy, once', async () => {
    await settle(0, {
      baseline: {
        ...EMPTY,
        binding: binding(),
        agreed: { topic: 't', mode: 'smartMeeting', access: 'private', participants: [] },
      },
    });
    const { conferenceId: id } = binding();
    await opened.store.saveConferenceState(SERVER, id, 'stopped');
    expect(await opened.store.changesSince(anna, 1, 5)).toMatchObject({ revision: 1 });
    await opened.store.saveConferenceState(SERVER, id, 'running');
    await opened.store.saveConferenceState(SERVER, id, 'running');
    const page = await opened.store.changesSince(boris, 1, 5);
    expect(page).toMatchObject({
      revision: 2,
      changed: [{ binding: { state: 'running', mode: 'smartMeeting', access: 'private' } }],
    });
    expect(await opened.store.listRunningConferences(SERVER)).toContain(id);
    await opened.store.saveConferenceState(SERVER, id, 'stopped');
    expect(await opened.store.changesSince(boris, 2, 5)).toMatchObject({
      changed: [{ binding: { state: 'stopped' } }],
    });
  });

  test('that stopped leaves no row behind: a server makes new ones every day', async () => {
    const { conferenceId: id } = binding();
    const rows = () => ask(opened.store, `select state from tcc.conference_states where conference_id = '${id}'`);
    await opened.store.saveConferenceState(SERVER, id, 'running');
    expect(await rows()).toEqual([{ state: 'running' }]);
    await opened.store.saveConferenceState(SERVER, id, 'stopped');
    expect(await rows()).toEqual([]);
    expect(await opened.store.listRunningConferences(SERVER)).not.toContain(id);
  });

  test('that runs already is shown as running by a meeting that comes to link to it', async () => {
    await opened.store.saveConferenceState(SERVER, binding().conferenceId, 'running');
    await settle(0, { baseline: { ...EMPTY, binding: binding() }, visibleChange: true });
    expect(await opened.store.changesSince(anna, 1, 5)).toMatchObject({ changed: [{ binding: { state: 'running' } }] });
  });

  test('belongs to the meeting that made it, not to one that only shows it or adopted it later', async () => {
    const adopted = { ...EMPTY, binding: binding({ ownership: 'adopted' }) };
    const find = () => opened.store.findMeetingByConference(SERVER, binding().conferenceId);
    const earlier = meetingKey({ uid: `0-shows-${count}` });
    await opened.store.commitSettlement(settlement(0, { key: earlier, baseline: { ...adopted, sharedWith: key } }));
    await settle(0, { baseline: adopted });
    await opened.store.commitSettlement(
      settlement(0, { key: meetingKey({ uid: `0-late-${count}` }), baseline: adopted }),
    );
    expect(await find()).toBe(key);
    const maker = meetingKey({ uid: `z-${count}` });
    await opened.store.commitSettlement(settlement(0, { key: maker, baseline: { ...EMPTY, binding: binding() } }));
    expect(await find()).toBe(maker);
    expect(await opened.store.findMeetingByConference(SERVER, conferenceId('nobody'))).toBeUndefined();
  });
});

describe('mailboxes', () => {
  test('are made equal to the list; removed ones keep their data but are not licensed', async () => {
    await opened.store.saveMailboxes([registration(anna, { priority: 1, licensed: false })]);
    expect(await opened.store.listMailboxes()).toMatchObject([{ address: anna, priority: 1, licensed: false }]);
    expect(await opened.store.findMailbox(boris)).toMatchObject({ licensed: false, liveItems: 1 });
    expect((await opened.store.listItemsInWindow(boris, MONDAY, MONDAY + 1)).items).toHaveLength(1);
    expect(await opened.store.findMailbox(mailboxAddress('nobody@example.test'))).toBeUndefined();
  });

  test('remember where they were found, how they do, and that somebody paused them', async () => {
    const resolved = {
      address: anna,
      folderId: `Folder${count}==` as never,
      calendarTitle: 'Календарь',
      ownerName: 'Anna',
      endpoint: 'https://x',
      affinityGroup: 'g',
    };
    const status = { address: anna, state: 'live', since: MONDAY };
    await opened.store.saveResolution(resolved);
    await opened.store.saveStatuses([status, { ...status, address: mailboxAddress('nobody@example.test') }]);
    await opened.store.setPaused(anna, true);
    expect(await opened.store.findMailbox(anna)).toMatchObject({ resolved, status, paused: true });
    expect(await opened.store.findMailboxByFolder(resolved.folderId)).toBe(anna);
    expect(await opened.store.findMailboxByFolder(`folder${count}==` as never)).toBeUndefined();
  });
});

describe('an anomaly', () => {
  const report = (id: string, facts = {}) =>
    opened.store.saveAnomaly({ id: `${id}-${count}`, at: MONDAY, kind: 'loop', meeting: key, facts });
  const listed = async () => (await opened.store.listAnomalies(false)).filter((anomaly) => anomaly.meeting === key);

  test('is told once, however often it is met, and again when it goes on after a decision', async () => {
    await report('a', { writes: 60 });
    await report('b', { writes: 61 });
    await opened.store.saveAnomaly({
      id: `other-${count}`,
      at: MONDAY,
      kind: 'conferenceConflict',
      meeting: key,
      facts: {},
    });
    expect((await listed()).map(({ id }) => id)).toEqual([`a-${count}`, `other-${count}`]);
    expect(await opened.store.decideAnomaly(`a-${count}`, 'discarded')).toBe('done');
    expect(await listed()).toContainEqual(
      expect.objectContaining({ decision: 'discarded', decidedAt: expect.any(Number) }),
    );
    await report('c');
    expect((await listed()).map(({ id }) => id)).toContain(`c-${count}`);
  });

  test('of two servers is told of both', async () => {
    const vanished = (serverId: string) =>
      opened.store.saveAnomaly({
        id: `${serverId}-${count}`,
        at: MONDAY,
        kind: 'massDisappearance',
        facts: { serverId },
      });
    await vanished(`one-${count}`);
    await vanished(`two-${count}`);
    await vanished(`one-${count}`);
    const open = (await opened.store.listAnomalies(true)).filter(({ id }) => id.endsWith(`-${count}-${count}`));
    expect(open).toHaveLength(2);
  });

  test('goes long after it was decided, one that is open stays', async () => {
    await report('a');
    await opened.store.saveAnomaly({ id: `open-${count}`, at: 0, kind: 'conferenceConflict', meeting: key, facts: {} });
    await opened.store.decideAnomaly(`a-${count}`, 'discarded');
    await opened.store.maintain({ timelineDays: 0 });
    expect((await listed()).map(({ id }) => id)).toEqual([`open-${count}`]);
  });
});

describe('a mailbox that belongs to another provider now', () => {
  test('is to be found and listed anew, and nobody commits any more what the old server said', async () => {
    const folder = {
      address: anna,
      folderId: 'f' as never,
      calendarTitle: 'c',
      ownerName: 'a',
      endpoint: 'e',
      affinityGroup: 'g',
    };
    await opened.store.saveResolution(folder);
    expect(await opened.store.findMailbox(anna)).toMatchObject({ cursor: 'c1', resolved: { folderId: 'f' } });
    await opened.store.saveMailboxes([registration(anna, { provider: 'other' }), registration(boris)]);
    const moved = await opened.store.findMailbox(anna);
    expect(moved).toMatchObject({ provider: 'other' });
    expect(moved).not.toHaveProperty('cursor');
    expect(moved).not.toHaveProperty('resolved');
    expect(await opened.store.commitObservation(observation(anna, [undefined, 'c2'], {}))).toEqual({
      outcome: 'fenced',
    });
    expect(await opened.store.findMailbox(boris)).toMatchObject({ cursor: 'c1' });
  });
});

describe('a mailbox that is not synced any more', () => {
  const only = (address: MailboxAddress) => opened.store.saveMailboxes([registration(address)]);
  const whose = async () => (await opened.store.loadMeeting(key)).copies.map((copy) => copy.mailbox);

  test('has no say in its meetings, for what is stored of it grows old', async () => {
    await opened.store.saveMailboxes([registration(anna, { licensed: false }), registration(boris)]);
    expect(await whose()).toEqual([boris]);
    await only(anna);
    expect(await whose()).toEqual([anna]);
    await opened.store.saveMailboxes([registration(anna), registration(boris)]);
    expect(await whose()).toEqual([anna, boris]);
  });

  test('has its settled meetings planned when it goes, all when it comes back, and none while nothing turns', async () => {
    const looks = async () => {
      const keys = [key, meetingKey({ uid: `${uid} unsettled` })].map((one) => `'${jobKey.planLater(one)}'`);
      const taken = `delete from graphile_worker._private_jobs where key in (${keys.join()}) returning key`;
      return (await ask(opened.store, taken)).length;
    };
    const unsettled = { changed: [single('b', { uid: `${uid} unsettled` })], needsPlan: () => false };
    await opened.store.commitObservation(observation(anna, ['c1', 'c2'], unsettled));
    await settle(0, { baseline: { ...EMPTY, binding: binding() } });
    await looks();
    await only(boris);
    expect(await looks()).toBe(1);
    await only(boris);
    expect(await looks()).toBe(0);
    await opened.store.saveMailboxes([registration(anna), registration(boris)]);
    expect(await looks()).toBe(2);
    await opened.store.saveMailboxes([registration(anna, { priority: 4 }), registration(boris)]);
    expect(await looks()).toBe(0);
  });
});

describe('writes clients ask for', () => {
  test('are done once and answered again', async () => {
    const { store } = opened;
    expect(await store.beginWrite(anna, 'k', 'h1')).toEqual({ state: 'new' });
    expect(await store.beginWrite(anna, 'k', 'h1')).toEqual({ state: 'pending' });
    expect(await store.beginWrite(anna, 'k', 'h2')).toEqual({ state: 'mismatch' });
    expect(await store.beginWrite(boris, 'k', 'h2')).toEqual({ state: 'new' });
    await store.finishWrite(anna, 'k', '{"ok":1}');
    expect(await store.beginWrite(anna, 'k', 'h1')).toEqual({ state: 'known', answer: '{"ok":1}' });
    await store.abandonWrite(anna, 'k');
    expect(await store.beginWrite(anna, 'k', 'h1')).toMatchObject({ state: 'known' });
    await store.abandonWrite(boris, 'k');
    expect(await store.beginWrite(boris, 'k', 'h3')).toEqual({ state: 'new' });
  });

  test('left pending by a dead node may be taken over after a minute, by one', async () => {
    await opened.store.beginWrite(anna, 'dead', 'h');
    await ask(
      opened.store,
      `update tcc.client_writes set begun_at = now() - interval '61 seconds' where mailbox = '${anna}'`,
    );
    const both = await Promise.all([
      opened.store.beginWrite(anna, 'dead', 'h'),
      opened.store.beginWrite(anna, 'dead', 'h'),
    ]);
    expect(both.map((one) => one.state).toSorted()).toEqual(['new', 'pending']);
  });
});

test("a meeting's story is found by key and by UID, newest lines, oldest first", async () => {
  const line = (what: string) => ({ at: MONDAY, meeting: key, stage: 'planned' as const, what });
  await settle(0, { timeline: [line('one'), line('two')] });
  await opened.store.appendTimeline([{ ...line('three'), mailbox: anna, outcome: 'done', detail: { n: 1 } }]);
  expect((await opened.store.listTimeline(uid, 2)).map((entry) => entry.what)).toEqual(['two', 'three']);
  expect((await opened.store.listTimeline(key, 9))[2]).toEqual({
    ...line('three'),
    mailbox: anna,
    outcome: 'done',
    detail: { n: 1 },
  });
});

test('mirrors are kept, replaced and removed', async () => {
  const mirror = { serverId: SERVER, conferenceId: conferenceId(`m${count}`), mailbox: anna, seenAt: MONDAY };
  await opened.store.saveMirror(mirror);
  await opened.store.saveMirror({ ...mirror, itemId: itemId('i'), written: 'hash' });
  expect(await opened.store.listMirrors(SERVER)).toEqual([{ ...mirror, itemId: itemId('i'), written: 'hash' }]);
  await opened.store.removeMirror(SERVER, mirror.conferenceId);
  expect(await opened.store.listMirrors(SERVER)).toEqual([]);
});
