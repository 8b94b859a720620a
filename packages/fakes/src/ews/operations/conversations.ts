/** FindConversation and GetConversationItems: messages of one topic together (Microsoft reference pages). */
import { conversationTopic } from '../../world/conversation-topic.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { conversationId } from '../items/conversation-ids.ts';
import { writeItemId } from '../items/item-fields.ts';
import { ItemWriter } from '../items/item-writer.ts';
import { messageIdOf } from '../items/message-fields.ts';
import { readShape } from '../items/response-shape.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { findFolder } from '../targets.ts';
import { utcText } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerDirectly, answerEach } from '../wire/response-messages.ts';
import { mostEntries } from './item-pages.ts';

export function findConversations(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(context, out, () => {
    const parent = request.child('ParentFolderId')?.children[0];
    if (parent === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
    const { box, folder } = findFolder(context, parent);
    const groups = grouped(context, box, (number) => number === folder.number);
    const newest = [...groups.values()].sort((a, b) => lastOf(b) - lastOf(a));
    const view = request.child('IndexedPageItemView');
    const offset = Math.max(0, Number(view?.attribute('Offset') ?? 0));
    const page = newest.slice(offset, offset + (view === undefined ? newest.length : mostEntries(view)));
    return (message) => {
      message.open('m:Conversations');
      for (const items of page) writeConversation(message, items);
      message.close();
      message.element('m:TotalConversationsInView', newest.length);
      message.element('m:IndexedOffset', offset + page.length);
    };
  });
}

type Conversation = readonly ShownItem[];

/** Mail of a mailbox by conversation, in order of arrival. */
function grouped(
  context: RequestContext,
  box: Mailbox,
  isWanted: (folder: number) => boolean,
): Map<string, ShownItem[]> {
  const groups = new Map<string, ShownItem[]>();
  for (const folder of box.folders()) {
    if (folder.kind !== 'Folder' || !isWanted(folder.number)) continue;
    for (const record of box.itemsIn(folder.number)) {
      if (record.kind !== 'message' || record.isAssociated) continue;
      const item = new ShownItem(context.world, box, record);
      const id = conversationId(item);
      groups.set(id, [...(groups.get(id) ?? []), item]);
    }
  }
  return groups;
}

const lastOf = (items: Conversation): number => Math.max(...items.map((item) => item.record.received));

function writeConversation(out: XmlWriter, items: Conversation): void {
  const [first] = items;
  if (first === undefined) return;
  const unread = items.filter((item) => !item.record.isRead).length;
  const hasFiles = items.some((item) => item.content.attachments.length > 0);
  const size = items.reduce((sum, item) => sum + item.size(), 0);
  out.open('t:Conversation').element('t:ConversationId', undefined, { Id: conversationId(first) });
  out.element('t:ConversationTopic', conversationTopic(first.content.subject));
  out.element('t:LastDeliveryTime', utcText(lastOf(items))).element('t:GlobalLastDeliveryTime', utcText(lastOf(items)));
  out.element('t:HasAttachments', hasFiles).element('t:GlobalHasAttachments', hasFiles);
  out.element('t:MessageCount', items.length).element('t:GlobalMessageCount', items.length);
  out.element('t:UnreadCount', unread).element('t:GlobalUnreadCount', unread);
  out.element('t:Size', size).element('t:GlobalSize', size);
  for (const list of ['t:ItemIds', 't:GlobalItemIds']) {
    out.open(list);
    for (const item of items) writeItemId(out, item);
    out.close();
  }
  out.close();
}

export async function getConversationItems(
  context: RequestContext,
  request: XmlElement,
  out: XmlWriter,
): Promise<void> {
  const writer = new ItemWriter({ shape: readShape(request.child('ItemShape')), zone: context.zone });
  const ignored = new Set(
    (request.child('FoldersToIgnore')?.children ?? []).map((id) => findFolder(context, id).folder.number),
  );
  const isDescending = request.childText('SortOrder')?.trim() !== 'TreeOrderAscending';
  const asked = request.child('Conversations')?.children ?? [];
  await answerEach(context, out, asked, (element) => {
    const id = element.child('ConversationId')?.attribute('Id') ?? '';
    const found = grouped(context, context.ownMailbox(), (number) => !ignored.has(number)).get(id);
    if (found === undefined) throw new EwsError('ErrorItemNotFound', 'The conversation was not found.');
    const items = [...found].sort((a, b) => (a.record.received - b.record.received) * (isDescending ? -1 : 1));
    return (message) => {
      message.open('m:Conversation').element('t:ConversationId', undefined, { Id: id });
      message.open('t:ConversationNodes');
      for (const item of items) writeNode(message, item, writer);
      message.close().close();
    };
  });
}

function writeNode(out: XmlWriter, item: ShownItem, writer: ItemWriter): void {
  const parent = item.content.opaque.get('InReplyTo')?.text;
  out.open('t:ConversationNode').element('t:InternetMessageId', messageIdOf(item));
  if (parent !== undefined) out.element('t:ParentInternetMessageId', parent);
  out.open('t:Items');
  writer.write(out, item);
  out.close().close();
}
