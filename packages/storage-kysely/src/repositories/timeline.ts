/** A meeting's story, line by line: for `trace`, the audit log and support. Never holds a subject or a body. */
import type { MeetingKey } from '@calendar-connector/calendar-model';
import type { TimelineEntry } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { meetingHash } from '../item-row.ts';
import { cleanText, toJson } from '../json-text.ts';
import type { Db } from '../transaction.ts';

const LIST_LIMIT = 10_000;

export async function insertTimeline(db: Db, entries: readonly TimelineEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({
    at: Math.trunc(entry.at),
    meeting_hash: entry.meeting === undefined ? null : meetingHash(entry.meeting),
    meeting_key: entry.meeting ?? null,
    mailbox: entry.mailbox ?? null,
    stage: entry.stage,
    what: cleanText(entry.what),
    outcome: entry.outcome === undefined ? null : cleanText(entry.outcome),
    detail: entry.detail ?? null,
  }));
  await sql`
    insert into tcc.timeline (at, meeting_hash, meeting_key, mailbox, stage, what, outcome, detail)
    select at, meeting_hash, meeting_key, mailbox, stage, what, outcome, detail
      from jsonb_to_recordset(${toJson(rows)}::jsonb)
        r (at bigint, meeting_hash uuid, meeting_key text, mailbox text, stage text, what text, outcome text, detail jsonb)`.execute(
    db,
  );
}

export interface TimelineRow {
  readonly at: number;
  readonly meeting_key: MeetingKey | null;
  readonly mailbox: TimelineEntry['mailbox'] | null;
  readonly stage: TimelineEntry['stage'];
  readonly what: string;
  readonly outcome: string | null;
  readonly detail: TimelineEntry['detail'] | null;
}

/** The newest `limit` lines of one meeting, oldest first. Accepts the meeting's key, its UID, or the UID of any copy. */
export async function listTimeline(db: Db, uidOrKey: string, limit: number): Promise<readonly TimelineEntry[]> {
  const keys = [uidOrKey, uidOrKey.toUpperCase(), `uid:${uidOrKey}`] as MeetingKey[];
  const hashes = [...new Set(keys.map(meetingHash))];
  const bounded = Math.max(0, Math.min(Math.trunc(limit), LIST_LIMIT));
  const { rows } = await sql<TimelineRow>`
    select at, meeting_key, mailbox, stage, what, outcome, detail from (
      select * from tcc.timeline where meeting_hash = any(
        ${hashes}::uuid[] || array(select meeting_hash from tcc.meetings where uid = ${cleanText(uidOrKey)}))
      order by id desc limit ${bounded}) newest
    order by id`.execute(db);
  return rows.map(entryOf);
}

export function entryOf(row: TimelineRow): TimelineEntry {
  return {
    at: row.at,
    stage: row.stage,
    what: row.what,
    ...(row.meeting_key === null ? {} : { meeting: row.meeting_key }),
    ...(row.mailbox ? { mailbox: row.mailbox } : {}),
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.detail ? { detail: row.detail } : {}),
  };
}
