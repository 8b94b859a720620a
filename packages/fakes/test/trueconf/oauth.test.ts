/** OAuth of both versions: every grant, every way to lose a token. Source: facts/trueconf.md §2.2–2.3. */
import { describe, expect, it } from 'vitest';
import { reasonOf, send, startApi } from './support/api-client.ts';

const APP = { client_id: 'connector', client_secret: 'Passw0rd!' };
const USERS = { client_id: 'trueconf_server_users' };

describe.each([
  {
    version: 'v3',
    path: '/oauth2/v1/token',
    seconds: 604_800,
    probe: '/api/v3.11/conferences',
    lost: 403,
    codeField: 'code',
  },
  {
    version: 'v4',
    path: '/api/v4/oauth2/token',
    seconds: 3600,
    probe: '/api/v4/conferences',
    lost: 401,
    codeField: 'auth_code',
  },
])('OAuth of $version', ({ version, path, seconds, probe, lost, codeField }) => {
  it.each(['JSON', 'form'])('gives an application a token for its credentials as %s', async (form) => {
    const { fake } = await startApi();
    const grant = { grant_type: 'client_credentials', ...APP };
    const answer = await send(fake.url + path, 'POST', form === 'JSON' ? grant : new URLSearchParams(grant).toString());
    expect(answer.body).toMatchObject({ access_token: expect.stringMatching(/^[0-9a-f]{40}$/), expires_in: seconds });
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect((await send(fake.url + probe, 'GET', undefined, answer.body.access_token)).status).toBe(200);
    expect((await send(`${fake.url + probe}?access_token=${answer.body.access_token}`, 'GET')).status).toBe(200);
  });

  it('gives a user tokens for name and password', async () => {
    const { fake } = await startApi();
    const grant = { grant_type: 'password', ...USERS, username: 'user1', password: 'Passw0rd!' };
    const { body } = await send(fake.url + path, 'POST', grant);
    expect(body.refresh_token).toMatch(/^[0-9a-f]{40}$/);
    expect(body.user_id).toBe(version === 'v4' ? 'user1' : undefined);
    const wrong = await send(fake.url + path, 'POST', { ...grant, password: 'no' });
    expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid_grant']);
    fake.world.users.update('user1', { isActive: false });
    expect((await send(fake.url + path, 'POST', grant)).body.error).toBe('invalid_grant');
  });

  it('renews by a refresh token once', async () => {
    const { fake, clock } = await startApi();
    const first = (
      await send(fake.url + path, 'POST', {
        grant_type: 'password',
        ...USERS,
        username: 'user1',
        password: 'Passw0rd!',
      })
    ).body;
    const grant = { grant_type: 'refresh_token', ...USERS, refresh_token: first.refresh_token };
    expect((await send(fake.url + path, 'POST', { ...grant, ...APP })).body.error).toBe('invalid_grant');
    const second = (await send(fake.url + path, 'POST', grant)).body;
    expect(second.access_token).not.toBe(first.access_token);
    expect((await send(fake.url + path, 'POST', grant)).body.error).toBe('invalid_grant');
    clock.advance(31 * 86_400_000);
    expect((await send(fake.url + path, 'POST', { ...grant, refresh_token: second.refresh_token })).body.error).toBe(
      'invalid_grant',
    );
  });

  it(`redeems a code from the browser in ${codeField}, once, within a minute`, async () => {
    const { fake, clock } = await startApi();
    const authorize = `${fake.url}/oauth2/authorize?client_id=connector&response_type=code&redirect_uri=${encodeURIComponent('https://app.test/back?x=1')}&user=user2`;
    const code = async () =>
      new URL((await send(authorize, 'GET')).headers.get('location') ?? '').searchParams.get('code');
    const grant = { grant_type: 'authorization_code', ...APP, [codeField]: await code() };
    const { body } = await send(fake.url + path, 'POST', grant);
    expect(fake.world.tokens.find(body.access_token)?.userId).toBe('user2');
    expect((await send(fake.url + path, 'POST', grant)).body.error).toBe('invalid_grant');
    const late = { ...grant, [codeField]: await code() };
    clock.advance(60_000);
    expect((await send(fake.url + path, 'POST', late)).body.error).toBe('invalid_grant');
  });

  it.each([
    ['a wrong secret', { grant_type: 'client_credentials', ...APP, client_secret: 'x' }, 401, 'invalid_client'],
    ['an unknown client', { grant_type: 'client_credentials', client_id: 'x' }, 401, 'invalid_client'],
    ['an unknown grant', { grant_type: 'magic', ...APP }, 400, 'unsupported_grant_type'],
    ['a grant that is not ticked', { grant_type: 'client_credentials', ...USERS }, 400, 'unauthorized_client'],
    ['a list', [], 400, 'invalid_request'],
    ['nothing', undefined, 401, 'invalid_client'],
    ['fields of a wrong type', { grant_type: {}, client_id: ['x'] }, 401, 'invalid_client'],
  ])('refuses %s with a string under `error`', async (_name, body, status, error) => {
    const { fake } = await startApi();
    const answer = await send(fake.url + path, 'POST', body);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(answer.body.error_description).toEqual(expect.any(String));
  });

  it('may refuse with an error object', async () => {
    const { fake } = await startApi({ quirks: { oauthErrorBody: 'object' } });
    const answer = await send(fake.url + path, 'POST', { grant_type: 'client_credentials', client_id: 'x' });
    expect(reasonOf(answer)).toBe('InvalidCredentials');
  });

  it(`answers ${lost} to a token that is missing, wrong, expired, revoked, or whose user is gone`, async () => {
    const { fake, clock } = await startApi();
    const { tokens, users } = fake.world;
    const issue = () => tokens.issue({ clientId: 'connector', seconds: 60 }).access.token;
    const statusOf = async (token?: string) => {
      const answer = await send(fake.url + probe, 'GET', undefined, token);
      expect(reasonOf(answer)).toBe('accessTokenInvalid');
      return answer.status;
    };
    expect([await statusOf(), await statusOf('nonsense')]).toEqual([lost, lost]);
    const late = issue();
    clock.advance(60_000);
    expect(await statusOf(late)).toBe(lost);
    const expired = issue();
    expect(tokens.expire(expired)).toBe(1);
    expect(await statusOf(expired)).toBe(lost);
    const revoked = issue();
    expect(tokens.revoke({ token: revoked })).toBe(1);
    expect(await statusOf(revoked)).toBe(lost);
    const others = issue();
    tokens.revoke({ clientId: 'connector' });
    expect(await statusOf(others)).toBe(lost);
    const inactive = fake.world.userToken('user4');
    users.update('user4', { isActive: false });
    expect(await statusOf(inactive)).toBe(lost);
  });
});

describe('scopes and special tokens', () => {
  it('refuse what an application was not given', async () => {
    const { fake } = await startApi();
    fake.world.tokens.saveApplication({ clientId: 'reader', clientSecret: 's', scopes: ['conferences:read'] });
    const { token } = fake.world.tokens.issue({ clientId: 'reader', seconds: 60 }).access;
    expect((await send(`${fake.url}/api/v4/conferences`, 'GET', undefined, token)).status).toBe(200);
    const refused = await send(`${fake.url}/api/v4/conferences`, 'POST', {}, token);
    expect([refused.status, reasonOf(refused)]).toEqual([403, 'forbidden']);
    expect((await send(`${fake.url}/api/v4/users`, 'GET', undefined, token)).status).toBe(403);
  });

  it('let the secret key of the control panel never expire', async () => {
    const { fake, clock } = await startApi();
    fake.world.tokens.saveSecretKey('panel-secret');
    clock.advance(10 * 365 * 86_400_000);
    expect(fake.world.tokens.expire()).toBeGreaterThan(0);
    expect((await send(`${fake.url}/api/v3.11/users?access_token=panel-secret`, 'GET')).status).toBe(200);
  });

  it('keep the v4 code in auth_code only, unless the quirk is off', async () => {
    const { fake } = await startApi();
    const grant = {
      grant_type: 'authorization_code',
      ...APP,
      code: fake.world.tokens.issueCode('connector', 'user1', 60),
    };
    expect((await send(`${fake.url}/api/v4/oauth2/token`, 'POST', grant)).status).toBe(400);
    fake.quirks.v4CodeField = 'any';
    expect((await send(`${fake.url}/api/v4/oauth2/token`, 'POST', grant)).status).toBe(200);
  });

  it.each([
    'client_id=nobody&response_type=code&redirect_uri=https%3A%2F%2Fa.test',
    'client_id=connector&response_type=token&redirect_uri=https%3A%2F%2Fa.test',
    'client_id=connector&response_type=code&redirect_uri=javascript%3Aalert(1)',
    'client_id=connector&response_type=code',
    'client_id=connector&response_type=code&redirect_uri=https%3A%2F%2Fa.test&user=nobody',
  ])('do not send a browser away with %s', async (query) => {
    const { fake } = await startApi();
    expect((await send(`${fake.url}/oauth2/authorize?${query}`, 'GET')).status).toBe(400);
  });
});
