/**
 * Windows zone ids: CLDR's current table, and the two ids Windows still has but CLDR dropped. Those two have no IANA
 * zone with the same rules, so they carry Windows' own. SPEC.md, section 6.
 */
import type { TimeZoneDefinition } from '@calendar-connector/calendar-model';
import { WINDOWS_IDS, WINDOWS_ZONES } from './windows-zones.generated.ts';

type Change = readonly [month: number, timeOffsetMinutes: number];

/** A definition with summer time from one last Sunday to another. */
function lastSundays(id: string, biasMinutes: number, toDaylight: Change, toStandard: Change): TimeZoneDefinition {
  const rule = (to: string, [month, timeOffsetMinutes]: Change) =>
    ({ kind: 'recurringDay', to, timeOffsetMinutes, month, dayOfWeek: 'Sunday', occurrence: -1 }) as const;
  return {
    id,
    periods: [
      { id: 'Standard', biasMinutes },
      { id: 'Daylight', biasMinutes: biasMinutes - 60 },
    ],
    groups: [{ id: '0', transitions: [rule('Daylight', toDaylight), rule('Standard', toStandard)] }],
    transitions: [{ groupId: '0' }],
  };
}

const DROPPED_BY_CLDR: readonly TimeZoneDefinition[] = [
  lastSundays('Kamchatka Standard Time', -12 * 60, [3, 120], [10, 180]),
  lastSundays('Mid-Atlantic Standard Time', 2 * 60, [3, 120], [9, 120]),
];

/** Ids that mean UTC on the wire but are no registry names. */
const ALIASES: readonly (readonly [string, string])[] = [
  ['tzone://Microsoft/Utc', 'Etc/UTC'],
  ['Coordinated Universal Time', 'Etc/UTC'],
];

export type WindowsZone = { readonly ianaId: string } | { readonly definition: TimeZoneDefinition };

const ZONES: ReadonlyMap<string, WindowsZone> = new Map<string, WindowsZone>([
  ...Object.entries(WINDOWS_ZONES).map(([id, ianaId]) => [id.toLowerCase(), { ianaId }] as const),
  ...ALIASES.map(([id, ianaId]) => [id.toLowerCase(), { ianaId }] as const),
  ...DROPPED_BY_CLDR.map((definition) => [definition.id.toLowerCase(), { definition }] as const),
]);

/** What a Windows id stands for, or undefined. Registry keys ignore case, so this does. */
export function findWindowsZone(id: string): WindowsZone | undefined {
  return ZONES.get(id.toLowerCase());
}

/** Intl says UTC where CLDR says Etc/UTC. */
const IDS: ReadonlyMap<string, string> = new Map([...Object.entries(WINDOWS_IDS), ['UTC', 'UTC']]);

/** The Windows id of an IANA zone as Intl spells it, or undefined: Troll has none. */
export function findWindowsId(ianaId: string): string | undefined {
  return IDS.get(ianaId);
}
