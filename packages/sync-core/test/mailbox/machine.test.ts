import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FAILURE_RULES,
  MAILBOX_ADVICE,
  MAILBOX_MOVES,
  MAILBOX_STATES,
  type MailboxEvent,
  type MailboxMachine,
  mailboxLight,
  mailboxStep,
  newMailboxMachine,
  nextLook,
} from '../../src/index.ts';

const fail = (kind: keyof typeof FAILURE_RULES, retryAfterMs?: number): MailboxEvent => ({
  type: 'lookFailed',
  failure: { kind, retriable: true, message: 'm', ...(retryAfterMs !== undefined && { retryAfterMs }) },
});
const walk = (events: readonly MailboxEvent[], from: MailboxMachine = newMailboxMachine(0)) =>
  events.reduce((machine, event, index) => mailboxStep(machine, event, (index + 1) * 1000, 0.5), from);
const timing = { mergeMs: 150, sweepMs: 600_000, pollMs: 60_000, readAgainMs: 1000 };

describe('the mailbox state machine (SPEC 7)', () => {
  it('goes from starting through the snapshot to live, by polling until the stream opens', () => {
    expect(walk([{ type: 'resolved' }]).state).toBe('snapshotting');
    expect(walk([{ type: 'resolved' }, { type: 'pageCommitted' }, { type: 'lookSucceeded' }]).state).toBe(
      'livePolling',
    );
    const live = walk([{ type: 'lookSucceeded' }, { type: 'streamOpened' }]);
    expect(live).toMatchObject({ state: 'live', since: 2000 });
    expect(walk([{ type: 'lookSucceeded' }, { type: 'streamOpened' }, { type: 'streamLost' }]).state).toBe(
      'livePolling',
    );
  });

  it('keeps the age of a state that events do not change', () => {
    const machine = walk([{ type: 'lookSucceeded' }, { type: 'lookSucceeded' }, { type: 'pageCommitted' }]);
    expect(machine).toMatchObject({ state: 'livePolling', since: 1000 });
  });

  it('stops for good on a refused password until the configuration changes (T6)', () => {
    const stopped = walk([fail('authFailed')]);
    expect(stopped).toMatchObject({ state: 'authFailed', blockedUntil: Number.POSITIVE_INFINITY });
    expect(nextLook(facts(stopped), timing, 5000)).toBeUndefined();
    expect(mailboxStep(stopped, { type: 'credentialsChanged' }, 9000, 0)).toMatchObject({
      state: 'starting',
      attempts: 0,
    });
  });

  it('obeys an announced pause and spreads growing retries', () => {
    expect(walk([fail('throttled', 120_000)])).toMatchObject({ state: 'throttled', blockedUntil: 121_000 });
    const waits = [1, 2, 3].map((count) => {
      const machine = walk(Array.from({ length: count }, () => fail('timeout')));
      return (machine.blockedUntil ?? 0) - count * 1000;
    });
    expect(waits).toEqual([750, 1500, 3000]);
  });

  it('forgets all trouble with the first success', () => {
    const machine = walk([fail('timeout'), fail('unavailable'), { type: 'lookSucceeded' }]);
    expect(machine).toEqual({ state: 'livePolling', since: 3000, stream: 'down', attempts: 0 });
  });

  it('does not come back by itself when paused or out of licence', () => {
    const events: MailboxEvent[] = [{ type: 'lookSucceeded' }, fail('timeout'), { type: 'streamOpened' }];
    expect(walk([{ type: 'paused' }, ...events]).state).toBe('suspended');
    expect(walk([{ type: 'licenceLost' }, ...events]).state).toBe('outOfLicence');
    expect(walk([{ type: 'paused' }, { type: 'resumed' }]).state).toBe('starting');
    expect(walk([{ type: 'licenceLost' }, { type: 'licenceGained' }]).blockedUntil).toBeUndefined();
  });

  it('shows amber only after three minutes of trouble, red at once when a person must act', () => {
    const troubled = walk([fail('timeout')]);
    expect(mailboxLight(troubled, 100_000)).toBe('green');
    expect(mailboxLight(troubled, 1000 + 180_000)).toBe('amber');
    expect(mailboxLight(walk([fail('impersonationDenied')]), 1001)).toBe('red');
    expect(mailboxLight(walk([{ type: 'paused' }]), 1001)).toBe('grey');
  });

  it('has a row for every state, advice in both languages, and every state can be reached', () => {
    const reached = new Set<string>(['starting']);
    for (const row of Object.values(MAILBOX_MOVES)) for (const move of Object.values(row)) reached.add(move);
    for (const rule of Object.values(FAILURE_RULES)) reached.add(rule.state);
    for (const state of ['live', 'livePolling']) reached.add(state);
    for (const state of MAILBOX_STATES) {
      expect(reached.has(state), state).toBe(true);
      expect(MAILBOX_ADVICE[state].ru).not.toBe('');
      expect(MAILBOX_ADVICE[state].en).not.toBe('');
    }
  });

  it('stays sound under any events: an error only in trouble, blocked only with a reason', () => {
    const event: fc.Arbitrary<MailboxEvent> = fc.oneof(
      fc.constantFrom<MailboxEvent>(
        { type: 'resolved' },
        { type: 'pageCommitted' },
        { type: 'lookSucceeded' },
        { type: 'streamOpened' },
        { type: 'streamLost' },
        { type: 'serverReturned' },
        { type: 'paused' },
        { type: 'resumed' },
        { type: 'licenceLost' },
        { type: 'licenceGained' },
        { type: 'credentialsChanged' },
        { type: 'resyncRequested' },
      ),
      fc.constantFrom(...(Object.keys(FAILURE_RULES) as (keyof typeof FAILURE_RULES)[])).map((kind) => fail(kind)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const machine = walk(events);
        const working = ['live', 'livePolling', 'starting'].includes(machine.state);
        if (working) expect(machine).not.toHaveProperty('error');
        if (working) expect(machine.blockedUntil).toBeUndefined();
        expect(machine.since).toBeLessThanOrEqual(events.length * 1000);
        if (machine.error) expect(machine.attempts).toBeGreaterThan(0);
      }),
    );
  });
});

function facts(machine: MailboxMachine, more: Partial<Parameters<typeof nextLook>[0]> = {}) {
  return { machine, clientWaiting: false, lastLookAt: 0, listed: true, unreadable: 0, phase: 0.5, ...more };
}

describe('when a mailbox is looked at next', () => {
  const live = walk([{ type: 'lookSucceeded' }, { type: 'streamOpened' }]);

  it('serves a waiting client at once, even inside a back-off', () => {
    expect(nextLook(facts(walk([fail('authFailed')]), { clientWaiting: true }), timing, 5)).toEqual({
      lane: 'client',
      at: 5,
    });
  });

  it('looks at the first hint of a burst at once and merges the rest into one later look', () => {
    expect(nextLook(facts(live, { hintedAt: 10_000 }), timing, 10_000)).toEqual({ lane: 'changed', at: 10_000 });
    expect(nextLook(facts(live, { hintedAt: 10_010, lastLookAt: 10_005 }), timing, 10_010)).toEqual({
      lane: 'changed',
      at: 10_155,
    });
  });

  it('sweeps without any hint, more often while no stream is open', () => {
    expect(nextLook(facts(live), timing, 1)?.at).toBe(300_000);
    expect(nextLook(facts({ ...live, stream: 'down' }), timing, 1)?.at).toBe(30_000);
    expect(nextLook(facts(live, { unreadable: 2 }), timing, 1)?.at).toBe(1000);
  });

  it('gives every mailbox one turn a period: none waits longer, and looks for other reasons do not move it', () => {
    const instant = fc.integer({ min: 0, max: 5_000_000 });
    fc.assert(
      fc.property(instant, instant, fc.double({ min: 0, max: 0.999, noNaN: true }), (first, later, phase) => {
        const turn = (lastLookAt: number) => nextLook(facts(live, { lastLookAt, phase }), timing, 0)?.at ?? 0;
        expect(turn(first)).toBeGreaterThan(first);
        expect(turn(first)).toBeLessThanOrEqual(first + timing.sweepMs + 1);
        const apart = (turn(later) - turn(first)) / timing.sweepMs;
        expect(apart).toBeCloseTo(Math.round(apart), 6);
      }),
    );
  });

  it('waits for its turn from the loss of its stream on: a server that comes back at once is not stormed', () => {
    const lost = { ...live, stream: 'down' as const };
    expect(nextLook(facts(lost, { streamChangedAt: 1_000_000 }), timing, 1_000_000)?.at).toBe(1_050_000);
  });

  it('is tried at once when its server is back, and waits longer than before if that fails too', () => {
    const away = walk([fail('unavailable'), fail('unavailable'), { type: 'serverReturned' }], live);
    expect(away).toMatchObject({ state: 'retrying', attempts: 2 });
    expect(nextLook(facts(away), timing, 9000)?.at).toBe(9000);
    const again = mailboxStep(away, fail('unavailable'), 10_000, 0.5);
    expect(again.blockedUntil).toBe(13_000);
    expect(walk([fail('throttled', 120_000), { type: 'serverReturned' }]).blockedUntil).toBe(121_000);
  });

  it('retries a failed look when its back-off ends, not at the next sweep', () => {
    const failed = walk([fail('timeout')], live);
    expect(nextLook(facts(failed, { lastLookAt: 900 }), timing, 1001)?.at).toBe(failed.blockedUntil);
  });

  it('asks nothing inside a back-off (I13)', () => {
    const paused = walk([fail('throttled', 120_000)]);
    expect(nextLook(facts(paused, { hintedAt: 2000 }), timing, 3000)?.at).toBe(121_000);
  });
});
