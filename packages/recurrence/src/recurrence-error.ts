/**
 * The one error this package throws. `code` is stable and machine readable, `field` names the input at fault.
 * Codes beginning with `Error` are Exchange's own response codes (MS-OXWSCDATA ResponseCodeType). SPEC.md, section 8.
 */

/** Exchange response codes that follow from a series alone. */
export type ExchangeErrorCode =
  | 'ErrorCalendarDurationIsTooLong'
  | 'ErrorCalendarEndDateIsEarlierThanStartDate'
  | 'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange'
  | 'ErrorCalendarOccurrenceIsDeletedFromRecurrence'
  | 'ErrorOccurrenceCrossingBoundary'
  | 'ErrorOccurrenceTimeSpanTooBig'
  | 'ErrorRecurrenceEndDateTooBig'
  | 'ErrorRecurrenceHasNoOccurrence';

export type RecurrenceErrorCode =
  | ExchangeErrorCode
  | 'EndBeforeStart'
  | 'ExceptionsOutOfOrder'
  | 'InvalidDate'
  | 'InvalidDayOfMonth'
  | 'InvalidDayOfWeekIndex'
  | 'InvalidDaysOfWeek'
  | 'InvalidDuration'
  | 'InvalidException'
  | 'InvalidFirstDayOfWeek'
  | 'InvalidInstant'
  | 'InvalidInterval'
  | 'InvalidMonth'
  | 'InvalidNumberOfOccurrences'
  | 'InvalidPattern'
  | 'InvalidPolicy'
  | 'InvalidRange'
  | 'InvalidSeries'
  | 'InvalidTime'
  | 'InvalidTimeZoneDefinition'
  | 'InvalidWindow'
  | 'UnknownTimeZone';

export class RecurrenceError extends Error {
  override readonly name = 'RecurrenceError';
  readonly code: RecurrenceErrorCode;
  /** Path of the input at fault, e.g. `pattern.interval` or `modifiedOccurrences[3].end`. */
  readonly field: string;

  constructor(code: RecurrenceErrorCode, field: string, message: string) {
    super(`${field}: ${message}`);
    this.code = code;
    this.field = field;
  }
}

/** Shows a hostile value in a message: short, on one line, never throwing. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null)
    return `${value}`;
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

/** True for anything whose properties can be read as data. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
