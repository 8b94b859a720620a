/**
 * Prints what the daemon answers for people: values as `name: value`, lists of alike things as tables. It knows no
 * particular answer, so a newer daemon's fields show without a newer command.
 */
import type { Language } from '../program/language.ts';
import { fieldName, truth } from './field-names.ts';

const MAX_CELL = 60;
const INDENT = '  ';
/** Fields that hold an instant. */
const INSTANT = /(^since|^at|At|Start)$/;

/** Lines for a terminal, names in the reader's language; control characters of foreign texts are taken out. */
export function renderValue(value: unknown, language: Language, indent = ''): string[] {
  if (Array.isArray(value)) return renderList(value, language, indent);
  if (!isRecord(value)) return [`${indent}${cell(value)}`];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined || inner === null || isEmpty(inner)) return [];
    const label = `${indent}${fieldName(name, language)}:`;
    if (isSimple(inner)) return [`${label} ${shown(name, inner, language)}`];
    return [label, ...renderValue(inner, language, indent + INDENT)];
  });
}

/** Columns in the given order, then aligned. Missing values are empty. */
export function renderTable(
  rows: readonly unknown[],
  columns: readonly string[],
  language: Language,
  indent = '',
): string[] {
  const body = rows.map((row) => columns.map((column) => short(shown(column, at(row, column), language))));
  const lines = [columns.map((column) => fieldName(column, language).toUpperCase()), ...body];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => [...(line[index] ?? '')].length)));
  return lines.map((line) =>
    `${indent}${line.map((text, index) => text + ' '.repeat((widths[index] ?? 0) - [...text].length)).join('  ')}`.trimEnd(),
  );
}

/** A value by its path, `status.state`. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

/** An instant (epoch milliseconds) or an RFC 3339 text as `2030-01-31 10:00:00Z`. */
export function moment(value: unknown): string {
  const instant = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? cell(value) : `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

export function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/\p{C}/gu, ' ');
}

/** A value as its field means it: instants are numbers in the answers and moments for people. */
function shown(name: string, value: unknown, language: Language): string {
  if (typeof value === 'boolean') return truth(value, language);
  return typeof value === 'number' && INSTANT.test(name) ? moment(value) : cell(value);
}

function renderList(list: readonly unknown[], language: Language, indent: string): string[] {
  if (list.every(isSimple)) return list.map((one) => `${indent}${cell(one)}`);
  const columns = [...new Set(list.flatMap((one) => (isRecord(one) ? Object.keys(one) : [])))];
  return renderTable(list, columns, language, indent);
}

function short(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_CELL ? text : `${characters.slice(0, MAX_CELL - 1).join('')}…`;
}

function isSimple(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
