import { trueConfUserId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { planStart, type StartJob, settle } from '../../src/index.ts';
import { ANNA, BORIS, copy, copyFor, DAY, HOUR, meeting, NOW, series, settingsWith, single } from '../build.ts';
import { World } from '../world.ts';

const LINK = 'https://server.example.test/c/100500';
const linked = () => single({ location: LINK });
const started = (world: World) => world.journal.filter((kind) => kind === 'startConference').length;

/** A settled meeting with its start owed at 10:00. */
function settled(item = linked() as ReturnType<typeof single> | ReturnType<typeof series>) {
  const world = new World();
  const current = world.settleDown(meeting([copy(ANNA, item)]));
  const job = [...world.starts.values()][0] as StartJob;
  return { world, current, job };
}

describe('starting conferences (C5)', () => {
  it('starts at the due time, rings everybody planned, and never twice', () => {
    const { world, current } = settled();
    world.now = NOW + 2 * HOUR;
    const once = world.runDue(current);
    expect(world.journal.slice(-3)).toEqual(['startConference', 'ringParticipants', 'notifyParticipants']);
    expect(once.baseline?.starts).toEqual([{ occurrenceStart: NOW + 2 * HOUR, state: 'started', at: NOW + 2 * HOUR }]);
    world.addConference('100500', { ...world.conferences.get('100500'), state: 'stopped' });
    world.settleDown(once);
    expect(world.starts.size).toBe(0);
    expect(started(world)).toBe(1);
  });

  it('is not early', () => {
    const { world, current, job } = settled();
    world.now = job.occurrenceStart - 1;
    const plan = planStart({ meeting: current, job, conference: 'absent', settings: world.settings, now: world.now });
    expect(plan.decisions).toEqual([]);
    expect(plan.startsToSchedule).toEqual([{ ...job, at: job.occurrenceStart }]);
  });

  it('starts late when the daemon was down, as long as the occurrence lasts; afterwards it is on record as missed', () => {
    const late = settled();
    late.world.now = NOW + 2 * HOUR + 59 * 60_000;
    late.world.runDue(late.current);
    expect(started(late.world)).toBe(1);
    const tooLate = settled();
    tooLate.world.now = NOW + 3 * HOUR;
    const after = tooLate.world.runDue(tooLate.current);
    expect(started(tooLate.world)).toBe(0);
    expect(after.baseline?.starts[0]?.state).toBe('missed');
  });

  it('does not run a conference the server has started by itself', () => {
    const { world, current } = settled();
    world.now = NOW + 2 * HOUR;
    world.addConference('100500', { ...world.conferences.get('100500'), state: 'running' });
    const after = world.runDue(current);
    expect(started(world)).toBe(0);
    expect(after.baseline?.starts[0]?.state).toBe('started');
  });

  it('waits while it is not certain whether the organizer deleted the event', () => {
    const { world, current, job } = settled();
    world.now = NOW + 2 * HOUR;
    const held = { ...current, copies: [copy(ANNA, linked(), world.now - 1000)] };
    const plan = planStart({
      meeting: held,
      job,
      conference: world.addConference('100500'),
      settings: world.settings,
      now: world.now,
    });
    expect(plan.startsToSchedule).toEqual([{ ...job, at: world.now - 1000 + 30_000 }]);
  });

  it('tries again soon after a failure, and gives up when the server refuses for good', () => {
    const { world, current, job } = settled();
    world.now = NOW + 2 * HOUR;
    world.failWrite = () => ({ status: 'failed', failure: { kind: 'timeout', retriable: true } });
    const retried = world.runDue(current);
    expect([...world.starts.values()]).toEqual([{ ...job, at: world.now + 2000 }]);
    expect(retried.baseline?.starts[0]?.state).toBe('scheduled');
    world.now += 2000;
    world.failWrite = () => ({ status: 'failed', failure: { kind: 'forbidden', retriable: false } });
    expect(world.runDue(retried).baseline?.starts[0]?.state).toBe('refused');
  });

  it('counts a start as done although ringing failed', () => {
    const { world, current } = settled();
    world.now = NOW + 2 * HOUR;
    world.failWrite = (decision) =>
      decision.kind === 'ringParticipants'
        ? { status: 'failed', failure: { kind: 'timeout', retriable: true } }
        : undefined;
    const after = world.runDue(current);
    expect(after.baseline).toMatchObject({ starts: [{ state: 'started' }] });
    expect(after.baseline?.retry).toBeUndefined();
  });

  it('does nothing for a job whose occurrence moved, whose meeting was cancelled, or when launchConference is off', () => {
    const { world, current, job } = settled();
    world.now = NOW + 2 * HOUR;
    const conference = world.addConference('100500');
    const run = (changed: typeof current, settings = world.settings) =>
      planStart({ meeting: changed, job, conference, settings, now: world.now }).decisions;
    const later = { ...linked(), start: NOW + 8 * HOUR, end: NOW + 9 * HOUR };
    expect(run({ ...current, copies: [copy(ANNA, later)] })).toEqual([]);
    expect(run({ ...current, copies: [copy(ANNA, { ...linked(), isCancelled: true })] })).toEqual([]);
    expect(run(current, settingsWith({ launchConference: false }))).toEqual([]);
  });

  it('schedules nothing when launchConference is off, and takes back what was scheduled', () => {
    const { world, current } = settled();
    world.settings = settingsWith({ launchConference: false });
    world.settleDown(current);
    expect(world.starts.size).toBe(0);
  });

  it('starts every occurrence of a series once over two months', () => {
    const world = new World();
    let current = world.settleDown(meeting([copy(ANNA, series({ location: LINK }))]));
    for (const end = NOW + 56 * DAY; world.now < end; world.now += 30 * 60_000) {
      current = world.settleDown(world.runDue(current));
      const conference = world.conferences.get('100500');
      if (new Date(world.now).getUTCHours() === 20 && conference) {
        world.conferences.set('100500', { ...conference, state: 'stopped' });
      }
    }
    expect(started(world)).toBe(8);
    expect(current.baseline?.starts.filter((record) => record.state === 'missed')).toEqual([]);
  });

  it('starts a shown conference for an organizer who takes part in it, and rings nobody', () => {
    const world = new World();
    world.addConference('100500', { owner: trueConfUserId('boss'), participants: [{ id: trueConfUserId('anna') }] });
    const current = world.settleDown(meeting([copy(ANNA, linked())]));
    world.now = NOW + 2 * HOUR;
    world.runDue(current);
    expect(world.journal).toEqual(['startConference']);
  });

  it('owes nothing for a meeting only attendees know of, unless its organizer takes part in the conference', () => {
    const world = new World();
    world.addConference('100500');
    world.settleDown(meeting([copy(BORIS, copyFor(linked()))]));
    expect([...world.starts.keys()]).toEqual([NOW + 2 * HOUR]);
    const stranger = new World();
    stranger.addConference('100500', { owner: trueConfUserId('boss') });
    stranger.settleDown(meeting([copy(BORIS, copyFor(linked()))]));
    expect(stranger.starts.size).toBe(0);
  });
});

describe('settling failures', () => {
  const fail = (retriable: boolean, retryAfterMs?: number) =>
    ({
      status: 'failed',
      failure: { kind: 'unavailable', retriable, ...(retryAfterMs !== undefined && { retryAfterMs }) },
    }) as const;

  it('comes back later each time, never before the announced pause, and forgets it after a success', () => {
    const world = new World();
    let current = meeting([copy(ANNA, linked())]);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const plan = world.plan(current);
      const { settlement } = settle(current.baseline, plan, [fail(true)], world.now, 0);
      delays.push((settlement.planAgainAt ?? 0) - world.now);
      current = { ...current, baseline: settlement.baseline };
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000]);
    const paused = settle(current.baseline, world.plan(current), [fail(true, 120_000)], world.now, 0);
    expect(paused.settlement.planAgainAt).toBe(world.now + 120_000);
    expect(world.settleDown(current).baseline?.retry).toBeUndefined();
  });

  it('shows a refusal and asks again at the longest interval', () => {
    const world = new World();
    const first = meeting([copy(ANNA, linked())]);
    const { settlement } = settle(undefined, world.plan(first), [fail(false)], NOW, 0.999);
    expect(settlement.baseline.blocked?.reason).toBe('refusedByServer');
    expect(settlement.planAgainAt).toBeGreaterThan(NOW + 250_000);
    expect(settlement.startsToSchedule).toEqual([]);
  });

  it('keeps what succeeded before a later decision failed', () => {
    const world = new World();
    world.addConference('100500', { topic: 'old' });
    world.failWrite = (decision) => (decision.kind === 'addParticipants' ? fail(true) : undefined);
    const { meeting: next } = world.round(meeting([copy(ANNA, linked())]));
    expect(next.baseline?.agreed).toMatchObject({ topic: 'Weekly review', participants: [] });
    world.failWrite = undefined;
    world.journal.length = 0;
    world.settleDown(next);
    expect(world.journal).toEqual(['addParticipants']);
  });

  it('has nothing to commit when nothing changed and nothing is owed', () => {
    const world = new World();
    const current = world.settleDown(meeting([copy(ANNA, single())]));
    expect(settle(current.baseline, world.plan(current), [], NOW, 0).changed).toBe(false);
  });

  it('names the next look even when nothing has to be committed: no other job may be left that does it', () => {
    const world = new World();
    const current = world.settleDown(meeting([copy(ANNA, linked())]));
    const { settlement, changed } = settle(current.baseline, world.plan(current), [], NOW, 0);
    expect(changed).toBe(false);
    expect(settlement.planAgainAt).toBe(NOW + 2 * HOUR - 300_000);
  });

  it('makes a start again whose job was lost, once in a while', () => {
    const { world, current } = settled();
    world.now = NOW + 2 * HOUR + 30_000;
    world.starts.clear();
    const { meeting: next, plan } = world.round(current);
    expect(plan.startsToSchedule).toMatchObject([{ occurrenceStart: NOW + 2 * HOUR, at: world.now }]);
    expect(world.plan(next).startsToSchedule).toEqual([]);
    world.runDue(next);
    expect(started(world)).toBe(1);
  });

  it('finds its own conference after a lost answer (I9)', () => {
    const world = new World();
    const first = meeting([copy(ANNA, linked())]);
    const plan = world.plan(first);
    world.commit(first, plan);
    const { settlement } = settle(undefined, plan, [fail(true)], NOW, 0);
    world.settleDown({ ...first, baseline: settlement.baseline });
    expect(world.conferences.size).toBe(1);
    expect(world.journal).toEqual(['createConference']);
  });
});
