/**
 * What every operation gets: how to send, how to build, how to translate.
 */
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import type { RawMessage, ResponseState } from '../decoder/response-grammar.ts';
import { errorOfMessage } from '../errors/classify.ts';
import { EwsError } from '../errors/ews-error.ts';
import type { ResolvedOptions } from '../options.ts';
import type { TranslateOptions } from '../translate/item.ts';
import type { EwsTransport, Target } from '../transport/ews-transport.ts';
import type { Facade } from '../wire/facade.ts';
import type { WireRequest } from '../wire/request.ts';
import type { AddressBook } from './address-book.ts';

export interface OperationContext {
  readonly options: ResolvedOptions;
  readonly transport: EwsTransport;
  readonly facade: () => Promise<Facade>;
  readonly addresses: AddressBook;
}

/** Where a resolved mailbox's calls go. */
export function targetOf(context: OperationContext, mailbox: ResolvedMailbox): Target {
  const cookies = context.transport.jar(`${mailbox.endpoint} ${mailbox.affinityGroup}`);
  return { url: mailbox.endpoint, mailbox: mailbox.address, cookies };
}

/** How items are translated here. */
export function translateOptions(context: OperationContext): TranslateOptions {
  const { zones, timeZone } = context.options;
  return { zones, defaultZone: timeZone, addressOf: context.addresses.addressOf };
}

/** Sends a request that has one response message; throws unless that message is a success (or a warning). */
export async function callOne(
  context: OperationContext,
  request: WireRequest,
  target: Target,
  signal: AbortSignal,
): Promise<RawMessage> {
  const state = await context.transport.call(request, target, signal);
  return oneMessage(state, request, target);
}

export function oneMessage(state: ResponseState, request: WireRequest, target: Target): RawMessage {
  const message = state.messages[0];
  if (message === undefined || state.messages.length !== 1) {
    const what = `${state.messages.length} response messages where one belongs`;
    const error = protocolError(request.operation, target.mailbox, what);
    throw request.idempotent ? error : error.with({ maybeDone: true });
  }
  if (message.responseClass === 'Error') {
    throw errorOfMessage(message, { operation: request.operation, mailbox: target.mailbox });
  }
  return message;
}

export function protocolError(operation: string, mailbox: string, what: string): EwsError {
  return new EwsError({
    kind: 'protocol',
    code: 'UnexpectedAnswer',
    message: `${operation} for ${mailbox}: ${what}`,
    mailbox,
  });
}
