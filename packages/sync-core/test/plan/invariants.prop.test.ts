/** Invariants I1–I6, I8–I10 and I14 of SPEC.md §1 on random meetings, servers, settings and histories. */
import {
  type Conference,
  type FolderItem,
  itemId,
  type TrueConfUserId,
  trueConfUserId,
} from '@calendar-connector/calendar-model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  judgeDisappearance,
  type MeetingCopy,
  needsPlan,
  type PlanSettings,
  type StoredMeeting,
  settle,
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
  meeting,
  NOW,
  ROOM,
  SERVER,
  series,
  settingsWith,
  single,
} from '../build.ts';
import { World } from '../world.ts';

const LINKS = ['', 'https://server.example.test/c/100500', 'https://server.example.test/c/77', '@trueconf', 'room 5'];
const PEOPLE = [BORIS, CLARA, ROOM] as const;
const FIRST = NOW + 2 * HOUR;

interface Wish {
  readonly location: string;
  readonly subject: string;
  readonly people: readonly (typeof PEOPLE)[number][];
  readonly cancelled: boolean;
  readonly isPrivate: boolean;
  readonly shift: number;
  readonly recurring: boolean;
  readonly deletedFirst: boolean;
  readonly movedFirst: boolean;
  readonly unreadBody: boolean;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  location: fc.constantFrom(...LINKS),
  subject: fc.constantFrom('Plan', 'SECRET subject', ''),
  people: fc.subarray([...PEOPLE]),
  cancelled: fc.boolean().map((value) => value),
  isPrivate: fc.boolean(),
  shift: fc.constantFrom(0, HOUR, -26 * HOUR, 3 * DAY),
  recurring: fc.boolean(),
  deletedFirst: fc.boolean(),
  movedFirst: fc.boolean(),
  unreadBody: fc.boolean(),
});

function itemOf(made: Wish): Exclude<FolderItem, { kind: 'exception' }> {
  const more = {
    location: made.location,
    subject: made.subject,
    isCancelled: made.cancelled,
    sensitivity: made.isPrivate ? ('private' as const) : ('normal' as const),
    attendees: made.people.map((address) => attendee(address, { role: address === ROOM ? 'resource' : 'required' })),
    start: FIRST + made.shift,
    end: FIRST + made.shift + HOUR,
  };
  if (!made.recurring) return withBody(single(more), made);
  const moved = { originalStart: FIRST, start: FIRST + HOUR, end: FIRST + 2 * HOUR };
  return withBody(
    series({
      ...more,
      start: FIRST,
      end: FIRST + HOUR,
      deletedOccurrences: made.deletedFirst ? [FIRST] : [],
      ...(made.movedFirst && !made.deletedFirst
        ? { modifiedOccurrences: [moved], exceptions: [exception(FIRST, { ...moved, subject: made.subject })] }
        : {}),
    }),
    made,
  );
}

function withBody<T extends FolderItem>(item: T, made: Wish): T {
  const { body: _body, ...unread } = item;
  return made.unreadBody ? (unread as T) : item;
}

/** How the meeting shows up in the mailboxes. */
type Holding = 'organizer' | 'both' | 'attendee' | 'vanished' | 'longGone' | 'moved' | 'room';
const holding: fc.Arbitrary<Holding> = fc.constantFrom(
  'organizer',
  'both',
  'attendee',
  'vanished',
  'longGone',
  'moved',
  'room',
);

function copiesOf(made: Wish, how: Holding, now: number): readonly MeetingCopy[] {
  const item = itemOf(made);
  const own = copy(ANNA, item);
  const theirs = copy(BORIS, copyFor(item, { myResponse: 'accepted' } as Partial<typeof item>));
  switch (how) {
    case 'organizer':
      return [own];
    case 'both':
      return [own, theirs, copy(ROOM, copyFor(item))];
    case 'attendee':
      return [theirs];
    case 'vanished':
      return [copy(ANNA, item, now - 1000), theirs];
    case 'longGone':
      return [copy(ANNA, item, now - HOUR), theirs];
    case 'moved':
      return [copy(ANNA, item, now - 1000), copy(ANNA, { ...item, itemId: itemId('item-9') })];
    case 'room':
      return [copy(ROOM, copyFor(item))];
  }
}

const settings: fc.Arbitrary<PlanSettings> = fc
  .record({
    launchConference: fc.boolean(),
    syncConferenceParticipants: fc.boolean(),
    ownerless: fc.constantFrom('skip' as const, 'fallback' as const),
    adoptedEnd: fc.constantFrom('remove' as const, 'stop' as const),
    unknownAttendees: fc.constantFrom('skip' as const, 'guest' as const),
    withKeyword: fc.boolean(),
  })
  .map(({ withKeyword, ...rest }) =>
    settingsWith({
      ...rest,
      fallbackOwner: trueConfUserId('service'),
      ...(withKeyword && { keyword: { text: '@trueconf', serverId: SERVER, mode: 'smartMeeting', access: 'public' } }),
    }),
  );

const conference: fc.Arbitrary<Partial<Conference>> = fc.record({
  topic: fc.constantFrom('Plan', 'old'),
  owner: fc.constantFrom<TrueConfUserId>(trueConfUserId('anna'), trueConfUserId('boss'), trueConfUserId('clara')),
  state: fc.constantFrom('running' as const, 'stopped' as const),
  access: fc.constantFrom('private' as const, 'public' as const),
  schedule: fc.constantFrom(
    { type: 'none' } as const,
    { type: 'once', start: NOW + DAY, durationSeconds: 600 } as const,
    { type: 'week', days: [1], time: '10:00', durationSeconds: 600 } as const,
  ),
  participants: fc.subarray(['boris', 'clara', 'guest'].map((name) => ({ id: trueConfUserId(name) }))),
});

interface Scene {
  readonly world: World;
  readonly steps: readonly { readonly made: Wish; readonly how: Holding; readonly pause: number }[];
}

const scene: fc.Arbitrary<Scene> = fc
  .record({
    settings,
    existing: fc.option(conference, { nil: undefined }),
    unknown: fc.subarray([ANNA, BORIS, CLARA]),
    steps: fc.array(fc.record({ made: wish, how: holding, pause: fc.constantFrom(0, 60_000, 3 * HOUR, 8 * DAY) }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ settings: chosen, existing, unknown, steps }) => {
    const world = new World();
    world.settings = chosen;
    if (existing) world.addConference('100500', existing);
    for (const address of unknown.slice(0, 1)) world.users.delete(address);
    return { world, steps };
  });

/** Runs a history; calls back after each step has settled. */
function live({ world, steps }: Scene, check: (current: StoredMeeting) => void): StoredMeeting {
  let current: StoredMeeting = meeting([]);
  for (const { made, how, pause } of steps) {
    world.now += pause;
    world.item = itemOf(made);
    current = { ...current, copies: copiesOf(made, how, world.now) };
    current = world.settleDown(current, 6);
    check(current);
  }
  return current;
}

const RUNS = { numRuns: 300 };

describe('invariants of planning', () => {
  it('I1, I2: every history settles within six rounds, and a plan on the agreed state decides nothing', () => {
    fc.assert(
      fc.property(scene, (made) => {
        live(made, (current) => {
          const plan = made.world.plan(current);
          expect(plan.decisions.filter((decision) => decision.kind !== 'wait')).toEqual([]);
          expect(plan.startsToSchedule).toEqual([]);
          expect(plan.startsToCancel).toEqual([]);
        });
      }),
      RUNS,
    );
  });

  it('I3: the order of the copies does not matter', () => {
    fc.assert(
      fc.property(wish, holding, settings, fc.infiniteStream(fc.nat()), (made, how, chosen, numbers) => {
        const world = new World();
        world.settings = chosen;
        const copies = copiesOf(made, how, NOW);
        const shuffled = [...copies]
          .map((entry) => ({ entry, at: numbers.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at);
        const one = world.plan(meeting(copies));
        const two = world.plan(meeting(shuffled.map(({ entry }) => entry)));
        expect(JSON.stringify(two)).toBe(JSON.stringify(one));
      }),
      RUNS,
    );
  });

  it('a meeting whose items need no plan decides nothing, owes nothing and leaves nothing to remember (SPEC §3.5)', () => {
    let met = 0;
    fc.assert(
      fc.property(wish, holding, settings, (made, how, chosen) => {
        const world = new World();
        world.settings = chosen;
        const copies = copiesOf(made, how, NOW).filter(({ missingSince }) => missingSince === undefined);
        if (copies.some(({ item }) => needsPlan(item, chosen))) return;
        met += 1;
        const current = meeting(copies);
        const plan = world.plan(current);
        expect(plan.decisions).toEqual([]);
        expect([...plan.startsToSchedule, ...plan.startsToCancel, ...plan.removals]).toEqual([]);
        expect(plan.planAgainAt).toBeUndefined();
        expect(settle(undefined, plan, [], NOW).changed).toBe(false);
      }),
      RUNS,
    );
    expect(met).toBeGreaterThan(20);
  });

  it('I5: leaving the window or ending cancels nothing', () => {
    fc.assert(
      fc.property(
        wish.filter((made) => !made.cancelled),
        settings,
        (made, chosen) => {
          const world = new World();
          world.settings = chosen;
          const before = world.settleDown(meeting([copy(ANNA, itemOf(made))]));
          const count = world.conferences.size;
          world.now += 4000 * DAY;
          world.settleDown(before, 6);
          expect(world.conferences.size).toBe(count);
        },
      ),
      RUNS,
    );
  });

  it('I6: a read-only calendar or server never receives a write', () => {
    fc.assert(
      fc.property(scene, fc.constantFrom('read', 'freeBusy', 'server'), (made, what) => {
        const { world } = made;
        const readOnlyServer = {
          servers: world.settings.servers.map((server) => ({ ...server, access: 'read' as const })),
        };
        world.settings = {
          ...world.settings,
          ...(what === 'server' ? readOnlyServer : { access: what as 'read' | 'freeBusy' }),
        };
        for (const step of made.steps) world.round(meeting(copiesOf(step.made, step.how, world.now)));
        if (what === 'read') expect(world.journal).not.toContain('writeJoinLink');
        else expect(world.journal).toEqual([]);
      }),
      RUNS,
    );
  });

  it('I8: losing more than the limit at once is never acted on', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (live_, vanished) => {
        const verdict = judgeDisappearance({ live: live_, vanished });
        if (vanished >= 10 && vanished * 100 > live_ * 30) expect(verdict).toBe('quarantine');
        if (vanished * 100 <= live_ * 30) expect(verdict).toBe('hold');
      }),
    );
  });

  it('I9: at most one conference per meeting, whatever answers are lost and however often rounds are repeated', () => {
    fc.assert(
      fc.property(
        wish,
        settings,
        fc.array(fc.constantFrom('lost', 'failed', 'ok'), { maxLength: 12 }),
        (made, chosen, luck) => {
          const world = new World();
          world.settings = chosen;
          let current = meeting([copy(ANNA, itemOf(made))]);
          const seen = new Set<string>();
          const failed = { status: 'failed', failure: { kind: 'timeout', retriable: true } } as const;
          for (const fate of luck) {
            world.failWrite = (decision) => {
              if (fate === 'ok') return undefined;
              world.failWrite = undefined;
              if (fate === 'lost') world.carryOut(decision);
              return failed;
            };
            current = world.round(current).meeting;
            for (const id of world.conferences.keys()) seen.add(id);
            expect(world.conferences.size).toBeLessThanOrEqual(1);
          }
          world.failWrite = undefined;
          world.settleDown(current, 8);
          expect(seen.size).toBeLessThanOrEqual(1);
        },
      ),
      RUNS,
    );
  });

  it("I10: a private meeting's subject is in no decision, timeline or conference", () => {
    fc.assert(
      fc.property(scene, (made) => {
        const { world, steps } = made;
        for (const step of steps) {
          const secret = { ...step.made, isPrivate: true, subject: 'CANARY' };
          const plan = world.plan(meeting(copiesOf(secret, step.how, world.now)));
          expect(JSON.stringify(plan)).not.toContain('CANARY');
        }
      }),
      RUNS,
    );
  });

  it('I14: equal inputs give byte-equal plans', () => {
    fc.assert(
      fc.property(wish, holding, settings, conference, (made, how, chosen, existing) => {
        const run = (): string => {
          const world = new World();
          world.settings = chosen;
          world.addConference('100500', existing);
          return JSON.stringify(world.plan(meeting(copiesOf(made, how, NOW))));
        };
        expect(run()).toBe(run());
      }),
      RUNS,
    );
  });

  it('C5: every occurrence is started at most once and none early, through any history of changes', () => {
    fc.assert(
      fc.property(scene, (made) => {
        const { world } = made;
        const starts: number[] = [];
        world.failWrite = (decision) => {
          if (decision.kind === 'startConference') {
            expect(world.now).toBeGreaterThanOrEqual(decision.occurrenceStart);
            starts.push(decision.occurrenceStart);
          }
          return undefined;
        };
        let current: StoredMeeting = meeting([]);
        for (const step of made.steps) {
          world.now += step.pause;
          current = { ...current, copies: copiesOf(step.made, step.how, world.now) };
          current = world.settleDown(world.runDue(world.settleDown(world.runDue(current), 8)), 8);
          const { conferences } = world;
          for (const [id, existing] of conferences) conferences.set(id, { ...existing, state: 'stopped' });
        }
        // Another conference owes starts of its own.
        if (new Set(made.steps.map((step) => step.made.location)).size === 1) {
          expect(new Set(starts).size).toBe(starts.length);
        }
      }),
      RUNS,
    );
  });
});
