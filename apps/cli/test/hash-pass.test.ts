/** Feature A5: `--hash_pass`. */
import { chmodSync, writeFileSync } from 'node:fs';
import { openSealingKey } from '@calendar-connector/config';
import { describe, expect, it } from 'vitest';
import { newInstallation } from './support/installation.ts';

const LINE = /^Your encrypted data: (dGNf\S+)$/;

describe('--hash_pass', () => {
  it('prints one line per password, in order, and opens to them again', async () => {
    const place = newInstallation();
    const { code, out } = await place.command(['--hash_pass', 'first', 'второй', 'first']);
    const sealed = out.split('\n').map((line) => LINE.exec(line)?.[1] ?? '');
    const key = openSealingKey({ path: place.paths.secretKey });
    expect(code).toBe(0);
    expect(sealed.map((text) => key.unseal(text))).toEqual(['first', 'второй', 'first']);
    expect(sealed[0]).not.toBe(sealed[2]);
  });

  it('reads passwords line by line from standard input', async () => {
    const { code, out } = await newInstallation().command(['--hash_pass'], { input: ['one', 'two words'] });
    expect([code, out.split('\n').length]).toEqual([0, 2]);
  });

  it('takes a file as Windows editors save it: the mark at its beginning is no part of the password', async () => {
    const place = newInstallation();
    const { out } = await place.command(['--hash_pass'], { input: ['\ufeffодин', 'два'] });
    const key = openSealingKey({ path: place.paths.secretKey });
    expect(out.split('\n').map((line) => key.unseal(LINE.exec(line)?.[1] ?? ''))).toEqual(['один', 'два']);
  });

  it('asks on a terminal, twice, without showing anything', async () => {
    const { code, out, asked } = await newInstallation().command(['--hash_pass'], { typed: ['secret', 'secret'] });
    expect([code, asked]).toEqual([0, ['Password: ', 'Again: ']]);
    expect(out).toMatch(LINE);
    expect(out).not.toContain('secret');
  });

  it.each([
    ['differ', { typed: ['one', 'two'] }, 'differ'],
    ['are not given', { typed: [undefined] }, 'no password'],
    ['are not on standard input', { input: [] }, 'no password'],
    ['are empty', { input: [''] }, 'empty'],
    ['are of another encoding', { input: ['\ufffd\ufffd1'] }, 'line 1: a password is not UTF-8'],
    ['are too long', { input: ['x'.repeat(5000)] }, 'longer than'],
  ])('refuses passwords that %s', async (_, given, reason) => {
    const { code, out, err } = await newInstallation().command(['--hash_pass'], given);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(reason);
  });

  it('names the line of standard input that is wrong', async () => {
    const { code, err } = await newInstallation().command(['--hash_pass'], { input: ['one', '', 'three'] });
    expect([code, err]).toEqual([1, 'tc_calendar: line 2: a password is empty; there is nothing to encrypt']);
  });

  it('says in Russian too why there is no key', async () => {
    const place = newInstallation();
    writeFileSync(place.paths.secretKey, 'x');
    const { code, err } = await place.command(['--hash_pass', 'x'], { env: { LANG: 'ru_RU.UTF-8' } });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/Файл ключа .* повреждён: .* Верните его из резервной копии/),
    ]);
  });

  it('refuses a key file that others can read, and says what to do', async () => {
    const place = newInstallation();
    chmodSync(place.paths.secretKey, 0o644);
    const { code, err } = await place.command(['--hash_pass', 'x']);
    expect(code).toBe(1);
    expect(err).toContain(`chmod 600 ${place.paths.secretKey}`);
  });
});
