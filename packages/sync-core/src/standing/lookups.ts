/**
 * First phase of planning: what has to be read from TrueConf Server (and the store) before a meeting can be planned.
 * Only what the plan will use is asked for; a meeting without a conference asks nothing. SPEC.md §3.2.
 */
import type {
  Conference,
  Instant,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { ConferenceRef } from '../model/decision.ts';
import type { StoredMeeting } from '../model/meeting.ts';
import type { PlanSettings } from '../model/settings.ts';
import type { CopyRef } from '../view/meeting-view.ts';
import { type Assessment, assess, isManaged } from './assess.ts';
import { emailOf } from './email.ts';
import { attendeesInFocus } from './participants.ts';

/** What to read. Absent parts need no reading. */
export interface LookupRequest {
  /** find the conference, and the meeting that is bound to it (MeetingStore.findMeetingByConference) */
  readonly conference?: ConferenceRef;
  /** the conference bound before, when the meeting belongs to another one now */
  readonly previous?: ConferenceRef;
  /** accounts to find by e-mail on this server; lower case, unique */
  readonly users: { readonly serverId?: TrueConfServerId; readonly emails: readonly string[] };
  /** whose delegates' accounts may own the conference as well (CalendarSource.fetchDelegates, then findUserByEmail) */
  readonly delegatesOf?: MailboxAddress;
  /**
   * before this removal ends the meeting: read the mailbox from its stored cursor to its end (nothing needs committing) and
   * see whether the meeting is there under another id
   */
  readonly confirm?: CopyRef;
}

/** A conference as it was found. `unreachable`: the server could not be asked. `notWanted`: it was not asked for. */
export type ConferenceLookup = Conference | 'absent' | 'unreachable' | 'notWanted';

/** The conference, if one was found. */
export function foundConference(lookup: ConferenceLookup): Conference | undefined {
  return typeof lookup === 'string' ? undefined : lookup;
}

/** What was read. */
export interface Lookups {
  readonly conference: ConferenceLookup;
  readonly previous?: ConferenceLookup;
  /** by e-mail; null: nobody has it; no entry: it could not be found out */
  readonly users: ReadonlyMap<string, TrueConfUser | null>;
  /** accounts of the organizer's delegates */
  readonly delegates?: readonly TrueConfUserId[];
  /** answer to `confirm`; false: the meeting is there under another id, or the mailbox could not be read. Absent: not asked */
  readonly removalConfirmed?: boolean;
  /** the meeting that is bound to the wanted conference, if any */
  readonly boundTo?: MeetingKey;
}

/** Lookups of a meeting that needs none. */
export const NO_LOOKUPS: Lookups = { conference: 'notWanted', users: new Map() };

/** What must be read before `planMeeting` can be called with the same meeting, settings and `now`. */
export function lookupsFor(meeting: StoredMeeting, settings: PlanSettings, now: Instant): LookupRequest {
  return lookupsOf(assess(meeting, settings, now), settings);
}

/** True when nothing has to be read: planning can go on with NO_LOOKUPS. */
export function needsNothing(request: LookupRequest): boolean {
  return request.conference === undefined && request.previous === undefined && request.users.emails.length === 0;
}

function lookupsOf(assessment: Assessment, settings: PlanSettings): LookupRequest {
  const { baseline, against, wanted } = assessment;
  if (!wanted || !asksForConference(assessment)) return { users: { emails: [] } };
  const emails = emailsOf(assessment, settings);
  const binding = against === 'other' ? baseline.binding : undefined;
  const previous = binding?.ownership === 'created' ? binding : undefined;
  const mailbox = assessment.view.source?.mailbox;
  return {
    conference: { serverId: wanted.serverId, conferenceId: wanted.conferenceId },
    ...(previous && { previous: { serverId: previous.serverId, conferenceId: previous.conferenceId } }),
    users: emails.length > 0 ? { serverId: wanted.serverId, emails } : { emails },
    ...(mailbox && asksForDelegates(assessment) && { delegatesOf: mailbox }),
    ...confirmation(assessment),
  };
}

/** A deletion that is not on record yet rests on what the last look saw; the mailbox may not have been read since. */
function confirmation({ exchange, baseline, view }: Assessment): Pick<LookupRequest, 'confirm'> {
  const { source } = view;
  if (exchange !== 'deleted' || baseline.ended !== undefined || source?.rank !== 'organizer') return {};
  return { confirm: { mailbox: source.mailbox, itemId: source.item.itemId } };
}

function asksForConference({ exchange, against }: Assessment): boolean {
  switch (exchange) {
    case 'linked':
    case 'keyword':
    case 'attendeeLinked':
    case 'cancelled':
    case 'deleted':
      return true;
    case 'noLink':
      return against === 'created';
    default:
      return false;
  }
}

function emailsOf(assessment: Assessment, settings: PlanSettings): readonly string[] {
  const { exchange, baseline, view } = assessment;
  const organizer = emailOf(view.organizer?.address);
  const emails = new Set<string>(organizer === undefined ? [] : [organizer]);
  if (exchange === 'noLink') return [];
  if (exchange === 'cancelled' || exchange === 'deleted') {
    // A managed conference ends with its meeting; of another one it is asked first whose it is, if anybody may ask.
    return isManaged(baseline) || baseline.removed || view.source?.rank !== 'organizer' ? [] : [...emails];
  }
  if (exchange !== 'attendeeLinked' && settings.syncConferenceParticipants) {
    for (const attendee of attendeesInFocus(assessment, settings)) {
      const email = emailOf(attendee.address);
      if (email !== undefined) emails.add(email);
    }
  }
  return [...emails].sort();
}

function asksForDelegates({ exchange, baseline, view }: Assessment): boolean {
  if (view.source?.rank !== 'organizer' || baseline.agreed !== undefined) return false;
  if (exchange === 'cancelled' || exchange === 'deleted') return !baseline.removed;
  return exchange === 'linked' || exchange === 'keyword';
}
