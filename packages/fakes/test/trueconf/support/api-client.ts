/** A plain HTTP client for the fake TrueConf Server, deliberately not the product's own. */
import { onTestFinished } from 'vitest';
import { type FakeTrueConf, type FakeTrueConfOptions, startFakeTrueConf } from '../../../src/trueconf/fake-trueconf.ts';
import { WorldClock } from '../../../src/world/clock.ts';

/** Monday 2 March 2026, 08:00 UTC */
export const NOW = Date.UTC(2026, 2, 2, 8);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** parsed body; undefined when it is not JSON */
  // biome-ignore lint/suspicious/noExplicitAny: bodies of a server under test, looked into by assertions
  readonly body: any;
}

export interface Api {
  readonly fake: FakeTrueConf;
  readonly clock: WorldClock;
  /** with the server-wide token of the OAuth client */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** with a token of this user */
  callAs(user: string, method: string, path: string, body?: unknown): Promise<Answer>;
}

/** Starts a server on a manual clock and a client that is signed in. Closed when the test ends. */
export async function startApi(options: FakeTrueConfOptions = {}): Promise<Api> {
  const clock = WorldClock.manual(NOW);
  const fake = await startFakeTrueConf({ clock, ...options });
  onTestFinished(() => fake.close());
  const { token } = fake.world.tokens.issue({ clientId: 'connector', seconds: 10 ** 9 }).access;
  return {
    fake,
    clock,
    call: (method, path, body) => send(fake.url + path, method, body, token),
    callAs: (user, method, path, body) => send(fake.url + path, method, body, fake.world.userToken(user, 10 ** 9)),
  };
}

/** One request. A string body goes as a form, anything else as JSON. */
export async function send(url: string, method: string, body?: unknown, token?: string): Promise<Answer> {
  const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The reason in an error of the API. */
export function reasonOf(answer: Answer): unknown {
  return answer.body?.error?.errors?.[0]?.reason;
}

/** What differs in spelling between the two API families. */
export const FAMILIES = [
  {
    version: 'v3.11',
    base: '/api/v3.11',
    room: { topic: 'Room', owner: 'user1', type: 3, id: 'room' },
    update: 'PUT',
    invitation: (id: string, more: object = {}): object => ({ id, ...more }),
    once: (start: number, duration = 3600) => ({ type: 1, start_time: start, duration }),
  },
  {
    version: 'v4',
    base: '/api/v4',
    room: { topic: 'Room', owner: 'user1', mode: 'S|L', id: 'room' },
    update: 'PATCH',
    invitation: (id: string, more: object = {}): object => ({ invitation: { id, ...more } }),
    once: (start: number, duration = 3600) => ({
      type: 'once',
      start_time: start,
      time: new Date(start * 1000).toISOString().slice(11, 16),
      special_time_offset: 180,
      duration,
    }),
  },
] as const;
