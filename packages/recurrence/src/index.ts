/** Exchange recurrence: what this package offers. README.md shows it at work, SPEC.md says what it means. */
export type {
  DayOfWeek,
  DayOfWeekIndex,
  Instant,
  LocalDate,
  LocalTime,
  ModifiedOccurrence,
  Month,
  RecurrencePattern,
  RecurrenceRange,
  RelativeDay,
  TimeZoneDefinition,
  TimeZoneRef,
} from '@calendar-connector/calendar-model';
export type { CompiledSeries, WindowOptions } from './compiled-series.ts';
export { compileSeries } from './compiled-series.ts';
export type { FromRRule, RRuleStart } from './from-rrule.ts';
export { fromRRule } from './from-rrule.ts';
export type { Occurrence } from './occurrence.ts';
export type { ExchangeErrorCode, RecurrenceErrorCode } from './recurrence-error.ts';
export { RecurrenceError } from './recurrence-error.ts';
export type { ResolvedTimeZone, ZoneProblem, ZoneProblemReason, ZoneTrust } from './resolve-time-zone.ts';
export { resolveTimeZone } from './resolve-time-zone.ts';
export type { NotExpressibleReason } from './rrule-refusal.ts';
export type { RecurrenceSeries } from './series-input.ts';
export type { MultiYearPattern, SeriesPattern } from './series-pattern.ts';
export type { LocalDateTime, TimeZoneKind, WallTimePolicy } from './time-zone.ts';
export { TimeZone } from './time-zone.ts';
export type { RRuleContext, RRuleText } from './to-rrule.ts';
export { toRRule } from './to-rrule.ts';
