/**
 * Series in the world: expansion of a master into occurrences and exceptions, addressing by date, index or original start,
 * and the rules Exchange checks before it lets somebody change one occurrence.
 * Sources: MS-OXOCAL 2.2.1.44 (exceptions may not cross their neighbours), Microsoft "Recurrence patterns and EWS".
 */
import type { Instant, LocalDate, Recurrence, RecurrenceRange } from '@calendar-connector/calendar-model';
import { type CompiledSeries, compileSeries, RecurrenceError } from '@calendar-connector/recurrence';
import type { CalendarContent, CalendarRecord, ExceptionRecord, SeriesState } from './model.ts';
import { WorldError } from './world-error.ts';
import { clockText, toLocal, zoneOf } from './zones.ts';

/** One occurrence as calendars show it. */
export interface OccurrenceView {
  readonly kind: 'occurrence' | 'exception';
  readonly originalStart: Instant;
  /** original date in the zone of the series: what its id is made of */
  readonly date: LocalDate;
  readonly content: CalendarContent;
}

const compiled = new WeakMap<SeriesState, CompiledSeries>();
/** A view never expands more than this of one series. */
const MOST_OCCURRENCES = 5000;

/** The compiled form of a master's series. Throws WorldError with Exchange's code when the pattern is impossible. */
export function seriesOf(record: CalendarRecord): CompiledSeries {
  const { series, content } = record;
  if (series === undefined) throw new WorldError('ErrorItemNotFound', 'The item is not a series.');
  const known = compiled.get(series);
  if (known !== undefined) return known;
  const fresh = compileFor(content, series);
  compiled.set(series, fresh);
  return fresh;
}

function compileFor(content: CalendarContent, series: SeriesState): CompiledSeries {
  const zone = zoneOf(content.startZone);
  const local = toLocal(zone, content.start);
  try {
    return compileSeries({
      pattern: series.recurrence.pattern,
      range: series.recurrence.range,
      startTime: clockText(local.timeMs),
      durationMinutes: Math.round((content.end - content.start) / 60_000),
      timeZone: zone,
      allDay: content.allDay,
      deletedOccurrences: [...series.deleted],
      modifiedOccurrences: [...series.exceptions.values()]
        .map(({ originalStart, overlay }) => ({ originalStart, start: overlay.start, end: overlay.end }))
        .sort((a, b) => a.originalStart - b.originalStart),
    });
  } catch (error) {
    if (error instanceof RecurrenceError) throw new WorldError(exchangeCode(error), error.message);
    throw error;
  }
}

function exchangeCode(error: RecurrenceError): string {
  const code = String(error.code);
  return code.startsWith('Error') ? code : 'ErrorRecurrenceHasNoOccurrence';
}

/** A fresh series state; checks the pattern by compiling it. */
export function startSeries(content: CalendarContent, recurrence: Recurrence): SeriesState {
  const state: SeriesState = { recurrence, exceptions: new Map(), deleted: new Set() };
  const series = compileFor(content, state);
  if (series.first() === undefined) {
    throw new WorldError('ErrorRecurrenceHasNoOccurrence', 'The recurrence pattern has no occurrences.');
  }
  compiled.set(state, series);
  return state;
}

/** Occurrences of a master that touch a window, in order of start. */
export function occurrencesBetween(record: CalendarRecord, from: Instant, to: Instant): OccurrenceView[] {
  const found = seriesOf(record).between(from, to, { mode: 'overlap' });
  return found.slice(0, MOST_OCCURRENCES).map((occurrence) => viewOf(record, occurrence.originalStart));
}

/** What an occurrence looks like, exception or not. */
export function viewOf(record: CalendarRecord, originalStart: Instant): OccurrenceView {
  const date = toLocal(zoneOf(record.content.startZone), originalStart).date;
  const exception = record.series?.exceptions.get(originalStart);
  if (exception !== undefined) {
    return { kind: 'exception', originalStart, date, content: { ...record.content, ...exception.overlay } };
  }
  const length = record.content.end - record.content.start;
  const found = seriesOf(record).between(originalStart, originalStart + 1, { mode: 'start' });
  const end = found.find((occurrence) => occurrence.originalStart === originalStart)?.end ?? originalStart + length;
  return { kind: 'occurrence', originalStart, date, content: { ...record.content, start: originalStart, end } };
}

/** The original start of the occurrence whose original date is `date`; undefined when there is none (any more). */
export function originalStartOn(record: CalendarRecord, date: LocalDate): Instant | undefined {
  const series = record.series;
  if (series === undefined) return undefined;
  const zone = zoneOf(record.content.startZone);
  for (const original of series.exceptions.keys()) if (toLocal(zone, original).date === date) return original;
  const noon = Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(noon)) return undefined;
  const near = bareSeries(record).between(noon - 36 * 3_600_000, noon + 36 * 3_600_000, { mode: 'start' });
  const hit = near.find((occurrence) => toLocal(zone, occurrence.originalStart).date === date)?.originalStart;
  return hit === undefined || series.deleted.has(hit) ? undefined : hit;
}

const bare = new WeakMap<SeriesState, CompiledSeries>();

/** The pattern alone, as if nobody had changed or deleted an occurrence. */
export function bareSeries(record: CalendarRecord): CompiledSeries {
  const series = record.series;
  if (series === undefined) throw new WorldError('ErrorItemNotFound', 'The item is not a series.');
  const known = bare.get(series);
  if (known !== undefined) return known;
  const fresh = compileFor(record.content, { ...series, exceptions: new Map(), deleted: new Set() });
  bare.set(series, fresh);
  return fresh;
}

/** Original start by 1-based index; deleted occurrences count (MS-OXWSCORE OccurrenceItemId). */
export function originalStartAt(record: CalendarRecord, index: number): Instant {
  const found = index >= 1 ? bareSeries(record).occurrenceAt(index) : undefined;
  if (found === undefined || found === 'deleted') {
    throw new WorldError(
      'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
      'Occurrence index is out of recurrence range.',
    );
  }
  if (record.series?.deleted.has(found.originalStart) === true) {
    throw new WorldError(
      'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
      'Occurrence with this index was previously deleted from the recurrence.',
    );
  }
  return found.originalStart;
}

/** Series state with one more or changed exception; refuses one that would cross its neighbours. */
export function withException(record: CalendarRecord, exception: ExceptionRecord): SeriesState {
  const series = record.series;
  if (series === undefined) throw new WorldError('ErrorItemNotFound', 'The item is not a series.');
  refuseCrossing(record, exception);
  return { ...series, exceptions: new Map(series.exceptions).set(exception.originalStart, exception) };
}

function refuseCrossing(record: CalendarRecord, exception: ExceptionRecord): void {
  const { start, end } = exception.overlay;
  const before = record.series?.exceptions.get(exception.originalStart);
  const unmoved = start === (before?.overlay.start ?? exception.originalStart);
  if (unmoved && end - start <= record.content.end - record.content.start) return;
  const code = seriesOf(record).validateModification({ originalStart: exception.originalStart, start, end });
  if (code === 'ErrorOccurrenceCrossingBoundary') {
    throw new WorldError(code, 'Modified occurrence is crossing or overlapping adjacent occurrence.');
  }
  if (code !== undefined) throw new WorldError(code, 'The occurrence cannot be changed like that.');
}

/** Series state without one occurrence. The last one may not go. */
export function withoutOccurrence(record: CalendarRecord, originalStart: Instant): SeriesState {
  const series = record.series;
  if (series === undefined) throw new WorldError('ErrorItemNotFound', 'The item is not a series.');
  const exceptions = new Map(series.exceptions);
  exceptions.delete(originalStart);
  const next: SeriesState = { ...series, exceptions, deleted: new Set(series.deleted).add(originalStart) };
  return next;
}

/** A range that begins on another date and keeps its length in dates. */
export function shiftRange(range: RecurrenceRange, startDate: LocalDate): RecurrenceRange {
  return { ...range, startDate };
}
