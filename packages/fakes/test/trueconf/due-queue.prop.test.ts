/** The queue of scheduled starts and ends gives what a sorted list would. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DueEvent, DueQueue } from '../../src/trueconf/world/due-queue.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const moment = fc.integer({ min: 0, max: 100 });
const plan = fc.record({ key, at: fc.oneof(moment, fc.constant(undefined)) });
const step = fc.oneof(plan, plan, moment);

describe('the due queue', () => {
  it('hands out the newest event of each key, earliest first, none before its time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new DueQueue();
        const model = new Map<string, DueEvent>();
        for (const one of steps) {
          if (typeof one !== 'number') {
            const { key: name, at } = one;
            const event = at === undefined ? undefined : ({ key: name, at, what: 'start' } as const);
            queue.plan(name, event);
            if (event) model.set(name, event);
            else model.delete(name);
            continue;
          }
          const due = [...model.values()].filter(({ at }) => at <= one);
          const earliest = Math.min(...due.map(({ at }) => at));
          const taken = queue.take(one);
          if (due.length === 0) expect(taken).toBeUndefined();
          else expect(taken?.at).toBe(earliest);
          if (!taken) continue;
          expect(model.get(taken.key)).toBe(taken);
          model.delete(taken.key);
        }
      }),
      { numRuns: 500 },
    );
  });
});
