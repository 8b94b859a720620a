/**
 * Random series, half of them broken somewhere, thrown at the whole surface. Either everything works and is consistent,
 * or a RecurrenceError with code and field comes back; nothing else, and no call takes long. SPEC.md, S8.1.
 */
import {
  compileSeries,
  fromRRule,
  RecurrenceError,
  type RecurrenceSeries,
  TimeZone,
  toRRule,
} from '../../src/index.ts';
import { NAMELESS_PACIFIC } from '../semantics/times.ts';

type Next = (below: number) => number;

/** Deterministic numbers (mulberry32). */
function generator(seed: number): Next {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const RELATIVE = [...DAYS, 'Day', 'Weekday', 'WeekendDay'];
const INDICES = ['First', 'Second', 'Third', 'Fourth', 'Last'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const TYPES = ['Daily', 'Weekly', 'AbsoluteMonthly', 'RelativeMonthly', 'AbsoluteYearly', 'RelativeYearly'];
const ZONES = [
  ...['UTC', 'Europe/Berlin', 'Europe/Moscow', 'Pacific/Apia', 'America/Sao_Paulo'].map((id) => TimeZone.fromIana(id)),
  TimeZone.fromDefinition(NAMELESS_PACIFIC),
];
const NASTY: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  -1,
  0.5,
  1e300,
  2 ** 31,
  2 ** 53,
  '',
  '0',
  'Monday',
  '2026-01-01',
  '9999-12-31',
  '24:00',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  [],
  ['Monday'],
  {},
  true,
  Symbol('nasty'),
  10n,
  () => 1,
];

const two = (value: number): string => `${value}`.padStart(2, '0');

function date(next: Next): string {
  const year = next(8) === 0 ? 1590 + next(2925) : 1970 + next(80);
  return `${`${year}`.padStart(4, '0')}-${two(1 + next(12))}-${two(1 + next(next(20) === 0 ? 32 : 28))}`;
}

function plainSeries(next: Next): Record<string, Record<string, unknown> | unknown> {
  const pattern = {
    type: TYPES[next(6)],
    interval: 1 + next(next(4) === 0 ? 99 : 4),
    daysOfWeek: undefined as unknown,
    firstDayOfWeek: DAYS[next(7)],
    dayOfMonth: 1 + next(31),
    dayOfWeekIndex: INDICES[next(5)],
    month: MONTHS[next(12)],
  };
  pattern.daysOfWeek = pattern.type === 'Weekly' ? DAYS.filter(() => next(3) === 0) : RELATIVE[next(10)];
  if (pattern.type?.endsWith('Yearly')) pattern.interval = 1 + next(8);
  const startDate = date(next);
  const range = {
    type: ['NoEnd', 'EndDate', 'Numbered'][next(3)],
    startDate,
    endDate: next(5) === 0 ? date(next) : `${Number(startDate.slice(0, 4)) + 1 + next(6)}-${two(1 + next(12))}-15`,
    numberOfOccurrences: 1 + next(next(3) === 0 ? 999 : 30),
  };
  return {
    pattern,
    range,
    startTime: next(4) === 0 ? '02:30' : `${two(next(24))}:${two(next(60))}`,
    durationMinutes: next(5) === 0 ? next(20_000) : 15 * next(12),
    timeZone: ZONES[next(ZONES.length)],
    allDay: next(5) === 0,
  };
}

/** Breaks one thing in a series. */
function spoil(series: Record<string, unknown>, next: Next): void {
  const target = [series, series.pattern, series.range][next(3)] as Record<string, unknown>;
  const keys = Object.keys(target);
  const key = keys[next(keys.length)] as string;
  target[key] = NASTY[next(NASTY.length)];
}

function withExceptions(series: Record<string, unknown>, next: Next): void {
  const base = Date.parse(`${(series.range as { startDate: string }).startDate}T00:00:00Z`);
  if (Number.isNaN(base)) return;
  const instant = (): unknown =>
    next(200) === 0 ? NASTY[next(NASTY.length)] : base + next(60) * 86_400_000 + next(96) * 900_000;
  series.deletedOccurrences = Array.from({ length: next(4) }, instant);
  const modified = Array.from({ length: next(4) }, () => {
    const start = instant();
    return { originalStart: instant(), start, end: typeof start === 'number' ? start + next(100) * 900_000 : start };
  });
  const sortable = modified.every(({ originalStart }) => typeof originalStart === 'number');
  if (sortable && next(10) > 0) modified.sort((a, b) => (a.originalStart as number) - (b.originalStart as number));
  series.modifiedOccurrences = modified;
}

function expect(truth: boolean, what: string): void {
  if (!truth) throw new Error(`inconsistent: ${what}`);
}

/** Asks a good series everything, and its answers of each other. */
function exercise(series: RecurrenceSeries, next: Next): void {
  const policy = {
    gap: next(4) === 0 ? 'skip' : 'shift-forward',
    overlap: next(4) === 0 ? 'second' : 'first',
  } as const;
  const compiled = compileSeries(series, policy);
  const first = compiled.first();
  const base = first?.start ?? Date.UTC(2026, 0, 1);
  const from = base + (next(800) - 100) * 86_400_000;
  const to = from + next(200) * 86_400_000;
  const found = compiled.between(from, to);
  expect(found.length <= 200 + 14 + 10 + series.durationMinutes / 1440, 'more occurrences than days');
  let previous = Number.NEGATIVE_INFINITY;
  for (const { start, end } of found) {
    expect(start >= previous && end >= start && start < to && (end > from || start >= from), 'window');
    previous = start;
  }
  expect(compiled.fill(from, to, new Float64Array(300)) === Math.min(300, found.length), 'fill');
  const index = 1 + next(40);
  const at = compiled.occurrenceAt(index);
  if (typeof at === 'object' && at.kind === 'occurrence') {
    const again = compiled.indexOf(at.originalStart);
    expect(again === index || (again > 0 && Math.abs(again - index) === 1), 'index');
    compiled.validateModification({
      originalStart: at.originalStart,
      start: at.start + next(200) * 900_000,
      end: at.end + next(300) * 900_000,
    });
  }
  compiled.exchangeError();
  if (next(10) === 0) compiled.last();
  const { rrule } = toRRule(series.pattern, series.range, series);
  const back = fromRRule(rrule, { ...series, startDate: series.range.startDate });
  expect(back.ok || back.reason === 'multi-year-anchor', `round trip of ${rrule}`);
}

const PIECES = [
  'FREQ=',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'YEARLY',
  ';',
  ';',
  ';',
  'BYDAY=',
  'MO',
  'TU,WE',
  '-1FR',
  '2SU',
  'BYMONTHDAY=',
  '31',
  '-1',
  '28,29',
  'BYSETPOS=',
  '1',
  'INTERVAL=',
  '2',
  'COUNT=',
  '10',
  'UNTIL=',
  '20260301T000000Z',
  '20260301',
  'BYMONTH=',
  '2',
  'WKST=',
  'SU',
  'BYHOUR=',
  '9',
  'X',
  '=',
  ',',
  '\u0000',
];

function rule(next: Next): string {
  return `FREQ=${['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'][next(4)]};${Array.from({ length: next(12) }, () => PIECES[next(PIECES.length)]).join('')}`;
}

export interface FuzzResult {
  readonly accepted: number;
  /** How often each code came back. */
  readonly refused: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Runs `count` series; throws, with the series, on anything that must not happen. */
export function fuzz(count: number, seed: number, progress: (done: number) => void = () => undefined): FuzzResult {
  const next = generator(seed);
  let accepted = 0;
  let slowestMs = 0;
  const refused: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const series = plainSeries(next);
    if (next(2) === 0) withExceptions(series, next);
    if (next(3) === 0) spoil(series, next);
    const begin = performance.now();
    try {
      exercise(series as unknown as RecurrenceSeries, next);
      if (next(4) === 0) {
        fromRRule(rule(next), { startDate: '2026-01-31', startTime: '09:00', timeZone: ZONES[next(2)] as TimeZone });
      }
      accepted++;
    } catch (error) {
      if (!(error instanceof RecurrenceError) || error.field === '') {
        const text = JSON.stringify(series, (_key, value) =>
          typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'number' ? String(value) : value,
        );
        throw new Error(`series ${i} of seed ${seed}: ${text}`, { cause: error });
      }
      refused[error.code] = (refused[error.code] ?? 0) + 1;
    }
    // The first use of a zone reads it from Intl; that is its one slow moment.
    if (i > 2000) slowestMs = Math.max(slowestMs, performance.now() - begin);
    if (i % 100_000 === 0) progress(i);
  }
  return { accepted, refused, slowestMs };
}
