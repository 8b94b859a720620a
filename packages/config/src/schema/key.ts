/**
 * What the schema knows of each key beside its type: words for people, whose key it is, when a change applies.
 * One table feeds error messages, the generated reference and the generated sample, so they cannot disagree.
 */
import { z } from 'zod';
import type { Text } from '../language.ts';

export interface KeyInfo {
  /** what the key is for: one sentence */
  readonly about: Text;
  /** which values are allowed */
  readonly allowed: Text;
  /** `guide`: a key of the original product under its own name; `ours`: our addition */
  readonly origin: 'guide' | 'ours';
  /** does SIGHUP apply a change, or does it need a restart */
  readonly applies: 'live' | 'restart';
  /** value shown in messages and in the sample */
  readonly example: unknown;
  /** the value must never be shown */
  readonly secret?: true;
}

/** The schema's side table: schema node → what is known of its key. */
export const KEYS = z.registry<KeyInfo>();

type Given = Omit<KeyInfo, 'allowed' | 'origin' | 'applies' | 'example'> & Partial<KeyInfo>;

/** Attaches what is known of a key to its schema. */
function key<S extends z.ZodType>(schema: S, info: Given, allowed: Text, example: unknown): S {
  KEYS.add(schema, { allowed, origin: 'ours', applies: 'live', example, ...info });
  return schema;
}

export function wholeNumber(info: Given & { readonly min: number; readonly max: number; readonly default: number }) {
  const { min, max, default: standard, ...rest } = info;
  const allowed = { en: `a whole number from ${min} to ${max}`, ru: `целое число от ${min} до ${max}` };
  return key(z.int().min(min).max(max).default(standard), rest, allowed, standard);
}

export function flag(info: Given & { readonly default: boolean }) {
  const { default: standard, ...rest } = info;
  return key(z.boolean().default(standard), rest, { en: 'true or false', ru: 'true или false' }, standard);
}

export function choice<const V extends readonly [string, ...string[]]>(
  values: V,
  info: Given & { readonly default: V[number] },
) {
  const { default: standard, ...rest } = info;
  const list = values.map((value) => `"${value}"`).join(', ');
  const schema = z.enum(values).default(standard as never);
  const words =
    values.length === 1
      ? { en: `only ${list}`, ru: `только ${list}` }
      : { en: `one of ${list}`, ru: `одно из ${list}` };
  return key(schema, rest, words, standard);
}

/** A text that must match a pattern; `allowed` says the pattern in words. */
export function text(pattern: RegExp, info: Given & { readonly allowed: Text; readonly example: string }) {
  return key(z.string().regex(pattern), info, info.allowed, info.example);
}

export function textOr(standard: string, pattern: RegExp, info: Given & { readonly allowed: Text }) {
  return key(z.string().regex(pattern).default(standard), info, info.allowed, standard);
}

/** What the sample shows where a secret belongs; refused when it is left there. */
export const SECRET_PLACEHOLDER = 'dGNf…';

/** A password in one of its four forms; resolved to `Secret` later, by secret-values.ts. */
export function secret(info: Given & { readonly mayBeEmpty?: boolean }) {
  const { mayBeEmpty, ...rest } = info;
  const allowed = {
    en: `the output of --hash_pass, file:PATH, credential:NAME or (not advised) plain text${mayBeEmpty ? '; empty means no password' : ''}`,
    ru: `вывод --hash_pass, file:ПУТЬ, credential:ИМЯ или (не советуем) открытый текст${mayBeEmpty ? '; пусто — без пароля' : ''}`,
  };
  const schema = mayBeEmpty ? z.string().max(8192) : z.string().min(1).max(8192);
  return key(schema, { ...rest, secret: true }, allowed, SECRET_PLACEHOLDER);
}

export function list<S extends z.ZodType>(element: S, info: Given & { readonly allowed: Text; readonly min?: number }) {
  const { min, ...rest } = info;
  return key(z.array(element).min(min ?? 0), rest, info.allowed, info.example ?? []);
}

export function listOrNone<S extends z.ZodType>(element: S, info: Given & { readonly allowed: Text }) {
  return key(z.array(element).default([]), info, info.allowed, info.example ?? []);
}

const AN_OBJECT: Text = { en: 'an object { … }', ru: 'объект { … }' };

/** A section whose keys all have defaults: leaving it out means all of them. */
export function section<S extends z.core.$ZodLooseShape>(shape: S, info: Given) {
  return key(z.object(shape).prefault({} as never), info, AN_OBJECT, {});
}

/** A section that may be absent altogether (absence means something). */
export function optionalSection<S extends z.core.$ZodLooseShape>(shape: S, info: Given) {
  return key(z.object(shape).optional(), info, AN_OBJECT, {});
}

/** An entry of a list of objects. */
export function entry<S extends z.core.$ZodLooseShape>(shape: S, info: Given) {
  return key(z.object(shape), info, AN_OBJECT, {});
}

export function optional<S extends z.ZodType>(schema: S) {
  const known = KEYS.get(schema);
  const wrapped = schema.optional();
  if (known) KEYS.add(wrapped, known);
  return wrapped;
}
