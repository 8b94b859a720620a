/**
 * What the fake TrueConf Server holds, free of any API version: users, conferences, sessions, notices.
 * Fields and limits: facts/trueconf.md §2.5–2.7.
 */
import type { ConferenceAccess, ConferenceMode, ConferenceState } from '@calendar-connector/calendar-model';

export const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type DayName = (typeof DAY_NAMES)[number];

/** Times are UTC; the offset only says how the server's pages display them (one integer for ever: no DST). */
export type StoredSchedule =
  | { readonly type: 'none' }
  | {
      readonly type: 'once';
      readonly startSeconds: number;
      readonly durationSeconds: number;
      readonly offsetMinutes: number;
    }
  | {
      readonly type: 'week';
      readonly days: readonly DayName[];
      /** `HH:MM`, UTC */
      readonly time: string;
      readonly durationSeconds: number;
      readonly offsetMinutes: number;
      /** no occurrence before this instant */
      readonly startSeconds?: number | undefined;
    };

export interface InvitationRecord {
  readonly id: string;
  readonly displayName: string;
  readonly isModerator: boolean;
}

/** Settings that the connector never interprets; kept as given, in v4's names. */
type ConferenceOptions = Readonly<Record<string, unknown>>;

export interface ConferenceRecord {
  readonly id: string;
  readonly topic: string;
  readonly description: string;
  /** short user id */
  readonly owner: string;
  readonly mode: ConferenceMode;
  readonly access: ConferenceAccess;
  readonly schedule: StoredSchedule;
  readonly invitations: readonly InvitationRecord[];
  readonly tags: readonly string[];
  readonly maxParticipants: number;
  readonly maxPodiums: number;
  /** 1: invited people are rung when it starts */
  readonly autoInvite: number;
  readonly pin: string;
  readonly options: ConferenceOptions;
  readonly state: ConferenceState;
  /** while running */
  readonly sessionId?: string | undefined;
  readonly createdAt: number;
  /** when the present schedule was set; starts before that are not made up for */
  readonly scheduledAt: number;
  /** grows by one with each change */
  readonly revision: number;
}

export interface SessionParticipant {
  readonly id: string;
  readonly displayName: string;
  /** 1 participant, 2 moderator */
  readonly role: number;
  readonly callId: string;
  readonly joinedAt: number;
  readonly leftAt?: number | undefined;
}

export interface SessionRecord {
  /** `0000001b@server.example.test#vcs` */
  readonly id: string;
  readonly conferenceId: string;
  readonly topic: string;
  readonly owner: string;
  readonly mode: ConferenceMode;
  readonly startedBy: 'api' | 'schedule';
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly participants: readonly SessionParticipant[];
}

/** Something people noticed: their client rang, or a mail or push told them. */
export interface Notice {
  readonly kind: 'ring' | 'notify';
  readonly conferenceId: string;
  readonly to: string;
  readonly at: number;
  readonly cause: 'autoInvite' | 'invite' | 'participants' | 'notify';
}

export interface UserRecord {
  /** short id; domain-style ids such as `sub1.trust1.loc\user` exist */
  readonly id: string;
  /** TrueConf ID, `user1@server.example.test` */
  readonly uid: string;
  readonly loginName: string;
  readonly email?: string | undefined;
  readonly displayName: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly company: string;
  readonly groups: readonly string[];
  readonly isActive: boolean;
  /** −2 not active, 0 offline, 1 online, 2 busy, 3 multihost */
  readonly status: number;
  readonly password: string;
}

export interface NewUser {
  readonly id: string;
  readonly email?: string | undefined;
  readonly displayName?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly company?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly isActive?: boolean | undefined;
  readonly status?: number | undefined;
  readonly password?: string | undefined;
}

export interface ConferenceChange {
  readonly topic?: string | undefined;
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
  readonly mode?: ConferenceMode | undefined;
  readonly access?: ConferenceAccess | undefined;
  readonly schedule?: StoredSchedule | undefined;
  readonly invitations?: readonly NewInvitation[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly maxParticipants?: number | undefined;
  readonly maxPodiums?: number | undefined;
  readonly autoInvite?: number | undefined;
  readonly pin?: string | undefined;
  readonly options?: ConferenceOptions | undefined;
}

export interface NewConference extends ConferenceChange {
  readonly id?: string | undefined;
  readonly topic: string;
  readonly owner: string;
}

export interface NewInvitation {
  readonly id: string;
  readonly displayName?: string | undefined;
  readonly isModerator?: boolean | undefined;
}
