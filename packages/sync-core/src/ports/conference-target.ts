/**
 * Where conferences live: one TrueConf Server. trueconf-client implements it.
 * Every method may throw an Error that is a Failure. All writes are idempotent: calling twice equals calling once.
 */

import type {
  Conference,
  ConferenceAccess,
  ConferenceId,
  ConferenceMode,
  ConferenceParticipant,
  ConferenceSchedule,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { CancelSignal } from './cancel-signal.ts';

/** A conference to be made. */
export interface ConferenceSpec {
  readonly id: ConferenceId;
  readonly topic: string;
  readonly description?: string;
  readonly owner: TrueConfUserId;
  readonly mode: ConferenceMode;
  readonly access: ConferenceAccess;
  readonly schedule: ConferenceSchedule;
  readonly participants: readonly ConferenceParticipant[];
  readonly tags: readonly string[];
}

/** Absent fields stay as they are. While the conference runs, the server takes `description` only. */
export interface ConferencePatch {
  readonly topic?: string;
  readonly description?: string;
  readonly owner?: TrueConfUserId;
  readonly mode?: ConferenceMode;
  readonly access?: ConferenceAccess;
  readonly schedule?: ConferenceSchedule;
}

/** A TrueConf Server as the engine needs it: every call may be repeated, expected answers are outcomes, not errors. */
export interface ConferenceTarget {
  readonly id: TrueConfServerId;
  /** Server name and version; proves the link and the credentials. */
  probe(signal: CancelSignal): Promise<{ readonly name: string; readonly version: string; readonly api: string }>;
  findConference(id: ConferenceId, signal: CancelSignal): Promise<Conference | undefined>;
  /** Planned and running conferences of the whole server, page by page. */
  listConferences(signal: CancelSignal): AsyncIterable<Conference>;
  /** `already`: a conference with that id exists (our own lost answer, or somebody else's). */
  createConference(
    spec: ConferenceSpec,
    signal: CancelSignal,
  ): Promise<{ readonly outcome: 'done' | 'already'; readonly conference: Conference }>;
  /** `running`: refused because only the description may change while it runs; try after it stopped. */
  updateConference(
    id: ConferenceId,
    patch: ConferencePatch,
    signal: CancelSignal,
  ): Promise<'done' | 'running' | 'absent'>;
  addParticipants(
    id: ConferenceId,
    participants: readonly ConferenceParticipant[],
    signal: CancelSignal,
  ): Promise<'done' | 'absent'>;
  removeParticipants(
    id: ConferenceId,
    participants: readonly TrueConfUserId[],
    signal: CancelSignal,
  ): Promise<'done' | 'absent'>;
  /** Rings people into a running conference. */
  ring(id: ConferenceId, participants: readonly TrueConfUserId[], signal: CancelSignal): Promise<void>;
  /** Mails and pushes the planned participants. */
  notify(id: ConferenceId, signal: CancelSignal): Promise<void>;
  /** `seenStopped`: the caller has just found it stopped; it need not be looked at once more before it is started. */
  runConference(id: ConferenceId, signal: CancelSignal, seenStopped?: boolean): Promise<'done' | 'already' | 'absent'>;
  stopConference(id: ConferenceId, signal: CancelSignal): Promise<'done' | 'already' | 'absent'>;
  removeConference(id: ConferenceId, signal: CancelSignal): Promise<'done' | 'already'>;
  /** Exact, case-insensitive match on the user's e-mail; undefined when nobody has it. */
  findUserByEmail(email: string, signal: CancelSignal): Promise<TrueConfUser | undefined>;
  /** The account with this id; undefined when there is none. */
  findUser(id: TrueConfUserId, signal: CancelSignal): Promise<TrueConfUser | undefined>;
  /** Who a user's access token belongs to; undefined when the server does not accept it. */
  findTokenOwner(token: string, signal: CancelSignal): Promise<TrueConfUser | undefined>;
  close(): Promise<void>;
}
