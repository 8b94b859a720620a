/**
 * What differs between the API versions: how one request is written and its answer read. A dialect sends exactly one
 * request per method (pages: one per page) and decides nothing; idempotency, running conferences and lost answers are
 * handled once, in `trueconf-server.ts`.
 */
import type {
  Conference,
  ConferenceId,
  ConferenceParticipant,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { CancelSignal, ConferencePatch, ConferenceSpec } from '@calendar-connector/sync-core';
import type { ApiVersion } from './options.ts';

/** A conference as read, with the raw object it came from: a full replacement must give back what it does not change. */
export interface ReadConference {
  readonly conference: Conference;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** An entry of a list; some servers leave out description, tags and invitations there. */
export interface ListedConference extends ReadConference {
  readonly complete: boolean;
}

interface ConferencePage {
  readonly entries: readonly ListedConference[];
  /** all pages together, when the server says so */
  readonly total?: number;
}

export interface UserPage {
  readonly users: readonly TrueConfUser[];
  /** undefined: the last page */
  readonly nextPage?: number;
}

export interface Dialect {
  readonly api: ApiVersion;
  /** Throws `notFound` when there is none. */
  fetchConference(id: ConferenceId, signal: CancelSignal): Promise<ReadConference>;
  /** `page` counts from 1. */
  fetchConferencePage(page: number, pageSize: number, signal: CancelSignal): Promise<ConferencePage>;
  sendConference(spec: ConferenceSpec, signal: CancelSignal): Promise<ReadConference>;
  sendPatch(before: ReadConference, patch: ConferencePatch, signal: CancelSignal): Promise<void>;
  /** The one change a running conference takes. */
  sendDescription(before: ReadConference, description: string, signal: CancelSignal): Promise<void>;
  sendInvitation(id: ConferenceId, participant: ConferenceParticipant, signal: CancelSignal): Promise<void>;
  sendInvitationRemoval(id: ConferenceId, participant: TrueConfUserId, signal: CancelSignal): Promise<void>;
  sendRun(id: ConferenceId, signal: CancelSignal): Promise<void>;
  sendStop(id: ConferenceId, signal: CancelSignal): Promise<void>;
  sendRemoval(id: ConferenceId, signal: CancelSignal): Promise<void>;
  sendRing(id: ConferenceId, participants: readonly TrueConfUserId[], signal: CancelSignal): Promise<void>;
  /** false: this version has no such call */
  sendNotice(id: ConferenceId, signal: CancelSignal): Promise<boolean>;
  fetchUserPage(email: string, page: number | undefined, signal: CancelSignal): Promise<UserPage>;
  /** Throws `authFailed` when the server does not accept the token. */
  /** By short or full id. Throws `notFound` when there is none. */
  fetchUser(id: string, signal: CancelSignal): Promise<TrueConfUser>;
  fetchTokenOwner(token: string, signal: CancelSignal): Promise<TrueConfUser | undefined>;
}
