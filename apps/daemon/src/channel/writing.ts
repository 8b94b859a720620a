/**
 * Methods that write: a user of a TrueConf client creates, changes, cancels or answers an event, and it is written to
 * Exchange as that user, once per idempotency key, also when an answer was lost on either side (feature D4).
 */
import { createHash } from 'node:crypto';
import type { FolderItem, MailboxAddress, TrueConfServerId } from '@calendar-connector/calendar-model';
import type { ClientRequest, EventDetails, Method } from '@calendar-connector/client-protocol';
import { answerTo } from '@calendar-connector/client-protocol';
import type {
  CalendarSource,
  EventAddress,
  EventPatch,
  ResolvedMailbox,
  StoredItem,
} from '@calendar-connector/sync-core';
import { isFailure } from '@calendar-connector/sync-core';
import { isApplied } from './applied-patch.ts';
import type { OpenCalendar } from './authority.ts';
import { draftFrom, type ItemChanges, patchFrom } from './event-drafts.ts';
import { type ConferenceLinks, conferenceChange, linkedDraft } from './join-link.ts';
import type { OncePerKey } from './once-per-key.ts';
import { findEvent, openCalendar, type ReadingContext, type SessionMemory } from './reading.ts';
import { Refusal } from './refusal.ts';
import { isSeriesMove, toldOfFirst } from './series-move.ts';
import { type LookContext, shownAnswered, shownCancelled, shownWritten } from './shown-after.ts';

export type WriteMethod = 'createEvent' | 'updateEvent' | 'cancelEvent' | 'respondToEvent';

const WRITE_METHODS: readonly Method[] = ['createEvent', 'updateEvent', 'cancelEvent', 'respondToEvent'];

export function isWrite(request: ClientRequest): request is ClientRequest<WriteMethod> {
  return WRITE_METHODS.includes(request.method);
}

export interface WritingContext extends ReadingContext, LookContext {
  readonly store: ReadingContext['store'];
  readonly once: OncePerKey;
  readonly locate: (mailbox: MailboxAddress, signal: AbortSignal) => Promise<Place | undefined>;
  /** conferences are made on the server whose user asks for them */
  readonly linksOf: (server: TrueConfServerId) => ConferenceLinks;
  /** undefined: writing is allowed; otherwise why not */
  readonly writeBan: () => Refusal | undefined;
  readonly audit: (mailbox: MailboxAddress, what: string, outcome: string) => void;
}

/** Where a mailbox is written to. */
interface Place {
  readonly source: CalendarSource;
  readonly resolved: ResolvedMailbox;
}

interface Work extends Place {
  readonly calendar: OpenCalendar;
  readonly context: WritingContext;
  readonly links: ConferenceLinks;
  readonly signal: AbortSignal;
  /** an earlier try with this key was perhaps carried out */
  readonly repeated: boolean;
}

/** The event that is changed. */
interface Target {
  readonly stored: StoredItem;
  readonly address: EventAddress;
}

export async function write(
  request: ClientRequest<WriteMethod>,
  memory: SessionMemory,
  context: WritingContext,
  signal: AbortSignal,
): Promise<unknown> {
  const ban = context.writeBan();
  if (ban) throw ban;
  const { calendar, target } = await placeOf(request, memory, context);
  const { mailbox } = calendar;
  const place = await context.locate(mailbox, signal);
  if (!place) throw new Refusal('providerUnavailable', 'the calendar service of this mailbox is not configured');
  const { requestId, ...content } = request;
  const links = context.linksOf(memory.caller.serverId);
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  try {
    const kept = await context.once.run({ mailbox, key: request.idempotencyKey, hash }, async (repeated) => {
      const event = await carryOut(request, target, { ...place, calendar, context, links, signal, repeated });
      const { requestId: _own, ...answer } = answerTo(request, { event }) as { requestId?: unknown };
      context.audit(mailbox, request.method, 'done');
      return JSON.stringify(answer);
    });
    return { ...(JSON.parse(kept) as object), ...(requestId === undefined ? {} : { requestId }) };
  } catch (error) {
    context.audit(mailbox, request.method, outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): string {
  if (isFailure(error)) return error.kind;
  return error instanceof Refusal ? error.code : 'internal';
}

async function placeOf(
  request: ClientRequest<WriteMethod>,
  memory: SessionMemory,
  context: WritingContext,
): Promise<{ readonly calendar: OpenCalendar; readonly target?: Target }> {
  if (request.method === 'createEvent') {
    const calendar = await openCalendar(memory, context, request.calendarId);
    if (calendar.right === 'read') throw new Refusal('forbidden', 'its owner lets you only read this calendar');
    return { calendar };
  }
  const found = await findEvent(request.eventId, memory, context);
  if (!found) throw new Refusal('notFound', 'there is no such event in your calendars');
  const { calendar, stored } = found;
  requireRight(request.eventId, found, context);
  const { originalStart } = context.presenter.parseEventId(request.eventId);
  const isOccurrence = request.scope === 'this' && originalStart !== undefined;
  return {
    calendar,
    target: { stored, address: { itemId: stored.item.itemId, ...(isOccurrence && { originalStart }) } },
  };
}

/**
 * Exchange is written to as the owner and stops nobody. Who may not change an event, or not know what it is about, does
 * not change it here either (C10, C13, T9).
 */
function requireRight(
  eventId: string,
  { calendar, stored }: { readonly calendar: OpenCalendar; readonly stored: StoredItem },
  { presenter }: WritingContext,
): void {
  const { calendarId, kind, right } = calendar;
  if (kind === 'owner') return;
  if (right !== 'edit') throw new Refusal('forbidden', 'its owner does not let you change events of this calendar');
  const shown = presenter.details(stored, calendarId, eventId, kind);
  if (!shown) throw new Refusal('notFound', 'there is no such event in your calendars');
  if (!presenter.discloses(shown, kind)) throw new Refusal('forbidden', 'this event is private');
}

function carryOut(request: ClientRequest<WriteMethod>, target: Target | undefined, work: Work): Promise<EventDetails> {
  if (request.method === 'createEvent') return create(request, work);
  if (!target) throw new Refusal('notFound', 'there is no such event in your calendars');
  if (request.method === 'updateEvent') return update(request, target, work);
  return request.method === 'cancelEvent' ? cancel(request, target, work) : respond(request, target, work);
}

async function create(request: ClientRequest<'createEvent'>, work: Work): Promise<EventDetails> {
  const { source, resolved, calendar, context, links, signal } = work;
  const { mailbox } = calendar;
  const key = request.idempotencyKey;
  const draft = linkedDraft(draftFrom(request.event), { mailbox, key }, links);
  const mail = (draft.attendees ?? []).length > 0 ? 'all' : 'none';
  const item = await source.createEvent(resolved, draft, `${mailbox}/${key}`, mail, signal);
  return shownWritten(calendar, item, undefined, context);
}

async function update(request: ClientRequest<'updateEvent'>, target: Target, work: Work): Promise<EventDetails> {
  const { source, resolved, calendar, context, links, signal, repeated } = work;
  const { stored, address } = target;
  if (!stored.item.isOrganizer)
    throw new Refusal('forbidden', 'only the organizer may change the event; answer the invitation instead');
  if (request.changes.recurrence !== undefined && address.originalStart !== undefined)
    throw new Refusal('invalidRequest', 'one occurrence has no recurrence of its own; name the series by its scope');
  const patch = {
    ...patchFrom(changesOf(request, target, work), stored.item.startTimeZone?.id ?? 'UTC'),
    ...conferenceChange(request, stored, links),
  };
  const done = repeated ? await alreadyUpdated(patch, target, work) : undefined;
  const item = done ?? (await source.updateEvent(resolved, address, patch, 'all', signal));
  return shownWritten(calendar, item, request.eventId, context);
}

/** What the item itself is to become: a series that is moved by one of its occurrences begins elsewhere. */
function changesOf(
  { eventId, scope, changes }: ClientRequest<'updateEvent'>,
  { stored }: Target,
  { calendar, context, repeated }: Work,
): ItemChanges {
  const { item } = stored;
  const isOccurrence = context.presenter.parseEventId(eventId).originalStart !== undefined;
  if (scope !== 'series' || !isOccurrence || item.kind !== 'seriesMaster' || !isSeriesMove(changes)) return changes;
  // Done already, the same step would be taken twice: where the occurrence stood before is not known any more.
  if (repeated) throw new Refusal('conflict', 'the series was perhaps moved already; read it again');
  const shown = context.presenter.details(stored, calendar.calendarId, eventId, calendar.kind);
  if (!shown) throw new Refusal('notFound', 'the series has no such occurrence any more');
  return toldOfFirst(changes, item, shown);
}

/** The item, if an earlier try of the same update reached it: guests are told of a change once. */
async function alreadyUpdated(
  patch: EventPatch,
  { stored, address }: Target,
  { calendar, context }: Work,
): Promise<FolderItem | undefined> {
  if (address.originalStart !== undefined) return undefined;
  await context.lookNow(calendar.mailbox);
  const now = await context.store.findItem(calendar.mailbox, stored.eventId);
  return now && isApplied(patch, now.item) ? now.item : undefined;
}

async function cancel(
  request: ClientRequest<'cancelEvent'>,
  { stored, address }: Target,
  { source, resolved, calendar, context, signal }: Work,
): Promise<EventDetails> {
  const event = shownCancelled(calendar, stored, request, context);
  await source.cancelEvent(resolved, address, 'all', signal, request.comment);
  await context.lookNow(calendar.mailbox);
  return event;
}

async function respond(
  request: ClientRequest<'respondToEvent'>,
  { stored, address }: Target,
  { source, resolved, calendar, context, signal }: Work,
): Promise<EventDetails> {
  if (stored.item.isOrganizer) throw new Refusal('invalidRequest', 'the organizer of an event cannot answer it');
  const named = context.presenter.details(stored, calendar.calendarId, request.eventId, calendar.kind);
  // Exchange would say no as if a right were missing. One cancelled occurrence leaves the others of its series to answer.
  if (request.scope === 'series' ? stored.item.isCancelled : named?.isCancelled)
    throw new Refusal('invalidRequest', 'the event is cancelled; there is nothing to answer');
  await source.respond(resolved, address, request.response, signal, request.comment);
  return shownAnswered(calendar, stored, request.eventId, request.response, context);
}
