/** Walking the schema beside a document: which keys an object knows, what is known of a key, what its default is. */
import { z } from 'zod';
import type { KeyPath } from './finding.ts';
import { KEYS, type KeyInfo } from './schema/key.ts';

/** The schema without its wrappers (optional, default, prefault). */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.def.innerType as z.ZodType;
  }
  return inner;
}

/** The keys an object schema knows, in the order of the schema; undefined when it is no object. */
export function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : undefined;
}

export function elementOf(schema: z.ZodType): z.ZodType | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
}

/** The schema of a path; undefined when the schema has no such key. */
export function schemaAt(root: z.ZodType, path: KeyPath): z.ZodType | undefined {
  let schema: z.ZodType | undefined = root;
  for (const step of path) {
    if (!schema) return undefined;
    schema = typeof step === 'number' ? elementOf(schema) : ownField(schema, step);
  }
  return schema;
}

function ownField(schema: z.ZodType, name: string): z.ZodType | undefined {
  const fields = fieldsOf(schema);
  return fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** What is known of the key at a path. */
export function keyInfoAt(root: z.ZodType, path: KeyPath): KeyInfo | undefined {
  const schema = schemaAt(root, path);
  return schema && KEYS.get(schema);
}

/** The sections that know a key of this name: `cache`, `calendarProviders[]`; the file itself is ``. */
export function placesOf(root: z.ZodType, name: string): string[] {
  const found: string[] = [];
  const pending: [string, z.ZodType][] = [['', root]];
  for (let next = pending.shift(); next; next = pending.shift()) {
    const [place, schema] = next;
    const element = elementOf(schema);
    if (element) pending.push([`${place}[]`, element]);
    const fields = fieldsOf(schema) ?? {};
    if (Object.hasOwn(fields, name)) found.push(place);
    for (const [key, inner] of Object.entries(fields)) pending.push([place === '' ? key : `${place}.${key}`, inner]);
  }
  return found;
}

/** Has the key a default of its own (a section of defaults has not)? */
export function defaultOf(schema: z.ZodType): { readonly value: unknown } | undefined {
  return schema instanceof z.ZodDefault ? { value: schema.def.defaultValue } : undefined;
}

export function isRequired(schema: z.ZodType): boolean {
  return !(schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault);
}
