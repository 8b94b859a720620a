/** Noticing a clock that was set back: time may stand still for us, but never run backwards. Pure. */
import type { Instant } from '@calendar-connector/calendar-model';
import type { LicenceFault } from './fault.ts';

/** Corrections of this size are ordinary (NTP, virtual machines). */
export const CLOCK_TOLERANCE_MS = 10 * 60_000;

/** How often the latest time seen is written down. */
const CLOCK_WRITE_EVERY_MS = 60 * 60_000;

/** The fault, if `now` lies before what has already been seen. */
export function clockFault(lastSeen: Instant | undefined, now: Instant): LicenceFault | undefined {
  if (lastSeen === undefined || now >= lastSeen - CLOCK_TOLERANCE_MS) return undefined;
  return { code: 'clockSetBack', seen: lastSeen, now };
}

/** Is it time to write `now` down? */
export function isClockDue(lastSeen: Instant | undefined, now: Instant): boolean {
  return lastSeen === undefined || now >= lastSeen + CLOCK_WRITE_EVERY_MS;
}
