/**
 * ResolveNames: people of the directory by name, address or X.500 name.
 */
import type { Person } from '@calendar-connector/calendar-model';
import type { RawItem } from '../decoder/raw-item.ts';
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

/**
 * Learns the addresses of everybody in these items whom only an X.500 name is given of. What cannot be asked now is left
 * for the next time; what the directory refuses for good counts as unknown to it.
 */
export async function learnAddresses(
  context: OperationContext,
  target: Target,
  items: readonly RawItem[],
  signal: AbortSignal,
): Promise<void> {
  const addressOf = async (legacyName: string) => (await findPeople(context, target, legacyName, signal))[0]?.address;
  for (const legacyName of context.addresses.unknownIn(items)) {
    try {
      context.addresses.keep(legacyName, await addressOf(legacyName));
    } catch (error) {
      if (!(error instanceof EwsError) || error.kind === 'aborted') throw error;
      if (error.retriable) return;
      context.addresses.keep(legacyName, undefined);
    }
  }
}
