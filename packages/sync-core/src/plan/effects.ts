/**
 * What a decision that was carried out makes true: pure steps from baseline to baseline. SPEC.md §5.1.
 */
import type { Conference, ConferenceParticipant, TrueConfUserId } from '@calendar-connector/calendar-model';
import type { Decision, Outcome } from '../model/decision.ts';
import type { AgreedConference, Baseline } from '../model/meeting.ts';
import type { ConferencePatch } from '../ports/conference-target.ts';
import { compareText } from '../view/copies.ts';

/** The baseline after a decision succeeded (`done` or `already`). */
export function afterSuccess(baseline: Baseline, decision: Decision, outcome: Outcome): Baseline {
  switch (decision.kind) {
    case 'createConference':
      return afterCreate(baseline, decision, outcome);
    case 'updateConference':
      return withAgreed(baseline, (agreed) => patched(agreed, decision.patch));
    case 'addParticipants':
      return withAgreed(baseline, (agreed) => ({
        ...agreed,
        participants: union(agreed.participants, decision.participants),
      }));
    case 'removeParticipants':
      return withAgreed(baseline, (agreed) => ({
        ...agreed,
        participants: agreed.participants.filter((id) => !decision.participants.includes(id)),
      }));
    case 'removeConference':
      return afterRemove(baseline, decision.leaves);
    case 'writeJoinLink': {
      const { mailbox, itemId, url } = decision;
      return { ...baseline, linkWritten: { mailbox, itemId, url } };
    }
    default:
      return baseline;
  }
}

type CreateDecision = Extract<Decision, { kind: 'createConference' }>;

function afterCreate(baseline: Baseline, decision: CreateDecision, outcome: Outcome): Baseline {
  const conference = 'conference' in outcome ? outcome.conference : undefined;
  const binding = { ...decision.binding, url: conference?.url ?? decision.binding.url };
  // Somebody else's, or our own lost one: what it holds is compared at the next look, nothing is taken for agreed.
  if (outcome.status === 'already' && binding.ownership === 'adopted') return { ...baseline, binding };
  return { ...baseline, binding, agreed: agreedAfterCreate(decision, conference) };
}

function agreedAfterCreate({ spec }: CreateDecision, conference: Conference | undefined): AgreedConference {
  return {
    topic: conference?.topic ?? spec.topic,
    owner: conference?.owner ?? spec.owner,
    mode: conference?.mode ?? spec.mode,
    access: conference?.access ?? spec.access,
    participants: spec.participants.map((participant) => participant.id).sort(compareText),
    ...(spec.schedule.type === 'none' && { unscheduled: true }),
  };
}

function afterRemove(baseline: Baseline, leaves: 'ended' | 'unbound'): Baseline {
  if (leaves === 'ended') return withoutConference(baseline);
  const { agreed: _agreed, ...rest } = baseline;
  const { binding: _binding, linkWritten: _linkWritten, ...unbound } = rest;
  return { ...unbound, removed: false, starts: [] };
}

/** The conference is gone for good: its id stays known so that it is not made again. */
export function withoutConference(baseline: Baseline): Baseline {
  const { agreed: _agreed, ...rest } = baseline;
  const { binding } = baseline;
  return { ...rest, removed: true, ...(binding && { binding: { ...binding, removed: true } }) };
}

function withAgreed(baseline: Baseline, change: (agreed: AgreedConference) => AgreedConference): Baseline {
  return baseline.agreed ? { ...baseline, agreed: change(baseline.agreed) } : baseline;
}

function patched(agreed: AgreedConference, patch: ConferencePatch): AgreedConference {
  const { topic, description, owner, mode, access, schedule } = patch;
  const { unscheduled, ...rest } = agreed;
  const isUnscheduled = schedule === undefined ? unscheduled : schedule.type === 'none';
  return {
    ...rest,
    ...(isUnscheduled && { unscheduled: true }),
    ...(topic !== undefined && { topic }),
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    ...(mode !== undefined && { mode }),
    ...(access !== undefined && { access }),
  };
}

function union(ids: readonly TrueConfUserId[], added: readonly ConferenceParticipant[]): readonly TrueConfUserId[] {
  return [...new Set([...ids, ...added.map((participant) => participant.id)])].sort(compareText);
}
