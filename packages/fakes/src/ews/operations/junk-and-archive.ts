/** MarkAsJunk, and ArchiveItem for mailboxes that have no archive (Microsoft reference pages; ResponseCode page). */
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { writeItemId } from '../items/item-fields.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { findFolder, findItem } from '../targets.ts';
import { isTrue } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach } from '../wire/response-messages.ts';

export async function markAsJunk(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const target = isTrue(request.attribute('IsJunk')) ? 'junkemail' : 'inbox';
  await answerEach(context, out, request.child('ItemIds')?.children ?? [], (id) => {
    const { box, record } = findItem(context, id, 'write');
    if (record.kind !== 'message') throw new EwsError('ErrorInvalidOperation', 'Only messages can be marked as junk.');
    if (!isTrue(request.attribute('MoveItem'))) return () => undefined;
    const moved = box.move(record.number, box.findDistinguished(target)?.number ?? record.folder);
    return (message) => {
      if (moved !== undefined) writeItemId(message, new ShownItem(context.world, box, moved), 'm:MovedItemId');
    };
  });
}

export async function archiveItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const source = request.child('ArchiveSourceFolderId')?.children[0];
  await answerEach(
    context,
    out,
    request.child('ItemIds')?.children ?? [],
    (id) => {
      if (source !== undefined) findFolder(context, source);
      findItem(context, id, 'write');
      throw new EwsError('ErrorArchiveMailboxNotEnabled', 'The archive mailbox is not enabled for this user.');
    },
    { onError: (message) => void message.element('m:Items') },
  );
}
