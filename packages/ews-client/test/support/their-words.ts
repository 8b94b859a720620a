/**
 * What our decoder reads, in the words of the oracle (library-reader.ts), and answers in the one form the oracle reads.
 */
import type { RawItem } from '../../src/decoder/raw-item.ts';
import type { LibraryItem } from './library-reader.ts';

/** An answer to FindItem as if it had been one to GetItem. */
export function asGetItem(text: string): string {
  const asked = text.replaceAll('FindItem', 'GetItem').replace(/<m:RootFolder[^>]*>|<\/m:RootFolder>/g, '');
  return asked.replaceAll('t:Items>', 'm:Items>');
}

/** Our item in the words of the oracle. */
export function inTheirWords(item: RawItem): LibraryItem {
  const people = (list: RawItem['required']) =>
    list.map(({ name, address, response }) => ({ name, address, response }));
  const { pattern, range } = item.recurrence ?? {};
  const recurrence =
    pattern === undefined || range === undefined
      ? undefined
      : {
          pattern: pattern.type,
          days: 'daysOfWeek' in pattern ? [pattern.daysOfWeek].flat() : [],
          firstDay: 'firstDayOfWeek' in pattern ? pattern.firstDayOfWeek : undefined,
          index: 'dayOfWeekIndex' in pattern ? pattern.dayOfWeekIndex : undefined,
          dayOfMonth: 'dayOfMonth' in pattern ? pattern.dayOfMonth : undefined,
          month: 'month' in pattern ? pattern.month : undefined,
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
