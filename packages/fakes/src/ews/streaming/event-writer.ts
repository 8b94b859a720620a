/**
 * Notifications on the wire. Events carry the stub change keys of real servers (`DwAAAA==`, `AgAAAA==`), never one to keep;
 * item elements differ from the XSD by name space as servers do it (facts "Notifications", wire versus XSD).
 */
import type { EntryIds } from '../../world/entry-ids.ts';
import { CALENDAR } from '../../world/folders.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { StoreEvent } from '../../world/store-events.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { utcText } from '../wire/date-time.ts';
import { EVENT_NAMES, type QueuedEvent } from './subscription.ts';

const ITEM_STUB = 'DwAAAA==';
const FOLDER_STUB = 'AQAAAA==';
const CALENDAR_STUB = 'AgAAAA==';

export interface NotificationOptions {
  readonly ids: EntryIds;
  readonly box: Mailbox;
  readonly subscriptionId: string;
  /** pull notifications carry watermarks */
  readonly watermarks?: {
    readonly previous: string;
    readonly more: boolean;
    readonly text: (watermark: number) => string;
  };
}

/** Writes one notification; no events become a StatusEvent. */
export function writeNotification(
  out: XmlWriter,
  element: string,
  options: NotificationOptions,
  events: readonly QueuedEvent[],
  lastWatermark: number,
): void {
  out.open(element);
  out.element('t:SubscriptionId', options.subscriptionId);
  if (options.watermarks !== undefined) {
    out.element('t:PreviousWatermark', options.watermarks.previous);
    out.element('t:MoreEvents', options.watermarks.more);
  }
  for (const { event, watermark } of events) writeEvent(out, options, event, watermark);
  if (events.length === 0) {
    out.open('t:StatusEvent');
    if (options.watermarks !== undefined) out.element('t:Watermark', options.watermarks.text(lastWatermark));
    out.close();
  }
  out.close();
}

function writeEvent(out: XmlWriter, options: NotificationOptions, event: StoreEvent, watermark: number): void {
  const { ids, box } = options;
  const guid = box.profile.guid;
  const folderId = (folder: number): { readonly Id: string; readonly ChangeKey: string } => ({
    Id: ids.folder(guid, folder),
    ChangeKey: folder === CALENDAR ? CALENDAR_STUB : FOLDER_STUB,
  });
  out.open(`t:${EVENT_NAMES[event.kind]}`);
  if (options.watermarks !== undefined) out.element('t:Watermark', options.watermarks.text(watermark));
  out.element('t:TimeStamp', utcText(event.at));
  if (event.item === undefined) out.element('t:FolderId', undefined, folderId(event.folder));
  else out.element('t:ItemId', undefined, { Id: ids.item(guid, event.folder, event.item), ChangeKey: ITEM_STUB });
  out.element('t:ParentFolderId', undefined, folderId(event.parentFolder));
  if (event.old !== undefined) {
    out.element('t:OldItemId', undefined, {
      Id: ids.item(guid, event.old.folder, event.old.item),
      ChangeKey: ITEM_STUB,
    });
    out.element('t:OldParentFolderId', undefined, folderId(event.old.parentFolder));
  }
  if (event.kind === 'modified' && event.item === undefined && event.unread !== undefined)
    out.element('t:UnreadCount', event.unread);
  out.close();
}
