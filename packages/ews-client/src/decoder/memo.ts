/**
 * Elements that come again byte for byte (time zone definitions: every item carries two of the same) are read once.
 * Equal bytes in the same namespace scope have an equal value, so this changes speed and memory, never a result.
 */
import type { Rule } from './grammar.ts';
import type { Scope } from './namespaces.ts';

interface Kept {
  readonly scope: Scope;
  readonly bytes: Buffer;
  readonly value: unknown;
}

const MAX_BYTES = 16_384;
const KEPT_PER_RULE = 8;

export class MemoTable<S> {
  readonly #kept = new Map<Rule<S>, Kept[]>();

  /** The index after the element when its bytes at `pos` are known, otherwise -1. */
  tryReuse(rule: Rule<S>, scope: Scope, data: Buffer, pos: number, state: S): number {
    const list = this.#kept.get(rule);
    if (list === undefined) return -1;
    for (const entry of list) {
      const end = pos + entry.bytes.length;
      if (entry.scope !== scope || end > data.length) continue;
      if (data.compare(entry.bytes, 0, entry.bytes.length, pos, end) !== 0) continue;
      rule.memo?.put(state, entry.value);
      return end;
    }
    return -1;
  }

  /** Remembers the element at `data[start, end)` that has just been read. */
  keep(rule: Rule<S>, scope: Scope, data: Buffer, start: number, end: number, state: S): void {
    if (end - start > MAX_BYTES || rule.memo === undefined) return;
    const list = this.#kept.get(rule) ?? [];
    if (list.length === KEPT_PER_RULE) list.pop();
    list.unshift({ scope, bytes: Buffer.from(data.subarray(start, end)), value: rule.memo.take(state) });
    this.#kept.set(rule, list);
  }
}
