/**
 * Writes XML as a stream: escapes, drops characters XML 1.0 cannot carry, knows what is open, and waits when the reader is slow.
 * Only this class makes XML in the fakes; nobody concatenates markup.
 */

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the text goes. `write` returns false when it had better be waited for `drain`. */
export interface TextSink {
  write(text: string): boolean;
  drain(): Promise<void>;
}

const FLUSH_AT = 32 * 1024;
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const SUSPECT_TEXT = /[&<>\r]|[^\t\n\u0020-\uD7FF\uE000-\uFFFD]/;
const SUSPECT_ATTRIBUTE = /[&<>"\t\n\r]|[^\u0020-\uD7FF\uE000-\uFFFD]/;

/** Text as it may stand between tags. */
export function escapeText(text: string): string {
  if (!SUSPECT_TEXT.test(text)) return text;
  return text
    .replace(ILLEGAL, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;');
}

/** Text as it may stand in an attribute. */
export function escapeAttribute(text: string): string {
  if (!SUSPECT_ATTRIBUTE.test(text)) return text;
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;');
}

export class XmlWriter {
  readonly #sink: TextSink | undefined;
  readonly #open: string[] = [];
  #buffer = '';
  /** the start tag just written still lacks its `>` */
  #tagOpen = false;
  #isSlow = false;

  /** Without a sink everything is collected for `toString`. */
  constructor(sink?: TextSink) {
    this.#sink = sink;
  }

  declaration(): this {
    this.#buffer += '<?xml version="1.0" encoding="utf-8"?>';
    return this;
  }

  open(name: string, attributes?: Attributes): this {
    this.#endTag();
    this.#buffer += `<${name}`;
    if (attributes !== undefined) this.#attributes(attributes);
    this.#tagOpen = true;
    this.#open.push(name);
    return this;
  }

  close(): this {
    const name = this.#open.pop();
    if (name === undefined) throw new RangeError('nothing is open');
    if (this.#tagOpen) {
      this.#buffer += ' />';
      this.#tagOpen = false;
    } else {
      this.#buffer += `</${name}>`;
    }
    if (this.#buffer.length >= FLUSH_AT) this.flush();
    return this;
  }

  text(value: string): this {
    this.#endTag();
    this.#buffer += escapeText(value);
    return this;
  }

  /** An element with text, or empty. */
  element(name: string, value?: string | number | boolean, attributes?: Attributes): this {
    this.#endTag();
    this.#buffer += `<${name}`;
    if (attributes !== undefined) this.#attributes(attributes);
    if (value === undefined || value === '') this.#buffer += ' />';
    else this.#buffer += `>${typeof value === 'string' ? escapeText(value) : value}</${name}>`;
    if (this.#buffer.length >= FLUSH_AT) this.flush();
    return this;
  }

  /** Markup another writer made before and that is worth keeping. */
  fragment(written: XmlWriter): this {
    this.#endTag();
    this.#buffer += written.#buffer;
    return this;
  }

  /** How deep the writer is inside elements; for putting things right after an error. */
  get depth(): number {
    return this.#open.length;
  }

  /** Hands what is ready to the sink. */
  flush(): void {
    if (this.#sink === undefined || this.#buffer === '') return;
    this.#isSlow = !this.#sink.write(this.#buffer) || this.#isSlow;
    this.#buffer = '';
  }

  /** Waits until a slow reader has taken what was written. */
  async ready(): Promise<void> {
    if (!this.#isSlow) return;
    await this.#sink?.drain();
    this.#isSlow = false;
  }

  /** Everything written and not flushed. */
  toString(): string {
    return this.#buffer;
  }

  #attributes(attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name];
      if (value !== undefined)
        this.#buffer += ` ${name}="${typeof value === 'string' ? escapeAttribute(value) : value}"`;
    }
  }

  #endTag(): void {
    if (!this.#tagOpen) return;
    this.#buffer += '>';
    this.#tagOpen = false;
  }
}
