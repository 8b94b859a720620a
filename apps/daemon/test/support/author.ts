/** A user of the channel who makes and changes events: a client that asks, a watcher that sees what is pushed. */
import type { EventSummary } from '@calendar-connector/client-protocol';
import type { Watcher } from '../../../../tooling/scene/watcher.ts';
import type { ChannelClient, Frame } from './channel-client.ts';
import { HOUR_MS, inHours, type Stage } from './stage.ts';

export interface Author {
  readonly client: ChannelClient;
  readonly watcher: Watcher;
  create(event: Record<string, unknown>, idempotencyKey?: string): Promise<Frame>;
}

export async function openAuthor(stage: Stage, user: string): Promise<Author> {
  const [client, watcher] = await Promise.all([stage.login(user), stage.watch(user)]);
  return {
    client,
    watcher,
    create: (event, idempotencyKey = newKey()) =>
      client.ask({ method: 'createEvent', calendarId: watcher.calendarId, idempotencyKey, event }),
  };
}

let keys = 0;
export function newKey(): string {
  keys += 1;
  return `write-${keys}-0000`;
}

/** An event of an hour. */
export function draft(title: string, hours: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  const start = inHours(hours);
  return {
    title,
    start: new Date(start).toISOString(),
    end: new Date(start + HOUR_MS).toISOString(),
    timeZone: 'Europe/Moscow',
    ...more,
  };
}

/** The event, as soon as the watcher was shown it. */
export async function shownTo(watcher: Watcher, fits: (event: EventSummary) => boolean): Promise<EventSummary> {
  if ((await watcher.waitUntil((events) => events.some(fits), 15_000)) === undefined)
    throw new Error(`${watcher.user} never saw it; shown: ${JSON.stringify(watcher.events)}`);
  return watcher.events.find(fits) as EventSummary;
}
