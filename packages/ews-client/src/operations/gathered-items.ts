/**
 * What came of each id asked for: an item, nothing any more, or a failure with a name. What a server leaves without an
 * answer is asked for again, a few times.
 */
import type { FailureKind } from '@calendar-connector/sync-core';
import type { RawItem } from '../decoder/raw-item.ts';
import type { RawMessage } from '../decoder/response-grammar.ts';
import { kindOfCode } from '../errors/response-codes.ts';

/** An item the server has but does not give. */
export interface FailedItem {
  readonly itemId: string;
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
}

/** Code of an item about which the server said nothing, however often it was asked. */
export const NO_ANSWER = 'NoAnswer';

/** How often one id is asked for before it is given up. */
const MAX_TRIES_PER_ID = 3;

export class GatheredItems {
  /** by requested id */
  readonly found = new Map<string, RawItem>();
  /** ids the server does not have */
  readonly missing: string[] = [];
  readonly failed: FailedItem[] = [];
  readonly #tries = new Map<string, number>();

  /** Takes in what was answered about these ids; returns those to ask for again. */
  take(ids: readonly string[], answers: ReadonlyMap<string, RawMessage>): readonly string[] {
    return ids.filter((id) => !this.#settle(id, answers.get(id)));
  }

  /** Nobody can read what the server says of this item, though it was asked for alone. */
  giveUp(itemId: string, { code, kind, message }: Omit<FailedItem, 'itemId'>): void {
    this.failed.push({ itemId, kind, code, message });
  }

  #settle(id: string, message: RawMessage | undefined): boolean {
    if (message === undefined || isCut(message)) {
      const count = (this.#tries.get(id) ?? 0) + 1;
      this.#tries.set(id, count);
      if (count < MAX_TRIES_PER_ID) return false;
      this.#fail(id, message?.code ?? NO_ANSWER, message?.text ?? '');
    } else if (message.responseClass === 'Error') {
      if (kindOfCode(message.code) === 'notFound') this.missing.push(id);
      else this.#fail(id, message.code, message.text);
    } else if (message.items[0] !== undefined) this.found.set(id, message.items[0]);
    else this.#fail(id, 'EmptyAnswer', 'the answer holds no item');
    return true;
  }

  #fail(itemId: string, code: string, said: string): void {
    this.failed.push({ itemId, kind: kindOfCode(code), code, message: said || `${code}, and nothing more is said` });
  }
}

function isCut(message: RawMessage): boolean {
  if (message.responseClass === 'Success') return false;
  const kind = kindOfCode(message.code);
  return kind === 'timeout' || kind === 'throttled' || message.code === 'ErrorInternalServerTransientError';
}
