/**
 * t:Recurrence: six patterns, three ranges, as plain data. Range dates stay dates (their zone suffix means nothing, facts §2.1).
 * A pattern with a part missing or out of its set is a problem of the item, not a guess.
 */
import type { DayOfWeek, Recurrence, RecurrencePattern, RecurrenceRange } from '@calendar-connector/calendar-model';
import { element, integer, type Rule, token } from './grammar.ts';
import { parseLocalDate } from './values.ts';

export interface RecurrenceDraft {
  pattern: string;
  range: string;
  interval: number;
  daysOfWeek: string;
  firstDayOfWeek: string;
  dayOfWeekIndex: string;
  dayOfMonth: number;
  month: string;
  startDate: string | undefined;
  endDate: string | undefined;
  count: number;
}

export interface RecurrenceHolder {
  recurrence: RecurrenceDraft | undefined;
}

export function openRecurrence(): RecurrenceDraft {
  return {
    pattern: '',
    range: '',
    interval: Number.NaN,
    daysOfWeek: '',
    firstDayOfWeek: '',
    dayOfWeekIndex: '',
    dayOfMonth: Number.NaN,
    month: '',
    startDate: undefined,
    endDate: undefined,
    count: Number.NaN,
  };
}

export function recurrenceChildren<S extends RecurrenceHolder>(): Readonly<Record<string, Rule<S>>> {
  const set =
    <V>(act: (draft: RecurrenceDraft, value: V) => void) =>
    (state: S, value: V) => {
      if (state.recurrence !== undefined) act(state.recurrence, value);
    };
  const parts = {
    Interval: integer<S>(
      set<number>((draft, value) => {
        draft.interval = value;
      }),
    ),
    DaysOfWeek: token<S>(
      set<string>((draft, value) => {
        draft.daysOfWeek = value;
      }),
    ),
    FirstDayOfWeek: token<S>(
      set<string>((draft, value) => {
        draft.firstDayOfWeek = value;
      }),
    ),
    DayOfWeekIndex: token<S>(
      set<string>((draft, value) => {
        draft.dayOfWeekIndex = value;
      }),
    ),
    DayOfMonth: integer<S>(
      set<number>((draft, value) => {
        draft.dayOfMonth = value;
      }),
    ),
    Month: token<S>(
      set<string>((draft, value) => {
        draft.month = value;
      }),
    ),
  };
  const bounds = {
    StartDate: token<S>(
      set<string>((draft, value) => {
        draft.startDate = parseLocalDate(value);
      }),
    ),
    EndDate: token<S>(
      set<string>((draft, value) => {
        draft.endDate = parseLocalDate(value);
      }),
    ),
    NumberOfOccurrences: integer<S>(
      set<number>((draft, value) => {
        draft.count = value;
      }),
    ),
  };
  const pattern = (name: string) =>
    element<S>(parts, {
      open: (state) => {
        if (state.recurrence !== undefined) state.recurrence.pattern = name;
      },
    });
  const range = (name: string) =>
    element<S>(bounds, {
      open: (state) => {
        if (state.recurrence !== undefined) state.recurrence.range = name;
      },
    });
  return {
    DailyRecurrence: pattern('Daily'),
    WeeklyRecurrence: pattern('Weekly'),
    AbsoluteMonthlyRecurrence: pattern('AbsoluteMonthly'),
    RelativeMonthlyRecurrence: pattern('RelativeMonthly'),
    AbsoluteYearlyRecurrence: pattern('AbsoluteYearly'),
    RelativeYearlyRecurrence: pattern('RelativeYearly'),
    NoEndRecurrence: range('NoEnd'),
    EndDateRecurrence: range('EndDate'),
    NumberedRecurrence: range('Numbered'),
  };
}

/** An element that holds nothing (`<t:Recurrence/>`, xsi:nil) is as good as absent. */
export function saysNothing(draft: RecurrenceDraft): boolean {
  return draft.pattern === '' && draft.range === '';
}

/** Patterns that are none for calendars, as tasks have them (DailyRegeneration): no recurrence to read, but no silence. */
export function otherPattern<S extends RecurrenceHolder>(): Rule<S> {
  return element<S>(
    {},
    {
      open: (state, _attributes, name) => {
        if (state.recurrence !== undefined) state.recurrence.pattern ||= name.local;
      },
    },
  );
}

/** The recurrence read, undefined when a part is missing or makes no sense. */
export function closeRecurrence(draft: RecurrenceDraft): Recurrence | undefined {
  const pattern = patternOf(draft);
  const range = rangeOf(draft);
  return pattern === undefined || range === undefined ? undefined : { pattern, range };
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const RELATIVE_DAYS = [...WEEKDAYS, 'Day', 'Weekday', 'WeekendDay'] as const;
const INDEXES = ['First', 'Second', 'Third', 'Fourth', 'Last'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

function oneOf<T extends string>(set: readonly T[], value: string): T | undefined {
  return set.find((known) => known === value);
}

/** DaysOfWeek of a weekly pattern: a list; `Day`, `Weekday` and `WeekendDay` stand for the days they name. */
function weekdaysOf(value: string): readonly DayOfWeek[] | undefined {
  const days = new Set<DayOfWeek>();
  for (const word of value.split(/\s+/).filter((part) => part !== '')) {
    const known = oneOf(RELATIVE_DAYS, word);
    if (known === undefined) return undefined;
    for (const day of expandDay(known)) days.add(day);
  }
  return days.size === 0 ? undefined : WEEKDAYS.filter((day) => days.has(day));
}

function expandDay(day: (typeof RELATIVE_DAYS)[number]): readonly DayOfWeek[] {
  if (day === 'Day') return WEEKDAYS;
  if (day === 'Weekday') return WEEKDAYS.slice(1, 6);
  if (day === 'WeekendDay') return ['Sunday', 'Saturday'];
  return [day];
}

function patternOf(draft: RecurrenceDraft): RecurrencePattern | undefined {
  const { interval, dayOfMonth } = draft;
  const validInterval = interval >= 1 && interval <= 999;
  const month = oneOf(MONTHS, draft.month);
  const daysOfWeek = oneOf(RELATIVE_DAYS, draft.daysOfWeek);
  const dayOfWeekIndex = oneOf(INDEXES, draft.dayOfWeekIndex);
  const validDay = dayOfMonth >= 1 && dayOfMonth <= 31;
  switch (draft.pattern) {
    case 'Daily':
      return validInterval ? { type: 'Daily', interval } : undefined;
    case 'Weekly': {
      const days = weekdaysOf(draft.daysOfWeek);
      // Servers before 2010 leave FirstDayOfWeek out; the schema's default week starts on Sunday.
      const firstDayOfWeek = oneOf(WEEKDAYS, draft.firstDayOfWeek === '' ? 'Sunday' : draft.firstDayOfWeek);
      if (!validInterval || days === undefined || firstDayOfWeek === undefined) return undefined;
      return { type: 'Weekly', interval, daysOfWeek: days, firstDayOfWeek };
    }
    case 'AbsoluteMonthly':
      return validInterval && validDay ? { type: 'AbsoluteMonthly', interval, dayOfMonth } : undefined;
    case 'RelativeMonthly':
      if (!validInterval || daysOfWeek === undefined || dayOfWeekIndex === undefined) return undefined;
      return { type: 'RelativeMonthly', interval, daysOfWeek, dayOfWeekIndex };
    case 'AbsoluteYearly':
      return validDay && month !== undefined ? { type: 'AbsoluteYearly', dayOfMonth, month } : undefined;
    case 'RelativeYearly':
      if (daysOfWeek === undefined || dayOfWeekIndex === undefined || month === undefined) return undefined;
      return { type: 'RelativeYearly', daysOfWeek, dayOfWeekIndex, month };
    default:
      return undefined;
  }
}

function rangeOf(draft: RecurrenceDraft): RecurrenceRange | undefined {
  const { startDate, endDate, count } = draft;
  if (startDate === undefined) return undefined;
  if (draft.range === 'NoEnd') return { type: 'NoEnd', startDate };
  if (draft.range === 'EndDate') return endDate === undefined ? undefined : { type: 'EndDate', startDate, endDate };
  if (draft.range === 'Numbered' && count >= 1) return { type: 'Numbered', startDate, numberOfOccurrences: count };
  return undefined;
}
