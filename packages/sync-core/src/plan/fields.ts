/**
 * What a conference should look like for its meeting: title, time and owner. SPEC.md §4.3; features C4, C10.
 * Why a series gets one lasting room: docs/decisions/0006-recurring-meetings.md.
 */
import type {
  Conference,
  ConferenceSchedule,
  Instant,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { PlanSettings } from '../model/settings.ts';
import type { ConferencePatch } from '../ports/conference-target.ts';
import type { Assessment } from '../standing/assess.ts';
import { emailOf } from '../standing/email.ts';
import type { Lookups } from '../standing/lookups.ts';
import { isSameUser } from '../standing/participants.ts';
import { conferenceTopic, meetingTopic } from '../standing/texts.ts';
import type { Draft } from './draft.ts';

/** TrueConf Server takes durations of one-time conferences from a minute to a day less a second. */
const MIN_DURATION_S = 60;
const MAX_DURATION_S = 86_399;

/** The title for now: of the occurrence in progress or next. */
export function wantedTopic({ focus, view }: Assessment, settings: PlanSettings): string {
  const item = focus?.exception ?? view.source?.item;
  return meetingTopic(item?.subject ?? '', view.isPrivate, settings);
}

/** True for a meeting that takes place more than once: it gets a lasting room. */
export function isRecurring({ view }: Assessment): boolean {
  return view.source?.item.kind === 'seriesMaster' || view.orphans.length > 0;
}

/** The schedule of a conference that is made now. */
export function scheduleForNew(assessment: Assessment, settings: PlanSettings, now: Instant): ConferenceSchedule {
  // The server starts a planned conference by itself: never when launchConference says that nobody shall.
  return (settings.launchConference && oneTime(assessment, now)) || { type: 'none' };
}

/** How an existing conference's schedule must change; undefined when it may stay. */
function scheduleChange(
  { assessment, settings, now, base }: Draft,
  current: ConferenceSchedule,
): ConferenceSchedule | undefined {
  // A room that people made without a time stays one.
  if (current.type === 'none')
    return base.agreed?.unscheduled && settings.launchConference ? oneTime(assessment, now) : undefined;
  if (isRecurring(assessment)) return settings.launchConference ? { type: 'none' } : undefined;
  if (current.type === 'week') return undefined;
  if ((assessment.focus?.start ?? 0) <= now) return undefined;
  const wanted = oneTime(assessment, now) ?? ({ type: 'none' } as const);
  if (wanted.type === 'none') return wanted;
  return sameMinute(wanted.start, current.start) && wanted.durationSeconds === current.durationSeconds
    ? undefined
    : wanted;
}

function oneTime(assessment: Assessment, now: Instant): Extract<ConferenceSchedule, { type: 'once' }> | undefined {
  const { focus } = assessment;
  if (!focus || isRecurring(assessment) || focus.start <= now) return undefined;
  const durationSeconds = Math.floor((focus.end - focus.start) / 1000);
  if (durationSeconds < MIN_DURATION_S || durationSeconds > MAX_DURATION_S) return undefined;
  return { type: 'once', start: focus.start, durationSeconds };
}

/** Servers keep times to the second, some to the minute. */
function sameMinute(a: Instant, b: Instant): boolean {
  return Math.abs(a - b) < 1000;
}

/** The organizer's account: null when there is none, undefined when it could not be found out. */
export function organizerAccount({ view }: Assessment, lookups: Lookups): TrueConfUser | null | undefined {
  const email = emailOf(view.organizer?.address);
  if (email === undefined) return null;
  const user = lookups.users.get(email);
  return user === undefined || user?.isActive ? user : null;
}

/** Who owns a conference that is made now; the policy decides for an organizer without an account. */
export function ownerForNew(draft: Draft): TrueConfUserId | null | undefined {
  const account = organizerAccount(draft.assessment, draft.lookups);
  if (account) return account.id;
  if (account === undefined) return undefined;
  return draft.settings.ownerless === 'fallback' ? (draft.settings.fallbackOwner ?? null) : null;
}

/** The fields that differ from the meeting's, as a patch; empty when both agree. */
export function fieldChanges(draft: Draft, conference: Conference, ownership: 'adopted' | 'created'): ConferencePatch {
  const { assessment, settings } = draft;
  const topic = wantedTopic(assessment, settings);
  const schedule = scheduleChange(draft, conference.schedule);
  const owner = ownerChange(draft, conference, ownership);
  return {
    ...(topic !== conferenceTopic(conference.topic, settings.language) && { topic }),
    ...(schedule && { schedule }),
    ...(owner !== undefined && { owner }),
  };
}

function ownerChange(
  draft: Draft,
  { owner }: Conference,
  ownership: 'adopted' | 'created',
): TrueConfUserId | undefined {
  if (ownership === 'adopted' && draft.settings.adoptedOwner === 'keep') return undefined;
  const account = organizerAccount(draft.assessment, draft.lookups);
  const serverId = draft.assessment.wanted?.serverId;
  if (!account || !serverId || isSameUser(account.id, owner, serverId)) return undefined;
  return account.id;
}
