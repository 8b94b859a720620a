/** The presenter on sync-core's projection: what the configuration says of privacy, language and window goes in here. */

import type { Instant } from '@calendar-connector/calendar-model';
import type { EventDetails, EventSummary } from '@calendar-connector/client-protocol';
import type { ConnectorConfig } from '@calendar-connector/config';
import {
  type FeedPage,
  occurrenceEventId,
  type ProjectedEvent,
  parseEventId,
  projectDetail,
  projectEvents,
  type StoredItem,
  serverHosts,
  type ViewOptions,
} from '@calendar-connector/sync-core';
import { sanitizeBody } from '../channel/body-sanitizer.ts';
import type { Rendered, ViewerKind } from '../channel/change-hub.ts';
import { GivenEvents } from '../channel/given-events.ts';
import type { Presenter } from '../channel/presenter.ts';
import type { Clock } from '../engine/clock.ts';

const DAY_MS = 86_400_000;
const MONTH_MS = 30.44 * DAY_MS;

export class ConfiguredPresenter implements Presenter {
  readonly #config: () => ConnectorConfig;
  readonly #clock: Clock;
  readonly #given = new GivenEvents();

  constructor(config: () => ConnectorConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  parseEventId(eventId: string): ReturnType<typeof parseEventId> {
    return parseEventId(eventId);
  }

  list(
    items: readonly StoredItem[],
    calendarId: string,
    from: Instant,
    to: Instant,
    kind: ViewerKind,
  ): readonly EventSummary[] {
    for (const stored of items) this.#given.remember(stored);
    return projectEvents(items, from, to, this.#view(calendarId, kind)) as readonly EventSummary[];
  }

  details(
    stored: StoredItem,
    calendarId: string,
    eventId: string,
    kind: ViewerKind,
    copies: Parameters<typeof projectDetail>[3] = [],
  ): EventDetails | undefined {
    const ref = parseEventId(eventId);
    // A series named as a whole (createEvent answers with it) is shown by its first occurrence.
    const first =
      stored.item.kind === 'seriesMaster' && ref.originalStart === undefined
        ? { ...ref, originalStart: stored.item.start }
        : ref;
    const detail =
      projectDetail(stored, first, this.#view(calendarId, kind), copies) ??
      projectDetail(stored, ref, this.#view(calendarId, kind), copies);
    if (!detail) return undefined;
    const body = sanitizeBody(detail.body);
    const { body: _raw, ...rest } = detail;
    return { ...rest, ...(body ? { body } : {}) } as EventDetails;
  }

  discloses({ isPrivate }: Pick<EventSummary, 'isPrivate'>, kind: ViewerKind): boolean {
    return kind === 'owner' || !isPrivate || this.#config().privacy.privateItems === 'shown';
  }

  push(_mailbox: string, calendarId: string, page: FeedPage, kind: ViewerKind): Rendered {
    const view = this.#view(calendarId, kind);
    const changed: ProjectedEvent[] = [];
    const removed: string[] = [];
    let isUnknown = false;
    let isSeries = false;
    for (const stored of page.changed) {
      const events = this.#project(stored, view);
      const present = new Set(events.map(({ id }) => id));
      changed.push(...events);
      removed.push(...this.#idsBefore(stored, view).filter((id) => !present.has(id)));
      isSeries ||= stored.item.kind === 'seriesMaster';
      isUnknown ||= stored.item.kind === 'seriesMaster' && this.#given.find(stored.eventId) === undefined;
    }
    for (const storedId of page.removed) {
      const given = this.#given.find(storedId);
      isSeries ||= given !== 'single';
      isUnknown ||= given === undefined;
      removed.push(storedId, ...(typeof given === 'object' ? this.#project(given, view).map(({ id }) => id) : []));
    }
    return {
      changed,
      removed,
      leavesGhostsWith: isUnknown ? ['elsewhere', 'earlier'] : isSeries ? ['earlier'] : [],
    };
  }

  pushed(page: FeedPage): void {
    for (const stored of page.changed) this.#given.remember(stored);
  }

  /** Ids under which clients may hold the item: as it was shown last, and occurrences deleted since. */
  #idsBefore({ eventId, item }: StoredItem, view: ViewOptions): readonly string[] {
    const given = this.#given.find(eventId);
    const before = typeof given === 'object' ? this.#project(given, view).map(({ id }) => id) : [];
    if (item.kind !== 'seriesMaster') return [eventId, ...before];
    const deleted = item.deletedOccurrences.map((start) => occurrenceEventId(eventId, start));
    return [...new Set([...(given === 'single' ? [eventId] : []), ...before, ...deleted])];
  }

  /** An item's events in all the time that clients are shown. */
  #project(stored: StoredItem, view: ViewOptions): readonly ProjectedEvent[] {
    const { item } = stored;
    const window = view.recurringWindow ?? { from: 0, to: Number.MAX_SAFE_INTEGER };
    const span = item.kind === 'seriesMaster' ? window : { from: item.start - DAY_MS, to: item.end + DAY_MS };
    return projectEvents([stored], span.from, span.to, view);
  }

  #view(calendarId: string, kind: ViewerKind): ViewOptions {
    const config = this.#config();
    const now = this.#clock.now();
    return {
      viewer: kind === 'owner' ? 'owner' : 'delegate',
      calendarId,
      privacy: config.privacy.privateItems,
      access: config.access,
      language: config.language,
      servers: config.trueConfServers.map((server) => ({ id: server.id, hosts: serverHosts(server.id, server.url) })),
      cancelledPrefix: config.cancelledPrefix[config.language],
      recurringWindow: { from: now - config.cache.backward * MONTH_MS, to: now + config.cache.forward * MONTH_MS },
    };
  }
}
