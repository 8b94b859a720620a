/**
 * Text of one element while it is read: entities resolved, line ends normalised (XML 1.0 §2.11), characters that XML does
 * not allow dropped (servers send them: facts §3.1 no. 12). Grows geometrically, so huge text costs linear time.
 */
import { XmlError } from './xml-error.ts';

const NAMED: ReadonlyMap<string, number> = new Map(
  Object.entries({ lt: 0x3c, gt: 0x3e, amp: 0x26, quot: 0x22, apos: 0x27 }),
);
/** `&#x0010FFFF;` and a few leading zeros */
export const MAX_REFERENCE_BYTES = 16;

export class TextBuffer {
  bytes: Buffer = Buffer.allocUnsafe(4_096);
  length = 0;
  ascii = true;
  /** a high surrogate written as a reference, and where the text stood then: its other half must follow directly */
  #highSurrogate = 0;
  #highSurrogateAt = -1;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  reset(): void {
    this.length = 0;
    this.ascii = true;
    this.#highSurrogate = 0;
    if (this.bytes.length > 1 << 20) this.bytes = Buffer.allocUnsafe(4_096);
  }

  /** Appends bytes as they are (CDATA, or text known to hold nothing to resolve). */
  appendRaw(data: Buffer, start: number, end: number, ascii: boolean, offset: number): void {
    this.#reserve(end - start, offset);
    data.copy(this.bytes, this.length, start, end);
    this.length += end - start;
    if (!ascii) this.ascii = false;
  }

  /** Appends character data; `references` is false inside CDATA, where `&` is just a character. */
  append(data: Buffer, start: number, end: number, ascii: boolean, offset: number, references: boolean): void {
    this.#reserve(end - start, offset);
    if (!ascii) this.ascii = false;
    const out = this.bytes;
    let at = this.length;
    let i = start;
    while (i < end) {
      const byte = data[i] as number;
      if (byte === 0x26 && references) {
        const size = commonReference(data, i, end);
        if (size > 0) {
          out[at++] = common;
          i += size;
          continue;
        }
        this.length = at;
        i = this.#reference(data, i, end, offset);
        at = this.length;
      } else if (byte === 0x0d) {
        if (data[i + 1] !== 0x0a || i + 1 >= end) out[at++] = 0x0a;
        i++;
      } else {
        if (byte >= 0x20 || byte === 0x0a || byte === 0x09) out[at++] = byte;
        i++;
      }
    }
    this.length = at;
  }

  #reference(data: Buffer, start: number, end: number, offset: number): number {
    const stop = data.indexOf(0x3b, start);
    if (stop < 0 || stop >= end || stop - start > MAX_REFERENCE_BYTES) {
      throw new XmlError('malformed', 'a reference does not end', offset);
    }
    const name = data.toString('latin1', start + 1, stop);
    const code = name.startsWith('#') ? characterCode(name.slice(1), offset) : NAMED.get(name);
    if (code === undefined) throw new XmlError('malformed', 'an entity is not declared', offset);
    this.#appendCode(code);
    return stop + 1;
  }

  #appendCode(code: number): void {
    let point = code;
    if (code >= 0xd800 && code <= 0xdbff) {
      this.#highSurrogate = code;
      this.#highSurrogateAt = this.length;
      return;
    }
    if (code >= 0xdc00 && code <= 0xdfff) {
      if (this.#highSurrogate === 0 || this.#highSurrogateAt !== this.length) return;
      point = 0x10000 + ((this.#highSurrogate - 0xd800) << 10) + (code - 0xdc00);
    }
    this.#highSurrogate = 0;
    if (!isXmlCharacter(point)) return;
    // A reference is at least as long in the source as its character in UTF-8: the space is already reserved.
    if (point < 0x80) {
      this.bytes[this.length++] = point;
      return;
    }
    this.ascii = false;
    this.length += this.bytes.write(String.fromCodePoint(point), this.length, 'utf8');
  }

  #reserve(extra: number, offset: number): void {
    const needed = this.length + extra;
    if (needed > this.#limit) throw new XmlError('textLimit', `text is longer than ${this.#limit} bytes`, offset);
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

/** the character of the last common reference */
let common = 0;

/** Length of `&lt;`, `&gt;`, `&amp;` or `&quot;` at `i` (the bulk of an HTML body), 0 for anything else. */
function commonReference(data: Buffer, i: number, end: number): number {
  const first = data[i + 1];
  if (first === 0x6c || first === 0x67) {
    if (i + 4 > end || data[i + 2] !== 0x74 || data[i + 3] !== 0x3b) return 0;
    common = first === 0x6c ? 0x3c : 0x3e;
    return 4;
  }
  if (first === 0x61) {
    if (i + 5 > end || data[i + 2] !== 0x6d || data[i + 3] !== 0x70 || data[i + 4] !== 0x3b) return 0;
    common = 0x26;
    return 5;
  }
  if (first !== 0x71 || i + 6 > end || data[i + 2] !== 0x75 || data[i + 3] !== 0x6f) return 0;
  if (data[i + 4] !== 0x74 || data[i + 5] !== 0x3b) return 0;
  common = 0x22;
  return 6;
}

function characterCode(text: string, offset: number): number {
  if (/^x[0-9a-fA-F]{1,8}$/.test(text)) return Number.parseInt(text.slice(1), 16);
  if (/^[0-9]{1,10}$/.test(text)) return Number.parseInt(text, 10);
  throw new XmlError('malformed', 'a character reference has no number', offset);
}

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
