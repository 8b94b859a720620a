/**
 * The join link a client's wish for a conference puts into an event, or takes out of it again (contract §5
 * `createEvent`, `updateEvent`; feature D4). Planning makes the conference behind the link, once.
 */
import type { ItemMarker } from '@calendar-connector/calendar-model';
import { type ClientRequest, MAX_LOCATION_CHARACTERS } from '@calendar-connector/client-protocol';
import {
  type ConferenceBinding,
  conferenceWish,
  type EventDraft,
  type EventPatch,
  type StoredItem,
} from '@calendar-connector/sync-core';
import type { KeyedWrite } from './once-per-key.ts';
import { Refusal } from './refusal.ts';

/** Join link and marker for a conference that a user of a server asked for; undefined when it makes none. */
export type ConferenceLinks = (
  write: Pick<KeyedWrite, 'mailbox' | 'key'>,
  conference: NonNullable<EventDraft['conference']>,
) => { readonly url: string; readonly marker: ItemMarker } | undefined;

/** The draft with the link of the conference it asks for. */
export function linkedDraft(
  draft: EventDraft,
  write: Pick<KeyedWrite, 'mailbox' | 'key'>,
  links: ConferenceLinks,
): EventDraft {
  if (!draft.conference) return draft;
  const { url, marker } = newLink(write, draft.conference, links);
  return { ...draft, marker, location: withLink(draft.location, url) };
}

/** A conference asked for later is named like one asked for at once; `null` takes the link away, and planning the conference. */
export function conferenceChange(
  request: ClientRequest<'updateEvent'>,
  stored: StoredItem,
  links: ConferenceLinks,
): Pick<EventPatch, 'marker' | 'location' | 'ifLocation'> {
  const { conference, location: place } = request.changes;
  const { item, mailbox } = stored;
  const has = conferenceOf(stored);
  const location = place ?? item.location;
  // Made from what we know: whoever changed the place meanwhile does not lose it.
  const from = place === undefined ? { ifLocation: item.location } : {};
  if (conference === null) {
    if (has && item.body?.content.includes(has.url))
      throw new Refusal('invalidRequest', 'the join link stands in the text of the event; remove it there');
    const left = has ? withoutLink(location, has.url) : location;
    return { marker: { ...item.marker, conferenceUrl: '' }, location: left, ...from };
  }
  if (conference && has) requireSame(conference, has);
  if (has) return place === undefined ? {} : keptLink(item, place, has.url);
  if (!conference) return {};
  const { url, marker } = newLink({ mailbox, key: request.idempotencyKey }, conference, links);
  return { marker: { ...item.marker, ...marker }, location: withLink(location, url), ...from };
}

/** The conference of an event: on its server, or asked for and about to be made there. */
function conferenceOf({ item, binding }: StoredItem): Pick<ConferenceBinding, 'url' | 'mode' | 'access'> | undefined {
  if (binding) return binding.removed ? undefined : binding;
  const url = markedLink(item);
  const isAsked = url !== undefined && item.location.includes(url);
  return isAsked ? { url, ...conferenceWish(item.marker.conferenceUrl ?? '') } : undefined;
}

/** The link proper that our marker holds. */
function markedLink({ marker }: StoredItem['item']): string | undefined {
  return marker.conferenceUrl?.split('?', 1)[0] || undefined;
}

/** A new place does not take the link away that guests outside TrueConf join by: the conference stays, so does it. */
function keptLink(item: StoredItem['item'], place: string, url: string): Pick<EventPatch, 'location'> {
  const isOurs = markedLink(item) === url && item.location.includes(url);
  return isOurs && !place.includes(url) ? { location: withLink(place, url) } : {};
}

/** A conference that is there takes its mode and access from its server: another one must not be promised here. */
function requireSame(
  { mode, access }: NonNullable<EventDraft['conference']>,
  has: Pick<ConferenceBinding, 'mode' | 'access'>,
): void {
  const isSame = (has.mode ?? mode) === mode && (has.access ?? access) === access;
  if (isSame) return;
  throw new Refusal(
    'invalidRequest',
    'changes.conference: the event has a conference already; its mode and access are changed on its TrueConf Server',
  );
}

function newLink(
  write: Pick<KeyedWrite, 'mailbox' | 'key'>,
  conference: NonNullable<EventDraft['conference']>,
  links: ConferenceLinks,
): { readonly url: string; readonly marker: ItemMarker } {
  const link = links(write, conference);
  if (link) return link;
  throw new Refusal('invalidRequest', 'no TrueConf Server is configured to make conferences');
}

function withoutLink(location: string, url: string): string {
  return location.replaceAll(url, '').replace(/(^[\s;,]+|[\s;,]+$)/g, '');
}

/** Guests outside TrueConf read the link where Outlook shows it; a place that leaves no room for it stays whole. */
function withLink(location: string | undefined, url: string): string {
  const text = location?.trim() ? `${location.trim()}; ${url}` : url;
  return text.length <= MAX_LOCATION_CHARACTERS ? text : (location ?? '');
}
