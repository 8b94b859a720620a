/** The certificate the fakes make for themselves is one that strict clients accept, and can be changed while they run. */
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../../src/control/tls/self-signed.ts';
import { startFakeTrueConf } from '../../src/trueconf/fake-trueconf.ts';

/** Status, or the code of the refusal. */
function probe(url: string, ca: string, servername?: string): Promise<number | string> {
  return new Promise((resolve) => {
    const options = {
      ca,
      agent: false as const,
      ...(servername === undefined ? {} : { servername, headers: { host: servername } }),
    };
    const asked = request(`${url}/api/v4/server`, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}

describe('a self-signed certificate', () => {
  it('names what it is for and is its own authority', () => {
    const certificate = new X509Certificate(makeCertificate({ names: ['mail.test', '10.1.2.3', 'fe80::1:2'] }).cert);
    expect(certificate.subject).toBe('CN=mail.test');
    expect(certificate.subjectAltName).toBe('DNS:mail.test, IP Address:10.1.2.3, IP Address:FE80:0:0:0:0:0:1:2');
    expect([certificate.ca, certificate.verify(certificate.publicKey)]).toEqual([true, true]);
    expect(certificate.checkHost('mail.test')).toBe('mail.test');
    expect(certificate.checkIP('10.1.2.3')).toBe('10.1.2.3');
  });

  it('is accepted by a client that trusts it, for its names only, and can be exchanged while the server runs', async () => {
    const [tls, next] = [makeCertificate(), makeCertificate()];
    const fake = await startFakeTrueConf({ tls });
    onTestFinished(() => fake.close());
    expect(await probe(fake.url, tls.cert)).toBe(200);
    expect(await probe(fake.url, tls.cert, 'server.example.test')).toBe(200);
    expect(await probe(fake.url, tls.cert, 'foreign.test')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await probe(fake.url, next.cert)).not.toBe(200);
    fake.rotateCertificate(next);
    expect(await probe(fake.url, next.cert)).toBe(200);
  });

  it('may be expired or not valid yet', async () => {
    const tls = makeCertificate({ notBefore: Date.UTC(2020, 0), notAfter: Date.UTC(2021, 0) });
    const fake = await startFakeTrueConf({ tls });
    onTestFinished(() => fake.close());
    expect(await probe(fake.url, tls.cert)).toBe('CERT_HAS_EXPIRED');
  });

  it('cannot be exchanged at a server without TLS', async () => {
    const fake = await startFakeTrueConf();
    onTestFinished(() => fake.close());
    expect(() => fake.rotateCertificate(makeCertificate())).toThrow('without TLS');
  });
});
