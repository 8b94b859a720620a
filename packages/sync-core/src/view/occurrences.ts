/**
 * When a meeting takes place: single, series with its exceptions, or the orphan occurrences a mailbox was invited to.
 * Cancelled exceptions and deleted occurrences do not take place. SPEC.md §2.5; feature C8.
 */
import type { ExceptionItem, FolderItem, Instant, SeriesMaster } from '@calendar-connector/calendar-model';
import type { CompiledSeries, Occurrence } from '@calendar-connector/recurrence';
import type { MeetingView } from './meeting-view.ts';
import { compileMaster } from './series.ts';

/** One time the meeting takes place. */
export interface MeetingOccurrence {
  readonly start: Instant;
  readonly end: Instant;
  readonly originalStart: Instant;
  /** the item that describes it where it differs from the meeting */
  readonly exception?: ExceptionItem;
}

/** The meeting seen from `now`: what is in progress, what comes next, whether anything is left. */
export interface Agenda {
  /** in progress, by start */
  readonly current: readonly MeetingOccurrence[];
  /** the earliest one that has not begun */
  readonly next?: MeetingOccurrence;
  /** nothing is in progress and nothing will come */
  readonly over: boolean;
  /** the recurrence could not be understood */
  readonly unreadable: boolean;
}

/** Overlapping occurrences of one meeting that are looked at; more than a handful is no real calendar. */
const MAX_LOOKED_AT = 64;
const LONG_HORIZON_MS = 12 * 366 * 86_400_000;

/** The meeting's agenda at `now`; the next occurrence of a series is searched `horizonMs` ahead, then twelve years. */
export function agendaOf(view: MeetingView, now: Instant, horizonMs: number): Agenda {
  const item = view.source?.item;
  if (!item) return { current: [], over: true, unreadable: false };
  if (item.kind !== 'seriesMaster') return fromList([item, ...view.orphans].map(asOccurrence), now);
  const series = compileMaster(item);
  if (!series) return { current: [], over: false, unreadable: true };
  const near = upcoming(item, series, now, now + horizonMs);
  if (near.length > 0) return fromList(near, now);
  if (item.recurrence.range.type !== 'NoEnd' && (series.last()?.end ?? now) <= now && !movedLater(item, now)) {
    return { current: [], over: true, unreadable: false };
  }
  return fromList(upcoming(item, series, now, now + LONG_HORIZON_MS), now);
}

function movedLater(item: SeriesMaster, now: Instant): boolean {
  return item.modifiedOccurrences.some((modified) => modified.end > now);
}

function upcoming(
  item: SeriesMaster,
  series: CompiledSeries,
  from: Instant,
  to: Instant,
): readonly MeetingOccurrence[] {
  const exceptions = exceptionsOf(item);
  return series
    .between(from, to, { limit: MAX_LOOKED_AT })
    .map((occurrence) => describe(occurrence, exceptions))
    .filter((occurrence) => occurrence.exception?.isCancelled !== true);
}

/** The exceptions of a master by original start. */
export function exceptionsOf(item: SeriesMaster): ReadonlyMap<Instant, ExceptionItem> {
  return new Map(item.exceptions.map((exception) => [exception.originalStart, exception]));
}

function describe(occurrence: Occurrence, exceptions: ReadonlyMap<Instant, ExceptionItem>): MeetingOccurrence {
  const { start, end, originalStart } = occurrence;
  const exception = occurrence.kind === 'exception' ? exceptions.get(originalStart) : undefined;
  return { start, end, originalStart, ...(exception && { exception }) };
}

function asOccurrence(item: FolderItem): MeetingOccurrence {
  const { start, end } = item;
  if (item.kind !== 'exception') return { start, end, originalStart: start };
  return { start, end, originalStart: item.originalStart, exception: item };
}

function fromList(occurrences: readonly MeetingOccurrence[], now: Instant): Agenda {
  const sorted = occurrences
    .filter((occurrence) => lastInstant(occurrence) > now && occurrence.exception?.isCancelled !== true)
    .sort((a, b) => a.start - b.start || a.originalStart - b.originalStart);
  const current = sorted.filter((occurrence) => occurrence.start <= now);
  const next = sorted.find((occurrence) => occurrence.start > now);
  return { current, ...(next && { next }), over: sorted.length === 0, unreadable: false };
}

/** An occurrence without length still happens: it lasts for the millisecond it begins in. */
export function lastInstant({ start, end }: { readonly start: Instant; readonly end: Instant }): Instant {
  return Math.max(end, start + 1);
}

/** What describes the meeting now: the exception that is in progress or next, otherwise the item itself. */
export function focusOf(agenda: Agenda): MeetingOccurrence | undefined {
  return agenda.current.at(-1) ?? agenda.next;
}
