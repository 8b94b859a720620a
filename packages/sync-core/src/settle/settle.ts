/**
 * Outcome + decision → new baseline, jobs and story of one planning round. What succeeded is agreed; what failed is tried
 * again by the next look, later each time. Settling never throws and never loses what succeeded. SPEC.md §5.
 */
import { CONNECTOR_TAG, type Instant } from '@calendar-connector/calendar-model';
import type { AnomalyDraft, Decision, FailureFacts, Outcome, Plan, Settled } from '../model/decision.ts';
import type { Baseline, StartRecord } from '../model/meeting.ts';
import { afterSuccess } from '../plan/effects.ts';
import { boundedStarts, startRetryMs, withStart } from '../plan/starts.ts';
import { countsAsWrite } from '../plan/write-guards.ts';
import type { StartJob } from '../ports/sync-store.ts';
import { EMPTY_BASELINE, isSameConference } from '../standing/assess.ts';
import { canonical } from '../standing/canonical.ts';
import { backoffMs } from './backoff.ts';
import { timelineOf } from './timeline.ts';

interface Progress {
  baseline: Baseline;
  failure: FailureFacts | undefined;
  writes: number;
  again: Instant | undefined;
  readonly anomalies: AnomalyDraft[];
  readonly retryStarts: StartJob[];
}

/**
 * Settles a plan with what carrying it out gave. `before`: the stored baseline the plan was made from. `outcomes`: one per
 * decision, in order; missing ones count as skipped. `chance` in [0, 1) is drawn by the caller and spreads retries.
 */
export function settle(
  before: Baseline | undefined,
  plan: Plan,
  outcomes: readonly Outcome[],
  now: Instant,
  chance = 0.5,
): Settled {
  const progress: Progress = {
    baseline: plan.base,
    failure: undefined,
    writes: 0,
    again: plan.planAgainAt,
    anomalies: [...plan.anomalies],
    retryStarts: [],
  };
  for (const [index, decision] of plan.decisions.entries()) {
    const outcome = outcomes[index] ?? { status: 'skipped' };
    if (decision.kind === 'startConference') settleStart(progress, decision, outcome, plan, now);
    else settleOne(progress, decision, outcome, plan, now);
  }
  const counted = withWrites(progress.baseline, progress.writes, plan, now);
  const retried = withRetry(counted, progress, plan, now, chance);
  const starts = settleStarts(retried, plan, progress.retryStarts);
  const baseline = { ...retried, starts: starts.records };
  const again = progress.again;
  const settlement = {
    key: plan.key,
    version: plan.version,
    baseline,
    startsToSchedule: starts.schedule,
    startsToCancel: plan.startsToCancel,
    ...(again !== undefined && { planAgainAt: again }),
    removals: plan.removals,
    visibleChange: isVisibleChange(before, baseline),
    timeline: timelineOf(plan, outcomes, before, baseline, now),
  };
  // A meeting without a conference is agreed on without a word: most are, and nothing is kept of them.
  const changed =
    !sameBaseline(before ?? EMPTY_BASELINE, baseline) ||
    plan.decisions.some((decision) => decision.kind !== 'wait') ||
    starts.schedule.length + plan.startsToCancel.length + plan.removals.length > 0;
  return { settlement, anomalies: progress.anomalies, changed };
}

function settleOne(progress: Progress, decision: Decision, outcome: Outcome, plan: Plan, now: Instant): void {
  if (decision.kind === 'wait' || isCourtesy(decision)) return;
  switch (outcome.status) {
    case 'done':
    case 'already':
      if (isForeign(decision, outcome)) {
        conflict(progress, decision, plan, now);
        return;
      }
      if (outcome.status === 'done' && countsAsWrite(decision)) progress.writes += 1;
      progress.baseline = afterSuccess(progress.baseline, decision, outcome);
      // A conference just made is compared once more: the link is written, a lost answer's leftovers are seen.
      if (decision.kind === 'createConference' || isUnbinding(decision)) lookAgain(progress, now);
      return;
    case 'running':
      lookAgain(progress, now + plan.limits.runningPollMs);
      return;
    case 'absent':
      lookAgain(progress, now + plan.limits.retryBaseMs);
      return;
    case 'failed':
      progress.failure ??= outcome.failure;
      return;
    case 'skipped':
      // A plan cut short without a failure (shutdown): look again soon.
      if (!progress.failure) lookAgain(progress, now + plan.limits.retryBaseMs);
  }
}

type StartAction = Extract<Decision, { kind: 'startConference' }>;

/** A start is worth little later: attempts stay close together as long as the occurrence lasts. */
function settleStart(progress: Progress, decision: StartAction, outcome: Outcome, plan: Plan, now: Instant): void {
  const { occurrenceStart, serverId, conferenceId } = decision;
  const record = (state: 'started' | 'refused'): void => {
    const starts = withStart(progress.baseline.starts, { occurrenceStart, state, at: now }, plan.limits.starts);
    progress.baseline = { ...progress.baseline, starts };
  };
  if (outcome.status === 'done' || outcome.status === 'already') {
    record('started');
    return;
  }
  if (outcome.status === 'failed' && !outcome.failure.retriable) {
    record('refused');
    return;
  }
  const asked = outcome.status === 'failed' ? (outcome.failure.retryAfterMs ?? 0) : 0;
  const delay = startRetryMs(occurrenceStart, plan.limits.retryBaseMs, now);
  const at = now + Math.max(asked, delay);
  progress.retryStarts.push({ meeting: plan.key, serverId, conferenceId, occurrenceStart, at });
}

/** Ringing and notices are a courtesy: their failure neither blocks nor repeats anything. */
function isCourtesy({ kind }: Decision): boolean {
  return kind === 'ringParticipants' || kind === 'notifyParticipants';
}

function isUnbinding(decision: Decision): boolean {
  return decision.kind === 'removeConference' && decision.leaves === 'unbound';
}

/** Our id exists but does not carry our tag: somebody else's conference. */
function isForeign(decision: Decision, outcome: Outcome): boolean {
  return (
    decision.kind === 'createConference' &&
    decision.binding.ownership === 'created' &&
    outcome.status === 'already' &&
    outcome.conference !== undefined &&
    !outcome.conference.tags.includes(CONNECTOR_TAG)
  );
}

function conflict(progress: Progress, decision: Decision, plan: Plan, now: Instant): void {
  progress.baseline = { ...progress.baseline, blocked: { reason: 'idTaken', since: now } };
  progress.anomalies.push({
    kind: 'conferenceConflict',
    meeting: plan.key,
    facts:
      decision.kind === 'createConference' ? { serverId: decision.serverId, conferenceId: decision.conferenceId } : {},
  });
  lookAgain(progress, now + plan.limits.retryCapMs);
}

function lookAgain(progress: Progress, at: Instant): void {
  progress.again = progress.again === undefined ? at : Math.min(progress.again, at);
}

function withWrites(baseline: Baseline, writes: number, plan: Plan, now: Instant): Baseline {
  if (writes === 0) return baseline;
  const fresh = !baseline.writes || now >= baseline.writes.since + plan.limits.loopWindowMs;
  const since = fresh ? now : (baseline.writes?.since ?? now);
  return { ...baseline, writes: { since, count: writes + (fresh ? 0 : (baseline.writes?.count ?? 0)) } };
}

/** Failures that time does not heal are asked again at the longest interval: an administrator may have healed them. */
function withRetry(baseline: Baseline, progress: Progress, plan: Plan, now: Instant, chance: number): Baseline {
  const { failure } = progress;
  const limits = { baseMs: plan.limits.retryBaseMs, capMs: plan.limits.retryCapMs };
  const unread = plan.blocked?.reason === 'serverUnreachable' || plan.blocked?.reason === 'accountsUnknown';
  if (!failure && !unread) {
    const { retry: _retry, ...rest } = baseline;
    return rest;
  }
  const kind = failure?.kind ?? 'unavailable';
  const count = (baseline.retry?.count ?? 0) + 1;
  const retry = { count, since: baseline.retry?.since ?? now, kind };
  const hopeless = failure !== undefined && !failure.retriable && kind !== 'conflict';
  const delay = hopeless ? backoffMs(30, limits, chance) : backoffMs(count - 1, limits, chance);
  lookAgain(progress, now + Math.max(failure?.retryAfterMs ?? 0, delay));
  if (!hopeless) return { ...baseline, retry };
  return { ...baseline, retry, blocked: { reason: 'refusedByServer', since: baseline.retry?.since ?? now } };
}

interface SettledStarts {
  readonly schedule: readonly StartJob[];
  readonly records: readonly StartRecord[];
}

/** Starts of a conference that could not be made are not owed yet. */
function settleStarts(baseline: Baseline, plan: Plan, retries: readonly StartJob[]): SettledStarts {
  const { binding } = baseline;
  const owed = [...plan.startsToSchedule, ...retries];
  const schedule = owed.filter((job) => binding && isSameConference(job, binding));
  const known = new Set(baseline.starts.map((record) => record.occurrenceStart));
  const added = schedule
    .filter((job) => !known.has(job.occurrenceStart))
    .map((job) => ({ occurrenceStart: job.occurrenceStart, state: 'scheduled' }) as const);
  return { schedule, records: boundedStarts([...baseline.starts, ...added], plan.limits.starts) };
}

/** Whether clients see something of the conference change. */
export function isVisibleChange(before: Baseline | undefined, after: Baseline): boolean {
  const shown = (baseline: Baseline | undefined): string =>
    JSON.stringify([
      baseline?.binding?.url,
      baseline?.binding?.mode,
      baseline?.binding?.access,
      baseline?.removed ?? false,
      baseline?.cancelled ?? false,
      baseline?.agreed?.mode,
      baseline?.agreed?.access,
    ]);
  return shown(before) !== shown(after);
}

/** Equal as data, whatever the order of keys. */
function sameBaseline(a: Baseline, b: Baseline): boolean {
  return canonical(a) === canonical(b);
}

/** After these outcomes the remaining decisions of a plan are skipped; the next look decides anew. */
export function endsPlan(decision: Decision, outcome: Outcome): boolean {
  if (outcome.status === 'failed' || outcome.status === 'skipped') return true;
  if (outcome.status !== 'absent' && outcome.status !== 'running') return false;
  return decision.kind !== 'stopConference' && !isCourtesy(decision);
}
