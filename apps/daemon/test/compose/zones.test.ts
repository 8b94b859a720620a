/** The zone a client plans in reaches Exchange under a Windows name whose clock shows the same. Feature D4, C8. */
import { TimeZone } from '@calendar-connector/recurrence';
import { describe, expect, test } from 'vitest';
import { zones } from '../../src/compose/zones.ts';

const SUMMER_AND_WINTER = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];
/** No Windows zone is like Troll; the rules of the others have changed, and their names in CLDR not yet. */
const WITHOUT_TWIN = new Set([
  'America/Edmonton',
  'America/Scoresbysund',
  'America/Vancouver',
  'Antarctica/Casey',
  'Antarctica/Troll',
  'Antarctica/Vostok',
]);

const clocks = new Map<string | undefined, string>();
function clockOf(timeZone: string | undefined): string {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const clock = SUMMER_AND_WINTER.map((at) => format.format(at)).join();
  clocks.set(timeZone, clock);
  return clock;
}

describe('the Windows name of a zone', () => {
  test.each([
    ['a city of its own name', 'Europe/Moscow', 'Russian Standard Time'],
    ['a city that shares a zone', 'Europe/Rome', 'W. Europe Standard Time'],
    ['the old spelling browsers give', 'Asia/Calcutta', 'India Standard Time'],
    ['the new spelling', 'Europe/Kyiv', 'FLE Standard Time'],
    ['the old spelling of a capital', 'Europe/Kiev', 'FLE Standard Time'],
    ['a fixed offset', 'Etc/GMT-3', 'E. Africa Standard Time'],
    ['other letters', 'asia/almaty', 'West Asia Standard Time'],
    ['a Windows name', 'Tokyo Standard Time', 'Tokyo Standard Time'],
    ['UTC', 'UTC', 'UTC'],
    ['UTC as Outlook spells it', 'tzone://Microsoft/Utc', 'UTC'],
    ['a Windows newer than the tables', 'Atlantis Standard Time', 'Atlantis Standard Time'],
  ])('is found for %s', (_what, id, windows) => {
    expect(zones.windowsId(id)).toBe(windows);
  });

  test.each(['Mars/Phobos', '+03:00', '', '__proto__'])('does not exist for “%s”', (id) => {
    expect(zones.windowsId(id)).toBeUndefined();
  });

  test('shows the same clock as the zone, for every zone the runtime knows', () => {
    const wrong = Intl.supportedValuesOf('timeZone').filter((id) => {
      if (WITHOUT_TWIN.has(id)) return false;
      const windows = zones.windowsId(id);
      return windows === undefined || clockOf(id) !== clockOf(TimeZone.fromWindows(windows).ianaId);
    });
    expect(wrong).toEqual([]);
  });
});
