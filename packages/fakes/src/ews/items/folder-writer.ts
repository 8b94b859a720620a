/** Writes a folder as a shape wants it, in the order of the schema (types.xsd BaseFolderType). */
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import type { FolderTarget } from '../targets.ts';
import { utcText } from '../wire/date-time.ts';
import type { ExtendedPath } from './extended-properties.ts';
import type { ResponseShape } from './response-shape.ts';

const DEFAULTS = new Set(['folder:DisplayName', 'folder:TotalCount', 'folder:ChildFolderCount', 'folder:UnreadCount']);
const EXPLICIT = new Set(['folder:PermissionSet', 'folder:ManagedFolderInformation', 'folder:DistinguishedFolderId']);

export function writeFolder(out: XmlWriter, context: RequestContext, target: FolderTarget, shape: ResponseShape): void {
  const { box, folder } = target;
  const has = (uri: string): boolean => {
    if (shape.fields.has(uri)) return true;
    return shape.base === 'AllProperties' ? !EXPLICIT.has(uri) : shape.base === 'Default' && DEFAULTS.has(uri);
  };
  const isCalendar = folder.kind === 'CalendarFolder';
  const { ids } = context.world;
  out.open(`t:${folder.kind}`);
  out.element('t:FolderId', undefined, {
    Id: ids.folder(box.profile.guid, folder.number),
    ChangeKey: ids.folderChangeKey(folder.change, isCalendar),
  });
  if (has('folder:ParentFolderId') && folder.parent !== 0) {
    out.element('t:ParentFolderId', undefined, {
      Id: ids.folder(box.profile.guid, folder.parent),
      ChangeKey: ids.folderChangeKey(1, false),
    });
  }
  if (has('folder:FolderClass') && folder.folderClass !== '') out.element('t:FolderClass', folder.folderClass);
  if (has('folder:DisplayName')) out.element('t:DisplayName', folder.name);
  if (has('folder:TotalCount')) out.element('t:TotalCount', box.countIn(folder.number));
  if (has('folder:ChildFolderCount'))
    out.element('t:ChildFolderCount', box.folders().filter((child) => child.parent === folder.number).length);
  for (const path of shape.extended) writeFolderProperty(out, target, path);
  if (has('folder:EffectiveRights')) writeRights(out);
  if (has('folder:DistinguishedFolderId') && folder.distinguished !== undefined)
    out.element('t:DistinguishedFolderId', folder.distinguished);
  if (isCalendar) {
    if (has('folder:PermissionSet')) writePermissions(out, context, target);
  } else if (folder.kind === 'Folder' || folder.kind === 'TasksFolder' || folder.kind === 'SearchFolder') {
    if (has('folder:UnreadCount')) out.element('t:UnreadCount', unreadIn(target));
  }
  out.close();
}

function unreadIn({ box, folder }: FolderTarget): number {
  if (folder.kind !== 'Folder') return 0;
  let unread = 0;
  for (const item of box.itemsIn(folder.number)) if (!item.isRead) unread += 1;
  return unread;
}

function writeRights(out: XmlWriter): void {
  out.open('t:EffectiveRights');
  for (const right of [
    'CreateAssociated',
    'CreateContents',
    'CreateHierarchy',
    'Delete',
    'Modify',
    'Read',
    'ViewPrivateItems',
  ])
    out.element(`t:${right}`, true);
  out.close();
}

function writePermissions(out: XmlWriter, context: RequestContext, { box }: FolderTarget): void {
  out.open('t:PermissionSet').open('t:CalendarPermissions');
  const entry = (user: () => void, level: string): void => {
    out.open('t:CalendarPermission').open('t:UserId');
    user();
    out.close();
    const writes = level === 'Editor' || level === 'Author';
    const reads = writes || level === 'Reviewer';
    out
      .element('t:CanCreateItems', writes)
      .element('t:CanCreateSubFolders', false)
      .element('t:IsFolderOwner', false)
      .element('t:IsFolderVisible', reads);
    out
      .element('t:IsFolderContact', false)
      .element('t:EditItems', writes ? (level === 'Editor' ? 'All' : 'Owned') : 'None');
    out.element('t:DeleteItems', writes ? (level === 'Editor' ? 'All' : 'Owned') : 'None');
    out.element('t:ReadItems', reads ? 'FullDetails' : level === 'None' ? 'None' : 'TimeOnly');
    out.element('t:CalendarPermissionLevel', level).close();
  };
  entry(() => void out.element('t:DistinguishedUser', 'Default'), 'FreeBusyTimeOnly');
  entry(() => void out.element('t:DistinguishedUser', 'Anonymous'), 'None');
  for (const delegate of context.world.directory.delegatesOf(box.address)) {
    entry(() => {
      out.element('t:PrimarySmtpAddress', delegate.address);
      out.element('t:DisplayName', context.world.findMailbox(delegate.address)?.profile.name ?? delegate.address);
    }, delegate.calendar);
  }
  out.close().close();
}

/** PR_LOCAL_COMMIT_TIME_MAX and PR_DELETED_COUNT_TOTAL: the cheap way to see whether anything happened (facts "Notifications"). */
function writeFolderProperty(out: XmlWriter, { box, folder }: FolderTarget, path: ExtendedPath): void {
  const value = folderProperty(path.key, box.lastCommit, box.deletedTotal, folder.folderClass, folder.name);
  if (value === undefined) return;
  out
    .open('t:ExtendedProperty')
    .element('t:ExtendedFieldURI', undefined, path.attributes)
    .element('t:Value', value)
    .close();
}

function folderProperty(
  key: string,
  lastCommit: number,
  deleted: number,
  folderClass: string,
  name: string,
): string | undefined {
  switch (key) {
    case `tag:${0x670a}`:
      return utcText(lastCommit);
    case `tag:${0x670b}`:
      return String(deleted);
    case `tag:${0x3613}`:
      return folderClass;
    case `tag:${0x3001}`:
      return name;
    default:
      return undefined;
  }
}
