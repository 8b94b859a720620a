/**
 * GetItem in batches the budget bears. What a server leaves without an answer (ErrorBatchProcessingStopped,
 * ErrorTimeoutExpired, a refusal in the middle) is asked for again, in smaller batches; an item that fails by itself is
 * reported and stops nobody (facts §1.4, §3.1 no. 21).
 */
import type { FailureKind } from '@calendar-connector/sync-core';
import type { RawItem } from '../decoder/raw-item.ts';
import type { RawMessage } from '../decoder/response-grammar.ts';
import { errorOfMessage } from '../errors/classify.ts';
import { EwsError } from '../errors/ews-error.ts';
import { kindOfCode } from '../errors/response-codes.ts';
import type { Target } from '../transport/ews-transport.ts';
import { getItems } from '../wire/read-requests.ts';
import { type OperationContext, protocolError } from './context.ts';
import { pairAnswers } from './pair-answers.ts';

export interface ReadItems {
  /** by requested id */
  readonly found: ReadonlyMap<string, RawItem>;
  readonly missing: readonly string[];
  readonly failed: readonly FailedItem[];
}

/** An item the server has but does not give. */
export interface FailedItem {
  readonly itemId: string;
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
}

/** How often the same first id may be asked for before it is given up. */
const MAX_TRIES_PER_ID = 3;

/** Code of an item about which the server said nothing, however often it was asked. */
export const NO_ANSWER = 'NoAnswer';

/** What the batch size has come to; one per source. */
export class BatchSize {
  #size: number;
  readonly #max: number;

  constructor(start: number, max = 100) {
    this.#size = Math.max(1, start);
    this.#max = Math.max(start, max);
  }

  get value(): number {
    return this.#size;
  }

  /** A batch of so many was too much. */
  wasCut(count: number): void {
    this.#size = Math.max(1, Math.floor(Math.min(count, this.#size) / 2));
  }

  /** Answers stood out of place: one at a time there is no place to mistake. */
  wasMixedUp(): void {
    this.#size = 1;
  }

  wentWell(count: number): void {
    if (count >= this.#size && this.#size < this.#max) this.#size++;
  }
}

export async function fetchItems(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  size: BatchSize,
  signal: AbortSignal,
): Promise<ReadItems> {
  const found = new Map<string, RawItem>();
  const missing: string[] = [];
  const failed: FailedItem[] = [];
  const tries = new Map<string, number>();
  let waiting = [...new Set(ids)];
  while (waiting.length > 0) {
    const batch = waiting.slice(0, size.value);
    const { messages, cut } = await readBatch(context, target, batch, signal);
    if (cut !== undefined) {
      size.wasCut(batch.length);
      if (batch.length > 1) continue;
      // Alone, and still no answer anybody can read: it is this item.
      const { code, kind, message } = cut;
      failed.push(...batch.map((id) => ({ itemId: id, kind, code, message })));
      waiting = waiting.slice(1);
      continue;
    }
    const { answers, mixedUp } = pairAnswers(batch, messages);
    const again: string[] = [];
    for (const id of batch) {
      const message = answers.get(id);
      if (message === undefined || isCut(message)) {
        const count = (tries.get(id) ?? 0) + 1;
        tries.set(id, count);
        if (count < MAX_TRIES_PER_ID) again.push(id);
        else failed.push(failedItem(id, message?.code ?? NO_ANSWER, message?.text ?? ''));
      } else if (message.responseClass === 'Error') {
        if (kindOfCode(message.code) === 'notFound') missing.push(id);
        else failed.push(failedItem(id, message.code, message.text));
      } else if (message.items[0] !== undefined) found.set(id, message.items[0]);
      else failed.push(failedItem(id, 'EmptyAnswer', 'the answer holds no item'));
    }
    if (mixedUp) size.wasMixedUp();
    else if (again.length > 0) size.wasCut(batch.length);
    else size.wentWell(batch.length);
    waiting = [...again, ...waiting.slice(batch.length)];
  }
  return { found, missing, failed };
}

function failedItem(itemId: string, code: string, said: string): FailedItem {
  return { itemId, kind: kindOfCode(code), code, message: said || `the server says ${code} and nothing more` };
}

/** An answer that is EWS, but not readable to its end; what a proxy or a login page answers is another matter. */
const SPOILT: ReadonlySet<string> = new Set(['Xml_malformed', 'Xml_encoding', 'Xml_unexpectedElement']);

interface Batch {
  readonly messages: readonly RawMessage[];
  /** the whole batch took too long, was too large or is spoilt by one of its items: nothing was read */
  readonly cut?: EwsError;
}

async function readBatch(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Batch> {
  const facade = await context.facade();
  try {
    const state = await context.transport.call(getItems(facade, target.mailbox, ids), target, signal);
    if (state.messages.length > ids.length) {
      throw protocolError('GetItem', target.mailbox, `${state.messages.length} answers to ${ids.length} ids`);
    }
    const refusal = wholeRefusal(state.messages, target);
    if (refusal !== undefined) throw refusal;
    return { messages: state.messages };
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    if (error.code === 'ErrorInvalidRequest') return await readSeparately(context, target, ids, signal);
    // Too much for one answer, or spoilt by one item. Halves get through, down to the item itself; but a single item that
    // takes too long says more about the server.
    const isOfItem = error.kind === 'limitExceeded' || SPOILT.has(error.code);
    if (isOfItem || (error.kind === 'timeout' && ids.length > 1)) return { messages: [], cut: error };
    throw error;
  }
}

/** Some servers refuse body and attendees in one request (facts §1.4): ask twice and put together. */
async function readSeparately(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Batch> {
  const facade = await context.facade();
  const fields = await context.transport.call(getItems(facade, target.mailbox, ids, 'withoutBody'), target, signal);
  const bodies = await context.transport.call(getItems(facade, target.mailbox, ids, 'bodyOnly'), target, signal);
  const bodyOf = new Map(bodies.messages.flatMap(({ items }) => items.map((item) => [item.itemId, item])));
  for (const item of fields.messages.flatMap(({ items }) => items)) {
    const read = bodyOf.get(item.itemId);
    if (read === undefined) continue;
    item.body = read.body;
    item.bodyType = read.bodyType;
  }
  return { messages: fields.messages };
}

/** One failure that concerns no item: the mailbox (it moved, access was withdrawn, its store is down) or the question. */
function wholeRefusal(messages: readonly RawMessage[], target: Target): EwsError | undefined {
  const first = messages[0];
  if (first === undefined || first.responseClass !== 'Error') return undefined;
  if (!messages.every((message) => message.responseClass === 'Error' && message.code === first.code)) return undefined;
  const error = errorOfMessage(first, { operation: 'GetItem', mailbox: target.mailbox });
  const ofMailbox = ['mailboxMoved', 'mailboxNotFound', 'impersonationDenied', 'throttled'].includes(error.kind);
  const ofQuestion = first.code === 'ErrorInvalidRequest';
  return ofMailbox || ofQuestion || first.code.startsWith('ErrorMailbox') ? error : undefined;
}

function isCut(message: RawMessage): boolean {
  if (message.responseClass === 'Success') return false;
  const kind = kindOfCode(message.code);
  return kind === 'timeout' || kind === 'throttled' || message.code === 'ErrorInternalServerTransientError';
}
