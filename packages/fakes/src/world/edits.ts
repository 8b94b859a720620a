/**
 * Which properties of an item a write changed, remembered for a while: what a server needs to merge the changes of two people
 * who began from the same version (UpdateItem with AutoResolve).
 */
import type { CalendarRecord, ItemContent, ItemRecord } from './model.ts';

/** Follows from other properties or is kept by the server: nobody's change. */
const DERIVED = new Set(['state', 'sequence', 'requestSent', 'intendedFreeBusy', 'replyTime']);
const MAPS = new Set(['extended', 'opaque']);
/** Writes remembered per item. */
const MOST_EDITS = 50;

interface Edit {
  readonly change: number;
  readonly properties: readonly string[];
}

/** Names of the properties two versions of an item differ in; those of single occurrences carry their original start. */
export function differences(before: ItemRecord, after: ItemRecord): string[] {
  const found = contentDifferences(before.content, after.content);
  if (before.isRead !== after.isRead) found.push('isRead');
  if (before.kind === 'calendar' && after.kind === 'calendar') found.push(...seriesDifferences(before, after));
  return found;
}

function contentDifferences(before: Partial<ItemContent>, after: Partial<ItemContent>): string[] {
  if (before === after) return [];
  const found: string[] = [];
  const left = before as Readonly<Record<string, unknown>>;
  const right = after as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (DERIVED.has(key) || left[key] === right[key]) continue;
    if (MAPS.has(key)) found.push(...mapDifferences(key, left[key], right[key]));
    else if (JSON.stringify(left[key]) !== JSON.stringify(right[key])) found.push(key);
  }
  return found;
}

function mapDifferences(name: string, before: unknown, after: unknown): string[] {
  const left = (before ?? new Map()) as ReadonlyMap<string, unknown>;
  const right = (after ?? new Map()) as ReadonlyMap<string, unknown>;
  const keys = new Set([...left.keys(), ...right.keys()]);
  return [...keys]
    .filter(
      (key) => left.get(key) !== right.get(key) && JSON.stringify(left.get(key)) !== JSON.stringify(right.get(key)),
    )
    .map((key) => `${name} ${key}`);
}

function seriesDifferences(before: CalendarRecord, after: CalendarRecord): string[] {
  if (before.series === after.series) return [];
  const found: string[] = [];
  if (JSON.stringify(before.series?.recurrence) !== JSON.stringify(after.series?.recurrence)) found.push('recurrence');
  const originals = new Set([...(before.series?.exceptions.keys() ?? []), ...(after.series?.exceptions.keys() ?? [])]);
  for (const original of originals) {
    const left = before.series?.exceptions.get(original)?.overlay ?? {};
    const right = after.series?.exceptions.get(original)?.overlay ?? {};
    found.push(...contentDifferences(left, right).map((name) => `${original} ${name}`));
  }
  const deleted = new Set([...(before.series?.deleted ?? []), ...(after.series?.deleted ?? [])]);
  for (const original of deleted)
    if (before.series?.deleted.has(original) !== after.series?.deleted.has(original)) found.push(`${original} deleted`);
  return found;
}

/** The last changes of the items of one mailbox. */
export class EditHistory {
  readonly #edits = new Map<number, Edit[]>();

  note(before: ItemRecord, after: ItemRecord): void {
    const edits = this.#edits.get(after.number) ?? [{ change: before.change, properties: [] }];
    edits.push({ change: after.change, properties: differences(before, after) });
    if (edits.length > MOST_EDITS) edits.shift();
    this.#edits.set(after.number, edits);
  }

  forget(number: number): void {
    this.#edits.delete(number);
  }

  /** What was changed after a version; undefined when that is too long ago to be known. */
  since(number: number, change: number): ReadonlySet<string> | undefined {
    const edits = this.#edits.get(number);
    const first = edits?.findIndex((edit) => edit.change === change) ?? -1;
    if (edits === undefined || first < 0) return undefined;
    return new Set(edits.slice(first + 1).flatMap((edit) => edit.properties));
  }
}
