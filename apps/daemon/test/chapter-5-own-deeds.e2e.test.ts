/**
 * Guide chapter 5 and contract §5, as a client that does several things at once and looks closely at what it is told:
 * the fields of each answer, an event it has cancelled, a series it moves by one of its occurrences, a calendar that
 * belongs to somebody who keeps a secret (features D1, D3, D4, C9, C13).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControlClient } from '../../../tooling/scene/control-client.ts';
import type { ChannelClient, Frame } from './support/channel-client.ts';
import { type SecondServer, startSecondServer } from './support/second-server.ts';
import { DAY_MS, HOUR_MS, inHours, mail, openStage, type Stage, unique, until } from './support/stage.ts';

let stage: Stage;
let client: ChannelClient;
let calendarId: string;
const SECOND = 'second.example.test#vcs';
let second: SecondServer;

beforeAll(async () => {
  stage = await openStage({
    mailboxes: 3,
    prepare: async (_worlds, scene) => {
      second = await startSecondServer(scene);
      scene.configure((config) => {
        const [first] = config.trueConfServers as Record<string, unknown>[];
        config.trueConfServers = [first, { ...first, id: SECOND, url: second.trueconf }];
        (config.productWhitelist as { tcs: string[] }).tcs.push(SECOND);
      });
    },
  });
  client = await stage.login('user1');
  calendarId = (await stage.watch('user1')).calendarId;
});
afterAll(() => stage?.close());

const key = (): string => unique('own-deed');
const text = (at: number): string => new Date(at).toISOString();

async function create(event: Record<string, unknown>, asking = client): Promise<Frame> {
  const start = inHours(30);
  const times = { start: text(start), end: text(start + HOUR_MS), timeZone: 'Europe/Moscow' };
  const answer = await asking.ask({
    method: 'createEvent',
    calendarId,
    idempotencyKey: key(),
    event: { ...times, ...event },
  });
  expect(answer.error).toBeUndefined();
  return answer.event as Frame;
}

describe('contract §5, the first messages', () => {
  test('D1: what is sent behind authorize is answered behind it, in order', async () => {
    const { token, server } = await stage.worlds.control.token('user2');
    const hasty = await stage.connect();
    hasty.send({ method: 'authorize', server, token });
    hasty.send({ method: 'getCalendarList', requestId: 2 });
    hasty.send({ method: 'getEvent', requestId: 3, eventId: 'nothing' });
    await hasty.next(({ requestId }) => requestId === 3);
    expect(hasty.frames.map(({ method, error }) => [method, error?.code])).toEqual([
      ['authorize', undefined],
      ['getCalendarList', undefined],
      ['getEvent', 'notFound'],
    ]);
    hasty.close();
  });

  test('D2: behind an authorize that is refused nothing is answered', async () => {
    const { server } = await stage.worlds.control.token('user2');
    const hasty = await stage.connect();
    hasty.send({ method: 'authorize', server, token: 'nonsense' });
    hasty.send({ method: 'getCalendarList', requestId: 2 });
    expect((await hasty.closed).code).toBe(4401);
    expect(hasty.frames.map(({ method, error }) => [method, error?.code])).toEqual([['authorize', 'unauthorized']]);
  });

  test('D3: lists and subscriptions say what the contract says, and no more', async () => {
    const window = { from: text(inHours(1)), to: text(inHours(2)) };
    const list = await client.ask({ method: 'getEventList', requestId: 'a', calendarId, ...window });
    expect(Object.keys(list).sort()).toEqual(['events', 'method', 'requestId', 'revision']);
    const subscribed = await client.ask({ method: 'subscribe', requestId: 'b', calendarId });
    expect(Object.keys(subscribed).sort()).toEqual(['method', 'requestId', 'revision']);
  });
});

describe('two TrueConf Servers', () => {
  test('D4: a conference is made on the server whose user asks for it', async () => {
    const theirs = new ControlClient(second.control);
    const { token } = await theirs.token('user1');
    const guest = await stage.connect();
    expect((await guest.ask({ method: 'authorize', server: SECOND, token })).error).toBeUndefined();
    const title = unique('On the second server');
    const event = await create({ title, conference: {} }, guest);
    expect(event.joinUrl).toMatch(/^https:\/\/second\.example\.test\/c\//);
    await until('the conference there', async () =>
      (await theirs.conferences()).some(({ topic, id }) => topic === title && event.joinUrl.endsWith(`/${id}`)),
    );
    expect((await stage.worlds.conferences()).filter(({ topic }) => topic === title)).toEqual([]);
    guest.close();
  });
});

describe('chapter 5.2.3, an event that its user cancels', () => {
  test('C9: is answered as every cancelled event looks: prefix, grey, nothing to join', async () => {
    const event = await create({ title: 'Called off', conference: {} });
    expect(event).toMatchObject({ indicator: 'teal', isCancelled: false });
    const cancelled = await client.ask({ method: 'cancelEvent', eventId: event.id, idempotencyKey: key() });
    expect(cancelled.event).toMatchObject({
      id: event.id,
      title: 'Canceled: Called off',
      isCancelled: true,
      indicator: 'grey',
    });
    expect(cancelled.event).not.toHaveProperty('joinUrl');
    expect(cancelled.event).not.toHaveProperty('conference');
  });
});

describe('chapter 5.1.3, a delegate who may not see private items', () => {
  test('C13: may not change or cancel them either', async () => {
    await stage.worlds.control.call('PUT', `/mailboxes/${mail('user1')}/delegates/${mail('user3')}`, {
      calendar: 'Editor',
    });
    const secret = await create({ title: 'Secret', isPrivate: true });
    const delegate = await stage.login('user3');
    await delegate.ask({ method: 'subscribe', calendarId });
    for (const deed of [
      { method: 'updateEvent', changes: { title: 'Not so secret' } },
      { method: 'cancelEvent' },
      { method: 'cancelEvent', scope: 'series' },
    ]) {
      const answer = await delegate.ask({ ...deed, eventId: secret.id, idempotencyKey: key() });
      expect(answer.error?.code, deed.method).toBe('forbidden');
    }
    const [item] = (await stage.worlds.control.items(mail('user1'))).filter(({ uid }) => uid === secret.uid);
    expect(item).toMatchObject({ subject: 'Secret', isCancelled: false });
    delegate.close();
  });
});

describe('chapter 5.2.2, a series that is moved by one of its occurrences', () => {
  /** An hour each day, four times. */
  const fourDays = (title: string, first: number) => ({
    title,
    start: text(first),
    end: text(first + HOUR_MS),
    timeZone: 'UTC',
    recurrence: {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'Numbered', startDate: text(first).slice(0, 10), numberOfOccurrences: 4 },
    },
  });
  const occurrencesOf = async (series: Frame, from: number, to: number): Promise<readonly Frame[]> => {
    const span = { from: text(from), to: text(to) };
    const { events } = await client.ask({ method: 'getEventList', calendarId, ...span });
    return events.filter(({ uid }: Frame) => uid === series.uid);
  };

  test('C8: keeps its other days: every occurrence goes the way the named one went', async () => {
    const first = Math.ceil((Date.now() + DAY_MS) / DAY_MS) * DAY_MS + 8 * HOUR_MS;
    const series = await create(fourDays('Daily', first));
    const occurrences = () => occurrencesOf(series, first - DAY_MS, first + 9 * DAY_MS);
    const third = (await occurrences())[2] as Frame;
    const start = Date.parse(third.start) + 2 * HOUR_MS;
    const moved = await client.ask({
      method: 'updateEvent',
      eventId: third.id,
      scope: 'series',
      idempotencyKey: key(),
      changes: { start: text(start), end: text(start + 2 * HOUR_MS) },
    });
    expect(moved.error).toBeUndefined();
    const found = await occurrences();
    expect(found.map((one) => Date.parse(one.start))).toEqual(
      [0, 1, 2, 3].map((day) => first + day * DAY_MS + 2 * HOUR_MS),
    );
    expect(new Set(found.map((one) => Date.parse(one.end) - Date.parse(one.start)))).toEqual(new Set([2 * HOUR_MS]));
  });

  test('C8: Mondays that are moved to a Tuesday become Tuesdays, as the answer says', async () => {
    const day = new Date(Date.now() + 7 * DAY_MS);
    day.setUTCHours(8, 0, 0, 0);
    const first = day.getTime() + ((8 - day.getUTCDay()) % 7) * DAY_MS;
    const series = await create({
      title: 'Mondays',
      start: text(first),
      end: text(first + HOUR_MS),
      timeZone: 'UTC',
      recurrence: {
        pattern: { type: 'Weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Monday' },
        range: { type: 'Numbered', startDate: text(first).slice(0, 10), numberOfOccurrences: 3 },
      },
    });
    const occurrences = () => occurrencesOf(series, first - DAY_MS, first + 30 * DAY_MS);
    const second = (await occurrences())[1] as Frame;
    const start = Date.parse(second.start) + DAY_MS;
    const moved = await client.ask({
      method: 'updateEvent',
      eventId: second.id,
      scope: 'series',
      idempotencyKey: key(),
      changes: { start: text(start), end: text(start + HOUR_MS) },
    });
    expect(moved.error).toBeUndefined();
    expect(moved.event.recurrence.pattern.daysOfWeek).toEqual(['Tuesday']);
    expect((await occurrences()).map((one) => Date.parse(one.start))).toEqual(
      [0, 1, 2].map((week) => first + (1 + 7 * week) * DAY_MS),
    );
  });

  test('D4: an occurrence that would pass its neighbour is refused as Exchange’s word, not as an outage', async () => {
    const first = Math.ceil((Date.now() + 20 * DAY_MS) / DAY_MS) * DAY_MS + 8 * HOUR_MS;
    const series = await create(fourDays('Every day', first));
    const refused = await client.ask({
      method: 'updateEvent',
      eventId: series.id,
      idempotencyKey: key(),
      changes: { start: text(first + 2 * DAY_MS), end: text(first + 2 * DAY_MS + HOUR_MS) },
    });
    expect(refused.error).toEqual({
      code: 'invalidRequest',
      message: 'Exchange refused the change (ErrorOccurrenceCrossingBoundary)',
    });
  });
});
