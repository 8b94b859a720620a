/**
 * Issue 7 line 7: canaries. Passwords, tokens, private subjects and bodies are planted wherever they can enter, the service
 * is driven through work and faults at its most talkative level, and everything it says is searched: log, metrics, admin
 * API, frames to others, titles on TrueConf Server.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChannelClient } from './support/channel-client.ts';
import { HOUR_MS, inHours, inMs, mail, openStage, type Stage, unique, until } from './support/stage.ts';

const PASSWORD = 'CanaryPassw0rd-svc';
const ADMIN = 'CanaryAdminToken-0123456789';
const TITLE = 'CanaryPrivateTitle';
const BODY = 'CanaryPrivateBody';
const PLACE = 'CanaryPrivatePlace';
const OPEN_BODY = 'CanaryOpenBody';
const OPEN_TITLE = 'CanaryOpenTitle';

let stage: Stage;
let token = '';

beforeAll(async () => {
  stage = await openStage({
    mailboxes: 5,
    configure: (config) => {
      config.log = { level: 'debug' };
      config.http.adminToken = ADMIN;
      config.calendarProviders[0].credentials[0].password = PASSWORD;
    },
    prepare: (worlds) => worlds.control.call('PUT', `/mailboxes/svc@example.test/password`, { password: PASSWORD }),
  });
});
afterAll(() => stage?.close());

test('no secret and no private word leaves the service', async () => {
  const { worlds } = stage;
  for (const [owner, delegate] of [
    ['user1', 'user4'],
    ['user3', 'user4'],
  ] as const)
    await worlds.control.call('PUT', `/mailboxes/${mail(owner)}/delegates/${mail(delegate)}`, { calendar: 'Editor' });
  const owner = await stage.watch('user1');
  const guest = await stage.watch('user2');
  const delegate = await stage.login('user4');
  await delegate.ask({ method: 'subscribe', calendarId: owner.calendarId });
  ({ token } = await worlds.control.token('user2'));
  const stranger = await stage.connect();
  await stranger.ask({ method: 'authorize', server: 'server.example.test#vcs', token });

  const start = inMs(6_000);
  const secret = { subject: TITLE, body: BODY, sensitivity: 'Private', attendees: [mail('user2')] };
  const item = await worlds.meet('user1', {
    ...secret,
    start,
    end: start + HOUR_MS,
    location: `${PLACE} https://server.example.test/c/canary`,
  });
  await owner.waitUntil((events) => events.some(({ uid, title }) => uid === item.uid && title === TITLE), 10_000);
  await guest.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 10_000);
  await worlds.meet('user1', {
    subject: OPEN_TITLE,
    body: OPEN_BODY,
    start: inHours(4),
    end: inHours(5),
    location: '@trueconf',
  });
  await delegate.next(({ method }) => method === 'eventsChanged', 0, 'a push to the delegate');
  const list = await delegate.ask({
    method: 'getEventList',
    calendarId: owner.calendarId,
    from: new Date(start - HOUR_MS).toISOString(),
    to: new Date(start + HOUR_MS).toISOString(),
  });
  await delegate.ask({ method: 'getEvent', eventId: list.events[0].id });
  const someoneElse = await stage.login('user5');
  await someoneElse.ask({ method: 'getEvent', eventId: list.events[0].id });
  await someoneElse.ask({
    method: 'getEventList',
    calendarId: owner.calendarId,
    from: '2026-01-01T00:00:00Z',
    to: '2026-02-01T00:00:00Z',
  });

  await hurt(someoneElse, owner.calendarId);
  await until('the conference runs', async () => (await worlds.sessions('canary').catch(() => [])).length > 0);
  await worlds.control.update(mail('user1'), item.id, { body: `${BODY} changed` });
  const metrics = await stage.fetchText('/metrics');
  const admin = await Promise.all(
    [
      '/',
      '/api/v1/status',
      '/api/v1/mailboxes',
      `/api/v1/mailboxes/${mail('user1')}`,
      `/api/v1/meetings/${item.uid}/trace`,
    ].map((path) => stage.fetchText(path, { headers: { authorization: `Bearer ${ADMIN}` } })),
  );
  expect(admin.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const commands = await askCommands(item.uid);
  expect(await stage.stop()).toBe(0);

  const said: Readonly<Record<string, string>> = {
    log: stage.lines.join('\n'),
    metrics: metrics.text,
    'admin API': admin.map(({ text }) => text).join('\n'),
    commands: commands.output,
    'support bundle': commands.bundle,
    'frames to the delegate': JSON.stringify(delegate.frames),
    'frames to a stranger': JSON.stringify(someoneElse.frames),
    'TrueConf Server': JSON.stringify(await worlds.conferences()),
  };
  expect(said.log?.length).toBeGreaterThan(1_000);
  expect(said['support bundle']?.length).toBeGreaterThan(1_000);
  // What is searched has been driven through the very work that knows the words.
  expect(JSON.stringify(owner.events)).toContain(TITLE);
  expect(delegate.frames.filter(({ method }) => method === 'eventsChanged').length).toBeGreaterThan(0);
  expect(await worlds.conference('canary')).toMatchObject({ topic: 'Private meeting' });
  const always = [PASSWORD, ADMIN, token, TITLE, BODY, PLACE, 'Passw0rd!'];
  for (const [where, text] of Object.entries(said)) {
    for (const word of always) expect(text.includes(word), `${word} in ${where}`).toBe(false);
  }
  // Open events are nobody's business in a log either: subjects, bodies and addresses are left out (threat T9).
  for (const word of [OPEN_TITLE, OPEN_BODY, mail('user1'), mail('user2')]) {
    expect(said.log?.includes(word), `${word} in the log`).toBe(false);
    expect(said.metrics?.includes(word), `${word} in the metrics`).toBe(false);
    expect(said['support bundle']?.includes(word), `${word} in the support bundle`).toBe(false);
  }
});

/** What administrators copy into a letter to the support. */
async function askCommands(uid: string): Promise<{ readonly output: string; readonly bundle: string }> {
  const file = path.join(stage.scene.root, `${unique('support')}.tar.gz`);
  const calls = [
    ['support-bundle', file],
    ['status'],
    ['status', '--json'],
    ['mailbox', 'list'],
    ['mailbox', 'show', mail('user1')],
    ['trace', uid],
    ['config', 'show', '--redact'],
    ['doctor'],
  ];
  const outputs: string[] = [];
  for (const call of calls) outputs.push((await stage.scene.command(...call)).output);
  return { output: outputs.join('\n'), bundle: gunzipSync(readFileSync(file)).toString('utf8') };
}

/** Faults that make services talkative: refused logins, broken answers, hostile requests. */
async function hurt(client: ChannelClient, calendarId: string): Promise<void> {
  const { worlds } = stage;
  for (const kind of ['soapFault', 'status', 'truncate', 'reset'])
    await worlds.fault({ server: 'exchange', kind, count: 2, status: 500, code: 'ErrorInternalServerError' });
  for (const kind of ['brokenJson', 'html502', 'reset']) await worlds.fault({ server: 'trueconf', kind, count: 2 });
  await worlds.meet('user2', {
    subject: TITLE,
    body: BODY,
    sensitivity: 'Private',
    start: inHours(6),
    end: inHours(7),
    location: '@trueconf',
  });
  await client.ask({
    method: 'createEvent',
    calendarId,
    idempotencyKey: 'canary-0001',
    event: { title: TITLE, start: 'never', end: 'never', timeZone: BODY },
  });
  const wrong = await stage.connect();
  await wrong.ask({ method: 'authorize', server: 'server.example.test#vcs', token: `${token}x` });
  await until(
    'the conference of user2',
    async () =>
      (await worlds.conferences()).some(({ owner, id }) => owner.startsWith('user2') && id.startsWith('cal_')),
    30_000,
  );
  await worlds.clearFaults();
}
