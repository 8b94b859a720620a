/**
 * FindItem: a view of a calendar with its series expanded, or a page of a folder with filter, order and groups.
 * Sources: Microsoft reference page FindItem, CalendarView; facts "FindItem / CalendarView".
 */
import type { Mailbox } from '../../world/mailbox.ts';
import { occurrencesBetween } from '../../world/series.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { ItemWriter } from '../items/item-writer.ts';
import { readShape } from '../items/response-shape.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { type FolderTarget, findFolder, isMaskedFor } from '../targets.ts';
import { readTime } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach, type MessageBody } from '../wire/response-messages.ts';
import { mostEntries, type Page, pageOf, refuseTooMany } from './item-pages.ts';
import { compareValues, readerFor } from './property-values.ts';
import { compileRestriction } from './restriction.ts';

/** A view may span two years, leap days included. */
const LONGEST_VIEW_MS = 2 * 366 * 86_400_000;

export async function findItems(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const writer = new ItemWriter({ shape: readShape(request.child('ItemShape')), zone: context.zone, isFind: true });
  await answerEach(context, out, request.child('ParentFolderIds')?.children ?? [], (id) => {
    const target = findFolder(context, id);
    const view = request.child('CalendarView');
    return view === undefined
      ? findPage(context, request, target, writer)
      : findView(context, request, view, target, writer);
  });
}

function findView(
  context: RequestContext,
  request: XmlElement,
  view: XmlElement,
  { box, folder }: FolderTarget,
  writer: ItemWriter,
): MessageBody {
  if (
    request.child('Restriction') !== undefined ||
    request.child('SortOrder') !== undefined ||
    request.child('GroupBy') !== undefined
  ) {
    throw new EwsError('ErrorInvalidOperation', 'Restrictions and sort order may not be specified for a CalendarView.');
  }
  if (request.attribute('Traversal') !== 'Shallow')
    throw new EwsError('ErrorInvalidOperation', 'Only shallow traversal is possible with a CalendarView.');
  if (folder.kind !== 'CalendarFolder')
    throw new EwsError('ErrorCalendarFolderIsInvalidForCalendarView', 'A CalendarView is for calendar folders only.');
  const from = readTime(view.attribute('StartDate') ?? '', context.zone);
  const to = readTime(view.attribute('EndDate') ?? '', context.zone);
  if (to < from) throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate', 'EndDate is earlier than StartDate');
  if (to - from > LONGEST_VIEW_MS)
    throw new EwsError(
      'ErrorCalendarViewRangeTooBig',
      'The specified view range exceeds the maximum range of two years.',
    );
  const found = itemsInView(context, box, folder.number, from, to);
  const max = mostEntries(view);
  refuseTooMany(context, Math.min(found.length, max));
  const page = found.slice(0, max);
  return (message) =>
    writeItems(context, message, page, { total: found.length, isLast: page.length === found.length }, writer);
}

/** Singles and occurrences that touch a window. An item that ends just when the window begins is in (facts). */
export function itemsInView(
  context: RequestContext,
  box: Mailbox,
  folder: number,
  from: number,
  to: number,
): ShownItem[] {
  const found: ShownItem[] = [];
  const touches = (start: number, end: number): boolean => start < to && end >= from;
  for (const record of box.itemsIn(folder)) {
    if (record.kind !== 'calendar') continue;
    if (record.series === undefined) {
      if (touches(record.content.start, record.content.end)) found.push(new ShownItem(context.world, box, record));
      continue;
    }
    for (const occurrence of occurrencesBetween(record, from - 1, to)) {
      if (touches(occurrence.content.start, occurrence.content.end))
        found.push(new ShownItem(context.world, box, record, occurrence));
    }
  }
  return found.sort((a, b) => (a.calendar?.start ?? 0) - (b.calendar?.start ?? 0));
}

function findPage(
  context: RequestContext,
  request: XmlElement,
  { box, folder }: FolderTarget,
  writer: ItemWriter,
): MessageBody {
  const restriction = request.child('Restriction')?.children[0];
  const query = request.childText('QueryString')?.trim().toLowerCase();
  const test = restriction === undefined ? undefined : compileRestriction(context, restriction);
  const wantsAssociated = request.attribute('Traversal') === 'Associated';
  const isDeleted = request.attribute('Traversal') === 'SoftDeleted';
  const number = isDeleted
    ? (box.findDistinguished('recoverableitemsdeletions')?.number ?? folder.number)
    : folder.number;
  const found: ShownItem[] = [];
  for (const record of box.itemsIn(number)) {
    if (record.isAssociated !== wantsAssociated) continue;
    const item = new ShownItem(context.world, box, record);
    if (query !== undefined && query !== '' && !matchesQuery(item, query)) continue;
    if (test === undefined || test(item)) found.push(item);
  }
  sort(request, found);
  const page = pageOf(context, request, found);
  const groupBy = request.child('GroupBy')?.child('FieldURI') ?? request.child('GroupBy')?.child('ExtendedFieldURI');
  if (groupBy !== undefined) return (message) => writeGroups(context, message, page, groupBy, writer);
  return (message) => writeItems(context, message, page.items, page, writer);
}

/** The simplest of AQS: `subject:word` or words anywhere. */
function matchesQuery(item: ShownItem, query: string): boolean {
  const text = `${item.content.subject} ${item.calendar?.location ?? ''} ${item.content.body.content}`.toLowerCase();
  return query.split(/\s+/).every((word) => {
    const [key, value] = word.includes(':')
      ? [word.slice(0, word.indexOf(':')), word.slice(word.indexOf(':') + 1).replaceAll('"', '')]
      : ['', word.replaceAll('"', '')];
    if (key === 'subject') return item.content.subject.toLowerCase().includes(value);
    if (key === 'kind') return value === 'meetings' ? item.element === 'CalendarItem' : true;
    return text.includes(value);
  });
}

function sort(request: XmlElement, found: ShownItem[]): void {
  const orders = (request.child('SortOrder')?.all('FieldOrder') ?? []).map((order) => ({
    read: readerFor(order.children[0] as XmlElement),
    sign: order.attribute('Order') === 'Descending' ? -1 : 1,
  }));
  if (orders.length === 0) {
    found.reverse();
    return;
  }
  found.sort((a, b) => {
    for (const { read, sign } of orders) {
      const order = compareValues(read(a), read(b));
      if (order !== 0) return order * sign;
    }
    return 0;
  });
}

function rootAttributes(page: Page): Readonly<Record<string, string | number | boolean | undefined>> {
  return {
    IndexedPagingOffset: page.nextOffset,
    NumeratorOffset: page.fraction?.[0],
    AbsoluteDenominator: page.fraction?.[1],
    TotalItemsInView: page.total,
    IncludesLastItemInRange: page.isLast,
  };
}

function writeItems(
  context: RequestContext,
  message: XmlWriter,
  items: readonly ShownItem[],
  page: Omit<Page, 'items'>,
  writer: ItemWriter,
): void {
  message.open('m:RootFolder', rootAttributes({ ...page, items }));
  message.open('t:Items');
  for (const item of items) writer.write(message, item, { isMasked: isMaskedFor(context, item.box, item.record) });
  message.close().close();
}

function writeGroups(
  context: RequestContext,
  message: XmlWriter,
  page: Page,
  path: XmlElement,
  writer: ItemWriter,
): void {
  const read = readerFor(path);
  const groups = new Map<string, ShownItem[]>();
  for (const item of page.items) {
    const key = String(read(item) ?? '');
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  message.open('m:RootFolder', rootAttributes(page)).open('t:Groups');
  for (const [key, items] of groups) {
    message.open('t:GroupedItems').element('t:GroupIndex', key).open('t:Items');
    for (const item of items) writer.write(message, item, { isMasked: isMaskedFor(context, item.box, item.record) });
    message.close().close();
  }
  message.close().close();
}
