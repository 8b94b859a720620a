/**
 * Reads one start tag out of bytes: name, attributes, namespace declarations. One instance per scanner, reused for each tag.
 */
import type { Attributes } from './grammar.ts';
import { HASH_SEED, hashStep, internName, MAX_NAME_BYTES, type QName } from './names.ts';
import { TextBuffer } from './text-buffer.ts';
import { XmlError } from './xml-error.ts';

const MAX_ATTRIBUTES = 64;
export const MAX_TAG_BYTES = 65_536;

export class StartTag implements Attributes {
  name!: QName;
  /** index of the byte after the name */
  nameEnd = 0;
  selfClosing = false;
  /** the chunk holds ASCII only */
  ascii = true;
  declarations: Map<string, string> | undefined;
  #data: Buffer = Buffer.alloc(0);
  #names: QName[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  /** values that hold references or white space to normalise */
  #specials: boolean[] = [];
  #count = 0;
  #scratch = new TextBuffer(MAX_TAG_BYTES);
  #offset = 0;

  /** Reads the name at `start` (the byte after `<`); false when the chunk ends inside it. */
  readName(data: Buffer, start: number, length: number, offset: number): boolean {
    let hash = HASH_SEED;
    let i = start;
    for (; i < length; i++) {
      const byte = data[i] as number;
      if (byte === 0x3e || byte === 0x2f || byte <= 0x20) break;
      hash = hashStep(hash, byte);
    }
    if (i - start > MAX_NAME_BYTES) throw new XmlError('tagLimit', 'a name is too long', offset);
    if (i >= length) return false;
    this.name = internName(data, start, i, hash);
    if (!this.name.valid) throw new XmlError('malformed', 'an element has no valid name', offset);
    this.nameEnd = i;
    this.#offset = offset;
    this.#count = 0;
    this.declarations = undefined;
    return true;
  }

  /** Reads the rest of the tag; the index after `>`, or -1 when the chunk ends before it. */
  readRest(data: Buffer, length: number): number {
    let i = this.nameEnd;
    if (data[i] === 0x3e) {
      this.selfClosing = false;
      return i + 1;
    }
    this.#data = data;
    for (;;) {
      const before = i;
      while (i < length && isSpace(data[i] as number)) i++;
      if (i >= length) return -1;
      const byte = data[i] as number;
      if (byte === 0x3e) {
        this.selfClosing = false;
        return i + 1;
      }
      if (byte === 0x2f) {
        if (i + 1 >= length) return -1;
        if (data[i + 1] !== 0x3e) throw this.#malformed('a slash stands inside a tag');
        this.selfClosing = true;
        return i + 2;
      }
      if (i === before) throw this.#malformed('attributes are not separated');
      i = this.#readAttribute(data, i, length);
      if (i < 0) return -1;
    }
  }

  get(local: string): string | undefined {
    for (let i = 0; i < this.#count; i++) {
      const name = this.#names[i] as QName;
      if (name.prefix === '' && name.local === local) return this.#value(i);
    }
    return undefined;
  }

  entries(): Readonly<Record<string, string>> {
    const all: Record<string, string> = Object.create(null) as Record<string, string>;
    for (let i = 0; i < this.#count; i++) {
      const name = this.#names[i] as QName;
      if (name.prefix === '') all[name.local] = this.#value(i);
    }
    return all;
  }

  get hasAttributes(): boolean {
    return this.#count > 0;
  }

  /** Every prefix used by an attribute must be declared. */
  checkPrefixes(scope: { uriOf(prefix: string): string | undefined }): void {
    for (let i = 0; i < this.#count; i++) {
      const prefix = (this.#names[i] as QName).prefix;
      if (prefix !== '' && scope.uriOf(prefix) === undefined) {
        throw new XmlError('namespace', 'the prefix of an attribute is not declared', this.#offset);
      }
    }
  }

  #readAttribute(data: Buffer, start: number, length: number): number {
    let hash = HASH_SEED;
    let i = start;
    for (; i < length; i++) {
      const byte = data[i] as number;
      if (byte === 0x3d || byte <= 0x20 || byte === 0x3e || byte === 0x22 || byte === 0x27) break;
      hash = hashStep(hash, byte);
    }
    const nameEnd = i;
    while (i < length && isSpace(data[i] as number)) i++;
    if (i >= length) return -1;
    if (data[i] !== 0x3d) throw this.#malformed('an attribute has no value');
    i++;
    while (i < length && isSpace(data[i] as number)) i++;
    if (i >= length) return -1;
    const quote = data[i] as number;
    if (quote !== 0x22 && quote !== 0x27) throw this.#malformed('an attribute value is not quoted');
    const valueStart = ++i;
    let special = false;
    for (; i < length; i++) {
      const byte = data[i] as number;
      if (byte === quote) break;
      if (byte === 0x3c) throw this.#malformed('an attribute value holds "<"');
      if (byte === 0x26 || byte < 0x20) special = true;
    }
    if (i >= length) return -1;
    if (nameEnd - start > MAX_NAME_BYTES) throw new XmlError('tagLimit', 'a name is too long', this.#offset);
    const name = internName(data, start, nameEnd, hash);
    if (!name.valid) throw this.#malformed('an attribute has no valid name');
    this.#keep(name, valueStart, i, special);
    return i + 1;
  }

  #keep(name: QName, start: number, end: number, special: boolean): void {
    for (let i = 0; i < this.#count; i++) {
      const other = this.#names[i] as QName;
      if (other === name || (other.local === name.local && other.prefix === name.prefix)) {
        throw this.#malformed('an attribute stands twice');
      }
    }
    if (this.#count >= MAX_ATTRIBUTES) throw new XmlError('tagLimit', 'a tag has too many attributes', this.#offset);
    const at = this.#count++;
    this.#names[at] = name;
    this.#starts[at] = start;
    this.#ends[at] = end;
    this.#specials[at] = special;
    const declares =
      name.prefix === 'xmlns' ? name.local : name.prefix === '' && name.local === 'xmlns' ? '' : undefined;
    if (declares !== undefined) this.#declare(declares, this.#value(at));
    else if (special) this.#value(at);
  }

  #declare(prefix: string, uri: string): void {
    if (prefix === 'xmlns' || (prefix !== '' && uri === '')) {
      throw new XmlError('namespace', 'a namespace declaration is not allowed', this.#offset);
    }
    this.declarations ??= new Map();
    if (this.declarations.has(prefix)) throw this.#malformed('a namespace is declared twice');
    this.declarations.set(prefix, uri);
    // The declaration itself is no attribute any more: forget it.
    this.#count--;
    if (this.declarations.size > MAX_ATTRIBUTES) {
      throw new XmlError('tagLimit', 'a tag declares too many namespaces', this.#offset);
    }
  }

  #value(index: number): string {
    const start = this.#starts[index] as number;
    const end = this.#ends[index] as number;
    if (this.#specials[index] !== true) return this.#data.toString(this.ascii ? 'latin1' : 'utf8', start, end);
    const scratch = this.#scratch;
    scratch.reset();
    scratch.append(this.#data, start, end, false, this.#offset, true);
    const value = scratch.bytes.toString('utf8', 0, scratch.length);
    return value.includes('\n') || value.includes('\t') ? value.replace(/[\n\t]/g, ' ') : value;
  }

  #malformed(message: string): XmlError {
    return new XmlError('malformed', message, this.#offset);
  }
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
