/**
 * The byte scanner: XML 1.0 with namespaces, pushed chunk by chunk, driving a grammar.
 * Chunks may end anywhere, inside a character too; the result is the same for every cut. What is kept of a chunk is copied:
 * no string pins a response. Strict where it matters (tags match, one root, prefixes declared, UTF-8), tolerant where real
 * servers are not (characters XML forbids are dropped). DTDs are refused, so no entity can be defined.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { convert } from './convert.ts';
import { CAPTURE, type Rule, type Value } from './grammar.ts';
import { MemoTable } from './memo.ts';
import { type QName, sameBytes } from './names.ts';
import { Scope } from './namespaces.ts';
import { isSpace, MAX_TAG_BYTES, StartTag } from './tag.ts';
import { MAX_REFERENCE_BYTES, TextBuffer } from './text-buffer.ts';
import { XmlError } from './xml-error.ts';

/** What an answer may come to before it is refused with an XmlError (`sizeLimit`, `depthLimit`, `textLimit`). */
export interface ScannerLimits {
  /** of one document, after decompression */
  readonly maxBytes: number;
  /** elements within elements */
  readonly maxDepth: number;
  /** of one element's text, in UTF-8 */
  readonly maxTextBytes: number;
}

export const DEFAULT_LIMITS: ScannerLimits = { maxBytes: 96 << 20, maxDepth: 96, maxTextBytes: 24 << 20 };

interface ScannerOptions {
  readonly limits?: ScannerLimits;
  /** several documents may follow each other without separator (GetStreamingEvents) */
  readonly several?: boolean;
}

const MODE = { content: 0, comment: 1, cdata: 2, instruction: 3 } as const;
type Mode = (typeof MODE)[keyof typeof MODE];
const TERMINATOR: Readonly<Record<Exclude<Mode, 0 | 1>, Buffer>> = {
  2: Buffer.from(']]>'),
  3: Buffer.from('?>'),
};
const CDATA_START = Buffer.from('<![CDATA[');
const COMMENT_START = Buffer.from('<!--');
const EMPTY = Buffer.alloc(0);
const XML_DECLARATION =
  /^xml\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')(?:\s+encoding\s*=\s*(?:"([\w.-]+)"|'([\w.-]+)'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$/;

export class XmlScanner<S> {
  readonly #state: S;
  readonly #limits: ScannerLimits;
  readonly #several: boolean;
  readonly #rules: (Rule<S> | undefined)[];
  readonly #names: QName[] = [];
  readonly #scopes: Scope[] = [Scope.root()];
  readonly #memoStarts: number[] = [];
  readonly #tag = new StartTag();
  readonly #text: TextBuffer;
  readonly #memos = new MemoTable<S>();
  #depth = 0;
  #mode: Mode = MODE.content;
  #carry: Buffer = EMPTY;
  #brokenCharacter: Buffer = EMPTY;
  /** offset of the current chunk's first byte in the whole input */
  #base = 0;
  #documentBytes = 0;
  #documents = 0;
  #started = false;
  /** markup of the present document has been read: no XML declaration may follow */
  #begun = false;
  #ascii = true;
  #runStart = -1;
  #runEnd = 0;

  constructor(root: Rule<S>, state: S, options: ScannerOptions = {}) {
    this.#rules = [root];
    this.#state = state;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#several = options.several ?? false;
    this.#text = new TextBuffer(this.#limits.maxTextBytes);
  }

  /** Number of complete documents read so far. */
  get documents(): number {
    return this.#documents;
  }

  /** True between documents: nothing is half read. */
  get idle(): boolean {
    return this.#depth === 0 && this.#mode === MODE.content && this.#carry.length === 0;
  }

  push(chunk: Uint8Array): void {
    let data = this.#whole(chunk);
    if (data.length === 0) return;
    this.#ascii = isAscii(data);
    if (!this.#ascii) data = this.#withoutBrokenTail(data);
    this.#tag.ascii = this.#ascii;
    const from = this.#started ? 0 : this.#skipMark(data);
    const used = this.#scan(data, from);
    this.#keepRun(data);
    this.#memoStarts.fill(-1);
    this.#base += used;
    this.#carry = used < data.length ? Buffer.from(data.subarray(used)) : EMPTY;
    if (this.#carry.length > MAX_TAG_BYTES) throw this.#error('tagLimit', 'a tag is too long');
  }

  /** The input is over: throws unless it ended between documents and held at least one. */
  end(): void {
    const complete = this.idle && this.#brokenCharacter.length === 0;
    if (!complete || (this.#documents === 0 && !this.#several))
      throw this.#error('truncated', 'the document ends early');
  }

  #whole(chunk: Uint8Array): Buffer {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#documentBytes += fresh.length;
    if (this.#documentBytes > this.#limits.maxBytes) throw this.#error('sizeLimit', 'the answer is too large');
    if (this.#carry.length === 0 && this.#brokenCharacter.length === 0) return fresh;
    const data = Buffer.concat([this.#carry, this.#brokenCharacter, fresh]);
    this.#carry = EMPTY;
    this.#brokenCharacter = EMPTY;
    return data;
  }

  /** Holds back a character cut by the chunk's end and checks that the rest is UTF-8. */
  #withoutBrokenTail(data: Buffer): Buffer {
    let cut = data.length;
    for (let back = 1; back <= 3 && back <= data.length; back++) {
      const byte = data[data.length - back] as number;
      if (byte < 0x80) break;
      if (byte >= 0xc0) {
        const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        if (needed > back) cut = data.length - back;
        break;
      }
    }
    if (cut < data.length) this.#brokenCharacter = Buffer.from(data.subarray(cut));
    const sound = data.subarray(0, cut);
    if (!isUtf8(sound)) throw this.#error('encoding', 'the answer is not UTF-8');
    return sound;
  }

  #skipMark(data: Buffer): number {
    this.#started = true;
    return isMark(data, 0) ? 3 : 0;
  }

  #scan(data: Buffer, from: number): number {
    const length = data.length;
    let pos = from;
    while (pos < length) {
      let next: number;
      if (this.#mode !== MODE.content) next = this.#inside(data, pos, length);
      else if (data[pos] !== 0x3c) next = this.#characters(data, pos, length);
      else {
        const second = data[pos + 1];
        if (second === undefined) return pos;
        if (second === 0x2f) next = this.#endTag(data, pos, length);
        else if (second === 0x21) next = this.#declaration(data, pos, length);
        else if (second === 0x3f) next = this.#instruction(pos);
        else next = this.#startTag(data, pos, length);
      }
      if (next < 0) return -next - 1;
      pos = next;
    }
    return pos;
  }

  #startTag(data: Buffer, pos: number, length: number): number {
    const tag = this.#tag;
    const depth = this.#depth;
    if (depth === 0 && this.#documents > 0 && !this.#several) throw this.#error('malformed', 'a second root follows');
    if (!tag.readName(data, pos + 1, length, this.#base + pos)) return -pos - 1;
    const outer = this.#scopes[depth] as Scope;
    const parent = this.#rules[depth];
    if (parent !== undefined) {
      const guess = parent.children[outer.symbolOf(tag.name)];
      if (guess?.memo !== undefined) {
        const after = this.#memos.tryReuse(guess, outer, data, pos, this.#state);
        if (after > 0) return after;
      }
    }
    const after = tag.readRest(data, length);
    if (after < 0) return -pos - 1;
    if (depth >= this.#limits.maxDepth) throw this.#error('depthLimit', 'elements are nested too deeply');
    let scope = outer;
    if (tag.declarations !== undefined) scope = outer.child(tag.declarations);
    const symbol = scope.symbolOf(tag.name);
    if (symbol < 0) throw this.#error('namespace', 'the prefix of an element is not declared');
    if (tag.hasAttributes) tag.checkPrefixes(scope);
    this.#enter(parent, symbol, scope, pos);
    if (tag.selfClosing) this.#leave(data, after);
    return after;
  }

  #enter(parent: Rule<S> | undefined, symbol: number, scope: Scope, pos: number): void {
    const tag = this.#tag;
    let rule: Rule<S> | undefined;
    if (parent !== undefined) {
      rule = (symbol > 0 ? parent.children[symbol] : undefined) ?? parent.wild;
      if (parent.capture !== CAPTURE.none) {
        if (parent.wild === undefined) throw this.#error('unexpectedElement', 'an element stands inside plain text');
        this.#text.reset();
        this.#runStart = -1;
      }
    }
    if (this.#depth === 0 && rule === undefined) throw this.#error('unexpectedRoot', 'the answer is no SOAP envelope');
    const depth = ++this.#depth;
    this.#begun = true;
    this.#rules[depth] = rule;
    this.#names[depth] = tag.name;
    this.#scopes[depth] = scope;
    this.#memoStarts[depth] = rule?.memo === undefined ? -1 : pos;
    if (rule?.open !== undefined) rule.open(this.#state, tag, tag.name);
  }

  #leave(data: Buffer, after: number): void {
    const depth = this.#depth;
    const rule = this.#rules[depth];
    if (rule !== undefined) {
      if (rule.close !== undefined) rule.close(this.#state, this.#takeValue(rule, data));
      const start = this.#memoStarts[depth] as number;
      if (start >= 0) this.#memos.keep(rule, this.#scopes[depth - 1] as Scope, data, start, after, this.#state);
    }
    this.#depth = depth - 1;
    if (depth === 1) {
      this.#documents++;
      this.#documentBytes = 0;
      this.#begun = !this.#several;
    }
  }

  #takeValue(rule: Rule<S>, data: Buffer): Value {
    if (rule.capture === CAPTURE.none) return '';
    let value: Value;
    if (this.#runStart >= 0) value = convert(rule.capture, data, this.#runStart, this.#runEnd, this.#ascii);
    else value = convert(rule.capture, this.#text.bytes, 0, this.#text.length, this.#text.ascii);
    this.#runStart = -1;
    if (this.#text.length > 0) this.#text.reset();
    return value;
  }

  #endTag(data: Buffer, pos: number, length: number): number {
    const name = this.#names[this.#depth];
    if (this.#depth === 0 || name === undefined) throw this.#error('malformed', 'an end tag has no start');
    const nameEnd = pos + 2 + name.bytes.length;
    if (nameEnd >= length) {
      const known = Math.min(length, nameEnd) - pos - 2;
      if (!sameBytes(name.bytes.subarray(0, known), data, pos + 2, pos + 2 + known)) throw this.#mismatch();
      return -pos - 1;
    }
    if (!sameBytes(name.bytes, data, pos + 2, nameEnd)) throw this.#mismatch();
    let i = nameEnd;
    while (i < length && isSpace(data[i] as number)) i++;
    if (i >= length) return -pos - 1;
    if (data[i] !== 0x3e) throw this.#mismatch();
    this.#leave(data, i + 1);
    return i + 1;
  }

  #characters(data: Buffer, pos: number, length: number): number {
    let special = false;
    let i = pos;
    for (; i < length; i++) {
      const byte = data[i] as number;
      if (byte === 0x3c) break;
      if (byte === 0x26 || (byte < 0x20 && byte !== 0x0a && byte !== 0x09)) special = true;
    }
    const end = i < length ? i : this.#cutReference(data, pos, i, special);
    if (end > pos) this.#addText(data, pos, end, special, true);
    return end < i ? -end - 1 : i;
  }

  /** At the end of a chunk: leaves an unfinished reference or a lone carriage return for the next one. */
  #cutReference(data: Buffer, pos: number, end: number, special: boolean): number {
    if (!special) return end;
    const last = data.lastIndexOf(0x26, end - 1);
    if (last >= pos && end - last <= MAX_REFERENCE_BYTES && data.indexOf(0x3b, last) < 0) return last;
    return data[end - 1] === 0x0d ? end - 1 : end;
  }

  #addText(data: Buffer, start: number, end: number, special: boolean, references: boolean): void {
    const depth = this.#depth;
    if (depth === 0) {
      for (let i = start; i < end; i++) {
        // Each document of a chain may begin with a byte order mark, as it would alone.
        if (this.#several && isMark(data, i)) i += 2;
        else if (!isSpace(data[i] as number)) throw this.#error('malformed', 'text stands outside the envelope');
      }
      return;
    }
    const rule = this.#rules[depth];
    const text = this.#text;
    if (rule === undefined || rule.capture === CAPTURE.none) {
      if (!special) return;
      text.append(data, start, end, this.#ascii, this.#base + start, references);
      text.reset();
      return;
    }
    if (!special && this.#runStart < 0 && text.length === 0) {
      if (end - start > this.#limits.maxTextBytes) throw this.#error('textLimit', 'text is too long');
      this.#runStart = start;
      this.#runEnd = end;
      return;
    }
    this.#keepRun(data);
    if (special) text.append(data, start, end, this.#ascii, this.#base + start, references);
    else text.appendRaw(data, start, end, this.#ascii, this.#base + start);
  }

  /** Copies a run that still points into the chunk. */
  #keepRun(data: Buffer): void {
    if (this.#runStart < 0) return;
    const start = this.#runStart;
    this.#runStart = -1;
    this.#text.appendRaw(data, start, this.#runEnd, this.#ascii, this.#base + start);
  }

  #declaration(data: Buffer, pos: number, length: number): number {
    if (startsWith(data, pos, length, COMMENT_START)) {
      if (length - pos < COMMENT_START.length) return -pos - 1;
      this.#mode = MODE.comment;
      return pos + COMMENT_START.length;
    }
    if (startsWith(data, pos, length, CDATA_START)) {
      if (length - pos < CDATA_START.length) return -pos - 1;
      if (this.#depth === 0) throw this.#error('malformed', 'text stands outside the envelope');
      this.#mode = MODE.cdata;
      return pos + CDATA_START.length;
    }
    throw this.#error('doctype', 'the answer holds a declaration (DTDs are refused)');
  }

  #instruction(pos: number): number {
    this.#mode = MODE.instruction;
    return pos + 2;
  }

  /** Inside a comment, CDATA section or processing instruction: up to its end, or as far as the chunk goes. */
  #inside(data: Buffer, pos: number, length: number): number {
    const mode = this.#mode as Exclude<Mode, 0>;
    if (mode === MODE.comment) return this.#comment(data, pos, length);
    const terminator = TERMINATOR[mode as Exclude<Mode, 0 | 1>];
    const found = data.indexOf(terminator, pos);
    if (mode === MODE.instruction && found < 0) return -pos - 1;
    let end = found >= 0 ? found : Math.max(pos, length - terminator.length + 1);
    // A carriage return at the cut may belong to a CRLF: it waits for the next chunk.
    if (mode === MODE.cdata && found < 0 && end > pos && data[end - 1] === 0x0d) end--;
    if (mode === MODE.cdata && end > pos) this.#addText(data, pos, end, true, false);
    if (mode === MODE.instruction) this.#checkInstruction(data, pos, end);
    this.#begun = true;
    if (found < 0) return -end - 1;
    this.#mode = MODE.content;
    return found + terminator.length;
  }

  /** Two hyphens end a comment, and nothing else may follow them (XML 1.0 §2.5). */
  #comment(data: Buffer, pos: number, length: number): number {
    this.#begun = true;
    const found = data.indexOf('--', pos, 'latin1');
    if (found < 0) return -(data[length - 1] === 0x2d ? length - 1 : length) - 1;
    if (found + 2 >= length) return -found - 1;
    if (data[found + 2] !== 0x3e) throw this.#error('malformed', 'a comment holds two hyphens');
    this.#mode = MODE.content;
    return found + 3;
  }

  #checkInstruction(data: Buffer, start: number, end: number): void {
    const text = data.toString('latin1', start, Math.min(end, start + 256));
    if (!/^[A-Za-z_][\w.-]*(?:\s|$)/.test(text))
      throw this.#error('malformed', 'a processing instruction has no target');
    if (!/^xml(?:\s|$)/i.test(text)) return;
    if (this.#depth > 0) throw this.#error('malformed', 'an XML declaration stands inside the envelope');
    if (this.#begun) throw this.#error('malformed', 'an XML declaration stands inside a document');
    const declared = XML_DECLARATION.exec(text);
    if (declared === null) throw this.#error('malformed', 'the XML declaration is not one');
    const encoding = declared[1] ?? declared[2] ?? 'utf-8';
    if (!/^(utf-?8|us-ascii)$/i.test(encoding)) throw this.#error('encoding', 'the answer is not declared as UTF-8');
  }

  #mismatch(): XmlError {
    return this.#error('malformed', 'an end tag does not match its start');
  }

  #error(problem: ConstructorParameters<typeof XmlError>[0], message: string): XmlError {
    return new XmlError(problem, message, this.#base);
  }
}

/** True when `data` at `pos` is `prefix`, or as much of it as the chunk holds. */
function startsWith(data: Buffer, pos: number, length: number, prefix: Buffer): boolean {
  const count = Math.min(prefix.length, length - pos);
  return data.compare(prefix, 0, count, pos, pos + count) === 0;
}

/** A UTF-8 byte order mark. */
function isMark(data: Buffer, at: number): boolean {
  return data[at] === 0xef && data[at + 1] === 0xbb && data[at + 2] === 0xbf;
}
