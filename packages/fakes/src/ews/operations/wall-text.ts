/** Times in answers of GetUserAvailability: wall time in the zone the request named. Source: Microsoft, element CalendarEvent. */
import type { TimeZone } from '@calendar-connector/recurrence';
import { offsetMs } from '../../world/zones.ts';

/** Wall time in the zone of the request, without offset. */
export function wallText(at: number, zone: TimeZone): string {
  return new Date(at + offsetMs(zone, at)).toISOString().slice(0, 19);
}
