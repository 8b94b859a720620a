/** The HTTP side (contract §6, docs/reference/http.md): every documented address, who may use it, and what it says before it is ready. */
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
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
  readonly headers: IncomingHttpHeaders;
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
  return (method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
      });
      sent.once('error', reject);
      sent.end(body);
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
    for (const headers of [
      {},
      ...['Bearer wrong', TOKEN, `Basic ${TOKEN}`, 'Bearer ', 'Bearer'].map((one) => ({ authorization: one })),
    ])
      expect((await ask('POST', address, headers)).status, address).toBe(401);
  }
  expect(done).toEqual([]);
  expect((await ask('POST', '/api/v1/mailboxes/x/pause', { authorization: `bearer ${TOKEN}` })).status).toBe(200);
});

test('a page elsewhere cannot reach in by a name of its own (DNS rebinding)', async () => {
  const ask = await open(everything);
  expect((await ask('GET', '/api/v1/status', { host: 'evil.example.com' })).status).toBe(421);
  expect((await ask('GET', '/api/v1/status', { host: 'localhost:4316' })).status).toBe(200);
});

test('before it is ready: alive, not ready and why, nothing else answered, nobody let in', async () => {
  const ask = await open(() => undefined);
  expect(await ask('GET', '/livez')).toMatchObject({ status: 200, text: 'ok: starting: opening the database\n' });
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 503, text: 'not ok: starting: opening the database\n' });
  for (const [method, address] of documented.filter(([, path]) => path.startsWith('/api/') || path === '/metrics')) {
    const { status, text } = await ask(method, address, withToken);
    expect([status, JSON.parse(text).error.code], address).toEqual([503, 'notReady']);
    if (method === 'POST') expect((await ask(method, address)).status, address).toBe(401);
  }
});

test('a known address refuses other methods and names its own', async () => {
  const ask = await open(everything);
  for (const [method, address] of documented) {
    const served = method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
    for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((one) => !served.includes(one))) {
      const { status, text, headers } = await ask(other, address, withToken);
      expect([status, headers.allow], `${other} ${address}`).toEqual([405, served.join(', ')]);
      expect(JSON.parse(text).error.code).toBe('methodNotAllowed');
    }
  }
  expect((await ask('HEAD', '/livez')).status).toBe(200);
});

test('whatever is wrong with a request is said in one shape, under the same protection', async () => {
  const ask = await open(everything);
  for (const [method, address, expected] of [
    ['GET', '/api/v1/mailboxes/%E0%A4%A', 400],
    ['GET', '/api/v1/mailboxes/%00', 404],
    ['POST', '/api/v1/mailboxes/a%0Ab/pause', 404],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/calendar/..%2f..%2fetc/passwd', 404],
    ['GET', `/api/v1/mailboxes/${'x'.repeat(2000)}`, 400],
  ] as const) {
    const { status, text, headers } = await ask(method, address, withToken);
    expect([status, Object.keys(JSON.parse(text).error)], address).toEqual([expected, ['code', 'message']]);
    expect(headers['content-security-policy'], address).toContain("default-src 'none'");
  }
  const tooMuch = await ask('GET', '/livez', { 'x-much': 'x'.repeat(100_000) });
  expect([tooMuch.status, JSON.parse(tooMuch.text).error.code]).toEqual([431, 'invalidRequest']);
});

test('a body is neither needed nor minded, unless it is endless', async () => {
  const ask = await open(everything);
  const pause = '/api/v1/mailboxes/x/pause';
  for (const [type, body] of [
    ['application/x-www-form-urlencoded', ''],
    ['application/json', '{broken'],
    ['text/plain', 'hello'],
  ] as const) {
    expect((await ask('POST', pause, { ...withToken, 'content-type': type }, body)).status, type).toBe(200);
  }
  const endless = await ask('POST', pause, { ...withToken, 'content-type': 'text/plain' }, 'x'.repeat(100_000));
  expect([endless.status, JSON.parse(endless.text).error.code]).toEqual([413, 'invalidRequest']);
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
