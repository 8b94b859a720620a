/**
 * Time zones for the EWS client: our own tables (CLDR, tz database, EWS definitions) instead of the client's small
 * built-in one. The server's rules are not trusted; old servers miss years of updates (docs/decisions/0004-time.md).
 */
import type { TimeZoneRef } from '@calendar-connector/calendar-model';
import type { ZoneResolver } from '@calendar-connector/ews-client';
import { resolveTimeZone, TimeZone } from '@calendar-connector/recurrence';

const UTC = TimeZone.fromIana('Etc/UTC');

export const zones: ZoneResolver = {
  offsetMinutesAt(ref: TimeZoneRef, instant: number) {
    const { zone, trust } = resolveTimeZone([ref], UTC);
    // A default is a guess: undefined lets the client go on to the item's other zone, then the mailbox's.
    return trust === 'default' ? undefined : zone.offsetAt(instant);
  },
  windowsId(id: string) {
    const { zone, trust } = resolveTimeZone([{ id }], UTC);
    if (trust !== 'default') return zone.windowsId;
    // A Windows newer than our tables names zones they do not have.
    return / Standard Time$/.test(id) ? id : undefined;
  },
};
