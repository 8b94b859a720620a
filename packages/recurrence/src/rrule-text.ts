/**
 * RRULE text <-> its parts, by the grammar of RFC 5545 3.3.10. No meaning here, only form. SPEC.md, section 9.
 */
import { DAY_MS, formatDate, formatTime, parseDate, parseTime } from './civil.ts';

/** Longer than any rule that Exchange could express. */
const MAX_LENGTH = 1000;

export interface ByDay {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 when there is no number before the day. */
  readonly nth: number;
}

/** UNTIL: a date, a wall time, or (ending in Z) an instant. `ms` is as if UTC. */
export interface Until {
  readonly form: 'date' | 'local' | 'utc';
  readonly ms: number;
}

export interface RRuleParts {
  readonly freq: string;
  readonly interval: number;
  readonly count?: number;
  readonly until?: Until;
  readonly weekStart: number;
  readonly byDay?: readonly ByDay[];
  /** BYMONTH, BYMONTHDAY, BYSETPOS, BYHOUR … as sorted lists of distinct numbers. */
  readonly by: Readonly<Partial<Record<ByPart, readonly number[]>>>;
}

export type ByPart = (typeof BY_PARTS)[number];

const BY_PARTS = [
  'BYSECOND',
  'BYMINUTE',
  'BYHOUR',
  'BYMONTHDAY',
  'BYYEARDAY',
  'BYWEEKNO',
  'BYMONTH',
  'BYSETPOS',
] as const;

export const DAY_CODES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;

/** Why a text is no rule. */
export interface RRuleSyntaxProblem {
  readonly reason: 'syntax' | 'unknown-part' | 'frequency' | 'interval' | 'count' | 'count-and-until' | 'until-form';
  readonly part: string;
}

const FREQUENCIES = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

function wholeNumber(text: string): number {
  return /^[+-]?\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}

function parseUntil(text: string): Until | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(text);
  if (!match) return undefined;
  const [, year, month, dayOfMonth, hour, minute, second, zulu] = match;
  const day = parseDate(`${year}-${month}-${dayOfMonth}`);
  if (day === undefined) return undefined;
  if (hour === undefined) return { form: 'date', ms: day * DAY_MS };
  // A leap second is the next minute to everybody else.
  const time = parseTime(`${hour}:${minute}:${second === '60' ? '59' : second}`);
  return time === undefined ? undefined : { form: zulu ? 'utc' : 'local', ms: day * DAY_MS + time };
}

function parseByDay(text: string): readonly ByDay[] | undefined {
  const days: ByDay[] = [];
  for (const entry of text.split(',')) {
    const match = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/.exec(entry);
    if (!match || match[1] === '0') return undefined;
    const day = { weekday: DAY_CODES.indexOf(match[2] as 'SU'), nth: Number(match[1] ?? 0) };
    if (!days.some(({ weekday, nth }) => weekday === day.weekday && nth === day.nth)) days.push(day);
  }
  return days;
}

function parseNumbers(text: string): readonly number[] | undefined {
  const numbers = text.split(',').map(wholeNumber);
  return numbers.some(Number.isNaN) ? undefined : [...new Set(numbers)].sort((a, b) => a - b);
}

/** `NAME=VALUE` pairs in upper case, or the text at fault. */
function splitParts(text: string): ReadonlyMap<string, string> | string {
  const parts = new Map<string, string>();
  for (const piece of text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .split(';')) {
    const equals = piece.indexOf('=');
    // A stray semicolon at the end is common and harmless.
    if (piece === '') continue;
    const name = piece.slice(0, equals);
    if (equals < 1 || parts.has(name)) return piece;
    parts.set(name, piece.slice(equals + 1));
  }
  return parts;
}

/** Parses a rule, with or without `RRULE:` before it. */
export function parseRRule(text: string): RRuleParts | RRuleSyntaxProblem {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return { reason: 'syntax', part: 'RRULE' };
  const parts = splitParts(text);
  if (typeof parts === 'string') return { reason: 'syntax', part: parts.slice(0, 40) };
  const by: Partial<Record<ByPart, readonly number[]>> = {};
  for (const [name, value] of parts) {
    if (['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYDAY'].includes(name)) continue;
    const known = BY_PARTS.find((part) => part === name);
    if (!known) return { reason: 'unknown-part', part: name.slice(0, 40) };
    const numbers = parseNumbers(value);
    if (!numbers) return { reason: 'syntax', part: name };
    by[known] = numbers;
  }
  const freq = parts.get('FREQ') ?? '';
  if (!FREQUENCIES.includes(freq)) return { reason: freq === '' ? 'syntax' : 'frequency', part: 'FREQ' };
  const interval = wholeNumber(parts.get('INTERVAL') ?? '1');
  if (!(interval >= 1)) return { reason: 'interval', part: 'INTERVAL' };
  const count = parts.has('COUNT') ? wholeNumber(parts.get('COUNT') ?? '') : undefined;
  if (count !== undefined && !(count >= 1)) return { reason: 'count', part: 'COUNT' };
  const until = parts.has('UNTIL') ? parseUntil(parts.get('UNTIL') ?? '') : undefined;
  if (parts.has('UNTIL') && until === undefined) return { reason: 'until-form', part: 'UNTIL' };
  if (count !== undefined && until !== undefined) return { reason: 'count-and-until', part: 'COUNT' };
  const weekStart = DAY_CODES.findIndex((code) => code === (parts.get('WKST') ?? 'MO'));
  if (weekStart < 0) return { reason: 'syntax', part: 'WKST' };
  const byDay = parts.has('BYDAY') ? parseByDay(parts.get('BYDAY') ?? '') : undefined;
  if (parts.has('BYDAY') && byDay === undefined) return { reason: 'syntax', part: 'BYDAY' };
  return {
    freq,
    interval,
    ...(count === undefined ? {} : { count }),
    ...(until === undefined ? {} : { until }),
    weekStart,
    ...(byDay === undefined ? {} : { byDay }),
    by,
  };
}

/** `YYYYMMDD` of a day number. */
export function icalDate(day: number): string {
  return formatDate(day).replaceAll('-', '');
}

/** `YYYYMMDDTHHMMSSZ` of an instant. */
export function icalInstant(instant: number): string {
  const day = Math.floor(instant / DAY_MS);
  return `${icalDate(day)}T${formatTime(instant - day * DAY_MS).replaceAll(':', '')}Z`;
}
