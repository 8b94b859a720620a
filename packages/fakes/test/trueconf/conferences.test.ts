/** Conferences over both API families: life, limits, lists. Source: facts/trueconf.md §2.4–2.6. */
import { describe, expect, it } from 'vitest';
import { FAMILIES, NOW, reasonOf, startApi } from './support/api-client.ts';

describe.each(FAMILIES)('a conference in API $version', ({ base, room, update, once }) => {
  const path = `${base}/conferences`;
  const one = `${path}/room`;

  it('is created and read back', async () => {
    const api = await startApi();
    const created = await api.call('POST', path, {
      ...room,
      description: 'About',
      tags: ['mark'],
      invitations: [{ id: 'user2' }],
    });
    expect(created.status).toBe(200);
    const { conference } = (await api.call('GET', one)).body;
    expect(conference).toEqual(created.body.conference);
    expect(conference).toMatchObject({
      id: 'room',
      topic: 'Room',
      description: 'About',
      owner: 'user1@server.example.test',
      access: 'private',
      state: 'stopped',
      tags: ['mark'],
      url: 'https://server.example.test/c/room',
      invitations: [{ id: 'user2', display_name: 'User 2' }],
    });
    expect(conference).not.toHaveProperty('session_id');
  });

  it('gets a numeric id when it brings none', async () => {
    const api = await startApi();
    const { id: _id, ...rest } = room;
    expect((await api.call('POST', path, rest)).body.conference.id).toMatch(/^\d{10}$/);
  });

  it('cannot be created twice under one id', async () => {
    const api = await startApi();
    await api.call('POST', path, room);
    const again = await api.call('POST', path, { ...room, topic: 'Other' });
    expect([again.status, reasonOf(again)]).toEqual([400, 'uniqueValueAlreadyInUse']);
    expect((await api.call('GET', one)).body.conference.topic).toBe('Room');
  });

  it.each([
    ['an id with a dash', { id: 'a-b' }],
    ['an id of 129 characters', { id: 'a'.repeat(129) }],
    ['an empty topic', { topic: '' }],
    ['a topic of 241 characters', { topic: 'т'.repeat(241) }],
    ['an owner nobody knows', { owner: 'nobody' }],
    ['an owner of 65 characters', { owner: 'x'.repeat(65) }],
    ['a participant nobody knows', { invitations: [{ id: 'nobody' }] }],
    ['a mail guest in a private conference', { invitations: [{ id: 'guest@other.test' }] }],
    ['more participants than the licence allows', { max_participants: 100_000 }],
    ['tags that are not texts', { tags: [1] }],
    ['a topic that is a list', { topic: ['x'] }],
    ['invitations that are no list', { invitations: 'user1' }],
  ])('is refused with %s', async (_name, wrong) => {
    const api = await startApi();
    const answer = await api.call('POST', path, { ...room, ...wrong });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 400, message: 'Bad Request' });
    expect(api.fake.world.listConferences()).toEqual([]);
  });

  it('takes a topic of 240 characters outside the basic plane', async () => {
    const api = await startApi();
    const topic = '🙂'.repeat(240);
    expect((await api.call('POST', path, { ...room, topic })).body.conference.topic).toBe(topic);
  });

  it('may belong to nobody known when the quirk says so', async () => {
    const api = await startApi({ quirks: { ownerMustExist: false } });
    expect((await api.call('POST', path, { ...room, owner: 'ghost' })).status).toBe(200);
  });

  it('takes an owner by its TrueConf ID and invites mail guests when public', async () => {
    const api = await startApi();
    const guests = { invitations: [{ id: 'guest@other.test', display_name: 'Guest' }, { id: '#sip:room@pbx.test' }] };
    const { body } = await api.call('POST', path, {
      ...room,
      owner: 'user3@server.example.test',
      access: 'public',
      ...guests,
    });
    expect(body.conference).toMatchObject({ owner: 'user3@server.example.test', access: 'public' });
    expect(body.conference.invitations.map(({ id }: { id: string }) => id)).toEqual([
      'guest@other.test',
      '#sip:room@pbx.test',
    ]);
  });

  it('starts, has a session while it runs, and stops', async () => {
    const api = await startApi();
    await api.call('POST', path, room);
    expect((await api.call('POST', `${one}/run`)).body).toEqual({ state: 'running' });
    const running = (await api.call('GET', one)).body.conference;
    expect(running).toMatchObject({ state: 'running', session_id: '0000001b@server.example.test#vcs' });
    expect((await api.call('POST', `${one}/stop`)).body).toEqual({ state: 'stopped' });
    expect((await api.call('GET', one)).body.conference).not.toHaveProperty('session_id');
    await api.call('POST', `${one}/run`);
    expect((await api.call('GET', one)).body.conference.session_id).toBe('0000001c@server.example.test#vcs');
  });

  it('refuses run when running and stop when stopped, or not, as the quirks say', async () => {
    const api = await startApi();
    await api.call('POST', path, room);
    expect(reasonOf(await api.call('POST', `${one}/stop`))).toBe('conferenceIsStopped');
    await api.call('POST', `${one}/run`);
    expect(reasonOf(await api.call('POST', `${one}/run`))).toBe('conferenceIsRunning');
    Object.assign(api.fake.quirks, { runOnRunning: 200, stopOnStopped: 200 });
    expect((await api.call('POST', `${one}/run`)).body).toEqual({ state: 'running' });
    await api.call('POST', `${one}/stop`);
    expect((await api.call('POST', `${one}/stop`)).body).toEqual({ state: 'stopped' });
    expect(api.fake.world.sessions.list('room')).toHaveLength(1);
  });

  it('lets only its description change while it runs', async () => {
    const api = await startApi();
    await api.call('POST', path, room);
    await api.call('POST', `${one}/run`);
    expect(reasonOf(await api.call(update, one, { topic: 'New' }))).toBe('conferenceIsRunning');
    expect((await api.call(update, one, { topic: 'Room', description: 'New' })).status).toBe(200);
    expect((await api.call('GET', one)).body.conference).toMatchObject({ topic: 'Room', description: 'New' });
    api.fake.quirks.refuseEditsWhileRunning = false;
    expect((await api.call(update, one, { topic: 'New' })).body.conference.topic).toBe('New');
  });

  it('changes the fields a change names and no others', async () => {
    const api = await startApi();
    await api.call('POST', path, { ...room, tags: ['mark'], invitations: [{ id: 'user2' }] });
    const { conference } = (await api.call(update, one, { topic: 'New', owner: 'user2' })).body;
    expect(conference).toMatchObject({ topic: 'New', owner: 'user2@server.example.test', tags: ['mark'] });
    expect(conference.invitations).toHaveLength(1);
  });

  it('cannot be deleted while it runs, unless the quirk stops it first', async () => {
    const api = await startApi();
    await api.call('POST', path, room);
    await api.call('POST', `${one}/run`);
    expect(reasonOf(await api.call('DELETE', one))).toBe('conferenceIsRunning');
    api.fake.quirks.deleteWhileRunning = 'stop';
    expect((await api.call('DELETE', one)).status).toBeLessThan(300);
    expect(api.fake.world.sessions.list('room')).toMatchObject([{ endedAt: NOW }]);
  });

  it('is not found after its deletion', async () => {
    const api = await startApi();
    await api.call('POST', path, room);
    await api.call('DELETE', one);
    for (const [method, sub] of [
      ['GET', ''],
      [update, ''],
      ['DELETE', ''],
      ['POST', '/run'],
      ['POST', '/stop'],
      ['GET', '/invitations'],
    ] as const) {
      const answer = await api.call(method, one + sub, method === 'GET' ? undefined : {});
      expect([answer.status, reasonOf(answer)], `${method} ${sub}`).toEqual([404, 'conferenceNotFound']);
    }
  });

  it.each([59, 86_400, 0, -1])('refuses a duration of %i seconds', async (duration) => {
    const api = await startApi();
    const answer = await api.call('POST', path, { ...room, schedule: once(NOW / 1000, duration) });
    expect(answer.status).toBe(400);
    expect(answer.body.error.errors[0].location).toBe('schedule.duration');
  });

  it.each([60, 86_399])('takes a duration of %i seconds', async (duration) => {
    const api = await startApi();
    expect((await api.call('POST', path, { ...room, schedule: once(NOW / 1000, duration) })).status).toBe(200);
  });

  it('takes any duration when the quirk is off', async () => {
    const api = await startApi({ quirks: { durationLimits: false } });
    expect((await api.call('POST', path, { ...room, schedule: once(NOW / 1000, 5) })).status).toBe(200);
  });

  it('starts by itself at its time, once', async () => {
    const api = await startApi();
    await api.call('POST', path, {
      ...room,
      schedule: once(NOW / 1000 + 600),
      invitations: [{ id: 'user2' }],
      auto_invite: 1,
    });
    api.clock.advance(599_999);
    expect((await api.call('GET', one)).body.conference.state).toBe('stopped');
    api.clock.advance(1);
    expect((await api.call('GET', one)).body.conference.state).toBe('running');
    await api.call('POST', `${one}/stop`);
    api.clock.advance(86_400_000);
    expect((await api.call('GET', one)).body.conference.state).toBe('stopped');
    expect(api.fake.world.sessions.list('room')).toMatchObject([{ startedBy: 'schedule', startedAt: NOW + 600_000 }]);
    expect(api.fake.world.sessions.notices('room')).toMatchObject([{ kind: 'ring', to: 'user2', cause: 'autoInvite' }]);
  });

  it('is not started again by its schedule when somebody started it before', async () => {
    const api = await startApi();
    await api.call('POST', path, { ...room, schedule: once(NOW / 1000 + 600) });
    await api.call('POST', `${one}/run`);
    api.clock.advance(700_000);
    expect((await api.call('GET', one)).body.conference.state).toBe('running');
    expect(api.fake.world.sessions.list('room')).toHaveLength(1);
  });

  it('does not make up for a start that lies in the past', async () => {
    const api = await startApi();
    await api.call('POST', path, { ...room, schedule: once(NOW / 1000 - 60) });
    expect((await api.call('GET', one)).body.conference.state).toBe('stopped');
  });
});

describe('conference lists', () => {
  it('in v3 are paged from 1 with a count, by state and tag', async () => {
    const api = await startApi();
    for (let index = 0; index < 5; index += 1) {
      api.fake.world.createConference({
        id: `c${index}`,
        topic: `T${index}`,
        owner: 'user1',
        tags: index % 2 ? ['odd'] : [],
      });
    }
    api.fake.world.runConference('c1');
    const list = async (query: string) => (await api.call('GET', `/api/v3.11/conferences?${query}`)).body;
    const ids = ({ conferences }: { conferences: { id: string }[] }) => conferences.map(({ id }) => id);
    expect(ids(await list('page_size=2&page_id=1'))).toEqual(['c0', 'c1']);
    expect(ids(await list('page_size=2&page_id=3'))).toEqual(['c4']);
    expect(ids(await list('page_size=2&page_id=4'))).toEqual([]);
    expect((await list('page_size=2')).cnt).toBe(5);
    expect(ids(await list('tag=odd'))).toEqual(['c1', 'c3']);
    expect(ids(await list('state=running'))).toEqual(['c1']);
    expect((await api.call('GET', '/api/v3.11/conferences?page_id=x')).status).toBe(400);
  });

  it('in v4 are filtered, sorted, paged and short', async () => {
    const api = await startApi();
    const day = 86_400;
    const schedule = (days: number) =>
      ({ type: 'once', startSeconds: NOW / 1000 + days * day, durationSeconds: 600, offsetMinutes: 0 }) as const;
    api.fake.world.createConference({
      id: 'b',
      topic: 'Beta',
      owner: 'user1',
      schedule: schedule(1),
      mode: 'smartMeeting',
    });
    api.fake.world.createConference({
      id: 'a',
      topic: 'alpha',
      owner: 'user2',
      schedule: schedule(2),
      access: 'public',
    });
    api.fake.world.createConference({
      id: 'g',
      topic: 'Gamma',
      owner: 'user1',
      invitations: [{ id: 'user3' }],
      tags: ['t'],
    });
    const list = async (query: string) => (await api.call('GET', `/api/v4/conferences?${query}`)).body;
    const ids = async (query: string) => (await list(query)).conferences.map(({ id }: { id: string }) => id);
    expect(await ids('sort_field=topic')).toEqual(['a', 'b', 'g']);
    expect(await ids('sort_field=topic&sort_order=1')).toEqual(['g', 'b', 'a']);
    expect(await ids('owner=user1')).toEqual(['b', 'g']);
    expect(await ids('owner=user1@server.example.test')).toEqual(['b', 'g']);
    expect(await ids('topic=BET')).toEqual(['b']);
    expect(await ids('topic_cid_contains=g')).toEqual(['g']);
    expect(await ids('access=public')).toEqual(['a']);
    expect(await ids(`mode=${encodeURIComponent('S|L Auto')}`)).toEqual(['b']);
    expect(await ids('invitation=user3')).toEqual(['g']);
    expect(await ids(`after=${NOW / 1000 + day + 1}`)).toEqual(['a']);
    expect(await ids(`before=${NOW / 1000 + day + 1}`)).toEqual(['b']);
    expect(await ids('state=running')).toEqual([]);
    expect(await ids('registration_enabled=true')).toEqual([]);
    expect(await ids('tag=t')).toEqual(['b', 'a', 'g']);
    const page = await list('page=2&page_size=2');
    expect([page.results, page.conferences.length]).toEqual([3, 1]);
    expect(page.conferences[0]).not.toHaveProperty('tags');
    api.fake.quirks.v4ListForm = 'full';
    expect((await list('topic=gamma')).conferences[0].tags).toEqual(['t']);
  });
});
