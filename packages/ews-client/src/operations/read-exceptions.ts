/**
 * The changed occurrences of series, read in full by the ids their masters list: a master tells only their times (facts
 * §2.1). A series whose exceptions the server cannot give just now is not readable yet; an exception that is broken for
 * good, or gone meanwhile, costs a warning and not the series.
 */
import type { ExceptionItem, SeriesMaster } from '@calendar-connector/calendar-model';
import type { RawItem, RawOccurrence } from '../decoder/raw-item.ts';
import { asException, translateItem } from '../translate/item.ts';
import type { Target } from '../transport/ews-transport.ts';
import type { BatchSize } from './batch-size.ts';
import { type OperationContext, translateOptions } from './context.ts';
import { type FailedItem, type GatheredItems, NO_ANSWER } from './gathered-items.ts';
import { fetchItems } from './get-items.ts';
import { learnAddresses } from './resolve-names.ts';
import type { Unreadable } from './unreadable.ts';

/** A master as translated and as it came. */
export interface Series {
  readonly master: SeriesMaster;
  readonly raw: RawItem;
}

export async function readExceptions(
  context: OperationContext,
  target: Target,
  series: readonly Series[],
  size: BatchSize,
  signal: AbortSignal,
): Promise<{ readonly masters: readonly SeriesMaster[]; readonly unreadable: readonly Unreadable[] }> {
  const { maxExceptions } = context.options.limits;
  const wanted = series.flatMap(({ raw }) => newest(raw, maxExceptions).map((occurrence) => occurrence.itemId));
  if (wanted.length === 0) return { masters: series.map(({ master }) => master), unreadable: [] };
  const read = await fetchItems(context, target, wanted, size, signal);
  await learnAddresses(context, target, [...read.found.values()], signal);
  const masters: SeriesMaster[] = [];
  const unreadable: Unreadable[] = [];
  for (const one of series) {
    const late = notReadableYet(one, read);
    if (late === undefined) masters.push({ ...one.master, exceptions: exceptionsOf(context, target, one.raw, read) });
    else unreadable.push(late);
  }
  return { masters, unreadable };
}

/** Very long series: the latest exceptions are read in full, older ones keep their times from the master. */
function newest(raw: RawItem, count: number): readonly RawOccurrence[] {
  const known = raw.modified.filter((occurrence) => occurrence.itemId !== '');
  return known.length <= count ? known : [...known].sort((a, b) => b.start - a.start).slice(0, count);
}

function exceptionsOf(context: OperationContext, target: Target, raw: RawItem, read: GatheredItems): ExceptionItem[] {
  const exceptions: ExceptionItem[] = [];
  for (const occurrence of raw.modified) {
    const found = read.found.get(occurrence.itemId);
    const translated = found === undefined ? undefined : translateItem(found, translateOptions(context));
    const exception = translated?.ok ? asException(translated.item, occurrence.originalStart) : undefined;
    if (exception !== undefined) exceptions.push(exception);
    else if (occurrence.itemId !== '') warnLostException(context, target, translated);
  }
  return exceptions;
}

/** Given out now, the series would lose what its exceptions say until somebody changes it again. */
function notReadableYet({ master, raw }: Series, read: GatheredItems): Unreadable | undefined {
  const ids = new Set(raw.modified.map((occurrence) => occurrence.itemId));
  const late = read.failed.find((failure) => ids.has(failure.itemId) && isPassing(failure));
  if (late === undefined) return undefined;
  const message = `a changed occurrence cannot be read now: ${late.message}`;
  return { ...late, itemId: master.itemId, message };
}

/** Exchange calls broken items an internal error, too: that one does not count as passing. */
function isPassing({ code, kind }: FailedItem): boolean {
  if (code === NO_ANSWER) return true;
  return code !== 'ErrorInternalServerError' && ['throttled', 'timeout', 'unavailable'].includes(kind);
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
