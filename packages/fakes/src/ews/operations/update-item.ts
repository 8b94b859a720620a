/** UpdateItem (Microsoft reference page UpdateItem; facts "Writes"). */
import type { CalendarPatch, MessageRecord, SendMode } from '../../world/model.ts';
import { viewOf } from '../../world/series.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { readExtendedPath } from '../items/extended-properties.ts';
import { readIndexedPath, withoutEntry } from '../items/indexed-entries.ts';
import { writeItemId } from '../items/item-fields.ts';
import { applyContent } from '../items/read-other-item.ts';
import { readCalendarUpdates } from '../items/read-updates.ts';
import { pathKey } from '../items/response-shape.ts';
import { settleTask } from '../items/task-fields.ts';
import type { RequestContext } from '../request-context.ts';
import {
  type ConflictResolution,
  findItem,
  type ItemTarget,
  outdatedVersion,
  refuseConflict,
  shown,
} from '../targets.ts';
import { isTrue } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach, type MessageBody } from '../wire/response-messages.ts';
import { saveSentCopy } from './sent-copies.ts';

const SEND_MODES: Readonly<Record<string, SendMode>> = {
  SendToNone: 'none',
  SendOnlyToAll: 'all',
  SendToAllAndSaveCopy: 'all',
  SendOnlyToChanged: 'changed',
  SendToChangedAndSaveCopy: 'changed',
};

export async function updateItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  await answerEach(
    context,
    out,
    request.child('ItemChanges')?.children ?? [],
    (change) => updateOne(context, request, change),
    {
      isBatch: true,
      onError: (message) => void message.element('m:Items'),
    },
  );
}

function updateOne(context: RequestContext, request: XmlElement, change: XmlElement): MessageBody {
  const [id, updates] = change.children;
  if (id === undefined || updates === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  const target = findItem(context, id, 'write');
  const resolution = (request.attribute('ConflictResolution') ?? 'AutoResolve') as ConflictResolution;
  const outdated = outdatedVersion(context, target, resolution);
  const result =
    target.record.kind === 'calendar'
      ? updateCalendar(context, request, target, updates, outdated)
      : updateOther(context, target, target.record, updates, outdated);
  return (message) => {
    const item = shown(context, result);
    message.open('m:Items').open(`t:${item.element}`);
    writeItemId(message, item);
    message.close().close();
    message.open('m:ConflictResults').element('t:Count', 0).close();
  };
}

function updateCalendar(
  context: RequestContext,
  request: XmlElement,
  target: ItemTarget,
  updates: XmlElement,
  outdated: number | undefined,
): ItemTarget {
  const { box, record, originalStart } = target;
  if (record.kind !== 'calendar')
    throw new EwsError('ErrorItemNotFound', 'The specified object was not found in the store.');
  const mode = request.attribute('SendMeetingInvitationsOrCancellations');
  if (mode === undefined) {
    throw new EwsError(
      'ErrorSendMeetingInvitationsOrCancellationsRequired',
      'The SendMeetingInvitationsOrCancellations attribute is required for calendar items.',
    );
  }
  const base = originalStart === undefined ? record.content : viewOf(record, originalStart).content;
  const asked = readCalendarUpdates(context, updates, base);
  const patch = originalStart === undefined ? unchangedRecurrence(asked, record.series?.recurrence) : asked;
  const by = box === context.caller.mailbox ? {} : { by: context.caller.mailbox?.profile.name ?? context.caller.login };
  const ref = originalStart === undefined ? { number: record.number } : { number: record.number, originalStart };
  const named = Object.keys(patch).map((name) => (originalStart === undefined ? name : `${originalStart} ${name}`));
  refuseConflict(target, outdated, context.world.desk.preview(box, ref, patch), named);
  const result = context.world.desk.update(box, ref, patch, { send: SEND_MODES[mode] ?? 'none', ...by });
  if (mode.endsWith('SaveCopy') && result.recipients.length > 0) saveSentCopy(box, result.record, { kind: 'request' });
  return originalStart === undefined ? { box, record: result.record } : { box, record: result.record, originalStart };
}

/** Writing the pattern a series already has leaves its exceptions alone. */
function unchangedRecurrence(patch: CalendarPatch, current: unknown): CalendarPatch {
  if (patch.recurrence === undefined || JSON.stringify(patch.recurrence) !== JSON.stringify(current)) return patch;
  const { recurrence: _same, ...rest } = patch;
  return rest;
}

function updateOther(
  context: RequestContext,
  target: ItemTarget,
  record: MessageRecord,
  updates: XmlElement,
  outdated: number | undefined,
): ItemTarget {
  let { content, isRead } = record;
  let onlyRead = true;
  for (const update of updates.children) {
    const [path, holder] = update.children;
    if (path === undefined) continue;
    const value = holder?.children[0];
    if (update.name === 'DeleteItemField') {
      onlyRead = false;
      content = removeContent(path, content);
    } else if (value === undefined || (holder?.children.length ?? 0) > 1) {
      throw new EwsError(
        'ErrorIncorrectUpdatePropertyCount',
        'An object within a change description must contain one and only one property to modify.',
      );
    } else if (value.name === 'IsRead') {
      isRead = isTrue(value.text);
    } else {
      onlyRead = false;
      content = applyContent(value, content);
      if (record.element === 'Task') content = settleTask(content, value.name, context.now());
    }
  }
  refuseConflict(target, outdated, { ...record, content, isRead }, []);
  if (onlyRead && isRead !== record.isRead)
    return { box: target.box, record: target.box.markRead(record.number, isRead) ?? record };
  const by = context.caller.mailbox?.profile.name ?? context.caller.login;
  return {
    box: target.box,
    record: target.box.write({ ...record, content, isRead, modified: context.now(), modifiedBy: by }),
  };
}

function removeContent(path: XmlElement, content: MessageRecord['content']): MessageRecord['content'] {
  if (path.name === 'ExtendedFieldURI') {
    const extended = new Map(content.extended);
    extended.delete(readExtendedPath(path).key);
    return { ...content, extended };
  }
  const uri = pathKey(path);
  if (uri === 'item:Subject') return { ...content, subject: '' };
  if (uri === 'item:Categories') return { ...content, categories: [] };
  if (uri === 'item:Body') return { ...content, body: { type: 'HTML', content: '' } };
  const opaque = new Map(content.opaque);
  const indexed = readIndexedPath(uri);
  const list = indexed === undefined ? undefined : opaque.get(indexed.list);
  if (indexed !== undefined && list !== undefined) {
    const rest = withoutEntry(list, indexed);
    if (rest === undefined) opaque.delete(indexed.list);
    else opaque.set(indexed.list, rest);
    return { ...content, opaque };
  }
  opaque.delete(uri.slice(uri.indexOf(':') + 1).split('/')[0] ?? '');
  return { ...content, opaque };
}
