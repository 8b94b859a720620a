/**
 * A TrueConf conference in the words of TrueConf Server.
 * Source: TrueConf Server API v3.11 / v4 conference object.
 */
import type { ConferenceId, TrueConfUserId } from './ids.ts';
import type { Instant } from './time.ts';

/**
 * smartMeeting "S|L Auto" · moderated "S|L" (role-based) · allOnScreen "PxP" · videoLecture "OxP".
 */
export type ConferenceMode = 'smartMeeting' | 'moderated' | 'allOnScreen' | 'videoLecture';

/** `private`: internal conference; `public`: webinar with guests. */
export type ConferenceAccess = 'private' | 'public';

export type ConferenceState = 'running' | 'stopped';

/** One planned participant: a user of the server, or for public conferences an e-mail guest. */
export interface ConferenceParticipant {
  readonly id: TrueConfUserId;
  readonly displayName?: string;
}

/** `none` is a lasting virtual room; the connector starts conferences itself. `once` is read when people plan on the server. */
export type ConferenceSchedule =
  | { readonly type: 'none' }
  | { readonly type: 'once'; readonly start: Instant; readonly durationSeconds: number }
  | {
      readonly type: 'week';
      readonly days: readonly number[];
      readonly time: string;
      readonly durationSeconds: number;
    };

export interface Conference {
  readonly id: ConferenceId;
  readonly topic: string;
  readonly description?: string;
  readonly owner: TrueConfUserId;
  readonly mode: ConferenceMode;
  readonly access: ConferenceAccess;
  readonly state: ConferenceState;
  readonly sessionId?: string;
  readonly schedule: ConferenceSchedule;
  readonly participants: readonly ConferenceParticipant[];
  readonly tags: readonly string[];
  /** page people join by: `https://server/c/<id>` */
  readonly url: string;
}

/** A user of a TrueConf Server. `email` may be absent or may merely repeat the TrueConf ID. */
export interface TrueConfUser {
  readonly id: TrueConfUserId;
  readonly displayName: string;
  readonly email?: string;
  readonly isActive: boolean;
}

/** Tag on every conference the connector made. */
export const CONNECTOR_TAG = 'calendar-connector';

/** TrueConf limits a topic to this many characters (code points). */
export const TOPIC_MAX_CHARACTERS = 240;
