/**
 * Rare responses as a small tree (GetFolder, ResolveNames, free/busy, autodiscover, faults). Names are local names:
 * the grammar above the tree has already checked in which vocabulary it stands.
 */
import { CAPTURE, type Rule } from './grammar.ts';

export interface TreeNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: TreeNode[];
  text: string;
}

/** Something that holds trees while they are read. */
export interface TreeBuilder {
  readonly openNodes: TreeNode[];
  readonly trees: TreeNode[];
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({});

/** A rule that takes any element, with everything inside, as a tree into `builder(state)`. */
export function treeRule<S>(builder: (state: S) => TreeBuilder): Rule<S> {
  const rule: { -readonly [Key in keyof Rule<S>]: Rule<S>[Key] } = {
    capture: CAPTURE.text,
    children: [],
    wild: undefined,
    memo: undefined,
    open(state, attributes, name) {
      const { openNodes, trees } = builder(state);
      const all = attributes.entries();
      const node = { name: name.local, attributes: all ?? NO_ATTRIBUTES, children: [], text: '' };
      const parent = openNodes.at(-1);
      if (parent === undefined) trees.push(node);
      else parent.children.push(node);
      openNodes.push(node);
    },
    close(state, value) {
      const node = builder(state).openNodes.pop();
      if (node !== undefined && typeof value === 'string') node.text = node.children.length === 0 ? value : '';
    },
  };
  rule.wild = rule;
  return rule;
}

export function childOf(node: TreeNode | undefined, ...path: readonly string[]): TreeNode | undefined {
  let at = node;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at;
}

export function childrenOf(node: TreeNode | undefined, name: string): TreeNode[] {
  return node?.children.filter((child) => child.name === name) ?? [];
}

/** Text of the element at `path`, trimmed; undefined when there is none. */
export function textOf(node: TreeNode | undefined, ...path: readonly string[]): string | undefined {
  return childOf(node, ...path)?.text.trim();
}
