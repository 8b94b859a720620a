/** A month as a grid of days, Monday first, in the reader's own zone. Pure. */
export interface Day {
  readonly date: Date;
  readonly key: string;
  readonly inMonth: boolean;
}

interface Span {
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
}

const DAYS_SHOWN = 42;

/** `YYYY-MM-DD` of a day in the reader's zone. */
export function dayKey(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function monthGrid(year: number, month: number): readonly Day[] {
  const first = new Date(year, month, 1);
  const lead = (first.getDay() + 6) % 7;
  return Array.from({ length: DAYS_SHOWN }, (_, index) => {
    const date = new Date(year, month, 1 - lead + index);
    return { date, key: dayKey(date), inMonth: date.getMonth() === month };
  });
}

/** Midnight of the day so many days away; a day of 23 or 25 hours counts as one. */
export function daysFrom(date: Date, days: number): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
}

/** Does an event touch a day? All-day events carry dates, `end` being the first day after. */
export function touches(event: Span, day: Day): boolean {
  if (event.allDay) return event.start <= day.key && day.key < event.end;
  const from = day.date.getTime();
  const to = daysFrom(day.date, 1).getTime();
  const start = Date.parse(event.start);
  return start < to && Math.max(Date.parse(event.end), start + 1) > from;
}

/** All-day events first, then by the clock: texts of different offsets do not sort as their moments do. */
export function inOrder(a: Span, b: Span): number {
  if (a.allDay !== b.allDay) return a.allDay ? -1 : 1;
  return Date.parse(a.start) - Date.parse(b.start) || Date.parse(a.end) - Date.parse(b.end);
}
