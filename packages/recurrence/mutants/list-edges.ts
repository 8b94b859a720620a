/** Faults put into zones, their resolution and RRULE. Each `find` occurs once in its file. */
import type { Mutant } from './mutant.ts';

const table = (find: string, replace: string): Mutant => ({ file: 'zone-table.ts', find, replace });
const scan = (find: string, replace: string): Mutant => ({ file: 'zone-scan.ts', find, replace });
const definition = (find: string, replace: string): Mutant => ({ file: 'zone-definition.ts', find, replace });
const zone = (find: string, replace: string): Mutant => ({ file: 'time-zone.ts', find, replace });
const windows = (find: string, replace: string): Mutant => ({ file: 'windows-zones.ts', find, replace });
const resolve = (find: string, replace: string): Mutant => ({ file: 'resolve-time-zone.ts', find, replace });
const text = (find: string, replace: string): Mutant => ({ file: 'rrule-text.ts', find, replace });
const write = (find: string, replace: string): Mutant => ({ file: 'to-rrule.ts', find, replace });
const read = (find: string, replace: string): Mutant => ({ file: 'from-rrule.ts', find, replace });
const days = (find: string, replace: string): Mutant => ({ file: 'rrule-days.ts', find, replace });

export const EDGE_MUTANTS: readonly Mutant[] = [
  table('instant + Math.max(before, after)', 'instant + after'),
  table('instant + Math.max(before, after)', 'instant + before'),
  table('instant + Math.max(before, after)', 'instant + Math.min(before, after)'),
  table('switchSecond[i] = Math.max(instant + after,', 'switchSecond[i] = Math.max(instant + before,'),
  table('> DAY_MS) {', '>= DAY_MS) {'),
  table('< CLOSE_MS; j++', '< 0; j++'),
  table('(sorted[middle] as number) <= value', '(sorted[middle] as number) < value'),
  table('hint === 0 || wall >= (switches[hint - 1] as number)', 'true'),
  table('} else if (wall < (switches[hint + 1] as number)) return hint + 1;', '} else return hint + 1;'),

  scan('const STEP_MS = 5 * DAY_MS;', 'const STEP_MS = 15 * DAY_MS;'),
  scan('read(to - 1000) === offset ? to :', 'true ? to :'),
  scan('at.push(left);', 'at.push(high);'),
  scan('const FIRST_SCANNED_YEAR = 1820;', 'const FIRST_SCANNED_YEAR = 1900;'),
  scan('const TEMPLATE_YEARS = 48;', 'const TEMPLATE_YEARS = 5;'),
  scan('isLeapYear(year)}', 'false}'),
  scan('hour * 3600 + minute * 60 + second', 'hour * 3600 + minute * 60'),

  definition('0 - Math.round(bias * MINUTE_MS)', 'Math.round(bias * MINUTE_MS)'),
  definition('7 * (nth - 1)', '7 * nth'),
  definition('7 * (nth + 1)', '7 * nth'),
  definition('Math.min(day, daysInMonth(year, month))', 'day'),
  definition('groups.toSorted((a, b) => a.fromWall - b.fromWall)', 'groups'),
  definition('yield* walls.sort((a, b) => a.wall - b.wall);', 'yield* walls;'),
  definition('if (rule.wall <= wall) offset', 'if (rule.wall < wall) offset'),
  definition('if (at.length > 0 && instant <= (at.at(-1) as number)) {', 'if (false) {'),
  definition('const instant = wall - offset;', 'const instant = wall - next;'),
  definition('if (i > current) change(from, offsetAtStart(group, from));', ''),
  definition('rule.wall > from && rule.wall < to', 'rule.wall < to'),
  definition('rule.wall > from && rule.wall < to', 'rule.wall > from'),
  definition("if (transition.kind === 'always') always = offset;", "if (transition.kind === 'always') always = 0;"),
  definition("> DAY_MS) refuse(field, 'the offsets", "> 2 * DAY_MS) refuse(field, 'the offsets"),
  definition('if (starts.length > 0) {', 'if (false) {'),
  definition('if (nth === 0) refuse', 'if (false) refuse'),
  definition('if (transitions.length > MAX_RULES) refuse', 'if (false) refuse'),

  zone('if (from >= CORE_FROM && to <= CORE_TO) {', 'if (from >= CORE_FROM) {'),
  zone('if (from >= CORE_FROM && to <= CORE_TO) {', 'if (to <= CORE_TO) {'),
  zone("overlap === 'first' ? table.switchFirst : table.switchSecond", 'table.switchFirst'),
  zone(
    "gap === 'skip' && instant >= (table.at[index] as number)",
    "gap === 'skip' && instant > (table.at[index] as number)",
  ),
  zone('const wall = at + offsetAt(this.table(at, at), at);', 'const wall = at - offsetAt(this.table(at, at), at);'),
  zone('!/^[A-Za-z]/.test(id)', 'false'),
  zone('offsetAt(this.table(at, at), at) / MINUTE_MS', 'offsetAt(this.table(at, at), at) / 3_600_000'),
  zone('if (ianaZones.size < 1000) ianaZones.set(id, zone);', ''),

  windows('return ZONES.get(id.toLowerCase());', 'return ZONES.get(id);'),
  windows('-12 * 60, [3, 120], [10, 180]', '-12 * 60, [3, 120], [10, 120]'),
  windows('biasMinutes: biasMinutes - 60', 'biasMinutes'),

  resolve("const id = (ref.id || definition?.id) ?? '';", 'const id = ref.id;'),
  resolve('if (definition !== undefined && hasRules(ref)) {', 'if (definition !== undefined && id === "") {'),
  resolve('if (definition !== undefined && hasRules(ref)) {', 'if (definition !== undefined) {'),
  resolve('if (problems.length === 0) {', 'if (false) {'),
  resolve("if (!hasRules(ref)) report('custom", "report('custom"),
  resolve('return { ...found, problems }', 'return { ...found, problems: [] }'),
  resolve("if (windows) return { zone: windows, trust: 'windows' };", ''),

  text('text.length > MAX_LENGTH', 'false'),
  text('if (equals < 1 || parts.has(name)) return piece;', 'if (equals < 1) return piece;'),
  text("if (piece === '') continue;", ''),
  text('.toUpperCase()', ''),
  text('if (!(interval >= 1)) return', 'if (!(interval >= 0)) return'),
  text('!(count >= 1)) return', '!(count >= 0)) return'),
  text("match[1] === '0'", 'false'),
  text("zulu ? 'utc' : 'local'", "'utc'"),
  text('if (count !== undefined && until !== undefined) return', 'if (false) return'),
  text("(parts.get('WKST') ?? 'MO')", "(parts.get('WKST') ?? 'SU')"),
  text('[...new Set(numbers)].sort((a, b) => a - b)', 'numbers'),

  write('if (dayOfMonth <= shortest) return', 'if (dayOfMonth <= 31) return'),
  write("if (dayOfMonth >= longest) return ['BYMONTHDAY=-1'];", ''),
  write("'BYSETPOS=-1']", "'BYSETPOS=1']"),
  write('daysInMonth(2001, month), daysInMonth(2000, month)', '28, 31'),
  write('First: 1, Second: 2', 'First: 1, Second: 3'),
  write('DAYS_OF_WEEK.indexOf(pattern.firstDayOfWeek)', '1'),
  write('intervalPart((pattern as MultiYearPattern).interval ?? 1)', 'intervalPart(1)'),
  write('checked.allDay', 'false'),
  write('[...deleted].sort((a, b) => a - b)', '[...deleted]'),

  read('list.length !== 1 || list[0] !== value', 'list.length !== 1'),
  read('if (daily && rule.interval > 1) refuse', 'if (false) refuse'),
  read('daily ? 1 : rule.weekStart', 'rule.weekStart'),
  read("if (rule.by.BYMONTH) refuse('month-limit', 'BYMONTH');", ''),
  read('if (months && months.length > 1) refuse', 'if (false) refuse'),
  read('if (years > 1 && monthIndex !== anchor % 12) refuse', 'if (false) refuse'),
  read('interval: 12 * years, ...day };\n    return', 'interval: 12, ...day };\n    return'),
  read('if (!months && rule.byDay) refuse', 'if (false) refuse'),
  read('if (!months && rule.by.BYMONTHDAY) refuse', 'if (false) refuse'),
  read("if (allDay !== (until.form === 'date')) refuse", 'if (false) refuse'),
  read('>= timeMs ? day : day - 1', '>= 0 ? day : day - 1'),
  read('for (let candidate = day + 1; ; candidate--) {', 'for (let candidate = day; ; candidate--) {'),
  read('<= until.ms) return candidate;', '< until.ms) return candidate;'),
  read('if (rule.count > MAX_OCCURRENCES) refuse', 'if (false) refuse'),
  read('if (day <= MIN_DAY || day >= MAX_DAY) refuse', 'if (false) refuse'),
  read("return interval <= most ? interval : refuse('interval', 'INTERVAL');", 'return interval;'),
  read("refuseParts(rule, ['BYYEARDAY', 'BYWEEKNO']);", ''),
  read("refuseParts(rule, ['BYMONTH', 'BYMONTHDAY', 'BYSETPOS']);", ''),

  days('if (byDay.length > 1) refuse', 'if (false) refuse'),
  days("} else if (position === undefined) refuse('several-days', 'BYDAY');", '}'),
  days("if (by.BYMONTHDAY) refuse('by-part', 'BYMONTHDAY');", ''),
  days('index >= 5 && index <= 28', 'index >= 5 && index <= 31'),
  days("3: 'Third'", "3: 'Last'"),
  days("4: 'Fourth'", "4: 'Fourth', 5: 'Last'"),
  days("'28,29,30': 30", "'28,29,30': 31"),
  days('position === -1 ? CLAMPED_DAYS', 'true ? CLAMPED_DAYS'),
  days('(anchor + i * interval) % 12', '(anchor + i) % 12'),
  days('daysInMonth(2001, ((anchor', 'daysInMonth(2000, ((anchor'),
  days("return day <= shortest ? day : refuse('day-clamped', 'BYMONTHDAY');", 'return day;'),
  days('if (day === -1) return 31;', 'if (day === -1) return 30;'),
  days('positions.length !== 1) refuse', 'positions.length === 0) refuse'),
];
