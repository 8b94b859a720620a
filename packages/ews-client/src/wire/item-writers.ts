/**
 * Writes calendar items into requests through the library's XML writer: all fields of a new item in schema order, or one
 * change per field. Done here and not through its Appointment class because that moves recurrence dates with the
 * process's time zone and reorders properties (facts/ews-javascript-api.md §2).
 */
import { MARKER, type Recurrence } from '@calendar-connector/calendar-model';
import { TYPES } from './facade.ts';
import type { Writable, XmlWriter } from './library.ts';

export interface WireAttendee {
  readonly name: string;
  readonly address: string;
}

/** An item's fields in wire words; absent ones are not written. */
export interface WireItem {
  readonly subject?: string;
  readonly sensitivity?: string;
  readonly body?: { readonly type: 'HTML' | 'Text'; readonly content: string };
  /** marker properties by name; an empty value removes one */
  readonly marker?: Readonly<Record<string, string>>;
  readonly time?: WireTime;
  readonly allDay?: boolean;
  readonly freeBusy?: string;
  readonly location?: string;
  readonly required?: readonly WireAttendee[];
  readonly optional?: readonly WireAttendee[];
  readonly resources?: readonly WireAttendee[];
  /** null removes it: the series becomes a single event */
  readonly recurrence?: Recurrence | null;
}

/** The four fields that only make sense together (facts §2.3). */
export interface WireTime {
  /** `2026-03-01T09:00:00Z`, or without zone for wall time in the item's zone (all-day) */
  readonly start: string;
  readonly end: string;
  /** Windows zone ids */
  readonly startZone: string;
  readonly endZone: string;
}

type Write = (writer: XmlWriter) => void;

interface Field {
  readonly uri: string | { readonly marker: string };
  /** undefined: the field is removed */
  readonly write: Write | undefined;
}

const element =
  (name: string, value: string): Write =>
  (writer) =>
    writer.WriteElementValue(TYPES, name, value);

/** The fields of an item in the order the schema wants them. */
function fieldsOf(item: WireItem): Field[] {
  const fields: Field[] = [];
  const add = (uri: Field['uri'], write: Write | undefined) => fields.push({ uri, write });
  if (item.subject !== undefined) add('item:Subject', element('Subject', item.subject));
  if (item.sensitivity !== undefined) add('item:Sensitivity', element('Sensitivity', item.sensitivity));
  const { body, time, recurrence } = item;
  if (body !== undefined) add('item:Body', (writer) => writeBody(writer, body));
  for (const [name, value] of Object.entries(item.marker ?? {})) {
    add({ marker: name }, value === '' ? undefined : (writer) => writeMarker(writer, name, value));
  }
  if (time !== undefined) {
    add('calendar:Start', element('Start', time.start));
    add('calendar:End', element('End', time.end));
  }
  if (item.allDay !== undefined) add('calendar:IsAllDayEvent', element('IsAllDayEvent', String(item.allDay)));
  if (item.freeBusy !== undefined) {
    add('calendar:LegacyFreeBusyStatus', element('LegacyFreeBusyStatus', item.freeBusy));
  }
  if (item.location !== undefined) add('calendar:Location', element('Location', item.location));
  addAttendees(fields, 'RequiredAttendees', item.required);
  addAttendees(fields, 'OptionalAttendees', item.optional);
  addAttendees(fields, 'Resources', item.resources);
  if (recurrence === null) add('calendar:Recurrence', undefined);
  else if (recurrence !== undefined) add('calendar:Recurrence', (writer) => writeRecurrence(writer, recurrence));
  if (time !== undefined) {
    add('calendar:StartTimeZone', (writer) => writeZone(writer, 'StartTimeZone', time.startZone));
    add('calendar:EndTimeZone', (writer) => writeZone(writer, 'EndTimeZone', time.endZone));
  }
  return fields;
}

function addAttendees(fields: Field[], name: string, people: readonly WireAttendee[] | undefined): void {
  if (people === undefined) return;
  fields.push({
    uri: `calendar:${name}`,
    write: people.length === 0 ? undefined : (writer) => writeAttendees(writer, name, people),
  });
}

/** A new item, for CreateItemRequest.Items. */
export function newItem(item: WireItem): Writable & { GetIsTimeZoneHeaderRequired(): boolean; Validate(): void } {
  return {
    GetIsTimeZoneHeaderRequired: () => true,
    Validate: () => undefined,
    WriteToXml(writer) {
      writer.WriteStartElement(TYPES, 'CalendarItem');
      for (const field of fieldsOf(item)) field.write?.(writer);
      writer.WriteEndElement();
    },
  };
}

/** Changes of an existing item, for UpdateItemRequest.Items: one SetItemField or DeleteItemField per field. */
export function changedItem(id: WireItemId, item: WireItem): object {
  return {
    IsNew: false,
    GetIsTimeZoneHeaderRequired: () => true,
    Validate: () => undefined,
    WriteToXmlForUpdate(writer: XmlWriter) {
      writer.WriteStartElement(TYPES, 'ItemChange');
      writeItemId(writer, 'ItemId', id);
      writer.WriteStartElement(TYPES, 'Updates');
      for (const field of fieldsOf(item)) writeChange(writer, field);
      writer.WriteEndElement();
      writer.WriteEndElement();
    },
  };
}

export interface WireItemId {
  readonly id: string;
  readonly changeKey?: string | undefined;
}

function writeChange(writer: XmlWriter, field: Field): void {
  writer.WriteStartElement(TYPES, field.write === undefined ? 'DeleteItemField' : 'SetItemField');
  writeFieldUri(writer, field.uri);
  if (field.write !== undefined) {
    writer.WriteStartElement(TYPES, 'CalendarItem');
    field.write(writer);
    writer.WriteEndElement();
  }
  writer.WriteEndElement();
}

export function writeFieldUri(writer: XmlWriter, uri: Field['uri']): void {
  if (typeof uri === 'string') {
    writer.WriteStartElement(TYPES, 'FieldURI');
    writer.WriteAttributeValue('FieldURI', uri);
  } else {
    writer.WriteStartElement(TYPES, 'ExtendedFieldURI');
    writer.WriteAttributeValue('PropertySetId', MARKER.propertySetId);
    writer.WriteAttributeValue('PropertyName', uri.marker);
    writer.WriteAttributeValue('PropertyType', 'String');
  }
  writer.WriteEndElement();
}

/** An answer to an invitation or a cancellation (AcceptItem, CancelCalendarItem, …), for CreateItem. */
export function responseItem(name: string, reference: WireItemId, comment = ''): Writable {
  const isCancellation = name === 'CancelCalendarItem';
  const write = (writer: XmlWriter, element: string) => writeBody(writer, { type: 'Text', content: comment }, element);
  return {
    WriteToXml(writer) {
      writer.WriteStartElement(TYPES, name);
      // The schema wants the words of an answer before the reference, those of a cancellation after it.
      if (comment !== '' && !isCancellation) write(writer, 'Body');
      writeItemId(writer, 'ReferenceItemId', reference);
      if (comment !== '' && isCancellation) write(writer, 'NewBodyContent');
      writer.WriteEndElement();
    },
  };
}

function writeItemId(writer: XmlWriter, name: string, { id, changeKey }: WireItemId): void {
  writer.WriteStartElement(TYPES, name);
  writer.WriteAttributeValue('Id', id);
  if (changeKey !== undefined) writer.WriteAttributeValue('ChangeKey', changeKey);
  writer.WriteEndElement();
}

function writeBody(
  writer: XmlWriter,
  body: { readonly type: string; readonly content: string },
  element = 'Body',
): void {
  writer.WriteStartElement(TYPES, element);
  writer.WriteAttributeValue('BodyType', body.type);
  writer.WriteValue(body.content, 'Body');
  writer.WriteEndElement();
}

function writeMarker(writer: XmlWriter, name: string, value: string): void {
  writer.WriteStartElement(TYPES, 'ExtendedProperty');
  writeFieldUri(writer, { marker: name });
  writer.WriteElementValue(TYPES, 'Value', value);
  writer.WriteEndElement();
}

function writeZone(writer: XmlWriter, name: string, id: string): void {
  writer.WriteStartElement(TYPES, name);
  writer.WriteAttributeValue('Id', id);
  writer.WriteEndElement();
}

function writeAttendees(writer: XmlWriter, name: string, people: readonly WireAttendee[]): void {
  writer.WriteStartElement(TYPES, name);
  for (const person of people) {
    writer.WriteStartElement(TYPES, 'Attendee');
    writer.WriteStartElement(TYPES, 'Mailbox');
    if (person.name !== '') writer.WriteElementValue(TYPES, 'Name', person.name);
    writer.WriteElementValue(TYPES, 'EmailAddress', person.address);
    writer.WriteEndElement();
    writer.WriteEndElement();
  }
  writer.WriteEndElement();
}

function writeRecurrence(writer: XmlWriter, { pattern, range }: Recurrence): void {
  writer.WriteStartElement(TYPES, 'Recurrence');
  writer.WriteStartElement(TYPES, `${pattern.type}Recurrence`);
  for (const [name, value] of patternFields(pattern)) writer.WriteElementValue(TYPES, name, value);
  writer.WriteEndElement();
  writer.WriteStartElement(TYPES, `${range.type}Recurrence`);
  writer.WriteElementValue(TYPES, 'StartDate', range.startDate);
  if (range.type === 'EndDate') writer.WriteElementValue(TYPES, 'EndDate', range.endDate);
  if (range.type === 'Numbered')
    writer.WriteElementValue(TYPES, 'NumberOfOccurrences', String(range.numberOfOccurrences));
  writer.WriteEndElement();
  writer.WriteEndElement();
}

function patternFields(pattern: Recurrence['pattern']): readonly (readonly [string, string])[] {
  switch (pattern.type) {
    case 'Daily':
      return [['Interval', String(pattern.interval)]];
    case 'Weekly':
      return [
        ['Interval', String(pattern.interval)],
        ['DaysOfWeek', pattern.daysOfWeek.join(' ')],
        ['FirstDayOfWeek', pattern.firstDayOfWeek],
      ];
    case 'AbsoluteMonthly':
      return [
        ['Interval', String(pattern.interval)],
        ['DayOfMonth', String(pattern.dayOfMonth)],
      ];
    case 'RelativeMonthly':
      return [
        ['Interval', String(pattern.interval)],
        ['DaysOfWeek', pattern.daysOfWeek],
        ['DayOfWeekIndex', pattern.dayOfWeekIndex],
      ];
    case 'AbsoluteYearly':
      return [
        ['DayOfMonth', String(pattern.dayOfMonth)],
        ['Month', pattern.month],
      ];
    case 'RelativeYearly':
      return [
        ['DaysOfWeek', pattern.daysOfWeek],
        ['DayOfWeekIndex', pattern.dayOfWeekIndex],
        ['Month', pattern.month],
      ];
  }
}
