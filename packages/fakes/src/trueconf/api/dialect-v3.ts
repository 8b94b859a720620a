/** API v3.11: flat bodies, integer types, unix seconds. Source: facts/trueconf.md §2.4–2.6, v3 columns. */
import type { ConferenceMode } from '@calendar-connector/calendar-model';
import {
  type ConferenceChange,
  type ConferenceRecord,
  DAY_NAMES,
  type DayName,
  type NewInvitation,
  type StoredSchedule,
} from '../world/conference-record.ts';
import { TrueConfRefusal } from '../world/refusal.ts';
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

/** Kept as given and given back. */
const OPTION_NAMES = [
  'multicast_enable',
  'multicast_address',
  'broadcast_enabled',
  'broadcast_id',
  'allow_only_planned_participants',
  'meeting_room',
  'rights',
];

export function dialectV3(world: TrueConfWorld): Dialect {
  const { quirks } = world;
  return {
    apiVersion: 'v3.11',
    family: 'v3',
    world,
    isServed: () => quirks.versions.v311,
    readNewConference: (body) => {
      const fields = fieldsOf(body);
      const change = readChange(fields, world);
      return {
        ...change,
        id: stringField(fields, 'id'),
        topic: requiredString(fields, 'topic'),
        owner: requiredString(fields, 'owner'),
      };
    },
    readConferenceChange: (body) => readChange(fieldsOf(body), world),
    readInvitation: (body) => {
      const fields = fieldsOf(body);
      const nested = fields.invitation;
      return readInvitation(nested !== undefined && !quirks.strictInvitationBody ? fieldsOf(nested) : fields);
    },
    writeConference: (conference) => writeConference(conference, world),
    writeConferenceInList: (conference) => writeConference(conference, world),
    writeInvitation: ({ id, displayName }) => ({ id, display_name: displayName }),
  };
}

/** 0 all on screen, 1 video lecture, 3 moderated; the smart meeting's number is not public (a quirk). */
export function typeOfMode(mode: ConferenceMode, world: TrueConfWorld): number {
  return { allOnScreen: 0, videoLecture: 1, moderated: 3, smartMeeting: world.quirks.v3SmartMeetingType }[mode];
}

function modeOfType(type: number | undefined, world: TrueConfWorld): ConferenceMode | undefined {
  if (type === undefined) return undefined;
  if (type === world.quirks.v3SmartMeetingType) return 'smartMeeting';
  const mode = ({ 0: 'allOnScreen', 1: 'videoLecture', 3: 'moderated' } as const)[type];
  if (!mode) throw new TrueConfRefusal('invalidParameter', `type: unknown conference type ${type}.`, 'type');
  return mode;
}

function readChange(fields: Fields, world: TrueConfWorld): ConferenceChange {
  const recording = booleanField(fields, 'recording');
  return {
    topic: stringField(fields, 'topic'),
    description: stringField(fields, 'description'),
    owner: stringField(fields, 'owner'),
    mode: modeOfType(integerField(fields, 'type'), world),
    access: readAccess(fields),
    schedule: fields.schedule === undefined ? undefined : readSchedule(fieldsOf(fields.schedule, 'schedule')),
    invitations: listField(fields, 'invitations')?.map((one) => readInvitation(fieldsOf(one, 'invitations'))),
    tags: stringListField(fields, 'tags'),
    maxParticipants: integerField(fields, 'max_participants'),
    maxPodiums: integerField(fields, 'max_podiums'),
    autoInvite: integerField(fields, 'auto_invite'),
    pin: stringField(fields, 'pin'),
    options: { ...picked(fields, OPTION_NAMES), ...(recording === undefined ? {} : { recording_enabled: recording }) },
  };
}

function readAccess(fields: Fields): ConferenceChange['access'] {
  const access = stringField(fields, 'access');
  if (access === 'private' || access === 'public') return access;
  if (access !== undefined) throw new TrueConfRefusal('invalidParameter', 'access: private or public.', 'access');
  const guests = booleanField(fields, 'allow_guests');
  return guests === undefined ? undefined : guests ? 'public' : 'private';
}

function readInvitation(fields: Fields): NewInvitation {
  return {
    id: requiredString(fields, 'id'),
    displayName: stringField(fields, 'display_name'),
    isModerator: booleanField(fields, 'is_moderator'),
  };
}

function readSchedule(fields: Fields): StoredSchedule {
  const type = integerField(fields, 'type');
  if (type === -1) return { type: 'none' };
  const durationSeconds = integerField(fields, 'duration');
  const offsetMinutes = integerField(fields, 'time_offset') ?? 0;
  const startSeconds = integerField(fields, 'start_time');
  if (durationSeconds === undefined) throw incomplete('duration');
  if (type === 1) {
    if (startSeconds === undefined) throw incomplete('start_time');
    return { type: 'once', startSeconds, durationSeconds, offsetMinutes };
  }
  if (type !== 0) throw new TrueConfRefusal('invalidParameter', 'schedule.type: -1, 0 or 1.', 'schedule.type');
  const days = readDays(fields);
  return { type: 'week', days, time: requiredString(fields, 'time'), durationSeconds, offsetMinutes, startSeconds };
}

/** Lower-case English names of days. */
export function readDays(fields: Fields): readonly DayName[] {
  return (stringListField(fields, 'days') ?? []).map((name) => {
    const day = DAY_NAMES.find((known) => known === name);
    if (!day) throw new TrueConfRefusal('invalidParameter', `schedule.days: '${name}' is not a day.`, 'schedule.days');
    return day;
  });
}

function incomplete(name: string): TrueConfRefusal {
  return new TrueConfRefusal('invalidParameter', `schedule.${name} is required.`, `schedule.${name}`);
}

function writeSchedule(schedule: StoredSchedule): Readonly<Record<string, unknown>> {
  if (schedule.type === 'none') return { type: -1 };
  const common = { duration: schedule.durationSeconds, time_offset: schedule.offsetMinutes };
  if (schedule.type === 'once') return { type: 1, start_time: schedule.startSeconds, ...common };
  return { type: 0, start_time: schedule.startSeconds ?? 0, days: schedule.days, time: schedule.time, ...common };
}

function writeConference(conference: ConferenceRecord, world: TrueConfWorld): Readonly<Record<string, unknown>> {
  const urls = conferenceUrls(world, conference.id);
  const { recording_enabled: recording, ...options } = conference.options;
  const kept = picked(options, OPTION_NAMES);
  return {
    id: conference.id,
    topic: conference.topic,
    description: conference.description,
    owner: writeOwner(world, conference.owner),
    type: typeOfMode(conference.mode, world),
    invitations: conference.invitations.map(({ id, displayName }) => ({ id, display_name: displayName })),
    created_at: Math.floor(conference.createdAt / 1000),
    multicast_enable: 0,
    multicast_address: '',
    max_podiums: conference.maxPodiums,
    max_participants: conference.maxParticipants,
    schedule: writeSchedule(conference.schedule),
    allow_guests: conference.access === 'public',
    access: conference.access,
    auto_invite: conference.autoInvite,
    url: urls.page,
    webclient_url: urls.webClient,
    state: conference.state,
    ...(conference.sessionId === undefined ? {} : { session_id: conference.sessionId }),
    tags: conference.tags,
    recording: recording === true ? 1 : 0,
    pin: conference.pin,
    pin_enabled: conference.pin !== '',
    ...kept,
  };
}
