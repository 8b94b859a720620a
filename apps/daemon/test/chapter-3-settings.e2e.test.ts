/**
 * Guide chapter 3.0 from outside: what each key changes, by reload where it can be done live (features B5, C4, C5, C8, C11,
 * C12). Two Exchange organisations, one of them with several mailbox servers, and one TrueConf Server.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlClient } from '../../../tooling/scene/control-client.ts';
import type { Watcher } from '../../../tooling/scene/watcher.ts';
import { FakeWorlds } from './support/fake-worlds.ts';
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

const ANNA = 'anna@second.test';

let stage: Stage;
let second: FakeWorlds;
let user1: Watcher;
let user2: Watcher;
let anna: Watcher;
/** when the events of `prepare` lie */
const OLD = inHours(12);

const linkTo = (id: string): string => `https://server.example.test/c/${id}`;

beforeAll(async () => {
  let exchange = '';
  stage = await openStage({
    mailboxes: 7,
    fakeArgs: ['--back-ends', 'mbx1,mbx2,mbx3'],
    prepare: async (worlds, scene) => {
      const addresses = await secondExchange(scene);
      exchange = addresses.exchange;
      second = new FakeWorlds(new ControlClient(addresses.control));
      await second.control.call('POST', '/mailboxes', { address: ANNA, name: 'Anna' });
      await worlds.control.call('POST', '/trueconf/users', { id: 'anna', email: ANNA, displayName: 'Anna' });
      for (const user of ['user1', 'user7'])
        await worlds.meet(user, { subject: 'Before the connector', start: OLD, end: OLD + HOUR_MS });
      const url = new URL(exchange);
      scene.configure((config) => {
        const [first] = config.calendarProviders as Record<string, unknown>[];
        Object.assign(first ?? {}, { users: ['user1', 'user2', 'user3', 'user4', 'user5', 'user6'].map(mail) });
        config.calendarProviders = [
          first,
          { ...first, name: 'second', host: url.hostname, port: Number(url.port), users: [ANNA] },
        ];
        config.sync = { pollSeconds: 5 };
      });
    },
  });
  [user1, user2, anna] = await Promise.all([
    stage.watch('user1'),
    stage.watch('user2'),
    stage.watch('anna', () => stage.worlds.control.token('anna')),
  ]);
});
afterAll(() => stage?.close());

/** Another organisation's Exchange, in a process of its own. */
function secondExchange(scene: Stage['scene']): Promise<{ readonly exchange: string; readonly control: string }> {
  return new Promise((resolve, reject) => {
    const child = scene.processes.start({
      name: 'second Exchange',
      entry: 'apps/fake-exchange/src/main.ts',
      args: ['--exchange-port', '0', '--control-port', '0', '--mailboxes', '1', '--json'],
      onLine: (line) => {
        if (line.startsWith('{"ready"')) resolve(JSON.parse(line));
      },
    });
    child.once('exit', () => reject(new Error('the second Exchange ended at once')));
  });
}

async function appears(watcher: Watcher, uid: string, limitMs = 15_000): Promise<void> {
  if ((await watcher.waitUntil((events) => events.some((event) => event.uid === uid), limitMs)) === undefined)
    throw new Error(
      `${watcher.user} never saw ${uid}; shown: ${JSON.stringify(watcher.events.map(({ title }) => title))}`,
    );
}

describe('chapter 3.0.2, cache', () => {
  test('autoSync true: what was there before the connector is shown', async () => {
    expect(
      await user1.waitUntil((events) => events.some(({ title }) => title === 'Before the connector'), 10_000),
    ).toBeDefined();
  });

  test('backward and forward: occurrences outside the window are not shown, those inside are', async () => {
    const start = Date.now() - 100 * DAY_MS;
    const item = await stage.worlds.meet('user5', {
      subject: 'Every week for ever',
      start,
      end: start + HOUR_MS,
      timeZone: 'UTC',
      recurrence: {
        pattern: {
          type: 'Weekly',
          interval: 1,
          daysOfWeek: [
            ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][new Date(start).getUTCDay()],
          ],
          firstDayOfWeek: 'Monday',
        },
        range: { type: 'NoEnd', startDate: new Date(start).toISOString().slice(0, 10) },
      },
    });
    const client = await stage.login('user5');
    const calendarId = await until(
      'the calendar',
      async () => (await client.ask({ method: 'getCalendarList' })).calendars?.[0]?.id as string,
    );
    const list = async (): Promise<readonly number[]> => {
      const answer = await client.ask({
        method: 'getEventList',
        calendarId,
        from: new Date(Date.now() - 120 * DAY_MS).toISOString(),
        to: new Date(Date.now() + 200 * DAY_MS).toISOString(),
      });
      return (answer.events as { uid: string; start: string }[])
        .filter(({ uid }) => uid === item.uid)
        .map((event) => Date.parse(event.start));
    };
    const shown = await until(
      'the series',
      async () => {
        const starts = await list();
        return starts.length > 0 && starts;
      },
      10_000,
      100,
    );
    expect(Math.min(...shown)).toBeGreaterThan(Date.now() - 2 * 32 * DAY_MS);
    expect(Math.min(...shown)).toBeLessThan(Date.now() - 50 * DAY_MS);
    expect(Math.max(...shown)).toBeLessThan(Date.now() + 3 * 32 * DAY_MS);
    expect(Math.max(...shown)).toBeGreaterThan(Date.now() + 80 * DAY_MS);
    await stage.reload((config) => Object.assign(config, { cache: { autoSync: true, backward: 0, forward: 1 } }));
    const narrower = await list();
    expect(narrower.length).toBeLessThan(shown.length);
    expect(Math.max(...narrower)).toBeLessThan(Date.now() + 32 * DAY_MS);
    await stage.reload((config) => Object.assign(config, { cache: { autoSync: true, backward: 2, forward: 3 } }));
    expect(await list()).toEqual(shown);
  });
});

describe('reload, B5', () => {
  test('SIGHUP applies a valid change and refuses an invalid one; no socket and no stream is dropped', async () => {
    const client = await stage.login('user1');
    /** that have ended: mailboxes that come late make the client open a wider one */
    const streams = async (): Promise<number> =>
      (await stage.worlds.journal({ server: 'exchange', operation: 'GetStreamingEvents' })).length;
    let before = -1;
    const isSteady = async (): Promise<boolean> => {
      const last = before;
      before = await streams();
      return before === last;
    };
    await until('all mailboxes have found their stream', isSteady, 30_000, 2_000);
    expect(await stage.reload((config) => Object.assign(config, { language: 'ru' }))).toContain(
      'configuration reloaded',
    );
    const start = inHours(15);
    const item = await stage.worlds.meet('user1', {
      subject: 'Called off',
      start,
      end: start + HOUR_MS,
      attendees: [mail('user2')],
    });
    await appears(user2, item.uid);
    await stage.worlds.control.cancel(mail('user1'), item.id);
    expect(
      await user2.waitUntil((events) => events.some(({ title }) => title === 'Отменено: Called off'), 10_000),
    ).toBeDefined();
    const refused = await stage.reload((config) => Object.assign(config, { language: 'klingon' }));
    expect(refused).toContain('the new configuration is refused, the old one stays');
    expect(refused).toContain('correct it and reload again');
    expect(await stage.reload((config) => Object.assign(config, { language: 'en' }))).toContain('reloaded');
    expect(client.isOpen).toBe(true);
    expect((await client.ask({ method: 'getCalendarList' })).calendars).toHaveLength(1);
    expect(await streams()).toBe(before);
  });

  test('what waits for a restart is named until it is put back', async () => {
    let started = 0;
    const asked = 'take effect after a restart: wsPort';
    const moved = await stage.reload((config) => {
      started = config.wsPort;
      config.wsPort = started - 1;
    });
    expect(moved).toContain(asked);
    expect(await stage.reload((config) => Object.assign(config, { language: 'en' }))).toContain(asked);
    expect(await stage.reload((config) => Object.assign(config, { wsPort: started }))).not.toContain('restart');
  });

  test('users, autoSync false: an added mailbox shows what is made from then on, a removed one is shown to nobody', async () => {
    await stage.reload((config) => {
      config.cache.autoSync = false;
      config.calendarProviders[0].users = ['user1', 'user2', 'user3', 'user4', 'user5', 'user7'].map(mail);
    });
    const removed = await stage.login('user6');
    expect((await removed.ask({ method: 'getCalendarList' })).calendars).toEqual([]);
    const user7 = await stage.watch('user7');
    const item = await stage.worlds.meet('user7', { subject: 'New', start: OLD, end: OLD + HOUR_MS });
    await appears(user7, item.uid);
    expect(user7.events.map(({ title }) => title)).toEqual(['New']);
    user7.close();
    await stage.reload((config) => {
      config.cache.autoSync = true;
      config.calendarProviders[0].users.push(mail('user6'));
    });
  });
});

describe('chapter 3.0.2, conferences', () => {
  test('syncConferenceParticipants false: title and time follow, people are left alone', async () => {
    await stage.reload((config) => Object.assign(config, { syncConferenceParticipants: false }));
    const [id, title] = [unique('people'), unique('New title')];
    await stage.worlds.planConference({ id, topic: 'Old title', owner: 'user1', participants: ['user5'] });
    const start = inHours(16);
    await stage.worlds.meet('user1', {
      subject: title,
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
      attendees: [mail('user2')],
    });
    const conference = await until('the title', async () => {
      const one = await stage.worlds.conference(id);
      return one?.topic === title && one;
    });
    expect(conference.participants.map(({ id }) => id.split('@')[0])).toEqual(['user5']);
    await stage.reload((config) => Object.assign(config, { syncConferenceParticipants: true }));
  });

  test('launchConference false: the conference is made and followed, and nobody starts it', async () => {
    await stage.reload((config) => Object.assign(config, { launchConference: false }));
    const start = inMs(3_000);
    const id = unique('by_hand');
    await stage.worlds.meet('user2', { subject: 'By hand', start, end: start + HOUR_MS, location: linkTo(id) });
    await until('the conference', () => stage.worlds.conference(id));
    expect((await stage.worlds.conference(id))?.schedule).toEqual({ type: 'none' });
    const asked = async () =>
      (await stage.worlds.journal({ server: 'trueconf', operation: 'runConference', pathContains: `/${id}/` })).length;
    await until('its time is over', () => Date.now() > start + 1_500);
    expect(await asked()).toBe(0);
    expect(await stage.worlds.sessions(id)).toEqual([]);
    // Switched on, it counts for meetings that nobody touches any more: this one takes place at the moment.
    await stage.reload((config) => Object.assign(config, { launchConference: true }));
    await until('it runs', async () => (await asked()) > 0);
  });

  test('a keyword that is switched on counts for the meetings that are there', async () => {
    const keyword = (enabled: boolean) =>
      stage.reload((config) => Object.assign(config, { conferences: { keyword: { enabled, word: '@meet' } } }));
    await keyword(false);
    const start = inHours(20);
    const subject = unique('Asked for early');
    const end = start + HOUR_MS;
    await stage.worlds.meet('user1', { subject, start, end, location: 'Room 7 @meet', attendees: [mail('user2')] });
    const watcher = await stage.watch('user2');
    expect(await watcher.waitUntil((events) => events.some(({ title }) => title === subject), 10_000)).toBeDefined();
    const made = async (): Promise<number> =>
      (await stage.worlds.conferences()).filter(({ topic }) => topic === subject).length;
    expect(await made()).toBe(0);
    await keyword(true);
    await until('its conference', async () => (await made()) === 1);
    expect(
      await watcher.waitUntil((events) => events.some(({ title, joinUrl }) => title === subject && joinUrl), 10_000),
    ).toBeDefined();
    watcher.close();
    await stage.reload((config) =>
      Object.assign(config, { conferences: { keyword: { enabled: true, word: '@trueconf' } } }),
    );
  });
});

describe('chapter 3.0.4, calendarProviders', () => {
  test('C12: two organisations, each with its own mailboxes; one that is down does not touch the other', async () => {
    const id = unique('second_org');
    const start = inHours(18);
    const item = await second.control.create(ANNA, {
      subject: 'In the second organisation',
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
    });
    await appears(anna, item.uid);
    expect((await until('her conference', () => stage.worlds.conference(id))).owner).toContain('anna');
    expect(user1.events.some(({ uid }) => uid === item.uid)).toBe(false);

    await second.fault({ server: 'exchange', kind: 'reset' });
    await second.control.call('POST', '/exchange/cut');
    const begun = Date.now();
    const mine = await stage.worlds.meet('user1', { subject: 'Meanwhile in the first', start, end: start + HOUR_MS });
    await appears(user1, mine.uid);
    expect(Date.now() - begun).toBeLessThan(5_000);
    const hers = await second.control.create(ANNA, { subject: 'While it was down', start, end: start + MINUTE_MS });
    await second.clearFaults();
    await appears(anna, hers.uid, 40_000);
  });

  test('C11: a mailbox is found by autodiscover, and followed to another mailbox server', async () => {
    const found = await stage.worlds.journal({ server: 'exchange', operation: 'GetUserSettings' });
    expect(found.length, 'autodiscover was asked').toBeGreaterThan(0);
    for (const backEnd of ['mbx1', 'mbx2', 'mbx3']) {
      await stage.worlds.control.call('PUT', `/mailboxes/${mail('user2')}/back-end`, { backEnd });
      // Without the cut the loss of the subscription shows with the stream's next heartbeat, 45 s later.
      await stage.worlds.control.call('POST', '/exchange/cut');
      const start = inHours(19);
      const item = await stage.worlds.meet('user2', { subject: `Living on ${backEnd}`, start, end: start + HOUR_MS });
      await appears(user2, item.uid, 40_000);
    }
  });

  test('C11: a mailbox server that fails takes its mailboxes elsewhere, and they are followed', async () => {
    await stage.worlds.control.call('PUT', `/mailboxes/${mail('user1')}/back-end`, { backEnd: 'mbx2' });
    await stage.worlds.control.call('POST', '/exchange/back-ends/mbx2/fail');
    await stage.worlds.control.call('POST', '/exchange/cut');
    const start = inHours(20);
    const item = await stage.worlds.meet('user1', { subject: 'After the fail-over', start, end: start + HOUR_MS });
    await appears(user1, item.uid, 40_000);
    await stage.worlds.control.call('POST', '/exchange/back-ends/mbx2/restore');
  });
});
