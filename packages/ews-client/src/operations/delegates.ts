/**
 * GetDelegate: who may see the owner's calendar or act on it, and how far (facts §1.6).
 */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import type { CalendarRight, Delegate, ResolvedMailbox } from '@calendar-connector/sync-core';
import { childOf, type TreeNode, textOf } from '../decoder/tree.ts';
import { EwsError } from '../errors/ews-error.ts';
import { getDelegates } from '../wire/read-requests.ts';
import { type OperationContext, targetOf } from './context.ts';

export async function fetchDelegates(
  context: OperationContext,
  mailbox: ResolvedMailbox,
  signal: AbortSignal,
): Promise<readonly Delegate[]> {
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
function notOffered(context: OperationContext, mailbox: ResolvedMailbox, error: EwsError): readonly Delegate[] {
  context.options.observer.warning?.({ code: error.code, message: error.message, mailbox: mailbox.address });
  return [];
}

/**
 * DelegateFolderPermissionLevel. An author may change what they made themselves, which no item tells: they are let make
 * only. `Custom` may be anything that lets its holder see the folder.
 */
const RIGHTS: Readonly<Record<string, CalendarRight>> = {
  Reviewer: 'read',
  Custom: 'read',
  Author: 'create',
  Editor: 'edit',
};

/** Nobody, if the level gives no right, or is none we know. */
function delegateOf(user: TreeNode): readonly Delegate[] {
  const address = textOf(user, 'UserId', 'PrimarySmtpAddress') ?? '';
  const level = textOf(childOf(user, 'DelegatePermissions'), 'CalendarFolderPermissionLevel') ?? 'None';
  const right = Object.hasOwn(RIGHTS, level) ? RIGHTS[level] : undefined;
  return address === '' || right === undefined ? [] : [{ address: mailboxAddress(address), right }];
}
