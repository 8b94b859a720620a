import { conferenceId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { parseEventId, projectDetail, projectEvents, type StoredItem, type ViewOptions } from '../../src/index.ts';
import {
  ANNA,
  attendee,
  BORIS,
  copy,
  copyFor,
  DAY,
  exception,
  HOUR,
  KEY,
  NOW,
  SERVER,
  series,
  single,
} from '../build.ts';

const base: ViewOptions = {
  viewer: 'owner',
  calendarId: 'folder-1',
  privacy: 'masked',
  access: 'full',
  language: 'ru',
  servers: [{ id: SERVER, hosts: ['server.example.test'] }],
};
const stored = (item: StoredItem['item'], more: Partial<StoredItem> = {}): StoredItem => ({
  mailbox: ANNA,
  eventId: 'Ab_c-9',
  item,
  meeting: KEY,
  ...more,
});
const binding = {
  serverId: SERVER,
  conferenceId: conferenceId('7'),
  ownership: 'adopted',
  url: 'https://server.example.test/c/7',
  state: 'running',
  mode: 'moderated',
  access: 'public',
} as const;
const list = (item: StoredItem['item'], options: Partial<ViewOptions> = {}, from = NOW - DAY, to = NOW + 14 * DAY) =>
  projectEvents([stored(item)], from, to, { ...base, ...options });

describe('events as clients see them (contract 5)', () => {
  it('carry times with the offset of their own zone', () => {
    expect(list(single())[0]).toEqual({
      id: 'Ab_c-9',
      calendarId: 'folder-1',
      uid: single().uid,
      kind: 'single',
      title: 'Weekly review',
      start: '2026-01-05T13:00:00+03:00',
      end: '2026-01-05T14:00:00+03:00',
      allDay: false,
      timeZone: 'Russian Standard Time',
      location: '',
      isCancelled: false,
      indicator: 'grey',
      myResponse: 'organizer',
      isPrivate: false,
    });
  });

  it('carry dates when they last all day, whatever the offset of midnight is', () => {
    const start = Date.UTC(2026, 0, 5, 21);
    const item = single({ allDay: true, start, end: start + DAY });
    expect(list(item)[0]).toMatchObject({ start: '2026-01-06', end: '2026-01-07' });
    expect(list({ ...item, startDate: '2026-01-06', endDate: '2026-01-08' })[0]).toMatchObject({ end: '2026-01-08' });
  });

  it('expand a series with its exceptions in place, each under an id that leads back', () => {
    const originalStart = NOW + 2 * HOUR;
    const moved = { originalStart, start: originalStart + DAY, end: originalStart + DAY + HOUR };
    const item = series({
      modifiedOccurrences: [moved],
      exceptions: [exception(originalStart, { ...moved, subject: 'Moved' })],
    });
    const events = list(item);
    expect(events.map((event) => [event.kind, event.title, event.start])).toEqual([
      ['exception', 'Moved', '2026-01-06T13:00:00+03:00'],
      ['occurrence', 'Weekly review', '2026-01-12T13:00:00+03:00'],
    ]);
    expect(parseEventId(events[0]?.id ?? '')).toEqual({ storedId: 'Ab_c-9', originalStart });
    expect(parseEventId('Ab_c-9')).toEqual({ storedId: 'Ab_c-9' });
  });

  it('keep recurring events inside backward and forward, single ones anywhere', () => {
    const recurringWindow = { from: NOW, to: NOW + 3 * DAY };
    expect(list(series(), { recurringWindow })).toHaveLength(1);
    expect(list(single({ start: NOW + 10 * DAY, end: NOW + 11 * DAY }), { recurringWindow })).toHaveLength(1);
  });

  it('are teal with join address and conference when bound, grey otherwise (C3)', () => {
    const [event] = projectEvents([stored(single(), { binding })], NOW - DAY, NOW + DAY, base);
    expect(event).toMatchObject({
      indicator: 'teal',
      joinUrl: binding.url,
      conference: { id: '7', mode: 'moderated', access: 'public', state: 'running' },
    });
    const removed = { ...binding, removed: true } as const;
    expect(projectEvents([stored(single(), { binding: removed })], 0, NOW + DAY, base)[0]).toMatchObject({
      indicator: 'grey',
    });
    expect(list(single({ location: 'https://us02web.zoom.us/j/1' }))[0]).toMatchObject({
      indicator: 'grey',
      joinUrl: 'https://us02web.zoom.us/j/1',
    });
  });

  it('are marked once when cancelled (C9)', () => {
    const titles = ['Обед', 'Отменено: Обед', 'Canceled: Lunch', 'cancelled :Lunch', 'Cancelled lunches'].map(
      (subject) => list(single({ isCancelled: true, subject }))[0]?.title,
    );
    expect(titles).toEqual([
      'Отменено: Обед',
      'Отменено: Обед',
      'Отменено: Lunch',
      'Отменено: Lunch',
      'Отменено: Cancelled lunches',
    ]);
    expect(list(single({ isCancelled: true }), { language: 'en' })[0]?.title).toBe('Cancelled: Weekly review');
  });

  it.each(['private', 'confidential'] as const)(
    'hide everything of %s events but their time from others (C13, I10)',
    (sensitivity) => {
      const secret = single({
        sensitivity,
        subject: 'CANARY',
        location: 'CANARY https://server.example.test/c/CANARY',
        body: { type: 'text', content: 'CANARY' },
        attendees: [attendee(BORIS, { name: 'CANARY' })],
        organizer: { name: 'CANARY', address: ANNA },
      });
      for (const viewer of ['delegate', 'other'] as const) {
        const options = { ...base, viewer };
        expect(JSON.stringify(projectEvents([stored(secret, { binding })], 0, NOW + DAY, options))).not.toMatch(
          /CANARY|joinUrl/,
        );
        expect(JSON.stringify(projectDetail(stored(secret), { storedId: 'x' }, options))).not.toContain('CANARY');
        expect(projectEvents([stored(secret)], 0, NOW + DAY, { ...options, privacy: 'hidden' })).toEqual([]);
        expect(projectEvents([stored(secret)], 0, NOW + DAY, { ...options, privacy: 'shown' })[0]?.title).toBe(
          'CANARY',
        );
      }
      expect(list(secret)[0]?.title).toBe('CANARY');
    },
  );

  it('hide an open exception of a private series as well', () => {
    const originalStart = NOW + 2 * HOUR;
    const same = { originalStart, start: originalStart, end: originalStart + HOUR };
    const item = series({
      sensitivity: 'private',
      modifiedOccurrences: [same],
      exceptions: [exception(originalStart, { subject: 'CANARY' })],
    });
    expect(JSON.stringify(list(item, { viewer: 'other' }))).not.toContain('CANARY');
  });

  it('tell nothing but busy times under freeBusy access', () => {
    const [event] = list(single({ location: 'CANARY' }), { access: 'freeBusy' });
    expect(event).toMatchObject({ title: 'Занято', location: '', indicator: 'grey' });
  });

  it('show a series that cannot be understood once, where it stands', () => {
    const broken = series({
      recurrence: { pattern: { type: 'Daily', interval: 0 }, range: { type: 'NoEnd', startDate: '' } },
    });
    expect(list(broken)).toMatchObject([{ kind: 'single' }]);
  });
});

describe('the card of an event', () => {
  it('lists organizer and attendees with the freshest answers of all copies (C1, C7)', () => {
    const item = copyFor(
      single({
        attendees: [attendee(BORIS), attendee(ANNA)],
        organizer: { name: 'Clara', address: 'clara@example.test' },
      }),
    );
    const copies = [copy(ANNA, item), copy(BORIS, { ...item, myResponse: 'declined' })];
    const card = projectDetail(stored(item), { storedId: 'x' }, base, copies);
    expect(card?.attendees).toMatchObject([
      { name: 'Clara', role: 'organizer' },
      { email: BORIS, response: 'declined' },
      { email: ANNA, response: 'none' },
    ]);
  });

  it('describes one occurrence, and knows which do not exist', () => {
    const first = NOW + 2 * HOUR;
    const item = series({ deletedOccurrences: [first + 7 * DAY] });
    const at = (originalStart: number) => projectDetail(stored(item), { storedId: 'x', originalStart }, base);
    expect(at(first)).toMatchObject({ kind: 'occurrence', recurrence: item.recurrence });
    expect(at(first + 7 * DAY)).toBeUndefined();
    expect(at(first + 1)).toBeUndefined();
    expect(projectDetail(stored(single()), { storedId: 'x', originalStart: first }, base)).toBeUndefined();
  });
});
