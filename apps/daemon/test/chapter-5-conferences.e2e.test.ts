/**
 * Guide chapters 1.3, 3.0.2 and 5.1.2–5.2: conferences follow their events, start on time, ring their people; events
 * follow conferences that were planned on TrueConf Server (features C4, C5, C6, C10, D5 and the keyword).
 */
import type { EventSummary } from '@calendar-connector/client-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Watcher } from '../../../tooling/scene/watcher.ts';
import {
  DAY_MS,
  HOUR_MS,
  inHours,
  inMs,
  MINUTE_MS,
  mail,
  openStage,
  type Stage,
  unique,
  until,
} from './support/stage.ts';

let stage: Stage;
let user1: Watcher;
/** title of the meeting that got its conference by keyword */
let keyword = '';

beforeAll(async () => {
  stage = await openStage({ mailboxes: 6 });
  user1 = await stage.watch('user1');
});
afterAll(() => stage?.close());

const linkTo = (id: string): string => `https://server.example.test/c/${id}`;
const names = (people: readonly { readonly id: string }[]): readonly string[] =>
  people.map(({ id }) => id.split('@')[0] ?? '').sort();

describe('chapters 1.3 and 5.2, the conference follows its event', () => {
  test('C4: title, time, participants and owner follow; cancelling removes it', async () => {
    const start = inHours(20);
    const id = unique('follow');
    const renamed = unique('Renamed');
    const item = await stage.worlds.meet('user1', {
      subject: 'Follow me <b>&</b>',
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
      attendees: [mail('user2'), { address: mail('user3'), role: 'optional' }, 'nobody@outside.test'],
    });
    const made = await until('the conference', async () => {
      const conference = await stage.worlds.conference(id);
      return conference && conference.participants.length >= 2 && conference;
    });
    expect(made).toMatchObject({
      topic: 'Follow me <b>&</b>',
      state: 'stopped',
      schedule: { type: 'once', start: new Date(start).toISOString(), durationSeconds: 3600 },
    });
    expect(made.owner).toContain('user1');
    expect(names(made.participants)).toEqual(expect.arrayContaining(['user2', 'user3']));
    expect(names(made.participants)).not.toContain('nobody');

    await stage.worlds.control.update(mail('user1'), item.id, { start: start + HOUR_MS, end: start + 3 * HOUR_MS });
    await until('the new time', async () => {
      const conference = await stage.worlds.conference(id);
      return (
        conference?.schedule.type === 'once' &&
        conference.schedule.start === new Date(start + HOUR_MS).toISOString() &&
        conference.schedule.durationSeconds === 7200
      );
    });
    await stage.worlds.control.update(mail('user1'), item.id, { subject: renamed });
    await until('the new title', async () => (await stage.worlds.conference(id))?.topic === renamed);
    await stage.worlds.control.update(mail('user1'), item.id, { attendees: [mail('user3'), mail('user4')] });
    await until('the new people', async () => {
      const people = names((await stage.worlds.conference(id))?.participants ?? []);
      return people.includes('user4') && people.includes('user3') && !people.includes('user2');
    });
    await stage.worlds.control.cancel(mail('user1'), item.id);
    await until('no conference', async () => (await stage.worlds.conference(id)) === undefined);
    expect((await stage.worlds.conferences()).filter(({ topic }) => topic === renamed)).toEqual([]);
  });

  test('C4: a conference its organiser does not own is shown, and never touched', async () => {
    const [id, after] = [unique('foreign'), unique('after')];
    await stage.worlds.planConference({
      id,
      topic: 'Board meeting',
      owner: 'user5',
      mode: 'moderated',
      participants: ['user6'],
    });
    const start = inHours(21);
    const item = await stage.worlds.meet('user1', {
      subject: 'Hijack',
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
      attendees: [mail('user2')],
    });
    await user1.waitUntil(
      (events) => events.some(({ uid, conference }) => uid === item.uid && conference !== undefined),
      10_000,
    );
    await stage.worlds.control.cancel(mail('user1'), item.id);
    await user1.waitUntil((events) => !events.some(({ uid, isCancelled }) => uid === item.uid && !isCancelled), 10_000);
    // A later meeting of the same organiser has gone all the way: whatever was to happen to the first has happened.
    await stage.worlds.meet('user1', { subject: 'After', start, end: start + HOUR_MS, location: linkTo(after) });
    await until('the later conference', () => stage.worlds.conference(after));
    const conference = await stage.worlds.conference(id);
    expect(conference).toMatchObject({ topic: 'Board meeting', state: 'stopped' });
    expect(conference?.owner).toContain('user5');
    expect(names(conference?.participants ?? [])).toEqual(['user6']);
  });

  test('C4: the keyword in the location makes the conference and writes its link back, once', async () => {
    const start = inHours(22);
    const subject = unique('By keyword');
    keyword = subject;
    const item = await stage.worlds.meet('user1', {
      subject,
      start,
      end: start + HOUR_MS,
      location: 'Room 1 @TrueConf',
      attendees: [mail('user2')],
    });
    const conference = await until('the conference', async () =>
      (await stage.worlds.conferences()).find(({ topic }) => topic === subject),
    );
    expect(conference.id).toMatch(/^cal_/);
    await until('the link in Exchange', async () =>
      (await stage.worlds.copy('user1', item.uid))?.location.includes(linkPart(conference.id)),
    );
    const event = await seen(user1, ({ uid, indicator }) => uid === item.uid && indicator === 'teal');
    expect(event.joinUrl).toContain(conference.id);
    await stage.worlds.control.update(mail('user1'), item.id, { subject: `${subject}, renamed` });
    await until(
      'the new title',
      async () => (await stage.worlds.conference(conference.id))?.topic === `${subject}, renamed`,
    );
    const location = (await stage.worlds.copy('user1', item.uid))?.location ?? '';
    expect(location.split('/c/')).toHaveLength(2);
    expect((await stage.worlds.conferences()).filter(({ topic }) => topic.startsWith(subject))).toHaveLength(1);
  });

  test('C13: a private meeting gives its conference no name', async () => {
    const start = inHours(23);
    const id = unique('private');
    await stage.worlds.meet('user1', {
      subject: 'Dismissal of user6',
      sensitivity: 'Private',
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
      attendees: [mail('user2')],
    });
    const conference = await until('the conference', () => stage.worlds.conference(id));
    expect(conference.topic).toBe('Private meeting');
    expect(JSON.stringify(await stage.worlds.conferences())).not.toContain('Dismissal');
  });
});

describe.concurrent('chapter 3.0.2, launchConference', () => {
  test('C5, C6: it starts within a second, once, with its people rung and told, attendees or not', async () => {
    const start = inMs(5_000);
    const [aloneId, dailyId] = [unique('alone'), unique('daily')];
    const alone = await stage.worlds.meet('user2', {
      subject: 'Alone',
      start,
      end: start + 10 * MINUTE_MS,
      location: linkTo(aloneId),
    });
    await stage.worlds.meet('user3', {
      subject: 'Daily',
      start,
      end: start + 10 * MINUTE_MS,
      timeZone: 'UTC',
      location: linkTo(dailyId),
      attendees: [mail('user4'), { address: mail('user5'), role: 'optional' }],
      recurrence: {
        pattern: { type: 'Daily', interval: 1 },
        range: { type: 'NoEnd', startDate: new Date(start).toISOString().slice(0, 10) },
      },
    });
    for (const id of [aloneId, dailyId]) {
      const [session] = await until(`${id} runs`, async () => {
        const sessions = await stage.worlds.sessions(id).catch(() => []);
        return sessions.length > 0 && sessions;
      });
      const delay = Date.parse(session?.startedAt ?? '') - start;
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(1_000);
    }
    await until('people were rung and told', async () => {
      const notices = await stage.worlds.notices(dailyId);
      const rung = notices.filter(({ kind }) => kind === 'ring').map(({ to }) => to.split('@')[0]);
      const told = notices.filter(({ kind }) => kind === 'notify').map(({ to }) => to.split('@')[0]);
      return (
        ['user3', 'user4', 'user5'].every((user) => rung.includes(user)) &&
        told.includes('user4') &&
        rung.length === new Set(rung).size
      );
    });
    const watcher = await stage.watch('user2');
    await seen(watcher, ({ uid, conference }) => uid === alone.uid && conference?.state === 'running');
    for (const id of [aloneId, dailyId]) expect(await stage.worlds.sessions(id)).toHaveLength(1);
    const runs = await stage.worlds.journal({
      server: 'trueconf',
      operation: 'runConference',
      pathContains: `/${dailyId}/`,
    });
    expect(runs).toHaveLength(1);
    watcher.close();
  });

  test('C5: an occurrence that was moved starts at its new time and not at the old one', async () => {
    const old = inMs(60 * MINUTE_MS);
    const soon = inMs(4_000);
    const id = unique('moved');
    const item = await stage.worlds.meet('user2', {
      subject: 'Moved up',
      start: old,
      end: old + 10 * MINUTE_MS,
      timeZone: 'UTC',
      location: linkTo(id),
      recurrence: {
        pattern: { type: 'Daily', interval: 1 },
        range: { type: 'Numbered', startDate: new Date(old).toISOString().slice(0, 10), numberOfOccurrences: 2 },
      },
    });
    await until('the room', () => stage.worlds.conference(id));
    await stage.worlds.control.update(mail('user2'), item.id, {
      occurrence: new Date(old).toISOString(),
      start: soon,
      end: soon + 10 * MINUTE_MS,
    });
    const [session] = await until('it runs', async () => {
      const sessions = await stage.worlds.sessions(id);
      return sessions.length > 0 && sessions;
    });
    expect(Date.parse(session?.startedAt ?? '') - soon).toBeGreaterThanOrEqual(0);
    expect(Date.parse(session?.startedAt ?? '') - soon).toBeLessThan(1_000);
  });

  test('C5: a meeting cancelled before its time is not started', async () => {
    // A vanished item is held for three seconds before its conference goes: the time has to be further away.
    const start = inMs(9_000);
    const [id, next] = [unique('called_off'), unique('next_one')];
    const item = await stage.worlds.meet('user4', {
      subject: 'Called off',
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
    });
    await until('the conference', () => stage.worlds.conference(id));
    await stage.worlds.control.cancel(mail('user4'), item.id);
    await until('no conference', async () => (await stage.worlds.conference(id)) === undefined);
    expect(Date.now(), 'the machine is too slow for this test').toBeLessThan(start);
    // Another one due a second later has started: the first one's time is over.
    const later = start + 1_000;
    await stage.worlds.meet('user4', {
      subject: 'Next',
      start: later,
      end: later + HOUR_MS,
      location: linkTo(next),
    });
    await until('the later one runs', async () => (await stage.worlds.sessions(next).catch(() => [])).length > 0);
    expect(await stage.worlds.sessions(id).catch(() => [])).toEqual([]);
  });
});

describe.concurrent('chapters 1.3 and 5.1.2, TrueConf Server → Exchange', () => {
  test('D5: a planned conference appears in its owner’s calendar, follows changes and vanishes, without an echo', async () => {
    const start = inHours(44);
    const id = unique('planned');
    const topic = `Planned <on> the server ${id}`;
    const user6 = await stage.watch('user6');
    await stage.worlds.planConference({
      id,
      topic,
      owner: 'user6',
      mode: 'moderated',
      schedule: { type: 'once', start: new Date(start).toISOString(), durationSeconds: 1800 },
      participants: ['user2'],
    });
    const event = await seen(user6, ({ title }) => title === topic);
    expect(event).toMatchObject({
      indicator: 'teal',
      joinUrl: expect.stringContaining(`/c/${id}`),
      myResponse: 'organizer',
    });
    expect([Date.parse(event.start), Date.parse(event.end)]).toEqual([start, start + 30 * MINUTE_MS]);
    const item = await until('the item', () => stage.worlds.copy('user6', event.uid));
    expect(item.attendees.map(({ address }) => address)).toContain(mail('user2'));

    await stage.worlds.changeConference(id, {
      topic: `${topic}, again`,
      schedule: { type: 'once', start: new Date(start + DAY_MS).toISOString(), durationSeconds: 3600 },
    });
    const changed = await seen(user6, ({ uid, title }) => uid === event.uid && title === `${topic}, again`);
    expect(Date.parse(changed.start)).toBe(start + DAY_MS);
    const before = await stage.worlds.conference(id);
    const writes = await writesTo('user6');

    // Two more rounds of looking at the server change nothing: no echo, no second item, no edit of the conference.
    await rounds(2);
    expect(await stage.worlds.conference(id)).toEqual(before);
    expect(await writesTo('user6')).toBe(writes);
    expect(
      (await stage.worlds.control.items(mail('user6'))).filter(({ subject }) => subject.startsWith(topic)),
    ).toHaveLength(1);

    await stage.worlds.removeConference(id);
    await until('the item is gone', async () => {
      const left = await stage.worlds.copy('user6', event.uid);
      return left === undefined || left.isCancelled;
    });
  });

  test('D5: a conference bound to a meeting of Exchange is not mirrored', async () => {
    expect(
      (await stage.worlds.control.items(mail('user1'))).filter(({ subject }) => subject === `${keyword}, renamed`),
    ).toHaveLength(1);
    expect(
      (await stage.worlds.control.items(mail('user5'))).filter(({ subject }) => subject === 'Board meeting'),
    ).toEqual([]);
  });
});

function linkPart(id: string): string {
  return `/c/${id}`;
}

async function seen(watcher: Watcher, fits: (event: EventSummary) => boolean): Promise<EventSummary> {
  if ((await watcher.waitUntil((events) => events.some(fits), 15_000)) === undefined)
    throw new Error(`${watcher.user} never saw it; shown: ${JSON.stringify(watcher.events)}`);
  return watcher.events.find(fits) as EventSummary;
}

/** Writes to Exchange for a mailbox so far. */
async function writesTo(user: string): Promise<number> {
  const entries = await stage.worlds.journal({ server: 'exchange', mailbox: mail(user) });
  return entries.filter(({ operation }) => ['CreateItem', 'UpdateItem', 'DeleteItem'].includes(operation)).length;
}

/** So many complete looks at TrueConf Server from now on. */
async function rounds(count: number): Promise<void> {
  const lists = async (): Promise<number> =>
    (await stage.worlds.journal({ server: 'trueconf', operation: 'listConferences' })).length;
  const from = await lists();
  await until(`${count} more lists`, async () => (await lists()) >= from + count + 1, 30_000, 100);
}
