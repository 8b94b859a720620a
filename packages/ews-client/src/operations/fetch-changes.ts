/**
 * What changed since a cursor: SyncFolderItems with ids only, then GetItem for what was created or changed
 * (facts §0: sync is the truth, events are a door bell). The page's cursor is given out only with all its items.
 */
import { cursor as asCursor, type Cursor, type ItemId, itemId } from '@calendar-connector/calendar-model';
import type { ChangePage, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { RawChange } from '../decoder/response-grammar.ts';
import { syncFolderItems } from '../wire/read-requests.ts';
import type { BatchSize } from './batch-size.ts';
import { callOne, type OperationContext, protocolError, targetOf } from './context.ts';
import { readCalendarItems } from './read-calendar-items.ts';
import type { Unreadable } from './unreadable.ts';

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
  const { syncState, changes } = message;
  if (syncState === undefined || syncState === '') {
    throw protocolError('SyncFolderItems', mailbox.address, 'the answer has no sync state');
  }
  // Where a server does not say whether more is to come (the schema lets it), a page without changes is the last one.
  const includesLast = message.includesLast ?? changes.length === 0;
  if (!includesLast && changes.length === 0 && syncState === since) {
    throw protocolError('SyncFolderItems', mailbox.address, 'more changes are promised but none are given');
  }
  const changed = idsOf(changes, 'create', 'update');
  const deleted = idsOf(changes, 'delete');
  const read = await readCalendarItems(context, target, [...changed], size, signal);
  const isGone = (id: string) => deleted.has(id);
  const removed = [...deleted].filter((id) => !changed.has(id)).map(itemId);
  return {
    changed: read.items,
    removed: [...removed, ...read.missing.filter(isGone), ...read.foreign],
    unreadable: [...read.unreadable.map(asTold), ...read.missing.filter((id) => !isGone(id)).map(notReadableYet)],
    cursor: asCursor(syncState),
    complete: includesLast,
  };
}

/**
 * Named as changed and then not found: not readable yet, or deleted in between. Only the next page can tell; taking it
 * for deleted here would end a conference, or lose the item.
 */
function notReadableYet(id: ItemId): Told {
  return { itemId: id, code: 'ErrorItemNotFound', message: 'the item is named as changed, but not there' };
}

type Told = ChangePage['unreadable'][number];

function asTold({ itemId: id, code, message }: Unreadable): Told {
  return { itemId: id, code, message };
}

/**
 * Ids named by these kinds of change; read flags mean nothing in a calendar. One named both as changed and as deleted is
 * read: which came last, its place does not say (newest first since 2010 SP2, facts §1.1).
 */
function idsOf(changes: readonly RawChange[], ...kinds: readonly RawChange['kind'][]): ReadonlySet<string> {
  return new Set(
    changes.filter(({ itemId: id, kind }) => id !== '' && kinds.includes(kind)).map((change) => change.itemId),
  );
}
