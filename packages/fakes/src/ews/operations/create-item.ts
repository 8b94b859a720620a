/**
 * CreateItem: appointments and meetings, answers to invitations, cancellations, and other items as they come.
 * Sources: Microsoft reference page CreateItem; facts "Writes".
 */
import { CALENDAR, DRAFTS, SENT_ITEMS, STANDARD_FOLDERS } from '../../world/folders.ts';
import type { SendMode } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { readCalendarItem } from '../items/read-calendar-item.ts';
import { readOtherItem } from '../items/read-other-item.ts';
import type { RequestContext } from '../request-context.ts';
import { type FolderTarget, findFolder, findItem } from '../targets.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach, type MessageBody } from '../wire/response-messages.ts';
import { itemAnswer } from './item-answer.ts';
import { send } from './mail-delivery.ts';
import { referenceAsItemId, respondTo } from './meeting-responses.ts';
import { answering } from './replies.ts';
import { saveSentCopy } from './sent-copies.ts';

const SEND_MODES: Readonly<Record<string, SendMode>> = {
  SendToNone: 'none',
  SendOnlyToAll: 'all',
  SendToAllAndSaveCopy: 'all',
};

export async function createItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const saved = request.child('SavedItemFolderId')?.children[0];
  await answerEach(
    context,
    out,
    request.child('Items')?.children ?? [],
    (element) =>
      createOne(context, request, element, saved === undefined ? undefined : findFolder(context, saved, 'write')),
    { isBatch: true, onError: (message) => void message.element('m:Items') },
  );
}

function createOne(
  context: RequestContext,
  request: XmlElement,
  element: XmlElement,
  target: FolderTarget | undefined,
): MessageBody {
  switch (element.name) {
    case 'CalendarItem':
      return createCalendarItem(context, request, element, target);
    case 'AcceptItem':
    case 'TentativelyAcceptItem':
    case 'ProposeNewTime':
    case 'DeclineItem':
    case 'CancelCalendarItem':
    case 'RemoveItem':
      return respondTo(context, request, element);
    case 'SuppressReadReceipt':
    case 'AcceptSharingInvitation':
    case 'AddItemToMyCalendar':
      checkReference(context, element);
      return (message) => void message.element('m:Items');
    default:
      checkReference(context, element);
      return createOther(context, request, element, target);
  }
}

/** An answer or forward must refer to an item that is there. */
function checkReference(context: RequestContext, element: XmlElement): void {
  const reference = element.child('ReferenceItemId');
  if (reference !== undefined) findItem(context, referenceAsItemId(reference));
}

function createCalendarItem(
  context: RequestContext,
  request: XmlElement,
  element: XmlElement,
  target: FolderTarget | undefined,
): MessageBody {
  const mode = request.attribute('SendMeetingInvitations');
  if (mode === undefined) {
    throw new EwsError(
      'ErrorSendMeetingInvitationsRequired',
      'The SendMeetingInvitations attribute is required for calendar items.',
    );
  }
  const box = target?.box ?? context.ownMailbox();
  if (
    target !== undefined &&
    target.folder.kind !== 'CalendarFolder' &&
    target.folder.distinguished !== 'deleteditems'
  ) {
    throw new EwsError(
      'ErrorCannotCreateCalendarItemInNonCalendarFolder',
      'A calendar item can only be created in a calendar folder.',
    );
  }
  const draft = readCalendarItem(context, element);
  const by = box === context.caller.mailbox ? {} : { by: context.caller.mailbox?.profile.name ?? context.caller.login };
  const folder = target === undefined ? {} : { folder: target.folder.number };
  const { record, recipients } = context.world.desk.create(box, draft, {
    send: SEND_MODES[mode] ?? 'none',
    ...by,
    ...folder,
  });
  if (mode === 'SendToAllAndSaveCopy' && recipients.length > 0) saveSentCopy(box, record, { kind: 'request' });
  return itemAnswer(context, box, [record]);
}

function createOther(
  context: RequestContext,
  request: XmlElement,
  element: XmlElement,
  target: FolderTarget | undefined,
): MessageBody {
  const disposition = request.attribute('MessageDisposition');
  const isMail = element.name === 'Message' || element.name.endsWith('Item');
  const isKept = isMail && element.name !== 'PostItem' && element.name !== 'Item';
  if (isKept && disposition === undefined) {
    throw new EwsError('ErrorMessageDispositionRequired', 'The MessageDisposition attribute is required for messages.');
  }
  const box = target?.box ?? context.ownMailbox();
  const isSent = isKept && disposition !== 'SaveOnly';
  const folder = target?.folder.number ?? (isSent ? SENT_ITEMS : homeOf(element.name));
  const isDraft = isKept && !isSent && !hasSentFlag(element);
  const written = readOtherItem(context, element, { folder, isDraft });
  const reference = element.child('ReferenceItemId');
  const item = reference === undefined ? written : answering(context, element, written, reference);
  if (!isSent) return itemAnswer(context, box, [box.insert(item)]);
  const sent = send(context, box, item);
  if (disposition === 'SendAndSaveCopy') box.insert(sent);
  return itemAnswer(context, box, []);
}

/** PR_MESSAGE_FLAGS without MSGFLAG_UNSENT: how clients put finished mail into a folder. */
function hasSentFlag(element: XmlElement): boolean {
  const flags = element
    .all('ExtendedProperty')
    .find((property) => Number(property.child('ExtendedFieldURI')?.attribute('PropertyTag')) === 0x0e07);
  return flags !== undefined && (Number(flags.childText('Value')) & 8) === 0;
}

const HOMES: Readonly<Record<string, string>> = {
  Contact: 'contacts',
  DistributionList: 'contacts',
  Task: 'tasks',
  CalendarItem: 'calendar',
  PostItem: 'inbox',
};

function homeOf(element: string): number {
  const name = HOMES[element];
  return (
    STANDARD_FOLDERS.find((seed) => seed.distinguished === name)?.number ??
    (element === 'CalendarItem' ? CALENDAR : DRAFTS)
  );
}
