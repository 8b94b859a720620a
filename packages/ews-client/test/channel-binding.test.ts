/**
 * Channel binding data for servers' certificates of all kinds of signatures (certificates, made with openssl and
 * named after their signature).
 */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindingOf } from '../src/auth/channel-binding.ts';

describe('channel binding to a certificate', () => {
  it.each([
    ['rsa-sha384', 'sha384'],
    ['ecdsa-sha512', 'sha512'],
    ['pss-sha256', 'sha256'],
    ['pss-sha384', 'sha384'],
    ['pss-sha512', 'sha512'],
    // RFC 5929: in place of what is broken, and of what has no hash of its own.
    ['rsa-sha1', 'sha256'],
    ['pss-sha1', 'sha256'],
    ['ed25519', 'sha256'],
  ])('signed with %s is its %s', (name, hash) => {
    const pem = readFileSync(resolve(import.meta.dirname, `certificates/${name}.pem`));
    const certificate = new X509Certificate(pem);
    const digest = createHash(hash).update(certificate.raw).digest();
    const expected = Buffer.concat([Buffer.from('tls-server-end-point:'), digest]);
    expect(bindingOf(certificate).toString('hex')).toBe(expected.toString('hex'));
  });
});
