/**
 * Wall time of the zones items name. The daemon passes the recurrence package's zones; this is what is there without:
 * the platform's tz database by IANA id, the commonest Windows ids, and a definition read literally as the last resort.
 * Order: the id wins over the definition, because servers carry outdated rules (facts §1.10, §2.3).
 */
import type { Instant, TimeZoneDefinition, TimeZoneRef, TimeZoneTransition } from '@calendar-connector/calendar-model';
import { daysFromCivil } from '../decoder/values.ts';

/** What is known about time zones. */
export interface ZoneResolver {
  /** local minus UTC in minutes at an instant; undefined when the zone is not known */
  offsetMinutesAt(zone: TimeZoneRef, instant: Instant): number | undefined;
  /** the Windows id Exchange wants in writes, of a Windows or IANA id; undefined when there is none */
  windowsId(id: string): string | undefined;
}

const IANA_OF_WINDOWS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    UTC: 'Etc/UTC',
    'GMT Standard Time': 'Europe/London',
    'Greenwich Standard Time': 'Atlantic/Reykjavik',
    'W. Europe Standard Time': 'Europe/Berlin',
    'Central Europe Standard Time': 'Europe/Budapest',
    'Central European Standard Time': 'Europe/Warsaw',
    'Romance Standard Time': 'Europe/Paris',
    'FLE Standard Time': 'Europe/Kyiv',
    'GTB Standard Time': 'Europe/Bucharest',
    'Turkey Standard Time': 'Europe/Istanbul',
    'Israel Standard Time': 'Asia/Jerusalem',
    'Kaliningrad Standard Time': 'Europe/Kaliningrad',
    'Russian Standard Time': 'Europe/Moscow',
    'Volgograd Standard Time': 'Europe/Volgograd',
    'Saratov Standard Time': 'Europe/Saratov',
    'Astrakhan Standard Time': 'Europe/Astrakhan',
    'Russia Time Zone 3': 'Europe/Samara',
    'Belarus Standard Time': 'Europe/Minsk',
    'Georgian Standard Time': 'Asia/Tbilisi',
    'Azerbaijan Standard Time': 'Asia/Baku',
    'Caucasus Standard Time': 'Asia/Yerevan',
    'Ekaterinburg Standard Time': 'Asia/Yekaterinburg',
    'West Asia Standard Time': 'Asia/Tashkent',
    'Qyzylorda Standard Time': 'Asia/Qyzylorda',
    'Omsk Standard Time': 'Asia/Omsk',
    'N. Central Asia Standard Time': 'Asia/Novosibirsk',
    'Altai Standard Time': 'Asia/Barnaul',
    'Tomsk Standard Time': 'Asia/Tomsk',
    'North Asia Standard Time': 'Asia/Krasnoyarsk',
    'North Asia East Standard Time': 'Asia/Irkutsk',
    'Yakutsk Standard Time': 'Asia/Yakutsk',
    'Transbaikal Standard Time': 'Asia/Chita',
    'Vladivostok Standard Time': 'Asia/Vladivostok',
    'Sakhalin Standard Time': 'Asia/Sakhalin',
    'Magadan Standard Time': 'Asia/Magadan',
    'Russia Time Zone 10': 'Asia/Srednekolymsk',
    'Russia Time Zone 11': 'Asia/Kamchatka',
    'Central Asia Standard Time': 'Asia/Bishkek',
    'Arabian Standard Time': 'Asia/Dubai',
    'India Standard Time': 'Asia/Kolkata',
    'China Standard Time': 'Asia/Shanghai',
    'Tokyo Standard Time': 'Asia/Tokyo',
    'AUS Eastern Standard Time': 'Australia/Sydney',
    'Eastern Standard Time': 'America/New_York',
    'Central Standard Time': 'America/Chicago',
    'Mountain Standard Time': 'America/Denver',
    'Pacific Standard Time': 'America/Los_Angeles',
    'E. South America Standard Time': 'America/Sao_Paulo',
  }),
);

const WINDOWS_OF_IANA = new Map([...IANA_OF_WINDOWS].map(([windows, iana]) => [iana.toLowerCase(), windows]));
WINDOWS_OF_IANA.set('utc', 'UTC');
WINDOWS_OF_IANA.set('etc/gmt', 'UTC');

/** The platform's tz database, and the commonest Windows names for its zones. */
export const builtInZones: ZoneResolver = {
  offsetMinutesAt(zone, instant) {
    const byId = offsetById(zone.id, instant);
    if (byId !== undefined) return byId;
    return zone.definition === undefined ? undefined : offsetByDefinition(zone.definition, instant);
  },
  windowsId(id) {
    if (IANA_OF_WINDOWS.has(id) || /Standard Time$|^Russia Time Zone \d+$/.test(id)) return id;
    if (/^tzone:\/\/Microsoft\/Utc$/i.test(id)) return 'UTC';
    return WINDOWS_OF_IANA.get(id.toLowerCase());
  },
};

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
const MAX_FORMATS = 600;

function offsetById(id: string, instant: Instant): number | undefined {
  if (id === '' || !Number.isFinite(instant)) return undefined;
  if (/^tzone:\/\/Microsoft\/Utc$/i.test(id)) return 0;
  const format = formatOf(IANA_OF_WINDOWS.get(id) ?? id);
  if (format === undefined) return undefined;
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  const local = daysFromCivil(year, month, day) * 1440 + (hour % 24) * 60 + minute;
  return local - Math.floor(instant / 60_000);
}

function formatOf(iana: string): Intl.DateTimeFormat | undefined {
  if (formats.has(iana)) return formats.get(iana);
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: iana,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    format = undefined;
  }
  if (formats.size < MAX_FORMATS) formats.set(iana, format);
  return format;
}

/** The definition's rules of the instant's year, newest group that has begun. */
function offsetByDefinition(definition: TimeZoneDefinition, instant: Instant): number | undefined {
  const bias = new Map(definition.periods.map((period) => [period.id, period.biasMinutes]));
  const group = groupAt(definition, instant);
  const transitions = group?.transitions ?? [];
  const standing = transitions.find((transition) => transition.kind === 'always');
  if (standing !== undefined) return negated(bias.get(standing.to));
  const year = new Date(instant).getUTCFullYear();
  const starts = [year - 1, year]
    .flatMap((y) => transitions.map((transition) => ({ wall: wallOf(transition, y), to: transition.to })))
    .sort((a, b) => a.wall - b.wall);
  let current = bias.get(starts[0]?.to ?? definition.periods[0]?.id ?? '');
  for (const { wall, to } of starts) {
    if (current === undefined || instant < wall + current * 60_000) break;
    current = bias.get(to);
  }
  return negated(current);
}

function negated(biasMinutes: number | undefined): number | undefined {
  return biasMinutes === undefined ? undefined : -biasMinutes;
}

function groupAt(definition: TimeZoneDefinition, instant: Instant) {
  let id = definition.transitions[0]?.groupId ?? definition.groups[0]?.id;
  for (const start of definition.transitions) {
    if (start.from !== undefined && Date.parse(`${start.from}Z`) <= instant) id = start.groupId;
  }
  return definition.groups.find((group) => group.id === id);
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Wall time of a yearly change, as if it were UTC. */
function wallOf(transition: TimeZoneTransition, year: number): number {
  if (transition.kind === 'always') return Number.NEGATIVE_INFINITY;
  const offset = transition.timeOffsetMinutes * 60_000;
  if (transition.kind === 'recurringDate') return Date.UTC(year, transition.month - 1, transition.day) + offset;
  const wanted = DAYS.indexOf(transition.dayOfWeek);
  const { occurrence, month } = transition;
  if (occurrence > 0) {
    const first = Date.UTC(year, month - 1, 1);
    const ahead = (wanted - new Date(first).getUTCDay() + 7) % 7;
    return first + (ahead + (occurrence - 1) * 7) * 86_400_000 + offset;
  }
  const last = Date.UTC(year, month, 0);
  const behind = (new Date(last).getUTCDay() - wanted + 7) % 7;
  return last - (behind + (-occurrence - 1) * 7) * 86_400_000 + offset;
}
