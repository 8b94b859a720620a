/**
 * Items by id as the engine wants them: translated, masters with their exceptions read in full. What cannot be read is
 * named, never dropped silently.
 */
import {
  type CalendarItem,
  type FolderItem,
  type ItemId,
  itemId,
  type SeriesMaster,
} from '@calendar-connector/calendar-model';
import { isCalendarItem, translateItem } from '../translate/item.ts';
import type { Target } from '../transport/ews-transport.ts';
import type { BatchSize } from './batch-size.ts';
import { type OperationContext, translateOptions } from './context.ts';
import { fetchItems } from './get-items.ts';
import { readExceptions, type Series } from './read-exceptions.ts';
import { learnAddresses } from './resolve-names.ts';
import type { Unreadable } from './unreadable.ts';

export interface CalendarItems {
  readonly items: readonly FolderItem[];
  /** ids the server does not have: not any more, or not yet */
  readonly missing: readonly ItemId[];
  /** ids of what is no calendar item */
  readonly foreign: readonly ItemId[];
  readonly unreadable: readonly Unreadable[];
}

export async function readCalendarItems(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  size: BatchSize,
  signal: AbortSignal,
): Promise<CalendarItems> {
  const read = await fetchItems(context, target, ids, size, signal);
  const raws = [...read.found].filter(([, raw]) => isCalendarItem(raw));
  const people = raws.map(([, raw]) => raw);
  await learnAddresses(context, target, people, signal);
  const unreadable: Unreadable[] = read.failed.map((failure) => ({ ...failure, itemId: itemId(failure.itemId) }));
  const foreign = [...read.found].filter(([, raw]) => !isCalendarItem(raw)).map(([id]) => id);
  const items: FolderItem[] = [];
  const series: Series[] = [];
  for (const [id, raw] of raws) {
    const translated = translateItem(raw, translateOptions(context));
    if (!translated.ok) unreadable.push(invalid(id, translated));
    else if (translated.item.kind === 'seriesMaster') series.push({ master: translated.item, raw });
    else items.push(topLevel(translated.item));
  }
  const whole = await readExceptions(context, target, series, size, signal);
  return {
    items: [...items, ...whole.masters],
    missing: read.missing.map(itemId),
    foreign: foreign.map(itemId),
    unreadable: [...unreadable, ...whole.unreadable],
  };
}

function invalid(id: string, { code, message }: { readonly code: string; readonly message: string }): Unreadable {
  return { itemId: itemId(id), kind: 'protocol', code, message };
}

/** SyncFolderItems never names occurrences; an id that turns out to be one is an exception without its master here. */
function topLevel(item: Exclude<CalendarItem, SeriesMaster>): FolderItem {
  return item.kind === 'occurrence' ? { ...item, kind: 'exception' } : item;
}
