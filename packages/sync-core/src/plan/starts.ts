/**
 * Which starts a meeting owes: every occurrence in progress that was never started, and the next one. A start is a job
 * in the store, never a timer; a record keeps it from happening twice. SPEC.md §5; features C5, C8.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { ConferenceBinding, StartRecord } from '../model/meeting.ts';
import type { StartJob } from '../ports/sync-store.ts';
import { isSameConference } from '../standing/assess.ts';
import type { Draft } from './draft.ts';

export interface StartPlan {
  readonly schedule: readonly StartJob[];
  readonly cancel: readonly Omit<StartJob, 'at'>[];
  /** records before the new jobs are committed */
  readonly records: readonly StartRecord[];
}

/** Compares the starts owed with those scheduled. */
export function planStarts(draft: Draft): StartPlan {
  const { assessment, startable, settings } = draft;
  const { binding, starts } = assessment.baseline;
  if (startable === 'keep') return { schedule: [], cancel: [], records: starts };
  const target =
    startable !== 'none' && settings.launchConference && mayStart(draft, startable) ? startable : undefined;
  const owed = target ? owedStarts(draft) : [];
  const sameConference =
    binding !== undefined && draft.base.binding !== undefined && isSameConference(binding, draft.base.binding);
  // Another conference owes its own starts: nothing of the old one's record counts for it.
  const kept = sameConference
    ? starts.filter((record) => record.state !== 'scheduled' || owed.includes(record.occurrenceStart))
    : [];
  const dropped = starts.filter((record) => record.state === 'scheduled' && !kept.includes(record));
  const known = new Set(kept.map((record) => record.occurrenceStart));
  const wanted = target ? owed.filter((start) => !known.has(start) || isOverdue(kept, start, draft)) : [];
  return {
    schedule: target
      ? wanted.map((start) => ({ ...jobOf(draft, target, start), at: startAt(kept, start, draft) }))
      : [],
    cancel: binding ? dropped.map((record) => jobOf(draft, binding, record.occurrenceStart)) : [],
    records: [
      ...kept.map((record) => (isOverdue(kept, record.occurrenceStart, draft) ? { ...record, at: draft.now } : record)),
      ...(target && sameConference ? missed(dropped, draft.now) : []),
    ],
  };
}

/** Still on record as scheduled although its time has passed: its job was lost on the way and is made again. */
function isOverdue(records: readonly StartRecord[], start: Instant, { now, settings }: Draft): boolean {
  const record = records.find((candidate) => candidate.occurrenceStart === start);
  if (record?.state !== 'scheduled') return false;
  return Math.max(start, record.at ?? start) + settings.timing.afterStartMs <= now;
}

function startAt(records: readonly StartRecord[], start: Instant, draft: Draft): Instant {
  return isOverdue(records, start, draft) ? draft.now : start;
}

/** A start that was owed and whose occurrence has passed: kept on record, people ask why a conference did not start. */
function missed(dropped: readonly StartRecord[], now: Instant): readonly StartRecord[] {
  return dropped
    .filter((record) => record.occurrenceStart <= now)
    .map((record) => ({ ...record, state: 'missed', at: now }));
}

function mayStart(draft: Draft, binding: ConferenceBinding): boolean {
  return draft.server(binding.serverId)?.access !== 'read' && draft.settings.access !== 'freeBusy';
}

function owedStarts({ assessment }: Draft): readonly Instant[] {
  const { current, next } = assessment.agenda;
  return [...new Set([...current, ...(next ? [next] : [])].map((occurrence) => occurrence.start))];
}

function jobOf(draft: Draft, binding: ConferenceBinding, occurrenceStart: Instant): Omit<StartJob, 'at'> {
  const { serverId, conferenceId } = binding;
  return { meeting: draft.assessment.key, serverId, conferenceId, occurrenceStart };
}

/** Keeps the newest records; those still scheduled are never dropped. */
export function boundedStarts(records: readonly StartRecord[], limit: number): readonly StartRecord[] {
  const sorted = [...records].sort((a, b) => a.occurrenceStart - b.occurrenceStart);
  if (sorted.length <= limit) return sorted;
  const done = sorted.filter((record) => record.state !== 'scheduled');
  const drop = new Set(done.slice(0, sorted.length - limit));
  return sorted.filter((record) => !drop.has(record));
}

/** The records with one replaced or added. */
export function withStart(records: readonly StartRecord[], record: StartRecord, limit: number): readonly StartRecord[] {
  const others = records.filter(({ occurrenceStart }) => occurrenceStart !== record.occurrenceStart);
  return boundedStarts([...others, record], limit);
}

/** A late start is worth little: attempts are close together at first, then rarer the longer the occurrence has run. */
export function startRetryMs(occurrenceStart: Instant, baseMs: number, now: Instant): number {
  const MAX_DELAY_MS = 60_000;
  return Math.min(MAX_DELAY_MS, Math.max(baseMs, Math.round((now - occurrenceStart) / 4)));
}
