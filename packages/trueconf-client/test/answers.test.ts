/** What a server may answer besides the right thing. */

import { conferenceId } from '@calendar-connector/calendar-model';
import { isFailure } from '@calendar-connector/sync-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTrueConfServer, type RequestReport, type TrueConfServerOptions } from '../src/index.ts';
import { type Canned, startCannedServer, TOKEN } from './support/canned-server.ts';
import { ID, NEVER, roomSpec, SERVER_ID, user } from './support/fake-server.ts';

const ROOM = {
  id: ID,
  topic: 'T',
  owner: 'user1',
  mode: 'S|L',
  access: 'private',
  state: 'stopped',
  invitations: [],
  tags: [],
};
const ONE = `/api/v4/conferences/${ID}`;

async function open(routes: Parameters<typeof startCannedServer>[0], options: Partial<TrueConfServerOptions> = {}) {
  const server = await startCannedServer({ 'POST /api/v4/oauth2/token': TOKEN, ...routes });
  const target = createTrueConfServer({
    id: SERVER_ID,
    url: server.url,
    apiVersion: 'v4',
    clientId: 'connector',
    clientSecret: () => 'Passw0rd!',
    ...options,
  });
  onTestFinished(() => target.close());
  return { server, target };
}

describe('refusals are sorted into kinds', () => {
  const v3Error = (code: number, reason: string): Canned => ({
    status: code,
    body: { error: { code, message: 'x', errors: [{ reason, message: 'SECRET topic', location: 'topic' }] } },
  });
  it.each([
    ['a server error', { status: 500, body: '' }, 'unavailable', 'http500', true],
    ['the HTML of a proxy', { status: 502, body: '<html><h1>Bad Gateway</h1></html>' }, 'unavailable', 'http502', true],
    ['a missing right', v3Error(403, 'forbidden'), 'forbidden', 'forbidden', false],
    ['a conflict', { status: 409, body: { error: 'conflict' } }, 'conflict', 'conflict', true],
    ['a wrong parameter', v3Error(400, 'invalidParameter'), 'invalidRequest', 'invalidParameter', false],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' },
      'protocol',
      'http302',
      true,
    ],
    ['JSON that is not a conference', { body: { conference: { id: 5 } } }, 'protocol', 'unexpectedAnswer', true],
    ['a cut JSON', { body: '{"conference":{"id"' }, 'protocol', 'unexpectedAnswer', true],
    ['nothing at all', { body: '' }, 'protocol', 'unexpectedAnswer', true],
    [
      'deeply nested nonsense',
      { body: `${'['.repeat(5000)}${']'.repeat(5000)}` },
      'protocol',
      'unexpectedAnswer',
      true,
    ],
  ] as const)('%s', async (_, answer, kind, code, retriable) => {
    const { target } = await open({ [`GET ${ONE}`]: answer });
    const error = await target.findConference(ID, NEVER).catch((reason: unknown) => reason);
    expect(isFailure(error)).toBe(true);
    expect(error).toMatchObject({ kind, code, retriable });
  });

  it('keeps the words of the server, which may repeat a subject, out of the message', async () => {
    const { target } = await open({ [`GET ${ONE}`]: v3Error(400, 'invalidParameter') });
    const error = await target.findConference(ID, NEVER).catch((reason: Error) => reason);
    expect((error as Error).message).toBe(
      `findConference: TrueConf Server ${SERVER_ID} answered 400 invalidParameter (topic)`,
    );
    expect(JSON.stringify(error)).not.toContain('SECRET');
    expect((error as { serverText?: string }).serverText).toBe('SECRET topic');
  });

  it('never follows a redirect: the token stays with the configured host', async () => {
    const elsewhere = await startCannedServer({});
    const location = `${elsewhere.url}${ONE}`;
    const { target } = await open({ [`GET ${ONE}`]: { status: 307, headers: { location }, body: '' } });
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ kind: 'protocol' });
    expect(elsewhere.seen).toEqual([]);
  });

  it('stops reading an answer that is larger than allowed', async () => {
    const big = { body: { conference: { ...ROOM, topic: 'x'.repeat(70_000) } } };
    const { target } = await open({ [`GET ${ONE}`]: big }, { maxAnswerBytes: 65_536 });
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ kind: 'protocol', code: 'answerTooLarge' });
  });
});

describe('a 404', () => {
  it('means absent when the server gives its reason', async () => {
    const body = { error: { code: 404, errors: [{ reason: 'conferenceNotFound' }] } };
    const { server, target } = await open({ [`GET ${ONE}`]: { status: 404, body } });
    expect(await target.findConference(ID, NEVER)).toBeUndefined();
    expect(server.seen.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('without a reason means absent only while the API answers otherwise', async () => {
    const missing = { [`GET ${ONE}`]: { status: 404, body: '<html>not found</html>' } };
    const alive = await open({ ...missing, 'GET /api/v4/conferences': { body: { results: 0, conferences: [] } } });
    expect(await alive.target.findConference(ID, NEVER)).toBeUndefined();
    const elsewhere = await open(missing);
    await expect(elsewhere.target.findConference(ID, NEVER)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'apiNotFound',
    });
  });

  it('of a version that is not served any more is no absent conference', async () => {
    const body = { error: { code: 404, trace_id: 1, errors: [{ reason: 'routeNotFound' }] } };
    const { target } = await open({ [`GET ${ONE}`]: { status: 404, body } });
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ kind: 'protocol', code: 'routeNotFound' });
  });
});

describe('a pause the server asks for', () => {
  it.each([
    ['429 with seconds', { status: 429, headers: { 'retry-after': '7' } }, 7000],
    ['429 without a time', { status: 429 }, 5000],
    ['503 with a date', { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' } }, 60_000],
    ['429 with an absurd time', { status: 429, headers: { 'retry-after': '99999999' } }, 900_000],
  ] as const)('%s is kept: nothing is sent before it ends', async (_, answer, retryAfterMs) => {
    let now = 0;
    let struck = false;
    const route = () => {
      if (struck) return { body: { conference: ROOM } };
      struck = true;
      return answer;
    };
    const { server, target } = await open({ [`GET ${ONE}`]: route }, { clock: { now: () => now } });
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ retriable: true, retryAfterMs });
    now = retryAfterMs - 1;
    const seen = server.seen.length;
    await expect(target.findConference(ID, NEVER)).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 1 });
    expect(server.seen).toHaveLength(seen);
    now = retryAfterMs;
    expect(await target.findConference(ID, NEVER)).toMatchObject({ id: ID });
  });
});

describe('a conference with unusual fields', () => {
  it.each([
    ['seconds as text', { start_time: '1900000000', duration: '3600' }, 1_900_000_000_000],
    ['milliseconds', { start_time: 1_900_000_000_000, duration: 3600 }, 1_900_000_000_000],
    ['an ISO time with offset', { start_time: '2030-03-17T20:46:40+03:00', duration: 3600 }, 1_899_999_999_999 + 1],
    [
      'an ISO time without zone',
      { start_time: '2030-03-17 17:46:40', end_time: '2030-03-17T18:46:40' },
      1_900_000_000_000,
    ],
  ])('reads a start given as %s', async (_, times, start) => {
    const conference = { ...ROOM, schedule: { type: 'once', ...times } };
    const { target } = await open({ [`GET ${ONE}`]: { body: { conference } } });
    expect((await target.findConference(ID, NEVER))?.schedule).toEqual({ type: 'once', start, durationSeconds: 3600 });
  });

  it('is read although the answer begins with a byte order mark', async () => {
    const body = `\ufeff${JSON.stringify({ conference: ROOM })}\n`;
    const { target } = await open({ [`GET ${ONE}`]: { body } });
    expect(await target.findConference(ID, NEVER)).toMatchObject({ id: ID, topic: 'T' });
  });

  it('tolerates nulls, unknown fields, unusable participants and a flat answer', async () => {
    const conference = {
      ...ROOM,
      owner: 'User1@Server.Example.Test/instance',
      description: null,
      schedule: null,
      brand_new: {},
      url: 'javascript:alert(1)',
      invitations: [null, 7, { id: 'a@server.example.test' }, { id: 'guest@example.org', display_name: 'G' }],
    };
    const { server, target } = await open({ [`GET ${ONE}`]: { body: conference } });
    expect(await target.findConference(ID, NEVER)).toEqual({
      id: ID,
      topic: 'T',
      owner: 'User1',
      mode: 'moderated',
      access: 'private',
      state: 'stopped',
      schedule: { type: 'none' },
      participants: [{ id: 'a' }, { id: 'guest@example.org', displayName: 'G' }],
      tags: [],
      url: `${server.url}/c/${ID}`,
    });
  });

  it('encodes whatever id it is asked for', async () => {
    const { server, target } = await open({ 'GET /api/v4/conferences': { body: { conferences: [] } } });
    for (const id of ['a/b?c#d', '..', 'ü']) await target.findConference(conferenceId(id), NEVER);
    const asked = server.seen.map(({ path }) => path).filter((path) => path.startsWith('/api/v4/conferences/'));
    expect(asked).toEqual([
      '/api/v4/conferences/a%2Fb%3Fc%23d',
      '/api/v4/conferences/%2E%2E',
      '/api/v4/conferences/%C3%BC',
    ]);
  });

  it('removes a conference again that the server gave another id', async () => {
    const { server, target } = await open({
      'POST /api/v4/conferences': { body: { conference: { ...ROOM, id: 'foreign' } } },
      'DELETE /api/v4/conferences/foreign': { status: 204 },
    });
    await expect(target.createConference(roomSpec(), NEVER)).rejects.toMatchObject({ code: 'foreignId' });
    expect(server.seen.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/v4/conferences/foreign' });
  });
});

describe('a wish that cannot be fulfilled is refused before anything is sent', () => {
  it.each([
    ['a bad id', { id: conferenceId('a b') }, 'idInvalid'],
    ['an empty topic', { topic: ' \u0000\n ' }, 'topicEmpty'],
    ['a day-long meeting', { schedule: { type: 'once', start: 0, durationSeconds: 86_400 } }, 'durationOutOfRange'],
    [
      'a weekly plan without days',
      { schedule: { type: 'week', days: [], time: '10:00', durationSeconds: 60 } },
      'daysInvalid',
    ],
    [
      'a weekly plan at no time',
      { schedule: { type: 'week', days: [1], time: '25:00', durationSeconds: 60 } },
      'timeInvalid',
    ],
  ] as const)('%s', async (_, change, code) => {
    const { server, target } = await open({});
    await expect(target.createConference(roomSpec(change), NEVER)).rejects.toMatchObject({
      kind: 'invalidRequest',
      code,
    });
    expect(server.seen).toEqual([]);
  });
});

describe('the observer', () => {
  it('hears of every request and every failure, without secrets, addresses or subjects', async () => {
    const reports: RequestReport[] = [];
    const failures: Error[] = [];
    const observer = {
      onRequest: (report: RequestReport) => reports.push(report),
      onError: (error: Error) => failures.push(error),
    };
    const { target } = await open({ 'POST /api/v4/conferences': { status: 500 } }, { observer });
    await target.createConference(roomSpec({ topic: 'CANARY' }), NEVER).catch(() => {});
    await target.findUserByEmail('canary@example.test', NEVER).catch(() => {});
    await target.findTokenOwner('CANARY-TOKEN', NEVER).catch(() => {});
    await target.ring(ID, [user('canary')], NEVER).catch(() => {});
    expect(reports.map(({ operation }) => operation)).toContain('createConference');
    expect(failures.length).toBeGreaterThan(0);
    const everything = JSON.stringify(reports) + failures.map((error) => `${error.message}${error.stack}`).join('');
    expect(everything.toLowerCase()).not.toContain('canary');
    expect(everything).not.toContain('Passw0rd!');
    expect(everything).not.toContain('aaaaaaaa');
  });
});
