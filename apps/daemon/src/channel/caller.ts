/** Who a socket belongs to, once its token was proven. */
import type { MailboxAddress, TrueConfServerId } from '@calendar-connector/calendar-model';

export interface Caller {
  readonly serverId: TrueConfServerId;
  readonly userId: string;
  readonly displayName: string;
  readonly email: string;
  /** absent: the user's mailbox is not synced */
  readonly mailbox?: MailboxAddress;
}

/** Key under which a user's connections are counted. */
export function callerKey(caller: Caller): string {
  return `${caller.serverId}/${caller.userId}`;
}
