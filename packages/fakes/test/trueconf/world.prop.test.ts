/** A random life of the TrueConf world against a small model: what is created, run, stopped, scheduled and deleted adds up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrueConfRefusal } from '../../src/trueconf/world/refusal.ts';
import { nextStart } from '../../src/trueconf/world/schedule.ts';
import { TrueConfWorld } from '../../src/trueconf/world/trueconf-world.ts';
import { WorldClock } from '../../src/world/clock.ts';

const IDS = ['a', 'b', 'c'] as const;
const START = Date.UTC(2026, 2, 2, 8);

interface ModelConference {
  isRunning: boolean;
  startAt: number | undefined;
  isInvited: boolean;
}
interface Model {
  now: number;
  readonly conferences: Map<string, ModelConference>;
  /** runs of every id, deleted conferences included */
  readonly runs: Map<string, number>;
}

/** What fell due by the model's clock. */
function settle(model: Model): void {
  for (const [id, one] of model.conferences) {
    if (one.startAt === undefined || one.startAt > model.now) continue;
    one.startAt = undefined;
    if (!one.isRunning) start(model, id, one);
  }
}

function start(model: Model, id: string, one: ModelConference): void {
  one.isRunning = true;
  model.runs.set(id, (model.runs.get(id) ?? 0) + 1);
}

function outcome(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof TrueConfRefusal) return error.reason;
    throw error;
  }
}

type Step = (model: Model, world: TrueConfWorld, clock: WorldClock) => void;
const id = fc.constantFrom(...IDS);

function expectOutcome(
  model: Model,
  key: string,
  wanted: (one: ModelConference) => string,
  work: () => unknown,
  effect: (one: ModelConference) => void,
): void {
  settle(model);
  const one = model.conferences.get(key);
  const expected = one ? wanted(one) : 'conferenceNotFound';
  expect(outcome(work)).toBe(expected);
  if (one && expected === 'done') effect(one);
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(id, fc.option(fc.integer({ min: 0, max: 7200 }))).map(
    ([key, delay]): Step =>
      (model, world) => {
        settle(model);
        const isKnown = model.conferences.has(key);
        const startSeconds = (model.now - (model.now % 1000)) / 1000 + (delay ?? 0) + 1;
        const schedule =
          delay === null
            ? ({ type: 'none' } as const)
            : ({ type: 'once', startSeconds, durationSeconds: 600, offsetMinutes: 0 } as const);
        expect(outcome(() => world.createConference({ id: key, topic: key, owner: 'user1', schedule }))).toBe(
          isKnown ? 'uniqueValueAlreadyInUse' : 'done',
        );
        const startAt = delay === null ? undefined : startSeconds * 1000;
        if (!isKnown) model.conferences.set(key, { isRunning: false, startAt, isInvited: false });
      },
  ),
  id.map(
    (key): Step =>
      (model, world) =>
        expectOutcome(
          model,
          key,
          (one) => (one.isRunning ? 'conferenceIsRunning' : 'done'),
          () => world.runConference(key),
          (one) => start(model, key, one),
        ),
  ),
  id.map(
    (key): Step =>
      (model, world) =>
        expectOutcome(
          model,
          key,
          (one) => (one.isRunning ? 'done' : 'conferenceIsStopped'),
          () => world.stopConference(key),
          (one) => {
            one.isRunning = false;
          },
        ),
  ),
  id.map(
    (key): Step =>
      (model, world) =>
        expectOutcome(
          model,
          key,
          (one) => (one.isRunning ? 'conferenceIsRunning' : 'done'),
          () => world.deleteConference(key),
          () => model.conferences.delete(key),
        ),
  ),
  id.map(
    (key): Step =>
      (model, world) =>
        expectOutcome(
          model,
          key,
          (one) => (one.isInvited ? 'uniqueValueAlreadyInUse' : 'done'),
          () => world.addInvitation(key, { id: 'user2' }),
          (one) => {
            one.isInvited = true;
          },
        ),
  ),
  id.map(
    (key): Step =>
      (model, world) =>
        expectOutcome(
          model,
          key,
          (one) => (one.isInvited ? 'done' : 'invitationNotFound'),
          () => world.removeInvitation(key, 'user2'),
          (one) => {
            one.isInvited = false;
          },
        ),
  ),
  id.map(
    (key): Step =>
      (model, world) =>
        expectOutcome(
          model,
          key,
          (one) => (one.isRunning ? 'conferenceIsRunning' : 'done'),
          () => world.updateConference(key, { topic: `${world.getConference(key).topic}!`.slice(-200) }),
          () => undefined,
        ),
  ),
  fc.integer({ min: 1, max: 4_000_000 }).map(
    (ms): Step =>
      (model, _world, clock) => {
        clock.advance(ms);
        model.now += ms;
      },
  ),
);

describe('the TrueConf world', () => {
  it('keeps every promise over random lives', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (life) => {
        const clock = WorldClock.manual(START);
        const world = new TrueConfWorld({ clock });
        for (const key of ['user1', 'user2']) world.addUser({ id: key });
        const model: Model = { now: START, conferences: new Map(), runs: new Map() };
        for (const step of life) step(model, world, clock);
        settle(model);
        const held = world.listConferences();
        expect(new Set(held.map(({ id: key }) => key))).toEqual(new Set(model.conferences.keys()));
        for (const conference of held) {
          const one = model.conferences.get(conference.id);
          expect(conference.state).toBe(one?.isRunning ? 'running' : 'stopped');
          expect(conference.sessionId !== undefined).toBe(one?.isRunning);
          expect(conference.invitations.length).toBe(one?.isInvited ? 1 : 0);
        }
        for (const key of IDS) expect(world.sessions.list(key)).toHaveLength(model.runs.get(key) ?? 0);
        const open = world.sessions.list().filter(({ endedAt }) => endedAt === undefined);
        expect(open.map(({ id: session }) => session).sort()).toEqual(
          held.flatMap(({ sessionId }) => (sessionId === undefined ? [] : [sessionId])).sort(),
        );
        expect(new Set(world.sessions.list().map(({ id: session }) => session)).size).toBe(
          world.sessions.list().length,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('has the same history whether the clock walks or jumps', () => {
    const days = fc.uniqueArray(fc.constantFrom('monday', 'tuesday', 'saturday', 'sunday'), { minLength: 1 });
    fc.assert(
      fc.property(
        days,
        fc.array(fc.integer({ min: 1, max: 200_000_000 }), { minLength: 1, maxLength: 12 }),
        (names, walk) => {
          const history = (moves: readonly number[]) => {
            const clock = WorldClock.manual(START);
            const world = new TrueConfWorld({ clock });
            world.addUser({ id: 'user1' });
            const schedule = {
              type: 'week',
              days: names as never,
              time: '23:30',
              durationSeconds: 3600,
              offsetMinutes: 0,
            } as const;
            world.createConference({
              id: 'a',
              topic: 'A',
              owner: 'user1',
              schedule,
              options: { auto_termination_enabled: true },
            });
            for (const ms of moves) {
              clock.advance(ms);
              world.settle();
            }
            return world.sessions.list('a').map(({ startedAt, endedAt }) => [startedAt, endedAt]);
          };
          const whole = walk.reduce((sum, ms) => sum + ms, 0);
          expect(history(walk)).toEqual(history([whole]));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds the next weekly start on a named day at the named time, never earlier than asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: 0, max: 6 }), (from, day) => {
        const name = (['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const)[day];
        if (name === undefined) return;
        const next = nextStart(
          { type: 'week', days: [name], time: '07:45', durationSeconds: 60, offsetMinutes: 0 },
          from,
        );
        if (next === undefined) throw new Error('a weekly schedule always goes on');
        expect(next).toBeGreaterThanOrEqual(from);
        expect(next - from).toBeLessThanOrEqual(7 * 86_400_000);
        expect(new Date(next).getUTCDay()).toBe(day);
        expect(new Date(next).toISOString().slice(11, 16)).toBe('07:45');
      }),
    );
  });
});
