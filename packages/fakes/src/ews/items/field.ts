/** One property of an item on the wire: its name, when a shape includes it, how it is written. */

import type { TimeZone } from '@calendar-connector/recurrence';
import type { Person } from '../../world/model.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { ShownItem } from './shown-item.ts';

/** `default`: in Default and AllProperties; `all`: in AllProperties; `asked`: only when named. */
export type FieldLevel = 'id' | 'default' | 'all' | 'asked';

export interface WriteContext {
  readonly zone: TimeZone | undefined;
  readonly bodyType: 'Best' | 'HTML' | 'Text';
  /** faults that touch single items */
  readonly tweak: ItemTweak | undefined;
  /** the reader may not see private details */
  readonly isMasked: boolean;
}

/** What a fault makes of an item's properties. */
export interface ItemTweak {
  readonly timeZone?: 'empty' | 'iana' | 'custom';
  readonly uid?: string;
  readonly extraAttendees?: number;
  readonly legacyAddresses?: boolean;
}

export interface Field {
  readonly uri: string;
  readonly element: string;
  readonly level: FieldLevel;
  /** whether FindItem returns it too */
  readonly inFind: boolean;
  readonly write: (out: XmlWriter, item: ShownItem, context: WriteContext) => void;
}

export const field = (uri: string, level: FieldLevel, inFind: boolean, write: Field['write']): Field => ({
  uri,
  element: uri.slice(uri.indexOf(':') + 1),
  level,
  inFind,
  write,
});

/** A field that is one text; undefined leaves it out. */
export function textField(
  uri: string,
  level: FieldLevel,
  read: (item: ShownItem, context: WriteContext) => string | number | boolean | undefined,
  inFind = true,
): Field {
  const name = `t:${uri.slice(uri.indexOf(':') + 1)}`;
  return field(uri, level, inFind, (out, item, context) => {
    const value = read(item, context);
    if (value !== undefined) out.element(name, value);
  });
}

/** `t:Mailbox` of a person. */
export function writeMailbox(out: XmlWriter, person: Person, element = 't:Mailbox'): void {
  out.open(element);
  out.element('t:Name', person.name);
  if (person.address !== '') out.element('t:EmailAddress', person.address);
  out.element('t:RoutingType', person.routingType ?? 'SMTP');
  out.element('t:MailboxType', person.mailboxType ?? 'Mailbox');
  out.close();
}
