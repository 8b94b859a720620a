/** Messages, contacts, tasks and other items: what every item has is understood, the rest is kept as it came. */

import { EMPTY_CONTENT } from '../../world/drafts.ts';
import type { NewItem } from '../../world/mailbox.ts';
import type { ExtendedEntry, Importance, ItemContent, OpaqueNode, Sensitivity } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { RequestContext } from '../request-context.ts';
import { isFalse, isTrue } from '../wire/booleans.ts';
import { readExtendedProperty } from './extended-properties.ts';
import { toOpaque } from './opaque-xml.ts';

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
    content: readContent(element, EMPTY_CONTENT),
  };
}

/** Applies an item's child elements to content. */
export function readContent(element: XmlElement, base: ItemContent): ItemContent {
  let content = base;
  for (const child of element.children) content = applyContent(child, content);
  return content;
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
      return { ...content, opaque: new Map<string, OpaqueNode>(content.opaque).set(child.name, toOpaque(child)) };
  }
}
