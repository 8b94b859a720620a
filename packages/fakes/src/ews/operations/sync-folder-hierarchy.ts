/** SyncFolderHierarchy: folders that appeared, changed or went since a state (Microsoft reference page). */

import { MESSAGE_ROOT } from '../../world/folders.ts';
import type { Folder, Mailbox } from '../../world/mailbox.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { writeFolder } from '../items/folder-writer.ts';
import { readShape } from '../items/response-shape.ts';
import type { RequestContext } from '../request-context.ts';
import { writeSyncState } from '../sync-state.ts';
import { type FolderTarget, findFolder } from '../targets.ts';
import { answerOnce, type MessageBody } from '../wire/response-messages.ts';
import { startState } from './sync-folder-items.ts';

export function syncFolderHierarchy(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => prepare(context, request), {
    onError: (message) => {
      message.element('m:SyncState').element('m:IncludesLastFolderInRange', true).element('m:Changes');
    },
  });
}

function prepare(context: RequestContext, request: XmlElement): MessageBody {
  const id = request.child('SyncFolderId')?.children[0];
  const target: FolderTarget = id === undefined ? rootOf(context.ownMailbox()) : findFolder(context, id);
  const { box, folder } = target;
  const state = startState(context, target, request.childText('SyncState'), 'hierarchy');
  const inside = box.folders().filter((candidate) => isInside(box, candidate, folder.number));
  const isFirst = state.since === 0;
  const fresh = inside.filter((candidate) => isFirst || candidate.appeared > state.since);
  const changed = inside.filter(
    (candidate) => !isFirst && candidate.appeared <= state.since && candidate.change > state.since,
  );
  const gone = isFirst
    ? []
    : box.removedFolders().filter((candidate) => candidate.change > state.since && candidate.appeared <= state.since);
  const shape = readShape(request.child('FolderShape'));
  const next = writeSyncState({ ...state, since: box.change, until: 0, below: 0 });
  return (message) => {
    message.element('m:SyncState', next).element('m:IncludesLastFolderInRange', true).open('m:Changes');
    const write = (element: string, list: readonly Folder[]): void => {
      for (const candidate of list) {
        message.open(element);
        writeFolder(message, context, { box, folder: candidate }, shape);
        message.close();
      }
    };
    write('t:Create', fresh);
    write('t:Update', changed);
    for (const { number } of gone) {
      const folderId = {
        Id: context.world.ids.folder(box.profile.guid, number),
        ChangeKey: context.world.ids.folderChangeKey(box.change, false),
      };
      message.open('t:Delete').element('t:FolderId', undefined, folderId).close();
    }
    message.close();
  };
}

function rootOf(box: Mailbox): FolderTarget {
  return { box, folder: box.folder(MESSAGE_ROOT) as Folder };
}

/** Whether a folder lies below another. */
export function isInside(box: Mailbox, folder: Folder, root: number): boolean {
  let current: Folder | undefined = folder;
  for (let depth = 0; current !== undefined && depth < 50; depth += 1) {
    if (current.parent === root) return true;
    current = box.folder(current.parent);
  }
  return false;
}
