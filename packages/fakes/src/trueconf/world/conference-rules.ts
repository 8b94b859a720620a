/** What a conference may look like: limits and checks of facts/trueconf.md §2.5–2.6, before anything is stored. */
import type { ConferenceAccess, ConferenceMode } from '@calendar-connector/calendar-model';
import type { ConferenceRecord, InvitationRecord, NewInvitation, StoredSchedule } from './conference-record.ts';
import type { TrueConfQuirks } from './quirks.ts';
import { TrueConfRefusal } from './refusal.ts';
import { MAX_DURATION_SECONDS, MIN_DURATION_SECONDS } from './schedule.ts';
import type { UserDirectory } from './user-directory.ts';

const ID = /^[A-Za-z0-9_]{1,128}$/;
const TOPIC_MAX = 240;
const OWNER_MAX = 64;
const DISPLAY_NAME_MAX = 250;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What the licence of the fake allows (`calculate/conferences`): all on screen is the tight one. */
export const CAPACITY: Readonly<Record<ConferenceMode, { readonly participants: number; readonly podiums: number }>> = {
  allOnScreen: { participants: 36, podiums: 36 },
  videoLecture: { participants: 500, podiums: 1 },
  moderated: { participants: 1000, podiums: 6 },
  smartMeeting: { participants: 1000, podiums: 16 },
};

export function checkId(id: string): void {
  if (!ID.test(id)) {
    throw new TrueConfRefusal('invalidParameter', 'id: 1 to 128 digits, Latin letters or underscores.', 'id');
  }
}

export function checkTopic(topic: string): void {
  const length = [...topic].length;
  if (length < 1 || length > TOPIC_MAX) {
    throw new TrueConfRefusal('invalidParameter', `topic: 1 to ${TOPIC_MAX} characters.`, 'topic');
  }
}

/** The owner's short id. */
export function checkOwner(owner: string, users: UserDirectory, quirks: TrueConfQuirks): string {
  const user = users.find(owner);
  if (user) return user.id;
  if (owner.length < 1 || owner.length > OWNER_MAX || quirks.ownerMustExist) {
    throw new TrueConfRefusal('ownerNotFound', `Owner '${owner}' does not exist.`, 'owner');
  }
  return owner;
}

export function checkSchedule(schedule: StoredSchedule, quirks: TrueConfQuirks): void {
  if (schedule.type === 'none') return;
  const { durationSeconds } = schedule;
  if (!Number.isInteger(durationSeconds) || durationSeconds < 0) {
    throw new TrueConfRefusal(
      'invalidParameter',
      'schedule.duration: an integer number of seconds.',
      'schedule.duration',
    );
  }
  if (quirks.durationLimits && (durationSeconds < MIN_DURATION_SECONDS || durationSeconds > MAX_DURATION_SECONDS)) {
    throw new TrueConfRefusal(
      'durationOutOfRange',
      `schedule.duration: ${MIN_DURATION_SECONDS}..${MAX_DURATION_SECONDS} seconds.`,
      'schedule.duration',
    );
  }
  if (schedule.type === 'week' && (schedule.days.length === 0 || !TIME.test(schedule.time))) {
    throw new TrueConfRefusal('invalidParameter', 'schedule: a weekly one needs days and time HH:MM.', 'schedule');
  }
}

export function checkCapacity(mode: ConferenceMode, maxParticipants: number, maxPodiums: number): void {
  const limit = CAPACITY[mode];
  if (!Number.isInteger(maxParticipants) || maxParticipants < 2 || maxParticipants > limit.participants) {
    throw new TrueConfRefusal('invalidParameter', `max_participants: 2..${limit.participants}.`, 'max_participants');
  }
  if (!Number.isInteger(maxPodiums) || maxPodiums < 1 || maxPodiums > limit.podiums) {
    throw new TrueConfRefusal('invalidParameter', `max_podiums: 1..${limit.podiums}.`, 'max_podiums');
  }
}

/** Checks one planned participant and brings the id to its canonical form. */
export function checkInvitation(
  invitation: NewInvitation,
  access: ConferenceAccess,
  users: UserDirectory,
  quirks: TrueConfQuirks,
): InvitationRecord {
  const { id } = invitation;
  const isModerator = invitation.isModerator ?? false;
  if (typeof id !== 'string' || id === '') {
    throw new TrueConfRefusal('invalidParameter', 'invitation.id is missing.', 'id');
  }
  if ([...(invitation.displayName ?? '')].length > DISPLAY_NAME_MAX) {
    throw new TrueConfRefusal(
      'invalidParameter',
      `display_name: up to ${DISPLAY_NAME_MAX} characters.`,
      'display_name',
    );
  }
  const user = users.find(id);
  if (user) return { id: user.id, displayName: user.displayName, isModerator };
  const isDevice = /^#(sip|h323|rtsp):/i.test(id);
  const isMailGuest = id.includes('@') && !isDevice;
  if (isMailGuest && access !== 'public') {
    throw new TrueConfRefusal('inviteeNotFound', `Guests by e-mail ('${id}') are for public conferences only.`, 'id');
  }
  if (!isDevice && !isMailGuest && quirks.inviteeMustExist) {
    throw new TrueConfRefusal('inviteeNotFound', `User '${id}' does not exist.`, 'id');
  }
  return { id, displayName: invitation.displayName ?? id, isModerator };
}

/** Fields other than the description in which the two differ: nothing of this may change while running. */
export function changesBeyondDescription(before: ConferenceRecord, after: ConferenceRecord): boolean {
  const essence = (record: ConferenceRecord): string =>
    JSON.stringify([
      record.topic,
      record.owner,
      record.mode,
      record.access,
      record.schedule,
      record.invitations,
      record.tags,
      record.maxParticipants,
      record.maxPodiums,
      record.autoInvite,
      record.pin,
      Object.entries(record.options).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  return essence(before) !== essence(after);
}
