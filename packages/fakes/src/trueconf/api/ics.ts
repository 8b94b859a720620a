/** The calendar file v4 offers for a conference (RFC 5545, the little that is needed: one event, folded lines, escaped text). */
import type { ConferenceRecord, DAY_NAMES } from '../world/conference-record.ts';

const LINE_OCTETS = 75;

export function conferenceIcs(conference: ConferenceRecord, url: string, now: number): string {
  const { schedule } = conference;
  const start = schedule.type === 'none' ? now : (schedule.startSeconds ?? now / 1000) * 1000;
  const duration = schedule.type === 'none' ? 3600 : schedule.durationSeconds;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//fake TrueConf Server//EN',
    'BEGIN:VEVENT',
    `UID:${conference.id}`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(start)}`,
    `DURATION:PT${duration}S`,
    ...(schedule.type === 'week' ? [`RRULE:FREQ=WEEKLY;BYDAY=${schedule.days.map(twoLetters).join(',')}`] : []),
    `SUMMARY:${escapeText(conference.topic)}`,
    ...(conference.description === '' ? [] : [`DESCRIPTION:${escapeText(conference.description)}`]),
    `LOCATION:${url}`,
    `URL:${url}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

function stamp(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function twoLetters(day: (typeof DAY_NAMES)[number]): string {
  return day.slice(0, 2).toUpperCase();
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/\r?\n/g, '\\n');
}

/** Lines of more than 75 octets go on after CRLF and a space; characters stay whole. */
function fold(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (const character of line) {
    const limit = pieces.length === 0 ? LINE_OCTETS : LINE_OCTETS - 1;
    if (Buffer.byteLength(piece + character) > limit) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece].join('\r\n ');
}
