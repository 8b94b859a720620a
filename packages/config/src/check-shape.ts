/** First pass over config.json: syntax, keys written twice, unknown keys, wrong or missing values. Asks the schema for words. */
import type { z } from 'zod';
import { type ConfigDocument, elements, properties } from './document.ts';
import type { KeyPath } from './finding.ts';
import { KINDS } from './messages.ts';
import { nearestName } from './nearest.ts';
import type { Reporter } from './reporter.ts';
import { type ConfigFile, configFile } from './schema/config-file.ts';
import type { KeyInfo } from './schema/key.ts';
import { elementOf, fieldsOf, keyInfoAt, placesOf, schemaAt } from './schema-walk.ts';

/** Longest value that is repeated in a message. */
const SHOWN_CHARACTERS = 60;

/** The validated file, or undefined after reporting why not. */
export function checkShape(document: ConfigDocument, report: Reporter): ConfigFile | undefined {
  const value = checkGrammar(document, report);
  if (value === undefined) return undefined;
  for (const { at, path } of document.duplicates()) report.errorAt(at, path, report.say.duplicateKey());
  reportUnknownKeys(document, report);
  const result = configFile.safeParse(value);
  if (!result.success) reportIssues(result.error, value, report);
  return result.success && !report.hasErrors ? result.data : undefined;
}

/** The section `registration` alone, whatever is wrong in the others; undefined after reporting what is wrong in it. */
export function checkRegistrationShape(
  document: ConfigDocument,
  report: Reporter,
): ConfigFile['registration'] | undefined {
  const value = checkGrammar(document, report);
  if (value === undefined) return undefined;
  for (const { at, path } of document.duplicates()) {
    if (path[0] === 'registration') report.errorAt(at, path, report.say.duplicateKey());
  }
  const result = configFile.pick({ registration: true }).safeParse(value);
  if (!result.success) reportIssues(result.error, value, report);
  return result.success && !report.hasErrors ? result.data.registration : undefined;
}

/** The plain value of the file; undefined after reporting that it is no object at all. */
function checkGrammar(document: ConfigDocument, report: Reporter): unknown {
  if (document.isEmpty) {
    report.error([], report.say.empty());
    return undefined;
  }
  const [fault] = document.syntaxFaults;
  if (fault) {
    report.errorAt(fault.at, [], report.say.syntax(fault.code));
    return undefined;
  }
  const value = document.value();
  if (document.root?.type === 'object') return value;
  report.error([], report.say.notAnObject(found(value, undefined, report)));
  return undefined;
}

function reportUnknownKeys(document: ConfigDocument, report: Reporter): void {
  const pending: KeyPath[] = [[]];
  for (let path = pending.pop(); path; path = pending.pop()) {
    const node = document.find(path);
    const schema = schemaAt(configFile, path);
    if (!node || !schema) continue;
    const fields = fieldsOf(schema);
    for (const [name] of fields ? properties(node) : []) {
      if (fields && Object.hasOwn(fields, name)) pending.push([...path, name]);
      else report.onKey('warning', [...path, name], unknownKey(name, Object.keys(fields ?? {}), report));
    }
    if (!elementOf(schema)) continue;
    // A list of ten thousand addresses has no keys in it: only what can hold some is looked at.
    for (const [index, element] of elements(node).entries()) if (element.children) pending.push([...path, index]);
  }
}

/** A key that is known elsewhere stands in the wrong place; else a similar one of this place was probably meant. */
function unknownKey(name: string, known: readonly string[], report: Reporter): string {
  const places = placesOf(configFile, name);
  const named = places.map((path) => (path === '' ? report.say.outermost() : `"${path}"`));
  if (named.length > 0) return report.say.misplacedKey(named.join(', '));
  const nearest = nearestName(name, known);
  return nearest ? report.say.unknownKey(nearest) : report.say.unknownKeyAlone(known.join(', '));
}

function reportIssues(error: z.ZodError, value: unknown, report: Reporter): void {
  const told = new Set<string>();
  for (const issue of error.issues) {
    const path = issue.path as KeyPath;
    const place = JSON.stringify(path);
    if (told.has(place)) continue;
    told.add(place);
    const info = keyInfoAt(configFile, path);
    const allowed = info?.allowed[report.language] ?? issue.message;
    const given = valueAt(value, path);
    if (given === undefined) report.error(path, report.say.missing(allowed, example(path, info)));
    else report.error(path, report.say.wrongValue(found(given, info, report), allowed, example(path, info)));
  }
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], value);
}

function example(path: KeyPath, info: KeyInfo | undefined): string {
  const name = path.at(-1);
  const shown = shownExample(info?.example);
  return typeof name === 'string' ? `"${name}": ${shown}` : shown;
}

function shownExample(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shownExample).join(', ')}]`;
  return typeof value === 'object' && value !== null ? '{ … }' : JSON.stringify(value ?? null);
}

/** What stands there, in words; the value itself only where a plain value belongs that is no secret. */
function found(value: unknown, info: KeyInfo | undefined, report: Reporter): string {
  const kind = KINDS[kindOf(value)]?.[report.language] ?? kindOf(value);
  const isPlain =
    typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '');
  const mayShow = isPlain && info && !info.secret && typeof info.example !== 'object';
  return mayShow ? shorten(JSON.stringify(value).replace(/\/\/[^/@]*@/g, '//***@')) : kind;
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join('')}…` : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'emptyList' : 'array';
  return typeof value;
}
