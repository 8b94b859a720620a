/** SPEC §3.5, §3.6 and §5.5: what is passed over, what a change of the rules must find again, what drifted unwatched. */
import { type Conference, conferenceId, trueConfUserId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { type BoundMeeting, hasDrifted, needsPlan, planningRules } from '../../src/index.ts';
import { KEY, SERVER, settingsWith, single } from '../build.ts';

const KEYWORD = { text: '@TrueConf', serverId: SERVER, mode: 'smartMeeting', access: 'private' } as const;
const withKeyword = settingsWith({ keyword: KEYWORD });

const MARKED = [
  { location: 'https://server.example.test/c/1' },
  { location: 'HTTPS://Server.Example.Test/webrtc/1' },
  { location: '\\c\\12345' },
  { location: 'trueconf:\\c\\5@server.example.test#vcs' },
  { location: 'Room 5, @trueconf' },
  { links: ['https://server.example.test/c/9'] },
  { body: { type: 'html', content: '<a href="https://server.example.test/c/7">Join</a>' } as const },
  { body: { type: 'text', content: 'https://safe.example/?url=https%3A%2F%2Fserver.example.test%2Fc%2F1' } as const },
];

describe('an item that needs a plan', () => {
  it.each(MARKED)('%j: it needs one, and one of the signs of the rules stands in it', (more) => {
    const item = single(more);
    expect(needsPlan(item, withKeyword)).toBe(true);
    const text = JSON.stringify(item).toLowerCase();
    const found = planningRules(withKeyword).signs.filter((sign) => text.includes(JSON.stringify(sign).slice(1, -1)));
    expect(found).not.toEqual([]);
  });

  it.each([
    ['names another vendor', { location: 'https://meet.example.org/c/1' }],
    ['names nothing', {}],
    ['has the keyword inside another word', { location: 'x@trueconfy' }],
  ])('is not one that %s', (_what, more) => {
    expect(needsPlan(single(more), withKeyword)).toBe(false);
  });

  it('is one that is cancelled, carries our mark or mirrors a conference', () => {
    expect(needsPlan(single({ isCancelled: true }), settingsWith())).toBe(true);
    expect(needsPlan(single({ marker: { conferenceUrl: 'https://x/c/1' } }), settingsWith())).toBe(true);
    expect(needsPlan(single({ marker: { mirrorOf: 'x' } }), settingsWith())).toBe(true);
  });
});

describe('the fingerprint of the rules', () => {
  const of = (...input: Parameters<typeof settingsWith>): string => planningRules(settingsWith(...input)).fingerprint;

  it('is another when a server, the keyword or what may be done changes', () => {
    const prints = [of(), of({ keyword: KEYWORD }), of({ launchConference: false }), of({ servers: [] })];
    expect(new Set(prints).size).toBe(prints.length);
  });

  it('is the same whatever the order of keys, the times and the limits', () => {
    const { text, ...rest } = KEYWORD;
    expect(of({ keyword: { ...rest, text } })).toBe(of({ keyword: KEYWORD }));
    expect(of({ timing: { holdMs: 1 }, limits: { attendees: 3 } })).toBe(of());
  });
});

describe('a conference has drifted', () => {
  const conference: Conference = {
    id: conferenceId('c1'),
    topic: 'Plan',
    owner: trueConfUserId('anna@server.example.test'),
    mode: 'moderated',
    access: 'private',
    state: 'stopped',
    schedule: { type: 'none' },
    participants: [{ id: trueConfUserId('boris') }, { id: trueConfUserId('guest-of-the-house') }],
    tags: [],
    url: 'https://server.example.test/c/c1',
  };
  const managed: BoundMeeting = {
    meeting: KEY,
    binding: { serverId: SERVER, conferenceId: conference.id, ownership: 'adopted', url: conference.url },
    agreed: {
      topic: 'Plan',
      owner: trueConfUserId('anna'),
      mode: 'moderated',
      access: 'private',
      participants: [trueConfUserId('Boris@server.example.test')],
    },
  };

  it('not when it is as agreed, whoever came in besides, in whatever form the server names people', () => {
    expect(hasDrifted(managed, conference)).toBe(false);
    expect(hasDrifted(managed, { ...conference, state: 'running' })).toBe(false);
  });

  it.each<Partial<Conference>>([
    { topic: 'renamed by people' },
    { description: 'new' },
    { owner: trueConfUserId('boss') },
    { mode: 'videoLecture' },
    { access: 'public' },
    { participants: [] },
  ])('when people changed it: %j', (change) => {
    expect(hasDrifted(managed, { ...conference, ...change })).toBe(true);
  });

  it('when a complete list does not have it, once', () => {
    expect(hasDrifted(managed, undefined)).toBe(true);
    expect(hasDrifted({ ...managed, binding: { ...managed.binding, removed: true } }, undefined)).toBe(false);
  });

  it('that is only shown, when what clients are told of it is not true any more', () => {
    const { agreed: _agreed, ...rest } = managed;
    const shown = { ...rest, binding: { ...rest.binding, mode: 'moderated', access: 'private' } } as const;
    expect(hasDrifted(shown, { ...conference, topic: 'its own business' })).toBe(false);
    expect(hasDrifted(shown, { ...conference, access: 'public' })).toBe(true);
    expect(hasDrifted({ ...shown, binding: { ...shown.binding, removed: true } }, conference)).toBe(true);
  });
});
