/**
 * Guide chapters 1.3 and 5.1: what an open socket is told while the world around it changes: conferences that start, stop
 * and are set otherwise, mailboxes added and removed by the administrator, rights given and taken, a service that was
 * started again (features C3, C10, D1–D3).
 */
import type { EventSummary } from '@calendar-connector/client-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChannelClient, Frame } from './support/channel-client.ts';
import { DAY_MS, HOUR_MS, inHours, mail, openStage, type Stage, unique, until } from './support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    mailboxes: 8,
    configure: (config) => {
      config.calendarProviders[0].users = ['user1', 'user2', 'user3', 'user4', 'user5', 'user8'].map(mail);
    },
  });
});
afterAll(() => stage?.close());

async function calendarOf(client: ChannelClient): Promise<string> {
  return until('the calendar is found', async () => {
    const { calendars } = await client.ask({ method: 'getCalendarList' });
    return (calendars as { id: string }[] | undefined)?.[0]?.id;
  });
}

const around = (at: number): { from: string; to: string } => ({
  from: new Date(at - DAY_MS).toISOString(),
  to: new Date(at + 40 * DAY_MS).toISOString(),
});

function pushes(client: ChannelClient, from: number): readonly Frame[] {
  return client.frames.slice(from).filter(({ method, requestId }) => requestId === undefined && method !== undefined);
}

/** Its owner starts or stops a conference on TrueConf Server. */
async function command(id: string, what: 'run' | 'stop'): Promise<void> {
  const { token } = await stage.worlds.control.token('user1');
  const response = await fetch(`${stage.scene.addresses.trueconf}/api/v4/conferences/${id}/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${what}: HTTP ${response.status} ${await response.text()}`);
}

/** The next push that shows an event so. */
function shown(
  client: ChannelClient,
  from: number,
  what: string,
  fits: (event: EventSummary) => boolean,
): Promise<Frame> {
  return client.next(
    ({ method, changed }) => method === 'eventsChanged' && (changed as EventSummary[]).some(fits),
    from,
    what,
  );
}

describe('chapter 5.1.1, conferences that change while a client looks', () => {
  test('C3: start, stop, mode and access come by eventsChanged, and nothing else comes for them', async () => {
    const client = await stage.login('user1');
    const calendarId = await calendarOf(client);
    await client.ask({ method: 'subscribe', calendarId });
    const id = unique('live');
    const start = inHours(30);
    const item = await stage.worlds.meet('user1', {
      subject: id,
      start,
      end: start + HOUR_MS,
      location: `https://server.example.test/c/${id}`,
    });
    const is =
      (fields: Partial<NonNullable<EventSummary['conference']>>) =>
      ({ uid, conference }: EventSummary): boolean =>
        uid === item.uid && Object.entries(fields).every(([key, value]) => conference?.[key as 'state'] === value);
    await shown(client, 0, 'the conference', is({ state: 'stopped' }));
    const from = client.frames.length;
    await command(id, 'run');
    await shown(client, from, 'that it runs', is({ state: 'running' }));
    await command(id, 'stop');
    await shown(client, from, 'that it stopped', is({ state: 'stopped' }));
    await stage.worlds.changeConference(id, { mode: 'videoLecture', access: 'public' });
    await shown(client, from, 'how it is set now', is({ mode: 'videoLecture', access: 'public' }));
    expect(new Set(pushes(client, from).map(({ method }) => method))).toEqual(new Set(['eventsChanged']));
    client.close();
  });
});

describe('chapter 3.0.4, users added and removed while they are connected', () => {
  test('D1: who is added is told so and sees the calendar on the same socket; who is removed is told as well', async () => {
    const client = await stage.login('user6');
    expect((await client.ask({ method: 'getCalendarList' })).calendars).toEqual([]);
    const added = client.frames.length;
    await stage.reload((config) => config.calendarProviders[0].users.push(mail('user6')));
    await client.next(({ method }) => method === 'calendarsChanged', added, 'that there are calendars now');
    const { calendars } = await client.ask({ method: 'getCalendarList' });
    expect(calendars).toHaveLength(1);
    const list = { method: 'getEventList', calendarId: calendars[0].id, ...around(Date.now()) };
    expect((await client.ask(list)).error).toBeUndefined();
    const removed = client.frames.length;
    await stage.reload((config) => config.calendarProviders[0].users.pop());
    await client.next(({ method }) => method === 'calendarsChanged', removed, 'that there is none any more');
    expect((await client.ask({ method: 'getCalendarList' })).calendars).toEqual([]);
    expect((await client.ask(list)).error?.code).toBe('notFound');
    client.close();
  });

  test('D2: users of a server that is taken off the whitelist are sent away', async () => {
    const client = await stage.login('user8');
    let servers: unknown;
    await stage.reload((config) => {
      servers = config.productWhitelist.tcs;
      config.productWhitelist.tcs = [];
    });
    expect((await client.closed).code).toBe(4401);
    await stage.reload((config) => {
      config.productWhitelist.tcs = servers;
    });
    (await stage.login('user8')).close();
  });
});

describe('chapter 5.1.3, a delegate whose right is taken away', () => {
  test('C10: no change reaches them any more, they are told to read anew, and are refused', async () => {
    const path = `/mailboxes/${mail('user2')}/delegates/${mail('user3')}`;
    await stage.worlds.control.call('PUT', path, { calendar: 'Editor' });
    const owner = await stage.login('user2');
    const calendarId = await calendarOf(owner);
    const delegate = await stage.login('user3');
    const list = { method: 'getEventList', calendarId, ...around(Date.now()) };
    await until('the right is known', async () => (await delegate.ask(list)).error === undefined, 30_000, 500);
    await owner.ask({ method: 'subscribe', calendarId });
    await delegate.ask({ method: 'subscribe', calendarId });
    const meet = async (word: string): Promise<string> => {
      const start = inHours(31);
      return (await stage.worlds.meet('user2', { subject: unique(word), start, end: start + HOUR_MS })).uid;
    };
    const before = await meet('shared');
    await shown(delegate, 0, 'what is shared', ({ uid }) => uid === before);

    await stage.worlds.control.call('DELETE', path);
    await until('the right is gone', async () => (await delegate.ask(list)).error?.code === 'forbidden', 30_000, 500);
    const from = delegate.frames.length;
    const after = await meet('not shared');
    await shown(owner, 0, 'the owner’s event', ({ uid }) => uid === after);
    const told = await delegate.next(({ method }) => method === 'resync', from, 'that they have to read anew');
    expect(told.calendarId).toBe(calendarId);
    const last = await meet('not shared either');
    await shown(owner, 0, 'the owner’s next event', ({ uid }) => uid === last);
    expect((await delegate.ask(list)).error?.code).toBe('forbidden');
    expect((await delegate.ask({ method: 'subscribe', calendarId })).error?.code).toBe('forbidden');
    expect(JSON.stringify(pushes(delegate, from))).not.toContain(after);
    expect(pushes(delegate, from).map(({ method }) => method)).toEqual(['resync']);
    owner.close();
    delegate.close();
  });
});

describe('chapter 5.1, a client that lists and then subscribes from there', () => {
  test('D3: a new series comes by eventsChanged, occurrence by occurrence, and nobody reads anew', async () => {
    const client = await stage.login('user5');
    const calendarId = await calendarOf(client);
    const start = inHours(24);
    const { revision } = await client.ask({ method: 'getEventList', calendarId, ...around(start) });
    await client.ask({ method: 'subscribe', calendarId, sinceRevision: revision });
    const from = client.frames.length;
    const item = await stage.worlds.meet('user5', {
      subject: unique('new series'),
      start,
      end: start + HOUR_MS,
      timeZone: 'UTC',
      recurrence: {
        pattern: { type: 'Daily', interval: 1 },
        range: { type: 'Numbered', startDate: new Date(start).toISOString().slice(0, 10), numberOfOccurrences: 3 },
      },
    });
    const push = await shown(client, from, 'the series', ({ uid }) => uid === item.uid);
    expect((push.changed as EventSummary[]).filter(({ uid }) => uid === item.uid)).toHaveLength(3);
    expect(pushes(client, from).map(({ method }) => method)).not.toContain('resync');
    client.close();
  });
});

describe('chapter 5.1, a client that was shown a series by a service that is no more', () => {
  test('D3: what vanished meanwhile is named or the client reads anew: no ghost stays', async () => {
    const start = inHours(24);
    const daily = (subject: string) =>
      stage.worlds.meet('user4', {
        subject,
        start,
        end: start + HOUR_MS,
        timeZone: 'UTC',
        recurrence: {
          pattern: { type: 'Daily', interval: 1 },
          range: { type: 'Numbered', startDate: new Date(start).toISOString().slice(0, 10), numberOfOccurrences: 5 },
        },
      });
    const missed = await daily(unique('deleted while away'));
    const later = await daily(unique('deleted after the return'));
    const client = await stage.login('user4');
    const calendarId = await calendarOf(client);
    const occurrences = async (asking: ChannelClient, uid: string): Promise<number> => {
      const { events } = await asking.ask({ method: 'getEventList', calendarId, ...around(start) });
      return (events as EventSummary[]).filter((event) => event.uid === uid).length;
    };
    for (const { uid } of [missed, later])
      await until('both series', async () => (await occurrences(client, uid)) === 5);
    const { revision } = await client.ask({ method: 'subscribe', calendarId });
    const remove = (id: string): Promise<void> =>
      stage.worlds.control.call('DELETE', `/mailboxes/${mail('user4')}/items/${encodeURIComponent(id)}`);

    expect(await stage.stop()).toBe(0);
    await remove(missed.id);
    await stage.start();
    const other = await stage.login('user4');
    // Asked no faster than a person would: each client has a rate of requests.
    await until('the first is gone', async () => (await occurrences(other, missed.uid)) === 0, 20_000, 300);
    const back = await stage.login('user4');
    await back.ask({ method: 'subscribe', calendarId, sinceRevision: revision });
    await back.next(({ method }) => method === 'resync', 0, 'that it has to read anew');

    // It has read anew, so that from now on each id is named.
    expect(await occurrences(back, later.uid)).toBe(5);
    const from = back.frames.length;
    await remove(later.id);
    const push = await back.next(
      ({ method, removed }) => method === 'eventsChanged' && (removed as string[]).length > 0,
      from,
      'what was removed',
    );
    expect((push.removed as string[]).length).toBeGreaterThanOrEqual(5);
    back.close();
    other.close();
  });
});
