/**
 * Requests that read: folder, sync, items, views, names, zones, free/busy, delegates.
 */
import { MARKER } from '@calendar-connector/calendar-model';
import { type Facade, TYPES } from './facade.ts';
import { writeFieldUri } from './item-writers.ts';
import type { Writable } from './library.ts';
import type { WireRequest } from './request.ts';

/** Item fields besides the id that one GetItem asks for; the body only on demand. */
const ITEM_FIELDS = [
  'item:ItemClass',
  'item:Subject',
  'item:Sensitivity',
  'item:HasAttachments',
  'item:LastModifiedTime',
  'calendar:UID',
  'calendar:Start',
  'calendar:End',
  'calendar:OriginalStart',
  'calendar:IsAllDayEvent',
  'calendar:LegacyFreeBusyStatus',
  'calendar:Location',
  'calendar:IsMeeting',
  'calendar:IsCancelled',
  'calendar:CalendarItemType',
  'calendar:MyResponseType',
  'calendar:Organizer',
  'calendar:RequiredAttendees',
  'calendar:OptionalAttendees',
  'calendar:Resources',
  'calendar:AppointmentSequenceNumber',
  'calendar:AppointmentState',
  'calendar:Recurrence',
  'calendar:ModifiedOccurrences',
  'calendar:DeletedOccurrences',
  'calendar:StartTimeZone',
  'calendar:EndTimeZone',
  'calendar:StartTimeZoneId',
  'calendar:EndTimeZoneId',
  'calendar:RecurrenceId',
  'calendar:MeetingWorkspaceUrl',
  'calendar:NetShowUrl',
  'calendar:JoinOnlineMeetingUrl',
  'calendar:IsOrganizer',
] as const;

/** What FindItem can give of an occurrence in a calendar view (facts §1.3: no attendees, no recurrence). */
const VIEW_FIELDS = [
  'item:ItemClass',
  'item:Subject',
  'item:Sensitivity',
  'item:HasAttachments',
  'item:LastModifiedTime',
  'calendar:UID',
  'calendar:Start',
  'calendar:End',
  'calendar:IsAllDayEvent',
  'calendar:LegacyFreeBusyStatus',
  'calendar:Location',
  'calendar:IsMeeting',
  'calendar:IsCancelled',
  'calendar:CalendarItemType',
  'calendar:MyResponseType',
  'calendar:Organizer',
  'calendar:AppointmentState',
  'calendar:OriginalStart',
  'calendar:RecurrenceId',
] as const;

export const CLEAN_GLOBAL_OBJECT_ID = { set: 'Meeting', id: '35' } as const;

function fields(names: readonly string[]): Writable[] {
  return names.map((name) => ({ WriteToXml: (writer) => writeFieldUri(writer, name) }));
}

const CLEAN_ID_FIELD: Writable = {
  WriteToXml(writer) {
    writer.WriteStartElement(TYPES, 'ExtendedFieldURI');
    writer.WriteAttributeValue('DistinguishedPropertySetId', CLEAN_GLOBAL_OBJECT_ID.set);
    writer.WriteAttributeValue('PropertyId', CLEAN_GLOBAL_OBJECT_ID.id);
    writer.WriteAttributeValue('PropertyType', 'Binary');
    writer.WriteEndElement();
  },
};

const MARKER_FIELDS: readonly Writable[] = [
  MARKER.conferenceUrl,
  MARKER.writeKey,
  MARKER.mirrorOf,
  MARKER.instance,
].map((name) => ({ WriteToXml: (writer) => writeFieldUri(writer, { marker: name }) }));

export function getCalendarFolder(facade: Facade, mailbox: string): WireRequest {
  return facade.build('GetFolder', mailbox, (library, service) => {
    const request = new library.GetFolderRequest(service, library.ServiceErrorHandling.ReturnErrors);
    request.PropertySet = new library.PropertySet(
      library.BasePropertySet.IdOnly,
      fields(['folder:DisplayName', 'folder:FolderClass']),
    );
    request.FolderIds.Add(new library.FolderId(library.WellKnownFolderName.Calendar, new library.Mailbox(mailbox)));
    return request;
  });
}

export function syncFolderItems(
  facade: Facade,
  mailbox: string,
  folderId: string,
  syncState: string | undefined,
  maxChanges: number,
): WireRequest {
  return facade.build('SyncFolderItems', mailbox, (library, service) => {
    const request = new library.SyncFolderItemsRequest(service);
    request.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly, []);
    request.SyncFolderId = new library.FolderId(folderId);
    if (syncState !== undefined) request.SyncState = syncState;
    request.MaxChangesReturned = maxChanges;
    return request;
  });
}

export function getItems(
  facade: Facade,
  mailbox: string,
  ids: readonly string[],
  what: 'full' | 'withoutBody' | 'bodyOnly' | 'idOnly' = 'full',
): WireRequest {
  return facade.build('GetItem', mailbox, (library, service) => {
    const request = new library.GetItemRequest(service, library.ServiceErrorHandling.ReturnErrors);
    const body = what === 'full' || what === 'bodyOnly' ? fields(['item:Body']) : [];
    const rest =
      what === 'full' || what === 'withoutBody' ? [...fields(ITEM_FIELDS), CLEAN_ID_FIELD, ...MARKER_FIELDS] : [];
    request.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly, [...body, ...rest]);
    for (const id of ids) request.ItemIds.Add(new library.ItemId(id));
    return request;
  });
}

/** Expanded occurrences that overlap a window; at most `max` of them. */
export function calendarView(
  facade: Facade,
  mailbox: string,
  folderId: string,
  fromIso: string,
  toIso: string,
  max: number,
): WireRequest {
  return facade.build('FindItem', mailbox, (library, service) => {
    const request = new library.FindItemRequest(service, library.ServiceErrorHandling.ReturnErrors);
    const view = new library.CalendarView(new library.DateTime(fromIso), new library.DateTime(toIso), max);
    view.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly, [
      ...fields(VIEW_FIELDS),
      CLEAN_ID_FIELD,
    ]);
    request.View = view;
    request.ParentFolderIds.Add(new library.FolderId(folderId));
    return request;
  });
}

/** The item whose marker property `name` has this value. */
export function findByMarker(
  facade: Facade,
  mailbox: string,
  folderId: string,
  name: string,
  value: string,
): WireRequest {
  return facade.build('FindItem', mailbox, (library, service) => {
    const request = new library.FindItemRequest(service, library.ServiceErrorHandling.ReturnErrors);
    const view = new library.ItemView(2);
    view.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly, []);
    request.View = view;
    request.SearchFilter = markerEquals(name, value);
    request.ParentFolderIds.Add(new library.FolderId(folderId));
    return request;
  });
}

/** The library's own filter on a named property calls a function Node removed (`util.isNullOrUndefined`). */
function markerEquals(name: string, value: string): Writable & { Validate(): void } {
  return {
    Validate: () => undefined,
    WriteToXml(writer) {
      writer.WriteStartElement(TYPES, 'IsEqualTo');
      writeFieldUri(writer, { marker: name });
      writer.WriteStartElement(TYPES, 'FieldURIOrConstant');
      writer.WriteStartElement(TYPES, 'Constant');
      writer.WriteAttributeValue('Value', value);
      writer.WriteEndElement();
      writer.WriteEndElement();
      writer.WriteEndElement();
    },
  };
}

export function resolveNames(facade: Facade, mailbox: string | undefined, text: string): WireRequest {
  return facade.build('ResolveNames', mailbox, (library, service) => {
    const request = new library.ResolveNamesRequest(service);
    request.NameToResolve = text;
    request.SearchLocation = library.ResolveNameSearchLocation.DirectoryOnly;
    return request;
  });
}

/** Definitions of the named zones, or of all zones the server knows. */
export function getServerTimeZones(facade: Facade, mailbox: string | undefined, ids: readonly string[]): WireRequest {
  return facade.build('GetServerTimeZones', mailbox, (library, service) => {
    const request = new library.GetServerTimeZonesRequest(service);
    if (ids.length > 0) request.Ids = ids;
    // Ids and names are enough: the rules of all zones are a megabyte that nobody believes (facts §1.10).
    request.WriteAttributesToXml = (writer) => writer.WriteAttributeValue('ReturnFullTimeZoneData', 'false');
    return request;
  });
}

export function getUserAvailability(
  facade: Facade,
  mailbox: string | undefined,
  addresses: readonly string[],
  fromIso: string,
  toIso: string,
): WireRequest {
  return facade.build('GetUserAvailability', mailbox, (library, service) => {
    const request = new library.GetUserAvailabilityRequest(service);
    request.Attendees = addresses.map((address) => new library.AttendeeInfo(address));
    // The library's own TimeWindow writes dates only; free/busy of a day is too coarse for us.
    const window: Writable & { Duration: number; WriteToXmlUnscopedDatesOnly: Writable['WriteToXml'] } = {
      Duration: Number.POSITIVE_INFINITY,
      WriteToXml: (writer) => writeWindow(writer, fromIso, toIso),
      WriteToXmlUnscopedDatesOnly: (writer) => writeWindow(writer, fromIso, toIso),
    };
    request.TimeWindow = window;
    request.Options = new library.AvailabilityOptions();
    request.RequestedData = library.AvailabilityData.FreeBusy;
    return request;
  });
}

function writeWindow(writer: Parameters<Writable['WriteToXml']>[0], fromIso: string, toIso: string): void {
  writer.WriteStartElement(TYPES, 'TimeWindow');
  writer.WriteElementValue(TYPES, 'StartTime', fromIso);
  writer.WriteElementValue(TYPES, 'EndTime', toIso);
  writer.WriteEndElement();
}

export function getDelegates(facade: Facade, mailbox: string): WireRequest {
  return facade.build('GetDelegate', mailbox, (library, service) => {
    const request = new library.GetDelegateRequest(service);
    request.Mailbox = new library.Mailbox(mailbox);
    request.IncludePermissions = true;
    return request;
  });
}
