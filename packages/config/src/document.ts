/**
 * config.json as text: JSON with comments and trailing commas, parsed with positions.
 * jsonc-parser does the grammar; this file adds lines and columns, duplicate keys and a value without surprises.
 */
import { type Node, type ParseError, parseTree, printParseErrorCode, stripComments } from 'jsonc-parser';
import type { KeyPath } from './finding.ts';

/** A configuration larger than this is not one. */
export const MAX_CONFIG_BYTES = 1024 * 1024;
/** Deepest nesting that is read; ours needs six levels. */
const MAX_DEPTH = 32;

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxFault {
  readonly at: Position;
  readonly code: string;
}

export interface DuplicateKey {
  readonly at: Position;
  readonly path: KeyPath;
}

/** A parsed file that can say where things stand in it. */
export class ConfigDocument {
  readonly syntaxFaults: readonly SyntaxFault[];
  readonly root: Node | undefined;
  readonly #text: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.#text = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text;
    this.#lineStarts = [0, ...[...this.#text.matchAll(/\n/g)].map((match) => match.index + 1)];
    const { root, faults } = parse(this.#text);
    this.root = root;
    this.syntaxFaults = faults.map(({ offset, code }) => ({ at: this.position(offset), code }));
  }

  /** Nothing but blanks and comments. */
  get isEmpty(): boolean {
    return this.root === undefined && stripComments(this.#text).trim() === '';
  }

  /** Where the value at this path stands; for an absent one, its nearest present parent. */
  positionOf(path: KeyPath): Position {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = this.find(path.slice(0, length));
      if (node) return this.position(node.offset);
    }
    return { line: 1, column: 1 };
  }

  /** Where the name of a key stands. */
  positionOfKey(path: KeyPath): Position {
    const name = this.find(path)?.parent?.children?.[0];
    return name?.type === 'string' ? this.position(name.offset) : this.positionOf(path);
  }

  find(path: KeyPath): Node | undefined {
    let node = this.root;
    for (const step of path) {
      node = child(node, step);
      if (!node) return undefined;
    }
    return node;
  }

  /** The plain value; objects without a prototype, so that a key called `__proto__` is just a key. */
  value(): unknown {
    return this.root ? plain(this.root) : undefined;
  }

  /** Keys written twice in one object: only one of them could win, and people guess wrong which. */
  duplicates(): DuplicateKey[] {
    const found: DuplicateKey[] = [];
    if (this.root) this.#collectDuplicates(this.root, [], found);
    return found;
  }

  position(offset: number): Position {
    let [low, high] = [0, this.#lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: [...this.#text.slice(this.#lineStarts[low], offset)].length + 1 };
  }

  #collectDuplicates(node: Node, path: KeyPath, found: DuplicateKey[]): void {
    const seen = new Set<string>();
    for (const [name, nameNode, value] of properties(node)) {
      if (seen.has(name)) found.push({ at: this.position(nameNode.offset), path: [...path, name] });
      seen.add(name);
      this.#collectDuplicates(value, [...path, name], found);
    }
    for (const [index, element] of elements(node).entries()) this.#collectDuplicates(element, [...path, index], found);
  }
}

/** The properties of an object node: name, the node of the name, the node of the value. */
export function properties(node: Node): [string, Node, Node][] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).flatMap((property): [string, Node, Node][] => {
    const [name, value] = property.children ?? [];
    return name && value ? [[String(name.value), name, value]] : [];
  });
}

export function elements(node: Node): readonly Node[] {
  return node.type === 'array' ? (node.children ?? []) : [];
}

interface Parsed {
  readonly root: Node | undefined;
  readonly faults: readonly { readonly offset: number; readonly code: string }[];
}

function parse(text: string): Parsed {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
    if (isTooDeep(root)) return TOO_DEEP;
    return { root, faults: errors.map(({ offset, error }) => ({ offset, code: printParseErrorCode(error) })) };
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    throw error;
  }
}

const TOO_DEEP: Parsed = { root: undefined, faults: [{ offset: 0, code: 'TooDeep' }] };

function child(node: Node | undefined, step: string | number): Node | undefined {
  if (!node) return undefined;
  if (typeof step === 'number') return elements(node)[step];
  return properties(node).findLast(([name]) => name === step)?.[2];
}

function plain(node: Node): unknown {
  if (node.type === 'array') return elements(node).map(plain);
  if (node.type !== 'object') return node.value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, , value] of properties(node)) object[name] = plain(value);
  return object;
}

function isTooDeep(node: Node | undefined): boolean {
  let level: readonly Node[] = node ? [node] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH * 2) return true;
    level = level.flatMap((one) => one.children ?? []);
  }
  return false;
}
