/** How stored items become what clients see. The projection itself is sync-core's, bodies are cleaned here. */

import type { Instant, MailboxAddress } from '@calendar-connector/calendar-model';
import type { EventDetails, EventSummary } from '@calendar-connector/client-protocol';
import type { FeedPage, MeetingCopy, StoredItem } from '@calendar-connector/sync-core';
import type { Rendered, ViewerKind } from './change-hub.ts';

export interface Presenter {
  /** Events that overlap from…to, ordered by start. */
  list(
    items: readonly StoredItem[],
    calendarId: string,
    from: Instant,
    to: Instant,
    kind: ViewerKind,
  ): readonly EventSummary[];
  /** The card of one event; undefined when the id names no occurrence of the item (any more) or it may not be seen. */
  details(
    item: StoredItem,
    calendarId: string,
    eventId: string,
    kind: ViewerKind,
    /** the meeting's copies in all synced mailboxes, for the freshest answers */
    copies?: readonly MeetingCopy[],
  ): EventDetails | undefined;
  /** Is such a viewer shown what the event is about, or only that there is something? */
  discloses(event: Pick<EventSummary, 'isPrivate'>, kind: ViewerKind): boolean;
  /** A page of the feed as a push. */
  push(mailbox: MailboxAddress, calendarId: string, page: FeedPage, kind: ViewerKind): Rendered;
  /** A page of the feed was pushed to every kind of viewer: from now on it is what clients hold. */
  pushed(page: FeedPage): void;
  /** An event id taken apart: the stored item's id, and which occurrence. */
  parseEventId(eventId: string): { readonly storedId: string; readonly originalStart?: Instant };
}
