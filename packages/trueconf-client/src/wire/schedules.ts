/** Parts of a schedule both API versions share: days by lower-case English name (0 is Sunday), `HH:MM` in UTC, limits. */
import type { ConferenceSchedule, Instant } from '@calendar-connector/calendar-model';
import { TrueConfError } from '../error.ts';

const DAY_NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAY_MS = 86_400_000;
const MIN_DURATION_SECONDS = 60;
const MAX_DURATION_SECONDS = 86_399;

export type WeeklySchedule = Extract<ConferenceSchedule, { readonly type: 'week' }>;

export function timeOfDay(instant: Instant): string {
  return new Date(instant).toISOString().slice(11, 16);
}

export function dayNames(days: readonly number[]): string[] {
  return days.map((day) => DAY_NAMES[day]).filter((name) => name !== undefined);
}

export function dayNumbers(names: readonly string[]): number[] {
  return names
    .map((name) => DAY_NAMES.indexOf(name.toLowerCase() as (typeof DAY_NAMES)[number]))
    .filter((day) => day >= 0);
}

/** Refuses here what the server would refuse or, worse, take half. */
export function checkSchedule(schedule: ConferenceSchedule, operation: string): void {
  if (schedule.type === 'none') return;
  const { durationSeconds } = schedule;
  const durationFits =
    Number.isInteger(durationSeconds) &&
    durationSeconds >= MIN_DURATION_SECONDS &&
    durationSeconds <= MAX_DURATION_SECONDS;
  if (!durationFits)
    throw refused(operation, 'durationOutOfRange', `a planned conference lasts 1 minute to 1 day less a second`);
  if (schedule.type === 'once' && !Number.isFinite(schedule.start))
    throw refused(operation, 'startInvalid', 'no start');
  if (schedule.type !== 'week') return;
  const daysFit = schedule.days.length > 0 && schedule.days.every((day) => DAY_NAMES[day] !== undefined);
  if (!daysFit) throw refused(operation, 'daysInvalid', 'a weekly schedule needs days 0 (Sunday) to 6');
  if (!TIME.test(schedule.time)) throw refused(operation, 'timeInvalid', 'a weekly schedule needs a time HH:MM');
}

/** The first start of a weekly schedule at or after `from`. */
export function firstWeeklyStart(schedule: WeeklySchedule, from: Instant): Instant {
  const [hours = 0, minutes = 0] = schedule.time.split(':').map(Number);
  const midnight = Math.floor(from / DAY_MS) * DAY_MS;
  for (let day = 0; day <= 7; day += 1) {
    const start = midnight + day * DAY_MS + (hours * 60 + minutes) * 60_000;
    if (start >= from && schedule.days.includes(new Date(start).getUTCDay())) return start;
  }
  return from;
}

function refused(operation: string, code: string, why: string): TrueConfError {
  return new TrueConfError(`${operation}: ${why}`, { kind: 'invalidRequest', code, operation });
}
