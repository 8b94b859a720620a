/** Users and identifiers. Source: facts/trueconf.md §2.7. */
import { describe, expect, it } from 'vitest';
import { reasonOf, startApi } from './support/api-client.ts';

const ids = (body: { users: { id: string }[] }) => body.users.map(({ id }) => id);

describe.each(['/api/v3.11', '/api/v4'])('users under %s', (base) => {
  it('are found by e-mail, with neighbours: the client must compare', async () => {
    const api = await startApi();
    api.fake.world.addUser({ id: 'other', email: 'xuser1@example.test' });
    const find = async (mail: string) => ids((await api.call('GET', `${base}/users?email=${mail}`)).body);
    expect(await find('USER1@example.test')).toEqual(['user1', 'other']);
    api.fake.quirks.emailFilter = 'exact';
    expect(await find('user1@EXAMPLE.test')).toEqual(['user1']);
    expect(await find('user99@example.test')).toEqual([]);
    api.fake.quirks.emailFilter = 'ignored';
    expect(await find('user1@example.test')).toHaveLength(11);
  });

  it.each([
    ['trueConfId', 'bare@server.example.test'],
    ['empty', ''],
    ['absent', undefined],
  ] as const)('without e-mail show it as the quirk %s says', async (missingEmail, email) => {
    const api = await startApi({ quirks: { missingEmail } });
    api.fake.world.addUser({ id: 'bare' });
    expect((await api.call('GET', `${base}/users/bare`)).body.user.email).toBe(email);
  });

  it('are paged from 0 until next_page_id is -1', async () => {
    const api = await startApi({ userCount: 5 });
    const seen: string[] = [];
    for (let page = 0; page >= 0 && seen.length < 10; ) {
      const { body } = await api.call('GET', `${base}/users?page_size=2&page_id=${page}`);
      seen.push(...ids(body));
      page = body.next_page_id;
    }
    expect(seen).toEqual(['user1', 'user2', 'user3', 'user4', 'user5']);
  });

  it('are found by name parts and read by any form of the id', async () => {
    const api = await startApi();
    api.fake.world.addUser({ id: 'sub1.trust1.loc\\ivan', displayName: 'Иван Петров' });
    expect(ids((await api.call('GET', `${base}/users?display_name=${encodeURIComponent('иван')}`)).body)).toHaveLength(
      1,
    );
    expect(ids((await api.call('GET', `${base}/users?last_name=7`)).body)).toEqual(['user7']);
    for (const id of ['user7', 'USER7', 'user7@server.example.test', 'user7@server.example.test%2Fapp']) {
      expect((await api.call('GET', `${base}/users/${id}`)).body.user?.id, id).toBe('user7');
    }
    expect((await api.call('GET', `${base}/users/sub1.trust1.loc%5Civan`)).body.user.display_name).toBe('Иван Петров');
    const nobody = await api.call('GET', `${base}/users/nobody`);
    expect([nobody.status, reasonOf(nobody)]).toEqual([404, 'userNotFound']);
  });

  it('learn from /me who a token belongs to; an application is nobody', async () => {
    const api = await startApi();
    expect((await api.callAs('user3', 'GET', `${base}/me`)).body.user).toMatchObject({
      id: 'user3',
      email: 'user3@example.test',
    });
    expect((await api.call('GET', `${base}/me`)).status).toBe(403);
  });

  it('see themselves and their own conferences only', async () => {
    const api = await startApi();
    const { world } = api.fake;
    world.createConference({ id: 'mine', topic: 'M', owner: 'user1' });
    world.createConference({ id: 'asked', topic: 'A', owner: 'user2', invitations: [{ id: 'user1' }] });
    world.createConference({ id: 'foreign', topic: 'F', owner: 'user2' });
    const mine = (await api.callAs('user1', 'GET', `${base}/conferences`)).body.conferences;
    expect(mine.map(({ id }: { id: string }) => id)).toEqual(['mine', 'asked']);
    expect((await api.callAs('user1', 'GET', `${base}/conferences/foreign`)).status).toBe(403);
    expect((await api.callAs('user1', 'POST', `${base}/conferences/asked/run`)).status).toBe(403);
    expect((await api.callAs('user1', 'POST', `${base}/conferences/mine/run`)).status).toBe(200);
    expect((await api.callAs('user1', 'GET', `${base}/users`)).status).toBe(403);
    expect((await api.callAs('user1', 'GET', `${base}/users/user2`)).status).toBe(403);
    expect((await api.callAs('user1', 'GET', `${base}/users/user1`)).status).toBe(200);
    const body = base.endsWith('4') ? { topic: 'N', owner: 'user2', mode: 'PxP' } : { topic: 'N', owner: 'user2' };
    expect((await api.callAs('user1', 'POST', `${base}/conferences`, body)).status).toBe(403);
    expect((await api.callAs('user2', 'POST', `${base}/conferences`, body)).status).toBe(200);
  });
});

describe('users in v3.11', () => {
  it('are made, changed and removed; their tokens die with them', async () => {
    const api = await startApi();
    const path = '/api/v3.11/users';
    expect((await api.call('POST', path, { login_name: 'new', email: 'new@example.test' })).body.user.id).toBe('new');
    expect(reasonOf(await api.call('POST', path, { login_name: 'NEW' }))).toBe('uniqueValueAlreadyInUse');
    expect((await api.call('PUT', `${path}/new`, { email: '', display_name: 'New' })).body.user).toMatchObject({
      display_name: 'New',
      email: 'new@server.example.test',
    });
    const token = api.fake.world.userToken('new');
    expect((await api.call('PUT', `${path}/new`, { is_active: 0 })).body.user).toMatchObject({
      is_active: 0,
      status: -2,
    });
    expect((await api.call('DELETE', `${path}/new`)).status).toBe(200);
    expect(api.fake.world.tokens.find(token)).toBeUndefined();
    expect((await api.callAs('user1', 'DELETE', `${path}/user2`)).status).toBe(403);
  });
});
