/** Recurrence on the wire, both ways (types.xsd RecurrenceType; Microsoft "Recurrence patterns and EWS"). */
import type {
  DayOfWeek,
  DayOfWeekIndex,
  Month,
  Recurrence,
  RecurrencePattern,
  RecurrenceRange,
  RelativeDay,
} from '@calendar-connector/calendar-model';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { readDate } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';

/** Reads `t:Recurrence`. */
export function readRecurrence(element: XmlElement): Recurrence {
  const [pattern, range] = element.children;
  if (pattern === undefined || range === undefined)
    throw new EwsError('ErrorCalendarInvalidRecurrence', 'The recurrence is invalid.');
  return { pattern: readPattern(pattern), range: readRange(range) };
}

function number(element: XmlElement, name: string, from: number, to: number): number {
  const value = Number(element.childText(name)?.trim() ?? 1);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new EwsError('ErrorCalendarOutOfRange', `The value of ${name} is out of range.`);
  }
  return value;
}

function readPattern(element: XmlElement): RecurrencePattern {
  const text = (name: string): string => element.childText(name)?.trim() ?? '';
  switch (element.name) {
    case 'DailyRecurrence':
      return { type: 'Daily', interval: number(element, 'Interval', 1, 999) };
    case 'WeeklyRecurrence': {
      if (text('DaysOfWeek') === '')
        throw new EwsError(
          'ErrorCalendarInvalidDayForWeeklyRecurrence',
          'A weekly recurrence needs a day of the week.',
        );
      const days = text('DaysOfWeek')
        .split(/\s+/)
        .flatMap((day) => DAY_SETS[day] ?? [day as DayOfWeek]);
      const firstDayOfWeek = (text('FirstDayOfWeek') || 'Sunday') as DayOfWeek;
      return {
        type: 'Weekly',
        interval: number(element, 'Interval', 1, 99),
        daysOfWeek: [...new Set(days)],
        firstDayOfWeek,
      };
    }
    case 'AbsoluteMonthlyRecurrence':
      return {
        type: 'AbsoluteMonthly',
        interval: number(element, 'Interval', 1, 99),
        dayOfMonth: number(element, 'DayOfMonth', 1, 31),
      };
    case 'RelativeMonthlyRecurrence':
      return {
        type: 'RelativeMonthly',
        interval: number(element, 'Interval', 1, 99),
        daysOfWeek: text('DaysOfWeek') as RelativeDay,
        dayOfWeekIndex: text('DayOfWeekIndex') as DayOfWeekIndex,
      };
    case 'AbsoluteYearlyRecurrence':
      return {
        type: 'AbsoluteYearly',
        dayOfMonth: number(element, 'DayOfMonth', 1, 31),
        month: text('Month') as Month,
      };
    case 'RelativeYearlyRecurrence':
      return {
        type: 'RelativeYearly',
        daysOfWeek: text('DaysOfWeek') as RelativeDay,
        dayOfWeekIndex: text('DayOfWeekIndex') as DayOfWeekIndex,
        month: text('Month') as Month,
      };
    default:
      throw new EwsError('ErrorCalendarInvalidRecurrence', 'Regenerating patterns are for tasks.');
  }
}

const DAY_SETS: Readonly<Record<string, readonly DayOfWeek[]>> = {
  Day: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  Weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  WeekendDay: ['Saturday', 'Sunday'],
};

function readRange(element: XmlElement): RecurrenceRange {
  const startDate = readDate(element.childText('StartDate') ?? '');
  switch (element.name) {
    case 'EndDateRecurrence': {
      const endDate = readDate(element.childText('EndDate') ?? '');
      if (endDate > '4500-09-01')
        throw new EwsError('ErrorRecurrenceEndDateTooBig', 'The end date of the recurrence is too far in the future.');
      if (endDate < startDate)
        throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate', 'EndDate is earlier than StartDate');
      return { type: 'EndDate', startDate, endDate };
    }
    case 'NumberedRecurrence':
      return { type: 'Numbered', startDate, numberOfOccurrences: number(element, 'NumberOfOccurrences', 1, 999) };
    default:
      return { type: 'NoEnd', startDate };
  }
}

/** Writes `t:Recurrence`. Dates carry the offset of the series' zone at their midnight, as servers send them. */
export function writeRecurrence(
  out: XmlWriter,
  { pattern, range }: Recurrence,
  offset: (date: string) => string,
): void {
  out.open('t:Recurrence');
  out.open(`t:${pattern.type}Recurrence`);
  if ('interval' in pattern) out.element('t:Interval', pattern.interval);
  switch (pattern.type) {
    case 'Daily':
      break;
    case 'Weekly':
      out.element('t:DaysOfWeek', pattern.daysOfWeek.join(' '));
      out.element('t:FirstDayOfWeek', pattern.firstDayOfWeek);
      break;
    case 'AbsoluteMonthly':
      out.element('t:DayOfMonth', pattern.dayOfMonth);
      break;
    case 'RelativeMonthly':
      out.element('t:DaysOfWeek', pattern.daysOfWeek);
      out.element('t:DayOfWeekIndex', pattern.dayOfWeekIndex);
      break;
    case 'AbsoluteYearly':
      out.element('t:DayOfMonth', pattern.dayOfMonth);
      out.element('t:Month', pattern.month);
      break;
    case 'RelativeYearly':
      out.element('t:DaysOfWeek', pattern.daysOfWeek);
      out.element('t:DayOfWeekIndex', pattern.dayOfWeekIndex);
      out.element('t:Month', pattern.month);
      break;
  }
  out.close();
  out.open(`t:${range.type}Recurrence`);
  out.element('t:StartDate', `${range.startDate}${offset(range.startDate)}`);
  if (range.type === 'EndDate') out.element('t:EndDate', `${range.endDate}${offset(range.endDate)}`);
  if (range.type === 'Numbered') out.element('t:NumberOfOccurrences', range.numberOfOccurrences);
  out.close().close();
}
