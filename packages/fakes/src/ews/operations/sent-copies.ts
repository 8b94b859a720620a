/** The sender's copies of meeting requests, answers and cancellations in Sent Items (SaveCopy variants of the send modes). */
import { answerSubject, CANCELLED_PREFIX, selfOf } from '../../world/attendant-rules.ts';
import { SENT_ITEMS } from '../../world/folders.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { Body, CalendarRecord, MeetingMessageKind, ResponseType } from '../../world/model.ts';

export interface SentMeetingMessage {
  readonly kind: MeetingMessageKind;
  readonly answer?: ResponseType;
  readonly note?: Body;
}

const ELEMENTS = {
  request: 'MeetingRequest',
  response: 'MeetingResponse',
  cancellation: 'MeetingCancellation',
} as const;
const CLASSES: Readonly<Record<string, string>> = {
  request: 'IPM.Schedule.Meeting.Request',
  cancellation: 'IPM.Schedule.Meeting.Canceled',
  Accept: 'IPM.Schedule.Meeting.Resp.Pos',
  Tentative: 'IPM.Schedule.Meeting.Resp.Tent',
  Decline: 'IPM.Schedule.Meeting.Resp.Neg',
};

export function saveSentCopy(box: Mailbox, about: CalendarRecord, sent: SentMeetingMessage): void {
  const { uid, globalObjectId, content, series, modified, modifiedBy } = about;
  const isAnswer = sent.kind === 'response';
  const subject = titleOf(sent, content.subject);
  box.insert({
    kind: 'message',
    element: ELEMENTS[sent.kind],
    folder: SENT_ITEMS,
    itemClass: CLASSES[isAnswer ? (sent.answer ?? '') : sent.kind] ?? 'IPM.Schedule.Meeting.Request',
    created: modified,
    received: modified,
    modified,
    modifiedBy,
    isRead: true,
    isDraft: false,
    isAssociated: false,
    content: { ...content, subject, reminderSet: false, ...(sent.note === undefined ? {} : { body: sent.note }) },
    meeting: {
      kind: sent.kind,
      from: isAnswer ? selfOf(box) : content.organizer,
      to: isAnswer ? [content.organizer] : content.attendees,
      response: sent.answer ?? 'Unknown',
      isDelegated: false,
      isOutOfDate: false,
      processed: true,
      requestType: sent.kind === 'request' ? 'NewMeetingRequest' : 'None',
    },
    calendar: { uid, globalObjectId, content, ...(series === undefined ? {} : { series }) },
  });
}

function titleOf({ kind, answer = 'Unknown' }: SentMeetingMessage, subject: string): string {
  if (kind === 'response') return answerSubject(answer, subject);
  return kind === 'cancellation' && !subject.startsWith(CANCELLED_PREFIX) ? `${CANCELLED_PREFIX}${subject}` : subject;
}
