/** The order of an item's child elements as the schema has it. */
import { findType, itemType, type Particle } from './schema-table.ts';

const orders = new Map<string, readonly string[]>();

export function elementOrder(element: string): readonly string[] {
  const known = orders.get(element);
  if (known !== undefined) return known;
  const type = findType(itemType(element) ?? '');
  const order = type?.kind === 'complex' && type.particle !== undefined ? namesIn(type.particle) : [];
  orders.set(element, order);
  return order;
}

function namesIn(particle: Particle): string[] {
  return particle.kind === 'element' ? [particle.name] : particle.parts.flatMap(namesIn);
}
