/** API v4 and v4.1: mode and schedule in words, PATCH merges, schedules whole or HTTP 500. Source: facts/trueconf.md §2.4–2.6, v4 columns. */
import type { ConferenceMode } from '@calendar-connector/calendar-model';
import type { ConferenceChange, ConferenceRecord, NewInvitation, StoredSchedule } from '../world/conference-record.ts';
import { TrueConfRefusal } from '../world/refusal.ts';
import { nextStart } from '../world/schedule.ts';
import type { TrueConfWorld } from '../world/trueconf-world.ts';
import {
  booleanField,
  type Fields,
  fieldsOf,
  integerField,
  listField,
  picked,
  requiredString,
  stringField,
  stringListField,
} from './body-fields.ts';
import { conferenceUrls, type Dialect, writeOwner } from './dialect.ts';
import { readDays } from './dialect-v3.ts';

const MODE_NAMES: Readonly<Record<ConferenceMode, string>> = {
  allOnScreen: 'PxP',
  videoLecture: 'OxP',
  moderated: 'S|L',
  smartMeeting: 'S|L Auto',
};

/** Kept as given and given back. */
const OPTION_NAMES = [
  'rights',
  'registration',
  'auto_termination_enabled',
  'broadcast_enabled',
  'broadcast_id',
  'on_join_mute_camera',
  'on_join_mute_mic',
  'recording_enabled',
  'waiting_room_enabled',
  'sai',
];
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

export function dialectV4(world: TrueConfWorld, apiVersion: 'v4' | 'v4.1'): Dialect {
  const { quirks } = world;
  return {
    apiVersion,
    family: 'v4',
    world,
    isServed: () => (apiVersion === 'v4' ? quirks.versions.v4 : quirks.versions.v41),
    readNewConference: (body) => {
      const fields = fieldsOf(body);
      const schedule = fields.schedule === undefined ? undefined : fieldsOf(fields.schedule, 'schedule');
      if (fields.mode === undefined) throw new TrueConfRefusal('invalidParameter', 'mode is required.', 'mode');
      return {
        ...readChange(fields),
        id: stringField(fields, 'id'),
        topic: requiredString(fields, 'topic'),
        owner: requiredString(fields, 'owner'),
        invitations: listField(fields, 'invitations')?.map((one) => readInvitation(fieldsOf(one, 'invitations'))),
        schedule: schedule === undefined ? undefined : readSchedule(schedule, 'invalidParameter'),
      };
    },
    readConferenceChange: (body, present) => {
      const fields = fieldsOf(body);
      if (fields.schedule === undefined) return readChange(fields);
      const given = fieldsOf(fields.schedule, 'schedule');
      const whole = quirks.incompleteScheduleFails
        ? given
        : { ...writeSchedule(present.schedule, world, true), ...given };
      return { ...readChange(fields), schedule: readSchedule(whole, 'incompleteSchedule') };
    },
    readInvitation: (body) => {
      const fields = fieldsOf(body);
      const nested = fields.invitation;
      if (nested === undefined && quirks.strictInvitationBody) {
        throw new TrueConfRefusal('invalidParameter', 'invitation is required.', 'invitation');
      }
      return readInvitation(nested === undefined ? fields : fieldsOf(nested, 'invitation'));
    },
    writeConference: (conference) => ({ ...writeShort(conference, world), ...writeDetails(conference, world) }),
    writeConferenceInList: (conference) =>
      quirks.v4ListForm === 'short'
        ? writeShort(conference, world)
        : { ...writeShort(conference, world), ...writeDetails(conference, world) },
    writeInvitation,
  };
}

export function modeName(mode: ConferenceMode): string {
  return MODE_NAMES[mode];
}

function readMode(name: string | undefined): ConferenceMode | undefined {
  if (name === undefined) return undefined;
  const found = (Object.entries(MODE_NAMES) as [ConferenceMode, string][]).find(([, known]) => known === name);
  if (!found) throw new TrueConfRefusal('invalidParameter', `mode: '${name}' is not a mode.`, 'mode');
  return found[0];
}

function readChange(fields: Fields): ConferenceChange {
  const access = stringField(fields, 'access');
  if (access !== undefined && access !== 'private' && access !== 'public') {
    throw new TrueConfRefusal('invalidParameter', 'access: private or public.', 'access');
  }
  return {
    topic: stringField(fields, 'topic'),
    description: stringField(fields, 'description'),
    owner: stringField(fields, 'owner'),
    mode: readMode(stringField(fields, 'mode')),
    access,
    tags: stringListField(fields, 'tags'),
    maxParticipants: integerField(fields, 'max_participants'),
    maxPodiums: integerField(fields, 'max_podiums'),
    autoInvite: integerField(fields, 'auto_invite'),
    pin: stringField(fields, 'pin'),
    options: picked(fields, OPTION_NAMES),
  };
}

function readInvitation(fields: Fields): NewInvitation {
  return {
    id: requiredString(fields, 'id'),
    displayName: stringField(fields, 'display_name'),
    isModerator: booleanField(fields, 'is_moderator'),
  };
}

/** All parts are required; a missing one is 400 on create and 500 on PATCH, as on the real server. */
function readSchedule(fields: Fields, whenIncomplete: 'invalidParameter' | 'incompleteSchedule'): StoredSchedule {
  const need = <T>(value: T | undefined, name: string): T => {
    if (value !== undefined) return value;
    throw new TrueConfRefusal(whenIncomplete, `schedule.${name} is required.`, `schedule.${name}`);
  };
  const type = need(stringField(fields, 'type'), 'type');
  if (type === 'none') return { type: 'none' };
  if (type !== 'once' && type !== 'week') {
    throw new TrueConfRefusal('invalidParameter', 'schedule.type: none, once or week.', 'schedule.type');
  }
  const durationSeconds = need(integerField(fields, 'duration'), 'duration');
  const time = need(stringField(fields, 'time'), 'time');
  if (!TIME.test(time)) throw new TrueConfRefusal('invalidParameter', 'schedule.time: HH:MM.', 'schedule.time');
  const offsetMinutes = need(integerField(fields, 'special_time_offset'), 'special_time_offset');
  const startSeconds = integerField(fields, 'start_time');
  if (type === 'once') {
    return { type, startSeconds: need(startSeconds, 'start_time'), durationSeconds, offsetMinutes };
  }
  const days = readDays(fields);
  if (days.length === 0) need(undefined, 'days');
  return { type, days, time, durationSeconds, offsetMinutes, startSeconds };
}

/** Answers have no `time`, and times are "string" without a fixed format; `asRequest` writes what a request would hold. */
function writeSchedule(
  schedule: StoredSchedule,
  world: TrueConfWorld,
  asRequest = false,
): Readonly<Record<string, unknown>> {
  if (schedule.type === 'none') return { type: 'none' };
  const { durationSeconds, offsetMinutes } = schedule;
  const start = schedule.type === 'once' ? schedule.startSeconds : nextStartSeconds(schedule, world.clock.now());
  const common = { type: schedule.type, duration: durationSeconds, special_time_offset: offsetMinutes };
  const days = schedule.type === 'week' ? { days: schedule.days } : {};
  if (asRequest) {
    const time =
      schedule.type === 'week' ? schedule.time : new Date(schedule.startSeconds * 1000).toISOString().slice(11, 16);
    return { ...common, ...days, time, ...(start === undefined ? {} : { start_time: start }) };
  }
  if (start === undefined) return { ...common, ...days };
  return {
    ...common,
    ...days,
    start_time: writeTime(start, world),
    end_time: writeTime(start + durationSeconds, world),
  };
}

/** A weekly schedule answers with its next start: there is no `time` in answers. */
function nextStartSeconds(schedule: StoredSchedule, now: number): number | undefined {
  const start = nextStart(schedule, now);
  return start === undefined ? undefined : start / 1000;
}

function writeTime(seconds: number, world: TrueConfWorld): string | number {
  switch (world.quirks.v4ScheduleTimes) {
    case 'unixNumber':
      return seconds;
    case 'iso':
      return new Date(seconds * 1000).toISOString().replace('.000Z', '+00:00');
    case 'unixString':
      return String(seconds);
  }
}

function writeInvitation(invitation: { id: string; displayName: string; isModerator: boolean }) {
  return { id: invitation.id, display_name: invitation.displayName, is_moderator: invitation.isModerator };
}

function writeShort(conference: ConferenceRecord, world: TrueConfWorld): Readonly<Record<string, unknown>> {
  return {
    id: conference.id,
    topic: conference.topic,
    owner: writeOwner(world, conference.owner),
    mode: MODE_NAMES[conference.mode],
    access: conference.access,
    state: conference.state,
    ...(conference.sessionId === undefined ? {} : { session_id: conference.sessionId }),
    created_at: new Date(conference.createdAt).toISOString(),
    recording_enabled: conference.options.recording_enabled === true,
    schedule: writeSchedule(conference.schedule, world),
  };
}

function writeDetails(conference: ConferenceRecord, world: TrueConfWorld): Readonly<Record<string, unknown>> {
  const urls = conferenceUrls(world, conference.id);
  return {
    description: conference.description,
    invitations: conference.invitations.map(writeInvitation),
    tags: conference.tags,
    max_participants: conference.maxParticipants,
    max_podiums: conference.maxPodiums,
    auto_invite: conference.autoInvite,
    pin: conference.pin,
    pin_enabled: conference.pin !== '',
    url: urls.page,
    web_client_url: urls.webClient,
    connect_urls: { client: `trueconf:\\c\\${conference.id}@${world.domain}`, web: urls.webClient },
    ...conference.options,
  };
}
