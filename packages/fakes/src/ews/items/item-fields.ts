/** Properties every item has, in the order of the schema (types.xsd ItemType). */

import { STANDARD_FOLDERS } from '../../world/folders.ts';
import type { OpaqueNode } from '../../world/model.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { timeText, utcText } from '../wire/date-time.ts';
import { conversationId } from './conversation-ids.ts';
import { type Field, field, textField, type WriteContext } from './field.ts';
import { mimeOf } from './mime-content.ts';
import type { ShownItem } from './shown-item.ts';

const OWA = 'https://mail.example.test/owa/?ItemID=';

export function writeItemId(out: XmlWriter, item: ShownItem, element = 't:ItemId'): void {
  out.element(element, undefined, { Id: item.id, ChangeKey: item.changeKey });
}

function bodyField(uri: string, level: Field['level'], forced?: 'Text' | 'HTML'): Field {
  const name = `t:${uri.slice(5)}`;
  return field(uri, level, false, (out, item, context) => {
    const { type, content } = item.content.body;
    const wanted = forced ?? (context.bodyType === 'Best' ? type : context.bodyType);
    const text = context.isMasked ? '' : convertBody(content, type, wanted);
    out.element(name, text, { BodyType: wanted, IsTruncated: uri === 'item:Body' ? false : undefined });
  });
}

/** Text of an HTML body, or HTML around a text; what a server converts on request. */
export function convertBody(content: string, from: 'HTML' | 'Text', to: 'HTML' | 'Text'): string {
  if (from === to) return content;
  if (to === 'HTML')
    return `<html><body><div>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>')}</div></body></html>`;
  return content
    .replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/gi, '')
    .replace(/<br[^>]*>|<\/(p|div|h\d|li|tr)>/gi, '\r\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function writeAttachments(out: XmlWriter, item: ShownItem): void {
  const { attachments } = item.content;
  if (attachments.length === 0) return;
  out.open('t:Attachments');
  for (const attachment of attachments) {
    const id = item.world.ids.attachment(
      item.box.profile.guid,
      item.record.folder,
      item.record.number,
      attachment.number,
      item.occurrence?.date,
    );
    out.open(attachment.kind === 'file' ? 't:FileAttachment' : 't:ItemAttachment');
    out.element('t:AttachmentId', undefined, { Id: id });
    out.element('t:Name', attachment.name);
    if (attachment.contentType !== '') out.element('t:ContentType', attachment.contentType);
    if (attachment.contentId !== undefined) out.element('t:ContentId', attachment.contentId);
    if (attachment.contentLocation !== undefined) out.element('t:ContentLocation', attachment.contentLocation);
    out.element('t:Size', attachment.size);
    out.element('t:LastModifiedTime', utcText(attachment.modified).replace('Z', ''));
    out.element('t:IsInline', attachment.isInline);
    if (attachment.kind === 'file') out.element('t:IsContactPhoto', false);
    out.close();
  }
  out.close();
}

function writeCategories(out: XmlWriter, item: ShownItem): void {
  if (item.content.categories.length === 0) return;
  out.open('t:Categories');
  for (const category of item.content.categories) out.element('t:String', category);
  out.close();
}

function writeResponseObjects(out: XmlWriter, item: ShownItem): void {
  const state = item.calendar?.state ?? 0;
  const isCalendar = item.calendar !== undefined;
  out.open('t:ResponseObjects');
  if (isCalendar && item.isOrganizer && (state & 1) !== 0 && (state & 4) === 0) out.element('t:CancelCalendarItem');
  if (isCalendar && !item.isOrganizer && (state & 1) !== 0 && (state & 4) === 0) {
    out.element('t:AcceptItem').element('t:TentativelyAcceptItem').element('t:DeclineItem');
  }
  if (isCalendar && (state & 4) !== 0 && !item.isOrganizer) out.element('t:RemoveItem');
  if (!isCalendar || (state & 1) !== 0) out.element('t:ReplyToItem').element('t:ReplyAllToItem');
  out.element('t:ForwardItem');
  out.close();
}

function writeRights(out: XmlWriter): void {
  out.open('t:EffectiveRights');
  out.element('t:CreateAssociated', false).element('t:CreateContents', false).element('t:CreateHierarchy', false);
  out.element('t:Delete', true).element('t:Modify', true).element('t:Read', true).element('t:ViewPrivateItems', true);
  out.close();
}

function writeParent(out: XmlWriter, item: ShownItem): void {
  const { folder } = item.record;
  const isCalendar = STANDARD_FOLDERS.find((seed) => seed.number === folder)?.kind === 'CalendarFolder';
  const change = item.box.folder(folder)?.change ?? 0;
  out.element('t:ParentFolderId', undefined, {
    Id: item.world.ids.folder(item.box.profile.guid, folder),
    ChangeKey: item.world.ids.folderChangeKey(change, isCalendar),
  });
}

const time = (uri: string, level: Field['level'], read: (item: ShownItem) => number | undefined): Field =>
  textField(uri, level, (item, context: WriteContext) => {
    const at = read(item);
    return at === undefined ? undefined : timeText(at, context.zone);
  });

function recipientNames(item: ShownItem, list: string): string {
  const part = (mailbox: OpaqueNode, name: string): string =>
    mailbox.children.find((child) => child.name === name)?.text ?? '';
  const people = item.content.opaque.get(list)?.children ?? [];
  return people.map((mailbox) => part(mailbox, 'Name') || part(mailbox, 'EmailAddress')).join('; ');
}

const attendeeNames = (item: ShownItem, role: 'required' | 'optional'): string | undefined =>
  item.calendar === undefined
    ? recipientNames(item, role === 'required' ? 'ToRecipients' : 'CcRecipients')
    : item.calendar.attendees
        .filter((attendee) => attendee.role === role)
        .map((attendee) => attendee.name)
        .join('; ');

export const ITEM_FIELDS: readonly Field[] = [
  field(
    'item:MimeContent',
    'asked',
    false,
    (out, item) =>
      void out.element('t:MimeContent', Buffer.from(mimeOf(item)).toString('base64'), { CharacterSet: 'UTF-8' }),
  ),
  field('item:ItemId', 'id', true, (out, item) => writeItemId(out, item)),
  field('item:ParentFolderId', 'all', true, writeParent),
  textField('item:ItemClass', 'all', (item) =>
    item.occurrence?.kind === 'exception'
      ? 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}'
      : item.occurrence !== undefined
        ? 'IPM.Appointment.Occurrence'
        : item.record.itemClass,
  ),
  textField('item:Subject', 'default', (item, context) =>
    context.isMasked ? 'Private Appointment' : item.content.subject || undefined,
  ),
  textField('item:Sensitivity', 'default', (item) => item.content.sensitivity),
  bodyField('item:Body', 'all'),
  field('item:Attachments', 'all', false, writeAttachments),
  time('item:DateTimeReceived', 'all', (item) => item.record.received),
  textField('item:Size', 'all', (item) => item.size()),
  field('item:Categories', 'all', true, writeCategories),
  textField('item:Importance', 'all', (item) => item.content.importance),
  textField('item:InReplyTo', 'all', (item) => item.content.opaque.get('InReplyTo')?.text),
  textField('item:IsSubmitted', 'all', () => false),
  textField('item:IsDraft', 'all', (item) => item.record.isDraft),
  textField('item:IsFromMe', 'all', () => false),
  textField('item:IsResend', 'all', () => false),
  textField('item:IsUnmodified', 'all', (item) => item.record.kind !== 'calendar'),
  time('item:DateTimeSent', 'all', (item) => (item.record.isDraft ? undefined : item.record.created)),
  time('item:DateTimeCreated', 'all', (item) => item.record.created),
  field('item:ResponseObjects', 'all', false, writeResponseObjects),
  time('item:ReminderDueBy', 'all', (item) => item.calendar?.start ?? item.record.created),
  textField('item:ReminderIsSet', 'all', (item) => item.content.reminderSet),
  textField('item:ReminderMinutesBeforeStart', 'all', (item) => item.content.reminderMinutes),
  textField('item:DisplayCc', 'all', (item) => attendeeNames(item, 'optional') ?? ''),
  textField('item:DisplayTo', 'all', (item) => attendeeNames(item, 'required') ?? ''),
  textField('item:HasAttachments', 'default', (item) =>
    item.content.attachments.some((attachment) => !attachment.isInline),
  ),
];

/** After the extended properties, which stand in the middle of the schema's order. */
export const ITEM_TAIL_FIELDS: readonly Field[] = [
  textField('item:Culture', 'all', (item) => item.content.culture),
  field('item:EffectiveRights', 'all', true, (out) => writeRights(out)),
  textField('item:LastModifiedName', 'all', (item) => item.record.modifiedBy),
  time('item:LastModifiedTime', 'all', (item) => item.record.modified),
  textField('item:IsAssociated', 'all', (item) => item.record.isAssociated),
  textField(
    'item:WebClientReadFormQueryString',
    'all',
    (item) => `${OWA}${encodeURIComponent(item.id)}&exvsurl=1&viewmodel=ICalendarItemDetailsViewModelFactory`,
  ),
  textField(
    'item:WebClientEditFormQueryString',
    'asked',
    (item) => `${OWA}${encodeURIComponent(item.id)}&exvsurl=1&viewmodel=ICalendarItemDetailsViewModelFactory`,
  ),
  field(
    'item:ConversationId',
    'all',
    true,
    (out, item) => void out.element('t:ConversationId', undefined, { Id: conversationId(item) }),
  ),
  bodyField('item:UniqueBody', 'asked'),
  field(
    'item:StoreEntryId',
    'asked',
    true,
    (out, item) => void out.element('t:StoreEntryId', item.entryId().toString('base64')),
  ),
  field(
    'item:InstanceKey',
    'asked',
    true,
    (out, item) => void out.element('t:InstanceKey', item.entryId().subarray(62, 68).toString('base64')),
  ),
  bodyField('item:NormalizedBody', 'asked'),
  textField(
    'item:Preview',
    'asked',
    (item) => convertBody(item.content.body.content, item.content.body.type, 'Text').slice(0, 255),
    true,
  ),
  bodyField('item:TextBody', 'asked', 'Text'),
];
