/**
 * A request ready to be sent, and the published list of operations: the client sends these and nothing else.
 */

/** Every operation this client can send. The transport refuses anything not in this list. */
export const OPERATIONS = [
  'GetFolder',
  'SyncFolderItems',
  'GetItem',
  'FindItem',
  'CreateItem',
  'UpdateItem',
  'DeleteItem',
  'Subscribe',
  'Unsubscribe',
  'GetStreamingEvents',
  'ResolveNames',
  'GetServerTimeZones',
  'GetUserAvailability',
  'GetDelegate',
  'GetUserSettings',
] as const;

/** One of the operations this client can send. */
export type Operation = (typeof OPERATIONS)[number];

/** A request ready to be sent. */
export interface WireRequest {
  readonly operation: Operation;
  /** the whole SOAP envelope */
  readonly body: string;
  /** may be repeated without harm when no answer arrived */
  readonly idempotent: boolean;
}

const IDEMPOTENT: ReadonlySet<Operation> = new Set<Operation>([
  'GetFolder',
  'SyncFolderItems',
  'GetItem',
  'FindItem',
  'Unsubscribe',
  'ResolveNames',
  'GetServerTimeZones',
  'GetUserAvailability',
  'GetDelegate',
  'GetUserSettings',
]);

export function wireRequest(operation: Operation, body: string): WireRequest {
  return { operation, body, idempotent: IDEMPOTENT.has(operation) };
}
