/**
 * A small document tree for requests, with positions for error messages. Built by `parseXml` on saxes; hostile input
 * (document types, depth, size, bad markup) ends in XmlParseError.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';

export class XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[] = [];
  readonly line: number;
  readonly column: number;
  text = '';

  constructor(
    name: string,
    namespace: string,
    attributes: Readonly<Record<string, string>>,
    line: number,
    column: number,
  ) {
    this.name = name;
    this.namespace = namespace;
    this.attributes = attributes;
    this.line = line;
    this.column = column;
  }

  /** The first child of that local name. */
  child(name: string): XmlElement | undefined {
    for (const child of this.children) if (child.name === name) return child;
    return undefined;
  }

  all(name: string): XmlElement[] {
    return this.children.filter((child) => child.name === name);
  }

  /** Follows local names downwards. */
  at(...path: readonly string[]): XmlElement | undefined {
    let element: XmlElement | undefined = this;
    for (const name of path) element = element?.child(name);
    return element;
  }

  /** Text of a child, as written. */
  childText(name: string): string | undefined {
    return this.child(name)?.text;
  }

  attribute(name: string): string | undefined {
    return this.attributes[name];
  }
}

export class XmlParseError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.name = 'XmlParseError';
    this.line = line;
    this.column = column;
  }
}

const MAX_DEPTH = 100;
const MAX_ELEMENTS = 500_000;

/** Parses a whole document. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const stack: XmlElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  const fail = (message: string): never => {
    throw new XmlParseError(message, parser.line, parser.column);
  };
  parser.on('error', (error) => fail(error.message));
  parser.on('doctype', () => fail('For security reasons DTD is prohibited in this XML document.'));
  parser.on('opentag', (tag) => {
    count += 1;
    if (count > MAX_ELEMENTS) fail('The document has too many elements.');
    if (stack.length >= MAX_DEPTH) fail('The document is nested too deeply.');
    const element = new XmlElement(tag.local, tag.uri, attributesOf(tag), parser.line, parser.column);
    const parent = stack.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    stack.push(element);
  });
  const addText = (chunk: string): void => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += chunk;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    stack.pop();
  });
  parser.write(text).close();
  if (root === undefined) return fail('Root element is missing.');
  return root;
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

function attributesOf(tag: SaxesTagNS): Readonly<Record<string, string>> {
  let attributes: Record<string, string> | undefined;
  for (const key in tag.attributes) {
    const attribute = tag.attributes[key];
    if (attribute === undefined || attribute.prefix === 'xmlns' || key === 'xmlns') continue;
    attributes ??= Object.create(null) as Record<string, string>;
    // an attribute of another namespace (xsi:type, xml:lang) keeps its prefix apart from the plain ones
    attributes[attribute.uri === '' ? attribute.local : `${attribute.uri} ${attribute.local}`] = attribute.value;
  }
  return attributes ?? NO_ATTRIBUTES;
}
