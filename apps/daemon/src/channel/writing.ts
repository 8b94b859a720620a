/**
 * Methods that write: a user of a TrueConf client creates, changes, cancels or answers an event, and it is written to
 * Exchange as that user, once per idempotency key, also when an answer was lost on either side (feature D4).
 */
import { createHash } from 'node:crypto';
import type { FolderItem, Instant, ItemMarker, MailboxAddress } from '@calendar-connector/calendar-model';
import type { ClientRequest, EventDetails, Method } from '@calendar-connector/client-protocol';
import { answerTo } from '@calendar-connector/client-protocol';
import type {
  CalendarSource,
  EventAddress,
  EventDraft,
  EventPatch,
  ResolvedMailbox,
  StoredItem,
} from '@calendar-connector/sync-core';
import { isFailure } from '@calendar-connector/sync-core';
import { isApplied } from './applied-patch.ts';
import type { OpenCalendar } from './authority.ts';
import { draftFrom, patchFrom } from './event-drafts.ts';
import type { OncePerKey } from './once-per-key.ts';
import { findEvent, openCalendar, type ReadingContext, type SessionMemory } from './reading.ts';
import { Refusal } from './refusal.ts';

export type WriteMethod = 'createEvent' | 'updateEvent' | 'cancelEvent' | 'respondToEvent';

const WRITE_METHODS: readonly Method[] = ['createEvent', 'updateEvent', 'cancelEvent', 'respondToEvent'];

export function isWrite(request: ClientRequest): request is ClientRequest<WriteMethod> {
  return WRITE_METHODS.includes(request.method);
}

/** Looks after a write, and again if another node had to bring the change. */
const MAX_LOOKS_AFTER_WRITE = 5;
const LOOK_PAUSE_MS = 100;
/** Exchange keeps no longer location. */
const MAX_LOCATION_CHARACTERS = 255;

export interface WritingContext extends ReadingContext {
  readonly once: OncePerKey;
  readonly locate: (
    mailbox: MailboxAddress,
    signal: AbortSignal,
  ) => Promise<{ source: CalendarSource; resolved: ResolvedMailbox } | undefined>;
  readonly lookNow: (mailbox: MailboxAddress) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  /** undefined: writing is allowed; otherwise why not */
  readonly writeBan: () => Refusal | undefined;
  /** join link and marker for a conference a client asked for; undefined when no server makes conferences */
  readonly conferenceLink: (
    idempotencyKey: string,
    mailbox: MailboxAddress,
    conference: NonNullable<EventDraft['conference']>,
  ) => { readonly url: string; readonly marker: ItemMarker } | undefined;
  readonly audit: (mailbox: MailboxAddress, what: string, outcome: string) => void;
}

interface Write {
  readonly calendar: OpenCalendar;
  readonly source: CalendarSource;
  readonly resolved: ResolvedMailbox;
  /** the event the request names; absent for createEvent */
  readonly stored?: StoredItem;
  readonly address?: EventAddress;
}

export async function write(
  request: ClientRequest<WriteMethod>,
  memory: SessionMemory,
  context: WritingContext,
  signal: AbortSignal,
): Promise<unknown> {
  const ban = context.writeBan();
  if (ban) throw ban;
  const place = await placeOf(request, memory, context, signal);
  const mailbox = place.calendar.mailbox;
  const { requestId: _echo, ...content } = request;
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  try {
    const kept = await context.once.run({ mailbox, key: request.idempotencyKey, hash }, async (repeated) => {
      const event = await carryOut(request, place, context, signal, repeated);
      const { requestId: _own, ...answer } = answerTo(request, { event }) as { requestId?: unknown };
      context.audit(mailbox, request.method, 'done');
      return JSON.stringify(answer);
    });
    return {
      ...(JSON.parse(kept) as object),
      ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
    };
  } catch (error) {
    context.audit(
      mailbox,
      request.method,
      isFailure(error) ? error.kind : error instanceof Refusal ? error.code : 'internal',
    );
    throw error;
  }
}

async function placeOf(
  request: ClientRequest<WriteMethod>,
  memory: SessionMemory,
  context: WritingContext,
  signal: AbortSignal,
): Promise<Write> {
  const found = request.method === 'createEvent' ? undefined : await findEvent(request.eventId, memory, context);
  if (request.method !== 'createEvent' && !found)
    throw new Refusal('notFound', 'there is no such event in your calendars');
  const calendar =
    found?.calendar ?? (await openCalendar(memory, context, (request as ClientRequest<'createEvent'>).calendarId));
  const place = await context.locate(calendar.mailbox, signal);
  if (!place) throw new Refusal('providerUnavailable', 'the calendar service of this mailbox is not configured');
  if (!found || request.method === 'createEvent') return { calendar, ...place };
  const { originalStart } = context.presenter.parseEventId(request.eventId);
  const occurrence = request.scope === 'series' ? undefined : originalStart;
  const address: EventAddress = {
    itemId: found.stored.item.itemId,
    ...(occurrence === undefined ? {} : { originalStart: occurrence }),
  };
  return { calendar, ...place, stored: found.stored, address };
}

async function carryOut(
  request: ClientRequest<WriteMethod>,
  place: Write,
  context: WritingContext,
  signal: AbortSignal,
  repeated: boolean,
): Promise<EventDetails> {
  const { source, resolved, stored, address, calendar } = place;
  if (request.method === 'createEvent') {
    const draft = draftFrom(request.event);
    const link = draft.conference
      ? context.conferenceLink(request.idempotencyKey, calendar.mailbox, draft.conference)
      : undefined;
    if (draft.conference && !link)
      throw new Refusal('invalidRequest', 'no TrueConf Server is configured to make conferences');
    const writeKey = `${calendar.mailbox}/${request.idempotencyKey}`;
    const mail = (draft.attendees ?? []).length > 0 ? 'all' : 'none';
    const item = await source.createEvent(
      resolved,
      link ? { ...draft, marker: link.marker, location: withLink(draft.location, link.url) } : draft,
      writeKey,
      mail,
      signal,
    );
    return seen(calendar, item, undefined, context);
  }
  if (!stored || !address) throw new Refusal('notFound', 'there is no such event in your calendars');
  if (request.method === 'updateEvent') {
    if (!stored.item.isOrganizer)
      throw new Refusal('forbidden', 'only the organizer may change the event; answer the invitation instead');
    if (request.changes.recurrence !== undefined && address.originalStart !== undefined)
      throw new Refusal('invalidRequest', 'one occurrence has no recurrence of its own; name the series by its scope');
    const patch = {
      ...patchFrom(request.changes, stored.item.startTimeZone?.id ?? 'UTC'),
      ...conferenceChange(request, stored, context),
    };
    const done = repeated ? await alreadyUpdated(place, patch, context) : undefined;
    const item = done ?? (await source.updateEvent(resolved, address, patch, 'all', signal));
    return seen(calendar, item, request.eventId, context);
  }
  if (request.method === 'cancelEvent') {
    const before = context.presenter.details(stored, calendar.calendarId, request.eventId, calendar.kind);
    if (!before) throw new Refusal('notFound', 'there is no such event in your calendars');
    await source.cancelEvent(resolved, address, 'all', signal, request.comment);
    await context.lookNow(calendar.mailbox);
    return { ...before, isCancelled: true };
  }
  if (stored.item.isOrganizer) throw new Refusal('invalidRequest', 'the organizer of an event cannot answer it');
  await source.respond(resolved, address, request.response, signal, request.comment);
  return seenAnswered(calendar, stored, request.eventId, request.response, context);
}

/** The item, if an earlier try of the same update reached it: guests are told of a change once. */
async function alreadyUpdated(
  { calendar, stored, address }: Write,
  patch: EventPatch,
  context: WritingContext,
): Promise<FolderItem | undefined> {
  if (!stored || address?.originalStart !== undefined) return undefined;
  await context.lookNow(calendar.mailbox);
  const now = await context.store.findItem(calendar.mailbox, stored.eventId);
  return now && isApplied(patch, now.item) ? now.item : undefined;
}

/** A conference asked for later is named like one asked for at once; `null` takes the link away, and planning the conference. */
function conferenceChange(
  request: ClientRequest<'updateEvent'>,
  stored: StoredItem,
  context: WritingContext,
): Pick<EventPatch, 'marker' | 'location'> {
  const { conference, location: place } = request.changes;
  const { item, binding, mailbox } = stored;
  const bound = binding && !binding.removed ? binding.url : undefined;
  const location = place ?? item.location;
  if (conference === null) {
    if (bound && item.body?.content.includes(bound))
      throw new Refusal('invalidRequest', 'the join link stands in the text of the event; remove it there');
    return { marker: { ...item.marker, conferenceUrl: '' }, location: bound ? withoutLink(location, bound) : location };
  }
  if (!conference || bound) return {};
  const link = context.conferenceLink(request.idempotencyKey, mailbox, conference);
  if (!link) throw new Refusal('invalidRequest', 'no TrueConf Server is configured to make conferences');
  return { marker: { ...item.marker, ...link.marker }, location: withLink(location, link.url) };
}

function withoutLink(location: string, url: string): string {
  return location.replaceAll(url, '').replace(/(^[\s;,]+|[\s;,]+$)/g, '');
}

/** Guests outside TrueConf read the link where Outlook shows it; a place that leaves no room for it stays whole. */
function withLink(location: string | undefined, url: string): string {
  const text = location?.trim() ? `${location.trim()}; ${url}` : url;
  return text.length <= MAX_LOCATION_CHARACTERS ? text : (location ?? '');
}

/** The event as clients will see it from now on: the mailbox is looked at until the written item shows. */
async function seen(
  calendar: OpenCalendar,
  item: FolderItem,
  eventId: string | undefined,
  context: WritingContext,
): Promise<EventDetails> {
  for (let look = 0; look < MAX_LOOKS_AFTER_WRITE; look += 1) {
    await context.lookNow(calendar.mailbox);
    const stored = await findWritten(calendar, item, context);
    if (stored) {
      const show = (id: string) => context.presenter.details(stored, calendar.calendarId, id, calendar.kind);
      // The occurrence that was named may be none of the series any more, or the series no series.
      const event = (eventId === undefined ? undefined : show(eventId)) ?? show(stored.eventId);
      if (event) return event;
    }
    await context.wait(LOOK_PAUSE_MS);
  }
  throw new Refusal('providerUnavailable', 'the change was written to Exchange and will appear shortly', 1_000, true);
}

async function findWritten(
  calendar: OpenCalendar,
  item: FolderItem,
  context: WritingContext,
): Promise<StoredItem | undefined> {
  const from: Instant = item.start - 1;
  const { items } = await context.store.listItemsInWindow(calendar.mailbox, from, Math.max(item.end, item.start + 1));
  const same = items.filter((stored) => stored.item.uid === item.uid || stored.item.itemId === item.itemId);
  return (
    same.find((stored) => stored.item.itemId === item.itemId && stored.item.changeKey === item.changeKey) ??
    same.find((stored) => stored.item.itemId === item.itemId)
  );
}

async function seenAnswered(
  calendar: OpenCalendar,
  before: StoredItem,
  eventId: string,
  response: 'accepted' | 'tentative' | 'declined',
  context: WritingContext,
): Promise<EventDetails> {
  await context.lookNow(calendar.mailbox);
  const stored = (await context.store.findItem(calendar.mailbox, before.eventId)) ?? before;
  const event =
    context.presenter.details(stored, calendar.calendarId, eventId, calendar.kind) ??
    context.presenter.details(before, calendar.calendarId, eventId, calendar.kind);
  if (!event) throw new Refusal('notFound', 'the answer was sent; the event is not in the calendar any more', 0, true);
  return { ...event, myResponse: response };
}
