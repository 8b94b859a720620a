/** GetFolder, FindFolder and the operations that make, rename, move and delete folders (Microsoft reference pages). */
import { type FolderKind, MESSAGE_ROOT } from '../../world/folders.ts';
import type { Folder } from '../../world/mailbox.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { writeFolder } from '../items/folder-writer.ts';
import { ID_ONLY, readShape } from '../items/response-shape.ts';
import type { RequestContext } from '../request-context.ts';
import { type FolderTarget, findFolder } from '../targets.ts';
import { isTrue } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach, type MessageBody } from '../wire/response-messages.ts';
import { matchesFolder } from './restriction.ts';
import { isInside } from './sync-folder-hierarchy.ts';

const emptyFolders = (message: XmlWriter): void => void message.element('m:Folders');

export async function getFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const shape = readShape(request.child('FolderShape'));
  await answerEach(
    context,
    out,
    request.child('FolderIds')?.children ?? [],
    (id) => {
      const target = findFolder(context, id);
      return (message) => {
        message.open('m:Folders');
        writeFolder(message, context, target, shape);
        message.close();
      };
    },
    { onError: emptyFolders },
  );
}

export async function findFolders(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const shape = readShape(request.child('FolderShape'));
  const isDeep = request.attribute('Traversal') !== 'Shallow';
  const restriction = request.child('Restriction')?.children[0];
  const paging = request.child('IndexedPageFolderView') ?? request.child('FractionalPageFolderView');
  await answerEach(context, out, request.child('ParentFolderIds')?.children ?? [], (id) => {
    const { box, folder } = findFolder(context, id);
    const found = box
      .folders()
      .filter((candidate) => (isDeep ? isInside(box, candidate, folder.number) : candidate.parent === folder.number))
      .filter(
        (candidate) => restriction === undefined || matchesFolder(context, { box, folder: candidate }, restriction),
      );
    const max = Number(paging?.attribute('MaxEntriesReturned') ?? Number.POSITIVE_INFINITY);
    const offset =
      paging?.attribute('BasePoint') === 'End'
        ? Math.max(0, found.length - Number(paging.attribute('Offset')) - max)
        : Number(paging?.attribute('Offset') ?? 0);
    const page = found.slice(offset, offset + max);
    const isLast = offset + page.length >= found.length;
    return (message) => {
      const next = paging === undefined ? {} : { IndexedPagingOffset: offset + page.length };
      message.open('m:RootFolder', { ...next, TotalItemsInView: found.length, IncludesLastItemInRange: isLast });
      message.open('t:Folders');
      for (const candidate of page) writeFolder(message, context, { box, folder: candidate }, shape);
      message.close().close();
    };
  });
}

const KINDS: Readonly<Record<string, readonly [FolderKind, string]>> = {
  Folder: ['Folder', 'IPF.Note'],
  CalendarFolder: ['CalendarFolder', 'IPF.Appointment'],
  ContactsFolder: ['ContactsFolder', 'IPF.Contact'],
  TasksFolder: ['TasksFolder', 'IPF.Task'],
  SearchFolder: ['SearchFolder', 'IPF.Note'],
};

/** What kind of folder a class makes, for clients that only name the class. */
function kindOf(folderClass: string): FolderKind {
  if (/^IPF\.Appointment\b/i.test(folderClass)) return 'CalendarFolder';
  if (/^IPF\.Contact\b/i.test(folderClass)) return 'ContactsFolder';
  return /^IPF\.Task\b/i.test(folderClass) ? 'TasksFolder' : 'Folder';
}

export async function createFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const parent = request.child('ParentFolderId')?.children[0];
  await answerEach(
    context,
    out,
    request.child('Folders')?.children ?? [],
    (element) => {
      if (parent === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
      const { box, folder } = findFolder(context, parent, 'write');
      return folderAnswer(context, { box, folder: makeFolder({ box, folder }, element, true) });
    },
    { onError: emptyFolders },
  );
}

function makeFolder({ box, folder }: FolderTarget, element: XmlElement, isUnique: boolean): Folder {
  const name = element.childText('DisplayName') ?? '';
  if (name === '') throw new EwsError('ErrorFolderSavePropertyError', 'A folder needs a name.');
  const known = box
    .folders()
    .find((candidate) => candidate.parent === folder.number && candidate.name.toLowerCase() === name.toLowerCase());
  if (known !== undefined && isUnique)
    throw new EwsError('ErrorFolderExists', 'A folder with the specified name already exists.');
  if (known !== undefined) return known;
  const [kind, ownClass] = KINDS[element.name] ?? ['Folder', 'IPF.Note'];
  const folderClass = element.childText('FolderClass') ?? ownClass;
  return box.createFolder(folder.number, name, folderClass, kind === 'Folder' ? kindOf(folderClass) : kind);
}

export async function createFolderPath(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const parent = request.child('ParentFolderId')?.children[0];
  let target: FolderTarget | undefined;
  await answerEach(context, out, request.child('RelativeFolderPath')?.children ?? [], (element) => {
    target ??= findFolder(context, parent as XmlElement, 'write');
    target = { box: target.box, folder: makeFolder(target, element, false) };
    return folderAnswer(context, target);
  });
}

function folderAnswer(context: RequestContext, target: FolderTarget): MessageBody {
  return (message) => {
    message.open('m:Folders');
    writeFolder(message, context, target, ID_ONLY);
    message.close();
  };
}

export async function updateFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(
    context,
    out,
    request.child('FolderChanges')?.children ?? [],
    (change) => {
      const [id, updates] = change.children;
      const { box, folder } = findFolder(context, id as XmlElement, 'write');
      const key = (id as XmlElement).attribute('ChangeKey');
      if (key !== undefined && context.world.ids.readChangeKey(key) === undefined) {
        throw new EwsError('ErrorInvalidChangeKey', 'The change key is invalid.');
      }
      const names = (updates?.children ?? [])
        .map((update) => update.children[1]?.children[0])
        .filter((value) => value?.name === 'DisplayName');
      const name = names.at(-1)?.text;
      return folderAnswer(context, {
        box,
        folder: box.updateFolder(folder.number, name === undefined ? {} : { name }),
      });
    },
    { onError: emptyFolders },
  );
}

function refuseDistinguished(folder: Folder, code: string): void {
  if (folder.distinguished !== undefined)
    throw new EwsError(code, 'The folder is a distinguished folder and stays where it is.');
}

export async function deleteFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const isSoft = request.attribute('DeleteType') === 'MoveToDeletedItems';
  await answerEach(context, out, request.child('FolderIds')?.children ?? [], (id) => {
    const { box, folder } = findFolder(context, id, 'write');
    refuseDistinguished(folder, 'ErrorDeleteDistinguishedFolder');
    if (isSoft)
      box.updateFolder(folder.number, { parent: box.findDistinguished('deleteditems')?.number ?? MESSAGE_ROOT });
    else box.removeFolder(folder.number);
    return () => undefined;
  });
}

export async function emptyFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(context, out, request.child('FolderIds')?.children ?? [], (id) => {
    const { box, folder } = findFolder(context, id, 'write');
    if (folder.kind === 'CalendarFolder') throw new EwsError('ErrorCannotEmptyFolder', 'The folder cannot be emptied.');
    for (const number of [...box.numbersIn(folder.number)]) box.remove(number);
    if (isTrue(request.attribute('DeleteSubFolders'))) {
      for (const child of box.folders())
        if (child.parent === folder.number && child.distinguished === undefined) box.removeFolder(child.number);
    }
    return () => undefined;
  });
}

export async function moveFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await transferFolder(context, request, out, ({ box, folder }, parent) => {
    refuseDistinguished(folder, 'ErrorMoveDistinguishedFolder');
    return box.updateFolder(folder.number, { parent });
  });
}

export async function copyFolder(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await transferFolder(context, request, out, ({ box, folder }, parent) => {
    const copy = box.createFolder(parent, folder.name, folder.folderClass, folder.kind);
    for (const number of [...box.numbersIn(folder.number)]) box.copy(number, copy.number);
    return copy;
  });
}

async function transferFolder(
  context: RequestContext,
  request: XmlElement,
  out: XmlWriter,
  act: (source: FolderTarget, parent: number) => Folder,
): Promise<void> {
  const to = request.child('ToFolderId')?.children[0];
  await answerEach(
    context,
    out,
    request.child('FolderIds')?.children ?? [],
    (id) => {
      const source = findFolder(context, id, 'write');
      const parent = findFolder(context, to as XmlElement, 'write');
      if (parent.box !== source.box) throw new EwsError('ErrorCrossMailboxMoveCopy', 'Folders stay in their mailbox.');
      return folderAnswer(context, { box: source.box, folder: act(source, parent.folder.number) });
    },
    { onError: emptyFolders },
  );
}
