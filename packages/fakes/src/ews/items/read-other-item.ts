/** Messages, contacts, tasks and other items: what every item has is understood, the rest is kept as it came. */

import { EMPTY_CONTENT } from '../../world/drafts.ts';
import type { NewItem } from '../../world/mailbox.ts';
import type { ExtendedEntry, Importance, ItemContent, OpaqueNode, Sensitivity } from '../../world/model.ts';
import { guidOf } from '../../world/random.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { RequestContext } from '../request-context.ts';
import { isFalse, isTrue } from '../wire/booleans.ts';
import { readTime, utcText } from '../wire/date-time.ts';
import { readExtendedProperty } from './extended-properties.ts';
import { mergeEntries } from './indexed-entries.ts';
import { toOpaque } from './opaque-xml.ts';
import { readAttachments } from './read-attachment.ts';
import { withMime } from './read-mime.ts';
import { settleTask } from './task-fields.ts';

const CLASSES: Readonly<Record<string, string>> = {
  Message: 'IPM.Note',
  Contact: 'IPM.Contact',
  DistributionList: 'IPM.DistList',
  Task: 'IPM.Task',
  PostItem: 'IPM.Post',
  Item: 'IPM',
  ReplyToItem: 'IPM.Note',
  ReplyAllToItem: 'IPM.Note',
  ForwardItem: 'IPM.Note',
  PostReplyItem: 'IPM.Post',
};
/** Answers and forwards become messages. */
const ELEMENTS: Readonly<Record<string, string>> = {
  ReplyToItem: 'Message',
  ReplyAllToItem: 'Message',
  ForwardItem: 'Message',
  PostReplyItem: 'PostItem',
};

export function readOtherItem(
  context: RequestContext,
  element: XmlElement,
  where: { readonly folder: number; readonly isDraft: boolean },
): NewItem {
  const now = context.now();
  const content = settled(element, readContent(element, EMPTY_CONTENT), now);
  const mime = element.childText('MimeContent');
  const attachments = readAttachments(context, element.child('Attachments'));
  return {
    kind: 'message',
    element: ELEMENTS[element.name] ?? element.name,
    folder: where.folder,
    itemClass: element.childText('ItemClass') ?? CLASSES[element.name] ?? 'IPM.Note',
    created: now,
    received: now,
    modified: now,
    modifiedBy: context.caller.mailbox?.profile.name ?? context.caller.login,
    isRead: !isFalse(element.childText('IsRead')),
    isDraft: where.isDraft,
    isAssociated: false,
    content: withMessageId(context, { ...(mime === undefined ? content : withMime(content, mime)), attachments }),
  };
}

/** Every message has a name that its copies share. */
function withMessageId(context: RequestContext, content: ItemContent): ItemContent {
  if (content.opaque.has('InternetMessageId')) return content;
  const text = `<${guidOf(...context.world.chance())}@${context.world.domain}>`;
  const node: OpaqueNode = { name: 'InternetMessageId', attributes: {}, children: [], text };
  return { ...content, opaque: new Map(content.opaque).set(node.name, node) };
}

/** What a server adds to what the client wrote. */
function settled(element: XmlElement, content: ItemContent, now: number): ItemContent {
  if (element.name === 'Contact') return withFileAs(content);
  if (element.name !== 'Task') return content;
  let task = content;
  for (const { name } of element.children) task = settleTask(task, name, now);
  return task;
}

function withFileAs(content: ItemContent): ItemContent {
  const text = (name: string): string => content.opaque.get(name)?.text ?? '';
  if (text('FileAs') !== '') return content;
  const full = [text('Surname'), text('GivenName')].filter((part) => part !== '').join(', ');
  const fileAs = full || text('DisplayName') || text('CompanyName');
  if (fileAs === '') return content;
  const node: OpaqueNode = { name: 'FileAs', attributes: {}, children: [], text: fileAs };
  return { ...content, opaque: new Map(content.opaque).set('FileAs', node) };
}

/** Applies an item's child elements to content. */
export function readContent(element: XmlElement, base: ItemContent): ItemContent {
  let content = base;
  for (const child of element.children) content = applyContent(child, content);
  return content;
}

const MOMENTS = new Set(['AssignedTime', 'Birthday', 'CompleteDate', 'DueDate', 'StartDate', 'WeddingAnniversary']);

/** Moments come back in UTC, however they were written. */
function dated(node: OpaqueNode): OpaqueNode {
  if (!MOMENTS.has(node.name) || node.text.trim() === '') return node;
  return { ...node, text: utcText(readTime(node.text, undefined)) };
}

export function applyContent(child: XmlElement, content: ItemContent): ItemContent {
  switch (child.name) {
    case 'Subject':
      return { ...content, subject: child.text };
    case 'Sensitivity':
      return { ...content, sensitivity: child.text.trim() as Sensitivity };
    case 'Body':
    case 'NewBodyContent':
      return {
        ...content,
        body: { type: child.attribute('BodyType') === 'Text' ? 'Text' : 'HTML', content: child.text },
      };
    case 'Categories':
      return { ...content, categories: child.all('String').map((entry) => entry.text) };
    case 'Importance':
      return { ...content, importance: child.text.trim() as Importance };
    case 'ReminderIsSet':
      return { ...content, reminderSet: isTrue(child.text) };
    case 'ReminderMinutesBeforeStart':
      return { ...content, reminderMinutes: Number(child.text) };
    case 'Culture':
      return { ...content, culture: child.text };
    case 'ExtendedProperty': {
      const entry = readExtendedProperty(child);
      return { ...content, extended: new Map<string, ExtendedEntry>(content.extended).set(entry.key, entry) };
    }
    case 'ItemId':
    case 'ItemClass':
    case 'IsRead':
    case 'ReferenceItemId':
    case 'MimeContent':
    case 'Attachments':
      return content;
    default:
      return {
        ...content,
        opaque: new Map<string, OpaqueNode>(content.opaque).set(
          child.name,
          mergeEntries(content.opaque.get(child.name), dated(toOpaque(child))),
        ),
      };
  }
}
