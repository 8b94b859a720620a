/** JSON Schema in words, short enough for a cell of a table. */
import type { JsonSchema } from '@calendar-connector/client-protocol';

export interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
}

/** The fields of an object schema, nested ones as `event.title`, elements of lists as `attendees[].email`. */
export function fieldRows(schema: JsonSchema, prefix = ''): FieldRow[] {
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const properties = (schema.properties as Record<string, JsonSchema> | undefined) ?? {};
  return Object.entries(properties).flatMap(([field, inner]) => {
    const name = `${prefix}${field}`;
    const row = { name, type: typeText(inner), isRequired: required.has(field) };
    const below = inner.type === 'array' ? (inner.items as JsonSchema) : inner;
    return [row, ...fieldRows(below, inner.type === 'array' ? `${name}[].` : `${name}.`)];
  });
}

/** `text, 1 to 255 characters` · `"this" or "series"` · `list of objects, at most 1000`. */
export function typeText(schema: JsonSchema): string {
  const constant = schema.const;
  if (constant !== undefined) return JSON.stringify(constant);
  const values = schema.enum as unknown[] | undefined;
  const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  const text =
    values?.map((value) => JSON.stringify(value)).join(', ') ??
    options?.map(optionText).join(' or ') ??
    plainText(schema);
  return schema.default === undefined ? text : `${text}; default ${JSON.stringify(schema.default)}`;
}

/** One of several shapes: objects are told apart by their constant field. */
function optionText(schema: JsonSchema): string {
  const fields = (schema.properties as Record<string, JsonSchema> | undefined) ?? {};
  if (Object.keys(fields).length === 0) return typeText(schema);
  return `{ ${Object.entries(fields)
    .map(([name, inner]) => (inner.const === undefined ? name : `${name}: ${JSON.stringify(inner.const)}`))
    .join(', ')} }`;
}

function plainText(schema: JsonSchema): string {
  switch (schema.type) {
    case 'string':
      return stringText(schema);
    case 'integer':
      return `whole number${rangeText(schema.minimum, schema.maximum)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `list of ${elementText(schema.items as JsonSchema)}${schema.maxItems === undefined ? '' : `, at most ${String(schema.maxItems)}`}`;
    case 'null':
      return 'null';
    default:
      return 'object';
  }
}

function elementText(items: JsonSchema): string {
  return items.type === 'object' ? 'objects' : typeText(items);
}

function stringText(schema: JsonSchema): string {
  if (schema.format === 'date-time') return 'time with offset (RFC 3339)';
  if (schema.format === 'date') return 'date';
  if (schema.format === 'uri') return 'web address';
  const [least, most] = [schema.minLength, schema.maxLength];
  if (most !== undefined) return `text, ${least === undefined ? 'up' : String(least)} to ${String(most)} characters`;
  return least === undefined ? 'text' : 'text, not empty';
}

function rangeText(least: unknown, most: unknown): string {
  const isOpen = (bound: unknown) => bound === undefined || Math.abs(Number(bound)) >= Number.MAX_SAFE_INTEGER;
  if (isOpen(least) && isOpen(most)) return '';
  if (isOpen(most)) return `, ${String(least)} or more`;
  return `, ${String(least)} to ${String(most)}`;
}
