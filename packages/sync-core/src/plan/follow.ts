/**
 * R03 and R04: a managed conference is brought in step with its meeting, field by field; what cannot be edited while it
 * runs waits. SPEC.md §4.3–4.5; features C4, C6, C10; facts: "description is the only field editable while running".
 */
import type { Conference } from '@calendar-connector/calendar-model';
import type { Baseline } from '../model/meeting.ts';
import type { ReasonCode } from '../model/rule.ts';
import type { ConferencePatch } from '../ports/conference-target.ts';
import { compareParticipants, type ParticipantChange, wantedParticipants } from '../standing/participants.ts';
import type { Draft } from './draft.ts';
import { fieldChanges, organizerAccount } from './fields.ts';
import { planJoinLink } from './join-link.ts';

/** Compares a conference that exists with its meeting. The draft's base is bound to it already. */
export function follow(draft: Draft, rule: 'R03' | 'R04', why: ReasonCode): void {
  const { conference } = draft.lookups;
  const { binding } = draft.base;
  if (typeof conference === 'string' || !binding) return;
  draft.fire(rule, why);
  const people = peopleChange(draft, conference);
  draft.base = agreeOn(draft.base, conference, people, draft.settings.syncConferenceParticipants);
  draft.startable = binding;
  reportOwner(draft);
  const patch = fieldChanges(draft, conference, binding.ownership);
  const on = { serverId: binding.serverId, conferenceId: binding.conferenceId } as const;
  const postponed = conference.state === 'running' ? waitingFields(patch, people) : [];
  if (postponed.length > 0) postpone(draft, postponed);
  if (conference.state === 'stopped' && Object.keys(patch).length > 0) {
    draft.decide({ kind: 'updateConference', rule: ruleOf(patch), why: 'conferenceDiffers', ...on, patch });
  }
  if (people && people.add.length > 0) {
    draft.decide({ kind: 'addParticipants', rule: 'R23', why: 'attendeeJoined', ...on, participants: people.add });
    if (conference.state === 'running') {
      const participants = people.add.map((participant) => participant.id);
      draft.decide({ kind: 'ringParticipants', rule: 'R26', why: 'attendeeJoined', ...on, participants });
    }
  }
  if (people && people.remove.length > 0 && conference.state === 'stopped') {
    draft.decide({ kind: 'removeParticipants', rule: 'R24', why: 'attendeeLeft', ...on, participants: people.remove });
  }
  planJoinLink(draft, binding);
}

/** undefined: participants are left alone by configuration. */
function peopleChange(draft: Draft, conference: Conference): ParticipantChange | undefined {
  const { assessment, lookups, settings, base } = draft;
  const serverId = base.binding?.serverId;
  if (!settings.syncConferenceParticipants || !serverId) return undefined;
  const wanted = wantedParticipants(assessment, { serverId, access: conference.access }, lookups.users, settings);
  if (!wanted.complete) {
    draft.fire('R47', 'accountsUnknown');
    draft.again.push(draft.now + settings.timing.retryBaseMs * 8);
  }
  if (wanted.unknown > 0) draft.fire('R46', 'attendeesWithoutAccount');
  if (wanted.beyondLimit > 0) draft.fire('R45', 'tooManyParticipants');
  return compareParticipants(wanted, conference, base.agreed?.participants ?? [], serverId);
}

/** What both sides hold before anything is written is agreed already. */
function agreeOn(
  base: Baseline,
  conference: Conference,
  people: ParticipantChange | undefined,
  sync: boolean,
): Baseline {
  const { topic, description, owner, mode, access } = conference;
  const participants = people && sync ? people.agreed : (base.agreed?.participants ?? []);
  const isUnscheduled = base.agreed?.unscheduled && conference.schedule.type === 'none';
  return {
    ...base,
    cancelled: false,
    agreed: {
      topic,
      ...(description !== undefined && { description }),
      owner,
      mode,
      access,
      participants,
      ...(isUnscheduled && { unscheduled: true }),
    },
  };
}

function reportOwner(draft: Draft): void {
  if (organizerAccount(draft.assessment, draft.lookups) === null) draft.fire('R40', 'organizerWithoutAccount');
}

function waitingFields(patch: ConferencePatch, people: ParticipantChange | undefined): readonly string[] {
  return [...Object.keys(patch), ...(people && people.remove.length > 0 ? ['participants'] : [])];
}

function postpone(draft: Draft, fields: readonly string[]): void {
  const until = draft.now + draft.settings.timing.runningPollMs;
  draft.decide({ kind: 'wait', rule: 'R25', why: 'conferenceRunning', until, fields });
  draft.again.push(until);
}

/** The rule named on a patch is that of its first field; `explain` lists all fields. */
function ruleOf(patch: ConferencePatch): 'R20' | 'R21' | 'R22' {
  if (patch.topic !== undefined) return 'R20';
  return patch.schedule ? 'R21' : 'R22';
}
