/**
 * The library's own parser as oracle: every fixture it can read, read both ways. A difference is our bug or a known one
 * of the library, and then it is named here.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeBytes } from '../src/decoder/decode.ts';
import type { RawItem } from '../src/decoder/raw-item.ts';
import { type LibraryItem, readChangesWithLibrary, readItemsWithLibrary } from './support/library-reader.ts';

const FIXTURES = resolve(import.meta.dirname, 'fixtures');
const text = (name: string) => readFileSync(resolve(FIXTURES, name), 'utf8');

/** Our item in the words of the oracle. */
function inTheirWords(item: RawItem): LibraryItem {
  const people = (list: RawItem['required']) =>
    list.map(({ name, address, response }) => ({ name, address, response }));
  const { pattern, range } = item.recurrence ?? {};
  const recurrence =
    pattern === undefined || range === undefined
      ? undefined
      : {
          interval: 'interval' in pattern ? pattern.interval : Number.NaN,
          startDate: range.startDate,
          endDate: range.type === 'EndDate' ? range.endDate : undefined,
          count: range.type === 'Numbered' ? range.numberOfOccurrences : undefined,
        };
  return {
    itemId: item.itemId,
    changeKey: item.changeKey,
    // The library trims strings (a known defect); ours are as sent.
    subject: item.subject.trim(),
    body: item.body?.trim(),
    sensitivity: item.sensitivity,
    hasAttachments: item.hasAttachments,
    lastModified: item.lastModified,
    uid: item.uid,
    start: item.start,
    end: item.end,
    allDay: item.allDay,
    freeBusy: item.freeBusy,
    location: item.location,
    isMeeting: item.isMeeting,
    isCancelled: item.isCancelled,
    type: item.type,
    myResponse: item.myResponse,
    organizer: item.organizer?.address,
    required: people(item.required),
    optional: people(item.optional),
    resources: people(item.resources),
    sequence: item.sequence,
    state: item.appointmentState,
    recurrence,
    modified: item.modified.map(({ itemId, start, end, originalStart }) => [itemId, start, end, originalStart]),
    deleted: item.deleted,
    cleanId: [...Buffer.from(item.extended.find((property) => property.id === '35')?.value ?? '', 'base64')].join(','),
  };
}

describe('the decoder and the library read the same', () => {
  it.each(['get-item-kinds.xml', 'get-item-recurrences.xml', 'find-item-view.xml'])('items of %s', async (name) => {
    const body = text(name)
      .replaceAll('FindItem', 'GetItem')
      .replace(/<m:RootFolder[^>]*>|<\/m:RootFolder>/g, '');
    const asItems = body.replaceAll('t:Items>', 'm:Items>');
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
