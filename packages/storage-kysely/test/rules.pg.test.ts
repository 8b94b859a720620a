/** Rules that change: what they may concern is planned, nothing else, and the rules are remembered when that is ordered. */
import { conferenceId, mailboxAddress, meetingKey, trueConfServerId } from '@calendar-connector/calendar-model';
import { type Baseline, EMPTY_BASELINE, planningRules, planSettings } from '@calendar-connector/sync-core';
import { beforeEach, expect, test } from 'vitest';
import { observation, registration, single } from './items.ts';
import { ask, openTestStore } from './open-test-store.ts';

const opened = openTestStore();
const ANNA = mailboxAddress('anna.rules@example.test');
const SERVER = trueConfServerId('conf_1.example.test#vcs');
const never = new AbortController().signal;
const AT = Date.UTC(2026, 5, 1);

const settings = (keyword?: string) =>
  planSettings({
    servers: [{ id: SERVER, hosts: ['conf_1.example.test'] }],
    ...(keyword ? { keyword: { text: keyword, serverId: SERVER, mode: 'smartMeeting', access: 'private' } } : {}),
  });

beforeEach(async () => {
  await ask(opened.store, 'truncate tcc.items, tcc.meetings, tcc.rules, graphile_worker._private_jobs');
  await opened.store.saveMailboxes([registration(ANNA)]);
  await opened.store.resetCursor(ANNA);
  await opened.store.commitObservation({
    ...observation(ANNA, [undefined, 'c1'], {
      changed: [
        single('plain', { location: 'Room 100%' }),
        single('link', { body: { type: 'text', content: 'Join HTTPS://CONF_1.example.test/c/77 at nine' } }),
        single('almost', { location: 'https://confX1.example.test/c/77' }),
        single('call', { location: '\\c\\42' }),
        single('word', { location: 'Room @Video100%' }),
        single('settled'),
      ],
    }),
    needsPlan: () => false,
  });
  await settle('settled', EMPTY_BASELINE);
  await ask(opened.store, 'truncate graphile_worker._private_jobs');
});

async function settle(id: string, baseline: Baseline): Promise<void> {
  const rest = { startsToSchedule: [], startsToCancel: [], removals: [], visibleChange: false, timeline: [] };
  const key = meetingKey({ uid: `uid-${id}` });
  expect(await opened.store.commitSettlement({ key, version: 0, baseline, ...rest })).toBe('done');
}

/** Which meetings are ordered to be planned at that time. */
async function ordered(): Promise<readonly string[]> {
  const rows = await ask<{ key: string; run_at: Date }>(
    opened.store,
    `select payload ->> 'key' as key, run_at from graphile_worker._private_jobs where key like 'later:%' order by 1`,
  );
  expect(rows.every((row) => row.run_at.getTime() === AT)).toBe(true);
  return rows.map((row) => row.key.replace('uid:uid-', ''));
}

test('what was settled is planned, and what names a server, in any case and wherever', async () => {
  const rules = planningRules(settings());
  expect(await opened.store.findRules()).toBeUndefined();
  expect(await opened.store.planByNewRules({ ...rules, at: AT }, never)).toBe(3);
  expect(await ordered()).toEqual(['call', 'link', 'settled']);
  expect(await opened.store.findRules()).toBe(rules.fingerprint);
});

test('a keyword is searched for as it is written, whatever its characters', async () => {
  await opened.store.planByNewRules({ ...planningRules(settings('@video100%')), at: AT }, never);
  expect(await ordered()).toEqual(['call', 'link', 'settled', 'word']);
});

test('cut off in the middle, nothing is remembered', async () => {
  const stopped = AbortSignal.abort(new Error('the service ends'));
  await expect(opened.store.planByNewRules({ ...planningRules(settings()), at: AT }, stopped)).rejects.toThrow();
  expect(await opened.store.findRules()).toBeUndefined();
});

test('more meetings than one page holds are all found', async () => {
  await ask(
    opened.store,
    `insert into tcc.meetings (meeting_hash, meeting_key, version, baseline)
       select md5('many ' || n)::uuid, 'many-' || n, 1, '{}' from generate_series(1, 2500) n`,
  );
  expect(await opened.store.planByNewRules({ fingerprint: 'x', signs: [], at: AT }, never)).toBe(2501);
});

test('meetings with a conference on a server are listed with what was agreed; removed ones are not', async () => {
  const binding = { serverId: SERVER, conferenceId: conferenceId('c1'), ownership: 'created', url: 'u' } as const;
  const agreed = { topic: 'T', mode: 'smartMeeting', access: 'private', participants: [] } as const;
  await settle('bound', { ...EMPTY_BASELINE, binding, agreed });
  await settle('shown', { ...EMPTY_BASELINE, binding: { ...binding, ownership: 'adopted' } });
  await settle('gone', { ...EMPTY_BASELINE, binding, removed: true });
  await settle('elsewhere', { ...EMPTY_BASELINE, binding: { ...binding, serverId: trueConfServerId('other#vcs') } });
  const bound = await opened.store.listBoundMeetings(SERVER);
  expect(bound.toSorted((a, b) => (a.meeting < b.meeting ? -1 : 1))).toEqual([
    { meeting: 'uid:uid-bound', binding, agreed },
    { meeting: 'uid:uid-shown', binding: { ...binding, ownership: 'adopted' } },
  ]);
});
