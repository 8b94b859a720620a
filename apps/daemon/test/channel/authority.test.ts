/** Who a token belongs to, and what is said when the TrueConf Server that knows cannot tell (features D2, contract §5 `authorize`). */
import { trueConfServerId, trueConfUserId } from '@calendar-connector/calendar-model';
import type { ConferenceTarget } from '@calendar-connector/sync-core';
import { TrueConfError } from '@calendar-connector/trueconf-client';
import { expect, test } from 'vitest';
import { Authority } from '../../src/channel/authority.ts';
import { ManualClock } from '../engine/manual-clock.ts';

const SERVER = 'server.example.test#vcs';
const NEVER = new AbortController().signal;

function authority(findTokenOwner: ConferenceTarget['findTokenOwner']): Authority {
  const target = { id: trueConfServerId(SERVER), findTokenOwner } as ConferenceTarget;
  return new Authority({
    clock: new ManualClock(),
    store: { findMailbox: async () => undefined, findMailboxByFolder: async () => undefined },
    target: (id) => (id === SERVER ? target : undefined),
    isConfigured: () => true,
    fetchDelegates: async () => [],
  });
}

test('a user is known by the server’s word, under an address in lower case', async () => {
  const user = { id: trueConfUserId('user1'), displayName: 'User 1', email: 'User1@Example.test', isActive: true };
  const caller = await authority(async () => user).identify(` ${SERVER.toUpperCase()} `, 'token', NEVER);
  expect(caller).toEqual({ serverId: SERVER, userId: 'user1', displayName: 'User 1', email: 'user1@example.test' });
});

test('a token nobody has, and a server nobody listed, are refused in the same words', async () => {
  const refused = { code: 'unauthorized', message: expect.stringContaining('this server may not use the connector') };
  const nobody = authority(async () => undefined);
  await expect(nobody.identify(SERVER, 'token', NEVER)).rejects.toMatchObject(refused);
  await expect(nobody.identify('other#vcs', 'token', NEVER)).rejects.toMatchObject(refused);
});

test.each([
  ['is down', 'unavailable', undefined],
  ['is busy', 'throttled', 5_000],
  ['has no such page', 'notFound', undefined],
  ['lets nobody ask', 'forbidden', undefined],
  ['speaks another language', 'protocol', undefined],
] as const)('a server that %s says nothing against the token, nor of a calendar', async (_what, kind, retryAfterMs) => {
  const away = authority(async () => {
    throw new TrueConfError('findTokenOwner failed', { kind, code: kind, operation: 'findTokenOwner', retryAfterMs });
  });
  await expect(away.identify(SERVER, 'token', NEVER)).rejects.toMatchObject({
    code: 'providerUnavailable',
    message: 'this TrueConf Server cannot be asked now; try again later',
    retryAfterMs,
  });
});
