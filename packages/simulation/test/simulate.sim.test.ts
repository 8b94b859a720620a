import { describe, expect, it } from 'vitest';
import { type Mutant, simulate } from '../src/index.ts';
import { listCorpus } from '../src/run/corpus.ts';
import { AnnouncementLocks } from '../src/store/announcement-locks.ts';
import { Chance } from '../src/time/chance.ts';
import { VirtualTime } from '../src/time/virtual-time.ts';

describe('the simulation', () => {
  it.each(listCorpus())(
    'converges for seed $seed, which once failed: $story',
    { timeout: 60_000 },
    async ({ seed }) => {
      expect((await simulate(seed)).failure, `pnpm sim --seed ${seed}`).toBeUndefined();
    },
  );

  it.each([1, 2, 3, 4])('converges and breaks no invariant for seed %i', { timeout: 60_000 }, async (seed) => {
    expect((await simulate(seed)).failure, `pnpm sim --seed ${seed}`).toBeUndefined();
  });

  it('replays a seed to the event', { timeout: 60_000 }, async () => {
    const story = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      const { events } = await simulate(3, undefined, { trace: (line) => void lines.push(line) });
      return [...lines, String(events)];
    };
    expect(await story()).toEqual(await story());
  });

  // Each of these shows within forty seeds; `pnpm sim --mutants` checks all of them.
  it.each<Mutant>([
    'cursorBeforeItems',
    'noFence',
    'jobsOutsideTransaction',
    'startsInMemory',
    'deleteAtOnce',
    'changeUntold',
    'heldStillBelieved',
    'guardOff',
    'randomConferenceIds',
    'noRetry',
    'sweepOff',
    'listingForgetsPages',
    'echoNotRecognized',
    'privateLost',
    'removalOnLookupFailure',
    'refusedCursorKept',
    'blindConfirmation',
    'deadNodesJobsStuck',
    'lostFetchForgotten',
    'handlersSideBySide',
  ])('catches the planted bug %s', { timeout: 240_000 }, async (mutant) => {
    let failure: string | undefined;
    for (let seed = 1; seed <= 40 && !failure; seed += 1) failure = (await simulate(seed, mutant)).failure;
    expect(failure).toBeDefined();
  });
});

describe('locks of announcements', () => {
  it('let pages of one meeting go side by side, and keep each apart from an announcement until it has ended', () => {
    const locks = new AnnouncementLocks();
    const [page, other] = [locks.take({ shared: ['m1', 'm2'] }), locks.take({ shared: ['m1'] })];
    expect(locks.take({ alone: ['m1'] })).toBeUndefined();
    page?.();
    expect(locks.take({ alone: ['m3', 'm1'] })).toBeUndefined();
    other?.();
    const announcement = locks.take({ alone: ['m3', 'm1'] });
    expect(announcement).toBeDefined();
    expect(locks.take({ shared: ['m3'] })).toBeUndefined();
    expect(locks.take({ shared: ['m2'] })).toBeDefined();
    announcement?.();
    expect(locks.take({ shared: ['m1', 'm3'] })).toBeDefined();
  });
});

describe('virtual time', () => {
  it('runs events in order of time, lets promises settle in between, and takes back what was cancelled', async () => {
    const time = new VirtualTime(0, new Chance(1));
    const seen: string[] = [];
    time.after(20, () => seen.push(`late ${time.now}`));
    time.after(10, () => void Promise.resolve().then(() => seen.push(`early ${time.now}`)));
    const cancel = time.after(15, () => seen.push('cancelled'));
    cancel();
    await time.runUntil(30, () => {});
    expect(seen).toEqual(['early 10', 'late 20']);
  });
});
