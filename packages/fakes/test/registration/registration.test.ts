/** The registration server: every edition, every code, leases, offline replies. Source: design/contracts.md §7. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type FakeRegistration,
  type FakeRegistrationOptions,
  startFakeRegistration,
} from '../../src/registration/fake-registration.ts';
import { WorldClock } from '../../src/world/clock.ts';
import { type Answer, send } from '../trueconf/support/api-client.ts';

const NOW = Date.UTC(2026, 2, 2, 8);
const HOUR = 3_600_000;

interface Installation {
  readonly id: string;
  readonly publicKey: JWK;
  sign(payload: object): Promise<string>;
}

async function newInstallation(id = 'installation-1'): Promise<Installation> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { kty, crv, x } = await exportJWK(publicKey);
  const sign = (payload: object): Promise<string> =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(privateKey);
  return { id, publicKey: { kty, crv, x } as JWK, sign };
}

async function start(options: FakeRegistrationOptions = {}) {
  const clock = WorldClock.manual(NOW);
  const fake = await startFakeRegistration({ clock, ...options });
  onTestFinished(() => fake.close());
  const post = (call: string, body?: unknown): Promise<Answer> =>
    send(`${fake.url}/api/calendar/v1/${call}`, 'POST', body);
  return { fake, clock, post };
}

function requestOf(installation: Installation, key: string, change: object = {}): Promise<string> {
  return installation.sign({
    product: 'tc_calendar',
    version: '1.0.0',
    key,
    installationId: installation.id,
    publicKey: installation.publicKey,
    nonce: 'nonce-1',
    createdAt: new Date(NOW).toISOString(),
    ...change,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: payloads are looked into by assertions
async function verified(fake: FakeRegistration, jws: string): Promise<any> {
  const { payload, protectedHeader } = await compactVerify(jws, await importJWK(fake.issuerPublicJwk, 'EdDSA'));
  expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: fake.issuerPublicJwk.kid });
  return JSON.parse(new TextDecoder().decode(payload));
}

describe('registration', () => {
  it.each([
    ['FREE-0000-0000-0001', 'free', 50],
    ['STND-0000-0000-0001', 'standard', 500],
    ['ENTR-0000-0000-0001', 'enterprise', 10_000],
  ])('of %s gives a signed licence of the edition %s', async (key, edition, accounts) => {
    const { fake, post } = await start();
    const installation = await newInstallation();
    const answer = await post('register', { request: await requestOf(installation, key) });
    expect(answer.status).toBe(200);
    const licence = await verified(fake, answer.body.licence);
    expect(licence).toEqual({
      licenceId: expect.any(String),
      edition,
      accounts,
      installationId: 'installation-1',
      servers: ['server.example.test#vcs'],
      issuedAt: '2026-03-02T08:00:00.000Z',
      notBefore: '2026-03-02T08:00:00.000Z',
      expiresAt: '2027-03-02T08:00:00.000Z',
      ...(edition === 'free'
        ? { lease: { renewAfter: '2026-03-02T14:00:00.000Z', validUntil: '2026-03-03T08:00:00.000Z' } }
        : {}),
    });
  });

  it('by the same installation again gives the same licence again', async () => {
    const { fake, post } = await start();
    const installation = await newInstallation();
    const request = await requestOf(installation, 'STND-0000-0000-0001');
    const first = await verified(fake, (await post('register', { request })).body.licence);
    const second = await verified(fake, (await post('register', { request })).body.licence);
    expect(second.licenceId).toBe(first.licenceId);
    expect(fake.registrar.listLicences()).toHaveLength(1);
  });

  it.each([
    ['an unknown key', 404, 'unknownKey'],
    ['a key of another installation', 409, 'alreadyUsed'],
    ['a key of an installation that has lost its own key', 409, 'alreadyUsed'],
    ['a revoked key', 403, 'revoked'],
    ['an expired key', 403, 'expired'],
  ])('of %s is refused with %i %s', async (name, status, code) => {
    const { fake, clock, post } = await start();
    const installation = await newInstallation();
    const key = 'STND-0000-0000-0001';
    const asked = name.includes('unknown') ? 'XXXX-0000-0000-0001' : key;
    if (status === 409) {
      const other = await newInstallation(name.includes('lost') ? 'installation-1' : 'installation-2');
      await post('register', { request: await requestOf(other, key) });
    }
    if (code === 'revoked') fake.registrar.revoke(key);
    if (code === 'expired') clock.advance(366 * 24 * HOUR);
    const answer = await post('register', { request: await requestOf(installation, asked) });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.message).toMatch(/\.$/);
  });

  it('works for another installation once the key is released', async () => {
    const { fake, post } = await start();
    const key = 'STND-0000-0000-0001';
    await post('register', { request: await requestOf(await newInstallation(), key) });
    expect([fake.registrar.release(key), fake.registrar.release(key)]).toEqual([true, false]);
    expect((await post('register', { request: await requestOf(await newInstallation('b'), key) })).status).toBe(200);
  });

  it('needs a request signed by the key it carries', async () => {
    const { post } = await start();
    const [mine, foreign] = [await newInstallation(), await newInstallation()];
    const stolen = await requestOf(mine, 'STND-0000-0000-0001', { publicKey: foreign.publicKey });
    expect((await post('register', { request: stolen })).body.error.code).toBe('invalidSignature');
    const [head, body = '', signature] = (await requestOf(mine, 'STND-0000-0000-0001')).split('.');
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString());
    const altered = Buffer.from(JSON.stringify({ ...payload, key: 'ENTR-0000-0000-0001' })).toString('base64url');
    expect((await post('register', { request: `${head}.${altered}.${signature}` })).body.error.code).toBe(
      'invalidSignature',
    );
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    expect((await post('register', { request: none })).body.error.code).toBe('invalidSignature');
  });

  it.each([
    ['nothing', undefined],
    ['no request', {}],
    ['a request that is no JWS', { request: 'hello' }],
    ['a request of numbers', { request: 5 }],
    [
      'a request without fields',
      { request: `${Buffer.from('{}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.x` },
    ],
    [
      'a private key in the request',
      { request: `e30.${Buffer.from('{"publicKey":{"kty":"RSA"}}').toString('base64url')}.x` },
    ],
    ['a form', 'request=x'],
  ])('is refused with 400 for %s', async (_name, body) => {
    const { post } = await start();
    const answer = await post('register', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalidRequest']);
  });
});

describe('a lease', () => {
  async function registered(key = 'FREE-0000-0000-0001') {
    const bench = await start();
    const installation = await newInstallation();
    const answer = await bench.post('register', { request: await requestOf(installation, key) });
    const { licenceId } = await verified(bench.fake, answer.body.licence);
    const ask = async (claim: object = {}, signer = installation) =>
      await bench.post('lease', {
        licenceId,
        installationId: installation.id,
        signature: await signer.sign({
          licenceId,
          installationId: installation.id,
          at: new Date(bench.clock.now()).toISOString(),
          ...claim,
        }),
      });
    return { ...bench, licenceId, ask };
  }

  it('lasts 24 hours and is renewed after 6', async () => {
    const { fake, clock, licenceId, ask } = await registered();
    clock.advance(7 * HOUR);
    const answer = await ask();
    expect(await verified(fake, answer.body.lease)).toEqual({
      licenceId,
      installationId: 'installation-1',
      renewAfter: '2026-03-02T21:00:00.000Z',
      validUntil: '2026-03-03T15:00:00.000Z',
    });
    expect(fake.registrar.listLicences()).toMatchObject([{ lastLeaseAt: NOW + 7 * HOUR }]);
  });

  it('never outlives its licence', async () => {
    const { fake, clock, ask } = await registered();
    clock.set(Date.parse('2027-03-02T07:00:00Z'));
    expect(await verified(fake, (await ask()).body.lease)).toMatchObject({
      renewAfter: '2027-03-02T08:00:00.000Z',
      validUntil: '2027-03-02T08:00:00.000Z',
    });
  });

  it('has the times it is told', async () => {
    const { fake, post } = await start({ lease: { renewAfterMs: 1000, validForMs: 2000 } });
    const { licence } = (
      await post('register', { request: await requestOf(await newInstallation(), 'FREE-0000-0000-0002') })
    ).body;
    expect((await verified(fake, licence)).lease).toEqual({
      renewAfter: '2026-03-02T08:00:01.000Z',
      validUntil: '2026-03-02T08:00:02.000Z',
    });
  });

  it('is refused for a revoked and for an expired licence', async () => {
    const { fake, clock, licenceId, ask } = await registered();
    clock.advance(366 * 24 * HOUR);
    expect((await ask()).body.error.code).toBe('expired');
    fake.registrar.revoke(licenceId);
    const refused = await ask();
    expect([refused.status, refused.body.error.code]).toEqual([403, 'revoked']);
  });

  it('is given to the installation that holds the licence only', async () => {
    const { post, licenceId, ask } = await registered();
    const thief = await newInstallation();
    expect((await ask({}, thief)).body.error.code).toBe('invalidSignature');
    expect((await ask({ licenceId: 'other' })).body.error.code).toBe('invalidSignature');
    const signature = await thief.sign({ licenceId, installationId: 'thief', at: new Date(NOW).toISOString() });
    const foreign = await post('lease', { licenceId, installationId: 'thief', signature });
    expect([foreign.status, foreign.body.error.code]).toEqual([404, 'unknownKey']);
    expect((await post('lease', { licenceId })).body.error.code).toBe('invalidRequest');
  });

  it.each([
    ['text', (now: number) => new Date(now + 14 * 60_000).toISOString(), 200],
    ['seconds', (now: number) => now / 1000, 200],
    ['milliseconds', (now: number) => now, 200],
    ['an old text', (now: number) => new Date(now - 16 * 60_000).toISOString(), 400],
    ['a future second', (now: number) => now / 1000 + 3600, 400],
    ['no moment', () => 'soon', 400],
  ])('wants a fresh signature: %s', async (_name, at, status) => {
    const { ask } = await registered();
    expect((await ask({ at: at(NOW) })).status).toBe(status);
  });
});

describe('offline registration', () => {
  it.each(['STND-0000-0000-0001', 'ENTR-0000-0000-0001'])(
    'answers %s with the licence and the nonce of the request, signed',
    async (key) => {
      const { fake, post } = await start();
      const installation = await newInstallation();
      const { body } = await post('offline', { request: `${await requestOf(installation, key)}\n` });
      expect(await verified(fake, body.reply)).toMatchObject({ installationId: 'installation-1', nonce: 'nonce-1' });
    },
  );

  it('is not for the free edition', async () => {
    const { post } = await start();
    const answer = await post('offline', { request: await requestOf(await newInstallation(), 'FREE-0000-0000-0001') });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'editionNotAllowedOffline']);
  });
});

describe('the issuer', () => {
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'issuer-'));
    onTestFinished(() => rm(path, { recursive: true }));
    return path;
  }

  it('is another one at each start, unless its key is kept in a file', async () => {
    const [first, second] = [await start(), await start()];
    expect(first.fake.issuerPublicJwk.x).not.toBe(second.fake.issuerPublicJwk.x);
    const issuerPrivateKeyFile = join(await folder(), 'issuer.jwk');
    const [third, fourth] = [await start({ issuerPrivateKeyFile }), await start({ issuerPrivateKeyFile })];
    expect(third.fake.issuerPublicJwk).toEqual(fourth.fake.issuerPublicJwk);
  });

  it('publishes the public half only, by file and by address', async () => {
    const issuerPublicKeyFile = join(await folder(), 'public.jwk');
    const { fake } = await start({ issuerPublicKeyFile });
    const published = JSON.parse(await readFile(issuerPublicKeyFile, 'utf8'));
    expect(published).toEqual(fake.issuerPublicJwk);
    expect(published).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      kid: expect.any(String),
      alg: 'EdDSA',
      use: 'sig',
    });
    expect((await send(`${fake.url}/api/calendar/v1/issuer.jwk`, 'GET')).body).toEqual(published);
  });

  it('does not start from a file that holds no private key', async () => {
    const file = join(await folder(), 'broken.jwk');
    await writeFile(file, '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}');
    await expect(startFakeRegistration({ issuerPrivateKeyFile: file })).rejects.toThrow('not a private Ed25519 key');
  });
});

describe('the registration server on a bad day', () => {
  it('has the faults of the other fakes', async () => {
    const { fake, post } = await start();
    const request = await requestOf(await newInstallation(), 'STND-0000-0000-0001');
    fake.faults.add({ kind: 'resetAfterCommit', operation: 'register', count: 1 });
    await expect(post('register', { request })).rejects.toThrow();
    expect(fake.registrar.listLicences()).toHaveLength(1);
    expect((await post('register', { request })).status).toBe(200);
    fake.faults.add({ kind: 'html502' });
    expect((await post('register', { request })).status).toBe(502);
  });

  it('answers 404 in JSON elsewhere', async () => {
    const { fake } = await start();
    expect((await send(`${fake.url}/api/calendar/v1/nothing`, 'GET')).body.error.code).toBe('notFound');
  });
});
