/**
 * What clients of this process were shown, item by item: a client knows occurrences by their ids, so when a series goes
 * or changes its pattern, each id it may hold has to be named in `removed`. For a series the master as it was is kept and
 * expanded when needed; that gives every occurrence anybody may have been shown, whatever part of it was asked for.
 */
import type { SeriesMaster } from '@calendar-connector/calendar-model';
import type { StoredItem } from '@calendar-connector/sync-core';

/** The oldest go: then a client that holds one of them is told to read anew, if it came back, or keeps a ghost until it lists. */
const MAX_GIVEN = 100_000;

/** `single`: one event under the stored id; otherwise the series as it was shown. */
export type Given = 'single' | StoredItem;

export class GivenEvents {
  readonly #given = new Map<string, Given>();

  /** undefined: this process has never shown it. */
  find(storedId: string): Given | undefined {
    return this.#given.get(storedId);
  }

  remember(stored: StoredItem): void {
    const { mailbox, eventId, meeting, item } = stored;
    const given: Given = item.kind === 'seriesMaster' ? { mailbox, eventId, meeting, item: outlineOf(item) } : 'single';
    this.#given.delete(eventId);
    this.#given.set(eventId, given);
    if (this.#given.size <= MAX_GIVEN) return;
    const [oldest] = this.#given.keys();
    if (oldest !== undefined) this.#given.delete(oldest);
  }
}

/** Enough of a series to know its occurrences: texts and people are left out, ids of changed occurrences stay what they were. */
function outlineOf({ body: _body, organizer: _organizer, ...master }: SeriesMaster): SeriesMaster {
  return { ...master, subject: '', location: '', attendees: [], links: [], marker: {}, exceptions: [] };
}
