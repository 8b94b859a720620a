/** Suggestions of GetUserAvailability: times in working hours, ordered by day, rated by who is free (Microsoft reference page). */
import { DAY_MS, offsetMs } from '../../world/zones.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { Asked, Window } from './availability-question.ts';
import { wallText } from './wall-text.ts';

const STEP_MS = 30 * 60_000;
const WORK_FROM_MS = 8 * 3_600_000;
const WORK_TO_MS = 17 * 3_600_000;
const MOST_DAYS = 31;

interface Settings {
  readonly durationMs: number;
  readonly perDay: number;
  readonly goodThreshold: number;
}

export function writeSuggestions(out: XmlWriter, options: XmlElement, asked: readonly Asked[], window: Window): void {
  const number = (name: string, otherwise: number): number => Number(options.childText(name)?.trim() ?? otherwise);
  const settings: Settings = {
    durationMs: number('MeetingDurationInMinutes', 60) * 60_000,
    perDay: number('MaximumResultsByDay', 10),
    goodThreshold: number('GoodThreshold', 25),
  };
  out
    .open('m:SuggestionsResponse')
    .open('m:ResponseMessage', { ResponseClass: 'Success' })
    .element('m:ResponseCode', 'NoError')
    .close();
  out.open('m:SuggestionDayResultArray');
  for (const day of daysOf(window)) writeDay(out, day, settings, asked, window);
  out.close().close();
}

function daysOf({ from, to, zone }: Window): number[] {
  const days: number[] = [];
  let day = Math.floor((from + offsetMs(zone, from)) / DAY_MS) * DAY_MS;
  for (; day - offsetMs(zone, day) < to && days.length < MOST_DAYS; day += DAY_MS) days.push(day);
  return days;
}

/** `day` is local midnight as if it were UTC. */
function writeDay(out: XmlWriter, day: number, settings: Settings, asked: readonly Asked[], window: Window): void {
  const times: number[] = [];
  for (let wall = day + WORK_FROM_MS; wall + settings.durationMs <= day + WORK_TO_MS; wall += STEP_MS) {
    const at = wall - offsetMs(window.zone, wall);
    if (at >= window.from && at + settings.durationMs <= window.to) times.push(at);
  }
  const rated = times.map((at) => ({ at, conflicts: asked.map((one) => busyType(one, at, at + settings.durationMs)) }));
  rated.sort((a, b) => conflictsIn(a.conflicts) - conflictsIn(b.conflicts) || a.at - b.at);
  const best = rated.slice(0, settings.perDay);
  out.open('t:SuggestionDayResult').element('t:Date', new Date(day).toISOString().slice(0, 19));
  out
    .element('t:DayQuality', best[0] === undefined ? 'Poor' : quality(best[0].conflicts, settings))
    .open('t:SuggestionArray');
  for (const { at, conflicts } of best) {
    out.open('t:Suggestion').element('t:MeetingTime', wallText(at, window.zone)).element('t:IsWorkTime', true);
    out.element('t:SuggestionQuality', quality(conflicts, settings)).open('t:AttendeeConflictDataArray');
    for (const busy of conflicts) {
      if (busy === undefined) out.element('t:UnknownAttendeeConflictData');
      else out.open('t:IndividualAttendeeConflictData').element('t:BusyType', busy).close();
    }
    out.close().close();
  }
  out.close().close();
}

function busyType(asked: Asked, from: number, to: number): string | undefined {
  if ('error' in asked) return undefined;
  const order = ['Free', 'Tentative', 'Busy', 'OOF'];
  let worst = 0;
  for (const { calendar } of asked.items) {
    if (calendar !== undefined && calendar.start < to && calendar.end > from)
      worst = Math.max(worst, order.indexOf(calendar.freeBusy));
  }
  return order[worst] ?? 'Free';
}

function conflictsIn(conflicts: readonly (string | undefined)[]): number {
  return conflicts.filter((busy) => busy !== 'Free').length;
}

function quality(conflicts: readonly (string | undefined)[], settings: Settings): string {
  const share = conflicts.length === 0 ? 0 : (conflictsIn(conflicts) / conflicts.length) * 100;
  if (share === 0) return 'Excellent';
  if (share <= settings.goodThreshold) return 'Good';
  return share < 50 ? 'Fair' : 'Poor';
}
