/** The Exchange half of the control API: people, items, delegates, the clock. Source: design/contracts.md §8. */
import { describe, expect, it } from 'vitest';
import { NOW, startControl } from './support/control-client.ts';

const ITEMS = '/mailboxes/user1@example.test/items';
const MEETING = {
  subject: 'Plan',
  start: '2026-03-02T10:00:00+03:00',
  end: '2026-03-02T11:00:00+03:00',
  attendees: [
    'user2@example.test',
    { address: 'user3@example.test', role: 'optional' },
    { address: 'out@other.test', name: 'Out' },
  ],
};

const item = (id: string): string => encodeURIComponent(id);

describe('items over the control API', () => {
  it('are created, and invite', async () => {
    const { call } = await startControl();
    const created = await call('POST', ITEMS, { ...MEETING, body: '<p>Agenda</p>', location: 'Room 1' });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      subject: 'Plan',
      start: '2026-03-02T07:00:00.000Z',
      end: '2026-03-02T08:00:00.000Z',
      location: 'Room 1',
      body: '<p>Agenda</p>',
      isMeeting: true,
      myResponse: 'Organizer',
      attendees: [
        { name: 'User 2', role: 'required', response: 'Unknown' },
        { address: 'user3@example.test', role: 'optional' },
        { name: 'Out', address: 'out@other.test' },
      ],
    });
    const { items } = (await call('GET', '/mailboxes/user2@example.test/items')).body;
    expect(items).toMatchObject([{ uid: created.body.uid, isOrganizer: false, myResponse: 'NoResponseReceived' }]);
    expect((await call('GET', `${ITEMS}/${item(created.body.id)}`)).body).toEqual(created.body);
  });

  it('are answered, moved in time, renamed and called off', async () => {
    const { call } = await startControl();
    const { id } = (await call('POST', ITEMS, MEETING)).body;
    const [invitation] = (await call('GET', '/mailboxes/user2@example.test/items')).body.items;
    const answered = await call('POST', `/mailboxes/user2@example.test/items/${item(invitation.id)}/respond`, {
      response: 'accept',
    });
    expect(answered.body.item.myResponse).toBe('Accept');
    expect((await call('GET', `${ITEMS}/${item(id)}`)).body.attendees[0].response).toBe('Accept');
    const moved = await call('PATCH', `${ITEMS}/${item(id)}`, {
      subject: 'New',
      start: NOW + 3_600_000,
      end: NOW + 7_200_000,
    });
    expect(moved.body).toMatchObject({ subject: 'New', start: '2026-03-02T09:00:00.000Z' });
    expect((await call('POST', `${ITEMS}/${item(id)}/cancel`)).status).toBe(204);
    expect((await call('GET', '/mailboxes/user2@example.test/items')).body.items[0]).toMatchObject({
      isCancelled: true,
    });
    expect((await call('GET', `${ITEMS}/${item(id)}`)).status).toBe(404);
  });

  it('may be series with exceptions', async () => {
    const { call } = await startControl();
    const recurrence = {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'Numbered', startDate: '2026-03-02', numberOfOccurrences: 3 },
    };
    const { id } = (await call('POST', ITEMS, { ...MEETING, attendees: [], recurrence })).body;
    await call('PATCH', `${ITEMS}/${item(id)}`, { occurrence: '2026-03-03T07:00:00Z', subject: 'Other' });
    expect((await call('DELETE', `${ITEMS}/${item(id)}?occurrence=2026-03-04T07:00:00Z`)).status).toBe(204);
    expect((await call('GET', `${ITEMS}/${item(id)}`)).body).toMatchObject({
      kind: 'master',
      recurrence,
      deletedOccurrences: ['2026-03-04T07:00:00.000Z'],
      modifiedOccurrences: [{ originalStart: '2026-03-03T07:00:00.000Z' }],
    });
    const window = await call('GET', `${ITEMS}?from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z`);
    expect(window.body.items.map(({ kind, subject }: { kind: string; subject: string }) => [kind, subject])).toEqual([
      ['occurrence', 'Plan'],
      ['exception', 'Other'],
    ]);
  });

  it('may last whole days given as dates, in the zone of the mailbox', async () => {
    const { call } = await startControl();
    const { body } = await call('POST', ITEMS, {
      subject: 'Leave',
      allDay: true,
      start: '2026-03-05',
      end: '2026-03-07',
    });
    expect(body).toMatchObject({ allDay: true, start: '2026-03-04T21:00:00.000Z', end: '2026-03-06T21:00:00.000Z' });
    const abroad = await call('POST', ITEMS, {
      subject: 'Trip',
      allDay: true,
      start: '2026-03-05',
      end: '2026-03-06',
      timeZone: 'UTC',
    });
    expect(abroad.body).toMatchObject({ start: '2026-03-05T00:00:00.000Z', timeZone: 'UTC' });
  });

  it('are moved to other folders and deleted', async () => {
    const { call } = await startControl();
    const { id } = (await call('POST', ITEMS, { ...MEETING, attendees: [] })).body;
    const moved = await call('POST', `${ITEMS}/${item(id)}/move`, { folder: 'deleteditems' });
    expect(moved.body.item.id).not.toBe(id);
    expect((await call('GET', ITEMS)).body.items).toEqual([]);
    expect((await call('DELETE', `${ITEMS}/${item(moved.body.item.id)}?hard=true`)).status).toBe(204);
    expect((await call('POST', `${ITEMS}/${item(id)}/move`, { folder: 'nowhere' })).status).toBe(404);
  });

  it('are made by a delegate in the name of the owner', async () => {
    const { call } = await startControl();
    const delegates = '/mailboxes/user1@example.test/delegates';
    expect((await call('PUT', `${delegates}/user5@example.test`)).status).toBe(204);
    expect((await call('GET', delegates)).body.delegates).toMatchObject([
      { address: 'user5@example.test', calendar: 'Editor' },
    ]);
    const { body } = await call('POST', ITEMS, { ...MEETING, by: 'user5@example.test' });
    expect(body.organizer).toEqual({ name: 'User 1', address: 'user1@example.test' });
    expect((await call('DELETE', `${delegates}/user5@example.test`)).status).toBe(204);
    expect((await call('DELETE', `${delegates}/user5@example.test`)).status).toBe(404);
  });

  it.each([
    ['POST', ITEMS, { subject: 'x' }, 400],
    ['POST', ITEMS, { ...MEETING, end: '2026-03-01T00:00:00Z' }, 400],
    ['POST', ITEMS, { ...MEETING, start: 'tomorrow' }, 400],
    ['POST', ITEMS, { ...MEETING, subject: 'x'.repeat(256) }, 400],
    ['POST', ITEMS, 'no json', 400],
    ['POST', '/mailboxes/nobody@example.test/items', MEETING, 404],
    ['GET', '/mailboxes/nobody@example.test/items', undefined, 404],
    ['GET', `${ITEMS}/nonsense`, undefined, 404],
    ['PATCH', `${ITEMS}/nonsense`, { subject: 'x' }, 404],
    ['POST', `${ITEMS}/nonsense/respond`, { response: 'maybe' }, 400],
  ])('refuse %s %s with %o', async (method, path, body, status) => {
    const { call } = await startControl();
    expect((await call(method, path, body)).status).toBe(status);
  });
});

describe('people over the control API', () => {
  it('are listed, added, read and removed', async () => {
    const { call } = await startControl({ mailboxes: 3 });
    const list = async (query = '') => (await call('GET', `/mailboxes${query}`)).body.mailboxes;
    expect(await list()).toEqual([
      'user1@example.test',
      'user2@example.test',
      'user3@example.test',
      'svc@example.test',
    ]);
    expect(await list('?limit=1')).toHaveLength(1);
    const created = await call('POST', '/mailboxes', {
      address: 'boss@example.test',
      name: 'The Boss',
      timeZone: 'UTC',
    });
    expect([created.status, created.body]).toEqual([
      201,
      { address: 'boss@example.test', name: 'The Boss', type: 'user', aliases: [], timeZone: 'UTC' },
    ]);
    expect((await call('POST', '/mailboxes', { address: 'boss@example.test' })).status).toBe(400);
    expect((await call('DELETE', '/mailboxes/boss@example.test')).status).toBe(204);
    expect((await call('GET', '/mailboxes/boss@example.test')).status).toBe(404);
    expect((await call('PUT', '/mailboxes/svc@example.test/password', { password: 'New1' })).status).toBe(204);
  });

  it('may be rooms, which answer by themselves, and lists', async () => {
    const { call } = await startControl();
    await call('POST', '/mailboxes', { address: 'room1@example.test', type: 'room' });
    expect(
      (await call('PUT', '/distribution-lists/all@example.test', { name: 'All', members: ['user4@example.test'] }))
        .status,
    ).toBe(204);
    const { body } = await call('POST', ITEMS, { ...MEETING, attendees: ['room1@example.test', 'all@example.test'] });
    expect(body.attendees).toMatchObject([{ role: 'resource' }, { address: 'all@example.test' }]);
    const seen = (await call('GET', `${ITEMS}/${item(body.id)}`)).body;
    expect(seen.attendees[0].response).toBe('Accept');
    expect((await call('GET', '/mailboxes/user4@example.test/items')).body.items).toHaveLength(1);
  });
});

describe('the clock over the control API', () => {
  it('is read, set, moved on and set going', async () => {
    const { call } = await startControl();
    expect((await call('GET', '/clock')).body).toEqual({
      mode: 'manual',
      now: '2026-03-02T08:00:00.000Z',
      epochMs: NOW,
      rate: 1,
    });
    expect((await call('PUT', '/clock', { advanceMs: 60_000 })).body.epochMs).toBe(NOW + 60_000);
    expect((await call('PUT', '/clock', { now: '2026-03-03T00:00:00Z' })).body.now).toBe('2026-03-03T00:00:00.000Z');
    expect((await call('PUT', '/clock', { mode: 'scaled', rate: 3600 })).body).toMatchObject({
      mode: 'scaled',
      rate: 3600,
    });
    expect((await call('PUT', '/clock', { mode: 'sometimes' })).status).toBe(400);
  });

  it('moves both worlds: a conference planned for then starts', async () => {
    const { call } = await startControl();
    const schedule = { type: 'once', start: '2026-03-02T09:00:00Z', durationSeconds: 600 };
    await call('POST', '/conferences', { id: 'room', topic: 'Room', owner: 'user1', schedule });
    await call('PUT', '/clock', { advanceMs: 3_600_000 });
    expect((await call('GET', '/conferences/room/sessions')).body.sessions).toMatchObject([
      { startedBy: 'schedule', startedAt: '2026-03-02T09:00:00.000Z' },
    ]);
  });
});
