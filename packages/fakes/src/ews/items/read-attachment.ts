/** An attachment as a client writes it, in CreateAttachment or inside a new item (types.xsd FileAttachmentType, ItemAttachmentType). */
import type { Attachment } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { RequestContext } from '../request-context.ts';
import { isTrue } from '../wire/booleans.ts';
import { toOpaque } from './opaque-xml.ts';

/** The list inside a new item. */
export function readAttachments(context: RequestContext, list: XmlElement | undefined): Attachment[] {
  return (list?.children ?? []).map((element, index) => readAttachment(context, element, index + 1));
}

export function readAttachment(context: RequestContext, element: XmlElement, number: number): Attachment {
  const isFile = element.name === 'FileAttachment';
  const content = isFile ? (element.childText('Content')?.replace(/\s+/g, '') ?? '') : '';
  const item = isFile ? undefined : element.children.find((child) => ITEMS.has(child.name));
  const contentId = element.childText('ContentId');
  const contentLocation = element.childText('ContentLocation');
  return {
    number,
    kind: isFile ? 'file' : 'item',
    name: element.childText('Name') ?? '',
    contentType: element.childText('ContentType') ?? (isFile ? 'application/octet-stream' : ''),
    isInline: isTrue(element.childText('IsInline')),
    size: isFile ? Buffer.from(content, 'base64').length : (item?.children.length ?? 0) * 64,
    content,
    modified: context.now(),
    ...(contentId === undefined ? {} : { contentId }),
    ...(contentLocation === undefined ? {} : { contentLocation }),
    ...(item === undefined ? {} : { item: toOpaque(item) }),
  };
}

const ITEMS = new Set([
  'Item',
  'Message',
  'CalendarItem',
  'Contact',
  'Task',
  'MeetingMessage',
  'MeetingRequest',
  'MeetingResponse',
  'MeetingCancellation',
  'PostItem',
]);
