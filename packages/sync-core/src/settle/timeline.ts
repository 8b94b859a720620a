/**
 * The story of a planning round for `trace`, audit log and support: rules, outcomes and counts, never a subject, body or
 * address. SPEC.md §5.4.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Decision, Outcome, Plan } from '../model/decision.ts';
import type { Baseline } from '../model/meeting.ts';
import { RULES } from '../model/rule.ts';
import type { TimelineEntry } from '../ports/sync-store.ts';

/** Entries of a settled plan; none when nothing happened. */
export function timelineOf(
  plan: Plan,
  outcomes: readonly Outcome[],
  before: Baseline | undefined,
  after: Baseline,
  now: Instant,
): readonly TimelineEntry[] {
  const entries = plan.decisions
    .map((decision, index) => ({ decision, outcome: outcomes[index] ?? ({ status: 'skipped' } as const) }))
    .filter(({ decision }) => decision.kind !== 'wait')
    .map(({ decision, outcome }) => applied(plan, decision, outcome, now));
  return [...entries, ...turns(plan, before, after, now)];
}

function applied(plan: Plan, decision: Decision, outcome: Outcome, now: Instant): TimelineEntry {
  const failure = outcome.status === 'failed' ? outcome.failure : undefined;
  return {
    at: now,
    meeting: plan.key,
    stage: 'applied',
    what: `${decision.rule} ${decision.kind}`,
    outcome: failure ? `failed ${failure.kind}${failure.code ? ` ${failure.code}` : ''}` : outcome.status,
    detail: { why: decision.why, ...detailOf(decision) },
  };
}

/** Counts and ids only. */
function detailOf(decision: Decision): Readonly<Record<string, string | number | boolean>> {
  switch (decision.kind) {
    case 'updateConference':
      return { conferenceId: decision.conferenceId, fields: Object.keys(decision.patch).join(' ') };
    case 'addParticipants':
    case 'removeParticipants':
    case 'ringParticipants':
      return { conferenceId: decision.conferenceId, participants: decision.participants.length };
    case 'writeJoinLink':
    case 'wait':
      return {};
    default:
      return { conferenceId: decision.conferenceId };
  }
}

/** Turns of a meeting that need no decision: adopted, let go, blocked, ended. */
function turns(plan: Plan, before: Baseline | undefined, after: Baseline, now: Instant): readonly TimelineEntry[] {
  const entry = (what: string, outcome?: string): TimelineEntry => ({
    at: now,
    meeting: plan.key,
    stage: 'settled',
    what,
    ...(outcome !== undefined && { outcome }),
  });
  const turned: TimelineEntry[] = [];
  if (before?.binding?.conferenceId !== after.binding?.conferenceId) {
    const rule = plan.fired[0]?.rule ?? 'R00';
    turned.push(entry(`${rule} ${RULES[rule].en}`, after.binding ? `bound ${after.binding.conferenceId}` : 'unbound'));
  }
  if (after.blocked && after.blocked.reason !== before?.blocked?.reason) {
    turned.push(entry('blocked', after.blocked.reason));
  }
  if (after.ended !== undefined && after.ended !== before?.ended) turned.push(entry('ended', after.ended));
  if (plan.removals.length > 0) turned.push(entry('removals', String(plan.removals.length)));
  return turned;
}
