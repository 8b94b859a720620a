/** The HTTP side (contract §6, docs/reference/http.md): every documented address, who may use it, and what it says before it is ready. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type AdminApi, openHttp } from '../../src/http/http-server.ts';

const TOKEN = 'the-administrators-token';
const PAGE = new URL('../../../../docs/reference/http.md', import.meta.url);
const documented = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `(GET|POST) (\/\S*)`/gm)].map(
  ([, method = '', address = '']) => [method, address.replace(/\{\w+\}/, 'x')] as const,
);

interface Answer {
  readonly status: number;
  readonly text: string;
}

function everything(): AdminApi {
  return {
    alive: () => ({ ok: true, detail: 'LIVE 1/1' }),
    ready: () => ({ ok: true, detail: 'LIVE 1/1' }),
    metrics: async () => ({ type: 'text/plain', text: 'tcc_nodes 1\n' }),
    status: async () => ({}),
    mailboxes: async () => [],
    mailbox: async () => ({}),
    explainMailbox: async () => ({}),
    act: async () => true,
    trace: async () => [],
    explain: async () => ({}),
    anomalies: async () => [],
    decideAnomaly: async () => 'done',
    deadJobs: async () => [],
    retryJob: async () => true,
  };
}

async function open(api: () => AdminApi | undefined) {
  const body = Buffer.from('<html>');
  const server = await openHttp({
    host: '127.0.0.1',
    port: 0,
    token: () => TOKEN,
    api,
    stage: () => 'starting: opening the database',
    pages: { find: () => ({ type: 'text/html', body }) },
    channelPort: () => 4315,
    connectSources: () => [],
  });
  onTestFinished(() => server.close());
  return (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.once('error', reject);
      sent.end();
    });
}

const withToken = { authorization: `Bearer ${TOKEN}` };

test('every documented address is served', async () => {
  const ask = await open(everything);
  expect(documented.length).toBeGreaterThan(15);
  for (const [method, address] of documented)
    expect((await ask(method, address, withToken)).status, `${method} ${address}`).toBe(200);
});

test('no action without the token, or with a wrong one', async () => {
  const done: string[] = [];
  const ask = await open(() => ({ ...everything(), act: async (_, action) => done.push(action) > 0 }));
  for (const [, address] of documented.filter(([method]) => method === 'POST')) {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }])
      expect((await ask('POST', address, headers)).status, address).toBe(401);
  }
  expect(done).toEqual([]);
});

test('a page elsewhere cannot reach in by a name of its own (DNS rebinding)', async () => {
  const ask = await open(everything);
  expect((await ask('GET', '/api/v1/status', { host: 'evil.example.com' })).status).toBe(421);
  expect((await ask('GET', '/api/v1/status', { host: 'localhost:4316' })).status).toBe(200);
});

test('before it is ready: alive, not ready and why, nothing else answered, nobody let in', async () => {
  const ask = await open(() => undefined);
  expect(await ask('GET', '/livez')).toEqual({ status: 200, text: 'ok: starting: opening the database\n' });
  expect(await ask('GET', '/readyz')).toEqual({ status: 503, text: 'not ok: starting: opening the database\n' });
  for (const [method, address] of documented.filter(([, path]) => path.startsWith('/api/') || path === '/metrics')) {
    const { status, text } = await ask(method, address, withToken);
    expect([status, JSON.parse(text).error.code], address).toEqual([503, 'notReady']);
    if (method === 'POST') expect((await ask(method, address)).status, address).toBe(401);
  }
});

test('what is not there is said so, by kind', async () => {
  const nothing = { mailbox: async () => undefined, explainMailbox: async () => undefined, act: async () => false };
  const ask = await open(() => ({ ...everything(), ...nothing, decideAnomaly: async () => 'unknown' }));
  for (const [method, address, what] of [
    ['GET', '/api/v1/mailboxes/x', 'mailbox'],
    ['GET', '/api/v1/mailboxes/x/explain', 'mailbox'],
    ['POST', '/api/v1/mailboxes/x/pause', 'mailbox'],
    ['POST', '/api/v1/anomalies/x/release', 'anomaly'],
  ] as const) {
    const { status, text } = await ask(method, address, withToken);
    expect([status, JSON.parse(text).error.message], address).toEqual([404, `there is no such ${what}`]);
  }
  expect((await ask('GET', '/api/v1/nothing')).status).toBe(404);
});
