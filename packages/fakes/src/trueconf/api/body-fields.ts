/** Reads fields of a request body that anybody may have sent: each has the named type or is refused, nothing is assumed. */
import { TrueConfRefusal } from '../world/refusal.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(body: unknown, name = 'body'): Fields {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw wrong(name, 'an object');
  return body as Fields;
}

/** A string; numbers are taken too, as form-minded servers do. */
export function stringField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw wrong(name, 'a string');
  return value;
}

export function requiredString(fields: Fields, name: string): string {
  const value = stringField(fields, name);
  if (value === undefined || value === '') throw wrong(name, 'given');
  return value;
}

export function integerField(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrong(name, 'an integer');
  return number;
}

export function booleanField(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (value === true || value === 1 || value === '1' || value === 'true') return true;
  if (value === false || value === 0 || value === '0' || value === 'false') return false;
  throw wrong(name, 'true or false');
}

export function listField(fields: Fields, name: string): readonly unknown[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrong(name, 'a list');
  return value;
}

export function stringListField(fields: Fields, name: string): readonly string[] | undefined {
  return listField(fields, name)?.map((value) => {
    if (typeof value !== 'string') throw wrong(name, 'a list of strings');
    return value;
  });
}

/** Only the named fields, as they came. */
export function picked(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

function wrong(name: string, wanted: string): TrueConfRefusal {
  return new TrueConfRefusal('invalidParameter', `${name} must be ${wanted}.`, name);
}
