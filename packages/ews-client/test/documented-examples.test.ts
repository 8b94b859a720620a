/**
 * The example messages of Microsoft's documentation, where they are at hand: reference data that is not part of the project.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeBytes, StreamDecoder, type StreamEnvelope } from '../src/index.ts';
import { readItemsWithLibrary } from './support/library-reader.ts';
import { asGetItem, inTheirWords } from './support/their-words.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../../../shared/ews-examples');
const examplesAreHere = existsSync(resolve(EXAMPLES, 'index.jsonl'));
if (!examplesAreHere) console.warn(`SKIPPED: the documented examples are not read, there is no ${EXAMPLES}`);

/** The library has values of its own for what an answer does not say, ours are empty. */
function isSaid(value: unknown): boolean {
  return value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}

interface Example {
  readonly file: string;
  readonly kind: string;
  readonly operation: string;
  readonly well_formed: boolean;
}

describe.skipIf(!examplesAreHere)('the examples of the documentation', () => {
  const lines = examplesAreHere ? readFileSync(resolve(EXAMPLES, 'index.jsonl'), 'utf8').trim().split('\n') : [];
  const all = lines.map((line) => JSON.parse(line) as Example).filter(({ file }) => /-resp/.test(file));
  const isSoap = ({ file }: Example) => /<(\w+:)?Envelope/i.test(readFileSync(resolve(EXAMPLES, file), 'utf8'));
  const good = all.filter((example) => example.well_formed && isSoap(example));

  it('are all read when they are well-formed, with the response codes that stand in them', () => {
    expect(good.length).toBeGreaterThan(100);
    for (const { file } of good) {
      const bytes = readFileSync(resolve(EXAMPLES, file));
      const codes = [...bytes.toString('utf8').matchAll(/<(?:\w+:)?ResponseCode[^>]*>\s*([^<\s]+)\s*</g)].map(
        (m) => m[1],
      );
      const state = decodeBytes(bytes);
      const told = JSON.stringify([state.messages, state.trees, state.fault]);
      for (const code of codes) expect([file, told]).toEqual([file, expect.stringContaining(`"${code}"`)]);
    }
  });

  it('of items are read as the library reads them, as far as they say something', async () => {
    const items = good.filter(({ operation }) => operation === 'GetItem' || operation === 'FindItem');
    const texts = items.map(({ file }) => readFileSync(resolve(EXAMPLES, file), 'utf8'));
    let compared = 0;
    for (const text of texts.filter((candidate) => candidate.includes('<t:CalendarItem>')).map(asGetItem)) {
      const { messages } = decodeBytes(Buffer.from(text));
      const theirs = await readItemsWithLibrary(text, messages.length);
      const ours = messages.flatMap(({ items: [first] }) => (first === undefined ? [] : [inTheirWords(first)]));
      for (const [i, item] of ours.entries()) {
        const said = Object.entries(item).filter(([, value]) => isSaid(value));
        expect(theirs[i]).toMatchObject(Object.fromEntries(said));
        compared += said.length;
      }
    }
    expect(compared).toBeGreaterThan(80);
  });

  it('are refused cleanly or read when they are ill-formed', () => {
    const bad = all.filter((example) => !example.well_formed);
    expect(bad.length).toBeGreaterThan(5);
    const outcomes = bad.map(({ file }) => {
      try {
        decodeBytes(readFileSync(resolve(EXAMPLES, file)));
        return 'read';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(outcomes.filter((outcome) => outcome === 'XmlError').length).toBeGreaterThan(5);
    expect(outcomes.filter((outcome) => outcome !== 'XmlError' && outcome !== 'read')).toEqual([]);
  });

  it('of notifications give the same events through the stream decoder', () => {
    const streams = good.filter(({ operation }) => operation === 'GetStreamingEvents' || operation === 'GetEvents');
    for (const { file } of streams) {
      const envelopes: StreamEnvelope[] = [];
      const decoder = new StreamDecoder((envelope) => envelopes.push(envelope));
      const bytes = readFileSync(resolve(EXAMPLES, file));
      for (const byte of bytes) decoder.push(Uint8Array.of(byte));
      decoder.end();
      expect(envelopes.flatMap(({ messages }) => messages)).toEqual([...decodeBytes(bytes).messages]);
    }
    expect(readdirSync(EXAMPLES).length).toBeGreaterThan(400);
  });
});
