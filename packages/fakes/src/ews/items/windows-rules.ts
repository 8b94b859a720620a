/**
 * The rules of a Windows zone as GetServerTimeZones and StartTimeZone show them: yearly groups found by looking at the
 * zone's changes, so they agree with the arithmetic by construction. Ids in the form of the registry.
 */
import type { DayOfWeek, TimeZoneDefinition, TimeZoneTransition } from '@calendar-connector/calendar-model';
import type { TimeZone } from '@calendar-connector/recurrence';
import { findZoneById } from '../../world/zones.ts';
import { windowsZoneName } from './windows-zone-names.ts';

const FIRST_YEAR = 2007;
const LAST_YEAR = 2030;
const HOUR_MS = 3_600_000;
const DATE_LINE_MINUTES = 12 * 60;
const MINUTE_MS = 60_000;
const DAYS: readonly DayOfWeek[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

interface Change {
  readonly month: number;
  readonly dayOfWeek: DayOfWeek;
  readonly occurrence: number;
  readonly day: number;
  readonly timeOffsetMinutes: number;
  readonly offset: number;
}

const cache = new Map<string, TimeZoneDefinition | undefined>();

/** The full definition behind a Windows id; undefined for an unknown id. */
export function windowsDefinition(id: string): TimeZoneDefinition | undefined {
  if (!cache.has(id) && cache.size < 1000) cache.set(id, build(id));
  return cache.get(id);
}

function build(id: string): TimeZoneDefinition | undefined {
  const zone = findZoneById(id);
  if (zone === undefined) return undefined;
  const periods = new Map<string, { readonly id: string; readonly name: string; readonly biasMinutes: number }>();
  const groups: { readonly id: string; readonly transitions: readonly TimeZoneTransition[] }[] = [];
  const transitions: { readonly groupId: string; readonly from?: string }[] = [];
  let previous = '';
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
    if (crossesDateLine(zone, year)) {
      // no rule can say that; the zone begins anew in the year after
      for (const list of [groups, transitions]) list.length = 0;
      periods.clear();
      previous = '';
      continue;
    }
    const rules = yearRules(zone, year);
    const key = JSON.stringify(rules);
    if (key === previous) continue;
    previous = key;
    const groupId = String(groups.length);
    groups.push({ id: groupId, transitions: rules.map((rule) => toTransition(rule, id, year, periods)) });
    transitions.push(groups.length === 1 ? { groupId } : { groupId, from: `${year}-01-01T00:00:00` });
  }
  return { id, name: windowsZoneName(id), periods: [...periods.values()], groups, transitions };
}

/** A day left out or lived twice, as in Samoa at the end of 2011. */
function crossesDateLine(zone: TimeZone, year: number): boolean {
  const [first, last] = [zone.offsetAt(Date.UTC(year, 0, 1)), zone.offsetAt(Date.UTC(year + 1, 0, 1))];
  return Math.abs(first - last) >= DATE_LINE_MINUTES;
}

type Rule = { readonly offset: number; readonly isDaylight: boolean; readonly change?: Omit<Change, 'day'> };

/** One rule for a year of one offset; a rule per change otherwise. */
function yearRules(zone: TimeZone, year: number): Rule[] {
  const changes = changesIn(zone, year);
  const offsets = [zone.offsetAt(Date.UTC(year, 0, 1)), ...changes.map((change) => change.offset)];
  const standard = Math.min(...offsets);
  if (changes.length === 0) return [{ offset: standard, isDaylight: false }];
  // Windows knows two changes a year; of more (a zone that changed its mind) the last two lead into the next year
  const shown = changes.slice(-2);
  return shown.map(({ day: _day, ...change }) => ({
    offset: change.offset,
    isDaylight: change.offset > standard,
    change,
  }));
}

function toTransition(
  rule: Rule,
  id: string,
  year: number,
  periods: Map<string, { readonly id: string; readonly name: string; readonly biasMinutes: number }>,
): TimeZoneTransition {
  const name = rule.isDaylight ? 'Daylight' : 'Standard';
  const period = [...periods.values()].find((known) => known.name === name && known.biasMinutes === -rule.offset) ?? {
    id: `trule:Microsoft/Registry/${id}/${year}-${name}`,
    name,
    biasMinutes: -rule.offset,
  };
  periods.set(period.id, period);
  if (rule.change === undefined) return { kind: 'always', to: period.id };
  const { month, dayOfWeek, occurrence, timeOffsetMinutes } = rule.change;
  return { kind: 'recurringDay', to: period.id, timeOffsetMinutes, month, dayOfWeek, occurrence };
}

function changesIn(zone: TimeZone, year: number): Change[] {
  const found: Change[] = [];
  const end = Date.UTC(year + 1, 0, 1);
  let at = Date.UTC(year, 0, 1) - zone.offsetAt(Date.UTC(year, 0, 1)) * MINUTE_MS;
  for (; at < end; at += 24 * HOUR_MS) {
    if (zone.offsetAt(at) !== zone.offsetAt(at + 24 * HOUR_MS))
      found.push(describe(zone, bisect(zone, at, at + 24 * HOUR_MS)));
  }
  return found;
}

function bisect(zone: TimeZone, from: number, to: number): number {
  let low = from;
  let high = to;
  const before = zone.offsetAt(low);
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (zone.offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** A change as registry rules put it: nth weekday of a month at a wall time of the offset before. */
function describe(zone: TimeZone, at: number): Change {
  const wall = new Date(at + zone.offsetAt(at - MINUTE_MS) * MINUTE_MS);
  const day = wall.getUTCDate();
  const length = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
  return {
    month: wall.getUTCMonth() + 1,
    day,
    dayOfWeek: DAYS[wall.getUTCDay()] ?? 'Sunday',
    occurrence: day + 7 > length ? -1 : Math.ceil(day / 7),
    timeOffsetMinutes: wall.getUTCHours() * 60 + wall.getUTCMinutes(),
    offset: zone.offsetAt(at),
  };
}
