/** What only v4 and v4.1 have, and where they differ from v3. Source: facts/trueconf.md §2.1–2.6, §9. */
import { describe, expect, it } from 'vitest';
import { NOW, reasonOf, send, startApi } from './support/api-client.ts';

const ROOM = { id: 'room', topic: 'Room', owner: 'user1', mode: 'S|L Auto' };
const PATH = '/api/v4/conferences';
const ONE = `${PATH}/room`;
const ONCE = { type: 'once', start_time: NOW / 1000 + 60, time: '08:01', special_time_offset: 180, duration: 600 };
const WEEK = { type: 'week', days: ['monday', 'friday'], time: '09:30', special_time_offset: 180, duration: 600 };

describe('the server', () => {
  it('says who it is without a token', async () => {
    const { fake } = await startApi({ quirks: { serverVersion: '5.5.6.1' } });
    const { status, body } = await send(`${fake.url}/api/v4/server`, 'GET');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      product: { display_name: 'server.example.test', version: '5.5.6.1' },
      web_config: {},
    });
    expect((await send(`${fake.url}/api/v4/endpoints/connects`, 'GET')).body).toEqual({
      connects: ['server.example.test:4307'],
    });
    expect((await send(`${fake.url}/vsstatus`, 'GET')).text).toContain('TrueConf Server 5.5.6.1');
  });

  it('answers 404 routeNotFound with a trace id for a version that is off and for nonsense', async () => {
    const api = await startApi();
    for (const path of ['/api/v4.1/conferences', '/api/v4/nothing', '/api/v5/server', '/api/v3.99/users']) {
      const answer = await api.call('GET', path);
      expect([answer.status, reasonOf(answer)], path).toEqual([404, 'routeNotFound']);
      expect(answer.body.error.trace_id, path).toMatch(/^\d+$/);
    }
    expect((await send(`${api.fake.url}/nothing`, 'GET')).text).toContain('<h1>404');
  });

  it('serves exactly the versions that are on', async () => {
    const api = await startApi({ quirks: { versions: { v311: false, v4: false, v41: true } } });
    expect((await api.call('GET', '/api/v3.11/conferences')).status).toBe(404);
    expect((await api.call('GET', '/api/v4/conferences')).status).toBe(404);
    expect((await send(`${api.fake.url}/api/v4/oauth2/token`, 'POST', {})).status).toBe(404);
    expect((await api.call('GET', '/api/v4.1/conferences')).status).toBe(200);
  });

  it('names its limits', async () => {
    const api = await startApi();
    const { body } = await api.call('GET', '/api/v4/calculate/conferences');
    expect(Object.keys(body)).toEqual(['symmetric', 'asymmetric', 'role_based', 'smart_meeting']);
  });

  it('shows the page a link leads to', async () => {
    const api = await startApi();
    api.fake.world.createConference({ id: 'room', topic: 'Room', owner: 'user1' });
    expect((await send(`${api.fake.url}/c/room`, 'GET')).status).toBe(200);
    expect((await send(`${api.fake.url}/webrtc/none`, 'GET')).status).toBe(404);
  });
});

describe('a schedule in v4', () => {
  it.each(['start_time', 'time', 'special_time_offset', 'duration'])(
    'without %s is 400 on create and 500 on PATCH',
    async (name) => {
      const api = await startApi();
      const incomplete = Object.fromEntries(Object.entries(ONCE).filter(([key]) => key !== name));
      expect((await api.call('POST', PATH, { ...ROOM, schedule: incomplete })).status).toBe(400);
      await api.call('POST', PATH, { ...ROOM, schedule: ONCE });
      const patched = await api.call('PATCH', ONE, { schedule: incomplete });
      expect([patched.status, patched.body.error.message]).toEqual([500, 'Internal Server Error']);
      expect((await api.call('GET', ONE)).body.conference.schedule.type).toBe('once');
    },
  );

  it('is merged on PATCH when the quirk is off', async () => {
    const api = await startApi({ quirks: { incompleteScheduleFails: false } });
    await api.call('POST', PATH, { ...ROOM, schedule: ONCE });
    const { body } = await api.call('PATCH', ONE, { schedule: { duration: 1200 } });
    expect(body.conference.schedule).toMatchObject({
      type: 'once',
      start_time: String(ONCE.start_time),
      duration: 1200,
    });
  });

  it('weekly needs days and answers with its next start', async () => {
    const api = await startApi();
    expect((await api.call('POST', PATH, { ...ROOM, schedule: { ...WEEK, days: [] } })).status).toBe(400);
    expect((await api.call('POST', PATH, { ...ROOM, schedule: { ...WEEK, days: ['Mon'] } })).status).toBe(400);
    const { schedule } = (await api.call('POST', PATH, { ...ROOM, schedule: WEEK })).body.conference;
    expect(schedule).toEqual({
      type: 'week',
      days: ['monday', 'friday'],
      duration: 600,
      special_time_offset: 180,
      start_time: String(Date.UTC(2026, 2, 2, 9, 30) / 1000),
      end_time: String(Date.UTC(2026, 2, 2, 9, 40) / 1000),
    });
  });

  it('weekly starts on each of its days and ends by itself with auto_termination_enabled', async () => {
    const api = await startApi();
    await api.call('POST', PATH, { ...ROOM, schedule: WEEK, auto_termination_enabled: true });
    api.clock.advance(14 * 86_400_000);
    await api.call('GET', ONE);
    const days = [2, 6, 9, 13];
    expect(api.fake.world.sessions.list('room')).toMatchObject(
      days.map((day) => ({ startedAt: Date.UTC(2026, 2, day, 9, 30), endedAt: Date.UTC(2026, 2, day, 9, 40) })),
    );
  });

  it('goes on until somebody stops it without auto_termination_enabled, or with the quirk off', async () => {
    const api = await startApi({ quirks: { autoTermination: false } });
    await api.call('POST', PATH, { ...ROOM, schedule: WEEK, auto_termination_enabled: true });
    api.clock.advance(14 * 86_400_000);
    expect((await api.call('GET', ONE)).body.conference.state).toBe('running');
    expect(api.fake.world.sessions.list('room')).toHaveLength(1);
  });

  it('is cleared by type none', async () => {
    const api = await startApi();
    await api.call('POST', PATH, { ...ROOM, schedule: ONCE });
    expect((await api.call('PATCH', ONE, { schedule: { type: 'none' } })).body.conference.schedule).toEqual({
      type: 'none',
    });
    api.clock.advance(120_000);
    expect((await api.call('GET', ONE)).body.conference.state).toBe('stopped');
  });

  it.each([
    ['unixString', String(ONCE.start_time)],
    ['unixNumber', ONCE.start_time],
    ['iso', '2026-03-02T08:01:00+00:00'],
  ] as const)('writes its times as %s when the quirk says so, and never `time`', async (v4ScheduleTimes, start) => {
    const api = await startApi({ quirks: { v4ScheduleTimes } });
    const { schedule } = (await api.call('POST', PATH, { ...ROOM, schedule: ONCE })).body.conference;
    expect(schedule.start_time).toEqual(start);
    expect(schedule).not.toHaveProperty('time');
  });
});

describe('a conference in v4', () => {
  it.each(['PxP', 'OxP', 'S|L', 'S|L Auto'])('has the mode %s', async (mode) => {
    const api = await startApi();
    expect((await api.call('POST', PATH, { ...ROOM, mode })).body.conference.mode).toBe(mode);
  });

  it('needs a known mode', async () => {
    const api = await startApi();
    const { mode: _mode, ...rest } = ROOM;
    expect((await api.call('POST', PATH, rest)).status).toBe(400);
    expect((await api.call('POST', PATH, { ...ROOM, mode: 'Smart' })).status).toBe(400);
    expect((await api.call('POST', PATH, { ...ROOM, access: 'open' })).status).toBe(400);
  });

  it('is deleted with 204, or 200 and its id', async () => {
    const api = await startApi();
    await api.call('POST', PATH, ROOM);
    expect((await api.call('DELETE', ONE)).status).toBe(204);
    api.fake.quirks.v4DeleteStatus = 200;
    await api.call('POST', PATH, ROOM);
    expect((await api.call('DELETE', ONE)).body).toEqual({ id: 'room' });
  });

  it('writes its owner as TrueConf ID or short id', async () => {
    const api = await startApi({ quirks: { ownerForm: 'id' } });
    expect((await api.call('POST', PATH, ROOM)).body.conference.owner).toBe('user1');
  });

  it('keeps settings the fake does not interpret', async () => {
    const api = await startApi();
    const settings = {
      waiting_room_enabled: true,
      rights: { guest: { chat_send: false } },
      sai: { recording_enabled: true },
    };
    await api.call('POST', PATH, { ...ROOM, ...settings, pin: '1234' });
    expect((await api.call('GET', ONE)).body.conference).toMatchObject({ ...settings, pin: '1234', pin_enabled: true });
  });

  it('offers its owner, roles, links and calendar file', async () => {
    const api = await startApi();
    await api.call('POST', PATH, { ...ROOM, topic: 'A; long, topic', schedule: ONCE, invitations: [{ id: 'user2' }] });
    expect((await api.call('GET', `${ONE}/owner`)).body.owner.id).toBe('user1');
    expect((await api.callAs('user1', 'GET', `${ONE}/me`)).body.conference).toMatchObject({
      owner: true,
      participant: false,
    });
    expect((await api.callAs('user2', 'GET', `${ONE}/me`)).body.conference).toMatchObject({
      owner: false,
      participant: true,
    });
    expect((await api.call('GET', `${ONE}/deeplinks`)).body.deeplinks.default).toContain('\\c\\room@');
    expect((await api.call('GET', `${ONE}/shared`)).body).toHaveProperty('embedded.webrtc');
    expect((await api.call('GET', `${ONE}/calendars`)).body.calendars.google).toContain('text=A%3B+long');
    for (const name of ['registrations', 'translations'])
      expect((await api.call('GET', `${ONE}/${name}`)).status).toBe(200);
    const ics = await api.call('GET', `${ONE}/ics`);
    expect(ics.headers.get('content-type')).toContain('text/calendar');
    expect(ics.text).toContain('SUMMARY:A\\; long\\, topic\r\n');
    expect(ics.text).toContain('DTSTART:20260302T080100Z\r\n');
  });

  it('folds long lines of the calendar file between characters', async () => {
    const api = await startApi();
    const topic = 'Ы'.repeat(200);
    await api.call('POST', PATH, { ...ROOM, topic, schedule: WEEK });
    const { text } = await api.call('GET', `${ONE}/ics`);
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${topic}\r\n`);
    expect(text).toContain('RRULE:FREQ=WEEKLY;BYDAY=MO,FR\r\n');
  });
});

describe('v4.1', () => {
  it('searches an address book by one word only', async () => {
    const api = await startApi({ userCount: 3, quirks: { versions: { v311: true, v4: true, v41: true } } });
    const path = '/api/v4.1/users/user1/addressbook';
    const all = (await api.callAs('user1', 'GET', path)).body;
    expect(all.contacts.map(({ id }: { id: string }) => id)).toEqual(['user2', 'user3']);
    expect((await api.callAs('user1', 'GET', `${path}?filter_search=user`)).body.contacts).toHaveLength(2);
    expect((await api.callAs('user1', 'GET', `${path}?filter_search=User%202`)).body.contacts).toEqual([]);
    api.fake.quirks.oneWordSearch = false;
    expect((await api.callAs('user1', 'GET', `${path}?filter_search=User%202`)).body.contacts).toHaveLength(1);
    expect((await api.callAs('user2', 'GET', path)).status).toBe(403);
    expect((await api.call('GET', `${path}?page_size=1`)).body).toMatchObject({ next_page_id: 1 });
  });
});
