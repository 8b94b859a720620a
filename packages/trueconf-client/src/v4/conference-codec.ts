/**
 * API v4 and v4.1: modes and schedules in words, PATCH merges, a schedule is always sent whole (a partial one is HTTP
 * 500), schedule times come back as text of no fixed form and without `time`. Source: facts/trueconf.md §2.5, §2.6.
 */
import {
  type Conference,
  type ConferenceMode,
  type ConferenceSchedule,
  conferenceId,
  type Instant,
} from '@calendar-connector/calendar-model';
import type { ConferencePatch, ConferenceSpec } from '@calendar-connector/sync-core';
import { z } from 'zod';
import type { ListedConference, ReadConference } from '../dialect.ts';
import { idText, invitationSchema, listOf, moment, optionalInteger, optionalText } from '../wire/field-schemas.ts';
import { shortUserId } from '../wire/identifiers.ts';
import { joinUrl } from '../wire/join-url.ts';
import { dayNames, dayNumbers, firstWeeklyStart, timeOfDay } from '../wire/schedules.ts';
import { fitTopic } from '../wire/topic.ts';

export interface V4Setting {
  readonly server: string;
  readonly baseUrl: string;
  readonly now: () => Instant;
}

const MODE_NAMES: Readonly<Record<ConferenceMode, string>> = {
  allOnScreen: 'PxP',
  videoLecture: 'OxP',
  moderated: 'S|L',
  smartMeeting: 'S|L Auto',
};
const MODES = new Map(Object.entries(MODE_NAMES).map(([mode, name]) => [name, mode as ConferenceMode]));

const scheduleSchema = z.object({
  type: z.string(),
  start_time: moment,
  end_time: moment,
  duration: optionalInteger,
  days: listOf(z.string()),
  time: optionalText,
});

export const conferenceSchema = z.looseObject({
  id: idText,
  topic: optionalText,
  description: optionalText,
  owner: optionalText,
  mode: optionalText,
  access: optionalText,
  state: optionalText,
  session_id: optionalText,
  schedule: scheduleSchema.nullish().catch(undefined),
  invitations: listOf(invitationSchema),
  tags: listOf(z.string()),
  url: optionalText,
});
export type WireConference = z.infer<typeof conferenceSchema>;

export function readConference(wire: WireConference, raw: ReadConference['raw'], setting: V4Setting): ListedConference {
  const { description, session_id: sessionId } = wire;
  const conference: Conference = {
    id: conferenceId(wire.id),
    topic: wire.topic ?? '',
    owner: shortUserId(wire.owner ?? '', setting.server),
    mode: MODES.get(wire.mode ?? '') ?? 'moderated',
    access: wire.access === 'public' ? 'public' : 'private',
    state: wire.state === 'running' ? 'running' : 'stopped',
    schedule: readSchedule(wire.schedule),
    participants: (wire.invitations ?? []).map(({ id, display_name: displayName }) => ({
      id: shortUserId(id, setting.server),
      ...(displayName === undefined ? {} : { displayName }),
    })),
    tags: wire.tags ?? [],
    url: joinUrl(wire.url, setting.baseUrl, wire.id),
    ...(description === undefined ? {} : { description }),
    ...(sessionId ? { sessionId } : {}),
  };
  const complete = wire.invitations !== undefined && wire.owner !== undefined && wire.tags !== undefined;
  return { conference, raw, complete };
}

/** Body of a create. */
export function writeSpec(spec: ConferenceSpec, setting: V4Setting): Record<string, unknown> {
  return {
    id: spec.id,
    topic: fitTopic(spec.topic),
    description: spec.description ?? '',
    owner: spec.owner,
    mode: MODE_NAMES[spec.mode],
    access: spec.access,
    schedule: writeSchedule(spec.schedule, setting),
    invitations: spec.participants.map(({ id, displayName }) => ({
      id,
      ...(displayName === undefined ? {} : { display_name: displayName }),
    })),
    tags: spec.tags,
  };
}

/** Body of a PATCH: only what changes. */
export function writePatch(patch: ConferencePatch, setting: V4Setting): Record<string, unknown> {
  return {
    ...(patch.topic === undefined ? {} : { topic: fitTopic(patch.topic) }),
    ...(patch.description === undefined ? {} : { description: patch.description }),
    ...(patch.owner === undefined ? {} : { owner: patch.owner }),
    ...(patch.mode === undefined ? {} : { mode: MODE_NAMES[patch.mode] }),
    ...(patch.access === undefined ? {} : { access: patch.access }),
    ...(patch.schedule === undefined ? {} : { schedule: writeSchedule(patch.schedule, setting) }),
  };
}

function readSchedule(wire: z.infer<typeof scheduleSchema> | null | undefined): ConferenceSchedule {
  if (!wire) return { type: 'none' };
  const start = wire.start_time;
  const span = start === undefined || wire.end_time === undefined ? 0 : (wire.end_time - start) / 1000;
  const durationSeconds = wire.duration ?? Math.max(0, Math.round(span));
  if (wire.type === 'once' && start !== undefined) return { type: 'once', start, durationSeconds };
  if (wire.type === 'week' && wire.days !== undefined) {
    const time = wire.time ?? (start === undefined ? '00:00' : timeOfDay(start));
    return { type: 'week', days: dayNumbers(wire.days), time, durationSeconds };
  }
  return { type: 'none' };
}

/** The full set, always. */
function writeSchedule(schedule: ConferenceSchedule, setting: V4Setting): Record<string, unknown> {
  if (schedule.type === 'none') return { type: 'none' };
  const start = schedule.type === 'once' ? schedule.start : firstWeeklyStart(schedule, setting.now());
  return {
    type: schedule.type,
    start_time: Math.round(start / 1000),
    time: timeOfDay(start),
    special_time_offset: 0,
    duration: schedule.durationSeconds,
    ...(schedule.type === 'week' ? { days: dayNames(schedule.days) } : {}),
  };
}
