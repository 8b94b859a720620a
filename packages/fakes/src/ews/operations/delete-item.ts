/** DeleteItem, MoveItem, CopyItem, SendItem (Microsoft reference pages of these; ids change with the folder). */

import { SENT_ITEMS } from '../../world/folders.ts';
import type { Disposal } from '../../world/meeting-desk.ts';
import type { ItemRecord, SendMode } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { findFolder, findItem } from '../targets.ts';
import { isFalse, isTrue } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach } from '../wire/response-messages.ts';
import { itemAnswer } from './item-answer.ts';
import { send } from './mail-delivery.ts';
import { saveSentCopy } from './sent-copies.ts';

export const DISPOSALS: Readonly<Record<string, Disposal>> = {
  HardDelete: 'hard',
  SoftDelete: 'soft',
  MoveToDeletedItems: 'deletedItems',
};
const SEND_MODES: Readonly<Record<string, SendMode>> = {
  SendToNone: 'none',
  SendOnlyToAll: 'all',
  SendToAllAndSaveCopy: 'all',
};

export async function deleteItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const how = DISPOSALS[request.attribute('DeleteType') ?? ''] ?? 'deletedItems';
  const mode = request.attribute('SendMeetingCancellations');
  await answerEach(
    context,
    out,
    request.child('ItemIds')?.children ?? [],
    (id) => {
      const { box, record, originalStart } = findItem(context, id, 'write');
      if (record.kind === 'calendar' && mode === undefined) {
        throw new EwsError(
          'ErrorSendMeetingCancellationsRequired',
          'The SendMeetingCancellations attribute is required for calendar items.',
        );
      }
      if (
        record.kind !== 'calendar' &&
        record.element === 'Task' &&
        request.attribute('AffectedTaskOccurrences') === undefined
      ) {
        throw new EwsError(
          'ErrorAffectedTaskOccurrencesRequired',
          'The AffectedTaskOccurrences attribute is required for tasks.',
        );
      }
      const ref = originalStart === undefined ? { number: record.number } : { number: record.number, originalStart };
      const isGoneAlready = how === 'deletedItems' && box.folder(record.folder)?.distinguished === 'deleteditems';
      const told = context.world.desk.remove(box, ref, isGoneAlready ? 'soft' : how, SEND_MODES[mode ?? ''] ?? 'none');
      if (mode === 'SendToAllAndSaveCopy' && told.length > 0 && record.kind === 'calendar')
        saveSentCopy(box, record, { kind: 'cancellation' });
      return () => undefined;
    },
    { isBatch: true },
  );
}

export async function moveItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await transfer(context, request, out, 'move');
}

export async function copyItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await transfer(context, request, out, 'copy');
}

async function transfer(
  context: RequestContext,
  request: XmlElement,
  out: XmlWriter,
  how: 'move' | 'copy',
): Promise<void> {
  const folderId = request.child('ToFolderId')?.children[0];
  const wantsIds = !isFalse(request.childText('ReturnNewItemIds'));
  await answerEach(
    context,
    out,
    request.child('ItemIds')?.children ?? [],
    (id) => {
      if (folderId === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
      const target = findFolder(context, folderId, 'write');
      const { box, record, originalStart } = findItem(context, id, how === 'move' ? 'write' : 'read');
      if (originalStart !== undefined) {
        throw new EwsError(
          'ErrorCalendarCannotMoveOrCopyOccurrence',
          'An occurrence of a recurring calendar item cannot be moved or copied.',
        );
      }
      if (target.box !== box) {
        const { number: _number, change: _change, appeared: _appeared, ...item } = record;
        const copied = target.box.insert({ ...item, folder: target.folder.number } as Parameters<
          typeof target.box.insert
        >[0]);
        if (how === 'move') box.remove(record.number);
        return itemAnswer(context, target.box, wantsIds ? [copied] : []);
      }
      const result =
        how === 'move' ? box.move(record.number, target.folder.number) : box.copy(record.number, target.folder.number);
      return itemAnswer(context, box, result === undefined || !wantsIds ? [] : [result]);
    },
    { isBatch: true, onError: (message) => void message.element('m:Items') },
  );
}

export async function sendItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const saves = isTrue(request.attribute('SaveItemToFolder'));
  const folderId = request.child('SavedItemFolderId')?.children[0];
  await answerEach(context, out, request.child('ItemIds')?.children ?? [], (id) => {
    const { box, record } = findItem(context, id, 'write');
    if (record.kind !== 'message') throw new EwsError('ErrorInvalidSendItemSaveSettings', 'The item cannot be sent.');
    if (!saves && folderId !== undefined)
      throw new EwsError('ErrorInvalidSendItemSaveSettings', 'A folder is named although nothing is to be saved.');
    const { number, change, appeared } = record;
    const sent = { ...send(context, box, record), number, change, appeared } as ItemRecord;
    const folder = folderId === undefined ? SENT_ITEMS : findFolder(context, folderId, 'write').folder.number;
    if (saves) box.move(box.write(sent).number, folder);
    else box.remove(record.number);
    return () => undefined;
  });
}
