/** Writes an item as a shape wants it, in the order of the schema. The choice of fields is made once per request. */
import type { TimeZone } from '@calendar-connector/recurrence';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { CALENDAR_FIELDS } from './calendar-fields.ts';
import { writeExtended } from './extended-properties.ts';
import type { Field, ItemTweak, WriteContext } from './field.ts';
import { ITEM_FIELDS, ITEM_TAIL_FIELDS } from './item-fields.ts';
import { writeKeptFields } from './kept-fields.ts';
import { ELEMENT_FIELDS } from './message-fields.ts';
import type { ResponseShape } from './response-shape.ts';
import type { ShownItem } from './shown-item.ts';

export interface ItemWriterOptions {
  readonly shape: ResponseShape;
  readonly zone: TimeZone | undefined;
  /** FindItem and SyncFolderItems leave out what costs a look into the item */
  readonly isFind?: boolean;
}

interface FieldPlan {
  readonly head: readonly Field[];
  readonly tail: readonly Field[];
  readonly own: readonly Field[];
}

export class ItemWriter {
  readonly #options: ItemWriterOptions;
  readonly #plans = new Map<string, FieldPlan>();

  constructor(options: ItemWriterOptions) {
    this.#options = options;
  }

  /** Whether nothing but ids is wanted. */
  get isIdOnly(): boolean {
    const { base, fields, extended } = this.#options.shape;
    return base === 'IdOnly' && fields.size === 0 && extended.length === 0;
  }

  write(
    out: XmlWriter,
    item: ShownItem,
    extra: { readonly tweak?: ItemTweak; readonly isMasked?: boolean } = {},
  ): void {
    const { shape, zone } = this.#options;
    const context: WriteContext = {
      zone,
      bodyType: shape.bodyType,
      tweak: extra.tweak,
      isMasked: extra.isMasked === true,
    };
    const plan = this.#planFor(item.element);
    out.open(`t:${item.element}`);
    for (const { write } of plan.head) write(out, item, context);
    if (context.isMasked === false) for (const path of shape.extended) writeExtended(out, path, item);
    for (const { write } of plan.tail) write(out, item, context);
    for (const { write } of plan.own) write(out, item, context);
    if (!(item.element in ELEMENT_FIELDS) && item.element !== 'CalendarItem') writeKeptFields(out, item, shape);
    out.close();
  }

  #planFor(element: string): FieldPlan {
    const known = this.#plans.get(element);
    if (known !== undefined) return known;
    const own = element === 'CalendarItem' ? CALENDAR_FIELDS : (ELEMENT_FIELDS[element] ?? []);
    const plan = { head: this.#choose(ITEM_FIELDS), tail: this.#choose(ITEM_TAIL_FIELDS), own: this.#choose(own) };
    this.#plans.set(element, plan);
    return plan;
  }

  #choose(fields: readonly Field[]): Field[] {
    const { shape, isFind = false } = this.#options;
    return fields.filter((field) => {
      if (field.level === 'id') return true;
      if (isFind && !field.inFind) return false;
      if (shape.fields.has(field.uri) || (field.uri === 'item:MimeContent' && shape.mimeContent)) return true;
      if (shape.base === 'AllProperties') return field.level !== 'asked';
      return shape.base === 'Default' && field.level === 'default';
    });
  }
}
