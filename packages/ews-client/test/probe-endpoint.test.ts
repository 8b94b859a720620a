/**
 * What doctor asks of an endpoint.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchServerBuild, probeEndpoint } from '../src/index.ts';
import { certificate, startFake } from './support/fake.ts';
import { never } from './support/source.ts';

describe('probing an endpoint', () => {
  it('tells schemes, certificate and clock without logging in', async () => {
    const tls = certificate();
    await using started = await startFake({ tls, auth: { basic: true, ntlm: true } });
    const endpoint = { host: '127.0.0.1', port: started.fake.port };
    const probe = await probeEndpoint({ endpoint, ca: [tls.cert] }, never);
    expect(probe).toMatchObject({ httpStatus: 401, url: started.fake.ewsUrl });
    expect(probe.schemes).toEqual(expect.arrayContaining(['ntlm', 'basic']));
    expect(probe.certificates[0]?.names).toContain('127.0.0.1');
    expect(Math.abs(probe.clockSkewMs ?? 0)).toBeLessThan(60_000);
  });

  it('names an untrusted certificate', async () => {
    const tls = certificate();
    await using started = await startFake({ tls });
    const work = probeEndpoint({ endpoint: { host: '127.0.0.1', port: started.fake.port } }, never);
    await expect(work).rejects.toMatchObject({ kind: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('reads the build once logged in', async () => {
    await using started = await startFake();
    const build = await fetchServerBuild(
      {
        endpoint: { scheme: 'http', host: '127.0.0.1', port: started.fake.port },
        credential: { login: 'svc@example.test', password: () => 'Passw0rd!' },
        mailbox: 'user1@example.test',
      },
      never,
    );
    expect(build?.major).toBe(15);
    expect(build?.schema).toMatch(/^V20/);
  });
});

it('no request is ever sent past an unchecked certificate', () => {
  const sources = ['transport/connector.ts', 'transport/connection.ts', 'operations/probe-endpoint.ts'];
  for (const source of sources) {
    const text = readFileSync(resolve(import.meta.dirname, '../src', source), 'utf8');
    expect(text).not.toMatch(/rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/);
  }
});
