/** GetReminders, PerformReminderAction, MarkAllItemsAsRead, GetServiceConfiguration (Microsoft reference pages). */
import { CALENDAR } from '../../world/folders.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { findFolder, findItem } from '../targets.ts';
import { isFalse } from '../wire/booleans.ts';
import { readTime, utcText } from '../wire/date-time.ts';
import { EwsFault } from '../wire/ews-error.ts';
import { answerDirectly, answerEach, toEwsError } from '../wire/response-messages.ts';
import { itemsInView } from './find-item.ts';

const AHEAD_MS = 24 * 3_600_000;
const MOST_REMINDERS = 200;

export function getReminders(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(
    context,
    out,
    () => {
      const box = context.ownMailbox();
      const from = readTime(request.childText('BeginTime') ?? utcText(context.now()), context.zone);
      const to = readTime(request.childText('EndTime') ?? utcText(from + AHEAD_MS), context.zone);
      const max = Math.min(MOST_REMINDERS, Number(request.childText('MaxItems') ?? MOST_REMINDERS));
      const items = itemsInView(context, box, box.findDistinguished('calendar')?.number ?? CALENDAR, from, to).filter(
        (item) => item.content.reminderSet,
      );
      return (message) => {
        message.open('m:Reminders');
        for (const item of items.slice(0, max)) {
          const { start = 0, end = 0, location = '', reminderMinutes = 0 } = item.calendar ?? {};
          message.open('t:Reminder').element('t:Subject', item.content.subject).element('t:Location', location);
          message
            .element('t:ReminderTime', utcText(start - reminderMinutes * 60_000))
            .element('t:StartDate', utcText(start))
            .element('t:EndDate', utcText(end));
          message.element('t:ItemId', undefined, { Id: item.id, ChangeKey: item.changeKey });
          if (item.occurrence !== undefined) {
            message.element('t:RecurringMasterItemId', undefined, {
              Id: context.world.ids.item(box.profile.guid, item.record.folder, item.record.number),
              ChangeKey: item.changeKey,
            });
          }
          message
            .element('t:ReminderGroup', 'Calendar')
            .element('t:UID', item.uid ?? item.id)
            .close();
        }
        message.close();
      };
    },
    // the schema wants the list even when there is nothing to list
    { onError: (message) => void message.element('m:Reminders') },
  );
}

/** Its answer must list items; when one cannot be found the whole request is refused. */
export function performReminderAction(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(context, out, () =>
    refusingWhole(() => {
      const done: { readonly id: string; readonly changeKey: string }[] = [];
      for (const action of request.child('ReminderItemActions')?.children ?? []) {
        const { box, record, originalStart } = findItem(context, action.child('ItemId') as XmlElement, 'write');
        const isDismissed = action.childText('ActionType')?.trim() === 'Dismiss';
        const written = isDismissed && originalStart === undefined ? switchOff(context, box, record) : record;
        done.push({
          id: context.world.ids.item(box.profile.guid, written.folder, written.number),
          changeKey: context.world.ids.changeKey(written.change),
        });
      }
      return (message) => {
        message.open('m:UpdatedItemIds');
        for (const { id, changeKey } of done) message.element('t:ItemId', undefined, { Id: id, ChangeKey: changeKey });
        message.close();
      };
    }),
  );
}

function refusingWhole<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const known = toEwsError(error);
    throw new EwsFault(known.code, known.message);
  }
}

function switchOff(
  context: RequestContext,
  box: ReturnType<typeof findItem>['box'],
  record: ReturnType<typeof findItem>['record'],
): typeof record {
  const stamp = { modified: context.now() };
  if (record.kind === 'calendar')
    return box.write({ ...record, ...stamp, content: { ...record.content, reminderSet: false } });
  return box.write({ ...record, ...stamp, content: { ...record.content, reminderSet: false } });
}

export async function markAllItemsAsRead(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const isRead = !isFalse(request.childText('ReadFlag'));
  await answerEach(context, out, request.child('FolderIds')?.children ?? [], (id) => {
    const { box, folder } = findFolder(context, id, 'write');
    for (const number of [...box.numbersIn(folder.number)])
      if (box.find(number)?.isRead !== isRead) box.markRead(number, isRead);
    return () => undefined;
  });
}

export function getServiceConfiguration(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(context, out, () => {
    const asked = (request.child('RequestedConfiguration')?.all('ConfigurationName') ?? []).map((name) =>
      name.text.trim(),
    );
    return (message) => {
      message
        .open('m:ResponseMessages')
        .open('m:ServiceConfigurationResponseMessageType', { ResponseClass: 'Success' })
        .element('m:ResponseCode', 'NoError');
      if (asked.includes('UnifiedMessagingConfiguration')) {
        message
          .open('m:UnifiedMessagingConfiguration')
          .element('t:UmEnabled', false)
          .element('t:PlayOnPhoneDialString')
          .element('t:PlayOnPhoneEnabled', false)
          .close();
      }
      message.close().close();
    };
  });
}
