/**
 * Namespaces by meaning: a prefix is looked up in the scope it was declared in, never assumed.
 * Messages and types count as one vocabulary: servers write `m:Notification` where the schema says `t:` (facts §1.5).
 */
import type { QName } from './names.ts';

/** 0: bound to something we do not read; elements there are skipped whole. */
export type Vocabulary = 'none' | 'soap' | 'ews' | 'errors' | 'autodiscover' | 'xml';

const VOCABULARY_OF: Readonly<Record<string, Vocabulary>> = {
  'http://schemas.xmlsoap.org/soap/envelope/': 'soap',
  // SOAP 1.2: gateways in front of Exchange answer in it when they fail.
  'http://www.w3.org/2003/05/soap-envelope': 'soap',
  'http://schemas.microsoft.com/exchange/services/2006/messages': 'ews',
  'http://schemas.microsoft.com/exchange/services/2006/types': 'ews',
  'http://schemas.microsoft.com/exchange/services/2006/errors': 'errors',
  'http://schemas.microsoft.com/exchange/2010/Autodiscover': 'autodiscover',
};

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
const symbols = new Map<string, number>();

/** Number of a known (vocabulary, local name) pair; grammars register theirs, everything else is 0. */
export function registerSymbol(vocabulary: Vocabulary, local: string): number {
  const key = `${vocabulary}|${local}`;
  const known = symbols.get(key);
  if (known !== undefined) return known;
  symbols.set(key, symbols.size + 1);
  scopesAreStale();
  return symbols.size;
}

let generation = 0;
function scopesAreStale(): void {
  generation++;
}

const MAX_KEPT_CHILD_SCOPES = 64;

/** The prefixes in force at some depth, with the symbols of names already resolved there. */
export class Scope {
  readonly #uris: ReadonlyMap<string, string>;
  readonly #children = new Map<string, Scope>();
  #symbols: number[] = [];
  #generation = generation;

  constructor(uris: ReadonlyMap<string, string>) {
    this.#uris = uris;
  }

  static root(): Scope {
    return new Scope(new Map([['xml', XML_NAMESPACE]]));
  }

  /** Symbol of an element's name here: >0 known, 0 unknown, -1 when its prefix is not declared. */
  symbolOf(name: QName): number {
    if (name.index < 0) return this.#resolve(name);
    if (this.#generation !== generation) this.#forget();
    const cached = this.#symbols[name.index];
    if (cached !== undefined) return cached;
    const symbol = this.#resolve(name);
    this.#symbols[name.index] = symbol;
    return symbol;
  }

  /** The scope inside an element that declares `declarations` (prefix to URI); equal declarations share one scope. */
  child(declarations: ReadonlyMap<string, string>): Scope {
    const key = JSON.stringify([...declarations]);
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const scope = new Scope(new Map([...this.#uris, ...declarations]));
    if (this.#children.size < MAX_KEPT_CHILD_SCOPES) this.#children.set(key, scope);
    return scope;
  }

  uriOf(prefix: string): string | undefined {
    return this.#uris.get(prefix);
  }

  #resolve(name: QName): number {
    const uri = this.#uris.get(name.prefix);
    if (uri === undefined || uri === '') return name.prefix === '' ? 0 : -1;
    const vocabulary = VOCABULARY_OF[uri];
    if (vocabulary === undefined) return 0;
    return symbols.get(`${vocabulary}|${name.local}`) ?? 0;
  }

  #forget(): void {
    this.#symbols = [];
    this.#generation = generation;
  }
}
