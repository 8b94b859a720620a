/** Properties of messages and meeting messages, in the order of the schema (types.xsd MessageType and its heirs). */

import { conversationTopic } from '../../world/conversation-topic.ts';
import type { Person, TimeProposal } from '../../world/model.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { timeText } from '../wire/date-time.ts';
import {
  DATE_TIME_STAMP,
  END,
  ENHANCED_LOCATION,
  INTENDED_FREE_BUSY,
  ITEM_TYPE,
  LOCATION,
  RECURRENCE,
  RECURRENCE_ID,
  RESPONSE_TO_LOCATION,
  START,
  TIMES_TO_SENT,
  UID,
  WALL_CLOCK,
} from './calendar-fields.ts';
import { conversationIndex } from './conversation-ids.ts';
import { type Field, field, textField, writeMailbox } from './field.ts';
import { writeOpaque } from './opaque-xml.ts';
import type { ShownItem } from './shown-item.ts';

function people(uri: string, read: (item: ShownItem) => readonly Person[] | undefined): Field {
  const element = uri.slice(uri.indexOf(':') + 1);
  return field(uri, 'all', false, (out, item) => writePeople(out, item, element, read(item)));
}

function writePeople(out: XmlWriter, item: ShownItem, element: string, list: readonly Person[] | undefined): void {
  const opaque = item.content.opaque.get(element);
  if (opaque !== undefined) {
    writeOpaque(out, opaque);
    return;
  }
  if (list === undefined || list.length === 0) return;
  out.open(`t:${element}`);
  for (const person of list) writeMailbox(out, person);
  out.close();
}

/** Message-ID of RFC 5322: the same in all copies of a message. */
export function messageIdOf(item: ShownItem): string {
  const given = item.content.opaque.get('InternetMessageId')?.text;
  return given ?? `<${item.record.number}.${item.box.profile.guid}@example.test>`;
}

export const MESSAGE_FIELDS: readonly Field[] = [
  field('message:Sender', 'all', true, (out, item) =>
    writePeople(out, item, 'Sender', item.meeting && [item.meeting.from]),
  ),
  people('message:ToRecipients', (item) => item.meeting?.to),
  people('message:CcRecipients', () => undefined),
  people('message:BccRecipients', () => undefined),
  textField(
    'message:IsReadReceiptRequested',
    'all',
    (item) => item.content.opaque.get('IsReadReceiptRequested')?.text ?? false,
  ),
  textField(
    'message:IsDeliveryReceiptRequested',
    'all',
    (item) => item.content.opaque.get('IsDeliveryReceiptRequested')?.text ?? false,
  ),
  textField('message:ConversationIndex', 'all', (item) => conversationIndex(item)),
  textField('message:ConversationTopic', 'all', (item) => conversationTopic(item.content.subject) || undefined),
  field('message:From', 'default', true, (out, item) =>
    writePeople(out, item, 'From', item.meeting && [item.meeting.from]),
  ),
  textField('message:InternetMessageId', 'all', messageIdOf),
  textField('message:IsRead', 'default', (item) => item.record.isRead),
  textField('message:IsResponseRequested', 'all', (item) => item.calendar?.responseRequested),
  textField('message:References', 'all', (item) => item.content.opaque.get('References')?.text),
  people('message:ReplyTo', () => undefined),
];

const MEETING_FIELDS: readonly Field[] = [
  field('meeting:AssociatedCalendarItemId', 'default', true, (out, item) => {
    const number = item.meeting?.associatedItem;
    const record = number === undefined ? undefined : item.box.find(number);
    if (record === undefined) return;
    const id = item.world.ids.item(item.box.profile.guid, record.folder, record.number);
    out.element('t:AssociatedCalendarItemId', undefined, {
      Id: id,
      ChangeKey: item.world.ids.changeKey(record.change),
    });
  }),
  textField('meeting:IsDelegated', 'all', (item) => item.meeting?.isDelegated),
  textField('meeting:IsOutOfDate', 'all', (item) => item.meeting?.isOutOfDate, false),
  textField('meeting:HasBeenProcessed', 'all', (item) => item.meeting?.processed),
  textField('meeting:ResponseType', 'default', (item) => item.meeting?.response),
  UID,
  RECURRENCE_ID,
  DATE_TIME_STAMP,
];

const REQUEST_FIELDS: readonly Field[] = [
  textField('meetingRequest:MeetingRequestType', 'all', (item) => item.meeting?.requestType),
  INTENDED_FREE_BUSY,
  START,
  END,
  ...TIMES_TO_SENT,
  ITEM_TYPE,
  ...RESPONSE_TO_LOCATION,
  ENHANCED_LOCATION,
  ...WALL_CLOCK,
];

const NOTICE_FIELDS: readonly Field[] = [START, END, LOCATION, RECURRENCE, ITEM_TYPE, ENHANCED_LOCATION];
const proposed = (uri: string, read: (proposal: TimeProposal) => number): Field =>
  textField(uri, 'all', (item, context) => {
    const proposal = item.meeting?.proposal;
    return proposal === undefined ? undefined : timeText(read(proposal), context.zone);
  });
const ANSWER_FIELDS: readonly Field[] = [
  ...NOTICE_FIELDS.slice(0, -1),
  proposed('meeting:ProposedStart', ({ start }) => start),
  proposed('meeting:ProposedEnd', ({ end }) => end),
  ENHANCED_LOCATION,
];

/** What stands after the properties of every item, by wire element. */
export const ELEMENT_FIELDS: Readonly<Record<string, readonly Field[]>> = {
  Message: MESSAGE_FIELDS,
  MeetingMessage: [...MESSAGE_FIELDS, ...MEETING_FIELDS],
  MeetingRequest: [...MESSAGE_FIELDS, ...MEETING_FIELDS, ...REQUEST_FIELDS],
  MeetingResponse: [...MESSAGE_FIELDS, ...MEETING_FIELDS, ...ANSWER_FIELDS],
  MeetingCancellation: [...MESSAGE_FIELDS, ...MEETING_FIELDS, ...NOTICE_FIELDS],
};
