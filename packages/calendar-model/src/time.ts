/**
 * Time as the connector keeps it: instants inside, wall time and zone only where Exchange means them.
 * Specified in docs/decisions/0004-time.md; EWS forms: Microsoft "Time zones and EWS in Exchange".
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** A calendar date without zone, `YYYY-MM-DD`. */
export type LocalDate = string;

/** A wall clock time without zone, `HH:MM` or `HH:MM:SS`. */
export type LocalTime = string;

/** A half-open span of time: `from` belongs to it, `to` does not. */
export interface Interval {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * One observance of a custom zone ("Standard", "Daylight"): the offset that holds while it is in force.
 * `biasMinutes` is UTC minus local (EWS `Bias`, e.g. PT8H is 480 for Pacific standard time).
 */
export interface TimeZonePeriod {
  readonly id: string;
  readonly name?: string;
  readonly biasMinutes: number;
}

/** A yearly change to another period. `timeOffsetMinutes` is wall time in the offset before the change. */
export type TimeZoneTransition =
  | {
      readonly kind: 'recurringDay';
      readonly to: string;
      readonly timeOffsetMinutes: number;
      /** 1..12 */
      readonly month: number;
      readonly dayOfWeek: DayOfWeek;
      /** 1..4 from the start of the month, -1..-4 from its end */
      readonly occurrence: number;
    }
  | {
      readonly kind: 'recurringDate';
      readonly to: string;
      readonly timeOffsetMinutes: number;
      readonly month: number;
      readonly day: number;
    }
  /** In force from the beginning of its group on. */
  | { readonly kind: 'always'; readonly to: string };

/** Which group of transitions is in force from when. The first has no `from`: since ever. */
export interface TimeZoneGroupStart {
  readonly groupId: string;
  /** wall time `YYYY-MM-DDTHH:MM:SS` (EWS AbsoluteDateTransition) */
  readonly from?: string;
}

/** EWS `TimeZoneDefinition` as plain data (t:StartTimeZone and friends). */
export interface TimeZoneDefinition {
  /** Windows or IANA id; empty or `Customized Time Zone` for a custom zone */
  readonly id: string;
  readonly name?: string;
  readonly periods: readonly TimeZonePeriod[];
  readonly groups: readonly { readonly id: string; readonly transitions: readonly TimeZoneTransition[] }[];
  readonly transitions: readonly TimeZoneGroupStart[];
}

/** A zone as an item names it: an id (Windows or IANA, may be empty) and, if the server sent one, its definition. */
export interface TimeZoneRef {
  readonly id: string;
  readonly definition?: TimeZoneDefinition;
}

export type DayOfWeek = 'Sunday' | 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday';
