/**
 * What the engine knows of one meeting: the copies all synced mailboxes hold, and the state last agreed on.
 * Everything here is plain JSON-serialisable data; storage keeps it, the planner reads it.
 */
import type {
  ConferenceAccess,
  ConferenceId,
  ConferenceMode,
  FolderItem,
  Instant,
  ItemId,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';

/** One mailbox's copy. Several copies of one meeting in one mailbox are possible (imported .ics) and tolerated. */
export interface MeetingCopy {
  readonly mailbox: MailboxAddress;
  readonly item: FolderItem;
  /** The item vanished from its folder at this time and is held until it is certain that it did not merely move. */
  readonly missingSince?: Instant;
}

/** Which conference a meeting belongs to. `adopted`: made by people or a mail plug-in; `created`: made by the connector. */
export interface ConferenceBinding {
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
  readonly ownership: 'adopted' | 'created';
  readonly url: string;
  /** for clients: what the conference was seen to be; `agreed` has it as well once the conference is managed */
  readonly mode?: ConferenceMode;
  readonly access?: ConferenceAccess;
  /** for clients: the conference was removed, its link leads nowhere */
  readonly removed?: true;
}

/** The conference fields as last agreed between the two sides. */
export interface AgreedConference {
  readonly topic: string;
  readonly description?: string;
  readonly owner?: TrueConfUserId;
  readonly mode: ConferenceMode;
  readonly access: ConferenceAccess;
  readonly participants: readonly TrueConfUserId[];
  /** we left it without a time, or took its time away, because the meeting's was none that a schedule can say */
  readonly unscheduled?: true;
}

/** One start the connector owes or has carried out. */
export interface StartRecord {
  readonly occurrenceStart: Instant;
  readonly state: 'scheduled' | 'started' | 'refused' | 'missed';
  readonly at?: Instant;
}

/** The state both sides agreed on when the meeting was last settled. Absent parts were never agreed. */
export interface Baseline {
  readonly version: 1;
  readonly binding?: ConferenceBinding;
  readonly agreed?: AgreedConference;
  /** newest last; bounded */
  readonly starts: readonly StartRecord[];
  readonly cancelled: boolean;
  /** the binding's conference was removed by us and must not be made again for this meeting */
  readonly removed: boolean;
  /** join link written back to the organizer's item, once */
  readonly linkWritten?: { readonly mailbox: MailboxAddress; readonly itemId: ItemId; readonly url: string };
  /** visible reason why nothing is done although something was wanted */
  readonly blocked?: { readonly reason: string; readonly since: Instant };
  /** the conference is another meeting's to manage; this one only shows it */
  readonly sharedWith?: MeetingKey;
  /** how the organizer ended the meeting; remembered because the item that showed it is gone by then */
  readonly ended?: 'cancelled' | 'deleted';
  /** when reading the mailbox once more did not confirm that the organizer's item is gone for good */
  readonly doubtedAt?: Instant;
  /** rounds in a row that failed, for the back-off */
  readonly retry?: { readonly count: number; readonly since: Instant; readonly kind: string };
  /** conference writes since `since`, for the loop guard */
  readonly writes?: { readonly count: number; readonly since: Instant };
}

/** A meeting as storage gives it to the planner. `version` grows with each settlement. */
export interface StoredMeeting {
  readonly key: MeetingKey;
  readonly copies: readonly MeetingCopy[];
  readonly baseline?: Baseline;
  readonly version: number;
}
