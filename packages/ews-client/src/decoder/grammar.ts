/**
 * A grammar says which elements a response may hold and what to do with each. The scanner walks it while it reads bytes;
 * whatever the grammar does not name is skipped (but still checked for well-formedness).
 * Element order never matters; a rule is found by the element's name alone.
 */

import type { QName } from './names.ts';
import { registerSymbol, type Vocabulary } from './namespaces.ts';

/** How an element's text is handed over. */
export const CAPTURE = { none: 0, text: 1, token: 2, instant: 3, boolean: 4, integer: 5 } as const;
export type Capture = (typeof CAPTURE)[keyof typeof CAPTURE];

export interface Attributes {
  /** value of the attribute without namespace, undefined when absent */
  get(local: string): string | undefined;
  /** all attributes without namespace */
  entries(): Readonly<Record<string, string>>;
}

/**
 * The one value type of closing callbacks: what it really is follows from the rule's capture. null: a typed element that
 * holds nothing (`<Start/>`, xsi:nil); it says as little as one that is not there, so its callback is not called.
 */
export type Value = string | number | boolean | null | undefined;

export interface Rule<S> {
  readonly capture: Capture;
  readonly children: (Rule<S> | undefined)[];
  /** rule of children not in `children` */
  readonly wild: Rule<S> | undefined;
  readonly open: ((state: S, attributes: Attributes, name: QName) => void) | undefined;
  readonly close: ((state: S, value: Value) => void) | undefined;
  /** equal bytes give an equal value: the last one is reused (time zone definitions repeat in every item) */
  readonly memo: Memo<S> | undefined;
}

/** Takes the value an element left in the state, and puts it back for an element of the same bytes. */
export interface Memo<S> {
  take(state: S): unknown;
  put(state: S, value: unknown): void;
}

interface RuleParts<S> {
  readonly open?: (state: S, attributes: Attributes, name: QName) => void;
  readonly close?: (state: S) => void;
  readonly wild?: Rule<S>;
  readonly memo?: Memo<S>;
}

/** An element with child elements. Children are named in the vocabulary `in` (default: messages and types). */
export function element<S>(
  children: Readonly<Record<string, Rule<S>>>,
  parts: RuleParts<S> = {},
  vocabulary: Vocabulary = 'ews',
): Rule<S> {
  const list: (Rule<S> | undefined)[] = [];
  for (const [local, rule] of Object.entries(children)) list[registerSymbol(vocabulary, local)] = rule;
  return {
    capture: CAPTURE.none,
    children: list,
    wild: parts.wild,
    open: parts.open,
    close: parts.close,
    memo: parts.memo,
  };
}

/** Adds children after the fact (a rule that contains itself, or children of a second vocabulary). */
export function addChildren<S>(
  rule: Rule<S>,
  children: Readonly<Record<string, Rule<S>>>,
  vocabulary: Vocabulary = 'ews',
): void {
  for (const [local, child] of Object.entries(children)) rule.children[registerSymbol(vocabulary, local)] = child;
}

function leaf<S>(capture: Capture, close: (state: S, value: never) => void, open?: RuleParts<S>['open']): Rule<S> {
  return {
    capture,
    children: [],
    wild: undefined,
    open,
    close: close as (state: S, value: Value) => void,
    memo: undefined,
  };
}

export function text<S>(close: (state: S, value: string) => void, open?: RuleParts<S>['open']): Rule<S> {
  return leaf(CAPTURE.text, close, open);
}

/** A short word out of a small set (enumerations, codes): equal words share one string. */
export function token<S>(close: (state: S, value: string) => void, open?: RuleParts<S>['open']): Rule<S> {
  return leaf(CAPTURE.token, close, open);
}

/** xs:dateTime as epoch milliseconds; NaN when it is none. */
export function instant<S>(close: (state: S, value: number) => void): Rule<S> {
  return typed(CAPTURE.instant, close);
}

/** xs:boolean; undefined when it is none. */
export function boolean<S>(close: (state: S, value: boolean | undefined) => void): Rule<S> {
  return typed(CAPTURE.boolean, close);
}

/** xs:int; NaN when it is none. */
export function integer<S>(close: (state: S, value: number) => void): Rule<S> {
  return typed(CAPTURE.integer, close);
}

function typed<S>(capture: Capture, close: (state: S, value: never) => void): Rule<S> {
  return leaf(capture, (state, value) => {
    if (value !== null) close(state, value);
  });
}
