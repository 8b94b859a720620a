/**
 * Items by id as the engine wants them: translated, masters with their exceptions read in full. What cannot be read is
 * named, never dropped silently.
 */
import {
  type CalendarItem,
  type ExceptionItem,
  type FolderItem,
  type ItemId,
  itemId,
  type SeriesMaster,
} from '@calendar-connector/calendar-model';
import type { RawItem } from '../decoder/raw-item.ts';
import { asException, isCalendarItem, translateItem } from '../translate/item.ts';
import type { Target } from '../transport/ews-transport.ts';
import type { OperationContext } from './context.ts';
import { type BatchSize, fetchItems } from './get-items.ts';
import { resolveAddress } from './resolve-names.ts';

export interface Unreadable {
  readonly itemId: ItemId;
  readonly code: string;
  readonly message: string;
}

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
  await learnAddresses(
    context,
    target,
    raws.map(([, raw]) => raw),
    signal,
  );
  const unreadable: Unreadable[] = read.failed.map((failure) => ({ ...failure, itemId: itemId(failure.itemId) }));
  const foreign = [...read.found].filter(([, raw]) => !isCalendarItem(raw)).map(([id]) => id);
  const items: FolderItem[] = [];
  const masters: { readonly master: SeriesMaster; readonly raw: RawItem }[] = [];
  for (const [id, raw] of raws) {
    const translated = translateItem(raw, translateOptions(context));
    if (!translated.ok) unreadable.push({ itemId: itemId(id), code: translated.code, message: translated.message });
    else if (translated.item.kind === 'seriesMaster') masters.push({ master: translated.item, raw });
    else items.push(topLevel(translated.item));
  }
  for (const master of await withExceptions(context, target, masters, size, signal)) items.push(master);
  return { items, missing: read.missing.map(itemId), foreign: foreign.map(itemId), unreadable };
}

/** SyncFolderItems never names occurrences; an id that turns out to be one is an exception without its master here. */
function topLevel(item: Exclude<CalendarItem, SeriesMaster>): FolderItem {
  return item.kind === 'occurrence' ? { ...item, kind: 'exception' } : item;
}

export function translateOptions(context: OperationContext) {
  const { zones, timeZone } = context.options;
  return { zones, defaultZone: timeZone, addressOf: context.addresses.addressOf };
}

async function learnAddresses(
  context: OperationContext,
  target: Target,
  raws: readonly RawItem[],
  signal: AbortSignal,
): Promise<void> {
  await context.addresses.learn(raws, (name) => resolveAddress(context, target, name, signal));
}

async function withExceptions(
  context: OperationContext,
  target: Target,
  masters: readonly { readonly master: SeriesMaster; readonly raw: RawItem }[],
  size: BatchSize,
  signal: AbortSignal,
): Promise<SeriesMaster[]> {
  const { maxExceptions } = context.options.limits;
  const wanted = masters.flatMap(({ raw }) => newest(raw, maxExceptions).map((occurrence) => occurrence.itemId));
  if (wanted.length === 0) return masters.map(({ master }) => master);
  const read = await fetchItems(context, target, wanted, size, signal);
  await learnAddresses(context, target, [...read.found.values()], signal);
  return masters.map(({ master, raw }) => {
    const exceptions: ExceptionItem[] = [];
    for (const occurrence of raw.modified) {
      const found = read.found.get(occurrence.itemId);
      const translated = found === undefined ? undefined : translateItem(found, translateOptions(context));
      const exception = translated?.ok ? asException(translated.item, occurrence.originalStart) : undefined;
      if (exception !== undefined) exceptions.push(exception);
      else if (occurrence.itemId !== '') warnLostException(context, target, translated);
    }
    return { ...master, exceptions };
  });
}

/** Very long series: the latest exceptions are read in full, older ones keep their times from the master. */
function newest(raw: RawItem, count: number) {
  const known = raw.modified.filter((occurrence) => occurrence.itemId !== '');
  return known.length <= count ? known : [...known].sort((a, b) => b.start - a.start).slice(0, count);
}

function warnLostException(
  context: OperationContext,
  target: Target,
  translated: ReturnType<typeof translateItem> | undefined,
): void {
  const message = translated?.ok === false ? translated.message : 'the server did not give it';
  context.options.observer.warning?.({
    code: 'ExceptionNotRead',
    message: `a changed occurrence could not be read in full: ${message}`,
    mailbox: target.mailbox,
  });
}
