/** SyncFolderItems: what changed since a state, newest first, at most 512 a call (MS-OXWSSYNC; facts "SyncFolderItems"). */
import type { FolderChange, SyncPosition } from '../../world/change-log.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { ItemWriter } from '../items/item-writer.ts';
import { readShape } from '../items/response-shape.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { readSyncState, type SyncState, writeSyncState } from '../sync-state.ts';
import { type FolderTarget, findFolder, isMaskedFor } from '../targets.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerOnce, type MessageBody } from '../wire/response-messages.ts';

export function syncFolderItems(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => prepare(context, request), {
    onError: (message) => {
      message.element('m:SyncState').element('m:IncludesLastItemInRange', true).element('m:Changes');
    },
  });
}

function prepare(context: RequestContext, request: XmlElement): MessageBody {
  const max = Number(request.childText('MaxChangesReturned') ?? 100);
  const target = syncTarget(context, request);
  const state = startState(context, target, request.childText('SyncState'), 'items');
  const ignored = readIgnored(context, request);
  const { box, folder } = target;
  const { page, isRangeDone } = pageOf(box.changesIn(folder.number, state), max, ignored);
  // what happened while the client was paging comes after: there is more
  const meanwhile: SyncPosition = { since: state.until, until: box.change, below: box.change + 1 };
  const isLast = isRangeDone && box.changesIn(folder.number, meanwhile).next().done === true;
  const last = page.at(-1);
  const next: SyncState =
    isLast || last === undefined
      ? { ...state, since: state.until, until: 0, below: 0 }
      : { ...state, below: last.change };
  const writer = new ItemWriter({ shape: readShape(request.child('ItemShape')), zone: context.zone, isFind: true });
  return (message) => {
    message.element('m:SyncState', writeSyncState(next));
    message.element('m:IncludesLastItemInRange', isLast);
    message.open('m:Changes');
    for (const change of page) writeChange(context, message, target, change, writer);
    message.close();
  };
}

function pageOf(
  changes: Iterable<FolderChange>,
  max: number,
  ignored: ReadonlySet<number>,
): { readonly page: readonly FolderChange[]; readonly isRangeDone: boolean } {
  const page: FolderChange[] = [];
  for (const change of changes) {
    if (ignored.has(change.item)) continue;
    if (page.length === max) return { page, isRangeDone: false };
    page.push(change);
  }
  return { page, isRangeDone: true };
}

function syncTarget(context: RequestContext, request: XmlElement): FolderTarget {
  const id = request.child('SyncFolderId')?.children[0];
  if (id === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  const gone = new EwsError('ErrorSyncFolderNotFound', 'The folder to be synchronized could not be found.');
  if (context.takeFault(['syncFolderNotFound']) !== undefined) throw gone;
  try {
    return findFolder(context, id);
  } catch (error) {
    if (error instanceof EwsError && error.code === 'ErrorItemNotFound') throw gone;
    throw error;
  }
}

/** Where a call starts: at the state of the client, in the middle of a run of pages, or at the very beginning. */
export function startState(
  context: RequestContext,
  target: FolderTarget,
  text: string | undefined,
  scope: SyncState['scope'],
): SyncState {
  const { box, folder } = target;
  const invalid = new EwsError(
    'ErrorInvalidSyncStateData',
    'Synchronization state data is corrupt or otherwise invalid.',
  );
  if (text !== undefined && text.trim() !== '' && context.takeFault(['invalidSyncState'], box.address) !== undefined)
    throw invalid;
  if (text === undefined || text.trim() === '') {
    return {
      scope,
      mailboxGuid: box.profile.guid,
      folder: folder.number,
      epoch: box.epoch,
      life: context.world.life,
      since: 0,
      until: box.change,
      below: box.change + 1,
    };
  }
  const state = readSyncState(text);
  const isMine = state?.scope === scope && state.mailboxGuid === box.profile.guid && state.folder === folder.number;
  if (state === undefined || !isMine || state.epoch !== box.epoch || state.since > box.change) throw invalid;
  const isOfThisLife = state.life === context.world.life;
  if (!isOfThisLife && Math.max(state.since, state.until) > box.generatedCount) throw invalid;
  const here = { ...state, life: context.world.life };
  return state.until === 0 ? { ...here, until: box.change, below: box.change + 1 } : here;
}

function readIgnored(context: RequestContext, request: XmlElement): ReadonlySet<number> {
  const ids = (request.child('Ignore')?.children ?? []).map((id) => context.world.ids.decode(id.attribute('Id') ?? ''));
  return new Set(ids.map((id) => (id?.kind === 'item' ? id.number : -1)));
}

function writeChange(
  context: RequestContext,
  out: XmlWriter,
  { box, folder }: FolderTarget,
  change: FolderChange,
  writer: ItemWriter,
): void {
  const id = context.world.ids.item(box.profile.guid, folder.number, change.item);
  if (change.kind === 'delete') {
    out
      .open('t:Delete')
      .element('t:ItemId', undefined, { Id: id, ChangeKey: context.world.ids.changeKey(change.change) })
      .close();
    return;
  }
  if (writer.isIdOnly && box.isUntouched(change.item)) {
    out.open('t:Create').open('t:CalendarItem');
    out.element('t:ItemId', undefined, { Id: id, ChangeKey: context.world.ids.changeKey(change.item) });
    out.close().close();
    return;
  }
  const record = box.find(change.item);
  if (record === undefined) return;
  if (change.kind === 'read') {
    out
      .open('t:ReadFlagChange')
      .element('t:ItemId', undefined, { Id: id, ChangeKey: context.world.ids.changeKey(record.change) });
    out.element('t:IsRead', record.isRead).close();
    return;
  }
  out.open(change.kind === 'create' ? 't:Create' : 't:Update');
  writer.write(out, new ShownItem(context.world, box, record), { isMasked: isMaskedFor(context, box, record) });
  out.close();
}
