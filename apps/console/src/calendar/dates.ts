/** Days and times as the reader's language writes them, in the reader's own zone. All-day events carry dates and no zone. */
import type { EventSummary } from '@calendar-connector/client-protocol';
import { locale, words } from '../shared/words.ts';

const say = words({ wholeDay: { en: 'all day', ru: 'весь день' } });
const DAY_MS = 86_400_000;

type Span = Pick<EventSummary, 'start' | 'end' | 'allDay'>;

const monthFormat = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' });
const dayFormat = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
const weekdayFormat = new Intl.DateTimeFormat(locale, { weekday: 'short' });
const clockFormat = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const momentFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const dateFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });

export const monthTitle = (date: Date): string => capital(monthFormat.format(date));
export const dayTitle = (date: Date): string => capital(dayFormat.format(date));
export const weekdayName = (date: Date): string => weekdayFormat.format(date);

/** Beside an event in the list of a day: the clock alone while it stays within one day. */
export function spanText({ start, end, allDay }: Span): string {
  if (allDay) {
    const [first, last] = [Date.parse(start), lastDay(end)];
    return first === last ? say.wholeDay : `${dateFormat.formatRange(first, last)}, ${say.wholeDay}`;
  }
  const [from, to] = [new Date(start), new Date(end)];
  const isOneDay = from.toDateString() === to.toDateString();
  return (isOneDay ? clockFormat : momentFormat).formatRange(from, to);
}

export function startText({ start, allDay }: Span): string {
  return allDay ? dateFormat.format(Date.parse(start)) : momentFormat.format(Date.parse(start));
}

/** The last day that belongs to an all-day event: on the wire its end is the day after. */
export function endText({ end, allDay }: Span): string {
  return allDay ? dateFormat.format(lastDay(end)) : momentFormat.format(Date.parse(end));
}

function lastDay(end: string): number {
  return Date.parse(end) - DAY_MS;
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
