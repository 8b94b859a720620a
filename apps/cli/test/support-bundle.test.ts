/** Feature E6: a bundle holds what support needs and no secret, subject or name. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newInstallation, openOffice } from './support/installation.ts';

describe('support-bundle', () => {
  it('holds configuration, checks, licence and logs, and neither secrets nor names', async () => {
    const office = await openOffice();
    await office.command(['--register', 'STND-0000-0000-0001']);
    office.configure({
      ...office.config,
      http: { port: office.config.wsPort === 4316 ? 4317 : 4316, adminToken: 'C4nary+T0ken/=' },
    });
    writeFileSync(
      join(office.paths.logs, 'calendar.log'),
      [
        'user1@example.test looked at',
        'login svc@example.test with Passw0rd! and C4nary+T0ken/=',
        'Authorization: Bearer 0123456789abcdef0123456789abcdef01234567',
        office.seal('Passw0rd!'),
        '',
      ].join('\n'),
    );
    const file = join(office.root, 'bundle.tar.gz');
    expect(await office.command(['support-bundle', file])).toMatchObject({ code: 0, err: '' });
    const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' }).trim().split('\n');
    expect(names).toEqual(
      expect.arrayContaining([
        'version.json',
        'config.json',
        'doctor.json',
        'licence.json',
        'log/calendar.log',
        'CONTENTS.txt',
      ]),
    );
    const everything = gunzipSync(readFileSync(file)).toString('utf8');
    expect(everything).not.toMatch(/Passw0rd|C4nary|dGNf[A-Za-z0-9]{16}|0123456789abcdef|user1@|svc@|STND-0000/);
    expect(everything).toMatch(/person-[0-9a-f]{8}@example\.test looked at/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('gives one person one pseudonym within a bundle, and another in the next', async () => {
    const office = await openOffice();
    const pseudonyms = async (name: string): Promise<string[]> => {
      const file = join(office.root, name);
      await office.command(['support-bundle', file]);
      const text = gunzipSync(readFileSync(file)).toString('utf8');
      return [...new Set(text.match(/person-[0-9a-f]{8}@example\.test/g))].toSorted();
    };
    const [first, second] = [await pseudonyms('a.tgz'), await pseudonyms('b.tgz')];
    expect(first.length).toBeGreaterThanOrEqual(2);
    expect(first).not.toEqual(second);
  });

  it('is made without a configuration, too', async () => {
    const place = newInstallation();
    const file = join(place.root, 'bundle.tar.gz');
    expect((await place.command(['support-bundle', file])).code).toBe(0);
  });

  it('never overwrites a file', async () => {
    const place = newInstallation();
    const said = await place.command(['support-bundle', place.paths.secretKey]);
    expect(said.code).toBe(1);
    expect(said.err).toContain('not overwritten');
  });
});
