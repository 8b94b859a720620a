/** The presenter on sync-core's projection: what the configuration says of privacy, language and window goes in here. */

import type { Instant, SeriesMaster } from '@calendar-connector/calendar-model';
import type { EventDetails, EventSummary } from '@calendar-connector/client-protocol';
import type { ConnectorConfig } from '@calendar-connector/config';
import {
  type FeedPage,
  occurrenceEventId,
  parseEventId,
  projectDetail,
  projectEvents,
  type StoredItem,
  serverHosts,
  type ViewOptions,
} from '@calendar-connector/sync-core';
import { sanitizeBody } from '../channel/body-sanitizer.ts';
import type { Rendered, ViewerKind } from '../channel/change-hub.ts';
import type { Presenter } from '../channel/presenter.ts';
import type { Clock } from '../engine/clock.ts';

/** Series a push explains occurrence by occurrence are remembered, so that vanished occurrences can be named. */
const MAX_REMEMBERED_SERIES = 20_000;
const DAY_MS = 86_400_000;
const MONTH_MS = 30.44 * DAY_MS;

export class ConfiguredPresenter implements Presenter {
  readonly #config: () => ConnectorConfig;
  readonly #clock: Clock;
  /** ids of the occurrences last pushed, by stored id */
  readonly #pushed = new Map<string, ReadonlySet<string>>();

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

  push(_mailbox: string, calendarId: string, page: FeedPage, kind: ViewerKind): Rendered {
    const view = this.#view(calendarId, kind);
    const window = view.recurringWindow ?? { from: 0, to: Number.MAX_SAFE_INTEGER };
    const changed: unknown[] = [];
    const removed: string[] = [];
    for (const stored of page.changed) {
      const span =
        stored.item.kind === 'seriesMaster'
          ? window
          : { from: stored.item.start - DAY_MS, to: stored.item.end + DAY_MS };
      const events = projectEvents([stored], span.from, span.to, view);
      changed.push(...events);
      if (stored.item.kind === 'seriesMaster')
        removed.push(...this.#vanished(stored.eventId, stored.item, new Set(events.map(({ id }) => id)), kind));
      // Hidden from this viewer: whatever they were shown before has to go.
      else if (events.length === 0) removed.push(stored.eventId);
    }
    for (const storedId of page.removed) {
      removed.push(storedId, ...(this.#pushed.get(this.#key(storedId, kind)) ?? []));
      this.#pushed.delete(this.#key(storedId, kind));
    }
    return { changed, removed };
  }

  /** Occurrences that clients may show and that are no more: deleted ones, and those of an older pattern. */
  #vanished(storedId: string, master: SeriesMaster, present: ReadonlySet<string>, kind: ViewerKind): readonly string[] {
    const key = this.#key(storedId, kind);
    const before = this.#pushed.get(key) ?? new Set<string>();
    const deleted = master.deletedOccurrences.map((start) => occurrenceEventId(storedId, start));
    this.#pushed.delete(key);
    this.#pushed.set(key, present);
    if (this.#pushed.size > MAX_REMEMBERED_SERIES) {
      const [oldest] = this.#pushed.keys();
      if (oldest !== undefined) this.#pushed.delete(oldest);
    }
    return [...new Set([...before, ...deleted])].filter((id) => !present.has(id));
  }

  #key(storedId: string, kind: ViewerKind): string {
    return `${kind}\n${storedId}`;
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
