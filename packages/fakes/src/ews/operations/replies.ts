/** ReplyToItem, ReplyAllToItem, ForwardItem, PostReplyItem: title, recipients and the quoted text (Microsoft reference pages of these). */
import { conversationTopic } from '../../world/conversation-topic.ts';
import type { NewItem } from '../../world/mailbox.ts';
import type { ItemContent, OpaqueNode } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import { convertBody } from '../items/item-fields.ts';
import { messageIdOf } from '../items/message-fields.ts';
import type { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { findItem, shown } from '../targets.ts';
import { utcText } from '../wire/date-time.ts';
import { addressesIn, mailboxNode } from './mail-delivery.ts';
import { referenceAsItemId } from './meeting-responses.ts';

/** A new message completed from the item it answers or forwards. */
export function answering(context: RequestContext, element: XmlElement, item: NewItem, reference: XmlElement): NewItem {
  if (item.kind !== 'message') return item;
  const target = findItem(context, referenceAsItemId(reference));
  const original = shown(context, target);
  const isForward = element.name === 'ForwardItem';
  const opaque = new Map(item.content.opaque);
  opaque.delete('NewBodyContent');
  if (!isForward) addRecipients(opaque, original, element.name === 'ReplyAllToItem', target.box.address);
  const id = messageIdOf(original);
  opaque.set('InReplyTo', leaf('InReplyTo', id)).set('References', leaf('References', id));
  const subject = item.content.subject || `${isForward ? 'FW' : 'RE'}: ${conversationTopic(original.content.subject)}`;
  const attachments = isForward ? original.content.attachments : item.content.attachments;
  return { ...item, content: { ...item.content, subject, opaque, attachments, body: quoted(item.content, original) } };
}

const leaf = (name: string, text: string): OpaqueNode => ({ name, attributes: {}, text, children: [] });

function addRecipients(opaque: Map<string, OpaqueNode>, original: ShownItem, toAll: boolean, self: string): void {
  if (opaque.has('ToRecipients')) return;
  const { content, meeting, calendar } = original;
  const sender = content.opaque.get('ReplyTo') ?? content.opaque.get('From') ?? content.opaque.get('Sender');
  const person = meeting?.from ?? calendar?.organizer;
  const from = sender?.children ?? (person === undefined ? [] : [mailboxNode(person.name, person.address)]);
  const isOther = (mailbox: OpaqueNode): boolean =>
    addressesIn({ ...leaf('', ''), children: [mailbox] }).every(
      (address) => address.toLowerCase() !== self.toLowerCase(),
    );
  const others = (name: string): OpaqueNode[] => (content.opaque.get(name)?.children ?? []).filter(isOther);
  const to = toAll ? [...from, ...others('ToRecipients')] : from;
  if (to.length > 0) opaque.set('ToRecipients', { ...leaf('ToRecipients', ''), children: to });
  const cc = toAll ? others('CcRecipients') : [];
  if (cc.length > 0 && !opaque.has('CcRecipients'))
    opaque.set('CcRecipients', { ...leaf('CcRecipients', ''), children: cc });
}

/** The own words, then the original with its head. */
function quoted(own: ItemContent, original: ShownItem): ItemContent['body'] {
  const words = convertBody(own.body.content, own.body.type, 'HTML');
  const { body, subject } = original.content;
  const head = `<b>Sent:</b> ${utcText(original.record.created)}<br><b>Subject:</b> ${escaped(subject)}`;
  return {
    type: 'HTML',
    content: `${words}<hr><div>${head}</div>${convertBody(body.content, body.type, 'HTML')}`,
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
