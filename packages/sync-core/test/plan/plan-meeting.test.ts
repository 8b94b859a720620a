import { CONNECTOR_TAG, itemId, meetingKey, trueConfUserId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import {
  conferenceIdFor,
  type Decision,
  explain,
  lookupsFor,
  planMeeting,
  type StoredMeeting,
} from '../../src/index.ts';
import {
  ANNA,
  attendee,
  BORIS,
  CLARA,
  copy,
  copyFor,
  DAY,
  exception,
  HOUR,
  KEY,
  meeting,
  NOW,
  SERVER,
  series,
  settingsWith,
  single,
} from '../build.ts';
import { World } from '../world.ts';

const LINK = 'https://server.example.test/c/100500';
const linked = () => single({ location: LINK });
const kinds = (decisions: readonly Decision[]) => decisions.map((decision) => decision.kind);
const keyword = { text: '@trueconf', serverId: SERVER, mode: 'smartMeeting', access: 'private' } as const;

describe('planning a meeting with a conference (C3, C4)', () => {
  it('asks for nothing and does nothing when no conference is named (R00)', () => {
    const world = new World();
    const plain = meeting([copy(ANNA, single())]);
    expect(lookupsFor(plain, world.settings, NOW)).toEqual({ users: { emails: [] } });
    const plan = world.plan(plain);
    expect(plan).toMatchObject({ decisions: [], fired: [{ rule: 'R00', why: 'noLink' }] });
    expect(plan.planAgainAt).toBeUndefined();
  });

  it('asks for the conference, the people and the delegates of an unknown link', () => {
    expect(lookupsFor(meeting([copy(ANNA, linked())]), settingsWith(), NOW)).toEqual({
      conference: { serverId: SERVER, conferenceId: '100500' },
      users: { serverId: SERVER, emails: [ANNA, BORIS] },
      delegatesOf: ANNA,
    });
  });

  it('adopts a conference of the organizer and brings it in step (R03)', () => {
    const world = new World();
    world.addConference('100500', { topic: 'old title', participants: [{ id: trueConfUserId('clara') }] });
    const settled = world.settleDown(meeting([copy(ANNA, linked())]));
    expect(world.conferences.get('100500')).toMatchObject({
      topic: 'Weekly review',
      mode: 'moderated',
      participants: [{ id: 'clara' }, { id: 'boris' }],
    });
    expect(settled.baseline?.binding).toMatchObject({
      ownership: 'adopted',
      conferenceId: '100500',
      mode: 'moderated',
    });
    expect([...world.starts.keys()]).toEqual([NOW + 2 * HOUR]);
  });

  it('moves a planned conference with its event', () => {
    const world = new World();
    world.addConference('100500', { schedule: { type: 'once', start: NOW + 2 * HOUR, durationSeconds: 3600 } });
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    const moved = { ...linked(), start: NOW + 5 * HOUR, end: NOW + 6 * HOUR };
    world.settleDown({ ...first, copies: [copy(ANNA, moved)] });
    expect(world.conferences.get('100500')?.schedule).toEqual({
      type: 'once',
      start: NOW + 5 * HOUR,
      durationSeconds: 3600,
    });
    expect([...world.starts.keys()]).toEqual([NOW + 5 * HOUR]);
  });

  it('makes the principal the owner when a delegate created the conference (C10)', () => {
    const world = new World();
    world.addConference('100500', { owner: trueConfUserId('clara') });
    world.delegates = [trueConfUserId('clara')];
    world.settleDown(meeting([copy(ANNA, linked())]));
    expect(world.conferences.get('100500')?.owner).toBe('anna');
  });

  it("does not touch somebody else's conference whose link was pasted into an event (R43)", () => {
    const world = new World();
    world.addConference('100500', { owner: trueConfUserId('boss'), topic: 'Board' });
    const settled = world.settleDown(meeting([copy(ANNA, linked())]));
    expect(world.journal).toEqual([]);
    expect(settled.baseline?.blocked?.reason).toBe('notOrganizersConference');
    expect(settled.baseline?.binding?.conferenceId).toBe('100500');
    world.settleDown({ ...settled, copies: [copy(ANNA, { ...linked(), isCancelled: true })] });
    expect(world.conferences.get('100500')?.topic).toBe('Board');
  });

  it('leaves a room that another meeting manages to that meeting', () => {
    const world = new World();
    world.addConference('100500', { topic: 'Room' });
    world.boundTo = meetingKey({ uid: 'other' });
    const settled = world.settleDown(meeting([copy(ANNA, linked())]));
    expect(settled.baseline?.sharedWith).toBe('uid:other');
    world.boundTo = KEY;
    world.settleDown(settled);
    expect(world.conferences.get('100500')?.topic).toBe('Room');
    expect(world.starts.size).toBe(1);
  });

  it('never acts on what only attendees say: a synced invitation from outside shows the conference (R05)', () => {
    const world = new World();
    world.addConference('100500', { topic: 'Board' });
    const invitation = copyFor(single({ location: LINK, organizer: { name: 'Mallory', address: 'm@evil.test' } }));
    const settled = world.settleDown(meeting([copy(BORIS, invitation)]));
    world.settleDown({ ...settled, copies: [copy(BORIS, { ...invitation, isCancelled: true })] });
    expect(world.journal).toEqual([]);
    expect(world.starts.size).toBe(0);
  });

  it('leaves a conference that was only shown alone when the invitation is cancelled, and asks nothing more (R07)', () => {
    const world = new World();
    world.addConference('100500', { topic: 'Board' });
    const shown = world.settleDown(meeting([copy(BORIS, copyFor(linked()))]));
    expect(shown.baseline?.binding).toMatchObject({ ownership: 'adopted', conferenceId: '100500' });
    const cancelled = { ...shown, copies: [copy(BORIS, copyFor({ ...linked(), isCancelled: true }))] };
    const { plan, meeting: settled } = world.round(cancelled);
    expect(plan.fired.map((firing) => firing.rule)).toEqual(['R07']);
    expect(plan).not.toHaveProperty('blocked');
    expect(plan).not.toHaveProperty('planAgainAt');
    expect(settled.baseline).toMatchObject({ cancelled: true });
    expect(world.conferences.size).toBe(1);
  });

  it("asks whose a shown conference is before the organizer's cancellation ends it", () => {
    for (const [owner, left] of [
      ['anna', 0],
      ['clara', 1],
    ] as const) {
      const world = new World();
      world.addConference('100500', { topic: 'Board', owner: trueConfUserId(owner) });
      const shown = world.settleDown(meeting([copy(BORIS, copyFor(linked()))]));
      const copies = [copy(ANNA, { ...linked(), isCancelled: true })];
      expect(lookupsFor({ ...shown, copies }, world.settings, NOW).users.emails).toEqual([ANNA]);
      world.settleDown({ ...shown, copies });
      expect(world.conferences.size).toBe(left);
    }
  });

  it('makes the conference behind a whitelisted link when the server does not have it (R02)', () => {
    const world = new World();
    world.settleDown(meeting([copy(ANNA, linked())]));
    expect(world.conferences.get('100500')).toMatchObject({ owner: 'anna', tags: [CONNECTOR_TAG] });
    expect(world.journal).toEqual(['createConference']);
  });

  it('keeps people added on the server by hand, removes those taken out of the event', () => {
    const world = new World();
    const both = single({ location: LINK, attendees: [attendee(BORIS), attendee(CLARA)] });
    const first = world.settleDown(meeting([copy(ANNA, both)]));
    const conference = world.conferences.get('100500');
    world.addConference('100500', {
      ...conference,
      participants: [...(conference?.participants ?? []), { id: trueConfUserId('guest') }],
    });
    world.settleDown({ ...first, copies: [copy(ANNA, { ...both, attendees: [attendee(BORIS)] })] });
    expect(world.conferences.get('100500')?.participants.map((person) => person.id)).toEqual(['boris', 'guest']);
  });

  it('leaves participants alone when syncConferenceParticipants is false', () => {
    const world = new World();
    world.settings = settingsWith({ syncConferenceParticipants: false });
    world.addConference('100500', { participants: [{ id: trueConfUserId('clara') }] });
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.settleDown({ ...first, copies: [copy(ANNA, { ...linked(), attendees: [] })] });
    expect(world.conferences.get('100500')?.participants.map((person) => person.id)).toEqual(['clara']);
  });

  it('removes nobody for an account that could not be looked up', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    const conference = world.conferences.get('100500');
    const lookups = { conference: conference ?? 'absent', users: new Map() } as const;
    const plan = planMeeting({ meeting: first, lookups, settings: world.settings, now: NOW });
    expect(plan.decisions).toEqual([]);
    expect(plan.fired).toContainEqual({ rule: 'R47', why: 'accountsUnknown' });
  });

  it('waits with title and people while the conference runs, and rings those who were added (R25, R26)', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    const conference = world.conferences.get('100500');
    world.addConference('100500', { ...conference, state: 'running' });
    const changed = single({ location: LINK, subject: 'New', attendees: [attendee(CLARA)] });
    const { plan, meeting: next } = world.round({ ...first, copies: [copy(ANNA, changed)] });
    expect(kinds(plan.decisions)).toEqual(['wait', 'addParticipants', 'ringParticipants']);
    expect(plan.decisions[0]).toMatchObject({ fields: ['topic', 'participants'] });
    expect(plan.planAgainAt).toBe(NOW + 60_000);
    world.addConference('100500', { ...world.conferences.get('100500'), state: 'stopped' });
    world.settleDown(next);
    expect(world.conferences.get('100500')).toMatchObject({ topic: 'New', participants: [{ id: 'clara' }] });
  });

  it('cuts and cleans titles: 240 code points, no control characters, never empty', () => {
    const world = new World();
    world.settleDown(meeting([copy(ANNA, single({ location: LINK, subject: `a\u0000b\u202e${'🎉'.repeat(300)}` }))]));
    const topic = world.conferences.get('100500')?.topic ?? '';
    expect([...topic]).toHaveLength(240);
    expect(topic).toMatch(/^a b 🎉+$/u);
    const empty = new World();
    empty.settleDown(meeting([copy(ANNA, single({ location: LINK, subject: ' ' }))]));
    expect(empty.conferences.get('100500')?.topic).toBe('No subject');
  });

  it('never shows the subject of a private meeting in a conference (I10)', () => {
    const world = new World();
    const secret = single({ location: LINK, subject: 'Dismissal of B.' });
    const attendeesCopy = copyFor(secret, { sensitivity: 'private' });
    world.settings = settingsWith({ language: 'ru' });
    const plan = world.plan(meeting([copy(ANNA, secret), copy(BORIS, attendeesCopy)]));
    expect(JSON.stringify(plan)).not.toContain('Dismissal');
    world.settleDown(meeting([copy(ANNA, secret), copy(BORIS, attendeesCopy)]));
    expect(world.conferences.get('100500')?.topic).toBe('Закрытая встреча');
  });

  it('shows why nothing is done for an organizer without an account (R40), or uses the fallback owner', () => {
    const world = new World();
    world.users.delete(ANNA);
    const { plan, meeting: next } = world.round(meeting([copy(ANNA, linked())]));
    expect(plan.decisions).toEqual([]);
    expect(next.baseline?.blocked).toEqual({ reason: 'organizerWithoutAccount', since: NOW });
    // An account may be made later, and nothing in Exchange says so.
    expect(plan.planAgainAt).toBe(NOW + world.settings.timing.retryCapMs);
    world.settings = settingsWith({ ownerless: 'fallback', fallbackOwner: trueConfUserId('service') });
    world.settleDown(next);
    expect(world.conferences.get('100500')?.owner).toBe('service');
  });

  it('invites people without an account by e-mail to public conferences only, when the policy says so', () => {
    const world = new World();
    world.users.delete(BORIS);
    world.settings = settingsWith({ unknownAttendees: 'guest' });
    world.addConference('100500', { access: 'public' });
    world.settleDown(meeting([copy(ANNA, linked())]));
    expect(world.conferences.get('100500')?.participants).toEqual([{ id: BORIS, displayName: 'boris' }]);
    const closed = new World();
    closed.users.delete(BORIS);
    closed.settings = world.settings;
    closed.addConference('100500');
    closed.settleDown(meeting([copy(ANNA, linked())]));
    expect(closed.conferences.get('100500')?.participants).toEqual([]);
  });

  describe('whose time a schedule cannot say, and then can again', () => {
    const hour = single({ location: LINK });
    const wholeDay = single({ location: LINK, start: NOW + DAY, end: NOW + 2 * DAY });
    const once = { type: 'once', start: hour.start, durationSeconds: (hour.end - hour.start) / 1000 };

    it('gets its schedule back, if it was the connector that took it', () => {
      const world = new World();
      world.addConference('100500', { schedule: { ...once, type: 'once' } });
      let current = world.settleDown(meeting([copy(ANNA, hour)]));
      current = world.settleDown({ ...current, copies: [copy(ANNA, wholeDay)] });
      expect(world.conferences.get('100500')?.schedule).toEqual({ type: 'none' });
      current = world.settleDown({ ...current, copies: [copy(ANNA, { ...wholeDay, subject: 'Other' })] });
      current = world.settleDown({ ...current, copies: [copy(ANNA, hour)] });
      expect(world.conferences.get('100500')?.schedule).toEqual(once);
      world.settleDown({ ...current, copies: [copy(ANNA, series({ location: LINK }))] });
      expect(world.conferences.get('100500')?.schedule).toEqual({ type: 'none' });
    });

    it('gets one, if the connector made it without', () => {
      const world = new World();
      const made = world.settleDown(meeting([copy(ANNA, wholeDay)]));
      expect(world.conferences.get('100500')?.schedule).toEqual({ type: 'none' });
      world.settleDown({ ...made, copies: [copy(ANNA, hour)] });
      expect(world.conferences.get('100500')?.schedule).toEqual(once);
    });

    it('stays a room, if people made it one', () => {
      const world = new World();
      world.addConference('100500');
      const adopted = world.settleDown(meeting([copy(ANNA, wholeDay)]));
      world.settleDown({ ...adopted, copies: [copy(ANNA, hour)] });
      expect(world.conferences.get('100500')?.schedule).toEqual({ type: 'none' });
    });
  });
});

describe('ending a meeting', () => {
  it('stops and removes the conference of a cancelled meeting, adopted or not, and keeps the event (C9)', () => {
    const world = new World();
    world.addConference('100500');
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.addConference('100500', { ...world.conferences.get('100500'), state: 'running' });
    world.journal.length = 0;
    const ended = world.settleDown({ ...first, copies: [copy(ANNA, { ...linked(), isCancelled: true })] });
    expect(world.journal).toEqual(['stopConference', 'removeConference']);
    expect(world.starts.size).toBe(0);
    expect(ended.copies).toHaveLength(1);
    expect(ended.baseline).toMatchObject({ cancelled: true, removed: true, binding: { removed: true } });
  });

  it("removes the conference once the organizer's deletion is certain, and attendees' copies do not bring it back", () => {
    const world = new World();
    const both = [copy(ANNA, linked()), copy(BORIS, copyFor(linked()))];
    const first = world.settleDown(meeting(both));
    const held = { ...first, copies: [copy(ANNA, linked(), NOW), copy(BORIS, copyFor(linked()))] };
    const { plan, meeting: waiting } = world.round(held);
    expect(plan.decisions).toEqual([]);
    expect(plan.planAgainAt).toBe(NOW + 30_000);
    world.now = NOW + 30_000;
    const ended = world.settleDown(waiting);
    expect(ended.copies.map((entry) => entry.mailbox)).toEqual([BORIS]);
    expect(world.conferences.size).toBe(0);
    world.journal.length = 0;
    world.settleDown(ended);
    expect(world.journal).toEqual([]);
  });

  it('does not believe a deletion before the mailbox was read again', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + HOUR;
    const gone = { ...first, copies: [copy(ANNA, linked(), NOW)] };
    expect(lookupsFor(gone, world.settings, world.now).confirm).toEqual({ mailbox: ANNA, itemId: 'item-1' });
    const lookups = { ...world.lookups(gone), removalConfirmed: false };
    const plan = planMeeting({ meeting: gone, lookups, settings: world.settings, now: world.now });
    expect(plan).toMatchObject({ decisions: [], removals: [], fired: [{ rule: 'R10', why: 'removalUnconfirmed' }] });
    expect(plan.planAgainAt).toBe(world.now + 30_000);
    world.settleDown(gone);
    expect(world.conferences.size).toBe(0);
  });

  it('believes a deletion that was doubted once only when the meeting stays away for two holds', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    let gone: StoredMeeting = { ...first, copies: [copy(ANNA, linked(), NOW)] };
    const check = (at: number, removalConfirmed: boolean) => {
      world.now = NOW + at;
      const lookups = { ...world.lookups(gone), removalConfirmed };
      const plan = planMeeting({ meeting: gone, lookups, settings: world.settings, now: world.now });
      gone = world.commit(gone, plan);
      return plan.decisions.map((decision) => decision.kind);
    };
    expect(check(30_000, false)).toEqual([]);
    expect(check(60_000, true)).toEqual([]);
    expect(check(61_000, false)).toEqual([]);
    expect(check(91_000, true)).toEqual([]);
    expect(check(121_000, true)).toEqual(['removeConference']);
    expect(gone.baseline).not.toHaveProperty('doubtedAt');
  });

  it('forgets the doubt when the meeting is there after all', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + 30_000;
    const gone = { ...first, copies: [copy(ANNA, linked(), NOW)] };
    const lookups = { ...world.lookups(gone), removalConfirmed: false };
    const doubted = world.commit(
      gone,
      planMeeting({ meeting: gone, lookups, settings: world.settings, now: world.now }),
    );
    expect(doubted.baseline?.doubtedAt).toBe(world.now);
    const back = world.settleDown({ ...doubted, copies: [copy(ANNA, linked())] });
    expect(back.baseline).not.toHaveProperty('doubtedAt');
  });

  it('finishes the removal later when the server was away, though the row has gone by then', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + HOUR;
    world.reachable = false;
    const { meeting: gone } = world.round({ ...first, copies: [copy(ANNA, linked(), NOW)] });
    expect(gone.copies).toEqual([]);
    world.reachable = true;
    world.now += HOUR;
    world.settleDown(gone);
    expect(world.conferences.size).toBe(0);
  });

  it('makes the conference again when the organizer restores the deleted event', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + HOUR;
    const gone = world.settleDown({ ...first, copies: [copy(ANNA, linked(), NOW)] });
    expect(world.conferences.size).toBe(0);
    world.settleDown({ ...gone, copies: [copy(ANNA, { ...linked(), itemId: itemId('restored') })] });
    expect(world.conferences.size).toBe(1);
  });

  it('removes a conference that it made again without knowing, for a meeting that lived once more and ended (I9)', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + HOUR;
    const gone = world.settleDown({ ...first, copies: [copy(ANNA, linked(), NOW)] });
    const restored = { ...linked(), itemId: itemId('restored') };
    for (const decision of world.plan({ ...gone, copies: [copy(ANNA, restored)] }).decisions) world.carryOut(decision);
    expect(world.conferences.size).toBe(1);
    const endedAgain = { ...gone, copies: [copy(ANNA, { ...restored, isCancelled: true })] };
    const request = lookupsFor(endedAgain, world.settings, world.now);
    expect(request).toMatchObject({ conference: { conferenceId: '100500' }, users: { emails: [] } });
    expect(request).not.toHaveProperty('delegatesOf');
    const settled = world.settleDown(endedAgain);
    expect(world.conferences.size).toBe(0);
    expect(world.plan(settled).decisions).toEqual([]);
  });

  it('leaves a conference alone that people made under the id of one it had removed', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    const cancelled = { ...first, copies: [copy(ANNA, { ...linked(), isCancelled: true })] };
    const settled = world.settleDown(cancelled);
    world.addConference('100500', { state: 'running' });
    expect(world.plan(settled)).toMatchObject({ decisions: [], fired: [{ rule: 'R07' }] });
  });

  it('takes cleaning up the calendar after the meeting for no cancellation', () => {
    const world = new World();
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + DAY;
    world.settleDown({ ...first, copies: [copy(ANNA, linked(), NOW + DAY - HOUR)] });
    expect(world.conferences.size).toBe(1);
  });

  it('does nothing for meetings that were over before they were first seen', () => {
    const world = new World();
    world.now = NOW + 30 * DAY;
    const plan = world.plan(meeting([copy(ANNA, linked())]));
    expect(plan).toMatchObject({ decisions: [], fired: [{ rule: 'R12' }] });
    expect(lookupsFor(meeting([copy(ANNA, linked())]), world.settings, world.now).conference).toBeUndefined();
  });

  it('lets go of an adopted conference whose link was taken out, removes one it had made', () => {
    const world = new World();
    world.addConference('100500');
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    const released = world.settleDown({ ...first, copies: [copy(ANNA, single())] });
    expect(world.conferences.size).toBe(1);
    expect(released.baseline?.binding).toBeUndefined();
    expect(world.starts.size).toBe(0);
  });

  it('keeps the binding when the body could not be read: a missing link proves nothing then', () => {
    const world = new World();
    const inBody = single({ body: { type: 'html', content: `<a href="${LINK}">` } });
    const first = world.settleDown(meeting([copy(ANNA, inBody)]));
    const { body: _body, ...unread } = inBody;
    const next = world.settleDown({ ...first, copies: [copy(ANNA, unread)] });
    expect(next.baseline?.binding?.conferenceId).toBe('100500');
  });

  it('moves over to another link and forgets the starts of the old conference', () => {
    const world = new World();
    world.addConference('100500');
    world.addConference('200', { topic: 'x' });
    const first = world.settleDown(meeting([copy(ANNA, linked())]));
    const next = world.settleDown({
      ...first,
      copies: [copy(ANNA, single({ location: 'https://server.example.test/c/200' }))],
    });
    expect(next.baseline?.binding?.conferenceId).toBe('200');
    expect([...world.starts.values()].map((job) => job.conferenceId)).toEqual(['200']);
    expect(world.conferences.has('100500')).toBe(true);
  });
});

describe('conferences made by keyword', () => {
  const asked = single({ location: 'Room 5 @TrueConf' });

  it('are off by default', () => {
    const world = new World();
    world.settleDown(meeting([copy(ANNA, asked)]));
    expect(world.conferences.size).toBe(0);
  });

  it('are made once under an id of their own, and the link is written back once (R01, R30)', () => {
    const world = new World();
    world.settings = settingsWith({ keyword });
    world.item = asked;
    const first = world.settleDown(meeting([copy(ANNA, asked)]));
    const id = conferenceIdFor(KEY);
    expect([...world.conferences.keys()]).toEqual([id]);
    expect(world.item).toMatchObject({
      location: `Room 5 https://server.example.test/c/${id}`,
      marker: { conferenceUrl: `https://server.example.test/c/${id}` },
    });
    world.settleDown(first);
    expect(world.journal).toEqual(['createConference', 'writeJoinLink']);
  });

  it('do not take the room away that somebody entered while the link was written (R30)', () => {
    const world = new World();
    world.settings = settingsWith({ keyword });
    world.item = single({ ...asked, location: 'Room 7 @trueconf' });
    const { meeting: made } = world.round(meeting([copy(ANNA, asked)]));
    const { meeting: first } = world.round({ ...made, copies: [copy(ANNA, asked)] });
    expect(world.journal).toContain('writeJoinLink');
    expect(world.item.location).toBe('Room 7 @trueconf');
    world.now += 60_000;
    world.settleDown({ ...first, copies: [copy(ANNA, world.item)] });
    expect(world.item.location).toBe(`Room 7 https://server.example.test/c/${conferenceIdFor(KEY)}`);
  });

  it('leave as much of a long place as Exchange has room for beside the link (R30)', () => {
    const world = new World();
    world.settings = settingsWith({ keyword });
    world.item = single({ location: `${'Wing B, floor 3, '.repeat(14)}@trueconf` });
    world.settleDown(meeting([copy(ANNA, world.item)]));
    expect(world.item.location).toMatch(/^Wing B, floor 3, .*… https:\/\/server\.example\.test\/c\/cal_/);
    expect(world.item.location.length).toBeLessThanOrEqual(255);
  });

  it('are not made for a word that only contains the keyword, nor for invitations from others', () => {
    const world = new World();
    world.settings = settingsWith({ keyword });
    world.settleDown(meeting([copy(ANNA, single({ location: 'x@trueconfy' }))]));
    world.settleDown(meeting([copy(BORIS, copyFor(asked))]));
    expect(world.conferences.size).toBe(0);
  });

  it('write nothing to calendars under read access (I6)', () => {
    const world = new World();
    world.settings = settingsWith({ keyword, access: 'read' });
    world.settleDown(meeting([copy(ANNA, asked)]));
    expect(world.journal).toEqual(['createConference']);
  });

  it('do not take over a foreign conference with their id (R42)', () => {
    const world = new World();
    world.settings = settingsWith({ keyword });
    world.addConference(conferenceIdFor(KEY), { owner: trueConfUserId('boss'), topic: 'Board' });
    const { plan } = world.round(meeting([copy(ANNA, asked)]));
    expect(plan.anomalies).toMatchObject([{ kind: 'conferenceConflict' }]);
    expect(world.journal).toEqual([]);
  });

  it('are ended with their meeting even when the answer of their making was lost and never settled', () => {
    for (const away of [false, true]) {
      const world = new World();
      world.settings = settingsWith({ keyword });
      const unsettled = meeting([copy(ANNA, asked)]);
      world.commit(unsettled, world.plan(unsettled));
      world.now += HOUR;
      world.reachable = !away;
      const { meeting: gone } = world.round({ ...unsettled, copies: [copy(ANNA, asked, NOW)] });
      world.reachable = true;
      world.now += HOUR / 2;
      world.settleDown(gone);
      expect(world.conferences.size).toBe(0);
    }
  });

  it('are removed when the keyword and the link are taken out (R09)', () => {
    const world = new World();
    world.settings = settingsWith({ keyword });
    const first = world.settleDown(meeting([copy(ANNA, asked)]));
    const next = world.settleDown({ ...first, copies: [copy(ANNA, single())] });
    expect(world.conferences.size).toBe(0);
    expect(next.baseline?.binding).toBeUndefined();
  });
});

describe('a recurring meeting (C8)', () => {
  const weekly = (more: Parameters<typeof series>[0] = {}) => series({ location: LINK, ...more });

  it('has one lasting room and owes only its next start', () => {
    const world = new World();
    world.settleDown(meeting([copy(ANNA, weekly())]));
    expect(world.conferences.get('100500')?.schedule).toEqual({ type: 'none' });
    expect([...world.starts.keys()]).toEqual([NOW + 2 * HOUR]);
  });

  it('owes the start of the following occurrence once one has begun', () => {
    const world = new World();
    let current = world.settleDown(meeting([copy(ANNA, weekly())]));
    world.now = NOW + 2 * HOUR;
    current = world.runDue(current);
    world.settleDown(current);
    expect(world.journal.filter((kind) => kind === 'startConference')).toHaveLength(1);
    expect([...world.starts.keys()]).toEqual([NOW + 7 * DAY + 2 * HOUR]);
  });

  it('follows moved, cancelled and deleted occurrences', () => {
    const world = new World();
    const originalStart = NOW + 2 * HOUR;
    const moved = { originalStart, start: NOW + 4 * HOUR, end: NOW + 5 * HOUR };
    world.settleDown(
      meeting([copy(ANNA, weekly({ modifiedOccurrences: [moved], exceptions: [exception(originalStart, moved)] }))]),
    );
    expect([...world.starts.keys()]).toEqual([NOW + 4 * HOUR]);
    const deleted = new World();
    deleted.settleDown(meeting([copy(ANNA, weekly({ deletedOccurrences: [originalStart] }))]));
    expect([...deleted.starts.keys()]).toEqual([NOW + 7 * DAY + 2 * HOUR]);
    const cancelled = new World();
    const same = { originalStart, start: originalStart, end: originalStart + HOUR };
    const off = exception(originalStart, { isCancelled: true });
    cancelled.settleDown(meeting([copy(ANNA, weekly({ modifiedOccurrences: [same], exceptions: [off] }))]));
    expect([...cancelled.starts.keys()]).toEqual([NOW + 7 * DAY + 2 * HOUR]);
  });

  it('gives the room the people and title of the occurrence that is next', () => {
    const world = new World();
    const originalStart = NOW + 2 * HOUR;
    const same = { originalStart, start: originalStart, end: originalStart + HOUR };
    const special = exception(originalStart, { subject: 'With Clara', attendees: [attendee(CLARA)] });
    const item = weekly({ modifiedOccurrences: [same], exceptions: [special] });
    const first = world.settleDown(meeting([copy(ANNA, item)]));
    expect(world.conferences.get('100500')).toMatchObject({ topic: 'With Clara', participants: [{ id: 'clara' }] });
    world.now = NOW + 3 * HOUR;
    world.settleDown(first);
    expect(world.conferences.get('100500')).toMatchObject({ topic: 'Weekly review', participants: [{ id: 'boris' }] });
  });

  it('shows a series it cannot understand and owes no start for it', () => {
    const world = new World();
    world.addConference('100500');
    const broken = weekly({
      recurrence: { pattern: { type: 'Daily', interval: -1 }, range: { type: 'NoEnd', startDate: 'x' } },
    });
    const settled = world.settleDown(meeting([copy(ANNA, broken)]));
    expect(settled.baseline?.blocked?.reason).toBe('recurrenceUnreadable');
    expect(world.starts.size).toBe(0);
  });
});

describe('guards', () => {
  it('never write to a server that is read-only by configuration (I6)', () => {
    const world = new World();
    world.settings = settingsWith({ servers: [{ id: SERVER, hosts: ['server.example.test'], access: 'read' }] });
    world.addConference('100500', { topic: 'old' });
    const { plan } = world.round(meeting([copy(ANNA, linked())]));
    expect(plan.decisions).toEqual([]);
    expect(plan.startsToSchedule).toEqual([]);
    expect(plan.blocked?.reason).toBe('serverReadOnly');
  });

  it('stop a meeting that is written over and over (R41)', () => {
    const world = new World();
    world.settings = settingsWith({ limits: { writesPerWindow: 3 } });
    let current = world.settleDown(meeting([copy(ANNA, linked())]));
    for (let count = 0; count < 5; count += 1) {
      world.addConference('100500', { ...world.conferences.get('100500'), topic: `fight ${count}` });
      current = world.round(current).meeting;
    }
    const plan = world.plan(current);
    expect(plan.anomalies).toMatchObject([{ kind: 'loop' }]);
    expect(world.journal.filter((kind) => kind === 'updateConference')).toHaveLength(2);
    world.now += HOUR;
    world.settleDown(current);
    expect(world.conferences.get('100500')?.topic).toBe('Weekly review');
  });

  it('leave a mirror of a conference alone: no echo (I4)', () => {
    const world = new World();
    world.addConference('100500');
    const mirror = single({ location: LINK, marker: { mirrorOf: `${SERVER}/100500` } });
    expect(world.plan(meeting([copy(ANNA, mirror)]))).toMatchObject({ decisions: [], fired: [{ rule: 'R13' }] });
  });
});

describe('explaining a plan', () => {
  it('says what, by which rule and why in both languages, and names no subject', () => {
    const world = new World();
    const plan = world.plan(meeting([copy(ANNA, linked())]));
    expect(explain(plan, 'en')).toMatch(/^1\. R02 create the conference behind the link \[100500\] — because/m);
    expect(explain(plan, 'ru')).toMatch(/^1\. R02 создать конференцию/m);
    expect(explain(plan, 'en')).not.toContain('Weekly review');
  });
});
