/**
 * ExportItems and UploadItems: an item with all it has as bytes that only this server reads (Microsoft reference pages; the
 * real stream is opaque too). The bytes are sealed, so that only what was exported comes back in.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { ItemRecord } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { writeItemId } from '../items/item-fields.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { findFolder, findItem, shown } from '../targets.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach } from '../wire/response-messages.ts';

const SEAL_BYTES = 32;

export async function exportItems(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(context, out, request.child('ItemIds')?.children ?? [], (id) => {
    const target = findItem(context, id);
    if (target.originalStart !== undefined)
      throw new EwsError('ErrorCalendarCannotMoveOrCopyOccurrence', 'An occurrence cannot be exported on its own.');
    const data = Buffer.from(serialize(target.record));
    const sealed = Buffer.concat([seal(context, data), data]).toString('base64');
    return (message) => {
      writeItemId(message, shown(context, target), 'm:ItemId');
      message.element('m:Data', sealed);
    };
  });
}

export async function uploadItems(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(context, out, request.child('Items')?.children ?? [], (element) => {
    const parent = element.child('ParentFolderId');
    const { box, folder } = findFolder(context, asFolderId(parent), 'write');
    const record = read(context, element.childText('Data') ?? '');
    const action = element.attribute('CreateAction') ?? 'CreateNew';
    const known = element.child('ItemId');
    const old = known === undefined || action === 'CreateNew' ? undefined : findOld(context, known, action);
    const { number: _number, change: _change, appeared: _appeared, ...item } = record;
    const fresh = { ...item, folder: folder.number } as Parameters<typeof box.insert>[0];
    const stored =
      old === undefined
        ? box.insert(fresh)
        : box.write({ ...fresh, number: old.number, change: old.change, appeared: old.appeared } as ItemRecord);
    return (message) => writeItemId(message, new ShownItem(context.world, box, stored), 'm:ItemId');
  });
}

function asFolderId(parent: XmlElement | undefined): XmlElement {
  if (parent === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  return Object.assign(Object.create(parent) as XmlElement, { name: 'FolderId' });
}

function findOld(context: RequestContext, id: XmlElement, action: string): ItemRecord | undefined {
  try {
    return findItem(context, id, 'write').record;
  } catch (error) {
    if (action === 'UpdateOrCreate' && error instanceof EwsError && error.code === 'ErrorItemNotFound')
      return undefined;
    throw error;
  }
}

function seal(context: RequestContext, data: Buffer): Buffer {
  return createHmac('sha256', `fake-exchange ${context.world.seed}`).update(data).digest();
}

function read(context: RequestContext, text: string): ItemRecord {
  const bytes = Buffer.from(text, 'base64');
  const [given, data] = [bytes.subarray(0, SEAL_BYTES), bytes.subarray(SEAL_BYTES)];
  if (given.length < SEAL_BYTES || !timingSafeEqual(given, seal(context, data)))
    throw new EwsError('ErrorCorruptData', 'The data is corrupt.');
  return deserialize(data) as ItemRecord;
}
