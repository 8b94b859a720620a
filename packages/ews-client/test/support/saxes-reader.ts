/**
 * A second, independent reader: saxes (strict, with namespaces) driving the same grammar from characters. Used to check
 * that the byte scanner understands documents the same way, and as a peer in the benchmark.
 */
import { SaxesParser } from 'saxes';
import { convert } from '../../src/decoder/convert.ts';
import { CAPTURE, type Rule, type Value } from '../../src/decoder/grammar.ts';
import { registerSymbol, type Vocabulary } from '../../src/decoder/namespaces.ts';
import { RESPONSE, ResponseState } from '../../src/decoder/response-grammar.ts';

const VOCABULARIES: Readonly<Record<string, Vocabulary>> = {
  'http://schemas.xmlsoap.org/soap/envelope/': 'soap',
  'http://schemas.microsoft.com/exchange/services/2006/messages': 'ews',
  'http://schemas.microsoft.com/exchange/services/2006/types': 'ews',
  'http://schemas.microsoft.com/exchange/services/2006/errors': 'errors',
  'http://schemas.microsoft.com/exchange/2010/Autodiscover': 'autodiscover',
};

interface Attribute {
  readonly prefix: string;
  readonly local: string;
  readonly value: string;
}

const symbols = new Map<string, number>();

function symbolOf(uri: string, local: string): number {
  const vocabulary = VOCABULARIES[uri];
  if (vocabulary === undefined) return 0;
  const key = `${vocabulary}|${local}`;
  const known = symbols.get(key);
  if (known !== undefined) return known;
  const symbol = registerSymbol(vocabulary, local);
  symbols.set(key, symbol);
  return symbol;
}

/** Reads a document with saxes; throws what saxes throws. */
export function readWithSaxes(text: string): ResponseState {
  return readWithSaxesInto(text, RESPONSE, new ResponseState());
}

export function readWithSaxesInto<S>(text: string, root: Rule<S>, state: S): S {
  const parser = new SaxesParser({ xmlns: true });
  const rules: (Rule<S> | undefined)[] = [root];
  let captured = '';
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const parent = rules.at(-1);
    const symbol = symbolOf(tag.uri, tag.local);
    const rule = (symbol > 0 ? parent?.children[symbol] : undefined) ?? parent?.wild;
    if (parent !== undefined && parent.capture !== CAPTURE.none && parent.wild === undefined)
      throw new Error('element in text');
    if (rules.length === 1 && rule === undefined) throw new Error('unexpected root');
    captured = '';
    rules.push(rule);
    if (rule?.open === undefined) return;
    const attributes = Object.values(tag.attributes as Record<string, Attribute>);
    rule.open(
      state,
      {
        get: (local) => attributes.find((attribute) => attribute.prefix === '' && attribute.local === local)?.value,
        entries: () =>
          Object.fromEntries(
            attributes.filter(({ prefix, local }) => prefix === '' && local !== 'xmlns').map((a) => [a.local, a.value]),
          ),
      },
      { index: -1, bytes: new Uint8Array(), prefix: tag.prefix, local: tag.local, valid: true },
    );
  });
  const addText = (part: string) => {
    captured += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const rule = rules.pop();
    if (rule?.close !== undefined) rule.close(state, valueFor(rule, captured));
    captured = '';
  });
  parser.on('doctype', () => {
    throw new Error('doctype');
  });
  parser.write(text).close();
  return state;
}

function valueFor<S>(rule: Rule<S>, text: string): Value {
  if (rule.capture === CAPTURE.none) return '';
  if (rule.capture === CAPTURE.text) return text;
  const bytes = Buffer.from(text, 'utf8');
  return convert(rule.capture, bytes, 0, bytes.length, false);
}
