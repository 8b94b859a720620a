/**
 * MAPI properties by any way of naming them (ExtendedFieldURI): set and id, set and name, distinguished set, tag.
 * Some are computed from the item (global object ids, appointment state …), the rest are what somebody stored.
 * Sources: types.xsd PathToExtendedFieldType; MS-OXPROPS for the numbers.
 */

import type { CalendarContent, ExtendedEntry, ExtendedValue } from '../../world/model.ts';
import { cleanGlobalObjectId, occurrenceGlobalObjectId } from '../../world/object-ids.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { utcText } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';
import type { ShownItem } from './shown-item.ts';

export interface ExtendedPath {
  /** canonical: the same property by another name has the same key */
  readonly key: string;
  readonly type: string;
  /** as the client wrote it, for the echo */
  readonly attributes: Readonly<Record<string, string>>;
}

const DISTINGUISHED: Readonly<Record<string, string>> = {
  Meeting: '6ed8da90-450b-101b-98da-00aa003f1305',
  Appointment: '00062002-0000-0000-c000-000000000046',
  Common: '00062008-0000-0000-c000-000000000046',
  PublicStrings: '00020329-0000-0000-c000-000000000046',
  Address: '00062004-0000-0000-c000-000000000046',
  InternetHeaders: '00020386-0000-0000-c000-000000000046',
  CalendarAssistant: '11000e07-b51b-40d6-af21-caa85edab1d0',
  UnifiedMessaging: '4442858e-a9e3-4e80-b900-317a210cc15b',
  Task: '00062003-0000-0000-c000-000000000046',
  Sharing: '00062040-0000-0000-c000-000000000046',
};

/** Reads an ExtendedFieldURI. Throws ErrorInvalidExtendedProperty for combinations Exchange refuses. */
export function readExtendedPath(element: XmlElement): ExtendedPath {
  const { attributes } = element;
  const type = attributes.PropertyType ?? '';
  const {
    PropertyTag: tag,
    PropertyName: name,
    PropertyId: id,
    PropertySetId: guid,
    DistinguishedPropertySetId: distinguished,
  } = attributes;
  const hasSet = guid !== undefined || distinguished !== undefined;
  if (tag !== undefined) {
    if (hasSet || name !== undefined || id !== undefined) throw invalidPath();
    return { key: `tag:${Number(tag)}`, type, attributes };
  }
  if (!hasSet || (guid !== undefined && distinguished !== undefined) || (name === undefined) === (id === undefined))
    throw invalidPath();
  const set = guid?.toLowerCase().replace(/[{}]/g, '') ?? DISTINGUISHED[distinguished ?? ''] ?? '';
  return { key: `${set}:${name === undefined ? Number(id) : `"${name}"`}`, type, attributes };
}

function invalidPath(): EwsError {
  return new EwsError('ErrorInvalidExtendedProperty', 'The extended property attribute combination is invalid.');
}

/** Reads `t:ExtendedProperty` of a create or update. */
export function readExtendedProperty(element: XmlElement): ExtendedEntry {
  const uri = element.child('ExtendedFieldURI');
  if (uri === undefined) throw invalidPath();
  const path = readExtendedPath(uri);
  const values = element.child('Values');
  const value: ExtendedValue =
    values === undefined ? (element.childText('Value') ?? '') : values.all('Value').map((entry) => entry.text);
  const isArray = path.type.endsWith('Array');
  if (isArray !== Array.isArray(value)) {
    throw new EwsError('ErrorInvalidExtendedPropertyValue', 'The specified value is invalid for property.');
  }
  const type = path.type.replace(/Array$/, '');
  const settle = (single: string): string => {
    checkValue(type, single);
    return canonical(type, single);
  };
  return { key: path.key, type: path.type, value: typeof value === 'string' ? settle(value) : value.map(settle) };
}

/** A value as the store gives it back, however it was written. */
function canonical(type: string, value: string): string {
  switch (type) {
    case 'Boolean':
      return String(value.trim() === '1' || value.trim() === 'true');
    case 'SystemTime':
      return utcText(Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(value.trim()) ? value.trim() : `${value.trim()}Z`));
    case 'CLSID':
      return value.trim().toLowerCase().replace(/[{}]/g, '');
    case 'Binary':
      return value.replace(/\s+/g, '');
    case 'String':
      return value;
    default:
      return value.trim();
  }
}

const CHECKS: Readonly<Record<string, RegExp>> = {
  Integer: /^-?\d{1,10}$/,
  Short: /^-?\d{1,5}$/,
  Long: /^-?\d{1,19}$/,
  Boolean: /^(true|false|0|1)$/,
  Binary: /^[A-Za-z0-9+/\s]*={0,2}\s*$/,
  CLSID: /^\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?$/,
  Double: /^-?(\d+\.?\d*([eE][+-]?\d+)?|INF|NaN)$/,
  Float: /^-?(\d+\.?\d*([eE][+-]?\d+)?|INF|NaN)$/,
};

function checkValue(type: string, value: string): void {
  const isTime = type === 'SystemTime' || type === 'ApplicationTime';
  const isGood = isTime
    ? type !== 'SystemTime' || !Number.isNaN(Date.parse(value))
    : (CHECKS[type]?.test(value.trim()) ?? true);
  if (!isGood) throw new EwsError('ErrorInvalidExtendedPropertyValue', 'The specified value is invalid for property.');
}

/** Writes a property the item has; one it lacks is left out. */
export function writeExtended(out: XmlWriter, path: ExtendedPath, item: ShownItem): void {
  const value = extendedValue(path.key, item);
  if (value === undefined) return;
  out.open('t:ExtendedProperty');
  out.element('t:ExtendedFieldURI', undefined, path.attributes);
  if (typeof value === 'string') {
    out.element('t:Value', value);
  } else {
    out.open('t:Values');
    for (const single of value) out.element('t:Value', single);
    out.close();
  }
  out.close();
}

/** The value of a property of an item, computed or stored. */
export function extendedValue(key: string, item: ShownItem): ExtendedValue | undefined {
  const stored = item.content.extended.get(key)?.value;
  if (stored !== undefined) return stored;
  const computed = COMPUTED.get(key);
  return computed === undefined ? undefined : computed(item);
}

type Compute = (item: ShownItem) => string | undefined;

const meeting = (id: number): string => `${DISTINGUISHED.Meeting}:${id}`;
const appointment = (id: number): string => `${DISTINGUISHED.Appointment}:${id}`;
const common = (id: number): string => `${DISTINGUISHED.Common}:${id}`;
const ofCalendar =
  (read: (content: CalendarContent) => string | undefined): Compute =>
  (item) =>
    item.calendar === undefined ? undefined : read(item.calendar);
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const BUSY: Readonly<Record<string, string>> = {
  Free: '0',
  Tentative: '1',
  Busy: '2',
  OOF: '3',
  WorkingElsewhere: '4',
  NoData: '0',
};
const SENSITIVITY: Readonly<Record<string, string>> = { Normal: '0', Personal: '1', Private: '2', Confidential: '3' };
const IMPORTANCE: Readonly<Record<string, string>> = { Low: '0', Normal: '1', High: '2' };
const RESPONSE: Readonly<Record<string, string>> = {
  Unknown: '0',
  Organizer: '1',
  Tentative: '2',
  Accept: '3',
  Decline: '4',
  NoResponseReceived: '5',
};

const COMPUTED: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  [
    meeting(0x03),
    (item) =>
      item.globalObjectId === undefined
        ? undefined
        : base64(
            item.occurrence === undefined
              ? item.globalObjectId
              : occurrenceGlobalObjectId(item.globalObjectId, item.occurrence.date),
          ),
  ],
  [
    meeting(0x23),
    (item) => (item.globalObjectId === undefined ? undefined : base64(cleanGlobalObjectId(item.globalObjectId))),
  ],
  [appointment(0x8217), ofCalendar((content) => String(content.state))],
  [appointment(0x8205), ofCalendar((content) => BUSY[content.freeBusy])],
  [appointment(0x8224), ofCalendar((content) => BUSY[content.intendedFreeBusy])],
  [appointment(0x8208), ofCalendar((content) => content.location)],
  [appointment(0x820d), ofCalendar((content) => utcText(content.start))],
  [appointment(0x820e), ofCalendar((content) => utcText(content.end))],
  [appointment(0x8213), ofCalendar((content) => String(Math.round((content.end - content.start) / 60_000)))],
  [appointment(0x8215), ofCalendar((content) => String(content.allDay))],
  [appointment(0x8218), ofCalendar((content) => RESPONSE[content.myResponse])],
  [appointment(0x8201), ofCalendar((content) => String(content.sequence))],
  [appointment(0x8223), (item) => (item.calendar === undefined ? undefined : String(item.series !== undefined))],
  [
    common(0x8506),
    (item) => String(item.content.sensitivity === 'Private' || item.content.sensitivity === 'Confidential'),
  ],
  [common(0x8503), (item) => String(item.content.reminderSet)],
  [common(0x8501), (item) => String(item.content.reminderMinutes)],
  [common(0x8516), ofCalendar((content) => utcText(content.start))],
  [common(0x8517), ofCalendar((content) => utcText(content.end))],
  ['tag:55', (item) => item.content.subject],
  ['tag:26', (item) => item.record.itemClass],
  ['tag:96', ofCalendar((content) => utcText(content.start))],
  ['tag:97', ofCalendar((content) => utcText(content.end))],
  ['tag:54', (item) => SENSITIVITY[item.content.sensitivity]],
  ['tag:23', (item) => IMPORTANCE[item.content.importance]],
  ['tag:12295', (item) => utcText(item.record.created)],
  ['tag:12296', (item) => utcText(item.record.modified)],
  ['tag:16378', (item) => item.record.modifiedBy],
  ['tag:3098', (item) => item.calendar?.organizer.name],
  ['tag:66', (item) => item.calendar?.organizer.name],
  ['tag:93', (item) => item.calendar?.organizer.address],
  ['tag:4095', (item) => item.entryId().toString('base64')],
  ['tag:3592', (item) => String(item.size())],
]);
