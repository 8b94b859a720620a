/**
 * GetDelegate: who may act on the owner's calendar.
 */
import { type MailboxAddress, mailboxAddress } from '@calendar-connector/calendar-model';
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import { childOf, type TreeNode, textOf } from '../decoder/tree.ts';
import { EwsError } from '../errors/ews-error.ts';
import { getDelegates } from '../wire/read-requests.ts';
import { type OperationContext, targetOf } from './context.ts';

export async function fetchDelegates(
  context: OperationContext,
  mailbox: ResolvedMailbox,
  signal: AbortSignal,
): Promise<readonly MailboxAddress[]> {
  const request = getDelegates(await context.facade(), mailbox.address);
  try {
    const state = await context.transport.call(request, targetOf(context, mailbox), signal);
    const users = state.messages.flatMap((message) => message.trees.filter((tree) => tree.name === 'DelegateUser'));
    return users.flatMap(delegateOf);
  } catch (error) {
    if (error instanceof EwsError && error.code === 'ErrorNoDelegates') return [];
    if (error instanceof EwsError && error.code === 'ErrorInvalidOperation') return notOffered(context, mailbox, error);
    throw error;
  }
}

/** Exchange always offers GetDelegate; what speaks EWS beside it may not. */
function notOffered(context: OperationContext, mailbox: ResolvedMailbox, error: EwsError): readonly MailboxAddress[] {
  context.options.observer.warning?.({ code: error.code, message: error.message, mailbox: mailbox.address });
  return [];
}

/** Delegates whose calendar permission lets them do something. */
function delegateOf(user: TreeNode): readonly MailboxAddress[] {
  const address = textOf(user, 'UserId', 'PrimarySmtpAddress') ?? '';
  const level = textOf(childOf(user, 'DelegatePermissions'), 'CalendarFolderPermissionLevel');
  return address === '' || level === 'None' ? [] : [mailboxAddress(address)];
}
