/**
 * A time zone of any of the three kinds Exchange data names: Windows id, IANA id, EWS definition.
 * Tables are built on first use and kept: a small one for 1970..2044, the whole of 1601..4501 when asked for.
 * SPEC.md, sections 5 and 6.
 */
import type { Instant, TimeZoneDefinition } from '@calendar-connector/calendar-model';
import { DAY_MS, dayNumber, formatDate, formatTime, MINUTE_MS, parseDateTime } from './civil.ts';
import { isRecord, RecurrenceError, shown } from './recurrence-error.ts';
import { findWindowsId, findWindowsZone } from './windows-zones.ts';
import { readDefinition } from './zone-definition.ts';
import { offsetReader, scanZone } from './zone-scan.ts';
import { buildZoneTable, countUpTo, offsetAt, type ZoneChanges, type ZoneTable } from './zone-table.ts';

/** A wall clock reading without zone: `YYYY-MM-DDTHH:MM` or `YYYY-MM-DDTHH:MM:SS`. */
export type LocalDateTime = string;

/**
 * What a wall time means that a change of offset skips or repeats. `shift-forward` reads a skipped time in the offset
 * before the gap; `skip` says it does not exist. Defaults: `shift-forward`, `first`.
 */
export interface WallTimePolicy {
  readonly gap?: 'shift-forward' | 'skip';
  readonly overlap?: 'first' | 'second';
}

export type TimeZoneKind = 'windows' | 'iana' | 'definition';

type ZoneRules = (fromYear: number, toYear: number) => ZoneChanges;

const CORE_YEARS = [1970, 2045] as const;
const ALL_YEARS = [1600, 4502] as const;
const CORE_FROM = dayNumber(CORE_YEARS[0], 1, 4) * DAY_MS;
const CORE_TO = dayNumber(CORE_YEARS[1], 1, 1) * DAY_MS - 4 * DAY_MS;
const FIRST_INSTANT = dayNumber(1601, 1, 1) * DAY_MS;
const LAST_INSTANT = dayNumber(4501, 12, 31) * DAY_MS;

const ianaZones = new Map<string, TimeZone>();
const windowsZones = new Map<string, TimeZone>();

export const DEFAULT_POLICY: Required<WallTimePolicy> = { gap: 'shift-forward', overlap: 'first' };

/** Checks a policy given by a caller. */
export function requirePolicy(policy: WallTimePolicy): Required<WallTimePolicy> {
  if (policy === DEFAULT_POLICY) return DEFAULT_POLICY;
  if (!isRecord(policy)) throw new RecurrenceError('InvalidPolicy', 'policy', 'is not an object');
  const { gap = 'shift-forward', overlap = 'first' } = policy;
  if (gap !== 'shift-forward' && gap !== 'skip') {
    throw new RecurrenceError('InvalidPolicy', 'gap', `${shown(gap)} is neither "shift-forward" nor "skip"`);
  }
  if (overlap !== 'first' && overlap !== 'second') {
    throw new RecurrenceError('InvalidPolicy', 'overlap', `${shown(overlap)} is neither "first" nor "second"`);
  }
  return { gap, overlap };
}

function requireInstant(instant: Instant, field: string): number {
  if (typeof instant === 'number' && instant >= FIRST_INSTANT && instant <= LAST_INSTANT) return instant;
  throw new RecurrenceError('InvalidInstant', field, `${shown(instant)} is no instant of the years 1601 to 4501`);
}

export class TimeZone {
  /** The id it was asked for by; of a definition its own id, which may be empty. */
  readonly id: string;
  readonly kind: TimeZoneKind;
  /** The IANA zone behind it, where there is one. */
  readonly ianaId: string | undefined;
  readonly #rules: ZoneRules;
  #core: ZoneTable | undefined;
  #all: ZoneTable | undefined;

  private constructor(id: string, kind: TimeZoneKind, ianaId: string | undefined, rules: ZoneRules) {
    this.id = id;
    this.kind = kind;
    this.ianaId = ianaId;
    this.#rules = rules;
  }

  /** Zone of a Windows id such as `Russian Standard Time`; case does not matter. */
  static fromWindows(id: string): TimeZone {
    const known = windowsZones.get(id);
    if (known) return known;
    const found = typeof id === 'string' ? findWindowsZone(id) : undefined;
    if (!found) throw new RecurrenceError('UnknownTimeZone', 'timeZone', `${shown(id)} is no Windows time zone`);
    const source = 'ianaId' in found ? TimeZone.fromIana(found.ianaId) : TimeZone.fromDefinition(found.definition);
    const zone = new TimeZone(id, 'windows', source.ianaId, source.#rules);
    // Spellings differ only in case; the cache stays bounded because only the usual one is kept.
    if (!windowsZones.has(id) && windowsZones.size < 1000) windowsZones.set(id, zone);
    return zone;
  }

  /** Zone of an IANA id such as `Europe/Moscow`, by the tz data of the runtime's Intl. */
  static fromIana(id: string): TimeZone {
    const known = ianaZones.get(id);
    if (known) return known;
    const unknown = (): RecurrenceError =>
      new RecurrenceError('UnknownTimeZone', 'timeZone', `${shown(id)} is no IANA time zone`);
    // Intl also takes offsets such as "+03:00"; they are no zones.
    if (typeof id !== 'string' || !/^[A-Za-z]/.test(id)) throw unknown();
    let reader: ReturnType<typeof offsetReader>;
    try {
      reader = offsetReader(id);
    } catch {
      throw unknown();
    }
    const zone = new TimeZone(id, 'iana', reader.id, (from, to) => scanZone(reader.read, from, to));
    if (ianaZones.size < 1000) ianaZones.set(id, zone);
    return zone;
  }

  /** Zone of an EWS TimeZoneDefinition, by its own periods and transitions whatever its id says. */
  static fromDefinition(definition: TimeZoneDefinition): TimeZone {
    const { changes } = readDefinition(definition);
    const id = typeof definition.id === 'string' ? definition.id : '';
    return new TimeZone(id, 'definition', undefined, changes);
  }

  /** The id under which Windows, and Exchange with it, knows the zone; undefined for the few it does not, and definitions. */
  get windowsId(): string | undefined {
    const own = this.kind === 'windows' ? this.id : undefined;
    return this.ianaId === undefined ? own : findWindowsId(this.ianaId);
  }

  /** Minutes east of UTC at an instant; a fraction only for local mean times of the 19th century. */
  offsetAt(instant: Instant): number {
    const at = requireInstant(instant, 'instant');
    return offsetAt(this.table(at, at), at) / MINUTE_MS;
  }

  /** Wall clock reading at an instant, `YYYY-MM-DDTHH:MM:SS`. */
  toLocal(instant: Instant): LocalDateTime {
    const at = requireInstant(instant, 'instant');
    const wall = at + offsetAt(this.table(at, at), at);
    const day = Math.floor(wall / DAY_MS);
    return `${formatDate(day)}T${formatTime(wall - day * DAY_MS)}`;
  }

  /** Instant of a wall clock reading; undefined only under the policy `skip`, for a time inside a gap. */
  toInstant(local: LocalDateTime): Instant;
  toInstant(local: LocalDateTime, policy: WallTimePolicy): Instant | undefined;
  toInstant(local: LocalDateTime, policy: WallTimePolicy = DEFAULT_POLICY): Instant | undefined {
    const { gap, overlap } = requirePolicy(policy);
    const wall = parseDateTime(local);
    if (wall === undefined) {
      throw new RecurrenceError('InvalidTime', 'local', `${shown(local)} is not a wall time YYYY-MM-DDTHH:MM[:SS]`);
    }
    requireInstant(wall, 'local');
    const table = this.table(wall, wall);
    const index = countUpTo(overlap === 'first' ? table.switchFirst : table.switchSecond, wall);
    const instant = wall - (table.offset[index] as number);
    return gap === 'skip' && instant >= (table.at[index] as number) ? undefined : instant;
  }

  /** The table that answers for everything between two instants. For this package's own use. @internal */
  table(from: number, to: number): ZoneTable {
    if (from >= CORE_FROM && to <= CORE_TO) {
      this.#core ??= buildZoneTable(this.#rules(...CORE_YEARS));
      return this.#core;
    }
    this.#all ??= buildZoneTable(this.#rules(...ALL_YEARS));
    return this.#all;
  }
}
