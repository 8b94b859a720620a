/** GetUserOofSettings, SetUserOofSettings: what a mailbox answers while its owner is away (Microsoft reference pages). */
import type { Absence } from '../../world/directory.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { readTime, utcText } from '../wire/date-time.ts';
import { openResponse } from '../wire/envelope.ts';
import { EwsError } from '../wire/ews-error.ts';
import { type MessageBody, toEwsError, writeErrorFields } from '../wire/response-messages.ts';

export function getUserOofSettings(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answer(context, out, () => {
    const absence = context.world.directory.absenceOf(ownerOf(context, request).address);
    return (message) => {
      writeSettings(context, message, absence);
      message.element('m:AllowExternalOof', 'All');
    };
  });
}

export function setUserOofSettings(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answer(context, out, () => {
    const owner = ownerOf(context, request);
    context.world.directory.setAbsence(owner.address, readSettings(context, request.child('UserOofSettings')));
    return () => undefined;
  });
}

/** These two have their own frame: one ResponseMessage beside the settings. */
function answer(context: RequestContext, out: XmlWriter, prepare: () => MessageBody): void {
  let body: MessageBody = () => undefined;
  let error: EwsError | undefined;
  try {
    body = prepare();
  } catch (reason) {
    error = toEwsError(reason);
  }
  context.noteCode(error?.code ?? 'NoError');
  openResponse(out, `${context.operation}Response`);
  out.open('m:ResponseMessage', { ResponseClass: error === undefined ? 'Success' : 'Error' });
  if (error === undefined) out.element('m:ResponseCode', 'NoError');
  else writeErrorFields(out, error);
  out.close();
  body(out);
  out.close();
}

function ownerOf(context: RequestContext, request: XmlElement): Mailbox {
  const owner = context.world.findMailbox(request.child('Mailbox')?.childText('Address')?.trim() ?? '');
  if (owner === undefined)
    throw new EwsError('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.');
  if (owner !== context.caller.mailbox)
    throw new EwsError('ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
  return owner;
}

function readSettings(context: RequestContext, settings: XmlElement | undefined): Absence {
  const state = (settings?.childText('OofState')?.trim() ?? 'Disabled') as Absence['state'];
  const from = settings?.at('Duration')?.childText('StartTime');
  const to = settings?.at('Duration')?.childText('EndTime');
  const start = from === undefined ? undefined : readTime(from, context.zone);
  const end = to === undefined ? undefined : readTime(to, context.zone);
  const isOpen = start === undefined || end === undefined;
  if (state === 'Scheduled' && (isOpen || end <= start))
    throw new EwsError('ErrorInvalidScheduledOofDuration', 'The duration of the scheduled absence is not valid.');
  return {
    state,
    externalAudience: (settings?.childText('ExternalAudience')?.trim() ?? 'All') as Absence['externalAudience'],
    internalReply: settings?.child('InternalReply')?.childText('Message') ?? '',
    externalReply: settings?.child('ExternalReply')?.childText('Message') ?? '',
    ...(isOpen ? {} : { from: start, to: end }),
  };
}

function writeSettings(context: RequestContext, out: XmlWriter, absence: Absence): void {
  out.open('t:OofSettings').element('t:OofState', absence.state);
  out.element('t:ExternalAudience', absence.externalAudience);
  writeDuration(out, absence.from ?? context.now(), absence.to ?? context.now() + DAY_MS);
  out.open('t:InternalReply').element('t:Message', absence.internalReply).close();
  out.open('t:ExternalReply').element('t:Message', absence.externalReply).close();
  out.close();
}

const DAY_MS = 86_400_000;

/** Moments without offset, in UTC, as servers write them here. */
export function writeDuration(out: XmlWriter, from: number, to: number): void {
  out.open('t:Duration').element('t:StartTime', utcText(from)).element('t:EndTime', utcText(to)).close();
}
