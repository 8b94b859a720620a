/** Mail on its way: the sender's name on it, copies in the Inboxes of those who have one here. */
import { INBOX } from '../../world/folders.ts';
import type { Mailbox, NewItem } from '../../world/mailbox.ts';
import type { OpaqueNode } from '../../world/model.ts';
import type { RequestContext } from '../request-context.ts';
import { EwsError } from '../wire/ews-error.ts';

const RECIPIENTS = ['ToRecipients', 'CcRecipients', 'BccRecipients'];

/** Sends a message; what it is afterwards, for the copy in Sent Items. */
export function send(context: RequestContext, sender: Mailbox, item: NewItem): NewItem {
  if (item.kind !== 'message') return item;
  const addresses = RECIPIENTS.flatMap((name) => addressesIn(item.content.opaque.get(name)));
  if (addresses.length === 0) throw new EwsError('ErrorInvalidRecipients', 'At least one recipient is needed.');
  const now = context.now();
  const opaque = new Map(item.content.opaque)
    .set('From', fromNode('From', sender))
    .set('Sender', fromNode('Sender', sender));
  const sent = {
    ...item,
    isDraft: false,
    isRead: true,
    created: now,
    received: now,
    content: { ...item.content, opaque },
  };
  const visible = new Map(opaque);
  visible.delete('BccRecipients');
  const received = { ...sent, folder: INBOX, isRead: false, content: { ...sent.content, opaque: visible } };
  for (const address of new Set(addresses.flatMap((entry) => context.world.attendant.membersOf(entry))))
    context.world.findMailbox(address)?.insert(received, { isNewMail: true });
  return sent;
}

/** SMTP addresses in a list of recipients. */
export function addressesIn(list: OpaqueNode | undefined): string[] {
  return (list?.children ?? [])
    .map((mailbox) => mailbox.children.find((part) => part.name === 'EmailAddress')?.text.trim() ?? '')
    .filter((address) => address !== '');
}

const leaf = (name: string, text: string): OpaqueNode => ({ name, attributes: {}, text, children: [] });

/** `t:Mailbox` of a person, as kept with a message. */
export function mailboxNode(name: string, address: string): OpaqueNode {
  const children = [
    leaf('Name', name),
    leaf('EmailAddress', address),
    leaf('RoutingType', 'SMTP'),
    leaf('MailboxType', 'Mailbox'),
  ];
  return { name: 'Mailbox', attributes: {}, text: '', children };
}

function fromNode(name: string, sender: Mailbox): OpaqueNode {
  return { name, attributes: {}, text: '', children: [mailboxNode(sender.profile.name, sender.address)] };
}
