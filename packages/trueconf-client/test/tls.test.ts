/** TrueConf Servers mostly have certificates of their own authority: it is trusted when named, and never otherwise. */

import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTrueConfServer } from '../src/index.ts';
import { NEVER, SERVER_ID, startBench } from './support/fake-server.ts';

const pem = (name: string): string => readFileSync(new URL(`support/tls/${name}`, import.meta.url), 'utf8');

async function open(host: string, ca?: string) {
  const tls = { key: pem('server.key.pem'), cert: pem('server.pem') };
  const { fake } = await startBench({}, { tls, host: '127.0.0.1' });
  const target = createTrueConfServer({
    id: SERVER_ID,
    url: fake.url.replace('127.0.0.1', host),
    clientId: 'connector',
    clientSecret: () => 'Passw0rd!',
    ...(ca === undefined ? {} : { ca }),
  });
  onTestFinished(() => target.close());
  return target;
}

describe('a server with a certificate of its own authority', () => {
  it('is trusted when the authority is named', async () => {
    const target = await open('localhost', pem('ca.pem'));
    expect(await target.probe(NEVER)).toMatchObject({ api: 'v4' });
  });

  it('is refused when it is not', async () => {
    const target = await open('localhost');
    await expect(target.probe(NEVER)).rejects.toMatchObject({ kind: 'tls', retriable: false });
  });

  it('is refused under another name', async () => {
    const target = await open('127.0.0.1', pem('ca.pem'));
    await expect(target.probe(NEVER)).rejects.toMatchObject({ kind: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
