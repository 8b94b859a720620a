import type { Mailbox } from '../../world/mailbox.ts';
import type { ItemRecord } from '../../world/model.ts';
import { writeItemId } from '../items/item-fields.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import type { MessageBody } from '../wire/response-messages.ts';

/** `m:Items` with the ids of what came out. */
export function itemAnswer(context: RequestContext, box: Mailbox, records: readonly ItemRecord[]): MessageBody {
  return (message) => {
    if (records.length === 0) {
      message.element('m:Items');
      return;
    }
    message.open('m:Items');
    for (const record of records) {
      const item = new ShownItem(context.world, box, record);
      message.open(`t:${item.element}`);
      writeItemId(message, item);
      message.close();
    }
    message.close();
  };
}
