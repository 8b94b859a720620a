/**
 * What a client that wrote is answered: the event as everybody will see it from now on. The mailbox is looked at until
 * the written item shows; what cannot be read any more is told from what it was.
 */
import type { FolderItem, Instant, MailboxAddress } from '@calendar-connector/calendar-model';
import type { EventDetails } from '@calendar-connector/client-protocol';
import type { FeedStore, StoredItem } from '@calendar-connector/sync-core';
import type { OpenCalendar } from './authority.ts';
import type { Presenter } from './presenter.ts';
import { Refusal } from './refusal.ts';

/** Looks after a write, and again if another node had to bring the change. */
const MAX_LOOKS_AFTER_WRITE = 5;
const LOOK_PAUSE_MS = 100;

export interface LookContext {
  readonly store: Pick<FeedStore, 'findItem' | 'listItemsInWindow'>;
  readonly presenter: Presenter;
  readonly lookNow: (mailbox: MailboxAddress) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
}

/** Created or changed. `eventId`: the id it was named by. */
export async function shownWritten(
  calendar: OpenCalendar,
  item: FolderItem,
  eventId: string | undefined,
  context: LookContext,
): Promise<EventDetails> {
  for (let look = 0; look < MAX_LOOKS_AFTER_WRITE; look += 1) {
    await context.lookNow(calendar.mailbox);
    const stored = await findWritten(calendar, item, context);
    // The occurrence that was named may be none of the series any more, or the series no series.
    const event = stored && showNamed(calendar, stored, eventId ?? stored.eventId, context);
    if (event) return event;
    await context.wait(LOOK_PAUSE_MS);
  }
  throw new Refusal('providerUnavailable', 'the change was written to Exchange and will appear shortly', 1_000, true);
}

async function findWritten(
  calendar: OpenCalendar,
  item: FolderItem,
  context: LookContext,
): Promise<StoredItem | undefined> {
  const from: Instant = item.start - 1;
  const { items } = await context.store.listItemsInWindow(calendar.mailbox, from, Math.max(item.end, item.start + 1));
  const same = items.filter((stored) => stored.item.uid === item.uid || stored.item.itemId === item.itemId);
  return (
    same.find((stored) => stored.item.itemId === item.itemId && stored.item.changeKey === item.changeKey) ??
    same.find((stored) => stored.item.itemId === item.itemId)
  );
}

/** Cancelled: Exchange puts the organizer's own copy into the bin, so it is told from what it was. */
export function shownCancelled(
  calendar: OpenCalendar,
  stored: StoredItem,
  { eventId, scope }: { readonly eventId: string; readonly scope: 'this' | 'series' },
  context: Pick<LookContext, 'presenter'>,
): EventDetails {
  const off = cancelled(stored);
  const event =
    scope === 'series'
      ? showNamed(calendar, off, eventId, context)
      : context.presenter.details(off, calendar.calendarId, eventId, calendar.kind);
  if (!event) throw new Refusal('notFound', 'there is no such event in your calendars');
  return event;
}

function cancelled(stored: StoredItem): StoredItem {
  const { item } = stored;
  const off = { isCancelled: true } as const;
  if (item.kind !== 'seriesMaster') return { ...stored, item: { ...item, ...off } };
  const exceptions = item.exceptions.map((exception) => ({ ...exception, ...off }));
  return { ...stored, item: { ...item, ...off, exceptions } };
}

/** Answered: Exchange may replace the item by another, or take a declined one away. */
export async function shownAnswered(
  calendar: OpenCalendar,
  before: StoredItem,
  eventId: string,
  response: 'accepted' | 'tentative' | 'declined',
  context: LookContext,
): Promise<EventDetails> {
  await context.lookNow(calendar.mailbox);
  const stored = (await context.store.findItem(calendar.mailbox, before.eventId)) ?? before;
  const { presenter } = context;
  const event =
    presenter.details(stored, calendar.calendarId, eventId, calendar.kind) ??
    presenter.details(before, calendar.calendarId, eventId, calendar.kind);
  if (!event) throw new Refusal('notFound', 'the answer was sent; the event is not in the calendar any more', 0, true);
  return { ...event, myResponse: response };
}

/** The event by the id it was named by, or, when that names nothing any more, the item it belongs to. */
function showNamed(
  { calendarId, kind }: OpenCalendar,
  stored: StoredItem,
  eventId: string,
  { presenter }: Pick<LookContext, 'presenter'>,
): EventDetails | undefined {
  return (
    presenter.details(stored, calendarId, eventId, kind) ?? presenter.details(stored, calendarId, stored.eventId, kind)
  );
}
