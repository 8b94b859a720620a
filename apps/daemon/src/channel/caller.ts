/** Who a socket belongs to, once its token was proven. */
import type { TrueConfServerId } from '@calendar-connector/calendar-model';

export interface Caller {
  readonly serverId: TrueConfServerId;
  readonly userId: string;
  readonly displayName: string;
  /** lower case; empty: the server knows none */
  readonly email: string;
}

/** Key under which a user's connections are counted. */
export function callerKey(caller: Caller): string {
  return `${caller.serverId}/${caller.userId}`;
}
