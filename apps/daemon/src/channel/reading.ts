/** Methods that read: calendars, month and day lists, details, subscriptions (features D1, D3). */

import type { MeetingKey } from '@calendar-connector/calendar-model';
import type { ClientRequest } from '@calendar-connector/client-protocol';
import { answerTo } from '@calendar-connector/client-protocol';
import type { FeedStore, MailboxStore, MeetingCopy, StoredItem } from '@calendar-connector/sync-core';
import type { Authority, OpenCalendar } from './authority.ts';
import type { Caller } from './caller.ts';
import type { ChangeHub, Watcher } from './change-hub.ts';
import type { Presenter } from './presenter.ts';
import { Refusal } from './refusal.ts';

/** Calendars one socket may watch at the same time. */
export const MAX_SUBSCRIPTIONS = 64;

export interface ReadingContext {
  readonly store: FeedStore & Pick<MailboxStore, 'findMailbox'>;
  readonly authority: Authority;
  readonly presenter: Presenter;
  readonly hub: ChangeHub;
  /** the meeting's copies in all synced mailboxes */
  readonly loadCopies: (key: MeetingKey) => Promise<readonly MeetingCopy[]>;
}

/** What a session remembers between requests. */
export interface SessionMemory {
  readonly caller: Caller;
  /** calendars this socket was let into, by folder id */
  readonly opened: Map<string, OpenCalendar>;
  readonly subscriptions: Map<string, () => void>;
  /** revision of each calendar as this socket has listed it last */
  readonly listed: Map<string, number>;
}

export async function openCalendar(
  memory: SessionMemory,
  context: ReadingContext,
  calendarId: string,
): Promise<OpenCalendar> {
  const opened = await context.authority.openCalendar(memory.caller, calendarId);
  memory.opened.set(calendarId, opened);
  return opened;
}

export async function getCalendarList(
  request: ClientRequest<'getCalendarList'>,
  memory: SessionMemory,
  context: ReadingContext,
): Promise<unknown> {
  const own = context.authority.ownMailbox(memory.caller);
  const record = own ? await context.store.findMailbox(own) : undefined;
  if (own && !record?.resolved) {
    throw new Refusal(
      'providerUnavailable',
      'the calendar of this mailbox has not been found yet; try again in a moment',
    );
  }
  const calendars = record?.resolved
    ? [{ id: record.resolved.folderId as string, title: record.resolved.calendarTitle }]
    : [];
  return answerTo(request, { calendars });
}

export async function getEventList(
  request: ClientRequest<'getEventList'>,
  memory: SessionMemory,
  context: ReadingContext,
): Promise<unknown> {
  const { mailbox, calendarId, kind } = await openCalendar(memory, context, request.calendarId);
  const from = Date.parse(request.from);
  const to = Date.parse(request.to);
  const { items, revision } = await context.store.listItemsInWindow(mailbox, from, to);
  const events = context.presenter.list(items, calendarId, from, to, kind);
  memory.listed.set(calendarId, revision);
  return answerTo(request, { events: [...events], revision });
}

/** An event by id, in the caller's own calendar or one this socket has opened. Others' events do not exist for the caller. */
export async function findEvent(
  eventId: string,
  memory: SessionMemory,
  context: ReadingContext,
): Promise<{ readonly calendar: OpenCalendar; readonly stored: StoredItem } | undefined> {
  const { storedId } = context.presenter.parseEventId(eventId);
  // PostgreSQL takes no NUL in texts; no id of ours has one.
  if (storedId.includes('\0')) return undefined;
  for (const calendar of await readable(memory, context)) {
    const stored = await context.store.findItem(calendar.mailbox, storedId);
    if (!stored) continue;
    if (calendar.kind === 'owner') return { calendar, stored };
    // Asked each time: a delegate's right may have been taken since the calendar was opened.
    return { calendar: await openCalendar(memory, context, calendar.calendarId), stored };
  }
  return undefined;
}

async function readable(memory: SessionMemory, context: ReadingContext): Promise<readonly OpenCalendar[]> {
  const own = context.authority.ownMailbox(memory.caller);
  const known = [...memory.opened.values()];
  if (own === undefined || known.some((calendar) => calendar.mailbox === own)) return known;
  const record = await context.store.findMailbox(own);
  if (!record?.resolved) return known;
  return [{ mailbox: own, calendarId: record.resolved.folderId, kind: 'owner', right: 'edit' }, ...known];
}

export async function getEvent(
  request: ClientRequest<'getEvent'>,
  memory: SessionMemory,
  context: ReadingContext,
): Promise<unknown> {
  const found = await findEvent(request.eventId, memory, context);
  if (!found) throw new Refusal('notFound', 'there is no such event in your calendars');
  const { stored, calendar } = found;
  // Exchange tells attendees nothing of each other's answers: the other synced copies of the meeting do.
  const copies = stored.item.isMeeting ? await context.loadCopies(stored.meeting) : [];
  const event = context.presenter.details(stored, calendar.calendarId, request.eventId, calendar.kind, copies);
  if (!event) throw new Refusal('notFound', 'there is no such event in your calendars');
  return answerTo(request, { event });
}

/** Answers with today's revision, then pushes; with `sinceRevision` the missed changes follow at once. */
export async function subscribe(
  request: ClientRequest<'subscribe'>,
  memory: SessionMemory,
  context: ReadingContext,
  receiver: Pick<Watcher, 'push' | 'resync'>,
  answerNow: (answer: unknown) => void,
): Promise<undefined> {
  const { mailbox, calendarId, kind } = await openCalendar(memory, context, request.calendarId);
  const present = memory.subscriptions.get(calendarId);
  if (!present && memory.subscriptions.size >= MAX_SUBSCRIPTIONS) {
    throw new Refusal('rateLimited', `a connection may watch ${MAX_SUBSCRIPTIONS} calendars`);
  }
  const revision = (await context.store.findMailbox(mailbox))?.revision ?? 0;
  present?.();
  const since = Math.min(request.sinceRevision ?? revision, revision);
  const knowsFromHere =
    request.sinceRevision === undefined || (memory.listed.get(calendarId) ?? -1) >= request.sinceRevision;
  let checked: Promise<void> = Promise.resolve();
  // The answer first: pushes follow it.
  answerNow(answerTo(request, { revision }));
  const watcher: Watcher = {
    kind,
    revision: since,
    holds: since < revision ? 'earlier' : knowsFromHere ? 'here' : 'elsewhere',
    push: (id, frame) => stillAllowed(() => receiver.push(id, frame)),
    resync: (id) => stillAllowed(() => receiver.resync(id)),
  };
  const unwatch = context.hub.watch(mailbox, calendarId, watcher);
  memory.subscriptions.set(calendarId, unwatch);
  // A revision this calendar has not reached: the client holds what a database knew that was replaced by a backup.
  if ((request.sinceRevision ?? 0) > revision) receiver.resync(calendarId);
  return undefined;

  /**
   * Somebody else's calendar is shown as long as its owner lets them: asked before each push, from a short-lived cache.
   * Who may not see it any more is told to read anew, and is refused. An answer that cannot be had ends nothing.
   */
  function stillAllowed(show: () => void): void {
    if (kind === 'owner' && context.authority.ownMailbox(memory.caller) === mailbox) {
      show();
      return;
    }
    checked = checked
      .then(() => context.authority.mayWatch(memory.caller, mailbox))
      .then((may) => {
        if (may) return show();
        unwatch();
        memory.subscriptions.delete(calendarId);
        receiver.resync(calendarId);
      })
      .catch(() => receiver.resync(calendarId));
  }
}
