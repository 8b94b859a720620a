/**
 * Where a meeting stands before TrueConf Server was asked anything: which side states hold, and which conference is
 * wanted. Both phases of planning start here. SPEC.md §3.
 */
import type { Instant, MeetingKey } from '@calendar-connector/calendar-model';
import { recognizeConferenceLink } from '../links/recognize.ts';
import { type ConferenceWish, conferenceWish } from '../links/wish.ts';
import type { ConferenceRef } from '../model/decision.ts';
import type { Baseline, ConferenceBinding, StoredMeeting } from '../model/meeting.ts';
import type { ReasonCode } from '../model/rule.ts';
import type { PlanSettings } from '../model/settings.ts';
import { foldMeeting } from '../view/fold-meeting.ts';
import type { MeetingView } from '../view/meeting-view.ts';
import { type Agenda, agendaOf, focusOf, type MeetingOccurrence } from '../view/occurrences.ts';
import { conferenceIdFor } from './conference-id.ts';
import { hasKeyword } from './texts.ts';

/**
 * The Exchange side of the pair. linked, keyword: the organizer's copy names a conference, or asks for one.
 * attendeeLinked: only attendees' copies are synced and one names a conference. noLink: none is wanted.
 */
export type ExchangeState =
  | 'linked'
  | 'attendeeLinked'
  | 'keyword'
  | 'noLink'
  | 'cancelled'
  | 'deleted'
  | 'held'
  | 'unseen'
  | 'over'
  | 'mirror'
  | 'hidden';

/** What was agreed before, seen against what is wanted now. other: bound to a conference that is not the wanted one. */
export type BaselineState = 'none' | 'adopted' | 'created' | 'removed' | 'other';

/** A conference the meeting wants, or has and must do something about. */
export interface WantedConference extends ConferenceRef {
  readonly url: string;
  /** what a client asked for with the event; counts only while the conference has to be made */
  readonly asked?: ConferenceWish;
}

/** Where a meeting stands: what its copies say, what was agreed, and what follows from both. */
export interface Assessment {
  readonly key: MeetingKey;
  readonly view: MeetingView;
  readonly agenda: Agenda;
  readonly focus?: MeetingOccurrence;
  readonly exchange: ExchangeState;
  readonly why: ReasonCode;
  readonly against: BaselineState;
  readonly wanted?: WantedConference;
  readonly baseline: Baseline;
}

/** What a meeting that was never settled has agreed: nothing. */
export const EMPTY_BASELINE: Baseline = { version: 1, starts: [], cancelled: false, removed: false };

interface Standing {
  readonly exchange: ExchangeState;
  readonly why: ReasonCode;
  readonly wanted?: WantedConference;
}

/** Judges a stored meeting as of `now`. */
export function assess(meeting: StoredMeeting, settings: PlanSettings, now: Instant): Assessment {
  const baseline = meeting.baseline ?? EMPTY_BASELINE;
  const view = foldMeeting(meeting.copies, now, {
    holdMs: settings.timing.holdMs,
    maxAttendees: settings.limits.attendees,
  });
  const agenda = agendaOf(view, now, settings.timing.startHorizonMs);
  const standing = judge({ meeting, baseline, view, agenda, settings });
  const focus = focusOf(agenda);
  return {
    key: meeting.key,
    view,
    agenda,
    ...(focus && { focus }),
    ...standing,
    against: judgeBaseline(baseline, standing.wanted),
    baseline,
  };
}

interface Facts {
  readonly meeting: StoredMeeting;
  readonly baseline: Baseline;
  readonly view: MeetingView;
  readonly agenda: Agenda;
  readonly settings: PlanSettings;
}

function judge(facts: Facts): Standing {
  const { baseline, view, agenda, settings } = facts;
  const { source, state } = view;
  if (settings.access === 'freeBusy') return { exchange: 'hidden', why: 'freeBusyAccess' };
  if (source?.item.marker.mirrorOf !== undefined) return { exchange: 'mirror', why: 'mirror' };
  const revived = state === 'live' && source?.rank === 'organizer';
  if (baseline.ended && !revived) return ended(baseline.ended, facts);
  if (!source || state === 'unseen') return { exchange: 'unseen', why: 'noCopyLeft' };
  if (state === 'held') return { exchange: 'held', why: 'itemVanished' };
  if (state === 'cancelled') return agenda.over && !isManaged(baseline) ? OVER : ended('cancelled', facts);
  if (state === 'deleted') return wasOver(facts) ? OVER : ended('deleted', facts);
  if (agenda.over) return OVER;
  return source.rank === 'organizer' ? organizersWish(facts) : attendeesView(facts);
}

const OVER: Standing = { exchange: 'over', why: 'over' };

function ended(how: 'cancelled' | 'deleted', facts: Facts): Standing {
  const { binding } = facts.baseline;
  // A conference may have been made although its answer was lost and nothing was settled: what was asked for is looked up.
  const linked = facts.view.source?.rank === 'organizer' ? (linkOf(facts) ?? keywordWish(facts)) : undefined;
  const wanted = binding ? toWanted(binding) : linked;
  return { exchange: how, why: how, ...(wanted && { wanted }) };
}

/** Cleaning up the calendar after a meeting is no cancellation. */
function wasOver({ view, settings }: Facts): boolean {
  if (view.vanishedAt === undefined) return false;
  return agendaOf(view, view.vanishedAt, settings.timing.startHorizonMs).over;
}

function organizersWish(facts: Facts): Standing {
  const { baseline, view } = facts;
  const item = view.source?.item;
  const linked = linkOf(facts);
  if (linked) return { exchange: 'linked', why: 'linkFound', wanted: linked };
  // A body that was not read proves nothing: what was bound stays bound.
  if (item?.body === undefined && baseline.binding && !baseline.removed) {
    return { exchange: 'linked', why: 'linkBound', wanted: toWanted(baseline.binding) };
  }
  const asked = keywordWish(facts);
  return asked ? { exchange: 'keyword', why: 'keyword', wanted: asked } : noLink(baseline);
}

/** The conference the organizer asks for by keyword. */
function keywordWish({ meeting, settings, view }: Facts): WantedConference | undefined {
  const { keyword } = settings;
  const item = view.source?.item;
  const server = keyword && settings.servers.find((candidate) => candidate.id === keyword.serverId);
  if (!keyword || !server || !item || !hasKeyword(item.location, keyword.text)) return undefined;
  const conferenceId = conferenceIdFor(meeting.key);
  return { serverId: server.id, conferenceId, url: `https://${server.hosts[0] ?? ''}/c/${conferenceId}` };
}

function attendeesView(facts: Facts): Standing {
  const { baseline } = facts;
  const bound = baseline.binding && !baseline.removed ? toWanted(baseline.binding) : undefined;
  const wanted = linkOf(facts) ?? bound;
  return wanted ? { exchange: 'attendeeLinked', why: 'organizerNotSynced', wanted } : noLink(baseline);
}

function noLink({ binding, removed }: Baseline): Standing {
  const wanted = binding && !removed ? toWanted(binding) : undefined;
  return { exchange: 'noLink', why: wanted ? 'linkRemoved' : 'noLink', ...(wanted && { wanted }) };
}

function linkOf({ view, settings }: Facts): WantedConference | undefined {
  const item = view.source?.item;
  const found = item && recognizeConferenceLink(item, settings.servers).conference;
  const asked = found?.source === 'marker' ? conferenceWish(item?.marker.conferenceUrl ?? '') : undefined;
  return (
    found && { serverId: found.serverId, conferenceId: found.conferenceId, url: found.url, ...(asked && { asked }) }
  );
}

function toWanted({ serverId, conferenceId, url }: ConferenceBinding): WantedConference {
  return { serverId, conferenceId, url };
}

function judgeBaseline({ binding, removed }: Baseline, wanted: WantedConference | undefined): BaselineState {
  if (!binding) return 'none';
  const same = wanted === undefined || isSameConference(binding, wanted);
  if (removed) return same ? 'removed' : 'none';
  return same ? binding.ownership : 'other';
}

/** Conference ids are compared as servers do: exactly; server ids whatever the case. */
export function isSameConference(a: ConferenceRef, b: ConferenceRef): boolean {
  return a.conferenceId === b.conferenceId && a.serverId.toLowerCase() === b.serverId.toLowerCase();
}

/** The connector keeps the conference in step: it made it, or adopted it after checking whose it is. */
export function isManaged({ binding, agreed, removed }: Baseline): boolean {
  return binding !== undefined && !removed && (binding.ownership === 'created' || agreed !== undefined);
}
