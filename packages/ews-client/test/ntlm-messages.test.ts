/**
 * NTLMv2 messages against the example of the specification (MS-NLMP 4.2.4), and logins in other alphabets.
 */
import { describe, expect, it } from 'vitest';
import { authenticateMessage, negotiateMessage, parseChallenge } from '../src/auth/ntlm-messages.ts';

const pair = (id: string, text: string) => `${id}000c00${Buffer.from(text, 'utf16le').toString('hex')}`;
const TARGET = Buffer.from(`${pair('02', 'Domain')}${pair('01', 'Server')}00000000`, 'hex');

function challengeBytes(): Buffer {
  const raw = Buffer.alloc(56 + TARGET.length);
  raw.write('NTLMSSP\0', 'latin1');
  raw.writeUInt32LE(2, 8);
  raw.writeUInt32LE(0xe28a8233, 20);
  raw.write('0123456789abcdef', 24, 'hex');
  raw.writeUInt16LE(TARGET.length, 40);
  raw.writeUInt32LE(56, 44);
  TARGET.copy(raw, 56);
  return raw;
}

/** The answer to the old half of the challenge: it depends on account and challenges alone. */
function lanManager(user: string, raw = challengeBytes()): string {
  const challenge = parseChallenge(raw);
  if (challenge === undefined) return 'no challenge';
  const message = authenticateMessage({
    account: { user, domain: 'Domain', password: 'Password' },
    negotiate: negotiateMessage(),
    challenge,
    clientChallenge: Buffer.alloc(8, 0xaa),
    nowMs: 0,
    binding: undefined,
    host: 'mail.example.test',
  });
  return message.subarray(message.readUInt32LE(16)).toString('hex', 0, message.readUInt16LE(12));
}

describe('an NTLMv2 answer', () => {
  it('is the one the specification gives for its example', () => {
    expect(lanManager('User')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
  });

  it.each([
    ['ольга', 'ОЛЬГА'],
    ['weiß', 'WEIß'],
    ['ışık', 'ıŞıK'],
    ['émile', 'ÉMILE'],
  ])('takes the login %s for %s, as Windows does', (login, upper) => {
    expect(lanManager(login)).toBe(lanManager(upper));
    expect(lanManager(login)).not.toBe(lanManager('User'));
  });

  it.each([
    ['weiß', 'WEISS'],
    ['ışık', 'IŞIK'],
  ])('does not take the login %s for %s', (login, other) => {
    expect(lanManager(login)).not.toBe(lanManager(other));
  });

  it('is not given to what is no challenge', () => {
    const wild = challengeBytes();
    wild.writeUInt32LE(0xffff_ffff, 44);
    for (const raw of [Buffer.alloc(0), challengeBytes().subarray(0, 40), wild, negotiateMessage()]) {
      expect(lanManager('User', raw)).toBe('no challenge');
    }
  });
});
