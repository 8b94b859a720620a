import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DueQueue } from '../../src/engine/mailboxes/due-queue.ts';
import { ManualClock } from './manual-clock.ts';

describe('things that become due', () => {
  test('each key is due once, at its newest time, in order of time', () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key: fc.nat(20), in: fc.nat(5_000) }),
      fc.record({ kind: fc.constant('delete' as const), key: fc.nat(20) }),
      fc.record({ kind: fc.constant('advance' as const), by: fc.nat(2_000) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const clock = new ManualClock();
        const model = new Map<number, number>();
        const rung: { key: number; at: number }[] = [];
        const queue = new DueQueue<number>(clock, (key) => rung.push({ key, at: clock.now() }));
        const expected: { key: number; at: number }[] = [];
        for (const step of acts) {
          if (step.kind === 'set') {
            model.set(step.key, clock.now() + step.in);
            queue.set(step.key, clock.now() + step.in);
          } else if (step.kind === 'delete') {
            model.delete(step.key);
            queue.delete(step.key);
          } else {
            const end = clock.now() + step.by;
            const due = [...model].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1]);
            for (const [key] of due) model.delete(key);
            expected.push(...due.map(([key, at]) => ({ key, at })));
            clock.advance(step.by);
          }
        }
        const byTime = (list: typeof rung) => [...list].sort((a, b) => a.at - b.at || a.key - b.key);
        expect(byTime(rung)).toEqual(byTime(expected));
        expect(queue.size).toBe(model.size);
      }),
    );
  });

  test('ten thousand mailboxes wait behind one timer', () => {
    const clock = new ManualClock();
    const queue = new DueQueue<number>(clock, () => {});
    for (let key = 0; key < 10_000; key += 1) queue.set(key, clock.now() + 60_000 + key);
    expect(clock.pending).toBe(1);
  });

  test('a clock that was set forward or back is noticed within a minute', () => {
    const clock = new ManualClock();
    const rung: string[] = [];
    const queue = new DueQueue<string>(clock, (key) => rung.push(key));
    queue.set('sweep', clock.now() + 3_600_000);
    clock.advance(59 * 60_000);
    expect(rung).toEqual([]);
    clock.advance(61_000);
    expect(rung).toEqual(['sweep']);
  });

  test('a closed queue rings no more', () => {
    const clock = new ManualClock();
    const queue = new DueQueue<string>(clock, () => expect.unreachable('it is closed'));
    queue.set('a', clock.now() + 10);
    queue.close();
    clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });
});
