/**
 * SetItemField, AppendToItemField and DeleteItemField of an UpdateItem, turned into one patch. One property per element, as
 * Exchange wants it (facts "Writes").
 */

import type { AttendeeRole, CalendarContent, CalendarPatch, ExtendedEntry } from '../../world/model.ts';
import { findZone, toInstant, toLocal } from '../../world/zones.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import { XmlElement as Element } from '../../xml/xml-element.ts';
import type { RequestContext } from '../request-context.ts';
import { EwsError } from '../wire/ews-error.ts';
import { TYPES_NS } from '../wire/names.ts';
import { readExtendedPath } from './extended-properties.ts';
import { applyElement, readTimes } from './read-calendar-item.ts';
import { pathKey } from './response-shape.ts';

type PatchBuilder = { -readonly [K in keyof CalendarPatch]: CalendarPatch[K] };

const READ_ONLY = new Set([
  'calendar:ModifiedOccurrences',
  'calendar:DeletedOccurrences',
  'calendar:FirstOccurrence',
  'calendar:LastOccurrence',
  'calendar:IsCancelled',
  'calendar:IsRecurring',
  'calendar:CalendarItemType',
  'calendar:MyResponseType',
  'calendar:Organizer',
  'calendar:AppointmentState',
  'calendar:AppointmentSequenceNumber',
  'calendar:IsMeeting',
  'calendar:MeetingRequestWasSent',
  'calendar:OriginalStart',
  'calendar:AppointmentReplyTime',
  'calendar:RecurrenceId',
  'calendar:DateTimeStamp',
  'calendar:IsOrganizer',
  'calendar:Duration',
  'item:ItemId',
  'item:ParentFolderId',
  'item:DateTimeReceived',
  'item:Size',
  'item:DateTimeSent',
  'item:DateTimeCreated',
  'item:LastModifiedTime',
  'item:LastModifiedName',
  'item:HasAttachments',
  'item:DisplayTo',
  'item:DisplayCc',
  'item:EffectiveRights',
  'item:ConversationId',
  'item:UniqueBody',
  'item:ResponseObjects',
  'item:TextBody',
]);
const TIME_FIELDS = new Set([
  'calendar:Start',
  'calendar:End',
  'calendar:StartTimeZone',
  'calendar:EndTimeZone',
  'calendar:MeetingTimeZone',
  'calendar:StartTimeZoneId',
  'calendar:EndTimeZoneId',
]);

/** Reads `t:Updates` for a calendar item. */
export function readCalendarUpdates(
  context: RequestContext,
  updates: XmlElement,
  base: CalendarContent,
): CalendarPatch {
  const patch: PatchBuilder = {};
  const times = new Element('CalendarItem', TYPES_NS, {}, updates.line, updates.column);
  for (const update of updates.children) {
    const [path, holder] = update.children;
    if (path === undefined) continue;
    if (update.name === 'DeleteItemField') removeField(path, patch, base);
    else if (update.name === 'AppendToItemField') append(path, holder, patch, base);
    else setField(context, path, holder, patch, base, times);
  }
  if (times.children.length > 0) applyTimes(context, times, patch, base);
  return patch;
}

function setField(
  context: RequestContext,
  path: XmlElement,
  holder: XmlElement | undefined,
  patch: PatchBuilder,
  base: CalendarContent,
  times: XmlElement,
): void {
  const [value, more] = holder?.children ?? [];
  if (value === undefined || more !== undefined) {
    throw new EwsError(
      'ErrorIncorrectUpdatePropertyCount',
      'An object within a change description must contain one and only one property to modify.',
    );
  }
  if (path.name === 'ExtendedFieldURI') {
    const inner = value.child('ExtendedFieldURI');
    if (
      value.name !== 'ExtendedProperty' ||
      inner === undefined ||
      readExtendedPath(inner).key !== readExtendedPath(path).key
    )
      throw mismatch();
    applyElement(context, value, patch, base);
    return;
  }
  const uri = pathKey(path);
  if (READ_ONLY.has(uri))
    throw new EwsError('ErrorInvalidPropertySet', 'Set action is invalid for property.', { field: uri });
  if (uri.slice(uri.indexOf(':') + 1) !== value.name) throw mismatch();
  if (TIME_FIELDS.has(uri)) times.children.push(value);
  else applyElement(context, value, patch, base);
}

function mismatch(): EwsError {
  return new EwsError('ErrorUpdatePropertyMismatch', 'The property does not match the path in the change description.');
}

function applyTimes(context: RequestContext, times: XmlElement, patch: PatchBuilder, base: CalendarContent): void {
  readTimes(context, times, patch, base);
  const onlyZone = times.child('Start') === undefined && patch.startZone !== undefined;
  // another zone alone keeps the wall time
  if (onlyZone) patch.start = rezoned(base.start, base.startZone, patch.startZone as CalendarContent['startZone']);
  if (onlyZone && times.child('End') === undefined) {
    patch.end = rezoned(base.end, base.startZone, patch.startZone as CalendarContent['startZone']);
    patch.endZone ??= patch.startZone as CalendarContent['endZone'];
  }
  // moving the start alone moves the end along
  if (
    times.child('Start') !== undefined &&
    times.child('End') === undefined &&
    patch.start !== undefined &&
    patch.start > base.end
  ) {
    throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate', 'EndDate is earlier than StartDate');
  }
}

function rezoned(at: number, from: CalendarContent['startZone'], to: CalendarContent['startZone']): number {
  const source = findZone(from);
  const target = findZone(to);
  if (source === undefined || target === undefined) return at;
  const wall = toLocal(source, at);
  return toInstant(target, wall.date, wall.timeMs);
}

const ROLES: Readonly<Record<string, AttendeeRole>> = {
  'calendar:RequiredAttendees': 'required',
  'calendar:OptionalAttendees': 'optional',
  'calendar:Resources': 'resource',
};

function removeField(path: XmlElement, patch: PatchBuilder, base: CalendarContent): void {
  if (path.name === 'ExtendedFieldURI') {
    const extended = new Map<string, ExtendedEntry>(patch.extended ?? base.extended);
    extended.delete(readExtendedPath(path).key);
    patch.extended = extended;
    return;
  }
  const uri = pathKey(path);
  const role = ROLES[uri];
  if (role !== undefined) {
    patch.attendees = (patch.attendees ?? base.attendees).filter((attendee) => attendee.role !== role);
    return;
  }
  const element = uri.slice(uri.indexOf(':') + 1);
  switch (uri) {
    case 'item:Subject':
      patch.subject = '';
      return;
    case 'item:Body':
      patch.body = { type: 'HTML', content: '' };
      return;
    case 'item:Categories':
      patch.categories = [];
      return;
    case 'calendar:Location':
    case 'calendar:EnhancedLocation':
      patch.location = '';
      return;
    case 'calendar:Recurrence':
      patch.recurrence = null;
      return;
    case 'item:ReminderIsSet':
      patch.reminderSet = false;
      return;
    case 'calendar:Start':
    case 'calendar:End':
    case 'calendar:IsAllDayEvent':
      throw new EwsError('ErrorInvalidPropertyDelete', 'Delete action is not supported for this property.', {
        field: uri,
      });
    default: {
      if (READ_ONLY.has(uri))
        throw new EwsError('ErrorInvalidPropertyDelete', 'Delete action is not supported for this property.', {
          field: uri,
        });
      const opaque = new Map(patch.opaque ?? base.opaque);
      if (opaque.delete(element)) patch.opaque = opaque;
    }
  }
}

function append(path: XmlElement, holder: XmlElement | undefined, patch: PatchBuilder, base: CalendarContent): void {
  const uri = pathKey(path);
  const value = holder?.children[0];
  if (value === undefined) throw mismatch();
  const attendeeRole = ROLES[uri];
  if (uri === 'item:Body') {
    const body = patch.body ?? base.body;
    patch.body = { type: body.type, content: body.content + value.text };
  } else if (attendeeRole !== undefined) {
    const known = patch.attendees ?? base.attendees;
    const fresh = value.all('Attendee').map((entry) => ({
      name: entry.at('Mailbox')?.childText('Name') ?? entry.at('Mailbox')?.childText('EmailAddress') ?? '',
      address: entry.at('Mailbox')?.childText('EmailAddress') ?? '',
      role: attendeeRole,
      response: 'Unknown' as const,
    }));
    patch.attendees = [
      ...known,
      ...fresh.filter((entry) => !known.some((old) => old.address.toLowerCase() === entry.address.toLowerCase())),
    ];
  } else {
    throw new EwsError('ErrorInvalidPropertyAppend', 'Append action is not supported for this property.', {
      field: uri,
    });
  }
}
