/**
 * The tie between a meeting and its conference, as the rules make and undo it. Pure steps on the draft's baseline.
 */
import type { Conference } from '@calendar-connector/calendar-model';
import type { Baseline, ConferenceBinding } from '../model/meeting.ts';
import type { WantedConference } from '../standing/assess.ts';
import type { Draft } from './draft.ts';

export function bindingTo(
  wanted: WantedConference,
  ownership: ConferenceBinding['ownership'],
  seen: Pick<Conference, 'mode' | 'access'> & { readonly url?: string },
): ConferenceBinding {
  const { serverId, conferenceId } = wanted;
  return { serverId, conferenceId, ownership, url: seen.url ?? wanted.url, mode: seen.mode, access: seen.access };
}

export function unbind(draft: Draft): void {
  const { binding: _b, agreed: _a, linkWritten: _l, sharedWith: _s, ...base } = draft.base;
  draft.base = { ...base, removed: false };
}

/** Forgets what a former life of the meeting left behind, when the organizer's copy is alive again. */
export function revived(base: Baseline): Baseline {
  const { ended: _ended, sharedWith: _sharedWith, ...rest } = base;
  return { ...rest, cancelled: false, removed: false };
}
