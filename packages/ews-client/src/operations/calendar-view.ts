/**
 * Expanded occurrences of a window (FindItem with CalendarView). Windows too wide or too full are halved; what only
 * touches the window's start is left out, though Exchange returns it (facts §1.3).
 */
import type { CalendarItem, Interval } from '@calendar-connector/calendar-model';
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import { EwsError } from '../errors/ews-error.ts';
import { isoInstant } from '../translate/dates.ts';
import { isCalendarItem, translateItem } from '../translate/item.ts';
import { calendarView } from '../wire/read-requests.ts';
import { callOne, type OperationContext, targetOf, translateOptions } from './context.ts';

const TWO_YEARS = 730 * 86_400_000;
const MAX_ROWS = 1_000;
const NARROWEST = 60_000;
/** windows asked for in one reading; a mailbox that needs more is not a calendar any more */
const MAX_WINDOWS = 2_000;

/** Singles and occurrences that overlap the window, in order of start. Attendees are not known here. */
export async function readCalendarView(
  context: OperationContext,
  mailbox: ResolvedMailbox,
  window: Interval,
  signal: AbortSignal,
): Promise<readonly CalendarItem[]> {
  const found = new Map<string, CalendarItem>();
  const waiting: Interval[] = [window];
  for (let asked = 0; waiting.length > 0; asked++) {
    if (asked >= MAX_WINDOWS) throw tooFull(mailbox.address);
    const part = waiting.pop() as Interval;
    if (part.to - part.from > TWO_YEARS) waiting.push(...halves(part));
    else if (!(await readWindow(context, mailbox, part, found, signal))) {
      if (part.to - part.from <= NARROWEST) throw tooFull(mailbox.address);
      waiting.push(...halves(part));
    }
  }
  const inside = [...found.values()].filter((item) => overlaps(item, window));
  return inside.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** False when the window holds more than one answer can carry. */
async function readWindow(
  context: OperationContext,
  mailbox: ResolvedMailbox,
  window: Interval,
  found: Map<string, CalendarItem>,
  signal: AbortSignal,
): Promise<boolean> {
  const { from, to } = window;
  const facade = await context.facade();
  const request = calendarView(facade, mailbox.address, mailbox.folderId, isoInstant(from), isoInstant(to), MAX_ROWS);
  try {
    const message = await callOne(context, request, targetOf(context, mailbox), signal);
    if (message.includesLast === false) return false;
    for (const raw of message.items) {
      const translated = isCalendarItem(raw) ? translateItem(raw, translateOptions(context)) : undefined;
      if (translated?.ok) found.set(translated.item.itemId, translated.item);
      else if (translated !== undefined) {
        context.options.observer.warning?.({
          code: translated.code,
          message: translated.message,
          mailbox: mailbox.address,
        });
      }
    }
    return true;
  } catch (error) {
    if (error instanceof EwsError && error.kind === 'limitExceeded') return false;
    throw error;
  }
}

function halves({ from, to }: Interval): Interval[] {
  const middle = from + Math.floor((to - from) / 2000) * 1000;
  return middle <= from
    ? []
    : [
        { from, to: middle },
        { from: middle, to },
      ];
}

function overlaps(item: CalendarItem, window: Interval): boolean {
  if (item.start === item.end) return item.start >= window.from && item.start < window.to;
  return item.start < window.to && item.end > window.from;
}

function tooFull(mailbox: string): EwsError {
  const message = `the calendar of ${mailbox} holds more items in one minute than Exchange can list`;
  return new EwsError({ kind: 'limitExceeded', code: 'WindowTooFull', message, mailbox });
}
