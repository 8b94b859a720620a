/**
 * Guide chapter 5.1 from the TrueConf side: users make, change, cancel events and answer invitations; it is written to
 * Exchange as that user, once (feature D4). What happens when an answer is lost: lost-answers.e2e.test.ts.
 */
import type { EventSummary } from '@calendar-connector/client-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Watcher } from '../../../tooling/scene/watcher.ts';
import { type Author, draft, newKey as key, openAuthor, shownTo as seen } from './support/author.ts';
import type { ChannelClient, Frame } from './support/channel-client.ts';
import { DAY_MS, HOUR_MS, inHours, mail, openStage, type Stage, unique, until } from './support/stage.ts';

let stage: Stage;
let author: Author;
let client: ChannelClient;
let user1: Watcher;
let user2: Watcher;

beforeAll(async () => {
  stage = await openStage({ mailboxes: 6 });
  [author, user2] = await Promise.all([openAuthor(stage, 'user1'), stage.watch('user2')]);
  ({ client, watcher: user1 } = author);
});
afterAll(() => stage?.close());

const create = (event: Record<string, unknown>, idempotencyKey?: string): Promise<Frame> =>
  author.create(event, idempotencyKey);

const subjects = (user: string, subject: string): Promise<number> => stage.worlds.countItems(user, subject);

describe('chapter 5.1, events from the TrueConf client', () => {
  test('D4: an event made by a user is that user’s in Exchange, and its guests are invited', async () => {
    const { event, error } = await create(
      draft('From <TrueConf> & "client"', 30, {
        location: 'Room 3',
        body: { type: 'html', content: '<p>Agenda</p>' },
        attendees: [{ email: mail('user2') }, { email: mail('user3'), role: 'optional' }],
      }),
    );
    expect(error).toBeUndefined();
    expect(event).toMatchObject({
      title: 'From <TrueConf> & "client"',
      myResponse: 'organizer',
      indicator: 'grey',
      location: 'Room 3',
    });
    const item = await until('the item', () => stage.worlds.copy('user1', event.uid));
    expect(item).toMatchObject({ subject: 'From <TrueConf> & "client"', isOrganizer: true });
    expect(await seen(user2, ({ uid }) => uid === event.uid)).toMatchObject({
      title: 'From <TrueConf> & "client"',
      myResponse: 'none',
    });
    const asked = await stage.worlds.journal({ server: 'exchange', operation: 'CreateItem' });
    expect(asked.every(({ mailbox }) => mailbox === mail('user1'))).toBe(true);
  });

  test('D4: with a conference: it is made once, owned by the user, and the guests can join', async () => {
    const title = unique('With a conference');
    const { event } = await create(
      draft(title, 31, {
        attendees: [{ email: mail('user2') }],
        conference: { mode: 'moderated', access: 'private' },
      }),
    );
    const conference = await until('the conference', async () =>
      (await stage.worlds.conferences()).find(({ topic }) => topic === title),
    );
    expect(conference.owner).toContain('user1');
    const shown = await seen(user1, ({ uid, indicator }) => uid === event.uid && indicator === 'teal');
    expect(shown.joinUrl).toContain(conference.id);
    expect((await stage.worlds.conferences()).filter(({ topic }) => topic === title)).toHaveLength(1);
    expect(conference).toMatchObject({ mode: 'moderated', access: 'private' });
    // Guests outside TrueConf read the link where Outlook shows it.
    expect((await stage.worlds.copy('user2', event.uid))?.location).toContain(`/c/${conference.id}`);
    // Another room, the same conference: they still find it.
    const moved = await client.ask({
      method: 'updateEvent',
      eventId: event.id,
      idempotencyKey: key(),
      changes: { location: 'Room 9' },
    });
    expect(moved.event.location).toMatch(new RegExp(`^Room 9; https://.*/c/${conference.id}$`));
    await until('the guest’s copy', async () =>
      /^Room 9; .*\/c\//.test((await stage.worlds.copy('user2', event.uid))?.location ?? ''),
    );
  });

  test('D4: a conference is added to an event later, and taken away again', async () => {
    const title = unique('Conference later');
    const { event } = await create(draft(title, 36, { location: 'Room 8' }));
    const update = (conference: unknown): Promise<Frame> =>
      client.ask({ method: 'updateEvent', eventId: event.id, idempotencyKey: key(), changes: { conference } });
    const added = await update({ mode: 'videoLecture', access: 'public' });
    expect(added.error).toBeUndefined();
    const ours = async () => (await stage.worlds.conferences()).filter(({ topic }) => topic === title);
    const [conference] = await until('the conference', async () => (await ours()).length === 1 && ours());
    expect(conference).toMatchObject({ mode: 'videoLecture', access: 'public' });
    await seen(user1, ({ uid, conference: one }) => uid === event.uid && one?.mode === 'videoLecture');
    expect((await update({ mode: 'videoLecture', access: 'public' })).error).toBeUndefined();
    expect((await update({ mode: 'moderated', access: 'public' })).error).toEqual({
      code: 'invalidRequest',
      message:
        'changes.conference: the event has a conference already; its mode and access are changed on its TrueConf Server',
    });
    const taken = await update(null);
    expect(taken.error).toBeUndefined();
    await until('no conference', async () => (await ours()).length === 0);
    expect(await seen(user1, ({ uid, indicator }) => uid === event.uid && indicator === 'grey')).toMatchObject({
      location: 'Room 8',
    });
  });

  test('D4: the same key again does nothing and gives the same answer; with another change it is a conflict', async () => {
    const [once, another] = [unique('Once'), unique('Another')];
    const [idempotencyKey, event] = [key(), draft(once, 32)];
    const first = await create(event, idempotencyKey);
    const second = await create(event, idempotencyKey);
    expect(second.event).toEqual(first.event);
    expect(await subjects('user1', once)).toBe(1);
    expect((await create({ ...event, title: another }, idempotencyKey)).error?.code).toBe('conflict');
    expect(await subjects('user1', another)).toBe(0);
    // Another of the user's sockets, the same key.
    const other = await stage.login('user1');
    const third = await other.ask({ method: 'createEvent', calendarId: user1.calendarId, idempotencyKey, event });
    expect(third.event.id).toBe(first.event.id);
    expect(await subjects('user1', once)).toBe(1);
    // Both at the same moment: one change, one answer, one update for the guests.
    const change = {
      method: 'updateEvent',
      eventId: first.event.id,
      idempotencyKey: key(),
      changes: { title: another },
    };
    const [here, there] = await Promise.all([client.ask(change), other.ask(change)]);
    expect(here.event, JSON.stringify(here.error)).toEqual(there.event);
    expect(await subjects('user1', another)).toBe(1);
    other.close();
  });

  test('D4: changed, then cancelled: guests follow; an attendee may do neither', async () => {
    const { event } = await create(draft('Changeable', 33, { attendees: [{ email: mail('user2') }] }));
    const start = inHours(57);
    const changed = await client.ask({
      method: 'updateEvent',
      eventId: event.id,
      idempotencyKey: key(),
      changes: { title: 'Changed', start: new Date(start).toISOString(), end: new Date(start + HOUR_MS).toISOString() },
    });
    expect(changed.event).toMatchObject({ title: 'Changed' });
    const invited = await seen(user2, ({ uid, title }) => uid === event.uid && title === 'Changed');
    expect(Date.parse(invited.start)).toBe(start);
    const guest = await stage.login('user2');
    expect(
      (
        await guest.ask({
          method: 'updateEvent',
          eventId: invited.id,
          idempotencyKey: key(),
          changes: { title: 'Mine now' },
        })
      ).error?.code,
    ).toBe('forbidden');
    const cancelled = await client.ask({ method: 'cancelEvent', eventId: event.id, idempotencyKey: key() });
    expect(cancelled.event.isCancelled).toBe(true);
    const off = await seen(user2, ({ uid, isCancelled }) => uid === event.uid && isCancelled);
    const late = { method: 'respondToEvent', eventId: off.id, response: 'accepted', idempotencyKey: key() };
    expect((await guest.ask(late)).error).toEqual({
      code: 'invalidRequest',
      message: 'the event is cancelled; there is nothing to answer',
    });
    guest.close();
  });

  test.each(['accepted', 'tentative', 'declined'])('D4: an invitation is answered: %s', async (response) => {
    const start = inHours(34);
    const item = await stage.worlds.meet('user3', {
      subject: `Answer me ${response}`,
      start,
      end: start + HOUR_MS,
      attendees: [mail('user1')],
    });
    const event = await seen(user1, ({ uid }) => uid === item.uid);
    const answer = await client.ask({ method: 'respondToEvent', eventId: event.id, response, idempotencyKey: key() });
    expect(answer.event?.myResponse, JSON.stringify(answer)).toBe(response);
    const words: Record<string, RegExp> = { accepted: /accept/i, tentative: /tentative/i, declined: /decline/i };
    await until('the organiser knows', async () => {
      const copy = await stage.worlds.copy('user3', item.uid);
      return words[response]?.test(copy?.attendees.find(({ address }) => address === mail('user1'))?.response ?? '');
    });
  });

  test('D4: a series, one occurrence moved, then the whole series cancelled', async () => {
    const start = Math.ceil((Date.now() + DAY_MS) / DAY_MS) * DAY_MS + 8 * HOUR_MS;
    const { event, error } = await create({
      title: 'Series from the client',
      start: new Date(start).toISOString(),
      end: new Date(start + HOUR_MS).toISOString(),
      timeZone: 'UTC',
      recurrence: {
        pattern: { type: 'Daily', interval: 1 },
        range: { type: 'Numbered', startDate: new Date(start).toISOString().slice(0, 10), numberOfOccurrences: 3 },
      },
    });
    expect(error).toBeUndefined();
    const mine = ({ uid }: EventSummary): boolean => uid === event.uid;
    expect(await user1.waitUntil((events) => events.filter(mine).length === 3, 10_000)).toBeDefined();
    const second = user1.events
      .filter(mine)
      .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))[1] as EventSummary;
    const moved = start + DAY_MS + 5 * HOUR_MS;
    const answer = await client.ask({
      method: 'updateEvent',
      eventId: second.id,
      idempotencyKey: key(),
      changes: { start: new Date(moved).toISOString(), end: new Date(moved + HOUR_MS).toISOString() },
    });
    expect(answer.event, JSON.stringify(answer)).toMatchObject({ kind: 'exception', id: second.id });
    await seen(user1, (one) => mine(one) && Date.parse(one.start) === moved);
    expect(user1.events.filter(mine)).toHaveLength(3);
    const cancelled = await client.ask({
      method: 'cancelEvent',
      eventId: second.id,
      scope: 'series',
      idempotencyKey: key(),
    });
    expect(cancelled.error).toBeUndefined();
    await until('no live occurrence', () => user1.events.filter(mine).every(({ isCancelled }) => isCancelled));
  });

  test('D4: a series becomes one event, an event a series; one occurrence alone cannot', async () => {
    const start = Math.ceil((Date.now() + DAY_MS) / DAY_MS) * DAY_MS + 6 * HOUR_MS;
    const title = `Series or not ${key()}`;
    const recurrence = {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'Numbered', startDate: new Date(start).toISOString().slice(0, 10), numberOfOccurrences: 4 },
    };
    const { event } = await create({
      title,
      start: new Date(start).toISOString(),
      end: new Date(start + HOUR_MS).toISOString(),
      timeZone: 'UTC',
      recurrence,
    });
    const mine = (): readonly EventSummary[] =>
      user1.events.filter(({ uid }) => uid === event.uid).toSorted((a, b) => Date.parse(a.start) - Date.parse(b.start));
    expect(await user1.waitUntil(() => mine().length === 4, 10_000)).toBeDefined();
    const change = (eventId: string, changes: Record<string, unknown>, scope?: 'series'): Promise<Frame> =>
      client.ask({ method: 'updateEvent', eventId, ...(scope ? { scope } : {}), idempotencyKey: key(), changes });
    const third = mine()[2] as EventSummary;
    expect((await change(third.id, { recurrence: null })).error?.code).toBe('invalidRequest');
    expect(mine()).toHaveLength(4);

    const single = await change(third.id, { recurrence: null }, 'series');
    expect(single.event, JSON.stringify(single.error)).toMatchObject({ kind: 'single', title });
    expect(single.event.recurrence).toBeUndefined();
    expect(await user1.waitUntil(() => mine().length === 1, 10_000)).toBeDefined();
    expect(mine()[0]).toMatchObject({ kind: 'single', id: single.event.id });
    const held = (await stage.worlds.control.items(mail('user1'))).filter(({ uid }) => uid === event.uid);
    expect(held.map(({ kind }) => kind)).toEqual(['single']);

    const series = await change(single.event.id, { recurrence });
    expect(series.error).toBeUndefined();
    expect(await user1.waitUntil(() => mine().length === 4, 10_000)).toBeDefined();
    expect(mine().map(({ id }) => id)).not.toContain(single.event.id);
  });

  test('D4: an answer and a cancellation may come with words', async () => {
    const word = `words-${key()}`;
    const start = inHours(46);
    const invitation = await stage.worlds.meet('user3', {
      subject: word,
      start,
      end: start + HOUR_MS,
      attendees: [mail('user1')],
    });
    const event = await seen(user1, ({ uid }) => uid === invitation.uid);
    const answer = { method: 'respondToEvent', eventId: event.id, response: 'declined', idempotencyKey: key() };
    expect((await client.ask({ ...answer, comment: `${word} <no> time` })).error).toBeUndefined();
    const { event: own } = await create(draft(word, 47, { attendees: [{ email: mail('user2') }] }));
    await seen(user2, ({ uid }) => uid === own.uid);
    const cancel = { method: 'cancelEvent', eventId: own.id, idempotencyKey: key() };
    expect((await client.ask({ ...cancel, comment: `${word} moved` })).error).toBeUndefined();
    await seen(user2, ({ uid, isCancelled }) => uid === own.uid && isCancelled);
  });

  test('D4: access read lets nobody write', async () => {
    expect(await stage.reload((config) => Object.assign(config, { access: 'read' }))).toContain('reloaded');
    expect((await create(draft('Forbidden', 40))).error?.code).toBe('forbidden');
    expect(await stage.reload((config) => Object.assign(config, { access: 'full' }))).toContain('reloaded');
    expect(await subjects('user1', 'Forbidden')).toBe(0);
  });
});
