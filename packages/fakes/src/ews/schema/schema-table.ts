/**
 * The generated schema table in a form that can be walked: types by name, particles as trees.
 * Grammar of a particle: `(a,b)` sequence, `(a|b)` choice, `(a&b)` all, `~` any, `p:Name=type` element, then `?`, `*`, `+`, `{m:n}`.
 */
import { SCHEMA_ITEMS, SCHEMA_ROOTS, SCHEMA_TYPES } from './schema-table.generated.ts';

export interface Particle {
  readonly kind: 'element' | 'sequence' | 'choice' | 'all' | 'any';
  readonly min: number;
  readonly max: number;
  /** `t` or `m` */
  readonly prefix: string;
  readonly name: string;
  readonly type: string;
  readonly parts: readonly Particle[];
}

export interface SchemaAttribute {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

export type SchemaType =
  | {
      readonly kind: 'complex';
      readonly attributes: ReadonlyMap<string, SchemaAttribute>;
      readonly text: string | undefined;
      readonly particle: Particle | undefined;
    }
  | {
      readonly kind: 'simple';
      readonly base: string;
      readonly values: ReadonlySet<string> | undefined;
      readonly facets: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'list'; readonly item: string }
  | { readonly kind: 'union'; readonly members: readonly string[] };

const source = new Map(
  SCHEMA_TYPES.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
);
const parsed = new Map<string, SchemaType>();
export const ROOTS: ReadonlyMap<string, string> = pairs(SCHEMA_ROOTS);
const ITEMS = pairs(SCHEMA_ITEMS);

function pairs(list: readonly string[]): Map<string, string> {
  return new Map(list.map((entry) => entry.split('=') as [string, string]));
}

/** A type by its prefixed name; undefined for the schema language's own. */
export function findType(name: string): SchemaType | undefined {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const line = source.get(name);
  if (line === undefined) return undefined;
  const type = parseType(line);
  parsed.set(name, type);
  return type;
}

function parseType(line: string): SchemaType {
  const [kind = '', ...rest] = line.split(' ');
  switch (kind) {
    case 'complex': {
      const [attributes = '', text = '', particle = ''] = rest;
      return {
        kind,
        attributes: new Map(
          attributes
            .split(',')
            .filter((entry) => entry !== '')
            .map(parseAttribute),
        ),
        text: text === '-' || text === '' ? undefined : text,
        particle: particle === '' ? undefined : new ParticleReader(particle).read(),
      };
    }
    case 'list':
      return { kind, item: rest[0] ?? 'xs:string' };
    case 'union':
      return { kind, members: rest };
    default:
      return parseSimple(line);
  }
}

function parseAttribute(entry: string): [string, SchemaAttribute] {
  const [left = '', type = 'xs:string'] = entry.split('=');
  const name = left.replace('!', '');
  return [name, { name, type, required: left.endsWith('!') }];
}

function parseSimple(line: string): SchemaType {
  const match = /^simple (\S+)(?: enum (.*?))?(?: facets (.*))?$/s.exec(line);
  const values = match?.[2]?.split('\u0001');
  const facets = (match?.[3]?.split('\u0001') ?? []).map((facet): [string, string] => [
    facet.slice(0, facet.indexOf('=')),
    facet.slice(facet.indexOf('=') + 1),
  ]);
  return {
    kind: 'simple',
    base: match?.[1] ?? 'xs:string',
    values: values && new Set(values),
    facets: new Map(facets),
  };
}

class ParticleReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Particle {
    const next = this.#text[this.#at];
    if (next === '(') return this.#group();
    if (next === '~') {
      this.#at += 1;
      return { kind: 'any', prefix: '', name: '', type: '', parts: [], ...this.#occurs() };
    }
    const match = /^([tm]):([\w.]+)=([\w:.]+)/.exec(this.#text.slice(this.#at, this.#at + 400));
    if (match === null) throw new SyntaxError(`bad particle at ${this.#text.slice(this.#at, this.#at + 40)}`);
    this.#at += match[0].length;
    return {
      kind: 'element',
      prefix: match[1] ?? '',
      name: match[2] ?? '',
      type: match[3] ?? '',
      parts: [],
      ...this.#occurs(),
    };
  }

  #group(): Particle {
    const parts: Particle[] = [];
    let separator = ',';
    this.#at += 1;
    while (this.#text[this.#at] !== ')') {
      parts.push(this.read());
      const next = this.#text[this.#at] ?? ')';
      if (next === ')') break;
      separator = next;
      this.#at += 1;
    }
    this.#at += 1;
    const kind = separator === '|' ? 'choice' : separator === '&' ? 'all' : 'sequence';
    return { kind, prefix: '', name: '', type: '', parts, ...this.#occurs() };
  }

  #occurs(): { readonly min: number; readonly max: number } {
    const rest = this.#text.slice(this.#at, this.#at + 24);
    const range = /^\{(\d+):(\d*)\}/.exec(rest);
    if (range !== null) {
      this.#at += range[0].length;
      return { min: Number(range[1]), max: range[2] === '' ? Number.POSITIVE_INFINITY : Number(range[2]) };
    }
    const known = OCCURS[rest[0] ?? ''];
    if (known === undefined) return { min: 1, max: 1 };
    this.#at += 1;
    return known;
  }
}

const OCCURS: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  '?': { min: 0, max: 1 },
  '*': { min: 0, max: Number.POSITIVE_INFINITY },
  '+': { min: 1, max: Number.POSITIVE_INFINITY },
};

/** The schema type of an item element such as `Contact`. */
export function itemType(element: string): string | undefined {
  return ITEMS.get(element);
}
