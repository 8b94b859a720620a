/** What only v3.11 has, and where it differs from v4. Source: facts/trueconf.md §2.4–2.6. */
import { describe, expect, it } from 'vitest';
import { NOW, send, startApi } from './support/api-client.ts';

const ROOM = { id: 'room', topic: 'Room', owner: 'user1', type: 0 };
const PATH = '/api/v3.11/conferences';
const ONE = `${PATH}/room`;

describe('a conference in v3.11', () => {
  it.each([
    [0, 'allOnScreen'],
    [1, 'videoLecture'],
    [3, 'moderated'],
    [4, 'smartMeeting'],
  ])('of type %i is the mode %s', async (type, mode) => {
    const api = await startApi();
    expect((await api.call('POST', PATH, { ...ROOM, type })).body.conference.type).toBe(type);
    expect(api.fake.world.getConference('room').mode).toBe(mode);
  });

  it('has the smart meeting under the number the quirk gives', async () => {
    const api = await startApi({ quirks: { v3SmartMeetingType: 7 } });
    expect((await api.call('POST', PATH, { ...ROOM, type: 7 })).status).toBe(200);
    expect((await api.call('POST', PATH, { ...ROOM, id: 'b', type: 4 })).status).toBe(400);
  });

  it('opens to guests by allow_guests', async () => {
    const api = await startApi();
    expect((await api.call('POST', PATH, { ...ROOM, allow_guests: 1 })).body.conference).toMatchObject({
      allow_guests: true,
      access: 'public',
    });
  });

  it('writes schedules as integers: none, weekly, once', async () => {
    const api = await startApi();
    const week = { type: 0, days: ['monday'], time: '10:00', duration: 600, time_offset: 180 };
    const once = { type: 1, start_time: NOW / 1000 + 3600, duration: 600 };
    expect((await api.call('POST', PATH, ROOM)).body.conference.schedule).toEqual({ type: -1 });
    expect((await api.call('PUT', ONE, { schedule: once })).body.conference.schedule).toEqual({
      ...once,
      time_offset: 0,
    });
    expect((await api.call('PUT', ONE, { schedule: week })).body.conference.schedule).toMatchObject(week);
    expect((await api.call('PUT', ONE, { schedule: { type: -1 } })).body.conference.schedule).toEqual({ type: -1 });
    for (const wrong of [
      { type: 2, duration: 60 },
      { type: 1, duration: 60 },
      { type: 1, start_time: 5 },
      { type: 0, duration: 60, days: ['monday'] },
      'x',
    ]) {
      expect((await api.call('PUT', ONE, { schedule: wrong })).status, JSON.stringify(wrong)).toBe(400);
    }
  });

  it('is deleted with 200 and its id, or 204', async () => {
    const api = await startApi();
    await api.call('POST', PATH, ROOM);
    expect((await api.call('DELETE', ONE)).body).toEqual({ id: 'room' });
    api.fake.quirks.v3DeleteStatus = 204;
    await api.call('POST', PATH, ROOM);
    expect((await api.call('DELETE', ONE)).status).toBe(204);
  });

  it('takes the whole object it gave back, changed', async () => {
    const api = await startApi();
    const { conference } = (await api.call('POST', PATH, { ...ROOM, recording: 1, invitations: [{ id: 'user2' }] }))
      .body;
    const answer = await api.call('PUT', ONE, { ...conference, topic: 'New' });
    expect(answer.body.conference).toMatchObject({ topic: 'New', recording: 1, invitations: [{ id: 'user2' }] });
  });

  it('is written into the history once per run', async () => {
    const api = await startApi();
    await api.call('POST', PATH, ROOM);
    await api.call('POST', `${ONE}/run`);
    api.clock.advance(60_000);
    await api.call('POST', `${ONE}/stop`);
    await api.call('POST', `${ONE}/run`);
    const log = async (query: string) => (await api.call('GET', `/api/v3.11/logs/calls?${query}`)).body;
    expect(await log('named_conf_id=room')).toMatchObject({
      cnt: 2,
      list: [
        { conference_id: '0000001b@server.example.test#vcs', named_conf_id: 'room', duration: 60 },
        { end_time: null },
      ],
    });
    expect((await log('sort_order=1')).list[0].end_time).toBeNull();
    expect((await log('named_conf_id=other')).cnt).toBe(0);
    expect((await api.callAs('user2', 'GET', '/api/v3.11/logs/calls')).body.cnt).toBe(0);
  });

  it('offers client links without a token', async () => {
    const api = await startApi();
    expect((await send(`${api.fake.url}/api/v3.11/software/clients?call_id=room`, 'GET')).body.clients).toHaveLength(1);
  });
});
