/**
 * GetItem in batches the budget bears. What a server leaves without an answer (ErrorBatchProcessingStopped,
 * ErrorTimeoutExpired, a refusal in the middle) is asked for again, in smaller batches; an item that fails by itself, or
 * spoils every answer it is in, is reported and stops nobody (facts §1.4, §3.1 no. 21).
 */
import type { RawMessage } from '../decoder/response-grammar.ts';
import { errorOfMessage } from '../errors/classify.ts';
import { EwsError } from '../errors/ews-error.ts';
import type { Target } from '../transport/ews-transport.ts';
import { getItems } from '../wire/read-requests.ts';
import type { BatchSize } from './batch-size.ts';
import { type OperationContext, protocolError } from './context.ts';
import { GatheredItems } from './gathered-items.ts';
import { pairAnswers } from './pair-answers.ts';

/** How many batches in a row may take too long before the server is given up. */
const MAX_LATE = 3;

export async function fetchItems(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  size: BatchSize,
  signal: AbortSignal,
): Promise<GatheredItems> {
  const gathered = new GatheredItems();
  let waiting: readonly string[] = [...new Set(ids)];
  let late = 0;
  while (waiting.length > 0) {
    const batch = waiting.slice(0, size.value);
    const rest = waiting.slice(batch.length);
    const answered = await askUnlessTooMuch(context, target, batch, signal);
    if (!(answered instanceof EwsError)) {
      late = 0;
      waiting = [...takeAnswers(gathered, batch, answered, size), ...rest];
      continue;
    }
    size.wasCut(batch.length);
    // An item alone that takes too long says more about the server than about itself.
    if (answered.kind === 'timeout' && (batch.length === 1 || ++late === MAX_LATE)) throw answered;
    if (batch.length > 1) continue;
    for (const id of batch) gathered.giveUp(id, answered);
    waiting = rest;
  }
  return gathered;
}

/** Ids to ask for again; the size learns. */
function takeAnswers(
  gathered: GatheredItems,
  batch: readonly string[],
  messages: readonly RawMessage[],
  size: BatchSize,
): readonly string[] {
  const { answers, mixedUp } = pairAnswers(batch, messages);
  const again = gathered.take(batch, answers);
  if (mixedUp) size.wasMixedUp();
  else if (again.length > 0) size.wasCut(batch.length);
  else size.wentWell(batch.length);
  return again;
}

/** The answers; or why there is none, where less at a time may get through. */
async function askUnlessTooMuch(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RawMessage[] | EwsError> {
  try {
    return await ask(context, target, ids, signal);
  } catch (error) {
    const isEws = error instanceof EwsError;
    if (isEws && (error.kind === 'timeout' || error.kind === 'limitExceeded' || SPOILT.has(error.code))) return error;
    throw error;
  }
}

/** An answer that is EWS, but not readable to its end; what a proxy or a login page answers is another matter. */
const SPOILT: ReadonlySet<string> = new Set(['Xml_malformed', 'Xml_encoding', 'Xml_unexpectedElement']);

const BODY_BESIDE_ATTENDEES = 'ErrorInvalidRequest';

async function ask(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RawMessage[]> {
  try {
    const messages = await askFor(context, target, ids, 'full', signal);
    const isRefused = messages.length > 0 && messages.every(({ code }) => code === BODY_BESIDE_ATTENDEES);
    if (!isRefused) return messages;
  } catch (error) {
    if (!(error instanceof EwsError) || error.code !== BODY_BESIDE_ATTENDEES) throw error;
  }
  return await askSeparately(context, target, ids, signal);
}

/** Some servers refuse body and attendees in one request (facts §1.4): ask twice and put together. */
async function askSeparately(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly RawMessage[]> {
  const messages = await askFor(context, target, ids, 'withoutBody', signal);
  const bodies = await askFor(context, target, ids, 'bodyOnly', signal);
  const bodyOf = new Map(bodies.flatMap(({ items }) => items.map((item) => [item.itemId, item])));
  for (const item of messages.flatMap(({ items }) => items)) {
    const read = bodyOf.get(item.itemId);
    if (read === undefined) continue;
    item.body = read.body;
    item.bodyType = read.bodyType;
  }
  return messages;
}

async function askFor(
  context: OperationContext,
  target: Target,
  ids: readonly string[],
  what: 'full' | 'withoutBody' | 'bodyOnly',
  signal: AbortSignal,
): Promise<readonly RawMessage[]> {
  const request = getItems(await context.facade(), target.mailbox, ids, what);
  const { messages } = await context.transport.call(request, target, signal);
  if (messages.length > ids.length) {
    throw protocolError('GetItem', target.mailbox, `${messages.length} answers to ${ids.length} ids`);
  }
  const refusal = wholeRefusal(messages, target);
  if (refusal !== undefined) throw refusal;
  return messages;
}

/** One failure that concerns the mailbox and not an item (it moved, access was withdrawn, its store is down). */
function wholeRefusal(messages: readonly RawMessage[], target: Target): EwsError | undefined {
  const first = messages[0];
  if (first === undefined || first.responseClass !== 'Error') return undefined;
  if (!messages.every((message) => message.responseClass === 'Error' && message.code === first.code)) return undefined;
  const error = errorOfMessage(first, { operation: 'GetItem', mailbox: target.mailbox });
  const ofMailbox = ['mailboxMoved', 'mailboxNotFound', 'impersonationDenied', 'throttled'].includes(error.kind);
  return ofMailbox || first.code.startsWith('ErrorMailbox') ? error : undefined;
}
