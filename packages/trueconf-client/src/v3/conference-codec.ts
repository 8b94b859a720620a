/**
 * API v3.11: flat objects, integers for types, unix seconds. Source: facts/trueconf.md §2.5, §2.6, v3 columns.
 * The number of the smart meeting is not public: without configuration it is made as a role-based conference with a tag
 * that remembers the wish, and a type nobody knows is read as a smart meeting.
 */
import {
  type Conference,
  type ConferenceMode,
  type ConferenceSchedule,
  conferenceId,
} from '@calendar-connector/calendar-model';
import type { ConferencePatch, ConferenceSpec } from '@calendar-connector/sync-core';
import { z } from 'zod';
import type { ListedConference, ReadConference } from '../dialect.ts';
import {
  idText,
  integer,
  invitationSchema,
  listOf,
  moment,
  optionalFlag,
  optionalInteger,
  optionalText,
} from '../wire/field-schemas.ts';
import { shortUserId } from '../wire/identifiers.ts';
import { joinUrl } from '../wire/join-url.ts';
import { dayNames, dayNumbers, timeOfDay } from '../wire/schedules.ts';
import { fitTopic } from '../wire/topic.ts';

export interface V3Setting {
  readonly server: string;
  readonly baseUrl: string;
  readonly smartMeetingType: number | undefined;
}

/** Remembers that a role-based conference was meant as a smart meeting. */
const SMART_MEETING_TAG = 'calendar-connector-smart-meeting';

const TYPES = { allOnScreen: 0, videoLecture: 1, moderated: 3 } as const;
const SCHEDULE_NONE = -1;
const SCHEDULE_WEEK = 0;
const SCHEDULE_ONCE = 1;

/** Fields a full replacement gives back as they were read; the rest of an answer is not settable. */
const SETTABLE = [
  'id',
  'topic',
  'description',
  'owner',
  'type',
  'invitations',
  'multicast_enable',
  'multicast_address',
  'max_podiums',
  'max_participants',
  'schedule',
  'allow_guests',
  'access',
  'rights',
  'auto_invite',
  'tags',
  'recording',
  'broadcast_enabled',
  'broadcast_id',
  'allow_only_planned_participants',
  'meeting_room',
  'pin',
] as const;
/** Bound to the mode: kept ones would contradict a new mode. */
const LIMITS_OF_MODE = ['max_podiums', 'max_participants'] as const;

const scheduleSchema = z.object({
  type: integer,
  start_time: moment,
  duration: optionalInteger,
  days: listOf(z.string()),
  time: optionalText,
});

export const conferenceSchema = z.looseObject({
  id: idText,
  topic: optionalText,
  description: optionalText,
  owner: optionalText,
  type: optionalInteger,
  access: optionalText,
  allow_guests: optionalFlag,
  state: optionalText,
  session_id: optionalText,
  schedule: scheduleSchema.nullish().catch(undefined),
  invitations: listOf(invitationSchema),
  tags: listOf(z.string()),
  url: optionalText,
});
export type WireConference = z.infer<typeof conferenceSchema>;

export function readConference(wire: WireConference, raw: ReadConference['raw'], setting: V3Setting): ListedConference {
  const tags = wire.tags ?? [];
  const { description, session_id: sessionId } = wire;
  const conference: Conference = {
    id: conferenceId(wire.id),
    topic: wire.topic ?? '',
    owner: shortUserId(wire.owner ?? '', setting.server),
    mode: readMode(wire.type, tags, setting),
    access:
      wire.access === 'public' || (wire.access !== 'private' && wire.allow_guests === true) ? 'public' : 'private',
    state: wire.state === 'running' ? 'running' : 'stopped',
    schedule: readSchedule(wire.schedule),
    participants: (wire.invitations ?? []).map(({ id, display_name: displayName }) => ({
      id: shortUserId(id, setting.server),
      ...(displayName === undefined ? {} : { displayName }),
    })),
    tags: tags.filter((tag) => tag !== SMART_MEETING_TAG),
    url: joinUrl(wire.url, setting.baseUrl, wire.id),
    ...(description === undefined ? {} : { description }),
    ...(sessionId ? { sessionId } : {}),
  };
  return { conference, raw, complete: wire.invitations !== undefined && wire.owner !== undefined };
}

/** Body of a create. */
export function writeSpec(spec: ConferenceSpec, setting: V3Setting): Record<string, unknown> {
  return {
    id: spec.id,
    topic: fitTopic(spec.topic),
    description: spec.description ?? '',
    owner: spec.owner,
    ...writeMode(spec.mode, spec.tags, setting),
    ...(spec.access === 'public' ? { allow_guests: true, access: 'public' } : {}),
    schedule: writeSchedule(spec.schedule),
    invitations: spec.participants.map(({ id, displayName }) => ({
      id,
      ...(displayName === undefined ? {} : { display_name: displayName }),
    })),
  };
}

/** Body of a full replacement: everything settable as read, with the changes in it. */
export function writeReplacement(before: ReadConference, patch: ConferencePatch, setting: V3Setting) {
  const kept = SETTABLE.filter((name) => patch.mode === undefined || !LIMITS_OF_MODE.some((limit) => limit === name))
    .filter((name) => before.raw[name] !== undefined && before.raw[name] !== null)
    .map((name) => [name, before.raw[name]] as const);
  return {
    ...Object.fromEntries(kept),
    ...(patch.topic === undefined ? {} : { topic: fitTopic(patch.topic) }),
    ...(patch.description === undefined ? {} : { description: patch.description }),
    ...(patch.owner === undefined ? {} : { owner: patch.owner }),
    ...(patch.mode === undefined ? {} : writeMode(patch.mode, before.conference.tags, setting)),
    ...(patch.access === undefined ? {} : { allow_guests: patch.access === 'public', access: patch.access }),
    ...(patch.schedule === undefined ? {} : { schedule: writeSchedule(patch.schedule) }),
  };
}

function readMode(type: number | undefined, tags: readonly string[], setting: V3Setting): ConferenceMode {
  if (type === setting.smartMeetingType && type !== undefined) return 'smartMeeting';
  if (type === TYPES.allOnScreen) return 'allOnScreen';
  if (type === TYPES.videoLecture) return 'videoLecture';
  if (type === TYPES.moderated) return tags.includes(SMART_MEETING_TAG) ? 'smartMeeting' : 'moderated';
  return type === undefined ? 'moderated' : 'smartMeeting';
}

function writeMode(mode: ConferenceMode, tags: readonly string[], setting: V3Setting) {
  if (mode !== 'smartMeeting') return { type: TYPES[mode], tags };
  const type = setting.smartMeetingType;
  return type === undefined ? { type: TYPES.moderated, tags: [...tags, SMART_MEETING_TAG] } : { type, tags };
}

function readSchedule(wire: z.infer<typeof scheduleSchema> | null | undefined): ConferenceSchedule {
  const durationSeconds = wire?.duration;
  if (wire?.type === SCHEDULE_ONCE && wire.start_time !== undefined) {
    return { type: 'once', start: wire.start_time, durationSeconds: durationSeconds ?? 0 };
  }
  if (wire?.type === SCHEDULE_WEEK && wire.days !== undefined) {
    const time = wire.time ?? (wire.start_time === undefined ? '00:00' : timeOfDay(wire.start_time));
    return { type: 'week', days: dayNumbers(wire.days), time, durationSeconds: durationSeconds ?? 0 };
  }
  return { type: 'none' };
}

function writeSchedule(schedule: ConferenceSchedule): Record<string, unknown> {
  switch (schedule.type) {
    case 'none':
      return { type: SCHEDULE_NONE };
    case 'once':
      return {
        type: SCHEDULE_ONCE,
        start_time: Math.round(schedule.start / 1000),
        duration: schedule.durationSeconds,
        time_offset: 0,
      };
    case 'week':
      return {
        type: SCHEDULE_WEEK,
        days: dayNames(schedule.days),
        time: schedule.time,
        duration: schedule.durationSeconds,
        time_offset: 0,
      };
  }
}
