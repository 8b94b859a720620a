/** Whatever a server sends, the client answers with a result or with a classified failure; it never throws anything else. */

import { isFailure } from '@calendar-connector/sync-core';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { createTrueConfServer } from '../src/index.ts';
import { type Canned, startCannedServer, TOKEN } from './support/canned-server.ts';
import { APIS, ID, NEVER, roomSpec, SERVER_ID } from './support/fake-server.ts';

const odd = fc.oneof(
  fc.constantFrom(null, '', 'running', 'public', 'once', 'week', -1, 0, 1, '1', '1900000000', {}, []),
  fc.jsonValue(),
);
const room = fc.record(
  {
    id: fc.oneof(fc.constant(String(ID)), odd),
    ...Object.fromEntries(
      [
        'topic',
        'description',
        'owner',
        'mode',
        'type',
        'access',
        'allow_guests',
        'state',
        'session_id',
        'tags',
        'url',
      ].map((name) => [name, odd]),
    ),
    schedule: fc.oneof(
      odd,
      fc.record({ type: odd, start_time: odd, duration: odd, days: odd, time: odd }, { requiredKeys: [] }),
    ),
    invitations: fc.oneof(odd, fc.array(fc.record({ id: odd, display_name: odd }))),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(room, fc.record({ conference: room }), fc.record({ error: odd, message: odd }), fc.string());
const answer: fc.Arbitrary<Canned> = fc.record({ status: fc.constantFrom(200, 201, 400, 403, 404, 500), body });

it.each(APIS)('any answer to %s is either understood or refused as a classified failure', async (apiVersion) => {
  let next: Canned = {};
  const prefix = `/api/${apiVersion}/conferences`;
  const { url } = await startCannedServer({
    'POST /api/v4/oauth2/token': TOKEN,
    'POST /oauth2/v1/token': TOKEN,
    [`GET ${prefix}/${ID}`]: () => next,
    [`GET ${prefix}`]: { body: { cnt: 0, conferences: [] } },
    [`POST ${prefix}`]: () => next,
  });
  const target = createTrueConfServer({ id: SERVER_ID, url, apiVersion, clientId: 'c', clientSecret: () => 's' });
  onTestFinished(() => target.close());
  await fc.assert(
    fc.asyncProperty(answer, async (given) => {
      next = given;
      const outcomes = await Promise.allSettled([
        target.findConference(ID, NEVER),
        target.createConference(roomSpec(), NEVER),
      ]);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(isFailure(outcome.reason), String(outcome.reason)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
