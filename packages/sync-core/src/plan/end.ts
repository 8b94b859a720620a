/**
 * The rules by which a conference ends with its meeting. SPEC.md §4.1 R06, R07.
 */
import { CONNECTOR_TAG, type Conference } from '@calendar-connector/calendar-model';
import type { AgreedConference } from '../model/meeting.ts';
import { isManaged } from '../standing/assess.ts';
import { foundConference } from '../standing/lookups.ts';
import { judgeAdoption } from './adoption.ts';
import { bindingTo } from './binding.ts';
import { unreachable, unsure } from './doubt.ts';
import type { Draft } from './draft.ts';
import { withoutConference } from './effects.ts';
import { markEnded } from './mark-ended.ts';

/** R06: the organizer's meeting ended, so does its conference. The event stays, marked by Exchange itself. */
export function end(draft: Draft): void {
  const { assessment, settings } = draft;
  const conference = foundConference(draft.lookups.conference);
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
export function ended(draft: Draft): void {
  draft.fire('R07', draft.assessment.why);
  markEnded(draft);
  if (draft.base.binding && draft.lookups.conference === 'absent') {
    draft.base = withoutConference(draft.base);
  }
}

/** What a conference says of itself, as the agreed state of one that was never compared before. */
function agreedOf(conference: Conference): AgreedConference {
  const { topic, description, owner, mode, access } = conference;
  return { topic, ...(description !== undefined && { description }), owner, mode, access, participants: [] };
}
