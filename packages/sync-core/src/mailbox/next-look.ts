/**
 * When a mailbox is looked at next and in which lane. A change is fetched at once; those that follow in a burst are
 * merged into one trailing look. Without any sign there is the sweep: events are hints, state is truth. SPEC.md §7.4.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { MailboxMachine } from './states.ts';

/** Most urgent first. */
export const LOOK_LANES = ['client', 'changed', 'first', 'sweep'] as const;
export type LookLane = (typeof LOOK_LANES)[number];

export interface LookFacts {
  readonly machine: MailboxMachine;
  /** a client or an administrator waits for it */
  readonly clientWaiting: boolean;
  /** the newest hint that no look has answered */
  readonly hintedAt?: Instant;
  readonly lastLookAt?: Instant;
  /** when the stream opened or was lost last: the time to wait for a turn begins anew */
  readonly streamChangedAt?: Instant;
  /** this mailbox's place in every period, 0 ≤ phase < 1: phases spread evenly spread the sweeps evenly */
  readonly phase: number;
  /** the mailbox was listed to its end at least once */
  readonly listed: boolean;
  /** named by the server but not readable yet */
  readonly unreadable: number;
}

export interface LookTiming {
  /** a burst of hints costs one look at its beginning and one this long after */
  readonly mergeMs: number;
  /** a look at least this often although nothing was notified */
  readonly sweepMs: number;
  /** the same while no stream is open */
  readonly pollMs: number;
  readonly readAgainMs: number;
}

export interface NextLook {
  readonly lane: LookLane;
  readonly at: Instant;
}

/** The next look, or undefined when only a person or a new configuration can help. */
export function nextLook(facts: LookFacts, timing: LookTiming, now: Instant): NextLook | undefined {
  const { machine } = facts;
  const off = machine.state === 'suspended' || machine.state === 'outOfLicence';
  if (off) return undefined;
  if (facts.clientWaiting) return { lane: 'client', at: now };
  if (machine.blockedUntil === Number.POSITIVE_INFINITY) return undefined;
  const wanted = unhurried(facts, timing, now);
  return { ...wanted, at: Math.max(wanted.at, machine.blockedUntil ?? wanted.at) };
}

function unhurried(facts: LookFacts, timing: LookTiming, now: Instant): NextLook {
  const { lastLookAt, hintedAt, listed, unreadable, machine, streamChangedAt = 0, phase } = facts;
  if (hintedAt !== undefined) {
    const merged = lastLookAt === undefined ? now : lastLookAt + timing.mergeMs;
    return { lane: listed ? 'changed' : 'first', at: Math.max(now, merged) };
  }
  // A look that failed is owed still: its answer, not the next sweep, ends the trouble.
  if (machine.attempts > 0) return { lane: listed ? 'changed' : 'first', at: now };
  if (unreadable > 0 && lastLookAt !== undefined) {
    return { lane: listed ? 'changed' : 'first', at: Math.max(now, lastLookAt + timing.readAgainMs) };
  }
  if (!listed || lastLookAt === undefined) return { lane: 'first', at: now };
  const period = machine.stream === 'live' ? timing.sweepMs : timing.pollMs;
  return { lane: 'sweep', at: Math.max(now, nextTurn(Math.max(lastLookAt, streamChangedAt), period, phase)) };
}

/**
 * The first moment after `after` that is this phase's in its period. Every mailbox has one turn in each period, whatever
 * else it was looked at for: so many mailboxes cost exactly so many sweeps, never two together, and none waits longer.
 */
function nextTurn(after: Instant, period: number, phase: number): Instant {
  const offset = phase * period;
  return (Math.floor((after - offset) / period) + 1) * period + offset;
}
