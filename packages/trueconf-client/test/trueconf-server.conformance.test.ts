/** The promises of the port ConferenceTarget, kept over every API version. */

import { CONNECTOR_TAG } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { APIS, all, ID, NEVER, roomSpec, startBench, user } from './support/fake-server.ts';

describe.each(APIS)('a TrueConf Server spoken to in %s', (apiVersion) => {
  it('proves link and credentials and says its name and version', async () => {
    const { target } = await startBench({ apiVersion });
    const facts = await target.probe(NEVER);
    expect(facts).toEqual({ name: 'server.example.test', version: expect.stringMatching(/^5\./), api: apiVersion });
  });

  it('creates a conference and reads it back as it was asked for', async () => {
    const { target } = await startBench({ apiVersion });
    const { outcome, conference } = await target.createConference(roomSpec(), NEVER);
    expect(outcome).toBe('done');
    const found = await target.findConference(ID, NEVER);
    expect(found).toEqual(conference);
    expect(found).toMatchObject({
      id: ID,
      topic: 'Планёрка',
      description: 'Agenda',
      owner: 'user1',
      mode: 'smartMeeting',
      access: 'private',
      state: 'stopped',
      schedule: { type: 'none' },
      tags: [CONNECTOR_TAG],
      url: `https://server.example.test/c/${ID}`,
    });
    expect(found?.participants.map(({ id }) => id)).toEqual(['user2', 'user3']);
  });

  it.each(['smartMeeting', 'moderated', 'allOnScreen', 'videoLecture'] as const)('keeps the mode %s', async (mode) => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec({ mode }), NEVER);
    expect((await target.findConference(ID, NEVER))?.mode).toBe(mode);
  });

  it('changes the mode of a conference to any other', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    for (const mode of ['allOnScreen', 'smartMeeting', 'videoLecture', 'moderated'] as const) {
      expect(await target.updateConference(ID, { mode }, NEVER)).toBe('done');
      expect(await target.findConference(ID, NEVER)).toMatchObject({ mode, tags: [CONNECTOR_TAG] });
    }
  });

  it('opens a conference to guests and closes it again', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec({ access: 'public' }), NEVER);
    expect((await target.findConference(ID, NEVER))?.access).toBe('public');
    await target.updateConference(ID, { access: 'private' }, NEVER);
    expect((await target.findConference(ID, NEVER))?.access).toBe('private');
  });

  it.each([
    { type: 'once', start: Date.UTC(2030, 2, 31, 1, 30), durationSeconds: 5400 },
    { type: 'week', days: [0, 1, 5], time: '22:30', durationSeconds: 60 },
    { type: 'none' },
  ] as const)('sets the schedule $type and reads the same', async (schedule) => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec({ schedule }), NEVER);
    expect((await target.findConference(ID, NEVER))?.schedule).toEqual(schedule);
    expect(await target.updateConference(ID, { schedule: { type: 'none' } }, NEVER)).toBe('done');
    expect(await target.updateConference(ID, { schedule }, NEVER)).toBe('done');
    expect((await target.findConference(ID, NEVER))?.schedule).toEqual(schedule);
  });

  it('says already when the conference exists, and leaves it as it is', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    const again = await target.createConference(roomSpec({ topic: 'Other' }), NEVER);
    expect(again).toMatchObject({ outcome: 'already', conference: { topic: 'Планёрка' } });
  });

  it('changes only what a patch names', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    const before = await target.findConference(ID, NEVER);
    expect(await target.updateConference(ID, { topic: 'Renamed', owner: user('user2') }, NEVER)).toBe('done');
    expect(await target.findConference(ID, NEVER)).toEqual({ ...before, topic: 'Renamed', owner: 'user2' });
  });

  it('lets the description of a running conference through alone and says that the rest must wait', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    await target.runConference(ID, NEVER);
    expect(await target.updateConference(ID, { topic: 'New', description: 'New text' }, NEVER)).toBe('running');
    expect(await target.findConference(ID, NEVER)).toMatchObject({ topic: 'Планёрка', description: 'New text' });
    expect(await target.updateConference(ID, { description: 'Newer text' }, NEVER)).toBe('done');
    expect(await target.updateConference(ID, { topic: 'New' }, NEVER)).toBe('running');
    await target.stopConference(ID, NEVER);
    expect(await target.updateConference(ID, { topic: 'New' }, NEVER)).toBe('done');
  });

  it('finds out that a conference started between its look and its change', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    fake.faults.add({ kind: 'status', operation: 'updateConference', status: 400, count: 1 });
    const change = target.updateConference(ID, { topic: 'New', description: 'New text' }, NEVER);
    await fake.journal.waitFor({ operation: 'getConference' });
    fake.world.runConference(ID);
    expect(await change).toBe('running');
    expect(fake.world.getConference(ID)).toMatchObject({ topic: 'Планёрка', description: 'New text' });
  });

  it('starts and stops once, and says already the second time', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    expect(await target.runConference(ID, NEVER)).toBe('done');
    expect(await target.runConference(ID, NEVER)).toBe('already');
    expect(fake.journal.count({ operation: 'runConference' })).toBe(1);
    expect(await target.findConference(ID, NEVER)).toMatchObject({ state: 'running', sessionId: expect.any(String) });
    expect(await target.stopConference(ID, NEVER)).toBe('done');
    expect(await target.stopConference(ID, NEVER)).toBe('already');
  });

  it('starts with one request what the caller has seen stopped, and notices who was faster or took it away', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    const looks = fake.journal.count({ operation: 'getConference' });
    expect(await target.runConference(ID, NEVER, true)).toBe('done');
    expect(fake.journal.count({ operation: 'getConference' })).toBe(looks);
    expect(['done', 'already']).toContain(await target.runConference(ID, NEVER, true));
    expect(fake.world.sessions.list()).toHaveLength(1);
    await target.stopConference(ID, NEVER);
    await target.removeConference(ID, NEVER);
    expect(await target.runConference(ID, NEVER, true)).toBe('absent');
  });

  it('says absent for a conference nobody has', async () => {
    const { target } = await startBench({ apiVersion });
    expect(await target.findConference(ID, NEVER)).toBeUndefined();
    expect(await target.runConference(ID, NEVER)).toBe('absent');
    expect(await target.stopConference(ID, NEVER)).toBe('absent');
    expect(await target.updateConference(ID, { topic: 'New' }, NEVER)).toBe('absent');
    expect(await target.addParticipants(ID, [{ id: user('user2') }], NEVER)).toBe('absent');
    expect(await target.removeParticipants(ID, [user('user2')], NEVER)).toBe('absent');
    expect(await target.removeConference(ID, NEVER)).toBe('already');
  });

  it('adds who is missing and removes who is there, each once', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    const wanted = ['user2', 'USER3', 'user4', 'user5'].map((id) => ({ id: user(id) }));
    expect(await target.addParticipants(ID, wanted, NEVER)).toBe('done');
    expect(await target.addParticipants(ID, wanted, NEVER)).toBe('done');
    expect(fake.journal.count({ operation: 'addInvitation' })).toBe(2);
    expect(await target.removeParticipants(ID, [user('user2'), user('user9')], NEVER)).toBe('done');
    expect(await target.removeParticipants(ID, [user('user2')], NEVER)).toBe('done');
    expect(fake.journal.count({ operation: 'removeInvitation' })).toBe(1);
    const people = (await target.findConference(ID, NEVER))?.participants.map(({ id }) => id);
    expect(people?.toSorted()).toEqual(['user3', 'user4', 'user5']);
  });

  it('adds and removes people while the conference runs', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    await target.runConference(ID, NEVER);
    expect(await target.addParticipants(ID, [{ id: user('user4') }], NEVER)).toBe('done');
    expect(await target.removeParticipants(ID, [user('user2')], NEVER)).toBe('done');
    const people = (await target.findConference(ID, NEVER))?.participants.map(({ id }) => id);
    expect(people).toEqual(['user3', 'user4']);
  });

  it('invites the others when the server refuses one, and says so', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec({ participants: [] }), NEVER);
    const wanted = ['user2', 'nobody', 'user3'].map((id) => ({ id: user(id) }));
    await expect(target.addParticipants(ID, wanted, NEVER)).rejects.toMatchObject({
      kind: 'invalidRequest',
      code: 'participantsRefused',
      retriable: false,
    });
    const people = (await target.findConference(ID, NEVER))?.participants.map(({ id }) => id);
    expect(people?.toSorted()).toEqual(['user2', 'user3']);
  });

  it('handles users with domain-style ids', async () => {
    const { fake, target } = await startBench({ apiVersion });
    const id = 'sub1.trust1.loc\\user';
    fake.world.addUser({ id, email: 'trusted@example.test' });
    expect(await target.findUserByEmail('trusted@example.test', NEVER)).toMatchObject({ id });
    await target.createConference(roomSpec({ owner: user(id), participants: [{ id: user(id) }] }), NEVER);
    expect(await target.findConference(ID, NEVER)).toMatchObject({ owner: id, participants: [{ id }] });
    expect(await target.removeParticipants(ID, [user(id)], NEVER)).toBe('done');
    expect(fake.world.getConference(ID).invitations).toEqual([]);
  });

  it('rings people into a running conference', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    await target.runConference(ID, NEVER);
    await target.ring(ID, [user('user2'), user('user3')], NEVER);
    expect(fake.journal.last({ operation: 'inviteParticipants' })?.requestBody).toEqual({
      participants: ['user2', 'user3'],
    });
    await target.ring(ID, [], NEVER);
    expect(fake.journal.count({ operation: 'inviteParticipants' })).toBe(1);
  });

  it('removes a conference, and says already the second time', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    expect(await target.removeConference(ID, NEVER)).toBe('done');
    expect(await target.removeConference(ID, NEVER)).toBe('already');
    expect(fake.world.findConference(ID)).toBeUndefined();
  });

  it('does not remove a running conference and says why', async () => {
    const { target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    await target.runConference(ID, NEVER);
    await expect(target.removeConference(ID, NEVER)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'conferenceIsRunning',
    });
  });

  it('lists every conference once, with its participants, over many pages', async () => {
    const { fake, target } = await startBench({ apiVersion, pageSize: 3 }, { quirks: { v4ListForm: 'short' } });
    for (let index = 0; index < 8; index += 1) {
      fake.world.createConference({
        id: `c${index}`,
        topic: `T${index}`,
        owner: 'user1',
        invitations: [{ id: 'user2' }],
      });
    }
    const listed = await all(target.listConferences(NEVER));
    expect(listed.map(({ id }) => String(id)).toSorted()).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']);
    expect(listed.every(({ participants }) => participants[0]?.id === 'user2')).toBe(true);
  });

  it('refuses to read more pages than its limit', async () => {
    const { fake, target } = await startBench({ apiVersion, pageSize: 1, maxPages: 2 });
    for (const id of ['a', 'b', 'c', 'd']) fake.world.createConference({ id, topic: id, owner: 'user1' });
    await expect(all(target.listConferences(NEVER))).rejects.toMatchObject({ kind: 'limitExceeded' });
  });

  it.each(['exact', 'contains', 'ignored'] as const)(
    'finds a user by exact e-mail when the filter is %s',
    async (emailFilter) => {
      const { fake, target } = await startBench({ apiVersion }, { userCount: 250, quirks: { emailFilter } });
      fake.world.addUser({ id: 'anna', email: 'Anna.Smith@Example.test' });
      fake.world.addUser({ id: 'joanna', email: 'joanna.smith@example.test' });
      expect(await target.findUserByEmail('anna.smith@example.TEST', NEVER)).toMatchObject({
        id: 'anna',
        isActive: true,
      });
      expect(await target.findUserByEmail('a.smith@example.test', NEVER)).toBeUndefined();
      expect(await target.findUserByEmail('anna', NEVER)).toBeUndefined();
    },
  );

  it('prefers the active of two accounts with one address', async () => {
    const { fake, target } = await startBench({ apiVersion });
    fake.world.addUser({ id: 'a-left', email: 'boss@example.test', isActive: false });
    fake.world.addUser({ id: 'boss', email: 'boss@example.test' });
    expect(await target.findUserByEmail('boss@example.test', NEVER)).toMatchObject({ id: 'boss', isActive: true });
  });

  it('finds a user by id, short or full, and nobody for an unknown one', async () => {
    const { target } = await startBench({ apiVersion });
    expect(await target.findUser(user('user3'), NEVER)).toMatchObject({ id: 'user3', email: 'user3@example.test' });
    expect(await target.findUser(user('user3@server.example.test'), NEVER)).toMatchObject({ id: 'user3' });
    expect(await target.findUser(user('nobody'), NEVER)).toBeUndefined();
  });

  it('tells whose token it is, and nobody for a foreign or expired one', async () => {
    const { fake, target } = await startBench({ apiVersion });
    const { access } = fake.world.tokens.issue({ clientId: 'trueconf_server_users', userId: 'user3', seconds: 60 });
    expect(await target.findTokenOwner(access.token, NEVER)).toMatchObject({
      id: 'user3',
      email: 'user3@example.test',
    });
    fake.world.tokens.expire(access.token);
    expect(await target.findTokenOwner(access.token, NEVER)).toBeUndefined();
    expect(await target.findTokenOwner('0123456789abcdef', NEVER)).toBeUndefined();
    expect(await target.findTokenOwner('two\r\nlines', NEVER)).toBeUndefined();
    const own = fake.world.tokens.issue({ clientId: 'connector', seconds: 60 });
    expect(await target.findTokenOwner(own.access.token, NEVER)).toBeUndefined();
  });

  it.each(['object', 'string', 'html', 'empty'] as const)(
    'keeps its promises when errors have the body %s',
    async (errorBody) => {
      const { target } = await startBench({ apiVersion }, { quirks: { errorBody } });
      expect(await target.findConference(ID, NEVER)).toBeUndefined();
      await target.createConference(roomSpec(), NEVER);
      expect((await target.createConference(roomSpec(), NEVER)).outcome).toBe('already');
      expect(await target.runConference(ID, NEVER)).toBe('done');
      expect(await target.updateConference(ID, { topic: 'New', description: 'D' }, NEVER)).toBe('running');
      await target.stopConference(ID, NEVER);
      expect(await target.removeConference(ID, NEVER)).toBe('done');
      expect(await target.removeConference(ID, NEVER)).toBe('already');
    },
  );

  it.each([200, 204] as const)('takes %i for a removal', async (status) => {
    const { target } = await startBench({ apiVersion }, { quirks: { v3DeleteStatus: status, v4DeleteStatus: status } });
    await target.createConference(roomSpec(), NEVER);
    expect(await target.removeConference(ID, NEVER)).toBe('done');
  });

  it('renews an expired token once and goes on', async () => {
    const { fake, target } = await startBench({ apiVersion });
    await target.createConference(roomSpec(), NEVER);
    fake.world.tokens.expire();
    expect(await target.runConference(ID, NEVER)).toBe('done');
    expect(fake.journal.count({ operation: 'token' })).toBe(2);
  });
});
