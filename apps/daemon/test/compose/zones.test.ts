/** The zone a client plans in reaches Exchange under a Windows name whose clock shows the same. Feature D4, C8. */
import { describe, expect, test } from 'vitest';
import { zones } from '../../src/compose/zones.ts';

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
});
