import {
  CONNECTOR_TAG,
  type Conference,
  conferenceId,
  itemId,
  trueConfUserId,
} from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { type MirrorInput, type MirrorRecord, planMirrors, settleMirror } from '../../src/index.ts';
import { ANNA, BORIS, DAY, HOUR, NOW, SERVER, user } from '../build.ts';

const anna = trueConfUserId('anna');
const boris = trueConfUserId('boris');
const conference = (id: string, more: Partial<Conference> = {}): Conference => ({
  id: conferenceId(id),
  topic: 'Planned',
  owner: anna,
  mode: 'moderated',
  access: 'private',
  state: 'stopped',
  schedule: { type: 'once', start: NOW + HOUR, durationSeconds: 1800 },
  participants: [{ id: boris }],
  tags: [],
  url: `https://server.example.test/c/${id}`,
  ...more,
});
const input = (more: Partial<MirrorInput> = {}): MirrorInput => ({
  serverId: SERVER,
  conferences: [conference('1')],
  complete: true,
  mirrors: [],
  bound: new Set(),
  mailboxes: new Map([
    [anna, ANNA],
    [boris, BORIS],
  ]),
  users: new Map([
    [anna, user(ANNA)],
    [boris, user(BORIS)],
  ]),
  settings: { access: 'full', attendees: true, mail: 'none' },
  now: NOW,
  ...more,
});
/** The records after the plan of an input was carried out. */
const written = (from: MirrorInput): readonly MirrorRecord[] =>
  planMirrors(from).decisions.flatMap((decision) => {
    const settled = settleMirror(decision, { itemId: itemId(`item-${decision.conferenceId}`) }, NOW);
    return 'save' in settled ? [settled.save] : [];
  });

describe('mirroring planned conferences into calendars (D5)', () => {
  it("creates an event with join link and people in the owner's calendar, once", () => {
    const { decisions } = planMirrors(input());
    expect(decisions).toMatchObject([
      {
        kind: 'createMirrorItem',
        mailbox: ANNA,
        mail: 'none',
        writeKey: `mirror:${SERVER}/1:${ANNA}`,
        draft: {
          subject: 'Planned',
          start: NOW + HOUR,
          end: NOW + HOUR + 1_800_000,
          location: 'https://server.example.test/c/1',
          attendees: [{ address: BORIS, role: 'required' }],
          marker: { mirrorOf: `${SERVER}/1` },
        },
      },
    ]);
    expect(planMirrors(input({ mirrors: written(input()) })).decisions).toEqual([]);
  });

  it('follows a change of title, time or people', () => {
    const mirrors = written(input());
    for (const more of [
      { topic: 'New' },
      { schedule: { type: 'once', start: NOW + DAY, durationSeconds: 1800 } as const },
      { participants: [] },
    ]) {
      const { decisions } = planMirrors(input({ mirrors, conferences: [conference('1', more)] }));
      expect(decisions).toMatchObject([{ kind: 'updateMirrorItem', address: { itemId: 'item-1' } }]);
    }
  });

  it('makes a weekly conference a weekly series that stays equal from week to week', () => {
    const weekly = conference('1', { schedule: { type: 'week', days: [1, 3], time: '09:30', durationSeconds: 3600 } });
    const first = input({ conferences: [weekly] });
    expect(planMirrors(first).decisions).toMatchObject([
      { draft: { timeZone: 'UTC', recurrence: { pattern: { type: 'Weekly', daysOfWeek: ['Monday', 'Wednesday'] } } } },
    ]);
    for (const later of [DAY, 40 * DAY, 500 * DAY]) {
      expect(planMirrors({ ...first, mirrors: written(first), now: NOW + later }).decisions).toEqual([]);
    }
  });

  it('removes the event of a deleted conference, and keeps the one of a past conference', () => {
    const mirrors = written(input());
    expect(planMirrors(input({ mirrors, conferences: [] })).decisions).toMatchObject([{ kind: 'removeMirrorItem' }]);
    expect(planMirrors(input({ mirrors, conferences: [], now: NOW + DAY })).decisions).toEqual([]);
  });

  it('does not take a listing that broke off for deletions', () => {
    expect(planMirrors(input({ mirrors: written(input()), conferences: [], complete: false })).decisions).toEqual([]);
  });

  it('does not act on a server that comes back empty (I8)', () => {
    const many = input({ conferences: ['1', '2', '3', '4'].map((id) => conference(id)) });
    const plan = planMirrors({ ...many, mirrors: written(many), conferences: [] });
    expect(plan.decisions).toEqual([]);
    expect(plan.anomalies).toMatchObject([{ kind: 'massDisappearance', facts: { live: 4, vanished: 4 } }]);
  });

  it('removes what vanished at once when an administrator says that it is really gone', () => {
    const many = input({ conferences: ['1', '2', '3', '4'].map((id) => conference(id)) });
    const plan = planMirrors({ ...many, mirrors: written(many), conferences: [], released: true });
    expect(plan.decisions.map((decision) => decision.kind)).toEqual(Array(4).fill('removeMirrorItem'));
    expect(plan.anomalies).toEqual([]);
  });

  it('moves with the owner', () => {
    const plan = planMirrors(input({ mirrors: written(input()), conferences: [conference('1', { owner: boris })] }));
    expect(plan.decisions.map((decision) => [decision.kind, decision.mailbox])).toEqual([
      ['removeMirrorItem', ANNA],
      ['createMirrorItem', BORIS],
    ]);
  });

  it.each([
    ['conferences the connector made', input({ conferences: [conference('1', { tags: [CONNECTOR_TAG] })] })],
    ['conferences of meetings', input({ bound: new Set([conferenceId('1')]) })],
    ['virtual rooms', input({ conferences: [conference('1', { schedule: { type: 'none' } })] })],
    ['conferences of people who are not synced', input({ mailboxes: new Map() })],
    ['conferences that are over', input({ now: NOW + DAY })],
    ['anything under read access (I6)', input({ settings: { access: 'read', attendees: true, mail: 'none' } })],
  ])('never mirrors %s', (_what, made) => {
    expect(planMirrors(made).decisions).toEqual([]);
  });
});
