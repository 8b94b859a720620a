/**
 * Whose conference a link leads to. Pasting somebody's link into an event must not give power over that conference:
 * it is taken under management only when the organizer's own calendar says so and the organizer (or a delegate of theirs)
 * owns it. Otherwise it is shown. SPEC.md §4.2; threats T14, T15.
 */
import { CONNECTOR_TAG, type Conference } from '@calendar-connector/calendar-model';
import type { ReasonCode } from '../model/rule.ts';
import { conferenceIdFor } from '../standing/conference-id.ts';
import { isSameUser } from '../standing/participants.ts';
import type { Draft } from './draft.ts';
import { organizerAccount } from './fields.ts';

export type Adoption =
  /** made by the connector for this meeting: our own lost answer */
  | { readonly kind: 'ours' }
  | { readonly kind: 'manage' }
  | { readonly kind: 'show'; readonly rule: 'R05' | 'R40' | 'R43'; readonly why: ReasonCode }
  /** the id our conference would have belongs to somebody else's */
  | { readonly kind: 'conflict' }
  /** accounts could not be found out: ask again */
  | { readonly kind: 'unsure' };

/** Judges a conference the organizer's copy links to and that is not managed yet. */
export function judgeAdoption(draft: Draft, conference: Conference): Adoption {
  const { assessment, lookups } = draft;
  const { key, wanted } = assessment;
  if (!wanted) return { kind: 'unsure' };
  if (conference.id === conferenceIdFor(key)) {
    return conference.tags.includes(CONNECTOR_TAG) ? { kind: 'ours' } : { kind: 'conflict' };
  }
  if (lookups.boundTo !== undefined && lookups.boundTo !== key) {
    return { kind: 'show', rule: 'R05', why: 'boundToOtherMeeting' };
  }
  if (draft.base.sharedWith !== undefined) return { kind: 'show', rule: 'R05', why: 'boundToOtherMeeting' };
  const account = organizerAccount(assessment, lookups);
  if (account === undefined) return { kind: 'unsure' };
  if (account === null) return withoutAccount(draft, conference);
  const owns = isSameUser(account.id, conference.owner, wanted.serverId);
  const delegateOwns = lookups.delegates?.some((id) => isSameUser(id, conference.owner, wanted.serverId)) === true;
  if (owns || delegateOwns) return { kind: 'manage' };
  return { kind: 'show', rule: 'R43', why: 'notOrganizersConference' };
}

function withoutAccount(draft: Draft, conference: Conference): Adoption {
  const { settings, assessment } = draft;
  const serverId = assessment.wanted?.serverId;
  const { fallbackOwner } = settings;
  if (settings.ownerless === 'fallback' && fallbackOwner && serverId) {
    if (isSameUser(fallbackOwner, conference.owner, serverId)) return { kind: 'manage' };
  }
  return { kind: 'show', rule: 'R40', why: 'organizerWithoutAccount' };
}

/** A conference that is only shown may still be started by its owner's or a participant's meeting. */
export function mayStartShown(draft: Draft, conference: Conference): boolean {
  const { assessment, lookups } = draft;
  const account = organizerAccount(assessment, lookups);
  const serverId = assessment.wanted?.serverId;
  if (!account || !serverId) return false;
  const people = [conference.owner, ...conference.participants.map((participant) => participant.id)];
  return people.some((id) => isSameUser(id, account.id, serverId));
}
