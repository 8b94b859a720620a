/**
 * Lexical forms of XML Schema read straight from bytes (no intermediate strings on the hot path):
 * dateTime, boolean, int; and duration from text. Whitespace around a value is allowed, as the schema says.
 */
const MINUTE = 60_000;
const DAY = 86_400_000;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d;
}

function digits(data: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const digit = (data[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's days_from_civil). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isCalendarDate(year: number, month: number, day: number): boolean {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= (MONTH_DAYS[month - 1] ?? 0))) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** `2026-03-01T09:00:00[.fff][Z|±hh:mm]` to epoch milliseconds; without zone it is UTC (we always send a UTC context). */
export function parseInstant(data: Uint8Array, from: number, to: number): number {
  let start = from;
  let end = to;
  while (start < end && isSpace(data[start])) start++;
  while (end > start && isSpace(data[end - 1])) end--;
  if (end - start < 19) return Number.NaN;
  const year = digits(data, start, 4);
  const month = digits(data, start + 5, 2);
  const day = digits(data, start + 8, 2);
  const hour = digits(data, start + 11, 2);
  const minute = digits(data, start + 14, 2);
  const second = digits(data, start + 17, 2);
  if (data[start + 4] !== 0x2d || data[start + 7] !== 0x2d || data[start + 10] !== 0x54) return Number.NaN;
  if (data[start + 13] !== 0x3a || data[start + 16] !== 0x3a) return Number.NaN;
  if (!isCalendarDate(year, month, day) || !(hour <= 24 && minute <= 59 && second <= 59)) return Number.NaN;
  if (hour === 24 && (minute !== 0 || second !== 0)) return Number.NaN;
  let i = start + 19;
  let millis = 0;
  if (data[i] === 0x2e) {
    let scale = 100;
    i++;
    const first = i;
    for (; i < end; i++) {
      const digit = (data[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      millis += digit * scale;
      scale = Math.floor(scale / 10);
    }
    if (i === first) return Number.NaN;
  }
  const offset = parseOffset(data, i, end);
  return daysFromCivil(year, month, day) * DAY + hour * 3_600_000 + minute * MINUTE + second * 1000 + millis - offset;
}

function parseOffset(data: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const sign = data[start];
  if (sign === 0x5a) return start + 1 === end ? 0 : Number.NaN;
  if ((sign !== 0x2b && sign !== 0x2d) || end - start !== 6 || data[start + 3] !== 0x3a) return Number.NaN;
  const hours = digits(data, start + 1, 2);
  const minutes = digits(data, start + 4, 2);
  if (!(hours <= 14 && minutes <= 59)) return Number.NaN;
  return (sign === 0x2b ? 1 : -1) * (hours * 60 + minutes) * MINUTE;
}

/** `true`/`1`: true; `false`/`0`: false; anything else undefined. */
export function parseBoolean(value: string): boolean | undefined {
  const word = value.trim();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : undefined;
}

export function parseInteger(value: string): number {
  const word = value.trim();
  return /^[+-]?\d{1,10}$/.test(word) ? Number(word) : Number.NaN;
}

/** xs:duration to minutes (`PT8H`, `-PT3H30M`, `P1DT2H`); NaN when it is none or has years or months. */
export function parseDurationMinutes(value: string): number {
  const match = /^\s*(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d+)?S)?)?\s*$/.exec(value);
  if (match === null || /[PT]\s*$/.test(value)) return Number.NaN;
  const [, sign, d, h, m, s] = match;
  const minutes = Number(d ?? 0) * 1440 + Number(h ?? 0) * 60 + Number(m ?? 0) + Number(s ?? 0) / 60;
  return sign === undefined ? minutes : -minutes;
}

/** The date part of xs:date (`2026-03-01`, `2026-03-01Z`, `2026-03-01-08:00`) or of a dateTime; undefined when it is none. */
export function parseLocalDate(value: string): string | undefined {
  const match = /^\s*(\d{4})-(\d{2})-(\d{2})(?:T[\d:.]+)?(?:Z|[+-]\d{2}:\d{2})?\s*$/.exec(value);
  if (match === null) return undefined;
  const [, year, month, day] = match;
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return undefined;
  return `${year}-${month}-${day}`;
}
