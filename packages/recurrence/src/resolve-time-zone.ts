/**
 * Which zone an item means: the order of trust, and a reported reason when the configured default had to be used.
 * Never silently UTC. SPEC.md, section 6.
 */
import type { TimeZoneRef } from '@calendar-connector/calendar-model';
import { RecurrenceError } from './recurrence-error.ts';
import { TimeZone } from './time-zone.ts';

/** What a zone was taken from. */
export type ZoneTrust = 'definition' | 'windows' | 'iana' | 'default';

export type ZoneProblemReason =
  | 'no-zone-given'
  | 'custom-zone-without-definition'
  | 'unknown-id'
  | 'invalid-definition';

/** Something that was named but could not be used, for the log. */
export interface ZoneProblem {
  readonly reason: ZoneProblemReason;
  readonly id: string;
  readonly detail: string;
}

export interface ResolvedTimeZone {
  readonly zone: TimeZone;
  readonly trust: ZoneTrust;
  /** Never empty when `trust` is `default`; otherwise what had to be passed over. */
  readonly problems: readonly ZoneProblem[];
}

const CUSTOM_IDS = new Set(['', 'customized time zone', 'tzone://microsoft/custom']);

function attempt(make: () => TimeZone, failed: (error: RecurrenceError) => void): TimeZone | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RecurrenceError)) throw error;
    failed(error);
    return undefined;
  }
}

/** True when a definition says more than its id. */
function hasRules({ definition }: TimeZoneRef): boolean {
  const parts = [definition?.periods, definition?.groups, definition?.transitions];
  return parts.some((part) => part !== undefined && part.length > 0);
}

function resolveOne(ref: TimeZoneRef, problems: ZoneProblem[]): Omit<ResolvedTimeZone, 'problems'> | undefined {
  const { definition } = ref;
  const id = (ref.id || definition?.id) ?? '';
  const report = (reason: ZoneProblemReason, detail: string): void => void problems.push({ reason, id, detail });
  if (definition !== undefined && hasRules(ref)) {
    const zone = attempt(
      () => TimeZone.fromDefinition(definition),
      (error) => report('invalid-definition', error.message),
    );
    if (zone) return { zone, trust: 'definition' };
  }
  if (CUSTOM_IDS.has(id.toLowerCase())) {
    if (!hasRules(ref)) report('custom-zone-without-definition', 'the zone has neither an id nor a definition');
    return undefined;
  }
  const windows = attempt(
    () => TimeZone.fromWindows(id),
    () => undefined,
  );
  if (windows) return { zone: windows, trust: 'windows' };
  const iana = attempt(
    () => TimeZone.fromIana(id),
    () => undefined,
  );
  if (iana) return { zone: iana, trust: 'iana' };
  report('unknown-id', 'neither a Windows nor an IANA time zone has this id');
  return undefined;
}

/**
 * Picks the zone an item means. `refs` in order of trust (StartTimeZone, EndTimeZone, MeetingTimeZone …); of each the
 * definition's own transitions count first, then its Windows id, then its IANA id. `defaultZone` is the configured one.
 */
export function resolveTimeZone(refs: readonly (TimeZoneRef | undefined)[], defaultZone: TimeZone): ResolvedTimeZone {
  const problems: ZoneProblem[] = [];
  for (const ref of refs) {
    const found = ref && resolveOne(ref, problems);
    if (found) return { ...found, problems };
  }
  if (problems.length === 0) {
    problems.push({ reason: 'no-zone-given', id: '', detail: 'the item names no time zone' });
  }
  return { zone: defaultZone, trust: 'default', problems };
}
