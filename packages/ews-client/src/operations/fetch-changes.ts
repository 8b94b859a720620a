/**
 * What changed since a cursor: SyncFolderItems with ids only, then GetItem for what was created or changed
 * (facts §0: sync is the truth, events are a door bell). The page's cursor is given out only with all its items.
 */
import { cursor as asCursor, type Cursor, type ItemId, itemId } from '@calendar-connector/calendar-model';
import type { ChangePage, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { RawChange } from '../decoder/response-grammar.ts';
import { syncFolderItems } from '../wire/read-requests.ts';
import { callOne, type OperationContext, protocolError, targetOf } from './context.ts';
import type { BatchSize } from './get-items.ts';
import { readCalendarItems, type Unreadable } from './read-calendar-items.ts';

export async function fetchChanges(
  context: OperationContext,
  mailbox: ResolvedMailbox,
  since: Cursor | undefined,
  size: BatchSize,
  signal: AbortSignal,
): Promise<ChangePage> {
  const target = targetOf(context, mailbox);
  const { syncPageSize } = context.options.limits;
  const request = syncFolderItems(await context.facade(), mailbox.address, mailbox.folderId, since, syncPageSize);
  const message = await callOne(context, request, target, signal);
  const { syncState, includesLast, changes } = message;
  if (syncState === undefined || syncState === '' || includesLast === undefined) {
    throw protocolError('SyncFolderItems', mailbox.address, 'the answer has no sync state');
  }
  if (!includesLast && changes.length === 0 && syncState === since) {
    throw protocolError('SyncFolderItems', mailbox.address, 'more changes are promised but none are given');
  }
  const last = lastPerItem(changes);
  const changedIds = [...last].filter(([, kind]) => kind !== 'delete').map(([id]) => id);
  const read = await readCalendarItems(context, target, changedIds, size, signal);
  const removed = [...last].filter(([, kind]) => kind === 'delete').map(([id]) => itemId(id));
  return {
    changed: read.items,
    removed: [...removed, ...read.foreign],
    unreadable: [...read.unreadable, ...read.missing.map(notReadableYet)],
    cursor: asCursor(syncState),
    complete: includesLast,
  };
}

/**
 * Named as changed and then not found: not readable yet, or deleted in between. Only the next page can tell; taking it
 * for deleted here would end a conference, or lose the item.
 */
function notReadableYet(id: ItemId): Unreadable {
  return { itemId: id, code: 'ErrorItemNotFound', message: 'the item is named as changed, but not there' };
}

/** The last word about each id in document order; read flags mean nothing in a calendar. */
function lastPerItem(changes: readonly RawChange[]): Map<string, RawChange['kind']> {
  const last = new Map<string, RawChange['kind']>();
  for (const { itemId: id, kind } of changes) {
    if (id !== '' && kind !== 'readFlag') last.set(id, kind);
  }
  return last;
}
