/** Zones of all three kinds against oracles that share no code with them (SPEC.md, sections 5 and 6). */
import { readFileSync } from 'node:fs';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { GENERATED_FILE, generateWindowsZones } from '../scripts/generate-windows-zones.ts';
import { resolveTimeZone, TimeZone, type TimeZoneDefinition } from '../src/index.ts';
import { WINDOWS_ZONES } from '../src/windows-zones.generated.ts';
import { NAMELESS_PACIFIC } from './semantics/times.ts';
import { at, iso } from './support/series.ts';

/** Zones with a history: half-hour changes, skipped days, midnight changes, Ramadan, no changes, no zone at all. */
const INTERESTING = [
  'Europe/Berlin',
  'Europe/Moscow',
  'Europe/Dublin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Asia/Gaza',
  'Asia/Kolkata',
  'Antarctica/Troll',
  'America/Juneau',
  'Asia/Manila',
  'UTC',
];

const iana = (id: string): TimeZone => TimeZone.fromIana(id);

function* instants(from: string, to: string, stepHours: number): Generator<number> {
  for (let instant = at(from); instant < at(to); instant += stepHours * 3_600_000) yield instant;
}

describe('an IANA zone', () => {
  it.each(INTERESTING)('%s has the offsets Temporal sees, from 1970 to 2045 and beyond', (id) => {
    const zone = iana(id);
    const oracle = (instant: number): number =>
      Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(id).offsetNanoseconds / 6e10;
    const probes = [
      ...instants('1969-06-01T00:00Z', '2046-01-01T00:00Z', 24 * 11 + 5),
      ...instants('1840-01-01T00:00Z', '1969-06-01T00:00Z', 24 * 97 + 7),
      ...instants('2046-01-01T00:00Z', '2200-01-01T00:00Z', 24 * 37 + 11),
      ...instants('4400-01-01T00:00Z', '4500-09-01T00:00Z', 24 * 53 + 13),
    ];
    const different = probes.filter((instant) => zone.offsetAt(instant) !== oracle(instant));
    expect(different.map(iso)).toEqual([]);
  });

  it.each(INTERESTING)('%s changes at the second Temporal says', (id) => {
    const zone = iana(id);
    let next = Temporal.Instant.from('1965-01-01T00:00Z').toZonedDateTimeISO(id).getTimeZoneTransition('next');
    for (let i = 0; next !== null && next.epochMilliseconds < at('2047-01-01T00:00Z') && i < 400; i++) {
      const instant = next.epochMilliseconds;
      const before =
        Temporal.Instant.fromEpochMilliseconds(instant - 1000).toZonedDateTimeISO(id).offsetNanoseconds / 6e10;
      expect([id, iso(instant), zone.offsetAt(instant - 1000), zone.offsetAt(instant)]).toEqual([
        id,
        iso(instant),
        before,
        next.offsetNanoseconds / 6e10,
      ]);
      next = next.getTimeZoneTransition('next');
    }
  });

  it.each(INTERESTING)('%s reads wall times around every change as Temporal does, in gap and overlap', (id) => {
    const zone = iana(id);
    let next = Temporal.Instant.from('1995-01-01T00:00Z').toZonedDateTimeISO(id).getTimeZoneTransition('next');
    for (let i = 0; next !== null && i < 60; i++) {
      const wall = Temporal.Instant.fromEpochMilliseconds(next.epochMilliseconds)
        .toZonedDateTimeISO(id)
        .toPlainDateTime();
      for (const minutes of [
        -1500, -1441, -181, -121, -61, -60, -59, -31, -30, -1, 0, 1, 29, 30, 31, 59, 60, 61, 1441,
      ]) {
        const local = wall.add({ minutes });
        const text = local.toString({ smallestUnit: 'second' });
        const read = (disambiguation: 'compatible' | 'later'): number =>
          local.toZonedDateTime(id, { disambiguation }).epochMilliseconds;
        const exists = local.toZonedDateTime(id).toPlainDateTime().equals(local);
        expect([text, zone.toInstant(text)]).toEqual([text, read('compatible')]);
        if (exists) {
          expect([text, zone.toInstant(text, { overlap: 'second', gap: 'skip' })]).toEqual([text, read('later')]);
          expect(zone.toLocal(zone.toInstant(text))).toBe(text);
        } else expect([text, zone.toInstant(text, { gap: 'skip' })]).toEqual([text, undefined]);
      }
      next = next.getTimeZoneTransition('next');
    }
  });

  it('knows changes a week apart', () => {
    const days = (id: string, dates: readonly string[]): readonly number[] =>
      dates.map((date) => iana(id).offsetAt(at(`${date}T12:00Z`)) / 60);
    expect(days('America/Recife', ['2000-10-06', '2000-10-10', '2000-10-13', '2000-10-17'])).toEqual([-3, -2, -2, -3]);
    expect(days('America/Argentina/Tucuman', ['2004-05-30', '2004-06-05', '2004-06-15'])).toEqual([-3, -4, -3]);
    const gaza = ['2040-10-12', '2040-10-22', '2040-10-25', '2040-10-29'];
    const oracle = new Intl.DateTimeFormat('en', { timeZone: 'Asia/Gaza', hour: 'numeric', hourCycle: 'h23' });
    expect(days('Asia/Gaza', gaza)).toEqual(gaza.map((date) => Number(oracle.format(at(`${date}T12:00Z`))) - 12));
    expect(new Set(days('Asia/Gaza', gaza)).size).toBe(2);
  });

  it('is kept: asked twice it is one and the same', () => {
    expect(iana('Europe/Berlin')).toBe(iana('Europe/Berlin'));
    expect(TimeZone.fromWindows('Russian Standard Time')).toBe(TimeZone.fromWindows('Russian Standard Time'));
  });

  it('says what it is', () => {
    const { id, kind, ianaId } = TimeZone.fromWindows('W. Europe Standard Time');
    expect({ id, kind, ianaId }).toEqual({ id: 'W. Europe Standard Time', kind: 'windows', ianaId: 'Europe/Berlin' });
    expect(iana('europe/moscow')).toMatchObject({ kind: 'iana', ianaId: 'Europe/Moscow' });
  });

  it('reads wall times with and without seconds', () => {
    expect(iso(iana('Asia/Kolkata').toInstant('2026-01-01T00:00'))).toBe('2025-12-31T18:30Z');
    expect(iana('Asia/Kolkata').toInstant('2026-01-01T00:00:30')).toBe(at('2025-12-31T18:30:30Z'));
    expect(iana('Asia/Kolkata').toLocal(at('1899-12-31T23:59:59Z'))).toBe('1900-01-01T05:21:09');
  });
});

/** No Windows zone is like Troll; the rules of the others have changed, and their names in CLDR 48 not yet. */
const WITHOUT_TWIN = new Set([
  'America/Edmonton',
  'America/Scoresbysund',
  'America/Vancouver',
  'Antarctica/Casey',
  'Antarctica/Troll',
  'Antarctica/Vostok',
]);

/** Read off Intl's own clock; tables for each zone of the world take seconds to build. */
function clockOf(timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return [at('2026-01-15T00:00Z'), at('2026-07-15T00:00Z')].map((now) => format.format(now)).join();
}

describe('Windows zones', () => {
  it('come from the CLDR data that is installed; otherwise run the generator', () => {
    expect(readFileSync(GENERATED_FILE, 'utf8')).toBe(generateWindowsZones());
  });

  it('all lead to zones that Intl knows', () => {
    const ids = Object.keys(WINDOWS_ZONES);
    expect(ids).toHaveLength(139);
    for (const id of ids)
      expect(Number.isFinite(TimeZone.fromWindows(id).offsetAt(at('2026-07-01T00:00Z')))).toBe(true);
  });

  it.each([
    ['a city that shares a zone', 'Europe/Rome', 'W. Europe Standard Time'],
    ['the old spelling of a city', 'Asia/Calcutta', 'India Standard Time'],
    ['the new one', 'Europe/Kyiv', 'FLE Standard Time'],
    ['a fixed offset', 'Etc/GMT-3', 'E. Africa Standard Time'],
    ['other letters', 'asia/almaty', 'West Asia Standard Time'],
    ['UTC', 'Etc/UTC', 'UTC'],
    ['a zone that no Windows has', 'Antarctica/Troll', undefined],
  ])('are found for %s', (_what, ianaId, windowsId) => {
    expect(iana(ianaId).windowsId).toBe(windowsId);
  });

  it('are themselves, however they were spelt; a definition is none', () => {
    const ids = [...Object.keys(WINDOWS_ZONES), 'Kamchatka Standard Time'];
    expect(ids.map((id) => TimeZone.fromWindows(id).windowsId)).toEqual(ids);
    expect(TimeZone.fromWindows('russian standard time').windowsId).toBe('Russian Standard Time');
    expect(TimeZone.fromWindows('tzone://Microsoft/Utc').windowsId).toBe('UTC');
    const periods = [{ id: 'a', biasMinutes: -120 }];
    const groups = [{ id: '0', transitions: [{ kind: 'always', to: 'a' }] }] as const;
    const definition = { id: 'UTC', periods, groups, transitions: [{ groupId: '0' }] };
    expect(TimeZone.fromDefinition(definition).windowsId).toBeUndefined();
  });

  it('show the same clock as the zone, for every zone the runtime knows', () => {
    const wrong = Intl.supportedValuesOf('timeZone').filter((id) => {
      if (WITHOUT_TWIN.has(id)) return false;
      const { windowsId } = iana(id);
      return windowsId === undefined || clockOf(id) !== clockOf(TimeZone.fromWindows(windowsId).ianaId);
    });
    expect(wrong).toEqual([]);
  });

  it('are right where older tables are an hour off', () => {
    const july = at('2026-07-01T00:00Z');
    const offsets = [
      'Central Asia Standard Time',
      'Mountain Standard Time (Mexico)',
      'Volgograd Standard Time',
      'Saratov Standard Time',
    ];
    expect(offsets.map((id) => TimeZone.fromWindows(id).offsetAt(july) / 60)).toEqual([6, -7, 3, 4]);
  });

  it('that CLDR dropped change when Windows changes them (S6.2)', () => {
    const around = (id: string, instant: string): readonly number[] =>
      [at(instant) - 1, at(instant)].map((moment) => TimeZone.fromWindows(id).offsetAt(moment));
    expect(around('Kamchatka Standard Time', '2026-03-28T14:00Z')).toEqual([720, 780]);
    expect(around('Kamchatka Standard Time', '2026-10-24T14:00Z')).toEqual([780, 720]);
    expect(around('Mid-Atlantic Standard Time', '2026-03-29T04:00Z')).toEqual([-120, -60]);
    expect(around('Mid-Atlantic Standard Time', '2026-09-27T03:00Z')).toEqual([-60, -120]);
  });

  it('ignore case and know Microsoft’s word for UTC', () => {
    expect(TimeZone.fromWindows('RUSSIAN STANDARD TIME').ianaId).toBe('Europe/Moscow');
    expect(TimeZone.fromWindows('tzone://Microsoft/Utc').offsetAt(0)).toBe(0);
  });
});

describe('a definition (S6.3)', () => {
  const definition = (change: Partial<TimeZoneDefinition>): TimeZone =>
    TimeZone.fromDefinition({ ...NAMELESS_PACIFIC, ...change });

  it('follows its rules in every year of the calendar', () => {
    const zone = definition({});
    const oracle = iana('America/Los_Angeles');
    for (const instant of instants('2007-06-01T00:00Z', '2100-01-01T00:00Z', 31)) {
      if (zone.offsetAt(instant) !== oracle.offsetAt(instant)) expect(iso(instant)).toBe('the same offset');
    }
    expect(zone.offsetAt(at('1601-07-01T00:00Z'))).toBe(-420);
    expect(zone.offsetAt(at('4500-07-01T00:00Z'))).toBe(-420);
    expect(zone.offsetAt(at('4500-12-01T00:00Z'))).toBe(-480);
  });

  it('changes at its wall time, read in the offset before the change', () => {
    const zone = definition({});
    expect(zone.toLocal(at('2026-03-08T09:59:59Z'))).toBe('2026-03-08T01:59:59');
    expect(zone.toLocal(at('2026-03-08T10:00:00Z'))).toBe('2026-03-08T03:00:00');
    expect(zone.toLocal(at('2026-11-01T08:59:59Z'))).toBe('2026-11-01T01:59:59');
    expect(zone.toLocal(at('2026-11-01T09:00:00Z'))).toBe('2026-11-01T01:00:00');
  });

  it('may change on a date, and count weekdays from the end of a month', () => {
    const zone = definition({
      groups: [
        {
          id: '0',
          transitions: [
            { kind: 'recurringDate', to: 'dlt', timeOffsetMinutes: 60, month: 2, day: 31 },
            {
              kind: 'recurringDay',
              to: 'std',
              timeOffsetMinutes: 1439,
              month: 10,
              dayOfWeek: 'Friday',
              occurrence: -2,
            },
          ],
        },
      ],
    });
    expect(iso(zone.toInstant('2026-02-28T00:59'))).toBe('2026-02-28T08:59Z');
    expect(zone.offsetAt(at('2026-02-28T09:00Z'))).toBe(-420);
    expect(zone.offsetAt(at('2024-02-29T08:59Z'))).toBe(-480);
    expect(zone.offsetAt(at('2026-10-24T06:58Z'))).toBe(-420);
    expect(zone.offsetAt(at('2026-10-24T06:59Z'))).toBe(-480);
  });

  it('stays in one period when that is all its group says', () => {
    const zone = definition({ groups: [{ id: '0', transitions: [{ kind: 'always', to: 'std' }] }] });
    expect([at('1950-07-01T00:00Z'), at('2026-07-01T00:00Z')].map((instant) => zone.offsetAt(instant))).toEqual([
      -480, -480,
    ]);
  });

  it('hands over from one group to the next at a wall time of the old one', () => {
    const zone = definition({
      groups: [...NAMELESS_PACIFIC.groups, { id: 'fixed', transitions: [{ kind: 'always', to: 'std' }] }],
      transitions: [{ groupId: 'fixed', from: '2026-07-01T12:00:00' }, { groupId: '0' }],
    });
    expect(zone.offsetAt(at('2026-07-01T18:59Z'))).toBe(-420);
    expect(zone.offsetAt(at('2026-07-01T19:00Z'))).toBe(-480);
    expect(zone.offsetAt(at('2030-07-01T19:00Z'))).toBe(-480);
    expect(zone.offsetAt(at('2025-07-01T19:00Z'))).toBe(-420);
  });

  it('enters a group in the period its last rule before left', () => {
    const zone = definition({
      groups: [{ id: 'fixed', transitions: [{ kind: 'always', to: 'std' }] }, ...NAMELESS_PACIFIC.groups],
      transitions: [{ groupId: 'fixed' }, { groupId: '0', from: '2020-07-01T00:00:00' }],
    });
    expect(zone.offsetAt(at('2020-07-01T07:59Z'))).toBe(-480);
    expect(zone.offsetAt(at('2020-07-01T08:00Z'))).toBe(-420);
    const winter = definition({
      groups: [{ id: 'fixed', transitions: [{ kind: 'always', to: 'dlt' }] }, ...NAMELESS_PACIFIC.groups],
      transitions: [{ groupId: 'fixed' }, { groupId: '0', from: '2020-01-01T00:00:00' }],
    });
    expect(winter.offsetAt(at('2020-01-01T06:59Z'))).toBe(-420);
    expect(winter.offsetAt(at('2020-01-01T07:00Z'))).toBe(-480);
  });

  it('does not mind in which order its rules are listed', () => {
    const [group] = NAMELESS_PACIFIC.groups as [TimeZoneDefinition['groups'][number]];
    const turned = definition({ groups: [{ id: '0', transitions: group.transitions.toReversed() }] });
    const probes = [...instants('2020-01-01T00:00Z', '2030-01-01T00:00Z', 19)];
    expect(probes.map((instant) => turned.offsetAt(instant))).toEqual(
      probes.map((instant) => definition({}).offsetAt(instant)),
    );
  });

  it('enters a group at the very moment of one of its rules by that rule', () => {
    const zone = definition({
      groups: [{ id: 'fixed', transitions: [{ kind: 'always', to: 'std' }] }, ...NAMELESS_PACIFIC.groups],
      transitions: [{ groupId: 'fixed' }, { groupId: '0', from: '2020-03-08T02:00:00' }],
    });
    expect(zone.offsetAt(at('2020-03-08T09:59Z'))).toBe(-480);
    expect(zone.offsetAt(at('2020-03-08T10:00Z'))).toBe(-420);
    expect(zone.offsetAt(at('2020-06-08T10:00Z'))).toBe(-420);
  });

  it('lets a rule inside the gap of another replace it, so that time never runs backwards', () => {
    const [group] = NAMELESS_PACIFIC.groups as [TimeZoneDefinition['groups'][number]];
    const [spring] = group.transitions as [object];
    const zone = definition({
      periods: [...NAMELESS_PACIFIC.periods, { id: 'odd', biasMinutes: 450 }],
      groups: [
        {
          id: '0',
          transitions: [
            ...group.transitions,
            { ...spring, to: 'odd', timeOffsetMinutes: 150 } as (typeof group.transitions)[number],
          ],
        },
      ],
    });
    expect(zone.offsetAt(at('2026-03-08T10:10Z'))).toBe(-480);
    expect(zone.offsetAt(at('2026-03-08T10:40Z'))).toBe(-450);
  });

  it('survives two rules for the same moment: the later listed one holds', () => {
    const rule = {
      kind: 'recurringDay',
      timeOffsetMinutes: 120,
      month: 3,
      dayOfWeek: 'Sunday',
      occurrence: 2,
    } as const;
    const zone = definition({
      groups: [
        {
          id: '0',
          transitions: [
            { ...rule, to: 'dlt' },
            { ...rule, to: 'std' },
          ],
        },
      ],
    });
    expect(zone.offsetAt(at('2026-07-01T00:00Z'))).toBe(-480);
  });

  it('may jump a whole day, as Samoa did', () => {
    const samoa = definition({
      periods: [
        { id: 'east', biasMinutes: 600 },
        { id: 'west', biasMinutes: -840 },
      ],
      groups: [
        { id: 'e', transitions: [{ kind: 'always', to: 'east' }] },
        { id: 'w', transitions: [{ kind: 'always', to: 'west' }] },
      ],
      transitions: [{ groupId: 'e' }, { groupId: 'w', from: '2011-12-30T00:00:00' }],
    });
    expect(samoa.toLocal(at('2011-12-30T09:59:59Z'))).toBe('2011-12-29T23:59:59');
    expect(samoa.toLocal(at('2011-12-30T10:00Z'))).toBe('2011-12-31T00:00:00');
    expect(samoa.toInstant('2011-12-30T12:00', { gap: 'skip' })).toBeUndefined();
  });
});

describe('which zone an item means (S6.5)', () => {
  const fallback = iana('Europe/Moscow');
  const resolve = (...refs: Parameters<typeof resolveTimeZone>[0]) => {
    const { zone, trust, problems } = resolveTimeZone(refs, fallback);
    return { offset: zone.offsetAt(at('2026-07-01T00:00Z')), trust, reasons: problems.map(({ reason }) => reason) };
  };
  const broken: TimeZoneDefinition = { ...NAMELESS_PACIFIC, periods: [] };
  const nameOnly: TimeZoneDefinition = { id: 'Tokyo Standard Time', periods: [], groups: [], transitions: [] };

  it.each([
    [
      'a definition before its id',
      [{ id: 'Tokyo Standard Time', definition: NAMELESS_PACIFIC }],
      -420,
      'definition',
      [],
    ],
    ['a definition without id', [{ id: '', definition: NAMELESS_PACIFIC }], -420, 'definition', []],
    ['the Windows id', [{ id: 'Tokyo Standard Time' }], 540, 'windows', []],
    ['the Windows id of a definition that has nothing else', [{ id: '', definition: nameOnly }], 540, 'windows', []],
    ['the IANA id', [{ id: 'Asia/Tokyo' }], 540, 'iana', []],
    [
      'the id when the definition is broken',
      [{ id: 'Asia/Tokyo', definition: broken }],
      540,
      'iana',
      ['invalid-definition'],
    ],
    ['the next reference', [undefined, { id: 'Nonsense' }, { id: 'UTC' }], 0, 'windows', ['unknown-id']],
    ['the default for want of any', [undefined], 180, 'default', ['no-zone-given']],
    ['the default, with the reason', [{ id: 'Nonsense' }], 180, 'default', ['unknown-id']],
    [
      'the default for a custom zone',
      [{ id: 'Customized Time Zone' }],
      180,
      'default',
      ['custom-zone-without-definition'],
    ],
    ['the default for an empty id', [{ id: '' }], 180, 'default', ['custom-zone-without-definition']],
    ['the default for a broken custom zone', [{ id: '', definition: broken }], 180, 'default', ['invalid-definition']],
  ] as const)('%s', (_says, refs, offset, trust, reasons) => {
    expect(resolve(...refs)).toEqual({ offset, trust, reasons: [...reasons] });
  });

  it('says which id and why', () => {
    const { problems } = resolveTimeZone([{ id: 'X', definition: { ...broken, id: 'X' } }], fallback);
    expect(problems[0]).toEqual({
      reason: 'invalid-definition',
      id: 'X',
      detail: 'groups[0].transitions[0].to: the period "dlt" is missing',
    });
  });
});
