/**
 * CreateItem: appointments and meetings, answers to invitations, cancellations, and other items as they come.
 * Sources: Microsoft reference page CreateItem; facts "Writes".
 */
import { CALENDAR, DRAFTS, INBOX, SENT_ITEMS, STANDARD_FOLDERS } from '../../world/folders.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { ItemRecord, OpaqueNode, SendMode } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { readCalendarItem } from '../items/read-calendar-item.ts';
import { readOtherItem } from '../items/read-other-item.ts';
import type { RequestContext } from '../request-context.ts';
import { type FolderTarget, findFolder, findItem } from '../targets.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach, type MessageBody } from '../wire/response-messages.ts';
import { itemAnswer } from './item-answer.ts';
import { referenceAsItemId, respondTo } from './meeting-responses.ts';

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
  if (mode === 'SendToAllAndSaveCopy' && recipients.length > 0) saveSentCopy(box, record);
  return itemAnswer(context, box, [record]);
}

/** The sender's copy of the meeting request. */
export function saveSentCopy(box: Mailbox, record: ItemRecord): void {
  if (record.kind !== 'calendar') return;
  const { uid, globalObjectId, content, series } = record;
  const owner = content.organizer;
  box.insert({
    kind: 'message',
    element: 'MeetingRequest',
    folder: SENT_ITEMS,
    itemClass: 'IPM.Schedule.Meeting.Request',
    created: record.modified,
    received: record.modified,
    modified: record.modified,
    modifiedBy: record.modifiedBy,
    isRead: true,
    isDraft: false,
    isAssociated: false,
    content: { ...content, reminderSet: false },
    meeting: {
      kind: 'request',
      from: owner,
      to: content.attendees,
      response: 'Unknown',
      isDelegated: false,
      isOutOfDate: false,
      processed: true,
      requestType: 'NewMeetingRequest',
    },
    calendar: { uid, globalObjectId, content, ...(series === undefined ? {} : { series }) },
  });
}

function createOther(
  context: RequestContext,
  request: XmlElement,
  element: XmlElement,
  target: FolderTarget | undefined,
): MessageBody {
  const disposition = request.attribute('MessageDisposition');
  const isMessage = element.name === 'Message' || element.name.endsWith('Item');
  if (isMessage && element.name === 'Message' && disposition === undefined) {
    throw new EwsError('ErrorMessageDispositionRequired', 'The MessageDisposition attribute is required for messages.');
  }
  const box = target?.box ?? context.ownMailbox();
  const isSent = isMessage && disposition !== undefined && disposition !== 'SaveOnly';
  const folder = target?.folder.number ?? (isSent ? SENT_ITEMS : homeOf(element.name));
  const item = readOtherItem(context, element, { folder, isDraft: isMessage && !isSent });
  if (isSent) deliver(context, box, item);
  if (isSent && disposition === 'SendOnly') return (message) => void message.element('m:Items');
  const record = box.insert(item);
  return itemAnswer(context, box, isSent ? [] : [record]);
}

/** Puts a sent message into the Inboxes of those who have one here. */
export function deliver(context: RequestContext, sender: Mailbox, item: ReturnType<typeof readOtherItem>): void {
  if (item.kind !== 'message') return;
  const addresses = ['ToRecipients', 'CcRecipients', 'BccRecipients'].flatMap((name) =>
    (item.content.opaque.get(name)?.children ?? []).map(
      (mailbox) => mailbox.children.find((part) => part.name === 'EmailAddress')?.text ?? '',
    ),
  );
  for (const address of new Set(addresses.flatMap((entry) => context.world.attendant.membersOf(entry)))) {
    const box = context.world.findMailbox(address);
    if (box === undefined) continue;
    const from = { name: 'From', attributes: {}, text: '', children: [personNode(sender)] };
    const opaque = new Map(item.content.opaque).set('From', from).set('Sender', { ...from, name: 'Sender' });
    box.insert(
      { ...item, folder: INBOX, isDraft: false, isRead: false, content: { ...item.content, opaque } },
      { isNewMail: true },
    );
  }
}

function personNode(box: Mailbox): OpaqueNode {
  const leaf = (name: string, text: string): OpaqueNode => ({ name, attributes: {}, text, children: [] });
  const children = [
    leaf('Name', box.profile.name),
    leaf('EmailAddress', box.address),
    leaf('RoutingType', 'SMTP'),
    leaf('MailboxType', 'Mailbox'),
  ];
  return { name: 'Mailbox', attributes: {}, text: '', children };
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
