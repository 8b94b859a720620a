/** Properties the world does not interpret: kept as they came, written as they were. */

import type { OpaqueNode } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';

export function toOpaque(element: XmlElement): OpaqueNode {
  return {
    name: element.name,
    attributes: element.attributes,
    children: element.children.map(toOpaque),
    text: element.children.length > 0 ? '' : element.text,
  };
}

export function writeOpaque(out: XmlWriter, node: OpaqueNode): void {
  if (node.children.length === 0) {
    out.element(`t:${node.name}`, node.text, node.attributes);
    return;
  }
  out.open(`t:${node.name}`, node.attributes);
  for (const child of node.children) writeOpaque(out, child);
  out.close();
}
