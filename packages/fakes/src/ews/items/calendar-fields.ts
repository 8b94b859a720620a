/** Properties of calendar items, in the order of the schema (types.xsd CalendarItemType). */
import type { Instant, TimeZoneRef } from '@calendar-connector/calendar-model';
import { legacyDn } from '../../world/directory.ts';
import type { AttendeeEntry, CalendarContent } from '../../world/model.ts';
import { bareSeries, seriesOf, viewOf } from '../../world/series.ts';
import { DAY_MS, offsetMs, zoneOf } from '../../world/zones.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { offsetText, timeText } from '../wire/date-time.ts';
import { type Field, type FieldLevel, field, textField, type WriteContext, writeMailbox } from './field.ts';
import { writeRecurrence } from './recurrence-xml.ts';
import type { ShownItem } from './shown-item.ts';
import { writeDefinition } from './time-zone-xml.ts';
import { windowsDefinition } from './windows-rules.ts';
import { windowsZoneName } from './windows-zone-names.ts';

const CUSTOM_ID = 'tzone://Microsoft/Custom';

type Read<T> = (content: CalendarContent, item: ShownItem, context: WriteContext) => T | undefined;

const text = (uri: string, level: FieldLevel, read: Read<string | number | boolean>, inFind = true): Field =>
  textField(
    uri,
    level,
    (item, context) => (item.calendar === undefined ? undefined : read(item.calendar, item, context)),
    inFind,
  );

const time = (uri: string, level: FieldLevel, read: Read<Instant>, inFind = true): Field =>
  text(
    uri,
    level,
    (content, item, context) => {
      const at = read(content, item, context);
      return at === undefined ? undefined : timeText(at, context.zone);
    },
    inFind,
  );

/** xs:duration of a span the way Exchange writes it. */
export function spanText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const hours = Math.floor((ms % DAY_MS) / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const clock = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}`;
  const date = days > 0 ? `${days}D` : '';
  return date === '' && clock === '' ? 'PT0S' : `P${date}${clock === '' ? '' : `T${clock}`}`;
}

function attendees(role: AttendeeEntry['role'], element: string): Field {
  return field(`calendar:${element}`, 'all', false, (out, item, context) => {
    if (context.isMasked) return;
    const own = (item.calendar?.attendees ?? []).filter((attendee) => attendee.role === role);
    const list =
      role === 'required' && context.tweak?.extraAttendees !== undefined
        ? [...own, ...crowd(context.tweak.extraAttendees)]
        : own;
    if (list.length === 0) return;
    out.open(`t:${element}`);
    for (const attendee of list) writeAttendee(out, item, attendee, context);
    out.close();
  });
}

function crowd(amount: number): AttendeeEntry[] {
  return Array.from({ length: amount }, (_, index) => ({
    name: `Guest ${index + 1}`,
    address: `guest${index + 1}@outside.example`,
    role: 'required' as const,
    response: 'Unknown' as const,
  }));
}

function writeAttendee(out: XmlWriter, item: ShownItem, attendee: AttendeeEntry, context: WriteContext): void {
  out.open('t:Attendee');
  const isLegacy = context.tweak?.legacyAddresses === true;
  writeMailbox(out, isLegacy ? { ...attendee, address: legacyDn(attendee.address), routingType: 'EX' } : attendee);
  out.element('t:ResponseType', item.isOrganizer ? attendee.response : 'Unknown');
  if (item.isOrganizer && attendee.lastResponse !== undefined) {
    out.element('t:LastResponseTime', timeText(attendee.lastResponse, context.zone));
    if (attendee.proposedStart !== undefined)
      out.element('t:ProposedStart', timeText(attendee.proposedStart, context.zone));
    if (attendee.proposedEnd !== undefined) out.element('t:ProposedEnd', timeText(attendee.proposedEnd, context.zone));
  }
  out.close();
}

function writeOrganizer(out: XmlWriter, item: ShownItem, context: WriteContext): void {
  const organizer = item.calendar?.organizer;
  if (organizer === undefined) return;
  out.open('t:Organizer');
  const isLegacy = context.tweak?.legacyAddresses === true;
  writeMailbox(out, isLegacy ? { ...organizer, address: legacyDn(organizer.address), routingType: 'EX' } : organizer);
  out.close();
}

// series

function writeSeriesRecurrence(out: XmlWriter, item: ShownItem): void {
  const { series, calendar } = item;
  if (series === undefined || calendar === undefined) return;
  const zone = zoneOf(calendar.startZone);
  writeRecurrence(out, series.recurrence, (date) => {
    const offset = offsetMs(zone, Date.parse(`${date}T12:00:00Z`));
    return offset === 0 ? 'Z' : offsetText(offset);
  });
}

function writeOccurrenceInfo(
  out: XmlWriter,
  element: string,
  item: ShownItem,
  originalStart: Instant,
  context: WriteContext,
): void {
  if (item.record.kind !== 'calendar') return;
  const view = viewOf(item.record, originalStart);
  out.open(element);
  out.element('t:ItemId', undefined, { Id: item.occurrenceId(view.date), ChangeKey: item.changeKey });
  out.element('t:Start', timeText(view.content.start, context.zone));
  out.element('t:End', timeText(view.content.end, context.zone));
  out.element('t:OriginalStart', timeText(originalStart, context.zone));
  out.close();
}

/** First or last occurrence that still exists. */
function edgeField(uri: string, pick: 'first' | 'last'): Field {
  return field(uri, 'all', false, (out, item, context) => {
    if (item.series === undefined || item.record.kind !== 'calendar') return;
    const found =
      pick === 'first' ? seriesOf(item.record).first() : bareSeries(item.record).last() && seriesOf(item.record).last();
    if (found === undefined) return;
    writeOccurrenceInfo(out, `t:${uri.slice(9)}`, item, found.originalStart, context);
  });
}

function writeModified(out: XmlWriter, item: ShownItem, context: WriteContext): void {
  const exceptions =
    item.record.kind === 'calendar'
      ? (item.series?.exceptions ?? new Map<Instant, unknown>())
      : new Map<Instant, unknown>();
  if (exceptions.size === 0) return;
  out.open('t:ModifiedOccurrences');
  for (const original of [...exceptions.keys()].sort((a, b) => a - b))
    writeOccurrenceInfo(out, 't:Occurrence', item, original, context);
  out.close();
}

function writeDeleted(out: XmlWriter, item: ShownItem, context: WriteContext): void {
  const deleted = item.series?.deleted;
  if (deleted === undefined || deleted.size === 0) return;
  out.open('t:DeletedOccurrences');
  for (const original of [...deleted].sort((a, b) => a - b)) {
    out.open('t:DeletedOccurrence').element('t:Start', timeText(original, context.zone)).close();
  }
  out.close();
}

// zones

/** The zone an answer shows; a fault may hide or twist it. */
function shownZone(ref: TimeZoneRef, context: WriteContext): TimeZoneRef {
  switch (context.tweak?.timeZone) {
    case 'empty':
      return { id: '' };
    case 'iana':
      return { id: 'Europe/Moscow' };
    case 'custom': {
      const definition = windowsDefinition(ref.id);
      return definition === undefined
        ? ref
        : { id: CUSTOM_ID, definition: { ...definition, id: CUSTOM_ID, name: 'Customized Time Zone' } };
    }
    default:
      return ref;
  }
}

function zoneField(uri: string, read: (content: CalendarContent) => TimeZoneRef): Field {
  const element = `t:${uri.slice(9)}`;
  return field(uri, 'all', true, (out, item, context) => {
    if (item.calendar === undefined) return;
    const ref = shownZone(read(item.calendar), context);
    const definition = ref.definition ?? windowsDefinition(ref.id);
    if (definition === undefined || ref.id === '' || context.tweak?.timeZone === 'iana')
      out.element(element, undefined, { Name: ref.id, Id: ref.id });
    else writeDefinition(out, element, definition);
  });
}

function writeEnhancedLocation(out: XmlWriter, item: ShownItem): void {
  const location = item.calendar?.location ?? '';
  if (location === '') return;
  out.open('t:EnhancedLocation').element('t:DisplayName', location).element('t:Annotation');
  out.open('t:PostalAddress').element('t:Type', 'Business').element('t:LocationSource', 'None').close();
  out.close();
}

function wallClock(at: Instant, zone: TimeZoneRef): string {
  const offset = offsetMs(zoneOf(zone), at);
  return new Date(at + offset).toISOString().slice(0, 19) + (offset === 0 ? 'Z' : offsetText(offset));
}

const hidden = (context: WriteContext, value: string): string | undefined =>
  context.isMasked ? undefined : value || undefined;
const isRecurring = (item: ShownItem): boolean =>
  item.occurrence !== undefined || (item.record.kind === 'calendar' && item.record.orphanOf !== undefined);

export const UID = text('calendar:UID', 'all', (_content, item, context) => context.tweak?.uid ?? item.uid);
export const RECURRENCE_ID = time('calendar:RecurrenceId', 'all', (_content, item) => item.originalStart);
export const DATE_TIME_STAMP = time('calendar:DateTimeStamp', 'all', (_content, item) => item.record.modified);
export const START = time('calendar:Start', 'default', (content) => content.start);
export const END = time('calendar:End', 'default', (content) => content.end);
export const LOCATION = text('calendar:Location', 'default', (content, _item, context) =>
  hidden(context, content.location),
);
export const RECURRENCE = field('calendar:Recurrence', 'all', false, writeSeriesRecurrence);
export const ITEM_TYPE = text('calendar:CalendarItemType', 'default', (_content, item) => item.type);
export const ENHANCED_LOCATION = field('calendar:EnhancedLocation', 'all', true, writeEnhancedLocation);
export const INTENDED_FREE_BUSY = text(
  'calendar:IntendedFreeBusyStatus',
  'asked',
  (content) => content.intendedFreeBusy,
);

/** From OriginalStart to MeetingRequestWasSent: the same order in items and requests. */
export const TIMES_TO_SENT: readonly Field[] = [
  time('calendar:OriginalStart', 'all', (_content, item) => item.originalStart),
  text('calendar:IsAllDayEvent', 'all', (content) => content.allDay),
  text('calendar:LegacyFreeBusyStatus', 'default', (content) => content.freeBusy),
  LOCATION,
  text('calendar:When', 'asked', (content) => `${new Date(content.start).toUTCString()}`),
  text('calendar:IsMeeting', 'all', (content) => (content.state & 1) !== 0),
  text('calendar:IsCancelled', 'all', (content) => (content.state & 4) !== 0),
  text('calendar:IsRecurring', 'all', (_content, item) => isRecurring(item)),
  text('calendar:MeetingRequestWasSent', 'all', (content) => content.requestSent),
];

/** From MyResponseType to EnhancedLocation: the same order in items and requests. */
export const RESPONSE_TO_LOCATION: readonly Field[] = [
  text('calendar:MyResponseType', 'default', (content) =>
    (content.state & 1) === 0 && content.myResponse === 'Organizer' ? 'Organizer' : content.myResponse,
  ),
  field('calendar:Organizer', 'default', true, writeOrganizer),
  attendees('required', 'RequiredAttendees'),
  attendees('optional', 'OptionalAttendees'),
  attendees('resource', 'Resources'),
  text('calendar:ConflictingMeetingCount', 'asked', () => 0, false),
  text('calendar:AdjacentMeetingCount', 'asked', () => 0, false),
  text('calendar:Duration', 'all', (content) => spanText(content.end - content.start)),
  text('calendar:TimeZone', 'all', (content, item) =>
    item.series === undefined ? undefined : windowsZoneName(content.startZone.id),
  ),
  time('calendar:AppointmentReplyTime', 'all', (content) => content.replyTime),
  text('calendar:AppointmentSequenceNumber', 'all', (content) => content.sequence),
  text('calendar:AppointmentState', 'all', (content) => content.state),
  RECURRENCE,
  edgeField('calendar:FirstOccurrence', 'first'),
  edgeField('calendar:LastOccurrence', 'last'),
  field('calendar:ModifiedOccurrences', 'all', false, writeModified),
  field('calendar:DeletedOccurrences', 'all', false, writeDeleted),
  zoneField('calendar:StartTimeZone', (content) => content.startZone),
  zoneField('calendar:EndTimeZone', (content) => content.endZone),
  text('calendar:ConferenceType', 'asked', () => 0),
  text('calendar:AllowNewTimeProposal', 'all', (content) => content.allowNewTime),
  text('calendar:IsOnlineMeeting', 'all', (content) => content.joinUrl !== undefined),
];

export const WALL_CLOCK: readonly Field[] = [
  text('calendar:StartWallClock', 'asked', (content) => wallClock(content.start, content.startZone)),
  text('calendar:EndWallClock', 'asked', (content) => wallClock(content.end, content.endZone)),
  text(
    'calendar:StartTimeZoneId',
    'asked',
    (content, _item, context) => shownZone(content.startZone, context).id || undefined,
  ),
  text(
    'calendar:EndTimeZoneId',
    'asked',
    (content, _item, context) => shownZone(content.endZone, context).id || undefined,
  ),
];

export const CALENDAR_FIELDS: readonly Field[] = [
  UID,
  RECURRENCE_ID,
  DATE_TIME_STAMP,
  START,
  END,
  ...TIMES_TO_SENT,
  text('calendar:IsResponseRequested', 'all', (content) => content.responseRequested),
  ITEM_TYPE,
  ...RESPONSE_TO_LOCATION,
  opaqueField('MeetingWorkspaceUrl'),
  opaqueField('NetShowUrl'),
  ENHANCED_LOCATION,
  ...WALL_CLOCK,
  INTENDED_FREE_BUSY,
  text('calendar:JoinOnlineMeetingUrl', 'asked', (content) => content.joinUrl),
  text('calendar:IsOrganizer', 'asked', (_content, item) => item.isOrganizer),
  text('calendar:DoNotForwardMeeting', 'asked', () => false),
];

/** A text the world keeps without understanding it. */
function opaqueField(element: string): Field {
  return text(`calendar:${element}`, 'all', (content) => content.opaque.get(element)?.text || undefined);
}
