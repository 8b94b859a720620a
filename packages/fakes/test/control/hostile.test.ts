/**
 * Nonsense sent to every address of the HTTP servers: the control API as its own description lists it, TrueConf's both dialects,
 * registration. Each refuses in its own shape with 4xx; nothing is ever an internal error, and the servers live on.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Harness, startHarness } from '../../src/control/harness.ts';
import { NOW } from './support/control-client.ts';

const BODIES: readonly (string | undefined)[] = [
  undefined,
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '5',
  '{}',
  '{"subject":5,"start":"x","end":[]}',
  '{"subject":"x","start":1e99,"end":-1e99}',
  '{"address":"x","members":"x","kind":"nope","mode":"nope"}',
  '{"kind":"latency","ms":-1,"count":"x","probability":7}',
  '{"advanceMs":-5,"rate":0,"maxConcurrency":-1}',
  '{"__proto__":{"x":1}}',
  '{"key":{},"request":5,"licenceId":[],"installationId":null,"signature":"x"}',
  '{"topic":"A","mode":"nope","type":77,"owner":{"a":1},"schedule":{"type":"never"}}',
];
const IDS = ['%00', '%E0%A4%A', '9'.repeat(400)];

async function open(): Promise<Harness> {
  const harness = await startHarness({
    exchangePort: 0,
    trueconfPort: 0,
    registrationPort: 0,
    controlPort: 0,
    clock: { mode: 'manual', now: NOW },
  });
  onTestFinished(() => harness.close());
  return harness;
}

interface Refusal {
  readonly asked: string;
  readonly status: number;
  readonly text: string;
}

/** Every body to every address; what came back with 4xx or worse. */
async function ask(method: string, url: string, headers: Readonly<Record<string, string>> = {}): Promise<Refusal[]> {
  const answers = (method === 'GET' ? [undefined] : BODIES).map(async (body): Promise<Refusal> => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(url, { method, body: body ?? null, headers: { ...headers, ...type } });
    return { asked: `${method} ${url} ${body ?? ''}`, status: response.status, text: await response.text() };
  });
  return (await Promise.all(answers)).filter(({ status }) => status >= 400);
}

function expectRefusals(refusals: readonly Refusal[], isShaped: (body: unknown) => boolean): void {
  expect(refusals.length).toBeGreaterThan(0);
  expect(refusals.filter(({ status }) => status >= 500)).toEqual([]);
  expect(refusals.filter(({ text }) => !isShaped(JSON.parse(text)))).toEqual([]);
}

describe('nonsense', () => {
  it('is refused by every endpoint of the control API with a code and a sentence', { timeout: 60_000 }, async () => {
    const harness = await open();
    const url = harness.control?.url ?? '';
    const description = (await (await fetch(`${url}/control/v1/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    const refusals: Refusal[] = [];
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const method of Object.keys(operations)) {
        for (const id of path.includes('{') ? IDS : [''])
          refusals.push(...(await ask(method.toUpperCase(), url + path.replaceAll(/\{\w+\}/g, id))));
      }
    }
    expectRefusals(refusals, (body) => {
      const { error } = body as { readonly error?: { readonly code?: unknown; readonly message?: unknown } };
      return typeof error?.code === 'string' && typeof error.message === 'string' && error.message !== '';
    });
    expect((await fetch(`${url}/control/v1/clock`)).status).toBe(200);
  });

  it.each(['/api/v3.11', '/api/v4'])('is refused by TrueConf Server below %s', { timeout: 60_000 }, async (base) => {
    const harness = await open();
    const url = harness.trueconf?.url ?? '';
    const form = 'grant_type=client_credentials&client_id=connector&client_secret=Passw0rd!';
    const token = (await (
      await fetch(`${url}/oauth2/v1/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      })
    ).json()) as { readonly access_token: string };
    const headers = { authorization: `Bearer ${token.access_token}` };
    const refusals: Refusal[] = [];
    for (const id of IDS) {
      const one = `/conferences/${id}`;
      const paths = [
        one,
        `${one}/run`,
        `${one}/stop`,
        `${one}/invitations`,
        `${one}/invite`,
        `/users/${id}`,
        '/conferences',
        '/users',
      ];
      for (const path of paths)
        for (const method of ['GET', 'POST', 'PUT', 'PATCH'])
          refusals.push(...(await ask(method, url + base + path, headers)));
    }
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.filter(({ status }) => status >= 500)).toEqual([]);
    expect((await fetch(`${url}${base}/conferences`, { headers })).status).toBe(200);
  });

  it('is refused by the registration server with the contract’s body', async () => {
    const harness = await open();
    const url = `${harness.registration?.url}/api/calendar/v1`;
    const refusals = [...(await ask('POST', `${url}/register`)), ...(await ask('POST', `${url}/lease`))];
    expect(refusals).toHaveLength(2 * BODIES.length);
    expectRefusals(refusals, (body) => typeof (body as { error?: { code?: unknown } }).error?.code === 'string');
  });
});
