/** Feature A5 and contract section 3: what --hash_pass makes, and what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PASSWORD_BYTES, SealError, type SealErrorCode, SealingKey } from '../src/secrets.ts';

const key = SealingKey.generate();
const password = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((text) => text.isWellFormed());

function codeOf(act: () => unknown): SealErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
}

describe('a sealed password', () => {
  test('begins with dGNf, which is base64 of tc_, and opens with its key', () => {
    fc.assert(
      fc.property(password, (text) => {
        const sealed = key.seal(text);
        expect(sealed.startsWith('dGNf')).toBe(true);
        expect(Buffer.from(sealed, 'base64').subarray(0, 4)).toEqual(Buffer.from('tc_\x01'));
        expect(key.unseal(sealed)).toBe(text);
      }),
    );
  });

  test('is never the same twice', () => {
    const made = Array.from({ length: 500 }, () => key.seal('Passw0rd!'));
    expect(new Set(made).size).toBe(500);
  });

  test('says the length of the password only to 16 bytes', () => {
    expect(key.seal('a').length).toBe(key.seal('fourteen bytes').length);
    expect(key.seal('a').length).toBeLessThan(key.seal('fifteen bytes..').length);
  });

  test('of the longest allowed size works, a longer or empty one is refused', () => {
    const longest = 'x'.repeat(MAX_PASSWORD_BYTES);
    expect(key.unseal(key.seal(longest))).toBe(longest);
    expect(codeOf(() => key.seal(`${longest}x`))).toBe('passwordTooLong');
    expect(codeOf(() => key.seal(''))).toBe('emptyPassword');
  });

  test('is refused by every other key', () => {
    fc.assert(
      fc.property(password, fc.uint8Array({ minLength: 32, maxLength: 32 }), (text, bytes) => {
        expect(codeOf(() => new SealingKey(bytes).unseal(key.seal(text)))).toBe('otherKey');
      }),
      { numRuns: 50 },
    );
  });

  test('with any one bit flipped is refused, never opened', () => {
    const bytes = Buffer.from(key.seal('Passw0rd!'), 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      const code = codeOf(() => key.unseal(altered.toString('base64')));
      const expected = ['notSealed', 'unknownVersion', 'otherKey', 'altered'];
      expect(expected[bit < 24 ? 0 : bit < 32 ? 1 : bit < 64 ? 2 : 3], `bit ${bit}`).toBe(code);
    }
  });

  test('cut anywhere is refused as cut, or as altered when a whole block is gone', () => {
    const sealed = key.seal('a password of more than one block');
    for (let length = 4; length < sealed.length; length += 1) {
      expect(
        codeOf(() => key.unseal(sealed.slice(0, length))),
        `${length}`,
      ).toMatch(/^(cut|altered|otherKey)$/);
    }
    expect(codeOf(() => key.unseal(sealed.slice(0, -1)))).toBe('cut');
    expect(codeOf(() => key.unseal(sealed.slice(0, -4)))).toBe('cut');
  });

  test('of a later version is told apart', () => {
    const bytes = Buffer.from(key.seal('Passw0rd!'), 'base64');
    bytes[3] = 2;
    expect(codeOf(() => key.unseal(bytes.toString('base64')))).toBe('unknownVersion');
  });

  test.each([
    ['a plain password', 'Passw0rd!', 'notSealed'],
    ['nothing', '', 'notSealed'],
    ['only the beginning', 'dGNf', 'cut'],
    ['other signs in it', `${'dGNfAA'}*${'A'.repeat(60)}`, 'altered'],
    ['a line break at its end', `${SealingKey.generate().seal('x')}\n`, 'altered'],
  ])('is not %s', (_name, text, code) => {
    expect(codeOf(() => key.unseal(text))).toBe(code);
  });

  test('no arbitrary text is ever opened', () => {
    fc.assert(
      fc.property(fc.string(), fc.base64String(), (text, base64) => {
        expect(codeOf(() => key.unseal(text))).toBeDefined();
        expect(codeOf(() => key.unseal(`dGNfAQ${base64}`))).toBeDefined();
      }),
    );
  });

  test('an error never repeats the text', () => {
    const sealed = key.seal('Passw0rd!');
    for (const text of [sealed.slice(0, -1), 'hunter2', `${sealed}AAAA`]) {
      const error = (() => {
        try {
          return key.unseal(text);
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(`${(error as Error).message} ${(error as Error).stack}`).not.toContain(text);
    }
  });
});
