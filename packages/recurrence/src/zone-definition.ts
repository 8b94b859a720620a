/**
 * EWS TimeZoneDefinition -> the changes of its offset: which group of yearly rules is in force when, and each
 * rule's wall time read in the offset before it. Hostile definitions are refused by field. SPEC.md, section 6.
 */
import type { TimeZoneDefinition, TimeZoneTransition } from '@calendar-connector/calendar-model';
import { DAY_MS, DAYS_OF_WEEK, dayNumber, daysInMonth, MINUTE_MS, parseDateTime, weekdayOf } from './civil.ts';
import { isRecord, RecurrenceError, shown } from './recurrence-error.ts';
import { refuseWildJumps, type ZoneChanges } from './zone-table.ts';

/** Far beyond what any server sends (the longest Windows zone has 30 groups of 2 rules); bounds for hostile input. */
const MAX_PARTS = 1000;
const MAX_RULES = 50;
const YEARS = [1600, 4502] as const;
const MAX_BIAS_MINUTES = 24 * 60;
const MAX_TIME_OFFSET_MINUTES = 7 * 24 * 60;

/** A yearly rule: day number of its date in a year, wall time of day, offset afterwards. */
interface YearlyRule {
  readonly dayIn: (year: number) => number;
  readonly timeMs: number;
  readonly offset: number;
}

interface Group {
  /** Wall time at which the group comes into force; -Infinity for the first. */
  readonly fromWall: number;
  /** Offset from the group's beginning on when it says so itself (`always`). */
  readonly always: number | undefined;
  readonly rules: readonly YearlyRule[];
}

function refuse(field: string, message: string): never {
  throw new RecurrenceError('InvalidTimeZoneDefinition', field, message);
}

function list(value: unknown, field: string): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) refuse(field, 'is not a list');
  if (value.length > MAX_PARTS) refuse(field, `has more than ${MAX_PARTS} entries`);
  value.forEach((entry, i) => {
    if (!isRecord(entry)) refuse(`${field}[${i}]`, 'is not an object');
  });
  return value;
}

function number(value: unknown, low: number, high: number, field: string, whole = true): number {
  if (typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
  return refuse(field, `${shown(value)} is not a number from ${low} to ${high}`);
}

function readPeriods(definition: TimeZoneDefinition): ReadonlyMap<unknown, number> {
  const offsets = new Map<unknown, number>();
  list(definition.periods, 'periods').forEach((period, i) => {
    if (typeof period.id !== 'string') refuse(`periods[${i}].id`, 'is not a text');
    const bias = number(period.biasMinutes, -MAX_BIAS_MINUTES, MAX_BIAS_MINUTES, `periods[${i}].biasMinutes`, false);
    offsets.set(period.id, 0 - Math.round(bias * MINUTE_MS));
  });
  return offsets;
}

/** Day number of the n-th (or n-th last) weekday of a month. */
function nthWeekday(year: number, month: number, weekday: number, nth: number): number {
  if (nth > 0) {
    const first = dayNumber(year, month, 1);
    return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1);
  }
  const last = dayNumber(year, month, daysInMonth(year, month));
  return last - ((weekdayOf(last) - weekday + 7) % 7) + 7 * (nth + 1);
}

type RecurringTransition = Exclude<TimeZoneTransition, { kind: 'always' }>;

function readRule(rule: RecurringTransition, offset: number, field: string): YearlyRule {
  const minutes = number(rule.timeOffsetMinutes, 0, MAX_TIME_OFFSET_MINUTES, `${field}.timeOffsetMinutes`, false);
  const timeMs = Math.round(minutes * MINUTE_MS);
  const month = number(rule.month, 1, 12, `${field}.month`);
  if (rule.kind === 'recurringDate') {
    const day = number(rule.day, 1, 31, `${field}.day`);
    return { dayIn: (year) => dayNumber(year, month, Math.min(day, daysInMonth(year, month))), timeMs, offset };
  }
  const weekday = DAYS_OF_WEEK.indexOf(rule.dayOfWeek);
  if (weekday < 0) refuse(`${field}.dayOfWeek`, `${shown(rule.dayOfWeek)} is not a day of the week`);
  const nth = number(rule.occurrence, -4, 4, `${field}.occurrence`);
  if (nth === 0) refuse(`${field}.occurrence`, '0 is not 1..4 or -1..-4');
  return { dayIn: (year) => nthWeekday(year, month, weekday, nth), timeMs, offset };
}

type GroupRules = Pick<Group, 'always' | 'rules'>;

function readGroup(value: unknown, periods: ReadonlyMap<unknown, number>, field: string): GroupRules {
  let always: number | undefined;
  const rules: YearlyRule[] = [];
  const transitions = list(value, field);
  if (transitions.length > MAX_RULES) refuse(field, `has more than ${MAX_RULES} entries`);
  transitions.forEach((entry, i) => {
    const transition = entry as unknown as TimeZoneTransition;
    const at = `${field}[${i}]`;
    const offset = periods.get(transition.to);
    if (offset === undefined) refuse(`${at}.to`, `the period ${shown(transition.to)} is missing`);
    if (transition.kind === 'always') always = offset;
    else if (transition.kind === 'recurringDay' || transition.kind === 'recurringDate') {
      rules.push(readRule(transition, offset, at));
    } else refuse(`${at}.kind`, `${shown(entry.kind)} is not a kind of transition`);
  });
  if (transitions.length === 0) refuse(field, 'has no transition');
  const all = rules.map((rule) => rule.offset).concat(always ?? []);
  if (Math.max(...all) - Math.min(...all) > DAY_MS) refuse(field, 'the offsets differ by more than a day');
  return { always, rules };
}

function readGroups(definition: TimeZoneDefinition): readonly Group[] {
  const periods = readPeriods(definition);
  const byId = new Map<unknown, GroupRules>();
  list(definition.groups, 'groups').forEach((group, i) => {
    byId.set(group.id, readGroup(group.transitions, periods, `groups[${i}].transitions`));
  });
  const groups = list(definition.transitions, 'transitions').map((start, i): Group => {
    const rules = byId.get(start.groupId);
    if (rules === undefined) refuse(`transitions[${i}].groupId`, `the group ${shown(start.groupId)} is missing`);
    const fromWall = start.from === undefined ? Number.NEGATIVE_INFINITY : parseDateTime(start.from);
    if (fromWall === undefined) refuse(`transitions[${i}].from`, `${shown(start.from)} is not a wall time`);
    return { ...rules, fromWall };
  });
  if (groups.length === 0) refuse('transitions', 'is empty');
  return groups.toSorted((a, b) => a.fromWall - b.fromWall);
}

/** The group's rules of some years in order of wall time. */
function* rulesIn(group: Group, fromYear: number, toYear: number): Generator<{ wall: number; offset: number }> {
  for (let year = fromYear; year <= toYear; year++) {
    const walls = group.rules.map((rule) => ({ wall: rule.dayIn(year) * DAY_MS + rule.timeMs, offset: rule.offset }));
    yield* walls.sort((a, b) => a.wall - b.wall);
  }
}

function yearOf(wall: number): number {
  return Math.floor(wall / DAY_MS / 365.2425) + 1970;
}

/** Offset a group has at a wall time: of its last rule up to then, of a year before if need be. */
function offsetAtStart(group: Group, wall: number): number {
  let offset = group.always;
  if (offset !== undefined) return offset;
  for (const rule of rulesIn(group, yearOf(wall) - 2, yearOf(wall) + 1)) {
    if (rule.wall <= wall) offset = rule.offset;
  }
  return offset as number;
}

/** A checked definition; `changes` lists what happens between the beginnings of two years. */
export interface DefinedRules {
  readonly changes: (fromYear: number, toYear: number) => ZoneChanges;
}

function changesOf(groups: readonly Group[], fromYear: number, toYear: number): ZoneChanges {
  const begin = dayNumber(fromYear, 1, 1) * DAY_MS;
  const end = dayNumber(toYear, 1, 1) * DAY_MS;
  const current = Math.max(
    0,
    groups.findLastIndex((group) => group.fromWall <= begin),
  );
  const initial = offsetAtStart(groups[current] as Group, begin);
  const at: number[] = [];
  const offsets: number[] = [];
  let offset = initial;
  const change = (wall: number, next: number): void => {
    if (next === offset) return;
    const instant = wall - offset;
    if (at.length > 0 && instant <= (at.at(-1) as number)) {
      // A later rule that falls on or before the last change replaces it.
      at.pop();
      offsets.pop();
      offset = offsets.at(-1) ?? initial;
      change(wall, next);
      return;
    }
    at.push(instant);
    offsets.push(next);
    offset = next;
  };
  for (let i = current; i < groups.length; i++) {
    const group = groups[i] as Group;
    const from = Math.max(group.fromWall, begin);
    const to = Math.min(groups[i + 1]?.fromWall ?? end, end);
    if (from >= end) break;
    if (i > current) change(from, offsetAtStart(group, from));
    for (const rule of rulesIn(group, yearOf(from) - 1, yearOf(to) + 1)) {
      if (rule.wall > from && rule.wall < to) change(rule.wall, rule.offset);
    }
  }
  return { initial, at, offsets };
}

/** Checks a definition and makes its rules ready. Throws RecurrenceError with the field at fault. */
export function readDefinition(definition: TimeZoneDefinition): DefinedRules {
  if (!isRecord(definition)) refuse('definition', 'is not an object');
  const groups = readGroups(definition);
  const starts = groups.map((group) => yearOf(group.fromWall)).filter((year) => Number.isFinite(year));
  if (starts.length > 0) {
    // Within a group the spread was checked; what is left are the seams between groups.
    const from = Math.max(YEARS[0], Math.min(...starts) - 2);
    refuseWildJumps(changesOf(groups, from, Math.min(YEARS[1], Math.max(...starts) + 3)));
  }
  return { changes: (fromYear, toYear) => changesOf(groups, fromYear, toYear) };
}
