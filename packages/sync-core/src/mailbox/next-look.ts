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
  /** the mailbox was listed to its end at least once */
  readonly listed: boolean;
  /** named by the server but not readable yet */
  readonly unreadable: number;
}

export interface LookTiming {
  /** a burst of hints costs one look at its beginning and one this long after */
  readonly mergeMs: number;
  readonly sweepMs: number;
  /** while no stream is open */
  readonly pollMs: number;
  readonly readAgainMs: number;
}

export interface NextLook {
  readonly lane: LookLane;
  readonly at: Instant;
}

/** The next look, or undefined when only a person or a new configuration can help. `chance` spreads sweeps. */
export function nextLook(facts: LookFacts, timing: LookTiming, now: Instant, chance: number): NextLook | undefined {
  const { machine } = facts;
  const off = machine.state === 'suspended' || machine.state === 'outOfLicence';
  if (off) return undefined;
  if (facts.clientWaiting) return { lane: 'client', at: now };
  if (machine.blockedUntil === Number.POSITIVE_INFINITY) return undefined;
  const wanted = unhurried(facts, timing, now, chance);
  return { ...wanted, at: Math.max(wanted.at, machine.blockedUntil ?? wanted.at) };
}

function unhurried(facts: LookFacts, timing: LookTiming, now: Instant, chance: number): NextLook {
  const { lastLookAt, hintedAt, listed, unreadable, machine } = facts;
  if (hintedAt !== undefined) {
    const merged = lastLookAt === undefined ? now : lastLookAt + timing.mergeMs;
    return { lane: listed ? 'changed' : 'first', at: Math.max(now, merged) };
  }
  // A look that failed is owed still: its answer, not the next sweep, ends the trouble.
  if (machine.attempts > 0) return { lane: listed ? 'changed' : 'first', at: now };
  if (!listed || lastLookAt === undefined) return { lane: 'first', at: now };
  // Spread over half a period, or thousands of mailboxes would sweep in the same second for ever.
  const period = (machine.stream === 'live' ? timing.sweepMs : timing.pollMs) * (0.75 + chance / 2);
  const again = unreadable > 0 ? Math.min(timing.readAgainMs, period) : period;
  return { lane: 'sweep', at: Math.max(now, lastLookAt + again) };
}
