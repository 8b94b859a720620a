/**
 * GetInboxRules, GetPasswordExpirationDate, GetUserRetentionPolicyTags: answers of an organisation without rules, expiring
 * passwords and retention policies (Microsoft reference pages).
 */
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerDirectly } from '../wire/response-messages.ts';

export function getInboxRules(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(context, out, () => {
    requireOwner(context, request);
    return (message) => void message.element('m:OutlookRuleBlobExists', false).element('m:InboxRules');
  });
}

/** What servers say for a password that never expires: the end of the calendar. */
const NEVER = '9999-12-31T23:59:59Z';

export function getPasswordExpirationDate(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(
    context,
    out,
    () => {
      requireOwner(context, request);
      return (message) => void message.element('m:PasswordExpirationDate', NEVER);
    },
    { onError: (message) => void message.element('m:PasswordExpirationDate', NEVER) },
  );
}

export function getUserRetentionPolicyTags(context: RequestContext, _request: XmlElement, out: XmlWriter): void {
  answerDirectly(context, out, () => (message) => void message.element('m:RetentionPolicyTags'));
}

function requireOwner(context: RequestContext, request: XmlElement): void {
  const address = request.childText('MailboxSmtpAddress')?.trim();
  const owner = address === undefined ? context.ownMailbox() : context.world.findMailbox(address);
  if (owner === undefined)
    throw new EwsError('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.');
  if (owner !== context.caller.mailbox)
    throw new EwsError('ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
}
