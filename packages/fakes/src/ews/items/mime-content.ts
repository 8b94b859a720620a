/** An item as iCalendar in MIME: enough for clients that ask for it; never a source of truth (facts "Writes", MIME of masters). */
import type { ShownItem } from './shown-item.ts';

const compact = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(',', '\\,').replaceAll(';', '\\;');

export function mimeOf(item: ShownItem): string {
  if (item.calendar === undefined) {
    return `Subject: ${item.content.subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/${item.content.body.type === 'HTML' ? 'html' : 'plain'}; charset=utf-8\r\n\r\n${item.content.body.content}`;
  }
  const { calendar } = item;
  const lines = [
    'BEGIN:VCALENDAR',
    'METHOD:PUBLISH',
    'PRODID:Microsoft Exchange Server 2010',
    'VERSION:2.0',
    'BEGIN:VEVENT',
    `UID:${item.uid ?? ''}`,
    `SUMMARY:${escaped(item.content.subject)}`,
    `DTSTART:${compact(calendar.start)}`,
    `DTEND:${compact(calendar.end)}`,
    `DTSTAMP:${compact(item.record.modified)}`,
    `LOCATION:${escaped(calendar.location)}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `Subject: ${item.content.subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method=PUBLISH\r\n\r\n${lines.join('\r\n')}\r\n`;
}
