/**
 * An item as MIME for clients that ask for it: a message (RFC 5322) or an iCalendar object (RFC 5545, MS-OXCICAL).
 * Never a source of truth: exceptions of a series are not in it (facts "Writes", MIME of masters).
 */
import { toRRule } from '@calendar-connector/recurrence';
import type { AttendeeEntry, CalendarContent, OpaqueNode } from '../../world/model.ts';
import { clockText, toLocal, zoneOf } from '../../world/zones.ts';
import type { ShownItem } from './shown-item.ts';

const LINE_OCTETS = 75;

export function mimeOf(item: ShownItem): string {
  const headers = [
    ...addressHeaders(item),
    `Subject: ${word(item.content.subject)}`,
    `Date: ${new Date(item.record.created).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
  ];
  const { type, content } = item.content.body;
  if (item.calendar === undefined)
    return message(headers, `text/${type === 'HTML' ? 'html' : 'plain'}; charset="utf-8"`, content);
  return message(headers, 'text/calendar; charset="utf-8"; method=PUBLISH', icalendar(item, item.calendar));
}

function message(headers: readonly string[], type: string, text: string): string {
  const body = Buffer.from(text, 'utf8').toString('base64').replace(/.{76}/g, '$&\r\n');
  return `${[...headers, `Content-Type: ${type}`, 'Content-Transfer-Encoding: base64'].join('\r\n')}\r\n\r\n${body}\r\n`;
}

const ADDRESS_HEADERS = [
  ['From', 'From'],
  ['ToRecipients', 'To'],
  ['CcRecipients', 'Cc'],
] as const;

function addressHeaders(item: ShownItem): string[] {
  const part = (node: OpaqueNode, name: string): string =>
    node.children.find((child) => child.name === name)?.text.trim() ?? '';
  return ADDRESS_HEADERS.flatMap(([list, header]) => {
    const people = item.content.opaque.get(list)?.children ?? [];
    const entries = people.map((node) => mailbox(part(node, 'Name'), part(node, 'EmailAddress')));
    return entries.length === 0 ? [] : [`${header}: ${entries.join(',\r\n ')}`];
  });
}

function mailbox(name: string, address: string): string {
  return name === '' || name === address ? address : `${word(name)} <${address}>`;
}

/** Text of a header: as it is, or as encoded words of RFC 2047. */
function word(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > 42) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece].map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ');
}

function icalendar(item: ShownItem, calendar: CalendarContent): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'METHOD:PUBLISH',
    'PRODID:Microsoft Exchange Server 2010',
    'VERSION:2.0',
    'BEGIN:VEVENT',
    `UID:${item.uid ?? ''}`,
    `SUMMARY:${escaped(item.content.subject)}`,
    ...times(calendar),
    ...rule(item, calendar),
    `DTSTAMP:${compact(item.record.modified)}`,
    `LOCATION:${escaped(calendar.location)}`,
    `CLASS:${calendar.sensitivity === 'Normal' ? 'PUBLIC' : calendar.sensitivity.toUpperCase()}`,
    `SEQUENCE:${calendar.sequence}`,
    ...people(calendar),
    `X-MICROSOFT-CDO-BUSYSTATUS:${calendar.freeBusy.toUpperCase()}`,
    `X-MICROSOFT-CDO-ALLDAYEVENT:${String(calendar.allDay).toUpperCase()}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

const compact = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');

function times({ start, end, allDay, startZone }: CalendarContent): string[] {
  if (!allDay) return [`DTSTART:${compact(start)}`, `DTEND:${compact(end)}`];
  const day = (at: number): string => toLocal(zoneOf(startZone), at).date.replaceAll('-', '');
  return [`DTSTART;VALUE=DATE:${day(start)}`, `DTEND;VALUE=DATE:${day(end)}`];
}

function rule(item: ShownItem, { start, startZone, allDay }: CalendarContent): string[] {
  const { series } = item;
  if (series === undefined) return [];
  const zone = zoneOf(startZone);
  const { rrule, exdates } = toRRule(series.recurrence.pattern, series.recurrence.range, {
    startTime: clockText(toLocal(zone, start).timeMs),
    timeZone: zone,
    allDay,
    deletedOccurrences: [...series.deleted],
  });
  return [`RRULE:${rrule}`, ...exdates.map((at) => `EXDATE:${compact(at)}`)];
}

const PARTSTAT: Readonly<Record<string, string>> = { Accept: 'ACCEPTED', Decline: 'DECLINED', Tentative: 'TENTATIVE' };
const ROLES = { required: 'REQ-PARTICIPANT', optional: 'OPT-PARTICIPANT', resource: 'NON-PARTICIPANT' } as const;

function people({ organizer, attendees }: CalendarContent): string[] {
  if (attendees.length === 0) return [];
  const line = ({ name, address, role, response }: AttendeeEntry): string =>
    `ATTENDEE;ROLE=${ROLES[role]};PARTSTAT=${PARTSTAT[response] ?? 'NEEDS-ACTION'};CN="${quoted(name)}":mailto:${address}`;
  return [`ORGANIZER;CN="${quoted(organizer.name)}":mailto:${organizer.address}`, ...attendees.map(line)];
}

const quoted = (text: string): string => text.replaceAll('"', "'");

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll(/\r?\n/g, '\\n').replaceAll(',', '\\,').replaceAll(';', '\\;');

/** Lines of more than 75 octets go on after a line break and a space; characters stay whole. */
function fold(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (const character of line) {
    if (Buffer.byteLength(piece + character) >= LINE_OCTETS) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece].join('\r\n ');
}
