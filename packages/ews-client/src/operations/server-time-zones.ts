/**
 * GetServerTimeZones: the zones the server knows, by id and name. Its rules are not used (facts §1.10: they age).
 */
import type { Target } from '../transport/ews-transport.ts';
import { getServerTimeZones as request } from '../wire/read-requests.ts';
import { callOne, type OperationContext } from './context.ts';

/** A time zone as the server names it: its Windows id, and a name for people in the server's language. */
export interface ServerTimeZone {
  readonly id: string;
  readonly name: string;
}

export async function getServerTimeZones(
  context: OperationContext,
  target: Target,
  signal: AbortSignal,
  ids: readonly string[] = [],
): Promise<readonly ServerTimeZone[]> {
  const message = await callOne(context, request(await context.facade(), target.mailbox, ids), target, signal);
  const list = message.trees.find((tree) => tree.name === 'TimeZoneDefinitions');
  return (list?.children ?? [])
    .filter((node) => node.name === 'TimeZoneDefinition')
    .map(({ attributes }) => ({ id: attributes['Id'] ?? '', name: attributes['Name'] ?? '' }));
}
