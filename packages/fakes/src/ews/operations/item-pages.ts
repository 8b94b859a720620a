/**
 * Which part of what was found one answer shows: pages by index, by fraction, from the first match on, or everything, and the
 * limits of each (Microsoft reference pages IndexedPageItemView, FractionalPageItemView, SeekToConditionPageItemView).
 */

import type { XmlElement } from '../../xml/xml-element.ts';
import type { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { EwsError } from '../wire/ews-error.ts';
import { compileRestriction } from './restriction.ts';

const DEFAULT_FIND_LIMIT = 1000;

export interface Page {
  readonly items: readonly ShownItem[];
  readonly total: number;
  readonly isLast: boolean;
  readonly nextOffset?: number;
  readonly fraction?: readonly [number, number];
}

/** MaxEntriesReturned of a view; nothing is no limit, less than one is refused. */
export function mostEntries(view: XmlElement): number {
  const text = view.attribute('MaxEntriesReturned');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (Number(text) < 1) throw new EwsError('ErrorInvalidPagingMaxRows', 'Paging maximum rows must be above zero.');
  return Number(text);
}

export function refuseTooMany(context: RequestContext, count: number): void {
  const limit = context.budgets.findCountLimit ?? DEFAULT_FIND_LIMIT;
  if (count <= limit) return;
  throw new EwsError(
    'ErrorExceededFindCountLimit',
    'You have exceeded the maximum number of objects that can be returned for the find operation. Use paging to reduce the result size and try your request again.',
    {
      values: { PolicyLimit: String(limit) },
    },
  );
}

export function pageOf(context: RequestContext, request: XmlElement, found: readonly ShownItem[]): Page {
  const limit = context.budgets.findCountLimit ?? DEFAULT_FIND_LIMIT;
  const indexed = request.child('IndexedPageItemView');
  if (indexed !== undefined) return indexedPage(indexed, found, limit);
  const fractional = request.child('FractionalPageItemView');
  if (fractional !== undefined) return fractionalPage(fractional, found, limit);
  const sought = request.child('SeekToConditionPageItemView');
  if (sought !== undefined) return soughtPage(context, sought, found, limit);
  refuseTooMany(context, found.length);
  return { items: found, total: found.length, isLast: true };
}

function indexedPage(view: XmlElement, found: readonly ShownItem[], limit: number): Page {
  const total = found.length;
  const max = Math.min(mostEntries(view), limit);
  const offset = Number(view.attribute('Offset') ?? 0);
  if (offset < 0)
    throw new EwsError('ErrorInvalidIndexedPagingParameters', 'The offset of a page must not be negative.');
  const fromEnd = view.attribute('BasePoint') === 'End';
  const start = fromEnd ? Math.max(0, total - offset - max) : offset;
  const items = found.slice(start, fromEnd ? Math.max(0, total - offset) : offset + max);
  const nextOffset = offset + items.length;
  return { items, total, isLast: nextOffset >= total, nextOffset };
}

function fractionalPage(view: XmlElement, found: readonly ShownItem[], limit: number): Page {
  const total = found.length;
  const denominator = Number(view.attribute('Denominator') ?? 1);
  const numerator = Number(view.attribute('Numerator') ?? 0);
  if (denominator < 1 || numerator < 0 || numerator > denominator)
    throw new EwsError(
      'ErrorInvalidFractionalPagingParameters',
      'Numerator and denominator must make a fraction of one.',
    );
  const start = Math.floor((total * numerator) / denominator);
  const items = found.slice(start, start + Math.min(mostEntries(view), limit));
  const next = start + items.length;
  return { items, total, isLast: next >= total, fraction: [next, Math.max(total, 1)] };
}

/** Begins at the first item, or with BasePoint End the last, that meets the condition. */
function soughtPage(context: RequestContext, view: XmlElement, found: readonly ShownItem[], limit: number): Page {
  const total = found.length;
  const condition = view.child('Condition')?.children[0];
  if (condition === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  const test = compileRestriction(context, condition);
  const fromEnd = view.attribute('BasePoint') === 'End';
  const hit = fromEnd ? found.findLastIndex(test) : found.findIndex(test);
  const max = Math.min(mostEntries(view), limit);
  if (hit < 0) return { items: [], total, isLast: true, nextOffset: total };
  const items = fromEnd ? found.slice(Math.max(0, hit - max + 1), hit + 1) : found.slice(hit, hit + max);
  const nextOffset = hit + items.length;
  return { items, total, isLast: nextOffset >= total, nextOffset };
}
