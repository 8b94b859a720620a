/** Planned participants and ringing people, over both API families. Source: facts/trueconf.md §2.4–2.5. */
import { describe, expect, it } from 'vitest';
import { FAMILIES, reasonOf, startApi } from './support/api-client.ts';

describe.each(FAMILIES)('participants in API $version', ({ version, base, room, update, invitation }) => {
  const one = `${base}/conferences/room`;
  const all = `${one}/invitations`;

  async function startRoom(more: object = {}) {
    const api = await startApi();
    await api.call('POST', `${base}/conferences`, { ...room, ...more });
    return api;
  }

  it('are added, listed, read and removed', async () => {
    const api = await startRoom();
    const added = await api.call('POST', all, invitation('user2@server.example.test'));
    expect(added.body.invitation).toMatchObject({ id: 'user2', display_name: 'User 2' });
    expect((await api.call('GET', all)).body.invitations).toHaveLength(1);
    expect((await api.call('GET', `${all}/user2`)).body.invitation.id).toBe('user2');
    expect((await api.call('DELETE', `${all}/user2`)).status).toBe(version === 'v4' ? 204 : 200);
    expect((await api.call('GET', all)).body.invitations).toEqual([]);
    const gone = await api.call('GET', `${all}/user2`);
    expect([gone.status, reasonOf(gone)]).toEqual([404, 'invitationNotFound']);
  });

  it('with domain-style ids are reached by an encoded path', async () => {
    const api = await startRoom();
    api.fake.world.addUser({ id: 'sub1.trust1.loc\\ivan', displayName: 'Ivan' });
    await api.call('POST', all, invitation('sub1.trust1.loc\\ivan'));
    expect((await api.call('GET', `${all}/sub1.trust1.loc%5Civan`)).body.invitation.display_name).toBe('Ivan');
  });

  it('are taken in the body shape of their version only, unless the quirk is off', async () => {
    const api = await startRoom();
    const other = version === 'v4' ? { id: 'user2' } : { invitation: { id: 'user2' } };
    expect((await api.call('POST', all, other)).status).toBe(400);
    api.fake.quirks.strictInvitationBody = false;
    expect((await api.call('POST', all, other)).status).toBe(200);
  });

  it('are not invited twice, or silently, as the quirk says', async () => {
    const api = await startRoom();
    await api.call('POST', all, invitation('user2'));
    expect(reasonOf(await api.call('POST', all, invitation('USER2')))).toBe('uniqueValueAlreadyInUse');
    api.fake.quirks.duplicateInvitation = 'accept';
    expect((await api.call('POST', all, invitation('user2'))).status).toBe(200);
    expect((await api.call('GET', all)).body.invitations).toHaveLength(1);
  });

  it('must exist, unless the quirk is off', async () => {
    const api = await startRoom();
    const nobody = await api.call('POST', all, invitation('nobody'));
    expect([nobody.status, reasonOf(nobody)]).toEqual([400, 'inviteeNotFound']);
    api.fake.quirks.inviteeMustExist = false;
    expect((await api.call('POST', all, invitation('nobody'))).status).toBe(200);
  });

  it('become moderators by create only', async () => {
    const api = await startRoom({ invitations: [{ id: 'user2', is_moderator: true }] });
    await api.call('POST', all, invitation('user3', { is_moderator: true }));
    const flags = (await api.call('GET', '/api/v4/conferences/room/invitations')).body.invitations;
    expect(flags).toMatchObject([
      { id: 'user2', is_moderator: true },
      { id: 'user3', is_moderator: false },
    ]);
    api.fake.quirks.dropModeratorOnInvite = false;
    await api.call('POST', all, invitation('user4', { is_moderator: true }));
    expect((await api.call('GET', '/api/v4/conferences/room/invitations/user4')).body.invitation.is_moderator).toBe(
      true,
    );
  });

  it('are renamed when guests, never when users of the server', async () => {
    const api = await startRoom({ access: 'public' });
    await api.call('POST', all, invitation('guest@other.test', { display_name: 'G' }));
    await api.call('POST', all, invitation('user2'));
    const path = `${all}/${encodeURIComponent('guest@other.test')}`;
    expect((await api.call(update, path, { display_name: 'Guest' })).body.invitation.display_name).toBe('Guest');
    expect((await api.call(update, `${all}/user2`, { display_name: 'X' })).status).toBe(403);
    expect((await api.call(update, path, {})).status).toBe(400);
    api.fake.quirks.refuseRenameOfUsers = false;
    expect((await api.call(update, `${all}/user2`, { display_name: 'X' })).status).toBe(200);
  });

  it('can be added while the conference runs, and rung into it', async () => {
    const api = await startRoom();
    expect(reasonOf(await api.call('POST', `${one}/invite`, { participants: ['user2'] }))).toBe('conferenceIsStopped');
    await api.call('POST', `${one}/run`);
    expect((await api.call('POST', all, invitation('user2'))).status).toBe(200);
    expect(
      (await api.call('POST', `${one}/invite`, { participants: ['user2@server.example.test', '#sip:a@b.test'] }))
        .status,
    ).toBe(200);
    expect(api.fake.world.sessions.notices('room')).toMatchObject([
      { kind: 'ring', to: 'user2', cause: 'invite' },
      { kind: 'ring', to: '#sip:a@b.test', cause: 'invite' },
    ]);
    expect((await api.call('POST', `${one}/invite`, {})).status).toBe(400);
  });

  it('may be rung into a stopped conference without effect when the quirk says so', async () => {
    const api = await startRoom();
    api.fake.quirks.inviteOnStopped = 200;
    expect((await api.call('POST', `${one}/invite`, { participants: ['user2'] })).status).toBe(200);
    expect(api.fake.world.sessions.notices()).toEqual([]);
  });

  it('answer at once when the quirk says so', async () => {
    const api = await startRoom({ auto_invite: 1, invitations: [{ id: 'user2' }] });
    api.fake.quirks.peopleAnswer = true;
    await api.call('POST', `${one}/run`);
    expect((await api.call('GET', '/api/v4/conferences/room/participants')).body).toMatchObject({
      cnt: 1,
      list: [{ id: 'user2' }],
    });
  });
});

describe('participants beyond the common part', () => {
  it('in v3 are rung by `participants` and listed per session with roles', async () => {
    const api = await startApi();
    api.fake.world.createConference({ id: 'room', topic: 'Room', owner: 'user1' });
    const { sessionId = '' } = api.fake.world.runConference('room');
    await api.call('POST', '/api/v3.11/conferences/room/participants', { participant_id: 'user2' });
    expect(api.fake.world.sessions.notices()).toMatchObject([{ to: 'user2', cause: 'participants' }]);
    api.fake.world.join('room', 'user1');
    api.fake.world.join('room', 'user2');
    api.fake.world.leave('room', 'user2');
    const path = `/api/v3.11/conference-sessions/${encodeURIComponent(sessionId)}/participants`;
    expect((await api.call('GET', path)).body).toEqual({
      count: 1,
      participants: [{ id: 'user1', display_name: 'User 1', role: 2 }],
    });
    expect((await api.call('GET', '/api/v3.11/conference-sessions/none/participants')).status).toBe(404);
  });

  it('in v4 are told by `notify`: the named ones, or all', async () => {
    const api = await startApi();
    const invitations = [{ id: 'user2' }, { id: 'user3' }];
    api.fake.world.createConference({ id: 'room', topic: 'Room', owner: 'user1', invitations });
    await api.call('POST', '/api/v4/conferences/room/notify', { invitations: ['user3'] });
    await api.call('POST', '/api/v4/conferences/room/notify');
    expect(api.fake.world.sessions.notices().map(({ to }) => to)).toEqual(['user3', 'user2', 'user3']);
    expect((await api.call('POST', '/api/v4/conferences/room/notify', { invitations: ['user9'] })).status).toBe(404);
  });

  it('in v4 join, are filtered and leave', async () => {
    const api = await startApi();
    api.fake.world.createConference({ id: 'room', topic: 'Room', owner: 'user1', invitations: [{ id: 'user2' }] });
    const path = '/api/v4/conferences/room';
    expect((await api.callAs('user2', 'POST', `${path}/join`)).status).toBe(400);
    api.fake.world.runConference('room');
    expect((await api.callAs('user2', 'POST', `${path}/join`)).body).toEqual({ state: 'running' });
    api.fake.world.join('room', 'user1');
    api.clock.advance(5000);
    api.fake.world.leave('room', 'user2');
    const list = async (query: string) => (await api.call('GET', `${path}/participants?${query}`)).body;
    expect(await list('is_in_conf=true')).toMatchObject({ cnt: 1, list: [{ id: 'user1', flag: 2, leave_time: null }] });
    expect(await list('is_in_conf=false')).toMatchObject({ cnt: 1, list: [{ id: 'user2', flag: 1, duration: 5 }] });
    expect((await list('display_name=user%201')).cnt).toBe(1);
    expect((await list('page_size=1&page=2')).list).toHaveLength(1);
  });
});
