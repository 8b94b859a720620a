/** CreateAttachment, GetAttachment, DeleteAttachment (Microsoft reference pages). Files with their bytes, items as they came. */
import { trimOverlay } from '../../world/drafts.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { Attachment, CalendarRecord, ItemRecord } from '../../world/model.ts';
import { originalStartOn, viewOf, withException } from '../../world/series.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { writeOpaque } from '../items/opaque-xml.ts';
import { readAttachment } from '../items/read-attachment.ts';
import type { RequestContext } from '../request-context.ts';
import { findItem, type ItemTarget, originalDate, shown } from '../targets.ts';
import { utcText } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach } from '../wire/response-messages.ts';

const notFound = (): EwsError => new EwsError('ErrorItemNotFound', 'The specified attachment was not found.');

export async function createAttachment(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const parent = request.child('ParentItemId');
  let target: ItemTarget | undefined;
  await answerEach(
    context,
    out,
    request.child('Attachments')?.children ?? [],
    (element) => {
      target ??= findItem(context, asItemId(parent), 'write');
      const fresh = readAttachment(context, element, nextNumber(target));
      target = store(context, target, [...shown(context, target).content.attachments, fresh]);
      const item = shown(context, target);
      const id = idOf(context, target, fresh);
      const { id: rootId, changeKey } = item;
      return (message) => {
        message.open('m:Attachments').open(fresh.kind === 'file' ? 't:FileAttachment' : 't:ItemAttachment');
        message.element('t:AttachmentId', undefined, { Id: id, RootItemId: rootId, RootItemChangeKey: changeKey });
        message.close().close();
      };
    },
    { onError: (message) => void message.element('m:Attachments') },
  );
}

function asItemId(parent: XmlElement | undefined): XmlElement {
  if (parent === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  return Object.assign(Object.create(parent) as XmlElement, { name: 'ItemId' });
}

function nextNumber(target: ItemTarget): number {
  const { record } = target;
  const all = [
    ...record.content.attachments,
    ...(record.kind === 'calendar'
      ? [...(record.series?.exceptions.values() ?? [])].flatMap((exception) => exception.overlay.attachments ?? [])
      : []),
  ];
  return Math.max(0, ...all.map((attachment) => attachment.number)) + 1;
}

function store(context: RequestContext, target: ItemTarget, attachments: readonly Attachment[]): ItemTarget {
  const { box, record, originalStart } = target;
  const stamp = { modified: context.now(), modifiedBy: context.caller.mailbox?.profile.name ?? context.caller.login };
  if (record.kind === 'message')
    return { box, record: box.write({ ...record, ...stamp, content: { ...record.content, attachments } }) };
  if (originalStart === undefined)
    return { box, record: box.write({ ...record, ...stamp, content: { ...record.content, attachments } }) };
  return {
    box,
    record: box.write({ ...record, ...stamp, series: withAttachments(record, originalStart, attachments) }),
    originalStart,
  };
}

function withAttachments(
  record: CalendarRecord,
  originalStart: number,
  attachments: readonly Attachment[],
): NonNullable<CalendarRecord['series']> {
  const { start, end } = viewOf(record, originalStart).content;
  const known = record.series?.exceptions.get(originalStart)?.overlay;
  return withException(record, {
    originalStart,
    overlay: trimOverlay(record.content, { ...known, start, end, attachments }),
  });
}

function idOf(context: RequestContext, { box, record, originalStart }: ItemTarget, attachment: Attachment): string {
  const date = originalStart === undefined ? undefined : originalDate(record, originalStart);
  return context.world.ids.attachment(box.profile.guid, record.folder, record.number, attachment.number, date);
}

interface Located {
  readonly target: ItemTarget;
  readonly attachment: Attachment;
}

function locate(context: RequestContext, id: XmlElement): Located {
  const decoded = context.world.ids.decode(id.attribute('Id') ?? '');
  if (decoded === undefined) throw new EwsError('ErrorInvalidAttachmentId', 'The attachment ID is invalid.');
  if (decoded.kind !== 'attachment')
    throw new EwsError('ErrorInvalidIdNotAnItemAttachmentId', 'The ID is not that of an attachment.');
  const box = context.world.findMailboxByGuid(decoded.mailboxGuid);
  const record = box?.find(decoded.number);
  if (box === undefined || record === undefined || record.folder !== decoded.folder) throw notFound();
  const target = targetOf(box, record, decoded.date);
  const attachment = shown(context, target).content.attachments.find(
    (candidate) => candidate.number === decoded.attachment,
  );
  if (attachment === undefined) throw notFound();
  return { target, attachment };
}

function targetOf(box: Mailbox, record: ItemRecord, date: string | undefined): ItemTarget {
  if (date === undefined || record.kind !== 'calendar') return { box, record };
  const originalStart = originalStartOn(record, date);
  if (originalStart === undefined) throw notFound();
  return { box, record, originalStart };
}

export async function getAttachment(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(
    context,
    out,
    request.child('AttachmentIds')?.children ?? [],
    (id) => {
      const { target, attachment } = locate(context, id);
      return (message) => {
        message.open('m:Attachments').open(attachment.kind === 'file' ? 't:FileAttachment' : 't:ItemAttachment');
        message.element('t:AttachmentId', undefined, { Id: idOf(context, target, attachment) });
        message.element('t:Name', attachment.name);
        if (attachment.contentType !== '') message.element('t:ContentType', attachment.contentType);
        if (attachment.contentId !== undefined) message.element('t:ContentId', attachment.contentId);
        message
          .element('t:Size', attachment.size)
          .element('t:LastModifiedTime', utcText(attachment.modified))
          .element('t:IsInline', attachment.isInline);
        if (attachment.kind === 'file') message.element('t:Content', attachment.content);
        else if (attachment.item !== undefined) writeOpaque(message, attachment.item);
        message.close().close();
      };
    },
    { onError: (message) => void message.element('m:Attachments') },
  );
}

export async function deleteAttachment(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(context, out, request.child('AttachmentIds')?.children ?? [], (id) => {
    const { target, attachment } = locate(context, id);
    const rest = shown(context, target).content.attachments.filter(
      (candidate) => candidate.number !== attachment.number,
    );
    const item = shown(context, store(context, target, rest));
    return (message) =>
      void message.element('m:RootItemId', undefined, { RootItemId: item.id, RootItemChangeKey: item.changeKey });
  });
}
