/**
 * From the ids in a request to mailboxes, folders and items, with the access check on the way.
 * Sources: Microsoft "EWS identifiers in Exchange", "Delegate access and EWS in Exchange"; ResponseCode page.
 */
import { differences } from '../world/edits.ts';
import { INBOX, STANDARD_FOLDERS } from '../world/folders.ts';
import type { Folder, Mailbox } from '../world/mailbox.ts';
import type { ItemRecord } from '../world/model.ts';
import { originalStartAt, originalStartOn, viewOf } from '../world/series.ts';
import { toLocal, zoneOf } from '../world/zones.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import { ShownItem } from './items/shown-item.ts';
import type { RequestContext } from './request-context.ts';
import { EwsError } from './wire/ews-error.ts';

export interface FolderTarget {
  readonly box: Mailbox;
  readonly folder: Folder;
}

export interface ItemTarget {
  readonly box: Mailbox;
  readonly record: ItemRecord;
  readonly originalStart?: number;
  /** the change key the client sent, as a number; undefined when it sent none */
  readonly changeKey?: string | undefined;
}

type Access = 'read' | 'write';

const notFound = (): EwsError =>
  new EwsError(
    'ErrorItemNotFound',
    'The specified object was not found in the store., The process failed to get the correct properties.',
  );
const malformed = (): EwsError => new EwsError('ErrorInvalidIdMalformed', 'Id is malformed.');

/** FolderId or DistinguishedFolderId. */
export function findFolder(context: RequestContext, id: XmlElement, access: Access = 'read'): FolderTarget {
  if (id.name === 'DistinguishedFolderId') return findDistinguished(context, id, access);
  if (id.name !== 'FolderId') throw malformed();
  const decoded = context.world.ids.decode(id.attribute('Id') ?? '');
  if (decoded === undefined) throw malformed();
  if (decoded.kind !== 'folder')
    throw new EwsError('ErrorCannotUseItemIdForFolderId', 'The item ID cannot be used as a folder ID.');
  const box = context.world.findMailboxByGuid(decoded.mailboxGuid);
  const folder = box?.folder(decoded.folder);
  if (box === undefined || folder === undefined) {
    throw new EwsError('ErrorItemNotFound', 'The specified folder could not be found in the store.');
  }
  checkAccess(context, box, folder, access);
  return { box, folder };
}

function findDistinguished(context: RequestContext, id: XmlElement, access: Access): FolderTarget {
  const name = id.attribute('Id') ?? '';
  const address = id.at('Mailbox')?.childText('EmailAddress')?.trim();
  const box = address === undefined || address === '' ? context.ownMailbox() : context.world.findMailbox(address);
  if (box === undefined)
    throw new EwsError('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.');
  const folder = box.findDistinguished(name);
  if (folder === undefined) {
    if (name.startsWith('publicfolders'))
      throw new EwsError('ErrorNoPublicFolderReplicaAvailable', 'There are no public folder servers available.');
    const isArchive = name.startsWith('archive');
    throw new EwsError(
      isArchive ? 'ErrorItemNotFound' : 'ErrorFolderNotFound',
      'The specified folder could not be found in the store.',
    );
  }
  checkAccess(context, box, folder, access);
  return { box, folder };
}

/** Owners may do everything; others what they were given as delegates. */
function checkAccess(context: RequestContext, box: Mailbox, folder: Folder, access: Access): void {
  if (box === context.caller.mailbox) return;
  const delegate = context.world.directory.findDelegate(
    box.address,
    context.caller.mailbox?.address ?? context.caller.login,
  );
  const level = delegate === undefined ? 'None' : delegate[accessKind(folder)];
  const isAllowed = access === 'read' ? level !== 'None' : level === 'Editor' || level === 'Author';
  if (isAllowed) return;
  if (access === 'write' && level !== 'None')
    throw new EwsError('ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
  throw new EwsError('ErrorItemNotFound', 'The specified folder could not be found in the store.');
}

function accessKind(folder: Folder): 'calendar' | 'inbox' | 'tasks' | 'contacts' | 'notes' | 'journal' {
  if (folder.kind === 'CalendarFolder') return 'calendar';
  const name = STANDARD_FOLDERS.find((seed) => seed.number === folder.number)?.distinguished;
  return name === 'tasks' || name === 'contacts' || name === 'notes' || name === 'journal'
    ? name
    : folder.number === INBOX
      ? 'inbox'
      : 'notes';
}

/** Whether the reader sees private items of that mailbox only as a block of time. */
export function isMaskedFor(context: RequestContext, box: Mailbox, record: ItemRecord): boolean {
  const { sensitivity } = record.content;
  if (box === context.caller.mailbox || (sensitivity !== 'Private' && sensitivity !== 'Confidential')) return false;
  const delegate = context.world.directory.findDelegate(
    box.address,
    context.caller.mailbox?.address ?? context.caller.login,
  );
  return delegate?.viewsPrivate !== true;
}

/** ItemId, OccurrenceItemId or RecurringMasterItemId. */
export function findItem(context: RequestContext, id: XmlElement, access: Access = 'read'): ItemTarget {
  switch (id.name) {
    case 'ItemId':
      return findById(context, id, access);
    case 'OccurrenceItemId':
      return findOccurrence(context, id, access);
    case 'RecurringMasterItemId':
    case 'RecurringMasterItemIdRanges':
      return findMaster(context, id, access);
    default:
      throw malformed();
  }
}

function findById(context: RequestContext, id: XmlElement, access: Access): ItemTarget {
  const { target, date } = resolve(context, id.attribute('Id') ?? '', access);
  const changeKey = id.attribute('ChangeKey');
  if (date === undefined) return { ...target, changeKey };
  if (target.record.kind !== 'calendar') throw notFound();
  const originalStart = originalStartOn(target.record, date);
  if (originalStart === undefined) throw notFound();
  return { ...target, originalStart, changeKey };
}

function resolve(
  context: RequestContext,
  text: string,
  access: Access,
): { readonly target: { readonly box: Mailbox; readonly record: ItemRecord }; readonly date?: string } {
  if (text === '') throw new EwsError('ErrorInvalidIdEmpty', 'Id is empty.');
  const decoded = context.world.ids.decode(text);
  if (decoded === undefined) throw malformed();
  if (decoded.kind === 'folder')
    throw new EwsError('ErrorCannotUseFolderIdForItemId', 'The folder ID cannot be used as an item ID.');
  const box = context.world.findMailboxByGuid(decoded.mailboxGuid);
  const record = box?.find(decoded.number);
  if (box === undefined || record === undefined || record.folder !== decoded.folder) throw notFound();
  const folder = box.folder(record.folder);
  if (folder === undefined) throw notFound();
  checkAccess(context, box, folder, access);
  const { date } = decoded as { readonly date?: string };
  return date === undefined ? { target: { box, record } } : { target: { box, record }, date };
}

function findOccurrence(context: RequestContext, id: XmlElement, access: Access): ItemTarget {
  const { target, date } = resolve(context, id.attribute('RecurringMasterId') ?? '', access);
  const { record } = target;
  if (date !== undefined || record.kind !== 'calendar' || record.series === undefined) {
    throw new EwsError(
      'ErrorCalendarCannotUseIdForRecurringMasterId',
      'The RecurringMasterId does not correspond to a valid recurring master ID.',
    );
  }
  const index = Number(id.attribute('InstanceIndex') ?? '0');
  return { ...target, originalStart: originalStartAt(record, index), changeKey: id.attribute('ChangeKey') };
}

function findMaster(context: RequestContext, id: XmlElement, access: Access): ItemTarget {
  const { target, date } = resolve(context, id.attribute('OccurrenceId') ?? '', access);
  if (date === undefined) {
    throw new EwsError(
      'ErrorCalendarCannotUseIdForOccurrenceId',
      'The OccurrenceId does not correspond to a valid occurrence ID.',
    );
  }
  return { ...target, changeKey: id.attribute('ChangeKey') };
}

/** The item as an answer shows it. */
export function shown(context: RequestContext, target: ItemTarget): ShownItem {
  const { box, record, originalStart } = target;
  if (originalStart === undefined || record.kind !== 'calendar') return new ShownItem(context.world, box, record);
  return new ShownItem(context.world, box, record, viewOf(record, originalStart));
}

export type ConflictResolution = 'NeverOverwrite' | 'AutoResolve' | 'AlwaysOverwrite';

/**
 * The version a change is based on, when that is not the newest and the change has to be merged. Refuses a change without
 * any version, and an outdated one that may not be merged.
 */
export function outdatedVersion(
  context: RequestContext,
  target: ItemTarget,
  resolution: ConflictResolution,
): number | undefined {
  if (target.changeKey === undefined || target.changeKey === '') {
    if (resolution === 'AlwaysOverwrite') return undefined;
    throw new EwsError('ErrorChangeKeyRequiredForWriteOperations', 'A change key is required for this operation.');
  }
  const change = context.world.ids.readChangeKey(target.changeKey);
  if (change === undefined) throw new EwsError('ErrorInvalidChangeKey', 'The change key is invalid.');
  if (change === target.record.change || resolution === 'AlwaysOverwrite') return undefined;
  if (resolution === 'NeverOverwrite') throw conflict();
  return change;
}

/** Lets a change of an outdated version pass when it touches nothing that was changed since. */
export function refuseConflict(
  { box, record }: ItemTarget,
  since: number | undefined,
  wanted: ItemRecord,
  named: readonly string[],
): void {
  if (since === undefined) return;
  const changed = box.changedSince(record.number, since);
  const touched = [...named, ...differences(record, wanted)];
  if (changed === undefined || touched.some((name) => changed.has(name))) throw conflict();
}

const conflict = (): EwsError =>
  new EwsError(
    'ErrorIrresolvableConflict',
    'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
  );

/** Local date of an original start, for occurrence ids. */
export function originalDate(record: ItemRecord, originalStart: number): string {
  return record.kind === 'calendar' ? toLocal(zoneOf(record.content.startZone), originalStart).date : '';
}
