/**
 * Events written as people would, against the fake Exchange, which checks requests by the schema's rules and lets the
 * other attendees' mailboxes live.
 */
import { type FolderItem, MARKER } from '@calendar-connector/calendar-model';
import type { EventDraft } from '@calendar-connector/sync-core';
import { describe, expect, it } from 'vitest';
import { EwsError } from '../src/index.ts';
import { resolveUser, startFake } from './support/fake.ts';
import { answer, failure, item, startSoapServer, success } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

const at = (text: string) => Date.parse(text);
const DRAFT: EventDraft = {
  subject: 'R&D <план> "x"',
  start: at('2026-12-01T09:00:00Z'),
  end: at('2026-12-01T10:00:00Z'),
  timeZone: 'Europe/Moscow',
  location: 'Room & board',
  body: { type: 'html', content: '<p>a &amp; b</p>' },
  attendees: [{ name: 'User 2', address: 'user2@example.test', role: 'required' }],
  sensitivity: 'private',
};
const DAILY: EventDraft = {
  ...DRAFT,
  recurrence: {
    pattern: { type: 'Daily', interval: 1 },
    range: { type: 'Numbered', startDate: '2026-12-01', numberOfOccurrences: 5 },
  },
};

function series(item: FolderItem) {
  if (item.kind !== 'seriesMaster') throw new Error(`a ${item.kind} where a series belongs`);
  return item;
}

describe('creating an event', () => {
  it('writes every field once; the same key finds the item again (failure mode 4: duplicates)', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source({ instance: 'node-1' });
    const mailbox = await resolveUser(source, 1);
    const [first, second] = await Promise.all([
      source.createEvent(mailbox, DRAFT, 'key-1', 'all', never),
      source.createEvent(mailbox, DRAFT, 'key-1', 'all', never),
    ]);
    const third = await source.createEvent(mailbox, DRAFT, 'key-1', 'all', never);
    expect(new Set([first.itemId, second.itemId, third.itemId]).size).toBe(1);
    expect(first).toMatchObject({
      kind: 'single',
      subject: DRAFT.subject,
      location: DRAFT.location,
      start: DRAFT.start,
      end: DRAFT.end,
      sensitivity: 'private',
      isOrganizer: true,
      marker: { writeKey: 'key-1', instance: 'node-1' },
      attendees: [{ address: 'user2@example.test', role: 'required', response: 'none' }],
    });
    expect(first.startTimeZone?.id).toBe('Russian Standard Time');
    const invited = await source.fetchChanges(await resolveUser(source, 2), undefined, never);
    expect(invited.changed).toMatchObject([{ subject: DRAFT.subject, isOrganizer: false, uid: first.uid }]);
  });

  it('keeps the dates of an all-day event in its zone (failure mode 14: off by one day)', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const draft = {
      ...DRAFT,
      attendees: [],
      allDay: true,
      startDate: '2026-12-31',
      endDate: '2027-01-02',
      timeZone: 'Asia/Vladivostok',
    };
    const made = await source.createEvent(mailbox, draft, 'k', 'none', never);
    expect(made).toMatchObject({ allDay: true, startDate: '2026-12-31', endDate: '2027-01-02' });
    expect(made.start).toBe(at('2026-12-30T14:00:00Z'));
  });

  it('refuses a zone Exchange cannot be told about before anything is sent', async () => {
    await using started = await startFake();
    const source = started.source();
    const work = source.createEvent(
      await resolveUser(source, 1),
      { ...DRAFT, timeZone: 'Mars/Olympus' },
      'k',
      'none',
      never,
    );
    await expect(work).rejects.toMatchObject({ kind: 'invalidRequest', code: 'UnknownTimeZone' });
  });
});

describe('changing an event', () => {
  it('moves the start and keeps length and zone; other fields stay', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const made = await source.createEvent(mailbox, DRAFT, 'k', 'none', never);
    const moved = await source.updateEvent(
      mailbox,
      { itemId: made.itemId },
      { start: at('2026-12-02T12:00:00Z') },
      'none',
      never,
    );
    expect(moved).toMatchObject({
      start: at('2026-12-02T12:00:00Z'),
      end: at('2026-12-02T13:00:00Z'),
      subject: DRAFT.subject,
    });
    expect(moved.startTimeZone?.id).toBe('Russian Standard Time');
  });

  it('changes one occurrence by its original start, never by index, and removes another (failure mode 22)', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const made = await source.createEvent(mailbox, DAILY, 'k', 'none', never);
    const second = { itemId: made.itemId, originalStart: at('2026-12-02T09:00:00Z') };
    await source.updateEvent(mailbox, second, { start: at('2026-12-02T12:00:00Z') }, 'none', never);
    const twice = series(await source.updateEvent(mailbox, second, { subject: 'moved' }, 'none', never));
    expect(twice.exceptions).toMatchObject([
      { subject: 'moved', start: at('2026-12-02T12:00:00Z'), originalStart: second.originalStart },
    ]);
    const third = { itemId: made.itemId, originalStart: at('2026-12-03T09:00:00Z') };
    expect(await source.cancelEvent(mailbox, third, 'none', never)).toBe('done');
    expect(await source.cancelEvent(mailbox, third, 'none', never)).toBe('already');
    const left = await source.readCalendarView(mailbox, { from: at('2026-12-01'), to: at('2026-12-08') }, never);
    expect(left.map((entry) => [entry.kind, new Date(entry.start).toISOString().slice(8, 13)])).toEqual([
      ['occurrence', '01T09'],
      ['exception', '02T12'],
      ['occurrence', '04T09'],
      ['occurrence', '05T09'],
    ]);
  });

  it('writes markers without touching anything else or mailing anybody', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const made = await source.createEvent(mailbox, DRAFT, 'k', 'none', never);
    await source.writeMarker(mailbox, { itemId: made.itemId }, { conferenceUrl: 'https://x.example.test/c/1' }, never);
    const read = await source.fetchItem(mailbox, made.itemId, never);
    expect(read).toMatchObject({
      marker: { conferenceUrl: 'https://x.example.test/c/1', writeKey: 'k' },
      subject: DRAFT.subject,
      start: DRAFT.start,
    });
    expect(MARKER.conferenceUrl).toBe('TrueConfConferenceUrl');
  });

  it('does not write a join link again that a write with a lost answer has left there', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const { itemId } = await source.createEvent(mailbox, DRAFT, 'k', 'none', never);
    const patch = { location: 'https://x.example.test/c/1', marker: { conferenceUrl: 'https://x.example.test/c/1' } };
    const writes = () => started.fake.journal.list({ operation: 'UpdateItem' }).length;
    const first = await source.updateEvent(mailbox, { itemId }, patch, 'all', never);
    expect(writes()).toBe(1);
    expect(await source.updateEvent(mailbox, { itemId }, patch, 'all', never)).toEqual(first);
    expect(writes()).toBe(1);
    await source.updateEvent(mailbox, { itemId }, { ...patch, location: 'elsewhere' }, 'none', never);
    await source.updateEvent(mailbox, { itemId }, { ...patch, subject: 'and a new name' }, 'none', never);
    expect(writes()).toBe(3);
  });

  it('takes nobody’s place away: a location made from another one than the item has now is not written', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const { itemId } = await source.createEvent(mailbox, { ...DRAFT, location: 'Room 5' }, 'k', 'none', never);
    const linked = { location: 'Room 5 https://x.example.test/c/1', ifLocation: 'Room 5' };
    await source.updateEvent(mailbox, { itemId }, { location: 'Room 7' }, 'none', never);
    const late = source.updateEvent(mailbox, { itemId }, linked, 'none', never);
    await expect(late).rejects.toMatchObject({ kind: 'conflict', code: 'LocationChanged' });
    await source.updateEvent(mailbox, { itemId }, { location: 'Room 5' }, 'none', never);
    expect(await source.updateEvent(mailbox, { itemId }, linked, 'none', never)).toMatchObject({
      location: linked.location,
    });
  });

  it('reads again and repeats when somebody else was faster, and gives up with a conflict', async () => {
    let conflicts = 2;
    await using server = await startSoapServer(({ operation }) => {
      if (operation === 'GetItem') return answer('GetItem', success('GetItem', `<m:Items>${item('A')}</m:Items>`));
      if (conflicts-- > 0)
        return answer('UpdateItem', failure('UpdateItem', 'ErrorIrresolvableConflict', '<m:Items/>'));
      return answer('UpdateItem', success('UpdateItem', `<m:Items>${item('A')}</m:Items>`));
    });
    await using source = sourceTo(server.port);
    const mailbox = mailboxAt(server.port);
    const address = { itemId: (await source.fetchItem(mailbox, 'A' as never, never))?.itemId as never };
    await source.updateEvent(mailbox, address, { subject: 'x' }, 'none', never);
    conflicts = 99;
    await expect(source.updateEvent(mailbox, address, { subject: 'x' }, 'none', never)).rejects.toMatchObject({
      kind: 'conflict',
    });
  });
});

describe('meetings', () => {
  it('are answered by attendees, seen by the organizer, and cancelled for everybody (failure mode 13)', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const [organizer, attendee] = [await resolveUser(source, 1), await resolveUser(source, 2)];
    const made = await source.createEvent(organizer, DRAFT, 'k', 'all', never);
    const copy = (await source.fetchChanges(attendee, undefined, never)).changed[0];
    if (copy === undefined) throw new Error('the invitation did not arrive');
    expect(await source.respond(attendee, { itemId: copy.itemId }, 'tentative', never)).toBe('done');
    expect((await source.fetchItem(organizer, made.itemId, never))?.attendees).toMatchObject([
      { response: 'tentative' },
    ]);
    expect(await source.cancelEvent(organizer, { itemId: made.itemId }, 'all', never)).toBe('done');
    expect(await source.cancelEvent(organizer, { itemId: made.itemId }, 'all', never)).toBe('already');
    const after = (await source.fetchChanges(attendee, undefined, never)).changed;
    expect(after).toMatchObject([{ isCancelled: true }]);
  });

  it('cannot be accepted by their organizer', async () => {
    await using started = await startFake({ world: { itemsPerMailbox: 0 } });
    const source = started.source();
    const mailbox = await resolveUser(source, 1);
    const made = await source.createEvent(mailbox, DRAFT, 'k', 'all', never);
    const error = await source
      .respond(mailbox, { itemId: made.itemId }, 'accepted', never)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EwsError);
    expect((error as EwsError).kind).toBe('forbidden');
  });
});

describe('a calendar view', () => {
  it('halves windows that are too wide or too full, and leaves out what only touches (failure mode 15)', async () => {
    const start = at('2026-01-01T00:00:00Z');
    const asked: (readonly [number, number])[] = [];
    await using server = await startSoapServer(({ body }) => {
      const [, from = '', to = ''] = /StartDate="([^"]+)" EndDate="([^"]+)"/.exec(body) ?? [];
      asked.push([at(from), at(to)]);
      if (at(to) - at(from) > 400 * 86_400_000)
        return answer('FindItem', failure('FindItem', 'ErrorExceededFindCountLimit'));
      const touching = item('T', { Start: '2025-12-31T23:00:00Z', End: '2026-01-01T00:00:00Z' });
      const inside = item('I', { Start: '2026-01-05T09:00:00Z', End: '2026-01-05T10:00:00Z' });
      return answer(
        'FindItem',
        success(
          'FindItem',
          `<m:RootFolder IncludesLastItemInRange="true"><t:Items>${touching}${inside}</t:Items></m:RootFolder>`,
        ),
      );
    });
    await using source = sourceTo(server.port);
    const seen = await source.readCalendarView(
      mailboxAt(server.port),
      { from: start, to: start + 1_460 * 86_400_000 },
      never,
    );
    expect(seen.map((entry) => entry.itemId)).toEqual(['I']);
    expect(asked.every(([from, to]) => to - from <= 730 * 86_400_000)).toBe(true);
  });
});
