/** AcceptItem, TentativelyAcceptItem, DeclineItem, CancelCalendarItem, RemoveItem (Microsoft reference pages of these). */
import type { Mailbox } from '../../world/mailbox.ts';
import { dispose, hasAttendees } from '../../world/meeting-desk.ts';
import type { Answer, Body, ItemRecord } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { RequestContext } from '../request-context.ts';
import { findItem, type ItemTarget } from '../targets.ts';
import { readTime } from '../wire/date-time.ts';
import { EwsError } from '../wire/ews-error.ts';
import type { MessageBody } from '../wire/response-messages.ts';
import { itemAnswer } from './item-answer.ts';
import { saveSentCopy } from './sent-copies.ts';

const ANSWERS: Readonly<Record<string, Answer>> = {
  AcceptItem: 'accept',
  TentativelyAcceptItem: 'tentative',
  ProposeNewTime: 'tentative',
  DeclineItem: 'decline',
};

export function respondTo(context: RequestContext, request: XmlElement, element: XmlElement): MessageBody {
  const reference = element.child('ReferenceItemId');
  if (reference === undefined)
    throw new EwsError('ErrorMissingInformationReferenceItemId', 'The ReferenceItemId is missing.');
  const id = referenceAsItemId(reference);
  const target = findItem(context, id, 'write');
  const answer = ANSWERS[element.name];
  if (answer !== undefined) return answerInvitation(context, request, element, target, answer);
  if (element.name === 'RemoveItem') return removeMessage(target);
  return cancelMeeting(context, request, element, target);
}

/** A ReferenceItemId is an item id under another name. */
export function referenceAsItemId(reference: XmlElement): XmlElement {
  return Object.assign(Object.create(reference) as XmlElement, { name: 'ItemId' });
}

function answerInvitation(
  context: RequestContext,
  request: XmlElement,
  element: XmlElement,
  target: ItemTarget,
  answer: Answer,
): MessageBody {
  const { box } = target;
  const calendar = invitationOf(context, target);
  const send = request.attribute('MessageDisposition') !== 'SaveOnly';
  const proposal = readProposal(context, element);
  const note = readNote(element.child('Body'));
  const by = box === context.caller.mailbox ? {} : { by: context.caller.mailbox?.profile.name ?? context.caller.login };
  const ref =
    calendar.originalStart === undefined
      ? { number: calendar.record.number }
      : { number: calendar.record.number, originalStart: calendar.originalStart };
  const remaining = context.world.desk.respond(box, ref, answer, {
    send,
    ...by,
    ...(proposal === undefined ? {} : { proposal }),
    ...(note === undefined ? {} : { note }),
  });
  const about = remaining ?? calendar.record;
  if (request.attribute('MessageDisposition') === 'SendAndSaveCopy' && about.kind === 'calendar')
    saveSentCopy(box, about, {
      kind: 'response',
      answer: RESPONSES[answer],
      note: note ?? NO_WORDS,
    });
  consumeRequest(box, target);
  return itemAnswer(context, box, remaining === undefined ? [] : [remaining]);
}

/** The calendar entry of an invitation, whether the entry itself or its message in the Inbox is referred to. */
function invitationOf(context: RequestContext, target: ItemTarget): ItemTarget {
  const { record, box } = target;
  if (record.kind === 'calendar') return target;
  if (record.meeting?.kind === 'cancellation')
    throw new EwsError('ErrorCalendarMeetingRequestIsOutOfDate', 'The meeting has been cancelled.');
  const globalObjectId = record.calendar?.globalObjectId;
  const linked = record.meeting?.associatedItem;
  const copy =
    (linked === undefined ? undefined : box.find(linked)) ??
    (globalObjectId === undefined ? undefined : context.world.attendant.findCopy(box, globalObjectId));
  if (record.meeting?.kind !== 'request' || copy === undefined) {
    throw new EwsError('ErrorInvalidReferenceItem', 'The reference item cannot be answered.');
  }
  return { box, record: copy };
}

/** An answered invitation leaves the Inbox. */
function consumeRequest(box: Mailbox, target: ItemTarget): void {
  const { record } = target;
  const globalObjectId = record.kind === 'calendar' ? record.globalObjectId : record.calendar?.globalObjectId;
  for (const message of [...box.itemsIn(4)]) {
    if (isRequestFor(message, globalObjectId)) dispose(box, message.number, 'deletedItems');
  }
}

function isRequestFor(message: ItemRecord, globalObjectId: string | undefined): boolean {
  return (
    message.kind === 'message' &&
    message.meeting?.kind === 'request' &&
    message.calendar?.globalObjectId === globalObjectId
  );
}

const RESPONSES = { accept: 'Accept', tentative: 'Tentative', decline: 'Decline' } as const;
const NO_WORDS: Body = { type: 'HTML', content: '' };

/** What somebody says with an answer or a cancellation. */
function readNote(body: XmlElement | undefined): Body | undefined {
  if (body === undefined) return undefined;
  return { type: body.attribute('BodyType') === 'Text' ? 'Text' : 'HTML', content: body.text };
}

function readProposal(
  context: RequestContext,
  element: XmlElement,
): { readonly start: number; readonly end: number } | undefined {
  const start = element.childText('ProposedStart');
  const end = element.childText('ProposedEnd');
  return start === undefined || end === undefined
    ? undefined
    : { start: readTime(start, context.zone), end: readTime(end, context.zone) };
}

function cancelMeeting(
  context: RequestContext,
  request: XmlElement,
  element: XmlElement,
  target: ItemTarget,
): MessageBody {
  const { box, record, originalStart } = target;
  if (record.kind !== 'calendar')
    throw new EwsError('ErrorInvalidReferenceItem', 'The reference item cannot be cancelled.');
  const note = readNote(element.child('NewBodyContent') ?? element.child('Body'));
  const ref = originalStart === undefined ? { number: record.number } : { number: record.number, originalStart };
  const buried = context.world.desk.cancel(box, ref, 'all', note);
  if (request.attribute('MessageDisposition') === 'SendAndSaveCopy' && hasAttendees(record))
    saveSentCopy(box, record, { kind: 'cancellation', ...(note === undefined ? {} : { note }) });
  return itemAnswer(context, box, buried === undefined ? [] : [buried]);
}

function removeMessage(target: ItemTarget): MessageBody {
  const { box, record } = target;
  const linked = record.kind === 'message' ? record.meeting?.associatedItem : record.number;
  if (linked !== undefined && box.find(linked) !== undefined) dispose(box, linked, 'deletedItems');
  if (record.kind === 'message') dispose(box, record.number, 'deletedItems');
  return (message) => void message.element('m:Items');
}
