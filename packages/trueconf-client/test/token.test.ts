/** The connector's own token: one at a time, renewed in time, never hammered. */

import { describe, expect, it, onTestFinished } from 'vitest';
import { createTrueConfServer, type TrueConfServerOptions } from '../src/index.ts';
import { type Canned, startCannedServer, TOKEN } from './support/canned-server.ts';
import { all, ID, NEVER, roomSpec, SERVER_ID, startBench } from './support/fake-server.ts';

async function open(routes: Parameters<typeof startCannedServer>[0], options: Partial<TrueConfServerOptions> = {}) {
  const server = await startCannedServer({ 'GET /api/v4/conferences': { body: { conferences: [] } }, ...routes });
  const target = createTrueConfServer({
    id: SERVER_ID,
    url: server.url,
    apiVersion: 'v4',
    clientId: 'connector',
    clientSecret: () => 'Passw0rd!',
    ...options,
  });
  onTestFinished(() => target.close());
  return { server, target, list: async () => await all(target.listConferences(NEVER)) };
}

describe('the token', () => {
  it('is fetched once for many calls at once, and renewed once when all are refused at once', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4' });
    await target.createConference(roomSpec(), NEVER);
    const many = () => Promise.all(Array.from({ length: 40 }, () => target.findConference(ID, NEVER)));
    await many();
    expect(fake.journal.count({ operation: 'token' })).toBe(1);
    fake.world.tokens.expire();
    await many();
    expect(fake.journal.count({ operation: 'token' })).toBe(2);
  });

  it('is renewed shortly before it ends', async () => {
    let now = 1_000_000;
    const { fake, target } = await startBench({ apiVersion: 'v4', clock: { now: () => now } });
    await target.findConference(ID, NEVER);
    now += 3600_000 - 60_001;
    await target.findConference(ID, NEVER);
    expect(fake.journal.count({ operation: 'token' })).toBe(1);
    now += 2;
    await target.findConference(ID, NEVER);
    expect(fake.journal.count({ operation: 'token' })).toBe(2);
  });

  it('refused twice in a row is an authentication failure, not a loop', async () => {
    const { server, list } = await open({
      'POST /api/v4/oauth2/token': TOKEN,
      'GET /api/v4/conferences': { status: 401, body: { error: 'unauthorized' } },
    });
    await expect(list()).rejects.toMatchObject({ kind: 'authFailed', retriable: false });
    expect(server.seen.filter(({ path }) => path.includes('token'))).toHaveLength(2);
  });

  it('is fetched anew for a bare 403 of v3, but only once a minute', async () => {
    const { server, list } = await open(
      { 'POST /oauth2/v1/token': TOKEN, 'GET /api/v3.11/conferences': { status: 403, body: '<html></html>' } },
      { apiVersion: 'v3.11' },
    );
    await expect(list()).rejects.toMatchObject({ kind: 'forbidden' });
    expect(server.seen.filter(({ path }) => path.includes('token'))).toHaveLength(1);
  });

  it.each([
    [
      'v3 InvalidCredentials',
      { status: 403, body: { error: { code: 403, errors: [{ reason: 'InvalidCredentials' }] } } },
    ],
    ['a string error', { status: 401, body: { error: 'invalid_client', error_description: 'bad secret' } }],
    ['400 of older servers', { status: 400, body: { error: 'invalid_client' } }],
    ['200 with an error', { status: 200, body: { error: 'invalid_client' } }],
  ] as const)(
    'with a wrong secret (%s) is not asked for again within a minute, but at once with another secret',
    async (_, refusal) => {
      let now = 0;
      let secret = 'wrong';
      const answer = ({ body }: { body: unknown }): Canned =>
        (body as { client_secret: string }).client_secret === 'right' ? TOKEN : refusal;
      const { server, list } = await open(
        { 'POST /api/v4/oauth2/token': answer },
        { clock: { now: () => now }, clientSecret: () => secret },
      );
      const refused = { kind: 'authFailed', retriable: false, operation: 'fetchToken' };
      await expect(list()).rejects.toMatchObject(refused);
      await expect(list()).rejects.toMatchObject(refused);
      expect(server.seen).toHaveLength(1);
      now += 60_000;
      await expect(list()).rejects.toMatchObject(refused);
      expect(server.seen).toHaveLength(2);
      secret = 'right';
      expect(await list()).toEqual([]);
    },
  );

  it.each([
    { status: 404, body: '' },
    { status: 400, body: { error: 'unsupported_grant_type' } },
    { status: 400, body: { error: { code: 400, errors: [{ reason: 'unauthorized_client' }] } } },
  ])('comes from the older endpoint when v4 offers no such grant (%o)', async (refusal) => {
    const { server, list } = await open({ 'POST /api/v4/oauth2/token': refusal, 'POST /oauth2/v1/token': TOKEN });
    expect(await list()).toEqual([]);
    expect(server.seen.slice(0, 2).map(({ path }) => path)).toEqual(['/api/v4/oauth2/token', '/oauth2/v1/token']);
  });

  it.each([
    ['is missing', { token_type: 'Bearer' }],
    ['is no text', { access_token: 5 }],
    ['holds a line break', { access_token: 'a\r\nX-Evil: 1' }],
  ])('that %s is a protocol failure', async (_, body) => {
    const { list } = await open({ 'POST /api/v4/oauth2/token': { body } });
    await expect(list()).rejects.toMatchObject({ kind: 'protocol', operation: 'fetchToken' });
  });

  it('is waited for together; one caller giving up does not take it from the others', async () => {
    const { fake, target } = await startBench({ apiVersion: 'v4' });
    fake.faults.add({ kind: 'latency', operation: 'token', ms: 50, count: 1 });
    const controller = new AbortController();
    const givenUp = target.findConference(ID, controller.signal).catch((error: unknown) => error);
    const patient = target.findConference(ID, NEVER);
    controller.abort();
    expect(await givenUp).toMatchObject({ kind: 'aborted' });
    expect(await patient).toBeUndefined();
    expect(fake.journal.count({ operation: 'token' })).toBe(1);
  });
});
