import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyOfflineReply, createOfflineRequest, type LicencePlace, licenceMessage } from '../src/index.ts';
import { counterOf, DAY, ENTERPRISE, FREE, faultOf, iso, type Office, openOffice, STANDARD, START } from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(async () => {
  await office.close();
});

const { stateOf } = counterOf(() => office);

describe('registering offline', () => {
  async function request(key: string, place = office.newPlace()) {
    const outcome = await createOfflineRequest({ ...place, key, version: '1.2.3', now: office.now });
    if (!outcome.ok) throw new Error(licenceMessage(outcome.fault));
    return { place, text: readFileSync(outcome.path, 'utf8') };
  }

  async function apply(place: LicencePlace, reply: string) {
    const file = join(place.directory, 'regoffline2.crg');
    writeFileSync(file, reply);
    return await applyOfflineReply({ ...place, file, now: office.now });
  }

  function changed(jws: string, change: (payload: Record<string, unknown>) => object): string {
    const [head, body, signature] = jws.trim().split('.');
    const payload = JSON.parse(Buffer.from(body!, 'base64url').toString()) as Record<string, unknown>;
    return [head, Buffer.from(JSON.stringify(change(payload))).toString('base64url'), signature].join('.');
  }

  test('by two files, for paid editions', async () => {
    const { place, text } = await request(ENTERPRISE);
    const reply = await office.fake.registrar.replyOffline(text);
    expect(await apply(place, `${reply}\r\n`)).toMatchObject({ ok: true, licence: { edition: 'enterprise' } });
    expect(await stateOf(place)).toMatchObject({ edition: 'enterprise', state: 'working', closedNetwork: true });
    expect(await stateOf(place, START + 300 * DAY)).toMatchObject({ state: 'working' });
  });

  test('also with the licence whole inside the reply', async () => {
    const { place, text } = await request(STANDARD);
    const licence = await office.fake.registrar.register(text);
    const { nonce } = JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as { nonce: string };
    expect(await apply(place, await office.sign({ licence, nonce }))).toMatchObject({ ok: true });
    expect(await stateOf(place)).toMatchObject({ edition: 'standard' });
  });

  test('with the reply to any of the last five requests, once', async () => {
    const { place, text } = await request(STANDARD);
    await request(STANDARD, place);
    const reply = await office.fake.registrar.replyOffline(text);
    expect(await apply(place, reply)).toMatchObject({ ok: true });
    expect(faultOf(await apply(place, reply)).code).toBe('noRequest');
  });

  test('the request carries what the contract says, signed by the installation', async () => {
    const { text } = await request(STANDARD);
    const payload = JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as object;
    expect(Object.keys(payload).toSorted()).toEqual([
      'createdAt',
      'installationId',
      'key',
      'nonce',
      'product',
      'publicKey',
      'version',
    ]);
    expect(payload).toMatchObject({ product: 'tc_calendar', version: '1.2.3', key: STANDARD, createdAt: iso(START) });
  });

  describe('refuses', () => {
    test('a reply with any part altered', async () => {
      const { place, text } = await request(STANDARD);
      const reply = await office.fake.registrar.replyOffline(text);
      expect(
        faultOf(
          await apply(
            place,
            changed(reply, (payload) => ({ ...payload, accounts: 100_000 })),
          ),
        ).code,
      ).toBe('tampered');
      expect(faultOf(await apply(place, `${reply.slice(0, -8)}AAAAAAAA`)).code).toBe('tampered');
      expect(await stateOf(place)).toMatchObject({ fault: { code: 'notRegistered' } });
    });

    test.each(['', 'hello', '{}', 'a.b', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.AAAA', 'x'.repeat(100_000)])(
      'something that is no licence: %.20s',
      async (text) => {
        const { place } = await request(STANDARD);
        expect(faultOf(await apply(place, text)).code).toMatch(/^(notALicence|tampered)$/);
      },
    );

    test('an unsigned one, whatever its header promises', async () => {
      const { place, text } = await request(STANDARD);
      const [, body] = (await office.fake.registrar.replyOffline(text)).split('.');
      for (const alg of ['none', 'HS256', 'RS256']) {
        const head = Buffer.from(JSON.stringify({ alg })).toString('base64url');
        expect(faultOf(await apply(place, `${head}.${body}.AAAA`)).code).toBe('tampered');
      }
    });

    test('one of another issuer', async () => {
      const stranger = await openOffice();
      const { place, text } = await request(STANDARD);
      const reply = await stranger.fake.registrar.replyOffline(text);
      await stranger.close();
      expect(faultOf(await apply(place, reply)).code).toBe('otherIssuer');
    });

    test('an expired one', async () => {
      const { place, text } = await request(STANDARD);
      office.fake.registrar.saveKey({ key: STANDARD, edition: 'standard', expiresAt: START + DAY });
      const reply = await office.fake.registrar.replyOffline(text);
      office.now = START + DAY;
      expect(faultOf(await apply(place, reply))).toEqual({ code: 'expired', at: START + DAY });
    });

    test('one for another machine', async () => {
      const { text } = await request(STANDARD);
      const { place } = await request(ENTERPRISE);
      expect(faultOf(await apply(place, await office.fake.registrar.replyOffline(text))).code).toBe('otherMachine');
    });

    test('the free edition', async () => {
      const { place, text } = await request(FREE);
      const licence = await office.fake.registrar.register(text);
      const payload = JSON.parse(Buffer.from(licence.split('.')[1]!, 'base64url').toString()) as object;
      expect(faultOf(await apply(place, await office.sign({ ...payload, nonce: 'n' }))).code).toBe('freeOffline');
    });

    test('an answer to another request', async () => {
      const { place, text } = await request(STANDARD);
      const licence = await office.fake.registrar.register(text);
      const payload = JSON.parse(Buffer.from(licence.split('.')[1]!, 'base64url').toString()) as object;
      expect(faultOf(await apply(place, await office.sign({ ...payload, nonce: 'another' }))).code).toBe(
        'otherRequest',
      );
    });

    test('any reply where nothing was asked, and a file that is not there', async () => {
      const { text } = await request(STANDARD);
      const place = office.newPlace();
      expect(faultOf(await apply(place, await office.fake.registrar.replyOffline(text))).code).toBe('noRequest');
      const file = join(place.directory, 'none.crg');
      expect(faultOf(await applyOfflineReply({ ...place, file, now: START }))).toEqual({
        code: 'fileMissing',
        path: file,
      });
    });
  });
});
