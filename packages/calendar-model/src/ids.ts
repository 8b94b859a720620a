/**
 * Branded ids. A brand costs nothing at run time and keeps a change key from being passed as an item id.
 * Exchange ids are opaque, case-sensitive and of unbounded length (Microsoft "EWS identifiers in Exchange").
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Primary SMTP address of a mailbox, lower case. */
export type MailboxAddress = Branded<'MailboxAddress'>;
/** EWS ItemId. A cache key, never an identity: it changes on move and on some accepts. */
export type ItemId = Branded<'ItemId'>;
/** EWS ChangeKey: a version of one item. */
export type ChangeKey = Branded<'ChangeKey'>;
/** EWS FolderId; also the `calendarId` that clients see. */
export type FolderId = Branded<'FolderId'>;
/** Opaque SyncFolderItems state ("SyncState"). */
export type Cursor = Branded<'Cursor'>;
/** Identity of one meeting over all mailboxes: its clean global object id (upper-case hex) or, without one, `uid:` + UID. */
export type MeetingKey = Branded<'MeetingKey'>;
/** Conference id (CID) on a TrueConf Server: `[A-Za-z0-9_]{1,128}`. */
export type ConferenceId = Branded<'ConferenceId'>;
/** A TrueConf Server by its endpoint name, e.g. `server.trueconf.name#vcs`. */
export type TrueConfServerId = Branded<'TrueConfServerId'>;
/** Short TrueConf user id (`login`), as used in API paths and invitations. */
export type TrueConfUserId = Branded<'TrueConfUserId'>;

/** Normalises an SMTP address to the form used as key everywhere: trimmed, lower case. */
export function mailboxAddress(text: string): MailboxAddress {
  return text.trim().toLowerCase() as MailboxAddress;
}

export function itemId(text: string): ItemId {
  return text as ItemId;
}

export function changeKey(text: string): ChangeKey {
  return text as ChangeKey;
}

export function folderId(text: string): FolderId {
  return text as FolderId;
}

export function cursor(text: string): Cursor {
  return text as Cursor;
}

export function conferenceId(text: string): ConferenceId {
  return text as ConferenceId;
}

export function trueConfServerId(text: string): TrueConfServerId {
  return text as TrueConfServerId;
}

export function trueConfUserId(text: string): TrueConfUserId {
  return text as TrueConfUserId;
}

/**
 * Identity of a meeting across mailboxes.
 * `cleanGlobalObjectId` (PidLidCleanGlobalObjectId, hex) wins; a missing one falls back to the UID.
 */
export function meetingKey(identity: {
  readonly cleanGlobalObjectId?: string | undefined;
  readonly uid: string;
}): MeetingKey {
  const goid = identity.cleanGlobalObjectId;
  return (goid ? goid.toUpperCase() : `uid:${identity.uid}`) as MeetingKey;
}
