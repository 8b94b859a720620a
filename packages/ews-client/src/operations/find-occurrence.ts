/**
 * One occurrence of a series by its original start: an exception by the id its master lists, a plain occurrence by the
 * calendar view. Never by index, which counts in the series' own zone (facts §2.1, §3.1 no. 22).
 */
import type { CalendarItem, SeriesMaster } from '@calendar-connector/calendar-model';
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import type { BatchSize } from './batch-size.ts';
import { readCalendarView } from './calendar-view.ts';
import { type OperationContext, targetOf } from './context.ts';
import { readCalendarItems } from './read-calendar-items.ts';

export async function findOccurrence(
  context: OperationContext,
  mailbox: ResolvedMailbox,
  master: SeriesMaster,
  originalStart: number,
  size: BatchSize,
  signal: AbortSignal,
): Promise<CalendarItem | undefined> {
  const exception = master.exceptions.find((item) => item.originalStart === originalStart);
  if (exception !== undefined) return exception;
  if (master.deletedOccurrences.includes(originalStart)) return undefined;
  const window = { from: originalStart, to: originalStart + Math.max(60_000, master.end - master.start) };
  const seen = await readCalendarView(context, mailbox, window, signal);
  const match = seen.find((item) => item.uid === master.uid && item.kind !== 'single' && item.start === originalStart);
  if (match === undefined) return undefined;
  // The view has no attendees and no zone: read the occurrence itself.
  const read = await readCalendarItems(context, targetOf(context, mailbox), [match.itemId], size, signal);
  return read.items[0];
}
