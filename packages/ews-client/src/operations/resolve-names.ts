/**
 * ResolveNames: people of the directory by name, address or X.500 name.
 */
import type { Person } from '@calendar-connector/calendar-model';
import { childOf, childrenOf, type TreeNode, textOf } from '../decoder/tree.ts';
import { EwsError } from '../errors/ews-error.ts';
import type { Target } from '../transport/ews-transport.ts';
import { resolveNames } from '../wire/read-requests.ts';
import { callOne, type OperationContext } from './context.ts';

/** Everybody the directory knows under this text; nobody is an empty list. */
export async function findPeople(
  context: OperationContext,
  target: Target,
  text: string,
  signal: AbortSignal,
): Promise<readonly Person[]> {
  try {
    const request = resolveNames(await context.facade(), target.mailbox, text);
    const message = await callOne(context, request, target, signal);
    const set = message.trees.find((tree) => tree.name === 'ResolutionSet');
    return childrenOf(set, 'Resolution').flatMap((resolution) => personOf(childOf(resolution, 'Mailbox')));
  } catch (error) {
    if (error instanceof EwsError && error.code === 'ErrorNameResolutionNoResults') return [];
    throw error;
  }
}

function personOf(mailbox: TreeNode | undefined): readonly Person[] {
  const address = textOf(mailbox, 'EmailAddress') ?? '';
  const routing = textOf(mailbox, 'RoutingType') ?? 'SMTP';
  if (routing !== 'SMTP' || !address.includes('@')) return [];
  return [{ name: textOf(mailbox, 'Name') ?? address, address: address.toLowerCase() }];
}

/** SMTP address of an X.500 name; undefined when the directory does not know it or cannot be asked now. */
export async function resolveAddress(
  context: OperationContext,
  target: Target,
  legacyName: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const people = await findPeople(context, target, legacyName, signal);
    return people[0]?.address;
  } catch (error) {
    if (error instanceof EwsError && error.kind !== 'aborted') return undefined;
    throw error;
  }
}
