/** GetItem: items by id, one message each, in the order asked (Microsoft reference page GetItem). */
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { tweakFor } from '../items/item-tweaks.ts';
import { ItemWriter } from '../items/item-writer.ts';
import { readShape } from '../items/response-shape.ts';
import type { RequestContext } from '../request-context.ts';
import { findItem, isMaskedFor, shown } from '../targets.ts';
import { answerEach } from '../wire/response-messages.ts';

export async function getItem(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const writer = new ItemWriter({ shape: readShape(request.child('ItemShape')), zone: context.zone });
  await answerEach(
    context,
    out,
    request.child('ItemIds')?.children ?? [],
    (id) => {
      const target = findItem(context, id);
      const item = shown(context, target);
      const tweak = tweakFor(context, item);
      const isMasked = isMaskedFor(context, target.box, target.record);
      return (message) => {
        message.open('m:Items');
        writer.write(message, item, tweak === undefined ? { isMasked } : { tweak, isMasked });
        message.close();
      };
    },
    { isBatch: true, onError: (message) => void message.element('m:Items') },
  );
}
