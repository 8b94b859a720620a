/**
 * The library's own parser as oracle: every fixture it can read, read both ways. A difference is our bug or a known one
 * of the library, and then it is named here.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeBytes } from '../src/decoder/decode.ts';
import { readChangesWithLibrary, readItemsWithLibrary } from './support/library-reader.ts';
import { asGetItem, inTheirWords } from './support/their-words.ts';

const FIXTURES = resolve(import.meta.dirname, 'fixtures');
const text = (name: string) => readFileSync(resolve(FIXTURES, name), 'utf8');

describe('the decoder and the library read the same', () => {
  it.each(['get-item-kinds.xml', 'get-item-recurrences.xml', 'find-item-view.xml'])('items of %s', async (name) => {
    const asItems = asGetItem(text(name));
    const messages = decodeBytes(Buffer.from(asItems)).messages;
    const theirs = await readItemsWithLibrary(asItems, messages.length);
    const ours = messages.flatMap((message) => (message.responseClass === 'Error' ? [] : message.items.slice(0, 1)));
    expect(ours.map(inTheirWords)).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(0);
  });

  it('changes, which the library regroups by kind (a known defect): ours keep the order of the answer', async () => {
    const theirs = await readChangesWithLibrary(text('sync-folder-items.xml'));
    const ours = decodeBytes(Buffer.from(text('sync-folder-items.xml'))).messages[0]?.changes ?? [];
    const order = ['create', 'update', 'delete', 'readflagchange'];
    const words = ours.map(
      ({ kind, itemId, changeKey }) => [kind === 'readFlag' ? 'readflagchange' : kind, itemId, changeKey] as const,
    );
    const regrouped = [...words].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
    expect(regrouped).toEqual(theirs);
  });
});
