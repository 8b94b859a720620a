/** The TrueConf, registration and probe parts of the control API. Source: design/contracts.md §8. */
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/control/tls/self-signed.ts';
import { send } from '../trueconf/support/api-client.ts';
import { startControl } from './support/control-client.ts';

describe('conferences over the control API', () => {
  it('are planned, changed, started, entered, left, stopped and deleted', async () => {
    const { call } = await startControl();
    const created = await call('POST', '/conferences', {
      id: 'room',
      topic: 'Room',
      owner: 'user1',
      participants: ['user2'],
      autoInvite: 1,
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      id: 'room',
      mode: 'smartMeeting',
      state: 'stopped',
      url: 'https://server.example.test/c/room',
    });
    const changed = {
      topic: 'New',
      mode: 'moderated',
      tags: ['t'],
      schedule: { type: 'week', days: ['monday'], time: '10:00', durationSeconds: 60 },
    };
    expect((await call('PATCH', '/conferences/room', changed)).body).toMatchObject(changed);
    expect((await call('POST', '/conferences/room/run')).body.sessionId).toMatch(
      /^[0-9a-f]{8}@server\.example\.test#vcs$/,
    );
    expect((await call('GET', '/conferences?state=running&tag=t')).body.conferences).toHaveLength(1);
    expect((await call('GET', '/conferences?tag=other')).body.conferences).toEqual([]);
    expect((await call('POST', '/conferences/room/join', { user: 'user2' })).status).toBe(204);
    expect((await call('POST', '/conferences/room/leave', { user: 'user2' })).status).toBe(204);
    expect((await call('POST', '/conferences/room/run')).status).toBe(400);
    expect((await call('POST', '/conferences/room/stop')).body.state).toBe('stopped');
    expect((await call('DELETE', '/conferences/room')).status).toBe(204);
    expect((await call('GET', '/conferences/room')).status).toBe(404);
    expect((await call('GET', '/conferences/room/sessions')).body.sessions).toMatchObject([
      { startedBy: 'api', endedAt: expect.any(String), participants: [{ id: 'user2', leftAt: expect.any(String) }] },
    ]);
    expect((await call('GET', '/notices?conferenceId=room')).body.notices).toMatchObject([
      { kind: 'ring', to: 'user2' },
    ]);
  });

  it('are the same that the API shows', async () => {
    const { harness, call } = await startControl();
    await call('POST', '/conferences', { id: 'room', topic: 'Room', owner: 'user1' });
    const { token } = (await call('POST', '/trueconf/users/user1/token', { seconds: 60 })).body;
    const seen = await send(`${harness.trueconf?.url}/api/v4/conferences/room`, 'GET', undefined, token);
    expect(seen.body.conference).toMatchObject({ id: 'room', mode: 'S|L Auto' });
  });
});

describe('TrueConf users over the control API', () => {
  it('are listed, added without e-mail, changed, removed', async () => {
    const { call } = await startControl({ mailboxes: 1 });
    expect((await call('GET', '/trueconf/users')).body.users).toMatchObject([
      { id: 'user1', email: 'user1@example.test' },
    ]);
    const created = await call('POST', '/trueconf/users', { id: 'bare', displayName: 'Bare' });
    expect([created.status, created.body]).toEqual([
      201,
      { id: 'bare', uid: 'bare@server.example.test', displayName: 'Bare', isActive: true, status: 0 },
    ]);
    expect((await call('PATCH', '/trueconf/users/bare', { isActive: false })).body).toMatchObject({
      isActive: false,
      status: -2,
    });
    expect((await call('DELETE', '/trueconf/users/bare')).status).toBe(204);
    expect((await call('POST', '/trueconf/users/bare/token')).status).toBe(404);
  });

  it('have tokens that say who they are, expire now, and are revoked', async () => {
    const { harness, call } = await startControl();
    const { token, server } = (await call('POST', '/trueconf/users/user2/token')).body;
    expect(server).toBe('server.example.test#vcs');
    const me = () => send(`${harness.trueconf?.url}/api/v4/me`, 'GET', undefined, token);
    expect((await me()).body.user.id).toBe('user2');
    expect((await call('POST', '/trueconf/tokens/expire')).body.count).toBe(1);
    expect((await me()).status).toBe(401);
    expect((await call('POST', '/trueconf/tokens/revoke', { userId: 'user2' })).body.count).toBe(1);
    expect((await call('POST', '/trueconf/tokens/revoke', {})).status).toBe(400);
  });

  it('have applications and quirks that can be changed', async () => {
    const { harness, call } = await startControl();
    expect(
      (await call('PUT', '/trueconf/applications/app', { clientSecret: 's', grants: ['client_credentials'] })).status,
    ).toBe(204);
    const grant = { grant_type: 'client_credentials', client_id: 'app', client_secret: 's' };
    expect((await send(`${harness.trueconf?.url}/api/v4/oauth2/token`, 'POST', grant)).status).toBe(200);
    const changed = await call('PATCH', '/trueconf/quirks', { versions: { v4: false }, runOnRunning: 200 });
    expect(changed.body).toMatchObject({ versions: { v311: true, v4: false }, runOnRunning: 200 });
    expect((await send(`${harness.trueconf?.url}/api/v4/server`, 'GET')).status).toBe(404);
    expect((await call('GET', '/trueconf/quirks')).body).toEqual(changed.body);
    for (const wrong of [
      { nonsense: 1 },
      { versions: true },
      { runOnRunning: 'x' },
      { versions: null },
      { errorBody: 'song' },
      { versions: { v5: true } },
      { constructor: {} },
    ]) {
      expect((await call('PATCH', '/trueconf/quirks', wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
  });
});

describe('registration over the control API', () => {
  it('shows keys and licences, revokes, releases and answers offline', async () => {
    const { harness, call } = await startControl();
    expect((await call('GET', '/registration/keys')).body.keys).toHaveLength(27);
    const key = { edition: 'enterprise', accounts: 7, expiresAt: '2030-01-01T00:00:00Z' };
    expect((await call('PUT', '/registration/keys/MINE-1', key)).body).toMatchObject({
      key: 'MINE-1',
      accounts: 7,
      expiresAt: '2030-01-01T00:00:00.000Z',
    });
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const { kty, crv, x } = await exportJWK(publicKey);
    const request = await new CompactSign(
      Buffer.from(
        JSON.stringify({
          product: 'p',
          version: '1',
          key: 'MINE-1',
          installationId: 'i',
          publicKey: { kty, crv, x },
          nonce: 'n',
          createdAt: 'now',
        }),
      ),
    )
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(privateKey);
    expect((await call('POST', '/registration/offline', { request })).body.reply).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await call('POST', '/registration/offline', { request: 'x' })).body.error.code).toBe('invalidRequest');
    const [licence] = (await call('GET', '/registration/licences')).body.licences;
    expect(licence).toMatchObject({ key: 'MINE-1', installationId: 'i', isRevoked: false });
    expect((await call('POST', `/registration/licences/${licence.licenceId}/revoke`)).status).toBe(204);
    expect((await call('GET', '/registration/licences')).body.licences[0].isRevoked).toBe(true);
    expect((await call('POST', '/registration/licences/MINE-1/release')).status).toBe(204);
    expect((await call('POST', '/registration/licences/MINE-1/release')).status).toBe(404);
    expect((await call('GET', '/registration/issuer')).body).toEqual(harness.registration?.issuerPublicJwk);
  });

  it('says so when the server was not started', async () => {
    const { call } = await startControl({ registrationPort: undefined });
    expect((await call('GET', '/registration/keys')).body.error.code).toBe('notStarted');
    expect((await call('POST', '/faults', { server: 'registration', kind: 'reset' })).body.error.code).toBe(
      'notStarted',
    );
  });
});

describe('faults, journal and counters over the control API', () => {
  it('put faults in force, count them and end them', async () => {
    const { harness, call } = await startControl();
    const server = `${harness.trueconf?.url}/api/v4/server`;
    const added = await call('POST', '/faults', {
      server: 'trueconf',
      kind: 'html502',
      operation: 'getServer',
      count: 1,
    });
    expect([added.status, added.body.id]).toEqual([201, 'trueconf:f1']);
    expect([(await send(server, 'GET')).status, (await send(server, 'GET')).status]).toEqual([502, 200]);
    expect((await call('GET', '/faults')).body.faults).toEqual([
      { id: 'trueconf:f1', server: 'trueconf', kind: 'html502', operation: 'getServer', count: 1, struck: 1 },
    ]);
    expect((await call('DELETE', '/faults/trueconf:f1')).status).toBe(204);
    expect((await call('DELETE', '/faults/trueconf:f1')).status).toBe(404);
    expect((await call('DELETE', '/faults/nonsense')).status).toBe(404);
    await call('POST', '/faults', { server: 'registration', kind: 'hang' });
    await call('POST', '/faults', { server: 'trueconf', kind: 'reset' });
    await call('DELETE', '/faults?server=registration');
    expect((await call('GET', '/faults')).body.faults).toMatchObject([{ server: 'trueconf' }]);
    await call('DELETE', '/faults');
    expect((await call('GET', '/faults')).body.faults).toEqual([]);
    for (const wrong of [
      { server: 'trueconf', kind: 'earthquake' },
      { server: 'mars', kind: 'reset' },
      { server: 'trueconf', kind: 'reset', probability: 2 },
      {},
    ]) {
      expect((await call('POST', '/faults', wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
  });

  it('show what the servers were asked, together or one by one', async () => {
    const { harness, call } = await startControl();
    await send(`${harness.trueconf?.url}/api/v4/server`, 'GET');
    await send(`${harness.registration?.url}/api/calendar/v1/register`, 'POST', {});
    await send(`${harness.trueconf?.url}/api/v4/conferences`, 'GET');
    const list = async (query = '') => (await call('GET', `/journal${query}`)).body.entries;
    const operations = (entries: { operation: string }[]) => entries.map(({ operation }) => operation).sort();
    expect(operations(await list())).toEqual(['getServer', 'listConferences', 'register']);
    expect(operations(await list('?server=trueconf'))).toEqual(['getServer', 'listConferences']);
    expect(await list('?operation=listConferences')).toMatchObject([
      { server: 'trueconf', status: 401, at: '2026-03-02T08:00:00.000Z' },
    ]);
    expect(await list('?server=trueconf&since=1')).toHaveLength(1);
    expect(await list('?limit=1')).toHaveLength(1);
    expect((await call('GET', '/counters')).body).toMatchObject({
      trueconf: { requests: 2, byStatus: { 200: 1, 401: 1 } },
      registration: { byOperation: { register: 1 } },
    });
    await call('DELETE', '/counters?server=trueconf');
    await call('DELETE', '/journal?server=trueconf');
    expect((await call('GET', '/counters')).body).toMatchObject({
      trueconf: { requests: 0 },
      registration: { requests: 1 },
    });
    expect(operations(await list())).toEqual(['register']);
  });

  it('name the servers and their certificate', async () => {
    const tls = makeCertificate();
    const { harness, call } = await startControl({ tls, registrationPort: undefined });
    expect((await call('GET', '/servers')).body.servers).toContainEqual({
      name: 'trueconf',
      url: harness.trueconf?.url,
    });
    expect((await call('GET', '/certificate')).body.pem).toBe(tls.cert);
    const plain = await startControl();
    expect((await plain.call('GET', '/certificate')).status).toBe(404);
  });

  it('show the proxy, when there is one', async () => {
    const without = await startControl();
    expect((await without.call('POST', '/proxy/cut')).body.error.code).toBe('notStarted');
    const { call } = await startControl({ proxyPort: 0, connectorUrl: 'ws://127.0.0.1:9' });
    expect((await call('GET', '/proxy/sockets')).body).toEqual({ sockets: [], opened: 0, refused: 0, idleDropped: 0 });
    for (const name of ['cut', 'pause', 'resume'])
      expect((await call('POST', `/proxy/${name}`, { user: 'user1' })).body.count).toBe(0);
  });
});
