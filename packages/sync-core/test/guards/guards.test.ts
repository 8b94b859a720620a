import { mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { assignSlots, judgeDisappearance } from '../../src/index.ts';

describe('the mass-disappearance guard (I8)', () => {
  it.each([
    [{ live: 100, vanished: 1 }, 'hold'],
    [{ live: 12, vanished: 9 }, 'hold'],
    [{ live: 100, vanished: 31 }, 'quarantine'],
    [{ live: 2, vanished: 2 }, 'hold'],
    [{ live: 5, vanished: 5 }, 'quarantine'],
    [{ live: 50_000, vanished: 10_000 }, 'hold'],
    [{ live: 0, vanished: 0 }, 'hold'],
  ] as const)('judges %o as %s', (facts, verdict) => {
    expect(judgeDisappearance(facts)).toBe(verdict);
  });
});

describe('licence slots (A8)', () => {
  const candidate = (name: string, priority: number, hadSlot = false) => ({
    address: mailboxAddress(`${name}@example.test`),
    priority,
    hadSlot,
  });

  it('go to priority users first, then to those who had one', () => {
    const all = [candidate('a', 1), candidate('b', 1, true), candidate('boss', 0), candidate('c', 1)];
    expect([...assignSlots(all, 2)]).toEqual(['boss@example.test', 'b@example.test']);
    expect([...assignSlots([...all].reverse(), 2)]).toEqual(['boss@example.test', 'b@example.test']);
    expect(assignSlots(all, undefined).size).toBe(4);
    expect(assignSlots(all, -1).size).toBe(0);
  });
});
