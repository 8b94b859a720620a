/**
 * What belongs to contacts, tasks and other items the world does not interpret: which of the kept properties a shape asks for,
 * in the order of the schema (types.xsd ContactItemType, TaskType, DistributionListType, PostItemType).
 */
import type { OpaqueNode } from '../../world/model.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { elementOrder } from '../schema/element-order.ts';
import { readIndexedPath } from './indexed-entries.ts';
import { writeOpaque } from './opaque-xml.ts';
import type { ResponseShape } from './response-shape.ts';
import type { ShownItem } from './shown-item.ts';
import { taskFields } from './task-fields.ts';

/** Writes the properties that are the element's own, not every item's. */
export function writeKeptFields(out: XmlWriter, item: ShownItem, shape: ResponseShape): void {
  if (shape.base === 'IdOnly' && shape.fields.size === 0) return;
  const order = ownOrder(item.element);
  const nodes = new Map(item.content.opaque);
  if (item.element === 'Task') for (const node of taskFields(item)) nodes.set(node.name, node);
  const asked = shape.base === 'IdOnly' ? askedNames(shape) : undefined;
  const wanted = [...nodes.values()].filter(({ name }) => order.has(name) && (asked?.has(name) ?? true));
  wanted.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  for (const node of wanted) writeOpaque(out, ordered(node));
}

const orders = new Map<string, ReadonlyMap<string, number>>();

function ownOrder(element: string): ReadonlyMap<string, number> {
  const known = orders.get(element);
  if (known !== undefined) return known;
  const everyItem = new Set(elementOrder('Item'));
  const own = elementOrder(element).filter((name) => !everyItem.has(name));
  const order = new Map(own.map((name, index) => [name, index]));
  orders.set(element, order);
  return order;
}

function askedNames(shape: ResponseShape): ReadonlySet<string> {
  return new Set(
    [...shape.fields].map((uri) => readIndexedPath(uri)?.list ?? uri.slice(uri.indexOf(':') + 1).split('/')[0] ?? ''),
  );
}

const ADDRESS_ORDER = ['Street', 'City', 'State', 'CountryOrRegion', 'PostalCode'];

/** Parts of a postal address stand in the schema's order, however they were set. */
function ordered(node: OpaqueNode): OpaqueNode {
  if (node.name !== 'PhysicalAddresses') return node;
  const children = node.children.map((entry) => ({
    ...entry,
    children: [...entry.children].sort((a, b) => ADDRESS_ORDER.indexOf(a.name) - ADDRESS_ORDER.indexOf(b.name)),
  }));
  return { ...node, children };
}
