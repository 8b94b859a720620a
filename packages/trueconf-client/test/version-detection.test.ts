/** Which API version is spoken to which server. */

import { describe, expect, it } from 'vitest';
import { createTrueConfServer } from '../src/index.ts';
import { startCannedServer, TOKEN } from './support/canned-server.ts';
import { ID, NEVER, SERVER_ID, startBench } from './support/fake-server.ts';

describe('the API version', () => {
  it.each([
    ['5.5.6.10000', 'v4.1'],
    ['5.5.10.1', 'v4.1'],
    ['6.0', 'v4.1'],
    ['5.5.3.10021', 'v4'],
    ['5.5.5', 'v4'],
    ['5.5.2.9999', 'v3.11'],
    ['5.5.0', 'v3.11'],
    ['5.4.9', 'v3.11'],
    ['nonsense', 'v3.11'],
  ])('of server %s is %s', async (serverVersion, api) => {
    const { target } = await startBench({ apiVersion: 'auto' }, { quirks: { serverVersion } });
    expect(await target.probe(NEVER)).toMatchObject({ api, version: serverVersion });
  });

  it.each([
    ['has no such page', { status: 404, body: { error: { code: 404, errors: [{ reason: 'routeNotFound' }] } } }],
    ['answers with its start page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }],
  ])('of a server that %s is v3.11', async (_, server) => {
    const { url } = await startCannedServer({
      'GET /api/v4/server': server,
      'POST /oauth2/v1/token': TOKEN,
      'GET /api/v3.11/conferences': { body: { cnt: 0, conferences: [] } },
    });
    const options = { id: SERVER_ID, url, clientId: 'connector', clientSecret: () => 'Passw0rd!' };
    const target = createTrueConfServer(options);
    expect(await target.probe(NEVER)).toEqual({ name: 'server.example.test', version: 'unknown', api: 'v3.11' });
    await target.close();
  });

  it('is not guessed while the server is away, and detected once by many calls', async () => {
    const { fake, target } = await startBench({ apiVersion: 'auto' });
    fake.faults.add({ kind: 'html502', operation: 'getServer', count: 1 });
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ kind: 'unavailable' });
    await Promise.all(Array.from({ length: 10 }, () => target.findConference(ID, NEVER)));
    expect(fake.journal.count({ operation: 'getServer' })).toBe(2);
    expect(fake.journal.count({ operation: 'getConference', version: 'v4' })).toBe(10);
  });

  it('is detected anew when the one in use is not served any more', async () => {
    const { fake, target } = await startBench({ apiVersion: 'auto' });
    await target.findConference(ID, NEVER);
    fake.quirks.versions = { v311: true, v4: false, v41: false };
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ code: 'routeNotFound' });
    expect(await target.findConference(ID, NEVER)).toBeUndefined();
    expect(fake.journal.last()).toMatchObject({ version: 'v3.11', operation: 'getConference' });
  });

  it('is detected anew, too, when a front end hides why the one in use is not served', async () => {
    const { fake, target } = await startBench({ apiVersion: 'auto' });
    await target.findConference(ID, NEVER);
    Object.assign(fake.quirks, { versions: { v311: true, v4: false, v41: false }, errorBody: 'html' });
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ code: 'apiNotFound' });
    fake.quirks.errorBody = 'object';
    expect(await target.findConference(ID, NEVER)).toBeUndefined();
    expect(fake.journal.last()).toMatchObject({ version: 'v3.11', operation: 'getConference' });
  });

  it('keeps a base path in front of everything', async () => {
    const { url, seen } = await startCannedServer({ 'GET /tc/api/v4/server': { status: 404 } });
    const target = createTrueConfServer({ id: SERVER_ID, url: `${url}/tc/`, clientId: 'c', clientSecret: () => 's' });
    await target.probe(NEVER).catch(() => {});
    await target.close();
    expect(seen.map(({ path }) => path)).toEqual(['/tc/api/v4/server', '/tc/oauth2/v1/token']);
  });
});
