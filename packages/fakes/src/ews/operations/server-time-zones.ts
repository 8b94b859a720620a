/** GetServerTimeZones (Microsoft reference page; the zones are Windows', their rules computed). */

import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { writeDefinition } from '../items/time-zone-xml.ts';
import { windowsDefinition } from '../items/windows-rules.ts';
import { windowsZoneIds, windowsZoneName } from '../items/windows-zone-names.ts';
import type { RequestContext } from '../request-context.ts';
import { isFalse } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerOnce, type MessageBody } from '../wire/response-messages.ts';

export function getServerTimeZones(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  const onError = (message: XmlWriter): void => void message.element('m:TimeZoneDefinitions');
  const prepare = (): MessageBody => {
    const isFull = !isFalse(request.attribute('ReturnFullTimeZoneData'));
    const asked = request
      .child('Ids')
      ?.all('Id')
      .map((id) => id.text.trim());
    const ids = asked ?? windowsZoneIds();
    for (const id of ids)
      if (windowsDefinition(id) === undefined)
        throw new EwsError('ErrorTimeZone', `The time zone id '${id}' is unknown.`);
    return (message) => {
      message.open('m:TimeZoneDefinitions');
      for (const id of ids) {
        const definition = windowsDefinition(id);
        if (isFull && definition !== undefined) writeDefinition(message, 't:TimeZoneDefinition', definition);
        else message.element('t:TimeZoneDefinition', undefined, { Name: windowsZoneName(id), Id: id });
      }
      message.close();
    };
  };
  answerOnce(context, out, prepare, { onError });
}
