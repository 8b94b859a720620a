/**
 * One event as a client sees it, in the shapes of contract §5. sync-core may not import the wire's schemas: the shapes
 * match by structure and a test of the daemon checks it. Private events are masked here and nowhere else (I10, C13).
 */
import type {
  Attendee,
  CalendarItem,
  ConferenceAccess,
  ConferenceMode,
  FolderItem,
  ItemBody,
  Recurrence,
  ResponseStatus,
} from '@calendar-connector/calendar-model';
import { recognizeConferenceLink } from '../links/recognize.ts';
import type { AccessLevel, Language, ServerSettings } from '../model/settings.ts';
import type { StoredItem } from '../ports/sync-store.ts';
import { itemZone } from '../view/series.ts';
import { CANCELLED_PREFIX, cancelledTitle } from './cancelled-title.ts';
import { allDayDates, dateTimeIn } from './event-time.ts';

/** Who looks at a calendar: private events are masked for all but the owner. */
export type ViewerKind = 'owner' | 'delegate' | 'other';

/** Who looks, and what the administrator allows them to see. */
export interface ViewOptions {
  readonly viewer: ViewerKind;
  readonly calendarId: string;
  readonly privacy: 'masked' | 'hidden' | 'shown';
  readonly access: AccessLevel;
  readonly language: Language;
  readonly servers: readonly ServerSettings[];
  /** default by language */
  readonly cancelledPrefix?: string;
  /** occurrences of series are shown inside this span only (`cache.backward`, `cache.forward`) */
  readonly recurringWindow?: { readonly from: number; readonly to: number };
}

/** Contract §5 `EventSummary`. */
export interface ProjectedEvent {
  readonly id: string;
  readonly calendarId: string;
  readonly uid: string;
  readonly kind: 'single' | 'occurrence' | 'exception';
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  readonly timeZone: string;
  readonly location: string;
  readonly isCancelled: boolean;
  readonly indicator: 'grey' | 'teal';
  readonly joinUrl?: string;
  readonly conference?: {
    readonly id: string;
    readonly mode: ConferenceMode;
    readonly access: ConferenceAccess;
    readonly state: 'running' | 'stopped';
  };
  readonly myResponse: ResponseStatus;
  readonly isPrivate: boolean;
}

/** A person on the card of an event. */
export interface ProjectedAttendee {
  readonly name: string;
  readonly email?: string;
  readonly role: 'organizer' | 'required' | 'optional' | 'resource';
  readonly response: Attendee['response'];
}

/** Contract §5: the summary and what the card shows besides. The body is as Exchange has it: the caller sanitises HTML. */
export interface ProjectedDetail extends ProjectedEvent {
  readonly body?: ItemBody;
  readonly attendees: readonly ProjectedAttendee[];
  readonly recurrence?: Recurrence;
  readonly organizer?: { readonly name: string; readonly email?: string };
}

/** One event in time: the item that describes it, and where it stands. */
export interface EventInTime {
  readonly id: string;
  readonly kind: ProjectedEvent['kind'];
  readonly item: CalendarItem;
  readonly start: number;
  readonly end: number;
  /** the item's own dates hold for it */
  readonly ownSpan: boolean;
}

/** How much of an item a viewer may see. */
export type Disclosure = 'full' | 'private' | 'busy' | 'nothing';

export function disclosureOf(item: Pick<CalendarItem, 'sensitivity'>, options: ViewOptions): Disclosure {
  if (options.access === 'freeBusy') return 'busy';
  const isPrivate = isPrivateItem(item);
  if (!isPrivate || options.viewer === 'owner' || options.privacy === 'shown') return 'full';
  return options.privacy === 'hidden' ? 'nothing' : 'private';
}

export function isPrivateItem({ sensitivity }: Pick<CalendarItem, 'sensitivity'>): boolean {
  return sensitivity === 'private' || sensitivity === 'confidential';
}

/** The summary of one event; undefined when the viewer may not know of it. */
export function projectEvent(stored: StoredItem, event: EventInTime, options: ViewOptions): ProjectedEvent | undefined {
  const { item } = event;
  const disclosure = strictest(disclosureOf(item, options), disclosureOf(stored.item, options));
  if (disclosure === 'nothing') return undefined;
  const zone = itemZone(item.startTimeZone ? item : stored.item);
  const dates = item.allDay ? allDayDates(item, event, zone, event.ownSpan) : undefined;
  const shown = disclosure === 'full';
  return {
    id: event.id,
    calendarId: options.calendarId,
    uid: item.uid,
    kind: event.kind,
    title: titleOf(item, disclosure, options),
    start: dates?.start ?? dateTimeIn(zone, event.start),
    end: dates?.end ?? dateTimeIn(zone, Math.max(event.end, event.start)),
    allDay: item.allDay,
    timeZone: zoneName(item, stored.item),
    location: shown ? item.location : '',
    isCancelled: item.isCancelled,
    ...(shown ? joinFields(stored, item, options) : { indicator: 'grey' as const }),
    myResponse: item.isOrganizer ? 'organizer' : item.myResponse,
    isPrivate: isPrivateItem(item) || isPrivateItem(stored.item),
  };
}

const ORDER: Readonly<Record<Disclosure, number>> = { full: 0, private: 1, busy: 2, nothing: 3 };

/** An exception of a private series is private, and a private exception of an open series as well. */
export function strictest(a: Disclosure, b: Disclosure): Disclosure {
  return ORDER[a] >= ORDER[b] ? a : b;
}

const MASKED_TITLE = {
  private: { ru: 'Закрытая встреча', en: 'Private meeting' },
  busy: { ru: 'Занято', en: 'Busy' },
} as const;

function titleOf(item: CalendarItem, disclosure: Disclosure, options: ViewOptions): string {
  const masked = disclosure === 'private' || disclosure === 'busy' ? MASKED_TITLE[disclosure] : undefined;
  const title = masked ? masked[options.language] : item.subject;
  const prefix = options.cancelledPrefix ?? CANCELLED_PREFIX[options.language];
  return item.isCancelled ? cancelledTitle(title, prefix) : title;
}

function zoneName(item: CalendarItem, master: FolderItem): string {
  return item.startTimeZone?.id || master.startTimeZone?.id || 'UTC';
}

type JoinFields = Pick<ProjectedEvent, 'indicator' | 'joinUrl' | 'conference'>;

/** Teal: a conference of a whitelisted server. Another vendor's link is offered for joining and stays grey. */
function joinFields(stored: StoredItem, item: CalendarItem, options: ViewOptions): JoinFields {
  const { binding } = stored;
  if (item.isCancelled || binding?.removed) return { indicator: 'grey' };
  const found = binding && item === stored.item ? undefined : recognizeConferenceLink(item, options.servers);
  const own = found?.conference;
  if (own && own.conferenceId !== binding?.conferenceId) return { indicator: 'teal', joinUrl: own.url };
  if (binding) {
    const mode = modeOf(binding.mode);
    const access = accessOf(binding.access);
    const id = binding.conferenceId;
    const conference = mode && access ? { conference: { id, mode, access, state: binding.state } } : {};
    return { indicator: 'teal', joinUrl: binding.url, ...conference };
  }
  return found?.other ? { indicator: 'grey', joinUrl: found.other.url } : { indicator: 'grey' };
}

const MODES: ReadonlySet<string> = new Set<ConferenceMode>([
  'smartMeeting',
  'moderated',
  'allOnScreen',
  'videoLecture',
]);

function accessOf(access: string | undefined): ConferenceAccess | undefined {
  return access === 'public' || access === 'private' ? access : undefined;
}

function modeOf(mode: string | undefined): ConferenceMode | undefined {
  return mode !== undefined && MODES.has(mode) ? (mode as ConferenceMode) : undefined;
}
