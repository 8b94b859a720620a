/**
 * Fixed-length keys for texts of unbounded length. Exchange ids and UIDs may be longer than an index entry
 * (PostgreSQL: 2,704 bytes), are case-sensitive and, for UIDs, chosen by strangers: 128 bits of SHA-256 stand for them.
 */
import { hash } from 'node:crypto';
import type {
  ConferenceId,
  Instant,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
} from '@calendar-connector/calendar-model';

/** 128 bits of SHA-256 in the form of PostgreSQL's `uuid`. */
export function textHash(text: string): string {
  const hex = hash('sha256', text, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Id under which clients know an event; the same for the same meeting in the same mailbox, for ever. */
export function eventIdOf(
  mailbox: MailboxAddress,
  meeting: MeetingKey,
  originalStart: Instant | null,
  copy = '',
): string {
  return hash('sha256', `${mailbox}\n${meeting}\n${originalStart ?? ''}\n${copy}`, 'base64url').slice(0, 24);
}

/** Key of a session or transaction advisory lock: signed 64 bits as decimal text. */
export function lockId(text: string): string {
  return hash('sha256', `tcc:${text}`, 'buffer').readBigInt64BE(0).toString();
}

/** Keys of jobs. `now` and `later` are apart so that a look ordered for tomorrow never postpones one due now. */
export const jobKey = {
  planNow: (meeting: MeetingKey): string => `plan:${textHash(meeting)}`,
  planLater: (meeting: MeetingKey): string => `later:${textHash(meeting)}`,
  start: (serverId: TrueConfServerId, conferenceId: ConferenceId, occurrenceStart: Instant): string =>
    `start:${textHash(`${serverId}\n${conferenceId}\n${occurrenceStart}`)}`,
} as const;
