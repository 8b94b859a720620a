/**
 * A planned conference as a calendar event. One-time conferences become single events, weekly ones a weekly series in UTC:
 * TrueConf keeps one fixed offset and so does the mirror. A virtual room has no time and no event. SPEC.md §9.1.
 */
import type {
  Attendee,
  Conference,
  DayOfWeek,
  Instant,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { EventDraft } from '../ports/calendar-source.ts';
import type { MirrorRecord } from '../ports/sync-store.ts';
import { emailOf } from '../standing/email.ts';
import { userKey } from '../standing/participants.ts';
import { sha256Hex } from '../standing/sha256.ts';
import { compareText } from '../view/copies.ts';

const DAYS: readonly DayOfWeek[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MAX_ATTENDEES = 500;

export interface MirrorContext {
  readonly serverId: TrueConfServerId;
  /** by user key, see `userKey` */
  readonly users: ReadonlyMap<TrueConfUserId, TrueConfUser>;
  /** participants become attendees, or the event shows the owner's time only */
  readonly attendees: boolean;
  readonly instance?: string;
}

/** The event for a conference's owner; undefined for conferences without a time. */
export function mirrorDraft(conference: Conference, context: MirrorContext, now: Instant): EventDraft | undefined {
  const times = timesOf(conference, now);
  if (!times) return undefined;
  const mirrorOf = mirrorMark(context.serverId, conference);
  return {
    subject: conference.topic,
    ...times,
    timeZone: 'UTC',
    location: conference.url,
    body: { type: 'text', content: `${conference.description ?? ''}\n${conference.url}`.trim() },
    attendees: context.attendees ? attendeesOf(conference, context) : [],
    marker: {
      conferenceUrl: conference.url,
      mirrorOf,
      ...(context.instance !== undefined && { instance: context.instance }),
    },
  };
}

/** Value of the item's marker: which conference it mirrors. */
export function mirrorMark(serverId: TrueConfServerId, { id }: Pick<Conference, 'id'>): string {
  return `${serverId}/${id}`;
}

type Times = Pick<EventDraft, 'start' | 'end' | 'recurrence'>;

function timesOf({ schedule }: Conference, now: Instant): Times | undefined {
  if (schedule.type === 'none') return undefined;
  if (schedule.type === 'once') {
    return { start: schedule.start, end: schedule.start + schedule.durationSeconds * 1000 };
  }
  const minutes = minutesOf(schedule.time);
  const days = [...new Set(schedule.days)].filter((day) => day >= 0 && day <= 6).sort((a, b) => a - b);
  if (minutes === undefined || days.length === 0) return undefined;
  // Any week will do as the first one; a fixed one keeps the draft equal from day to day.
  const start = firstOn(days, EPOCH_SUNDAY + Math.floor((now - EPOCH_SUNDAY) / YEAR_MS) * YEAR_MS, minutes);
  return {
    start,
    end: start + schedule.durationSeconds * 1000,
    recurrence: {
      pattern: {
        type: 'Weekly',
        interval: 1,
        daysOfWeek: days.flatMap((day) => DAYS[day] ?? []),
        firstDayOfWeek: 'Monday',
      },
      range: { type: 'NoEnd', startDate: new Date(start).toISOString().slice(0, 10) },
    },
  };
}

const EPOCH_SUNDAY = Date.UTC(2017, 0, 1);
const YEAR_MS = 52 * 7 * DAY_MS;

function minutesOf(time: string): number | undefined {
  const parts = /^([01]?\d|2[0-3]):([0-5]\d)/.exec(time);
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : undefined;
}

function firstOn(days: readonly number[], sunday: Instant, minutes: number): Instant {
  return sunday + (days[0] ?? 0) * DAY_MS + minutes * MINUTE_MS;
}

function attendeesOf(conference: Conference, context: MirrorContext): NonNullable<EventDraft['attendees']> {
  const owner = userKey(conference.owner, context.serverId);
  const seen = new Set<string>();
  const attendees: Pick<Attendee, 'name' | 'address' | 'role'>[] = [];
  for (const { id, displayName } of conference.participants) {
    const user = context.users.get(id);
    const address = emailOf(user?.email ?? id);
    if (address === undefined || userKey(id, context.serverId) === owner || seen.has(address)) continue;
    if (attendees.length >= MAX_ATTENDEES) break;
    seen.add(address);
    attendees.push({ name: user?.displayName ?? displayName ?? address, address, role: 'required' });
  }
  return attendees.sort((a, b) => compareText(a.address ?? '', b.address ?? ''));
}

/** What was last written, so that an unchanged conference writes nothing; a one-time event's end travels behind `.`. */
export function draftHash(draft: EventDraft): string {
  const { subject, start, end, recurrence, location, body, attendees } = draft;
  const weekly = recurrence ? [recurrence.pattern, start % (7 * DAY_MS)] : [start];
  const hash = sha256Hex(JSON.stringify([subject, weekly, end - start, location, body, attendees])).slice(0, 32);
  return recurrence ? hash : `${hash}.${end.toString(36)}`;
}

/** When a one-time mirror ends: its conference may leave the server's list afterwards without having been cancelled. */
export function writtenEnd({ written }: Pick<MirrorRecord, 'written'>): Instant | undefined {
  const end = /\.(-?[0-9a-z]+)$/.exec(written ?? '')?.[1];
  return end === undefined ? undefined : Number.parseInt(end, 36);
}
