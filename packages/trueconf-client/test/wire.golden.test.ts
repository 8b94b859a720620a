/** Every request as it goes over the wire, by API version. A change here is a change of what servers get to see. */

import { trueConfUserId } from '@calendar-connector/calendar-model';
import { expect, it, onTestFinished } from 'vitest';
import { createTrueConfServer } from '../src/index.ts';
import { type Canned, type Seen, startCannedServer, TOKEN } from './support/canned-server.ts';
import { APIS, all, ID, NEVER, roomSpec, SERVER_ID, user } from './support/fake-server.ts';

const ROOM_V3 = {
  id: ID,
  topic: 'Планёрка',
  description: 'Agenda',
  owner: 'user1@server.example.test',
  type: 3,
  invitations: [{ id: 'user2', display_name: 'User 2' }],
  created_at: 1_893_456_000,
  max_podiums: 6,
  max_participants: 1000,
  schedule: { type: -1 },
  allow_guests: false,
  access: 'private',
  auto_invite: 0,
  url: 'https://server.example.test/c/x',
  webclient_url: 'https://server.example.test/webrtc/x',
  state: 'stopped',
  tags: ['calendar-connector'],
  recording: 0,
  pin: '',
};
const ROOM_V4 = {
  id: ID,
  topic: 'Планёрка',
  owner: 'user1@server.example.test',
  mode: 'S|L',
  access: 'private',
  state: 'stopped',
  schedule: { type: 'none' },
  invitations: [{ id: 'user2', display_name: 'User 2', is_moderator: false }],
  tags: ['calendar-connector'],
};

function told({ method, path, headers, body }: Seen): string {
  const who = headers.authorization === undefined ? '' : ' [Bearer]';
  return `${method} ${path}${who}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`;
}

it.each(APIS)('what is sent in %s', async (apiVersion) => {
  const isV3 = apiVersion === 'v3.11';
  const prefix = `/api/${apiVersion}`;
  const one = `${prefix}/conferences/${ID}`;
  let state = 'stopped';
  const room = (): Canned => ({ body: { conference: { ...(isV3 ? ROOM_V3 : ROOM_V4), state } } });
  const users = { users: [{ id: 'user2', email: 'user2@example.test', display_name: 'User 2' }], next_page_id: -1 };
  const { url, seen } = await startCannedServer({
    'POST /oauth2/v1/token': TOKEN,
    'POST /api/v4/oauth2/token': TOKEN,
    [`POST ${prefix}/conferences`]: room,
    [`GET ${one}`]: room,
    [`GET ${prefix}/conferences`]: { body: { cnt: 0, results: 0, conferences: [] } },
    [`GET ${prefix}/users`]: { body: users },
    [`GET ${prefix}/me`]: { body: { user: { id: 'user2', display_name: 'User 2' } } },
    [`GET ${prefix}/users/user2`]: { body: { user: users.users[0] } },
    ...Object.fromEntries(['PUT', 'PATCH', 'DELETE'].map((method) => [`${method} ${one}`, { status: 204 }])),
    ...Object.fromEntries(
      ['run', 'stop', 'invite', 'notify', 'invitations'].map((name) => [`POST ${one}/${name}`, { body: {} }]),
    ),
    [`DELETE ${one}/invitations/user2`]: { status: 204 },
  });
  const clock = { now: () => Date.UTC(2030, 0, 1) };
  const target = createTrueConfServer({
    id: SERVER_ID,
    url,
    apiVersion,
    clientId: 'connector',
    clientSecret: () => 'S',
    clock,
  });
  onTestFinished(() => target.close());

  await target.createConference(roomSpec({ participants: [{ id: user('user2'), displayName: 'User 2' }] }), NEVER);
  await target.createConference(
    roomSpec({
      access: 'public',
      mode: 'videoLecture',
      schedule: { type: 'once', start: Date.UTC(2030, 2, 1, 9, 5), durationSeconds: 1800 },
    }),
    NEVER,
  );
  await target.updateConference(ID, { topic: 'New', mode: 'allOnScreen' }, NEVER);
  await target.updateConference(
    ID,
    { access: 'public', schedule: { type: 'week', days: [1, 5], time: '07:30', durationSeconds: 900 } },
    NEVER,
  );
  await target.addParticipants(
    ID,
    [{ id: user('user3'), displayName: 'Three' }, { id: trueConfUserId('guest@example.org') }],
    NEVER,
  );
  await target.removeParticipants(ID, [user('user2')], NEVER);
  await target.runConference(ID, NEVER);
  state = 'running';
  await target.updateConference(ID, { description: 'While running', topic: 'Later' }, NEVER);
  await target.ring(ID, [user('user2')], NEVER);
  await target.notify(ID, NEVER);
  await target.stopConference(ID, NEVER);
  await target.removeConference(ID, NEVER);
  await all(target.listConferences(NEVER));
  await target.findUserByEmail('User2+tag@example.test', NEVER);
  await target.findTokenOwner('users-own-token', NEVER);

  await expect(`${seen.map(told).join('\n')}\n`).toMatchFileSnapshot(`golden/requests-${apiVersion}.txt`);
});
