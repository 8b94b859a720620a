/**
 * When the server starts a scheduled conference by itself. `once` starts at its instant, `week` on its days at its UTC time
 * (days are UTC days: ours, the public texts do not say). Source: facts/trueconf.md §2.6.
 */
import { DAY_NAMES, type StoredSchedule } from './conference-record.ts';

export const MIN_DURATION_SECONDS = 60;
export const MAX_DURATION_SECONDS = 86_399;

const DAY_MS = 86_400_000;

/** The first start at or after `from` (epoch ms), if the schedule has one. */
export function nextStart(schedule: StoredSchedule, from: number): number | undefined {
  switch (schedule.type) {
    case 'none':
      return undefined;
    case 'once': {
      const start = schedule.startSeconds * 1000;
      return start >= from ? start : undefined;
    }
    case 'week':
      return nextWeeklyStart(schedule, Math.max(from, (schedule.startSeconds ?? 0) * 1000));
  }
}

function nextWeeklyStart(schedule: StoredSchedule & { type: 'week' }, from: number): number | undefined {
  const [hours = 0, minutes = 0] = schedule.time.split(':').map(Number);
  const midnight = Math.floor(from / DAY_MS) * DAY_MS;
  for (let day = 0; day <= 7; day += 1) {
    const start = midnight + day * DAY_MS + (hours * 60 + minutes) * 60_000;
    const name = DAY_NAMES[new Date(start).getUTCDay()];
    if (start >= from && name !== undefined && schedule.days.includes(name)) return start;
  }
  return undefined;
}
