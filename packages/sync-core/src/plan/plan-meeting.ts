/**
 * Second phase of planning: what should happen next with one meeting. Pure: the same meeting, lookups, settings and `now`
 * give the same plan, byte for byte (I14). SPEC.md §4.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Decision, Plan } from '../model/decision.ts';
import type { Baseline, StoredMeeting } from '../model/meeting.ts';
import type { ReasonCode } from '../model/rule.ts';
import type { PlanSettings } from '../model/settings.ts';
import { settleLimits } from '../model/settle-limits.ts';
import { assess, isManaged } from '../standing/assess.ts';
import type { Lookups } from '../standing/lookups.ts';
import { Draft } from './draft.ts';
import { PAIR_RULES } from './pair-rules.ts';
import { ruleFor } from './rule-table.ts';
import { boundedStarts, planStarts } from './starts.ts';
import { guardDecisions } from './write-guards.ts';

/** The whole input of a plan: nothing else has any influence on it. */
export interface PlanInput {
  readonly meeting: StoredMeeting;
  readonly lookups: Lookups;
  readonly settings: PlanSettings;
  readonly now: Instant;
}

/** Decides what should happen next with a meeting. */
export function planMeeting({ meeting, lookups, settings, now }: PlanInput): Plan {
  const assessment = assess(meeting, settings, now);
  const draft = new Draft(assessment, lookups, settings, now);
  const unconfirmed = isUnconfirmed(draft);
  if (unconfirmed) holdOn(draft);
  else PAIR_RULES[ruleFor(assessment.exchange, assessment.against, lookups.conference)](draft);
  if (assessment.agenda.unreadable) draft.block('R31', 'recurrenceUnreadable');
  guardDecisions(draft);
  const starts = planStarts(draft);
  const blocked = blockedSince(draft.blocked, assessment.baseline, now);
  const again = nextLookAt(draft);
  return {
    key: meeting.key,
    version: meeting.version,
    decisions: draft.decisions,
    fired: draft.fired,
    anomalies: draft.anomalies,
    base: withBlocked(
      { ...withoutDoubt(draft.base, unconfirmed), starts: boundedStarts(starts.records, settings.limits.starts) },
      blocked,
    ),
    ...(again !== undefined && { planAgainAt: again }),
    startsToSchedule: starts.schedule,
    startsToCancel: starts.cancel,
    removals: unconfirmed ? [] : assessment.view.removals,
    ...(blocked && { blocked }),
    limits: settleLimits(settings),
  };
}

/**
 * Deleted by the last look, but the mailbox was not read since or shows the meeting again: nothing is believed yet. After
 * such a doubt one reading that does not find the meeting is not enough, it may be on the move once more.
 */
function isUnconfirmed({ assessment, lookups, settings, now }: Draft): boolean {
  if (assessment.exchange !== 'deleted' || lookups.removalConfirmed === undefined) return false;
  const { doubtedAt } = assessment.baseline;
  const sureFrom = doubtedAt === undefined ? now : doubtedAt + 2 * settings.timing.holdMs;
  return !lookups.removalConfirmed || now < sureFrom;
}

function holdOn(draft: Draft): void {
  const { lookups, settings, now } = draft;
  if (lookups.removalConfirmed === false) draft.base = { ...draft.base, doubtedAt: now };
  draft.fire('R10', 'removalUnconfirmed');
  draft.startable = 'keep';
  draft.again.push(now + settings.timing.holdMs);
}

function withoutDoubt(base: Baseline, unconfirmed: boolean): Baseline {
  if (unconfirmed || base.doubtedAt === undefined) return base;
  const { doubtedAt: _doubtedAt, ...rest } = base;
  return rest;
}

function blockedSince(
  reason: ReasonCode | undefined,
  { blocked }: Baseline,
  now: Instant,
): { readonly reason: ReasonCode; readonly since: Instant } | undefined {
  if (reason === undefined) return undefined;
  return { reason, since: blocked?.reason === reason ? blocked.since : now };
}

function withBlocked(base: Baseline, blocked: Baseline['blocked']): Baseline {
  const { blocked: _before, ...rest } = base;
  return blocked ? { ...rest, blocked } : rest;
}

/** The next time this meeting must be looked at although nothing changes. */
function nextLookAt(draft: Draft): Instant | undefined {
  const { assessment, settings, now, base } = draft;
  const { agenda, view } = assessment;
  const times = [...draft.again];
  if (view.holdEndsAt !== undefined) times.push(Math.max(view.holdEndsAt, now));
  const active = draft.startable !== 'none' || isManaged(base) || draft.decisions.some(creates);
  if (active && !base.removed && !agenda.over) {
    const { participantsLeadMs, afterStartMs } = settings.timing;
    if (agenda.next) {
      const lead = agenda.next.start - participantsLeadMs;
      times.push(lead > now ? lead : agenda.next.start + afterStartMs);
    }
    for (const { end } of agenda.current) times.push(end);
  }
  return times.length === 0 ? undefined : Math.min(...times);
}

function creates(decision: Decision): boolean {
  return decision.kind === 'createConference';
}
