/**
 * The third reader: ews-javascript-api's own parser, end to end through its request classes. It is the oracle for our
 * decoder and the peer the benchmark compares with. Reads what the library can read, as plain records.
 */
import util from 'node:util';

// The library still calls a function Node 23 removed; without it its extended properties cannot be read at all.
const patched = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
patched.isNullOrUndefined ??= (value) => value === null || value === undefined;

// biome-ignore lint/suspicious/noExplicitAny: the library's internals have no types
type Any = any;

const library = (await import('ews-javascript-api')) as Any;
library.EwsLogging.DebugLogEnabled = false;

export interface LibraryAttendee {
  readonly name: string;
  readonly address: string;
  readonly response: string;
}

export interface LibraryItem {
  readonly itemId: string;
  readonly changeKey: string;
  readonly [field: string]: unknown;
}

function service(body: string): Any {
  const made = new library.ExchangeService(library.ExchangeVersion.Exchange2016, library.TimeZoneInfo.Utc);
  made.Url = new library.Uri('https://unused.invalid/');
  made.Credentials = new library.WebCredentials('unused', 'unused');
  made.XHRApi = {
    apiName: 'memory',
    xhr: (options: { data: string }) => {
      options.data = '<r/>';
      return Promise.resolve({
        status: 200,
        response: body,
        responseText: body,
        headers: {},
        getAllResponseHeaders: () => '',
      });
    },
    xhrStream: () => Promise.reject(new Error('no streams here')),
    disconnect: () => undefined,
  };
  return made;
}

const CLEAN_ID = () =>
  new library.ExtendedPropertyDefinition(
    library.DefaultExtendedPropertySet.Meeting,
    0x23,
    library.MapiPropertyType.Binary,
  );

/** Reads a GetItem answer of `count` messages. Items that are errors are left out. */
export async function readItemsWithLibrary(body: string, count: number): Promise<readonly LibraryItem[]> {
  const made = service(body);
  const request = new library.GetItemRequest(made, library.ServiceErrorHandling.ReturnErrors);
  const cleanId = CLEAN_ID();
  request.PropertySet = new library.PropertySet(library.BasePropertySet.FirstClassProperties, [cleanId]);
  for (let i = 0; i < count; i++) request.ItemIds.Add(new library.ItemId(`id-${i}`));
  const responses = await request.Execute();
  return responses.Responses.filter((response: Any) => response.Item !== null && response.Item !== undefined).map(
    (response: Any) => plain(response.Item, cleanId),
  );
}

export async function readChangesWithLibrary(body: string): Promise<readonly (readonly [string, string, string])[]> {
  const request = new library.SyncFolderItemsRequest(service(body));
  request.PropertySet = new library.PropertySet(library.BasePropertySet.IdOnly);
  request.SyncFolderId = new library.FolderId('folder');
  request.MaxChangesReturned = 512;
  const responses = await request.Execute();
  const { Changes } = responses.Responses[0];
  const out: (readonly [string, string, string])[] = [];
  for (let i = 0; i < Changes.Count; i++) {
    const change = Changes._getItem(i);
    const id = change.ItemId ?? change.Item.Id;
    out.push([library.ChangeType[change.ChangeType].toLowerCase(), id.UniqueId, id.ChangeKey]);
  }
  return out;
}

/** A getter of the library throws when the server did not send the property. */
function get<T>(read: () => T): T | undefined {
  try {
    const value = read();
    return value === null ? undefined : value;
  } catch {
    return undefined;
  }
}

const ms = (value: Any): number | undefined => (value === undefined ? undefined : value.TotalMilliSeconds);

function plain(item: Any, cleanId: Any): LibraryItem {
  const people = (list: Any): readonly LibraryAttendee[] =>
    (list?.Items ?? []).map((person: Any) => ({
      name: person.Name ?? '',
      address: person.Address ?? '',
      response: library.MeetingResponseType[person.ResponseType] ?? '',
    }));
  return {
    itemId: item.Id.UniqueId,
    changeKey: item.Id.ChangeKey,
    subject: get(() => item.Subject) ?? '',
    body: get(() => item.Body?.Text),
    sensitivity: library.Sensitivity[get(() => item.Sensitivity) ?? 0],
    hasAttachments: get(() => item.HasAttachments),
    lastModified: ms(get(() => item.LastModifiedTime)),
    uid: get(() => item.ICalUid),
    start: ms(get(() => item.Start)),
    end: ms(get(() => item.End)),
    allDay: get(() => item.IsAllDayEvent),
    freeBusy: library.LegacyFreeBusyStatus[get(() => item.LegacyFreeBusyStatus) ?? 0],
    location: get(() => item.Location) ?? '',
    isMeeting: get(() => item.IsMeeting),
    isCancelled: get(() => item.IsCancelled),
    type: library.AppointmentType[get(() => item.AppointmentType) ?? 0],
    myResponse: library.MeetingResponseType[get(() => item.MyResponseType) ?? 0],
    organizer: get(() => item.Organizer?.Address),
    required: people(get(() => item.RequiredAttendees)),
    optional: people(get(() => item.OptionalAttendees)),
    resources: people(get(() => item.Resources)),
    sequence: get(() => item.AppointmentSequenceNumber),
    state: get(() => item.AppointmentState),
    recurrence: recurrenceOf(get(() => item.Recurrence)),
    modified: (get(() => item.ModifiedOccurrences)?.Items ?? []).map((occurrence: Any) => [
      occurrence.ItemId.UniqueId,
      ms(occurrence.Start),
      ms(occurrence.End),
      ms(occurrence.OriginalStart),
    ]),
    deleted: (get(() => item.DeletedOccurrences)?.Items ?? []).map((occurrence: Any) => ms(occurrence.OriginalStart)),
    cleanId: extended(item, cleanId),
  };
}

function extended(item: Any, definition: Any): string | undefined {
  const holder = { outValue: undefined as Any };
  return get(() => (item.TryGetProperty(definition, holder) ? String(holder.outValue) : undefined));
}

function recurrenceOf(recurrence: Any): unknown {
  if (recurrence === undefined) return undefined;
  const date = (value: Any) => value?.Format?.('YYYY-MM-DD');
  const word = (names: Any, value: Any) => (value === undefined ? undefined : names[value]);
  // The library throws where a week leaves its first day out (a known defect); it is Sunday then.
  const isWeekly = recurrence.XmlElementName === 'WeeklyRecurrence';
  const defaultFirstDay = isWeekly ? library.DayOfTheWeek.Sunday : undefined;
  const days = get(() => recurrence.DaysOfTheWeek)?.items ?? [get(() => recurrence.DayOfTheWeek)];
  return {
    pattern: String(recurrence.XmlElementName).replace('Recurrence', ''),
    days: days.map((day: Any) => word(library.DayOfTheWeek, day)).filter((day: unknown) => day !== undefined),
    firstDay: word(library.DayOfTheWeek, get(() => recurrence.FirstDayOfWeek) ?? defaultFirstDay),
    index: word(
      library.DayOfTheWeekIndex,
      get(() => recurrence.DayOfTheWeekIndex),
    ),
    dayOfMonth: get(() => recurrence.DayOfMonth),
    month: word(
      library.Month,
      get(() => recurrence.Month),
    ),
    interval: Number(get(() => recurrence.Interval) ?? Number.NaN),
    startDate: date(get(() => recurrence.StartDate)),
    endDate: date(get(() => recurrence.EndDate)),
    count: get(() => recurrence.NumberOfOccurrences),
  };
}
