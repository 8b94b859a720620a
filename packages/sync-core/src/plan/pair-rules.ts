/**
 * What each rule of the table does. A rule only writes down decisions and the baseline observation alone justifies.
 * SPEC.md §4.1, one paragraph per rule.
 */
import { CONNECTOR_TAG, type Conference } from '@calendar-connector/calendar-model';
import type { AgreedConference, Baseline, ConferenceBinding } from '../model/meeting.ts';
import type { ReasonCode } from '../model/rule.ts';
import { isManaged, isSameConference, type WantedConference } from '../standing/assess.ts';
import { conferenceIdFor } from '../standing/conference-id.ts';
import type { ConferenceLookup } from '../standing/lookups.ts';
import { wantedParticipants } from '../standing/participants.ts';
import { judgeAdoption, mayStartShown } from './adoption.ts';
import type { Draft } from './draft.ts';
import { withoutConference } from './effects.ts';
import { ownerForNew, scheduleForNew, wantedTopic } from './fields.ts';
import { follow } from './follow.ts';
import type { PairRule } from './rule-table.ts';

/** Carries out the rule of the table on the draft. */
export const PAIR_RULES: Readonly<Record<PairRule, (draft: Draft) => void>> = {
  R00: (draft) => void draft.fire('R00', draft.assessment.why),
  R01: (draft) => create(draft, 'R01', 'created', draft.assessment.why),
  R02: (draft) => create(draft, 'R02', ownershipOf(draft), 'conferenceAbsent'),
  R03: adopt,
  R04: (draft) => (isManaged(draft.base) ? follow(draft, 'R04', draft.assessment.why) : adopt(draft)),
  R05: show,
  R06: end,
  R07: ended,
  R08: (draft) => {
    draft.fire('R08', draft.assessment.why);
    unbind(draft);
  },
  R09: retire,
  R10: (draft) => {
    draft.fire('R10', draft.assessment.why);
    draft.startable = 'keep';
  },
  R11: unreachable,
  R12: (draft) => void draft.fire('R12', 'over'),
  R13: (draft) => void draft.fire('R13', 'mirror'),
  R14: (draft) => void draft.fire('R14', 'removedByUs'),
  R15: rebind,
  R16: (draft) => void draft.fire('R16', 'noCopyLeft'),
  R17: (draft) => void draft.fire('R17', 'freeBusyAccess'),
};

/** Behind a link that people wrote the conference is theirs; one that a client asked for with the event is ours. */
function ownershipOf({ base, assessment }: Draft): ConferenceBinding['ownership'] {
  return base.binding?.ownership ?? (assessment.wanted?.asked ? 'created' : 'adopted');
}

function bindingTo(
  wanted: WantedConference,
  ownership: ConferenceBinding['ownership'],
  seen: Pick<Conference, 'mode' | 'access'> & { readonly url?: string },
): ConferenceBinding {
  const { serverId, conferenceId } = wanted;
  return { serverId, conferenceId, ownership, url: seen.url ?? wanted.url, mode: seen.mode, access: seen.access };
}

/** Forgets what a former life of the meeting left behind, when the organizer's copy is alive again. */
function revived(base: Baseline): Baseline {
  const { ended: _ended, sharedWith: _sharedWith, ...rest } = base;
  return { ...rest, cancelled: false, removed: false };
}

/** R01 and R02: the conference is made under an id that a repeated call finds again. */
function create(draft: Draft, rule: 'R01' | 'R02', ownership: ConferenceBinding['ownership'], why: ReasonCode): void {
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
function adopt(draft: Draft): void {
  const { assessment } = draft;
  const conference = present(draft.lookups.conference);
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
function show(draft: Draft): void {
  const { wanted, against } = draft.assessment;
  const conference = present(draft.lookups.conference);
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

/** R06: the organizer's meeting ended, so does its conference. The event stays, marked by Exchange itself. */
function end(draft: Draft): void {
  const { assessment, settings } = draft;
  const conference = present(draft.lookups.conference);
  const { wanted } = assessment;
  if (!conference || !wanted) {
    unreachable(draft);
    return;
  }
  if (draft.base.removed) {
    endAgain(draft, conference);
    return;
  }
  if (!isManaged(draft.base)) {
    // Only shown until now, and only the organizer's own calendar gives power over it.
    if (assessment.view.source?.rank !== 'organizer') {
      ended(draft);
      return;
    }
    const verdict = judgeAdoption(draft, conference);
    if (verdict.kind === 'unsure') {
      unsure(draft);
      return;
    }
    if (verdict.kind !== 'manage' && verdict.kind !== 'ours') {
      ended(draft);
      return;
    }
    const ownership = verdict.kind === 'ours' ? 'created' : 'adopted';
    draft.base = { ...draft.base, binding: bindingTo(wanted, ownership, conference), agreed: agreedOf(conference) };
  }
  markEnded(draft);
  if (isOnlyStopped(draft)) {
    if (conference.state === 'running') {
      const on = { serverId: wanted.serverId, conferenceId: wanted.conferenceId } as const;
      draft.decide({ kind: 'stopConference', rule: 'R06', why: assessment.why, ...on });
      draft.again.push(draft.now + settings.timing.retryBaseMs);
    } else draft.base = withoutConference(draft.base);
    return;
  }
  stopAndRemove(draft, conference);
}

/**
 * Removed once, and there all the same: the meeting lived again for a while and we made it anew, but the answer or the
 * settlement that would have said so got lost. What people made in its place is theirs.
 */
function endAgain(draft: Draft, conference: Conference): void {
  if (!conference.tags.includes(CONNECTOR_TAG) || isOnlyStopped(draft)) {
    ended(draft);
    return;
  }
  markEnded(draft);
  stopAndRemove(draft, conference);
}

function isOnlyStopped({ base, settings }: Draft): boolean {
  return base.binding?.ownership === 'adopted' && settings.adoptedEnd === 'stop';
}

function stopAndRemove(draft: Draft, conference: Conference): void {
  const { wanted, why } = draft.assessment;
  if (!wanted) return;
  const on = { serverId: wanted.serverId, conferenceId: wanted.conferenceId } as const;
  if (conference.state === 'running') draft.decide({ kind: 'stopConference', rule: 'R06', why, ...on });
  draft.decide({ kind: 'removeConference', rule: 'R06', why, ...on, leaves: 'ended' });
}

/** R07: nothing on the server is left to end. */
function ended(draft: Draft): void {
  draft.fire('R07', draft.assessment.why);
  markEnded(draft);
  if (draft.base.binding && draft.lookups.conference === 'absent') {
    draft.base = withoutConference(draft.base);
  }
}

/** The organizer's own word is remembered: the row that said it goes. */
function markEnded(draft: Draft): void {
  const { exchange, view } = draft.assessment;
  if (exchange !== 'cancelled' && exchange !== 'deleted') return;
  const { key, wanted } = draft.assessment;
  const certain = view.source?.rank === 'organizer' || draft.base.ended !== undefined;
  draft.base = { ...draft.base, cancelled: exchange === 'cancelled', ...(certain && { ended: exchange }) };
  // Our own conference whose making was never settled: its id must outlive the row that asked for it.
  if (!draft.base.binding && wanted?.conferenceId === conferenceIdFor(key)) {
    draft.base = { ...draft.base, binding: { ...wanted, ownership: 'created' } };
  }
}

/** R09: made by the connector, wanted by nobody any more. */
function retire(draft: Draft): void {
  const { binding } = draft.base;
  if (!binding) return;
  stopAndUnbind(draft, binding, present(draft.lookups.conference), 'R09');
}

/** R15: the old conference is let go, or removed when the connector had made it; the new one is taken up afterwards. */
function rebind(draft: Draft): void {
  const { binding } = draft.base;
  if (!binding) return;
  const { previous } = draft.lookups;
  if (
    binding.ownership === 'created' &&
    (previous === undefined || previous === 'unreachable' || previous === 'notWanted')
  ) {
    unreachable(draft);
    return;
  }
  if (binding.ownership === 'created' && present(previous ?? 'absent')) {
    stopAndUnbind(draft, binding, present(previous ?? 'absent'), 'R15');
    return;
  }
  draft.fire('R15', 'linkChanged');
  unbind(draft);
  draft.again.push(draft.now);
}

function stopAndUnbind(
  draft: Draft,
  binding: ConferenceBinding,
  conference: Conference | undefined,
  rule: 'R09' | 'R15',
): void {
  const why = rule === 'R15' ? 'linkChanged' : draft.assessment.why;
  const on = { serverId: binding.serverId, conferenceId: binding.conferenceId } as const;
  if (conference?.state === 'running') draft.decide({ kind: 'stopConference', rule, why, ...on });
  draft.decide({ kind: 'removeConference', rule, why, ...on, leaves: 'unbound' });
}

function unbind(draft: Draft): void {
  const { binding: _b, agreed: _a, linkWritten: _l, sharedWith: _s, ...base } = draft.base;
  draft.base = { ...base, removed: false };
}

/** R11: what could not be read is asked again; starts already owed stay owed. */
function unreachable(draft: Draft): void {
  markEnded(draft);
  draft.block('R11', 'serverUnreachable');
  draft.startable = lastKnown(draft);
}

function unsure(draft: Draft): void {
  markEnded(draft);
  draft.block('R47', 'accountsUnknown');
  draft.startable = lastKnown(draft);
}

/** A managed conference keeps following the meeting's times even while its server does not answer. */
function lastKnown({ assessment, base }: Draft): ConferenceBinding | 'keep' | 'none' {
  if (assessment.exchange === 'cancelled' || assessment.exchange === 'deleted' || base.removed) return 'none';
  const { binding } = base;
  if (!binding || !assessment.wanted || !isSameConference(binding, assessment.wanted)) return 'none';
  return isManaged(base) ? binding : 'keep';
}

function present(lookup: ConferenceLookup): Conference | undefined {
  return typeof lookup === 'string' ? undefined : lookup;
}

/** What a conference says of itself, as the agreed state of one that was never compared before. */
export function agreedOf(conference: Conference): AgreedConference {
  const { topic, description, owner, mode, access } = conference;
  return { topic, ...(description !== undefined && { description }), owner, mode, access, participants: [] };
}
