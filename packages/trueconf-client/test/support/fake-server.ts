/** A fake TrueConf Server and a client of it, closed when the test ends. */

import { type ConferenceId, conferenceId, trueConfUserId } from '@calendar-connector/calendar-model';
import { type FakeTrueConf, type FakeTrueConfOptions, startFakeTrueConf } from '@calendar-connector/fakes';
import type { ConferenceSpec, ConferenceTarget } from '@calendar-connector/sync-core';
import { onTestFinished } from 'vitest';
import { createTrueConfServer, type TrueConfError, type TrueConfServerOptions } from '../../src/index.ts';

export const SERVER_ID = 'server.example.test#vcs';
export const APIS = ['v3.11', 'v4', 'v4.1'] as const;
export const NEVER = new AbortController().signal;

const VERSIONS = { v311: true, v4: true, v41: true };

export interface Bench {
  readonly fake: FakeTrueConf;
  readonly target: ConferenceTarget;
  readonly errors: readonly TrueConfError[];
}

/** Starts both. */
export async function startBench(
  options: Partial<TrueConfServerOptions> = {},
  fakeOptions: FakeTrueConfOptions = {},
): Promise<Bench> {
  const fake = await startFakeTrueConf({
    ...fakeOptions,
    quirks: { versions: VERSIONS, ...fakeOptions.quirks },
  });
  const errors: TrueConfError[] = [];
  const target = createTrueConfServer({
    id: SERVER_ID,
    url: fake.url,
    clientId: 'connector',
    clientSecret: () => 'Passw0rd!',
    observer: { onError: (error) => errors.push(error) },
    ...options,
  });
  onTestFinished(async () => {
    await target.close();
    await fake.close();
  });
  return { fake, target, errors };
}

export const ID: ConferenceId = conferenceId('cc_0123456789abcdef');

export function user(id: string) {
  return trueConfUserId(id);
}

/** What the connector makes for a meeting: a lasting room. */
export function roomSpec(change: Partial<ConferenceSpec> = {}): ConferenceSpec {
  return {
    id: ID,
    topic: 'Планёрка',
    description: 'Agenda',
    owner: user('user1'),
    mode: 'smartMeeting',
    access: 'private',
    schedule: { type: 'none' },
    participants: [{ id: user('user2') }, { id: user('user3') }],
    tags: ['calendar-connector'],
    ...change,
  };
}

/** Everything a listing gives. */
export async function all<Entry>(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const collected: Entry[] = [];
  for await (const entry of entries) collected.push(entry);
  return collected;
}
