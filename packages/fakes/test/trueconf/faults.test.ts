/** Each fault of the HTTP fakes as a client sees it on the wire, and what the journal and counters say of it. Source: facts/trueconf.md §9. */
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type HttpFault, HttpFaultPlan } from '../../src/control/wire/http-fault-plan.ts';
import { type Api, NOW, startApi } from './support/api-client.ts';

const CREATE = ['POST', '/api/v4/conferences', { id: 'room', topic: 'Room', owner: 'user1', mode: 'PxP' }] as const;

async function startWith(fault: HttpFault, wait?: (ms: number) => Promise<void>): Promise<Api> {
  const api = await startApi(wait ? { wait } : {});
  api.fake.faults.add(fault);
  return api;
}

/** Raw bytes of one answer, until the connection ends: how it ends too. */
function rawAnswer(api: Api, method: string, path: string): Promise<{ text: string; error: string | undefined }> {
  const { token } = api.fake.world.tokens.issue({ clientId: 'connector', seconds: 60 }).access;
  return new Promise((resolve) => {
    const socket = connect(api.fake.port, '127.0.0.1');
    let text = '';
    let error: string | undefined;
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', (problem: NodeJS.ErrnoException) => {
      error = problem.code;
    });
    socket.on('close', () => resolve({ text, error }));
    socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
  });
}

describe('a fault before the work', () => {
  it('latency waits, then answers', async () => {
    const waits: number[] = [];
    const api = await startWith({ kind: 'latency', ms: 750 }, async (ms) => {
      waits.push(ms);
    });
    expect((await api.call(...CREATE)).status).toBe(200);
    expect(waits).toEqual([750]);
  });

  it('latency lasts as long as the clock of the world says', async () => {
    const api = await startWith({ kind: 'latency', ms: 60_000, operation: 'getServer' });
    let isAnswered = false;
    const answer = api.call('GET', '/api/v4/server').then((done) => {
      isAnswered = true;
      return done;
    });
    await expect.poll(() => api.fake.counters.snapshot().inFlight).toBe(1);
    await api.call('GET', '/api/v4/conferences');
    expect(isAnswered).toBe(false);
    api.clock.advance(60_000);
    expect((await answer).status).toBe(200);
  });

  it('reset tears the connection and does nothing', async () => {
    const api = await startWith({ kind: 'reset', count: 1 });
    expect(await rawAnswer(api, 'GET', '/api/v4/server')).toEqual({ text: '', error: 'ECONNRESET' });
    expect(api.fake.counters.snapshot()).toMatchObject({ requests: 1, unanswered: 1 });
    await expect(api.call(...CREATE)).resolves.toMatchObject({ status: 200 });
  });

  it('hang never answers and does nothing', async () => {
    const api = await startWith({ kind: 'hang', operation: 'createConference' });
    const silence = api.call(...CREATE).then(
      () => 'answered',
      () => 'broken off',
    );
    const entry = await api.fake.journal.waitFor({ operation: 'createConference' });
    expect(entry).toMatchObject({ fault: 'hang', status: undefined });
    expect(api.fake.world.listConferences()).toEqual([]);
    await api.fake.close();
    expect(await silence).toBe('broken off');
  });

  it('html502 is a web page', async () => {
    const api = await startWith({ kind: 'html502' });
    const answer = await api.call(...CREATE);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
    expect(answer.text).toContain('<h1>502 Bad Gateway</h1>');
    expect(api.fake.world.listConferences()).toEqual([]);
  });

  it('tooManyRequests asks to come back later', async () => {
    const api = await startWith({ kind: 'tooManyRequests', backOffMs: 2500 });
    const answer = await api.call(...CREATE);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3']);
    expect(answer.body.error.code).toBe(429);
  });

  it('status gives any status, body and type', async () => {
    const api = await startWith({ kind: 'status', status: 503, text: 'later', contentType: 'text/plain' });
    const answer = await api.call(...CREATE);
    expect([answer.status, answer.text, answer.headers.get('retry-after')]).toEqual([503, 'later', null]);
  });
});

describe('a fault after the work', () => {
  it('timeoutAfterCommit does it and tells nobody', async () => {
    const api = await startWith({ kind: 'timeoutAfterCommit', operation: 'createConference', count: 1 });
    const lost = api.call(...CREATE).catch(() => 'lost');
    const entry = await api.fake.journal.waitFor({ operation: 'createConference' });
    expect(entry).toMatchObject({ fault: 'timeoutAfterCommit', status: undefined, caller: 'client:connector' });
    expect(api.fake.world.findConference('room')).toBeDefined();
    expect((await api.call(...CREATE)).status).toBe(400);
    await api.fake.close();
    expect(await lost).toBe('lost');
  });

  it('resetAfterCommit does it and tears the connection', async () => {
    const api = await startWith({ kind: 'resetAfterCommit', operation: 'createConference' });
    await expect(api.call(...CREATE)).rejects.toThrow();
    expect(api.fake.world.findConference('room')).toBeDefined();
  });

  it('halfJson announces a whole body and sends half of it', async () => {
    const api = await startWith({ kind: 'halfJson' });
    const { text } = await rawAnswer(api, 'GET', '/api/v4/server');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const announced = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect(body.length).toBe(Math.floor(announced / 2));
    await expect(api.call(...CREATE)).rejects.toThrow();
    expect(api.fake.world.findConference('room')).toBeDefined();
  });

  it('brokenJson is a whole answer with half a text', async () => {
    const api = await startWith({ kind: 'brokenJson' });
    const answer = await api.call(...CREATE);
    expect([answer.status, answer.body]).toEqual([200, undefined]);
    expect(answer.text.startsWith('{"conference":{"id":"room"')).toBe(true);
  });

  it('drip sends the same answer in small pieces', async () => {
    const waits: number[] = [];
    const api = await startWith({ kind: 'drip', ms: 5 }, async (ms) => {
      waits.push(ms);
    });
    expect((await api.call(...CREATE)).body.conference.id).toBe('room');
    expect(waits.length).toBeGreaterThanOrEqual(15);
  });
});

describe('the plan of faults', () => {
  const subject = { operation: 'run', method: 'POST', path: '/api/v4/conferences/a/run' };
  const struck = (plan: HttpFaultPlan, times: number): number =>
    Array.from({ length: times }, () => plan.strike(subject)).filter(Boolean).length;

  it('strikes so often, after so many, and only what fits', () => {
    const plan = new HttpFaultPlan();
    plan.add({ kind: 'reset', count: 2, skip: 1, method: 'post', pathContains: '/a/' });
    expect(plan.strike({ ...subject, method: 'GET' })).toBeUndefined();
    expect(plan.strike({ ...subject, path: '/api/v4/conferences/b/run' })).toBeUndefined();
    expect(struck(plan, 5)).toBe(2);
    expect(plan.list()).toMatchObject([{ id: 'f1', kind: 'reset', struck: 2 }]);
    expect(plan.struckInAll).toBe(2);
  });

  it('strikes by chance, the same for the same seed', () => {
    const run = (seed: number): string => {
      const plan = new HttpFaultPlan(seed);
      plan.add({ kind: 'reset', probability: 0.3 });
      return Array.from({ length: 200 }, () => (plan.strike(subject) ? 'x' : '.')).join('');
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
    const hits = run(7).replaceAll('.', '').length;
    expect(hits).toBeGreaterThan(30);
    expect(hits).toBeLessThan(90);
  });

  it('asks rules in order, and forgets removed ones', () => {
    const plan = new HttpFaultPlan();
    const first = plan.add({ kind: 'reset' });
    plan.add({ kind: 'html502' });
    expect(plan.strike(subject)?.kind).toBe('reset');
    expect([plan.remove(first), plan.remove(first)]).toEqual([true, false]);
    expect(plan.strike(subject)?.kind).toBe('html502');
    plan.clear();
    expect(plan.strike(subject)).toBeUndefined();
  });

  it('refuses to hold a thousand rules and one', () => {
    const plan = new HttpFaultPlan();
    for (let index = 0; index < 1000; index += 1) plan.add({ kind: 'reset' });
    expect(() => plan.add({ kind: 'reset' })).toThrow('clear some first');
  });
});

describe('journal and counters', () => {
  it('tell who asked for what and what was answered, without tokens', async () => {
    const api = await startApi();
    await api.call(...CREATE);
    await api.callAs('user1', 'GET', '/api/v3.11/conferences/room?access_token=secret');
    await api.call('GET', '/api/v4/conferences/none');
    expect(api.fake.journal.list()).toMatchObject([
      {
        seq: 1,
        at: NOW,
        operation: 'createConference',
        version: 'v4',
        caller: 'client:connector',
        status: 200,
        requestBody: CREATE[2],
      },
      { operation: 'getConference', version: 'v3.11', caller: 'user:user1', query: { access_token: '***' } },
      { operation: 'getConference', status: 404, path: '/api/v4/conferences/none' },
    ]);
    expect(JSON.stringify(api.fake.journal.list())).not.toContain('secret');
    expect(api.fake.journal.count({ operation: 'getConference' })).toBe(2);
    expect(api.fake.journal.count({ since: 1, version: 'v4' })).toBe(1);
    expect(api.fake.journal.last({ method: 'POST' })?.responseBody).toContain('"room"');
    expect(api.fake.counters.snapshot()).toMatchObject({
      requests: 3,
      byOperation: { createConference: 1, getConference: 2 },
      byStatus: { 200: 2, 404: 1 },
      unanswered: 0,
    });
    api.fake.counters.reset();
    api.fake.journal.clear();
    expect([api.fake.counters.snapshot().requests, api.fake.journal.count(), api.fake.journal.lastSeq]).toEqual([
      0, 0, 3,
    ]);
  });

  it('know the most requests that were open at once', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const api = await startWith({ kind: 'latency', ms: 1 }, () => gate);
    const answers = Array.from({ length: 5 }, () => api.call('GET', '/api/v4/conferences'));
    await expect.poll(() => api.fake.counters.snapshot().inFlight).toBe(5);
    open();
    await Promise.all(answers);
    await expect.poll(() => api.fake.counters.snapshot()).toMatchObject({ inFlight: 0, inFlightHighWater: 5 });
  });

  it('stop waiting for an entry when told to', async () => {
    const api = await startApi();
    const abort = new AbortController();
    const waiting = api.fake.journal.waitFor({ operation: 'never' }, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('bodies nobody sends on purpose', () => {
  it.each([
    ['broken JSON', '{"topic":', 'application/json', 400],
    ['plain text', 'hello', 'text/plain', 400],
    ['a bare null', 'null', 'application/json', 400],
    ['a huge text', `{"topic":"${'x'.repeat(5_000_000)}"}`, 'application/json', 400],
  ])('are answered in the form of the API: %s', async (_name, body, type, status) => {
    const api = await startApi();
    const response = await fetch(`${api.fake.url}/api/v4/conferences`, {
      method: 'POST',
      headers: {
        'content-type': type,
        authorization: `Bearer ${api.fake.world.tokens.issue({ clientId: 'connector', seconds: 60 }).access.token}`,
      },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error.errors.0.reason', 'invalidParameter');
  });

  it.each([
    ['string', 'application/json; charset=utf-8', /^\{"error":"conferenceNotFound"/],
    ['html', 'text/html; charset=utf-8', /<h1>404 Not Found<\/h1>/],
    ['empty', null, /^$/],
  ] as const)('errors come as %s when the quirk says so', async (errorBody, type, text) => {
    const api = await startApi({ quirks: { errorBody } });
    const answer = await api.call('GET', '/api/v4/conferences/none');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, type]);
    expect(answer.text).toMatch(text);
  });
});
