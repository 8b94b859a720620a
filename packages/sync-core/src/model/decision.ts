/**
 * What planning hands over: decisions as plain data, each with the rule that made it and the reason, and what applying
 * them gave back. Specified in SPEC.md §4 and §5.
 */
import type {
  Conference,
  ConferenceId,
  ConferenceParticipant,
  Instant,
  ItemId,
  ItemMarker,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { EventAddress, EventPatch, MailPolicy } from '../ports/calendar-source.ts';
import type { ConferencePatch, ConferenceSpec } from '../ports/conference-target.ts';
import type { FailureKind } from '../ports/failure.ts';
import type { AnomalyReport, Settlement, StartJob } from '../ports/sync-store.ts';
import type { Baseline, ConferenceBinding } from './meeting.ts';
import type { ReasonCode, RuleId } from './rule.ts';

/** A conference by server and id. */
export interface ConferenceRef {
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
}

/** The rule that fired and why, by code; `explain` has the words. */
export interface RuleFiring {
  readonly rule: RuleId;
  readonly why: ReasonCode;
}

interface OnConference extends RuleFiring, ConferenceRef {}

/** Makes the conference under an id that a repeated call finds again. */
export interface CreateConference extends OnConference {
  readonly kind: 'createConference';
  readonly spec: ConferenceSpec;
  readonly binding: ConferenceBinding;
}
/** Brings title, time or owner in step; never of a running conference. */
export interface UpdateConference extends OnConference {
  readonly kind: 'updateConference';
  readonly patch: ConferencePatch;
}
/** Adds people of the event; also while the conference runs. */
export interface AddParticipants extends OnConference {
  readonly kind: 'addParticipants';
  readonly participants: readonly ConferenceParticipant[];
}
/** Takes out people who were once agreed on and left the event. */
export interface RemoveParticipants extends OnConference {
  readonly kind: 'removeParticipants';
  readonly participants: readonly TrueConfUserId[];
}
/** Rings people into a running conference: those just added, or everybody at a start. */
export interface RingParticipants extends OnConference {
  readonly kind: 'ringParticipants';
  readonly participants: readonly TrueConfUserId[];
}
/** Mails and pushes the planned participants. */
export interface NotifyParticipants extends OnConference {
  readonly kind: 'notifyParticipants';
}
/** Starts the conference for one occurrence. */
export interface StartConference extends OnConference {
  readonly kind: 'startConference';
  readonly occurrenceStart: Instant;
}
/** Ends a running conference whose meeting has ended. */
export interface StopConference extends OnConference {
  readonly kind: 'stopConference';
}
/** Removes the conference from the server. */
export interface RemoveConference extends OnConference {
  readonly kind: 'removeConference';
  /** `ended`: the meeting ended, its conference stays removed. `unbound`: the meeting lives on without it. */
  readonly leaves: 'ended' | 'unbound';
}
/** Writes the marker, and by policy the visible link, to the organizer's item. */
export interface WriteJoinLink extends RuleFiring {
  readonly kind: 'writeJoinLink';
  readonly mailbox: MailboxAddress;
  readonly address: EventAddress;
  readonly itemId: ItemId;
  readonly url: string;
  readonly marker: ItemMarker;
  /** absent: the marker alone is written (CalendarSource.writeMarker) */
  readonly patch?: EventPatch;
  readonly mail: MailPolicy;
}
/** Nothing to carry out: something is wanted but has to wait. */
export interface Wait extends RuleFiring {
  readonly kind: 'wait';
  readonly until?: Instant;
  /** what waits, e.g. `topic` */
  readonly fields: readonly string[];
}

/** One thing to do, with the rule that made it; a plan carries them out in order. */
export type Decision =
  | CreateConference
  | UpdateConference
  | AddParticipants
  | RemoveParticipants
  | RingParticipants
  | NotifyParticipants
  | StartConference
  | StopConference
  | RemoveConference
  | WriteJoinLink
  | Wait;

/** A decision the daemon carries out. */
export type Action = Exclude<Decision, Wait>;

/**
 * What carrying out a decision gave. Decisions of a plan are carried out in order; after `absent`, `failed` or `skipped`
 * the remaining ones of that plan are `skipped`: the next look decides anew.
 */
export type Outcome =
  | { readonly status: 'done'; readonly conference?: Conference }
  /** it was so already: our own lost answer, or somebody else was faster */
  | { readonly status: 'already'; readonly conference?: Conference }
  /** refused because the conference runs */
  | { readonly status: 'running' }
  | { readonly status: 'absent' }
  | { readonly status: 'failed'; readonly failure: FailureFacts }
  | { readonly status: 'skipped' };

/** The part of a Failure that decides what happens next. */
export interface FailureFacts {
  readonly kind: FailureKind;
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
  readonly code?: string;
}

/** Something odd that people should see. The daemon adds id and time. */
export type AnomalyDraft = Omit<AnomalyReport, 'id' | 'at'>;

/** What should happen next with one meeting. */
export interface Plan {
  readonly key: MeetingKey;
  /** version of the stored meeting the plan was made from */
  readonly version: number;
  readonly decisions: readonly Decision[];
  /** every rule that fired, also those that decided to do nothing */
  readonly fired: readonly RuleFiring[];
  readonly anomalies: readonly AnomalyDraft[];
  /** the baseline before any decision is carried out: what observation alone taught us */
  readonly base: Baseline;
  readonly planAgainAt?: Instant;
  readonly startsToSchedule: readonly StartJob[];
  readonly startsToCancel: readonly Omit<StartJob, 'at'>[];
  readonly removals: Settlement['removals'];
  /** visible reason why nothing is done although something was wanted */
  readonly blocked?: { readonly reason: ReasonCode; readonly since: Instant };
  /** limits of the settings the plan was made with, for settling it */
  readonly limits: SettleLimits;
}

export interface SettleLimits {
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  readonly runningPollMs: number;
  readonly loopWindowMs: number;
  readonly starts: number;
}

/** What settling gives: the store's Settlement, and whether there is anything to commit at all. */
export interface Settled {
  readonly settlement: Settlement;
  readonly anomalies: readonly AnomalyDraft[];
  /**
   * false: baseline, starts and removals are as they were, nothing has to be committed. A next look may still be owed
   * (`settlement.planAgainAt`): it is ordered with `requestPlan`, which writes nothing when an earlier one is ordered.
   */
  readonly changed: boolean;
}
