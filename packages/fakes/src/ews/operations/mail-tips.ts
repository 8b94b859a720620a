/** GetMailTips: what a sender is told about recipients before sending (Microsoft reference page GetMailTips). */
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { openResponse } from '../wire/envelope.ts';
import { EwsError } from '../wire/ews-error.ts';
import { writeErrorFields } from '../wire/response-messages.ts';
import { writeDuration } from './absences.ts';
import { entryOf } from './directory-lookups.ts';

const MOST_RECIPIENTS = 100;
const LARGEST_MESSAGE = 37_748_736;

export function getMailTips(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  const recipients = request.child('Recipients')?.all('Mailbox') ?? [];
  const asked = new Set((request.childText('MailTipsRequested') ?? 'All').trim().split(/\s+/));
  const isTooMany = recipients.length > MOST_RECIPIENTS;
  openResponse(out, 'GetMailTipsResponse', { ResponseClass: isTooMany ? 'Error' : 'Success' });
  context.noteCode(isTooMany ? 'ErrorMailTipsDisabled' : 'NoError');
  if (isTooMany) {
    writeErrorFields(out, new EwsError('ErrorMailTipsDisabled', `At most ${MOST_RECIPIENTS} recipients per request.`));
    out.close();
    return;
  }
  out.element('m:ResponseCode', 'NoError').open('m:ResponseMessages');
  for (const recipient of recipients) {
    out.open('m:MailTipsResponseMessageType', { ResponseClass: 'Success' }).element('m:ResponseCode', 'NoError');
    writeTips(context, out, recipient, asked);
    out.close();
  }
  out.close().close();
}

function writeTips(context: RequestContext, out: XmlWriter, recipient: XmlElement, asked: ReadonlySet<string>): void {
  const { world } = context;
  const address = recipient.childText('EmailAddress')?.trim() ?? '';
  const entry = entryOf(world, address);
  const wants = (tip: string): boolean => asked.has('All') || asked.has(tip);
  const isOurs = address.toLowerCase().endsWith(`@${world.domain.toLowerCase()}`);
  out.open('m:MailTips').open('t:RecipientAddress');
  out.element('t:Name', entry?.name ?? recipient.childText('Name') ?? address);
  out
    .element('t:EmailAddress', entry?.address ?? address)
    .element('t:RoutingType', 'SMTP')
    .close();
  out.element('t:PendingMailTips');
  if (wants('OutOfOfficeMessage') && entry !== undefined) writeAbsence(context, out, entry.address);
  if (wants('MailboxFullStatus')) out.element('t:MailboxFull', false);
  if (wants('CustomMailTip')) out.element('t:CustomMailTip');
  const list = world.directory.findList(address);
  const members = list === undefined ? 1 : world.attendant.membersOf(address).length;
  if (wants('TotalMemberCount')) out.element('t:TotalMemberCount', members);
  if (wants('ExternalMemberCount')) out.element('t:ExternalMemberCount', isOurs ? 0 : 1);
  if (wants('MaxMessageSize')) out.element('t:MaxMessageSize', LARGEST_MESSAGE);
  if (wants('DeliveryRestriction')) out.element('t:DeliveryRestricted', false);
  if (wants('ModerationStatus')) out.element('t:IsModerated', false);
  if (wants('InvalidRecipient')) out.element('t:InvalidRecipient', isOurs && entry === undefined);
  out.close();
}

function writeAbsence(context: RequestContext, out: XmlWriter, address: string): void {
  const { directory } = context.world;
  const absence = directory.absenceOf(address);
  const isAway = directory.isAbsent(address, context.now());
  out.open('t:OutOfOffice').open('t:ReplyBody');
  out.element('t:Message', isAway ? absence.internalReply : '').close();
  if (isAway && absence.from !== undefined && absence.to !== undefined) writeDuration(out, absence.from, absence.to);
  out.close();
}
