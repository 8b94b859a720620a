/** Features A2–A4 and A8 against the fake registration server, over real sockets. */

import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { makeCertificate } from '@calendar-connector/fakes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RegistrationServer, registerOnline, stateFiles } from '../src/index.ts';
import { counterOf, ENTERPRISE, FREE, faultOf, type Office, openOffice, STANDARD, START } from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(async () => {
  await office.close();
});

const { register, registered, stateOf } = counterOf(() => office);

describe('registering with the server', () => {
  test.each([
    [FREE, 'free', 50],
    [STANDARD, 'standard', 500],
    [ENTERPRISE, 'enterprise', 10_000],
  ])('%s gives its edition', async (key, edition, accounts) => {
    const place = office.newPlace();
    expect(await register(place, key)).toMatchObject({ ok: true, licence: { edition, accounts } });
    expect(await stateOf(place)).toMatchObject({ edition, accounts, state: 'working', maySync: true });
  });

  test('before it the product is not registered', async () => {
    expect(await stateOf(office.newPlace())).toMatchObject({
      state: 'stopped',
      maySync: false,
      mayRead: true,
      fault: { code: 'notRegistered' },
    });
  });

  test('a lost answer costs nothing: the same key again gives the same licence', async () => {
    const place = office.newPlace();
    office.fake.faults.add({ kind: 'resetAfterCommit', count: 1 });
    expect(faultOf(await register(place, STANDARD))).toMatchObject({ code: 'noLink', failure: 'broken' });
    expect(await register(place, STANDARD)).toMatchObject({ ok: true });
    expect(office.fake.registrar.listLicences()).toHaveLength(1);
  });

  test('a failed attempt changes nothing of a licence that is there', async () => {
    const place = await registered(STANDARD);
    expect(faultOf(await register(place, 'NONE-0000-0000-0000')).code).toBe('unknownKey');
    expect(await stateOf(place)).toMatchObject({ edition: 'standard', state: 'working' });
  });

  test('files hold the key for nobody else', async () => {
    const place = await registered(STANDARD);
    const files = stateFiles(place.directory);
    for (const file of [files.installation, files.licence, files.clock]) expect(statSync(file).mode & 0o077).toBe(0);
    const sent = office.fake.journal.list().map((entry) => JSON.stringify(entry));
    const secret = (JSON.parse(readFileSync(files.installation, 'utf8')) as { privateKey: { d: string } }).privateKey.d;
    expect(sent.join('')).not.toContain(secret);
    expect(sent.join('')).not.toContain(place.machineId);
  });
});

describe('the server refuses', () => {
  test.each([
    ['an unknown key', 'NONE-0000-0000-0000', 'unknownKey'],
    ['a text that is no key', 'rm -rf /', 'malformedKey'],
    ['an empty key', '', 'malformedKey'],
  ])('%s', async (_name, key, code) => {
    expect(faultOf(await register(office.newPlace(), key)).code).toBe(code);
  });

  test('a key that another installation uses', async () => {
    await registered(STANDARD);
    expect(faultOf(await register(office.newPlace('ffffffffffffffffffffffffffffffff'), STANDARD)).code).toBe(
      'alreadyUsed',
    );
  });

  test('a revoked key', async () => {
    office.fake.registrar.revoke(STANDARD);
    expect(faultOf(await register(office.newPlace(), STANDARD)).code).toBe('keyRevoked');
  });

  test('an expired key', async () => {
    office.fake.registrar.saveKey({ key: STANDARD, edition: 'standard', expiresAt: START });
    expect(faultOf(await register(office.newPlace(), STANDARD)).code).toBe('keyExpired');
  });
});

describe('the link', () => {
  test('no listener, no name, no answer: no link, each with its cause', async () => {
    const place = office.newPlace();
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    expect(faultOf(await register(place, STANDARD, { ...office.server, port }))).toEqual({
      code: 'noLink',
      server: `127.0.0.1:${port}`,
      failure: 'refused',
      detail: 'ECONNREFUSED',
    });
    expect(faultOf(await register(place, STANDARD, { ...office.server, host: 'no-such-host.invalid' }))).toMatchObject({
      code: 'noLink',
      failure: 'dns',
    });
    office.fake.faults.add({ kind: 'hang', count: 1 });
    expect(faultOf(await register(place, STANDARD, { ...office.server, answerTimeoutMs: 100 }))).toMatchObject({
      code: 'noLink',
      failure: 'timeout',
    });
    office.fake.faults.add({ kind: 'reset', count: 1 });
    expect(faultOf(await register(place, STANDARD))).toMatchObject({ code: 'noLink', failure: 'broken' });
    office.fake.faults.add({ kind: 'halfJson', count: 1 });
    expect(faultOf(await register(place, STANDARD))).toMatchObject({ code: 'noLink', failure: 'broken' });
  });

  test('something else answers: that is said, and is no lack of a link', async () => {
    office.fake.faults.add({ kind: 'html502', count: 1 });
    expect(faultOf(await register(office.newPlace(), STANDARD)).code).toBe('badAnswer');
    office.fake.faults.add({ kind: 'brokenJson', count: 1 });
    expect(faultOf(await register(office.newPlace(), STANDARD)).code).toBe('badAnswer');
  });

  test('can be given up by the caller', async () => {
    const stop = new AbortController();
    office.fake.faults.add({ kind: 'hang', count: 1 });
    const asked = registerOnline({
      ...office.newPlace(),
      key: STANDARD,
      version: '1',
      now: START,
      server: office.server,
      signal: stop.signal,
    });
    stop.abort(new Error('stopped by hand'));
    await expect(asked).rejects.toThrow('stopped by hand');
  });

  test('over TLS needs a trusted certificate for the right name', async () => {
    const own = makeCertificate({ names: ['localhost', '127.0.0.1'] });
    const secure = await openOffice({ tls: own });
    const other = await openOffice({ tls: makeCertificate({ names: ['elsewhere.example.test'] }) });
    try {
      const ask = (server: RegistrationServer) =>
        registerOnline({ ...secure.newPlace(), key: STANDARD, version: '1', now: START, server });
      expect(faultOf(await ask(secure.server))).toMatchObject({ code: 'noLink', failure: 'certificate' });
      expect(await ask({ ...secure.server, ca: own.cert })).toMatchObject({ ok: true });
      expect(faultOf(await ask({ ...other.server, ca: own.cert }))).toMatchObject({
        code: 'noLink',
        failure: 'certificate',
      });
    } finally {
      await secure.close();
      await other.close();
    }
  });
});
