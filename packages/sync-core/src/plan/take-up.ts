/**
 * The rules by which a meeting comes to its conference: made, adopted, or only shown. SPEC.md §4.1 R01–R05.
 */
import { CONNECTOR_TAG, type Conference } from '@calendar-connector/calendar-model';
import type { Baseline, ConferenceBinding } from '../model/meeting.ts';
import type { ReasonCode } from '../model/rule.ts';
import { isManaged, type WantedConference } from '../standing/assess.ts';
import { foundConference } from '../standing/lookups.ts';
import { wantedParticipants } from '../standing/participants.ts';
import { judgeAdoption, mayStartShown } from './adoption.ts';
import { bindingTo, revived } from './binding.ts';
import { unreachable, unsure } from './doubt.ts';
import type { Draft } from './draft.ts';
import { ownerForNew, scheduleForNew, wantedTopic } from './fields.ts';
import { follow } from './follow.ts';

/** Behind a link that people wrote the conference is theirs; one that a client asked for with the event is ours. */
export function ownershipOf({ base, assessment }: Draft): ConferenceBinding['ownership'] {
  return base.binding?.ownership ?? (assessment.wanted?.asked ? 'created' : 'adopted');
}

/** R01 and R02: the conference is made under an id that a repeated call finds again. */
export function create(
  draft: Draft,
  rule: 'R01' | 'R02',
  ownership: ConferenceBinding['ownership'],
  why: ReasonCode,
): void {
  const { assessment, settings, now, lookups } = draft;
  const { wanted } = assessment;
  if (!wanted) return;
  const owner = ownerForNew(draft);
  if (owner === undefined) {
    unsure(draft);
    return;
  }
  if (owner === null) {
    draft.block('R40', 'organizerWithoutAccount');
    // Accounts are made without anything happening in Exchange: somebody has to ask again as long as it matters.
    if (!assessment.agenda.over) draft.again.push(now + settings.timing.retryCapMs);
    return;
  }
  const { keyword } = settings;
  const agreed = draft.base.agreed;
  const mode =
    agreed?.mode ?? wanted.asked?.mode ?? (ownership === 'created' ? keyword?.mode : undefined) ?? settings.defaultMode;
  const access =
    agreed?.access ??
    wanted.asked?.access ??
    (ownership === 'created' ? keyword?.access : undefined) ??
    settings.defaultAccess;
  const on = { serverId: wanted.serverId, access };
  const people = settings.syncConferenceParticipants
    ? wantedParticipants(assessment, on, lookups.users, settings).participants.filter(({ id }) => id !== owner)
    : [];
  const binding = bindingTo(wanted, ownership, { mode, access });
  const { agreed: _agreed, ...base } = revived(draft.base);
  draft.base = base;
  draft.startable = binding;
  draft.decide({
    kind: 'createConference',
    rule,
    why,
    serverId: wanted.serverId,
    conferenceId: wanted.conferenceId,
    binding,
    spec: {
      id: wanted.conferenceId,
      topic: wantedTopic(assessment, settings),
      owner,
      mode,
      access,
      schedule: scheduleForNew(assessment, settings, now),
      participants: people,
      tags: [CONNECTOR_TAG],
    },
  });
}

/** R03: a conference that exists and is not managed yet. */
export function adopt(draft: Draft): void {
  const { assessment } = draft;
  const conference = foundConference(draft.lookups.conference);
  const { wanted } = assessment;
  if (!conference || !wanted) {
    unreachable(draft);
    return;
  }
  const verdict = judgeAdoption(draft, conference);
  switch (verdict.kind) {
    case 'unsure':
      unsure(draft);
      return;
    case 'conflict':
      draft.block('R42', 'idTaken');
      draft.anomalies.push({
        kind: 'conferenceConflict',
        meeting: assessment.key,
        facts: { serverId: wanted.serverId, conferenceId: wanted.conferenceId },
      });
      return;
    case 'show':
      draft.block(verdict.rule, verdict.why);
      bindShown(draft, conference, wanted);
      return;
    default: {
      const ownership = verdict.kind === 'ours' ? 'created' : 'adopted';
      draft.base = { ...revived(draft.base), binding: bindingTo(wanted, ownership, conference) };
      follow(draft, 'R03', assessment.why);
      return;
    }
  }
}

/** R05: clients see the conference; nothing of it is written. */
export function show(draft: Draft): void {
  const { wanted, against } = draft.assessment;
  const conference = foundConference(draft.lookups.conference);
  draft.fire('R05', draft.assessment.why);
  if (!wanted || !conference) return;
  if (isManaged(draft.base) && against !== 'other') {
    draft.startable = draft.base.binding ?? 'none';
    return;
  }
  bindShown(draft, conference, wanted);
}

function bindShown(draft: Draft, conference: Conference, wanted: WantedConference): void {
  const sharedWith = sharingMeeting(draft);
  const { agreed: _agreed, ...base } = revived(draft.base);
  const binding = bindingTo(wanted, 'adopted', conference);
  draft.base = { ...base, binding, ...(sharedWith !== undefined && { sharedWith }) };
  if (mayStartShown(draft, conference)) draft.startable = binding;
}

/** Remembered, because a store asked later may name this meeting itself. */
function sharingMeeting({ assessment, lookups, base }: Draft): Baseline['sharedWith'] {
  const { boundTo } = lookups;
  if (boundTo !== undefined && boundTo !== assessment.key) return boundTo;
  return base.sharedWith;
}
