/** Which mailboxes get the accounts of the licence, and which Exchange servers may be used: pure, deterministic, stable. */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { Entitlements } from './entitlements.ts';

export interface SlotRequest {
  /** all mailboxes of the configuration, in its order */
  readonly mailboxes: readonly MailboxAddress[];
  /** priorityUsers */
  readonly priority: readonly MailboxAddress[];
  /** who has an account now */
  readonly held: readonly MailboxAddress[];
}

export interface SlotAssignment {
  readonly granted: readonly MailboxAddress[];
  /** over the licence's number, in the order in which they will get a free place */
  readonly waiting: readonly MailboxAddress[];
}

/**
 * Priority users come first where the edition says so (Enterprise); then who has an account keeps it, so that
 * reordering the configuration moves nobody; then the order of the configuration.
 */
export function assignSlots(
  granted: Pick<Entitlements, 'accounts' | 'priorityFirst'>,
  request: SlotRequest,
): SlotAssignment {
  const wanted = new Set(request.mailboxes);
  const first = granted.priorityFirst ? request.priority : [];
  const order = [...new Set([...first, ...request.held, ...request.mailboxes])].filter((mailbox) =>
    wanted.has(mailbox),
  );
  return { granted: order.slice(0, granted.accounts), waiting: order.slice(granted.accounts) };
}

export interface ProviderAssignment<P> {
  readonly allowed: readonly P[];
  /** only Enterprise works with several Exchange servers */
  readonly refused: readonly P[];
}

/** The providers that may be used: all of them, or only the first of the configuration. */
export function assignProviders<P>(
  granted: Pick<Entitlements, 'severalExchangeServers'>,
  providers: readonly P[],
): ProviderAssignment<P> {
  if (granted.severalExchangeServers) return { allowed: providers, refused: [] };
  return { allowed: providers.slice(0, 1), refused: providers.slice(1) };
}
