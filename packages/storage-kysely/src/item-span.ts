/**
 * The span of time in which an item can be seen, so that a month is read by index. Singles: start to end. Series: from
 * the first occurrence to a bound that is never too early; the exact last occurrence is `recurrence`'s business, a few
 * days too many only cost a row that is then expanded to nothing.
 */
import type {
  FolderItem,
  Instant,
  RecurrencePattern,
  RecurrenceRange,
  SeriesMaster,
} from '@calendar-connector/calendar-model';

/** `span_end` of a series without end: the greatest int8. Text, because it is beyond a JavaScript number. */
export const OPEN_END = '9223372036854775807';

/** Spans longer than this are kept in an index of their own. */
export const LONG_SPAN_MS = 32 * 86_400_000;

const DAY_MS = 86_400_000;
/** Zones differ from UTC by at most 14 h, and a series may be edited in another zone: two days cover both. */
const ZONE_MARGIN_MS = 2 * DAY_MS;
/** Instants far outside any calendar; keeps hostile dates inside int8. */
const INSTANT_LIMIT = 8_640_000_000_000_000;

export interface ItemSpan {
  readonly start: Instant;
  /** exclusive; undefined: never ends */
  readonly end: Instant | undefined;
  readonly long: boolean;
}

export function clampInstant(value: number): Instant {
  if (!Number.isFinite(value)) return 0;
  return Math.trunc(Math.max(-INSTANT_LIMIT, Math.min(INSTANT_LIMIT, value)));
}

/** The longest possible distance between two occurrences that follow each other. */
function longestStepDays(pattern: RecurrencePattern): number {
  switch (pattern.type) {
    case 'Daily':
      return pattern.interval;
    case 'Weekly':
      return 7 * pattern.interval;
    case 'AbsoluteMonthly':
    case 'RelativeMonthly':
      return 31 * pattern.interval + 7;
    case 'AbsoluteYearly':
    case 'RelativeYearly':
      return 366 + 7;
  }
}

function endOfRange(pattern: RecurrencePattern, range: RecurrenceRange, firstStart: Instant): Instant | undefined {
  if (range.type === 'NoEnd') return undefined;
  if (range.type === 'EndDate') return Date.parse(`${range.endDate}T00:00:00Z`) + DAY_MS;
  return firstStart + (range.numberOfOccurrences + 1) * longestStepDays(pattern) * DAY_MS;
}

function spanOfSeries(item: SeriesMaster): ItemSpan {
  const moved = [...item.modifiedOccurrences, ...item.exceptions];
  const duration = Math.max(0, item.end - item.start);
  const start = moved.reduce((earliest, one) => Math.min(earliest, one.start), item.start);
  const last = endOfRange(item.recurrence.pattern, item.recurrence.range, item.start);
  if (last === undefined || Number.isNaN(last) || last >= INSTANT_LIMIT) return { start, end: undefined, long: true };
  const end = moved.reduce((latest, one) => Math.max(latest, one.end), last + duration + ZONE_MARGIN_MS);
  return { start, end: Math.max(end, item.end), long: true };
}

/** An item without duration is seen at its start: its span is one millisecond. */
export function spanOf(item: FolderItem): ItemSpan {
  if (item.kind === 'seriesMaster') return spanOfSeries(item);
  const end = Math.max(item.end, item.start + 1);
  return { start: item.start, end, long: end - item.start > LONG_SPAN_MS };
}
