/** Moments and durations as the control API reads and writes them: RFC 3339 texts out; RFC 3339, plain dates or epoch milliseconds in. */
import { z } from 'zod';
import { toInstant, zoneOf } from '../../world/zones.ts';
import { ControlRefusal } from '../control-route.ts';

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A moment in a request. A plain date means midnight in the item's zone. */
export const momentSchema = z
  .union([z.string().regex(RFC3339), z.string().regex(DATE), z.int()])
  .describe('RFC 3339 with offset, a date (midnight in the time zone of the item), or epoch milliseconds');
export type Moment = z.infer<typeof momentSchema>;

export const momentOutSchema = z.string().describe('RFC 3339, UTC');

/** Epoch milliseconds of a moment. */
export function instantOf(moment: Moment, timeZone?: string): number {
  if (typeof moment === 'number') return moment;
  if (DATE.test(moment)) return toInstant(zoneOf({ id: timeZone ?? 'UTC' }), moment, 0);
  const instant = Date.parse(moment);
  if (Number.isNaN(instant)) throw new ControlRefusal(400, 'invalidRequest', `'${moment}' is not a moment.`);
  return instant;
}

export function momentOf(instant: number): string {
  return new Date(instant).toISOString();
}
