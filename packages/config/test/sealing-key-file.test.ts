/** The key file: made once, never replaced, never trusted when others can reach it. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import {
  createSealingKey,
  ensureSealingKey,
  openSealingKey,
  SealingKey,
  SealingKeyError,
  type SealingKeyErrorCode,
} from '../src/secrets.ts';
import { scratchFolder } from './sample-files.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const at = (name: string): string => join(scratch.path, name);

function codeOf(act: () => unknown): SealingKeyErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof SealingKeyError) return error.code;
    throw error;
  }
}

describe('the key file', () => {
  test('is made on first use with mode 0600, and nothing is left beside it', () => {
    const path = at('first/etc/secret.key');
    const sealed = ensureSealingKey({ path }).seal('Passw0rd!');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(at('first/etc'))).toEqual(['secret.key']);
    expect(openSealingKey({ path }).unseal(sealed)).toBe('Passw0rd!');
  });

  test('that exists is kept: a second making opens the first', () => {
    const path = at('kept.key');
    const sealed = createSealingKey({ path }).seal('Passw0rd!');
    expect(createSealingKey({ path }).unseal(sealed)).toBe('Passw0rd!');
    expect(ensureSealingKey({ path }).unseal(sealed)).toBe('Passw0rd!');
  });

  test('that is not there is missing', () => {
    expect(codeOf(() => openSealingKey({ path: at('none.key') }))).toBe('missing');
  });

  test.each([0o604, 0o644, 0o602, 0o601, 0o620, 0o666])('with mode %o is refused', (mode) => {
    const path = at(`mode-${mode}.key`);
    createSealingKey({ path });
    chmodSync(path, mode);
    expect(codeOf(() => openSealingKey({ path }))).toBe('exposed');
    expect(codeOf(() => ensureSealingKey({ path }))).toBe('exposed');
  });

  test('may be read by its group, as systemd hands credentials over', () => {
    const path = at('group.key');
    createSealingKey({ path });
    chmodSync(path, 0o440);
    expect(codeOf(() => openSealingKey({ path }))).toBeUndefined();
  });

  test.each([
    ['empty', ''],
    ['short', Buffer.alloc(31).toString('base64')],
    ['long', Buffer.alloc(33).toString('base64')],
    ['no base64', '*'.repeat(44)],
  ])('with %s content is damaged', (name, content) => {
    const path = at(`${name}.key`);
    writeFileSync(path, content, { mode: 0o600 });
    expect(codeOf(() => openSealingKey({ path }))).toBe('damaged');
  });

  test('that cannot be made says where and why', () => {
    writeFileSync(at('a-file'), '');
    expect(codeOf(() => createSealingKey({ path: at('a-file/secret.key') }))).toBe('notWritable');
  });

  test('is replaced by the systemd credential of the same name', () => {
    const path = at('file.key');
    createSealingKey({ path });
    const credential = createSealingKey({ path: at('secret.key') });
    const opened = openSealingKey({ path, credentialsDirectory: scratch.path });
    expect(opened.unseal(credential.seal('Passw0rd!'))).toBe('Passw0rd!');
  });

  test('is never printed', () => {
    const path = at('printed.key');
    const key = createSealingKey({ path });
    const text = readFileSync(path, 'utf8').trim();
    expect(`${inspect(key, { depth: 9 })} ${JSON.stringify({ key })} ${String(key)}`).not.toContain(text);
    expect(() => new SealingKey(Buffer.alloc(16))).toThrow(RangeError);
  });
});
