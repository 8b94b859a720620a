/** Features A2–A4: registration online and offline, against the fake registration server. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newInstallation, openOffice } from './support/installation.ts';

const REGISTERED = 'Your product successfully registered. Now you can run tc_calendar';

describe('--register', () => {
  it.each(['FREE-0000-0000-0001', 'STND-0000-0000-0001', 'ENTR-0000-0000-0001'])(
    'with the key %s stores the licence',
    async (key) => {
      const office = await openOffice();
      expect(await office.command(['--register', key])).toMatchObject({ code: 0, out: REGISTERED, err: '' });
      expect(office.registration.registrar.listLicences()).toHaveLength(1);
    },
  );

  it('says exactly the guide’s words in Russian, too', async () => {
    const office = await openOffice();
    const said = await office.command(['--register', 'STND-0000-0000-0001'], { env: { LANG: 'ru_RU.UTF-8' } });
    expect(said).toMatchObject({ code: 0, out: REGISTERED });
  });

  it('refused by the server, says why and leaves nothing behind', async () => {
    const office = await openOffice();
    const said = await office.command(['--register', 'NOPE-0000-0000-0001']);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toBe('tc_calendar: The registration server does not know this key. Check it for typing errors.');
    expect(() => readFileSync(join(office.paths.data, 'regoffline.crg'))).toThrow('ENOENT');
  });

  it('works before config.json is complete, from its section `registration` alone', async () => {
    const office = await openOffice();
    office.configure({ registration: office.config.registration, calendarProviders: 'later' });
    expect(await office.command(['--register', 'STND-0000-0000-0001'])).toMatchObject({ code: 0, out: REGISTERED });
  });

  it('with a wrong section `registration` goes to no server at all', async () => {
    const office = await openOffice();
    office.configure({ registration: { host: 5 } });
    const said = await office.command(['--register', 'STND-0000-0000-0001']);
    expect(said.code).toBe(78);
    expect(said.err).toContain('registration.host');
    expect(office.registration.registrar.listLicences()).toHaveLength(0);
  });

  it('with a --config that does not exist does not fall back to another server', async () => {
    const said = await newInstallation().command(['--register', 'K-1234', '--config', '/nonexistent/config.json']);
    expect(said.code).toBe(78);
  });
});

describe('without a link to the registration server', () => {
  async function request(key: string) {
    const office = await openOffice();
    await office.registration.close();
    const said = await office.command(['--register', key]);
    const path = join(office.paths.data, 'regoffline.crg');
    return { office, said, path };
  }

  it('writes the request, prints its full path and what to do with it, and ends with 75', async () => {
    const { said, path } = await request('STND-0000-0000-0001');
    expect(said.code).toBe(75);
    expect(said.out.split('\n')).toEqual([
      `The request for offline registration was written to ${path}`,
      'Send this file to your manager. When the reply regoffline2.crg arrives, run: tc_calendar --offline_reg regoffline2.crg',
    ]);
    expect(said.err).toContain('There is no link to the registration server');
    expect(readFileSync(path, 'utf8')).toMatch(/^eyJ/);
  });

  it('applies the manager’s reply', async () => {
    const { office, path } = await request('STND-0000-0000-0001');
    const reply = join(office.root, 'regoffline2.crg');
    writeFileSync(reply, await office.registration.registrar.replyOffline(readFileSync(path, 'utf8').trim()));
    expect(await office.command(['--offline_reg', reply])).toMatchObject({ code: 0, out: REGISTERED });
  });

  it.each([
    [
      'tampered with',
      (text: string) => `${text.slice(0, 60)}${text[60] === 'A' ? 'B' : 'A'}${text.slice(61)}`,
      /was altered|other issuer|not a licence|signature/i,
    ],
    ['cut', (text: string) => text.slice(0, -30), /signature|altered|not a licence/i],
    ['something else', () => 'hello', /not a licence/i],
  ])('refuses a reply that is %s', async (_, spoil, reason) => {
    const { office, path } = await request('STND-0000-0000-0001');
    const reply = join(office.root, 'regoffline2.crg');
    writeFileSync(reply, spoil(await office.registration.registrar.replyOffline(readFileSync(path, 'utf8').trim())));
    const said = await office.command(['--offline_reg', reply]);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toMatch(reason);
  });

  it('refuses a reply to another machine’s request', async () => {
    const { office, path } = await request('STND-0000-0000-0001');
    const reply = join(office.root, 'regoffline2.crg');
    writeFileSync(reply, await office.registration.registrar.replyOffline(readFileSync(path, 'utf8').trim()));
    const other = newInstallation();
    other.configure({ registration: office.config.registration });
    const said = await other.command(['--offline_reg', reply]);
    expect(said.code).toBe(1);
    expect(said.err).toMatch(/another machine|No offline registration was begun/);
  });

  it('says that a reply file does not exist', async () => {
    const { office } = await request('STND-0000-0000-0001');
    const said = await office.command(['--offline_reg', '/nonexistent/regoffline2.crg']);
    expect(said.code).toBe(1);
    expect(said.err).toContain('/nonexistent/regoffline2.crg');
  });
});
