/**
 * Exchange's rules for a series and for changing one occurrence, answered with its response codes. SPEC.md, section 7
 * (MS-OXOCAL 2.2.1.44; responsecode.md: ErrorOccurrenceCrossingBoundary, ErrorOccurrenceTimeSpanTooBig).
 */
import type { Instant, ModifiedOccurrence } from '@calendar-connector/calendar-model';
import { DAY_MS } from './civil.ts';
import type { Occurrence } from './occurrence.ts';
import { type ExchangeErrorCode, isRecord, RecurrenceError } from './recurrence-error.ts';
import { type CheckedSeries, MAX_DURATION_MS } from './series-input.ts';

/** What the rules ask of a series. */
interface CountedOccurrences {
  occurrenceAt(index: number): Occurrence | 'deleted' | undefined;
  indexOf(originalStart: Instant): number;
}

/** The shortest distance of neighbours shows within the 28 years after which weekdays and leap years repeat. */
const MONTHS_OF_A_CYCLE = 12 * 28;

/** The nearest occurrence in a direction that is not deleted. */
function neighbour(series: CountedOccurrences, index: number, step: 1 | -1): Occurrence | undefined {
  for (let i = index + step; ; i += step) {
    const found = series.occurrenceAt(i);
    if (found !== 'deleted') return found;
  }
}

/** What Exchange would answer to a series; undefined when it would accept. */
export function seriesError({ rule, first, last, durationMs }: CheckedSeries): ExchangeErrorCode | undefined {
  if (last < first) return 'ErrorRecurrenceHasNoOccurrence';
  for (let index = first; index < Math.min(last, first + MONTHS_OF_A_CYCLE); index++) {
    const distance = (rule.dayAt(index + 1) - rule.dayAt(index)) * DAY_MS;
    if (durationMs > distance) return 'ErrorOccurrenceTimeSpanTooBig';
  }
  return undefined;
}

/** What Exchange would answer to a change of one occurrence. `dayOf` is the local day of an instant. */
export function modificationError(
  series: CountedOccurrences,
  modification: ModifiedOccurrence,
  dayOf: (instant: Instant) => number,
): ExchangeErrorCode | undefined {
  if (!isRecord(modification)) throw new RecurrenceError('InvalidException', 'modification', 'is not an object');
  const { originalStart, start, end } = modification;
  if (!(end >= start)) return 'ErrorCalendarEndDateIsEarlierThanStartDate';
  if (end - start > MAX_DURATION_MS) return 'ErrorCalendarDurationIsTooLong';
  const index = series.indexOf(originalStart);
  if (index < 0) return 'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange';
  if (series.occurrenceAt(index) === 'deleted') return 'ErrorCalendarOccurrenceIsDeletedFromRecurrence';
  const previous = neighbour(series, index, -1);
  const next = neighbour(series, index, 1);
  if (previous && dayOf(start) <= dayOf(previous.start)) return 'ErrorOccurrenceCrossingBoundary';
  if (next && dayOf(start) >= dayOf(next.start)) return 'ErrorOccurrenceCrossingBoundary';
  if (previous && start < previous.end) return 'ErrorOccurrenceTimeSpanTooBig';
  if (next && end > next.start) return 'ErrorOccurrenceTimeSpanTooBig';
  return undefined;
}
