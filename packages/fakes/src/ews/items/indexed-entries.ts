/**
 * Properties that are lists of keyed entries (e-mail addresses, telephone numbers, postal addresses of a contact): one entry is
 * set, removed or read by IndexedFieldURI without touching the others (types.xsd PathToIndexedFieldType).
 */
import type { OpaqueNode } from '../../world/model.ts';

const LISTS: Readonly<Record<string, string>> = {
  EmailAddress: 'EmailAddresses',
  PhoneNumber: 'PhoneNumbers',
  PhysicalAddress: 'PhysicalAddresses',
  ImAddress: 'ImAddresses',
};
const KEYED = new Set(Object.values(LISTS));

interface IndexedPath {
  /** element of the list */
  readonly list: string;
  readonly key: string;
  /** part of an entry, for postal addresses */
  readonly part: string | undefined;
}

/** Reads `contacts:PhoneNumber/MobilePhone` or `contacts:PhysicalAddress:Street/Business`; undefined for other properties. */
export function readIndexedPath(uri: string): IndexedPath | undefined {
  const [path = '', key] = uri.split('/');
  const [, name = '', part] = path.split(':');
  const list = LISTS[name];
  return list === undefined || key === undefined ? undefined : { list, key, part };
}

/** A list with the entries of another written over it. */
export function mergeEntries(known: OpaqueNode | undefined, written: OpaqueNode): OpaqueNode {
  if (known === undefined || !KEYED.has(written.name)) return written;
  const entries = new Map(known.children.map((entry) => [entry.attributes.Key, entry]));
  for (const entry of written.children) {
    const before = entries.get(entry.attributes.Key);
    entries.set(entry.attributes.Key, before === undefined ? entry : mergeParts(before, entry));
  }
  return { ...known, children: [...entries.values()] };
}

function mergeParts(before: OpaqueNode, after: OpaqueNode): OpaqueNode {
  if (after.children.length === 0) return after;
  const parts = new Map(before.children.map((part) => [part.name, part]));
  for (const part of after.children) parts.set(part.name, part);
  return { ...before, ...after, children: [...parts.values()] };
}

/** A list without one entry, or without one part of it; undefined when nothing is left. */
export function withoutEntry(list: OpaqueNode, { key, part }: IndexedPath): OpaqueNode | undefined {
  const children = list.children.flatMap((entry) => {
    if (entry.attributes.Key !== key) return [entry];
    const rest = part === undefined ? [] : entry.children.filter((child) => child.name !== part);
    return rest.length === 0 ? [] : [{ ...entry, children: rest }];
  });
  return children.length === 0 ? undefined : { ...list, children };
}

/** The text of one entry, for filters. */
export function entryText(list: OpaqueNode | undefined, { key, part }: IndexedPath): string | undefined {
  const entry = list?.children.find((child) => child.attributes.Key === key);
  return part === undefined ? entry?.text : entry?.children.find((child) => child.name === part)?.text;
}
