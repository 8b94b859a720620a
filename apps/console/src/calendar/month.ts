/** A month as a grid of days, Monday first, in the reader's own zone. Pure. */
export interface Day {
  readonly date: Date;
  readonly key: string;
  readonly inMonth: boolean;
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

/** Does an event touch a day? All-day events carry dates, `end` being the first day after. */
export function touches(
  event: { readonly start: string; readonly end: string; readonly allDay: boolean },
  day: Day,
): boolean {
  if (event.allDay) return event.start <= day.key && day.key < event.end;
  const from = day.date.getTime();
  const to = new Date(day.date.getFullYear(), day.date.getMonth(), day.date.getDate() + 1).getTime();
  const start = Date.parse(event.start);
  return start < to && Math.max(Date.parse(event.end), start + 1) > from;
}
