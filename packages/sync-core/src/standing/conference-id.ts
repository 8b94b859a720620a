/**
 * Ids of conferences the connector makes. The same meeting always gives the same id, so that a repeated call after a
 * lost answer, a crash or a take-over by another node finds its own effect instead of making a second one (I9).
 */
import { type ConferenceId, conferenceId, type MeetingKey } from '@calendar-connector/calendar-model';
import { sha256Hex } from './sha256.ts';

/** Hex digits taken: 160 bits, well within TrueConf's 128 characters. */
const DIGITS = 40;

/** The id of the conference made for a meeting; `[A-Za-z0-9_]`, at most 128 characters. */
export function conferenceIdFor(meeting: MeetingKey): ConferenceId {
  return conferenceId(`cal_${sha256Hex(`calendar-connector conference\n${meeting}`).slice(0, DIGITS)}`);
}
