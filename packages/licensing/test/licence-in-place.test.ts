import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkLicence, nextRenewalAt, renewLease, stateFiles } from '../src/index.ts';
import {
  counterOf,
  DAY,
  ENTERPRISE,
  FREE,
  faultOf,
  HOUR,
  iso,
  type Office,
  openOffice,
  STANDARD,
  START,
} from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(async () => {
  await office.close();
});

const { register, registered, stateOf } = counterOf(() => office);

describe('the free edition', () => {
  test('works on while its server confirms it every six hours', async () => {
    const place = await registered(FREE);
    for (let day = 0; day < 3; day += 1) {
      const { lease } = await checkLicence(place, office.now);
      office.now = nextRenewalAt(lease, undefined)!;
      expect(await renewLease({ ...place, server: office.server, now: office.now })).toMatchObject({ ok: true });
      expect(await stateOf(place)).toMatchObject({ state: 'working', until: office.now + DAY });
    }
  });

  test('without its server goes on for the rest of the day, then stops and says when and why; nothing is deleted', async () => {
    const place = await registered(FREE);
    office.now = START + 6 * HOUR;
    office.fake.faults.add({ kind: 'reset' });
    expect(faultOf(await renewLease({ ...place, server: office.server, now: office.now })).code).toBe('noLink');
    expect(await stateOf(place)).toMatchObject({
      state: 'overdue',
      maySync: true,
      since: START + 6 * HOUR,
      fault: { code: 'leaseOverdue', since: START + 6 * HOUR, until: START + DAY },
    });
    expect(await stateOf(place, START + DAY - 1)).toMatchObject({ state: 'overdue', maySync: true });
    expect(await stateOf(place, START + DAY)).toMatchObject({
      state: 'stopped',
      maySync: false,
      mayRead: true,
      accounts: 0,
      since: START + DAY,
      fault: { code: 'leaseEnded', at: START + DAY },
    });
    office.fake.faults.clear();
    office.now = START + 3 * DAY;
    expect(await renewLease({ ...place, server: office.server, now: office.now })).toMatchObject({ ok: true });
    expect(await stateOf(place)).toMatchObject({ state: 'working' });
  });

  test('that is revoked stops, also after a restart, until it is registered anew', async () => {
    const place = await registered(FREE);
    office.fake.registrar.revoke(FREE);
    office.now = START + 7 * HOUR;
    expect(faultOf(await renewLease({ ...place, server: office.server, now: office.now }))).toEqual({
      code: 'revoked',
      at: office.now,
    });
    expect(await stateOf(place, START + 8 * HOUR)).toMatchObject({
      state: 'stopped',
      since: START + 7 * HOUR,
      fault: { code: 'revoked', at: START + 7 * HOUR },
    });
    expect(await register(place, 'FREE-0000-0000-0002')).toMatchObject({ ok: true });
    expect(await stateOf(place)).toMatchObject({ state: 'working' });
  });

  test('takes a lease of nobody else', async () => {
    const place = await registered(FREE);
    const stored = JSON.parse(readFileSync(stateFiles(place.directory).licence, 'utf8')) as Record<string, unknown>;
    const foreign = await office.sign({
      licenceId: 'L-other',
      installationId: 'other',
      renewAfter: iso(START + 90 * DAY),
      validUntil: iso(START + 99 * DAY),
    });
    writeFileSync(stateFiles(place.directory).licence, JSON.stringify({ ...stored, lease: foreign }));
    expect(await stateOf(place, START + 2 * DAY)).toMatchObject({ state: 'stopped', fault: { code: 'leaseEnded' } });
  });

  test('is asked again a quarter of an hour after a failure', () => {
    const lease = { renewAfter: START, validUntil: START + DAY };
    expect(nextRenewalAt(lease, undefined)).toBe(START);
    expect(nextRenewalAt(lease, START + HOUR)).toBe(START + HOUR + 15 * 60_000);
    expect(nextRenewalAt(lease, START - HOUR)).toBe(START);
    expect(nextRenewalAt(undefined, START)).toBeUndefined();
  });
});

describe('a licence in place', () => {
  test('copied to another machine is refused there', async () => {
    const place = await registered(STANDARD);
    expect(await stateOf({ ...place, machineId: 'ffffffffffffffffffffffffffffffff' })).toMatchObject({
      state: 'stopped',
      fault: { code: 'otherMachine' },
    });
    expect(
      faultOf(
        await renewLease({
          ...place,
          machineId: 'ffffffffffffffffffffffffffffffff',
          server: office.server,
          now: START,
        }),
      ).code,
    ).toBe('otherMachine');
  });

  test('copied alone, without the installation, is refused', async () => {
    const [place, other] = [await registered(STANDARD), await registered(ENTERPRISE)];
    writeFileSync(stateFiles(other.directory).licence, readFileSync(stateFiles(place.directory).licence));
    expect(await stateOf(other)).toMatchObject({ fault: { code: 'otherMachine' } });
    const empty = office.newPlace();
    writeFileSync(stateFiles(empty.directory).licence, readFileSync(stateFiles(place.directory).licence));
    expect(await stateOf(empty)).toMatchObject({ fault: { code: 'otherMachine' } });
  });

  test('expires at its moment', async () => {
    office.fake.registrar.saveKey({ key: STANDARD, edition: 'standard', expiresAt: START + 10 * DAY });
    const place = await registered(STANDARD);
    expect(await stateOf(place, START + 10 * DAY - 1)).toMatchObject({ state: 'working', until: START + 10 * DAY });
    expect(await stateOf(place, START + 10 * DAY)).toMatchObject({
      state: 'stopped',
      since: START + 10 * DAY,
      fault: { code: 'expired', at: START + 10 * DAY },
    });
  });

  test('notices a clock that was set back, and recovers when it is right again', async () => {
    const place = await registered(FREE);
    expect(await stateOf(place, START + 20 * HOUR)).toMatchObject({ state: 'overdue' });
    expect(await stateOf(place, START + 20 * HOUR - 10 * 60_000)).toMatchObject({ state: 'overdue' });
    expect(await stateOf(place, START + 2 * HOUR)).toMatchObject({
      state: 'stopped',
      fault: { code: 'clockSetBack', seen: START + 20 * HOUR, now: START + 2 * HOUR },
    });
    expect(await stateOf(place, START + 21 * HOUR)).toMatchObject({ state: 'overdue' });
  });

  test('knows that the day it was issued has been, even without the note of the clock', async () => {
    const place = await registered(FREE);
    writeFileSync(stateFiles(place.directory).clock, 'removed');
    const day = START - DAY;
    expect(await stateOf(place, day)).toMatchObject({ fault: { code: 'clockSetBack', seen: START, now: day } });
  });

  test('survives a clock that was ahead by years, by registering anew', async () => {
    const place = await registered(STANDARD);
    expect(await stateOf(place, START + 200 * DAY)).toMatchObject({ state: 'working' });
    expect(await stateOf(place, START + HOUR)).toMatchObject({ fault: { code: 'clockSetBack' } });
    office.now = START + HOUR;
    await registered(STANDARD, place);
    expect(await stateOf(place, START + 2 * HOUR)).toMatchObject({ state: 'working' });
  });

  test('with a file damaged says which', async () => {
    const place = await registered(STANDARD);
    const files = stateFiles(place.directory);
    const kept = readFileSync(files.licence);
    writeFileSync(files.licence, kept.subarray(0, 40));
    expect(await stateOf(place)).toMatchObject({ fault: { code: 'fileDamaged', path: files.licence } });
    writeFileSync(files.licence, kept);
    writeFileSync(files.installation, '{}');
    expect(await stateOf(place)).toMatchObject({ fault: { code: 'fileDamaged', path: files.installation } });
  });

  test('edited by hand is tampered', async () => {
    const place = await registered(FREE);
    const { licence } = stateFiles(place.directory);
    const text = readFileSync(licence, 'utf8');
    writeFileSync(licence, text.replace(/\.([A-Za-z0-9_-])([A-Za-z0-9_-])/, '.$2$1'));
    expect((await stateOf(place)).fault?.code).toMatch(/^(tampered|notALicence)$/);
  });

  test('an installation key that others can read is not used', async () => {
    const place = await registered(STANDARD);
    const { installation } = stateFiles(place.directory);
    chmodSync(installation, 0o644);
    expect(await stateOf(place)).toMatchObject({ fault: { code: 'keyExposed', path: installation, mode: '0644' } });
  });
});

describe('the issuer', () => {
  test('nobody known: nothing is trusted, and it says what to configure', async () => {
    const { issuerKeyFile: _, ...place } = await registered(STANDARD);
    expect(await stateOf({ ...place, builtInKeys: [] })).toMatchObject({ fault: { code: 'noIssuerKey' } });
    expect(await stateOf({ ...place, builtInKeys: [office.fake.issuerPublicJwk] })).toMatchObject({ state: 'working' });
  });

  test.each([
    ['missing', undefined, 'ENOENT'],
    ['no JSON', 'x', 'otherContent'],
    ['another kind of key', '{"kty":"RSA","n":"x","e":"AQAB"}', 'otherContent'],
    [
      'a private key',
      '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}',
      'privateKey',
    ],
  ])('a key file that is %s cannot be used', async (_name, content, reason) => {
    const place = await registered(STANDARD);
    const issuerKeyFile = join(place.directory, 'issuer.json');
    if (content !== undefined) writeFileSync(issuerKeyFile, content);
    expect(await stateOf({ ...place, issuerKeyFile })).toMatchObject({
      fault: { code: 'issuerKeyUnusable', path: issuerKeyFile, reason },
    });
  });

  test('may publish several keys at once, when it changes them', async () => {
    const place = await registered(STANDARD);
    const stranger = await openOffice();
    const issuerKeyFile = join(place.directory, 'issuers.json');
    writeFileSync(
      issuerKeyFile,
      JSON.stringify({ keys: [stranger.fake.issuerPublicJwk, office.fake.issuerPublicJwk] }),
    );
    await stranger.close();
    expect(await stateOf({ ...place, issuerKeyFile })).toMatchObject({ state: 'working' });
  });
});
