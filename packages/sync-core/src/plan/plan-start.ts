/**
 * A start is due: what to do now, as a plan of its own. Everything is looked at afresh — the meeting may have moved, ended
 * or been started by the server itself since the job was made. Exactly one start per occurrence. SPEC.md §5.3; feature C5.
 */
import type { Conference, Instant, TrueConfUserId } from '@calendar-connector/calendar-model';
import type { Decision, Plan, RuleFiring } from '../model/decision.ts';
import type { Baseline, StartRecord, StoredMeeting } from '../model/meeting.ts';
import type { ReasonCode } from '../model/rule.ts';
import type { PlanSettings } from '../model/settings.ts';
import { settleLimits } from '../model/settle-limits.ts';
import type { StartConferencePayload } from '../ports/sync-store.ts';
import { assess, EMPTY_BASELINE, isManaged, isSameConference } from '../standing/assess.ts';
import type { ConferenceLookup } from '../standing/lookups.ts';
import { startRetryMs, withStart } from './starts.ts';

/** The whole input of a due start's plan. */
export interface StartInput {
  readonly meeting: StoredMeeting;
  readonly job: StartConferencePayload;
  /** the job's conference as it was found just now */
  readonly conference: ConferenceLookup;
  readonly settings: PlanSettings;
  readonly now: Instant;
}

/** What a due start comes to. */
type Verdict =
  | { readonly kind: 'start'; readonly why: ReasonCode; readonly conference: Conference }
  | { readonly kind: 'record'; readonly why: ReasonCode; readonly state: StartRecord['state'] }
  | { readonly kind: 'skip'; readonly why: ReasonCode }
  | { readonly kind: 'wait'; readonly why: ReasonCode; readonly until: Instant; readonly planFirst?: boolean };

/**
 * Decides about one due start. The plan is settled like any other (`settle`); its decisions are the start, then ringing
 * and notices, which may fail without making the start undone.
 */
export function planStart(input: StartInput): Plan {
  const { meeting, job, settings, now } = input;
  const verdict = judge(input);
  const before = meeting.baseline ?? EMPTY_BASELINE;
  const firing: RuleFiring = { rule: 'R31', why: verdict.why };
  const decisions = verdict.kind === 'start' ? begin(before, job, verdict, settings) : [];
  const again = verdict.kind === 'wait' && !verdict.planFirst ? undefined : now;
  return {
    key: meeting.key,
    version: meeting.version,
    decisions,
    fired: decisions.length > 0 ? decisions.map(({ rule, why }) => ({ rule, why })) : [firing],
    anomalies: [],
    base: verdict.kind === 'record' ? recorded(before, job, verdict.state, input) : before,
    // The next start of the series is owed from now on.
    ...(again !== undefined && { planAgainAt: again }),
    startsToSchedule: verdict.kind === 'wait' ? [{ ...job, at: verdict.until }] : [],
    startsToCancel: [],
    removals: [],
    limits: settleLimits(settings),
  };
}

function judge({ meeting, job, conference, settings, now }: StartInput): Verdict {
  const refused = refusal(meeting.baseline ?? EMPTY_BASELINE, job, settings);
  if (refused) return refused;
  const assessment = assess(meeting, settings, now);
  const again = now + startRetryMs(job.occurrenceStart, settings.timing.retryBaseMs, now);
  if (assessment.exchange === 'held') {
    return { kind: 'wait', why: 'itemVanished', until: Math.max(assessment.view.holdEndsAt ?? now, now + 1) };
  }
  if (job.occurrenceStart > now) return { kind: 'wait', why: 'tooEarly', until: job.occurrenceStart };
  if (!['linked', 'attendeeLinked', 'keyword', 'over'].includes(assessment.exchange)) {
    return { kind: 'skip', why: assessment.why };
  }
  if (!assessment.agenda.current.some((occurrence) => occurrence.start === job.occurrenceStart)) {
    return { kind: 'record', why: 'occurrenceOver', state: 'missed' };
  }
  if (conference === 'unreachable' || conference === 'notWanted') {
    return { kind: 'wait', why: 'serverUnreachable', until: again };
  }
  if (conference === 'absent') {
    return { kind: 'wait', why: 'conferenceAbsent', until: again, planFirst: true };
  }
  if (conference.state === 'running') return { kind: 'record', why: 'startedAlready', state: 'started' };
  return { kind: 'start', why: now === job.occurrenceStart ? 'occurrenceDue' : 'occurrenceInProgress', conference };
}

function refusal(baseline: Baseline, job: StartConferencePayload, settings: PlanSettings): Verdict | undefined {
  const { binding } = baseline;
  if (!binding || !isSameConference(binding, job) || baseline.removed) return { kind: 'skip', why: 'linkChanged' };
  const record = baseline.starts.find((candidate) => candidate.occurrenceStart === job.occurrenceStart);
  if (record && record.state !== 'scheduled') return { kind: 'skip', why: 'startedAlready' };
  if (!record) return { kind: 'skip', why: 'occurrenceGone' };
  if (!settings.launchConference) return { kind: 'skip', why: 'launchOff' };
  const server = settings.servers.find((candidate) => candidate.id.toLowerCase() === job.serverId.toLowerCase());
  if (!server || server.access === 'read' || settings.access === 'freeBusy') {
    return { kind: 'record', why: 'serverReadOnly', state: 'refused' };
  }
  return undefined;
}

function begin(
  baseline: Baseline,
  job: StartConferencePayload,
  { why, conference }: Extract<Verdict, { kind: 'start' }>,
  { atStart }: PlanSettings,
): readonly Decision[] {
  const on = { serverId: job.serverId, conferenceId: job.conferenceId } as const;
  const people = isManaged(baseline) ? peopleOf(conference) : [];
  const decisions: Decision[] = [
    { kind: 'startConference', rule: 'R31', why, ...on, occurrenceStart: job.occurrenceStart },
  ];
  if (atStart.ring && people.length > 0) {
    decisions.push({ kind: 'ringParticipants', rule: 'R26', why, ...on, participants: people });
  }
  if (atStart.notify && people.length > 0) decisions.push({ kind: 'notifyParticipants', rule: 'R27', why, ...on });
  return decisions;
}

/** Everybody planned on the server, and the owner. A conference that is only shown rings nobody. */
function peopleOf({ owner, participants }: Conference): readonly TrueConfUserId[] {
  return [...new Set([owner, ...participants.map((participant) => participant.id)])];
}

function recorded(
  baseline: Baseline,
  job: StartConferencePayload,
  state: StartRecord['state'],
  { settings, now }: StartInput,
): Baseline {
  const record = { occurrenceStart: job.occurrenceStart, state, at: now };
  return { ...baseline, starts: withStart(baseline.starts, record, settings.limits.starts) };
}
