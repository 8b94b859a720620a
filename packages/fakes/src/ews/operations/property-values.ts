/** Values of properties for filters, sort orders and groups: text, number or nothing. */

import type { XmlElement } from '../../xml/xml-element.ts';
import { extendedValue, readExtendedPath } from '../items/extended-properties.ts';
import { entryText, readIndexedPath } from '../items/indexed-entries.ts';
import { pathKey } from '../items/response-shape.ts';
import type { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { isTrue } from '../wire/booleans.ts';
import { readTime } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';

export type PropertyValue = string | number | boolean | readonly string[] | undefined;

const READERS: Readonly<Record<string, (item: ShownItem) => PropertyValue>> = {
  'item:ItemId': (item) => item.id,
  'item:ItemClass': (item) => item.record.itemClass,
  'item:Subject': (item) => item.content.subject,
  'item:Sensitivity': (item) => item.content.sensitivity,
  'item:Body': (item) => item.content.body.content,
  'item:Categories': (item) => item.content.categories,
  'item:Importance': (item) => item.content.importance,
  'item:Size': (item) => item.size(),
  'item:HasAttachments': (item) => item.content.attachments.length > 0,
  'item:DateTimeReceived': (item) => item.record.received,
  'item:DateTimeCreated': (item) => item.record.created,
  'item:DateTimeSent': (item) => item.record.created,
  'item:LastModifiedTime': (item) => item.record.modified,
  'item:LastModifiedName': (item) => item.record.modifiedBy,
  'item:ReminderIsSet': (item) => item.content.reminderSet,
  'item:ReminderMinutesBeforeStart': (item) => item.content.reminderMinutes,
  'item:IsAssociated': (item) => item.record.isAssociated,
  'item:IsDraft': (item) => item.record.isDraft,
  'item:DisplayTo': (item) => item.calendar?.attendees.map((attendee) => attendee.name).join('; '),
  'calendar:Start': (item) => item.calendar?.start,
  'calendar:End': (item) => item.calendar?.end,
  'calendar:Location': (item) => item.calendar?.location,
  'calendar:IsAllDayEvent': (item) => item.calendar?.allDay,
  'calendar:LegacyFreeBusyStatus': (item) => item.calendar?.freeBusy,
  'calendar:IsMeeting': (item) => item.calendar && (item.calendar.state & 1) !== 0,
  'calendar:IsCancelled': (item) => item.calendar && (item.calendar.state & 4) !== 0,
  'calendar:IsRecurring': (item) => item.occurrence !== undefined,
  'calendar:CalendarItemType': (item) => item.type,
  'calendar:MyResponseType': (item) => item.calendar?.myResponse,
  'calendar:Organizer': (item) => item.calendar?.organizer.name,
  'calendar:AppointmentState': (item) => item.calendar?.state,
  'calendar:AppointmentSequenceNumber': (item) => item.calendar?.sequence,
  'calendar:Duration': (item) => item.calendar && item.calendar.end - item.calendar.start,
  'message:IsRead': (item) => item.record.isRead,
  'message:From': (item) => item.meeting?.from.name,
  'message:InternetMessageId': (item) => `<${item.record.number}.${item.box.profile.guid}@example.test>`,
};

/** Properties Exchange does not search in (ErrorUnsupportedPathForQuery). */
const NOT_SEARCHABLE = new Set([
  'calendar:UID',
  'calendar:Recurrence',
  'calendar:RequiredAttendees',
  'calendar:OptionalAttendees',
  'calendar:Resources',
  'calendar:StartTimeZone',
  'calendar:EndTimeZone',
  'item:Attachments',
  'item:EffectiveRights',
  'item:ResponseObjects',
  'item:UniqueBody',
  'item:MimeContent',
]);

/** How to read the property a path names. */
export function readerFor(path: XmlElement): (item: ShownItem) => PropertyValue {
  if (path.name === 'ExtendedFieldURI') {
    const { key } = readExtendedPath(path);
    return (item) => extendedValue(key, item);
  }
  const uri = pathKey(path);
  if (NOT_SEARCHABLE.has(uri))
    throw new EwsError('ErrorUnsupportedPathForQuery', 'The property is not supported for a restriction.', {
      field: uri,
    });
  const indexed = readIndexedPath(uri);
  if (indexed !== undefined) return (item) => entryText(item.content.opaque.get(indexed.list), indexed);
  return READERS[uri] ?? ((item) => item.content.opaque.get(uri.slice(uri.indexOf(':') + 1))?.text);
}

/** A constant of a filter as the kind of value the property has. */
export function constantFor(context: RequestContext, text: string, sample: PropertyValue): PropertyValue {
  if (typeof sample === 'number') return /^\d{4}-\d{2}-\d{2}/.test(text) ? readTime(text, context.zone) : Number(text);
  if (typeof sample === 'boolean') return isTrue(text);
  return text;
}

/** -1, 0, 1; nothing sorts first. */
export function compareValues(left: PropertyValue, right: PropertyValue): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
  const a = Array.isArray(left) ? left.join(';') : left;
  const b = Array.isArray(right) ? right.join(';') : right;
  if (typeof a === 'string' && typeof b === 'string')
    return a.toLowerCase() < b.toLowerCase() ? -1 : a.toLowerCase() > b.toLowerCase() ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
