/**
 * What came of it: the fake worlds compared with what the clients hold. Nothing the connector says about itself counts.
 */
import type { EventSummary } from '@calendar-connector/client-protocol';
import type { WorldItem } from '../scene/control-client.ts';
import type { Stage } from './play.ts';
import { tell } from './story.ts';

const START_LIMIT_MS = 1_000;
const PREFIX = /^(Отменено|Canceled|Cancelled):\s*/;

export interface Verdict {
  readonly meetings: number;
  readonly eventsDelivered: number;
  readonly conferencesCreated: number;
  readonly conferencesStarted: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lost: number;
  readonly errors: readonly string[];
}

/** One line per event in a form both worlds can be written in. */
function worldLine(item: WorldItem): string {
  return [
    item.uid,
    Date.parse(item.start),
    Date.parse(item.end),
    item.subject.replace(PREFIX, ''),
    item.isCancelled,
  ].join('|');
}

function clientLine(event: EventSummary): string {
  return [
    event.uid,
    Date.parse(event.start),
    Date.parse(event.end),
    event.title.replace(PREFIX, ''),
    event.isCancelled,
  ].join('|');
}

/** Events that Exchange has and the client has not, or the other way round. */
async function differences(stage: Stage, from: number, to: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [user, watcher] of stage.watchers) {
    const world = (await stage.control.items(`${user}@example.test`, from, to)).map(worldLine);
    const client = watcher.events
      .filter((event) => Date.parse(event.end) > from && Date.parse(event.start) < to)
      .map(clientLine);
    const missing = world.filter((line) => !client.includes(line));
    const extra = client.filter((line) => !world.includes(line));
    found.push(...missing.map((line) => `${user} lacks ${line}`), ...extra.map((line) => `${user} shows ${line}`));
  }
  return found;
}

/** Differences that stay: what is still on its way is given a moment. */
async function lastingDifferences(stage: Stage, from: number, to: number): Promise<readonly string[]> {
  for (let attempt = 0; ; attempt += 1) {
    const found = await differences(stage, from, to);
    if (found.length === 0 || attempt >= 80) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Starts as the fake TrueConf Server recorded them: on time, once, by us. */
async function startsOf(stage: Stage): Promise<{ readonly started: number; readonly errors: readonly string[] }> {
  let started = 0;
  const errors: string[] = [];
  for (const [id, due] of stage.tally.due) {
    if (due + START_LIMIT_MS > Date.now()) continue;
    const sessions = await stage.control.sessions(id).catch(() => []);
    const [first] = sessions;
    if (!first) {
      errors.push(`conference ${id} did not start`);
      continue;
    }
    const delay = Date.parse(first.startedAt) - due;
    if (sessions.length > 1) errors.push(`conference ${id} was started ${sessions.length} times`);
    if (delay < 0 || delay > START_LIMIT_MS) errors.push(`conference ${id} started ${delay} ms after its time`);
    started += 1;
    tell('trueconf', `conference ${id} started ${delay} ms after its time`);
  }
  return { started, errors };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export async function judge(stage: Stage, from: number, to: number): Promise<Verdict> {
  const { tally, control } = stage;
  const [different, starts, conferences] = [
    await lastingDifferences(stage, from, to),
    await startsOf(stage),
    await control.conferences(),
  ];
  return {
    meetings: tally.meetings,
    eventsDelivered: tally.eventsDelivered,
    conferencesCreated: conferences.length,
    conferencesStarted: starts.started,
    p50Ms: percentile(tally.latencies, 0.5),
    p99Ms: percentile(tally.latencies, 0.99),
    lost: tally.lost + different.length,
    errors: [...tally.errors, ...different, ...starts.errors],
  };
}
