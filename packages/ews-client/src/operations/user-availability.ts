/**
 * GetUserAvailability: when people are free or busy, at most 100 per request (facts goals §4).
 */
import type { FreeBusyStatus, Instant, Interval, MailboxAddress } from '@calendar-connector/calendar-model';
import { childOf, childrenOf, type TreeNode, textOf } from '../decoder/tree.ts';
import { parseInstant } from '../decoder/values.ts';
import { isoInstant } from '../translate/dates.ts';
import { freeBusyOf } from '../translate/item.ts';
import type { Target } from '../transport/ews-transport.ts';
import { getUserAvailability as request } from '../wire/read-requests.ts';
import { type OperationContext, protocolError } from './context.ts';

export interface BusyTime {
  readonly start: Instant;
  readonly end: Instant;
  readonly status: FreeBusyStatus;
}

export interface Availability {
  readonly address: MailboxAddress;
  readonly busy: readonly BusyTime[];
  /** why nothing is known about this address */
  readonly failure?: { readonly code: string; readonly message: string };
}

const MAX_ADDRESSES = 100;

export async function getUserAvailability(
  context: OperationContext,
  target: Target,
  addresses: readonly MailboxAddress[],
  window: Interval,
  signal: AbortSignal,
): Promise<readonly Availability[]> {
  const found: Availability[] = [];
  const facade = await context.facade();
  for (let at = 0; at < addresses.length; at += MAX_ADDRESSES) {
    const part = addresses.slice(at, at + MAX_ADDRESSES);
    const wire = request(facade, target.mailbox, part, isoInstant(window.from), isoInstant(window.to));
    const state = await context.transport.call(wire, target, signal);
    const responses = childrenOf(
      state.trees.find((tree) => tree.name === 'FreeBusyResponseArray'),
      'FreeBusyResponse',
    );
    if (responses.length !== part.length) {
      throw protocolError(
        'GetUserAvailability',
        target.mailbox,
        `${responses.length} answers for ${part.length} people`,
      );
    }
    for (const [i, address] of part.entries()) found.push(availabilityOf(address, responses[i]));
  }
  return found;
}

function availabilityOf(address: MailboxAddress, node: TreeNode | undefined): Availability {
  const message = childOf(node, 'ResponseMessage');
  if (message?.attributes['ResponseClass'] === 'Error') {
    const failure = { code: textOf(message, 'ResponseCode') ?? '', message: textOf(message, 'MessageText') ?? '' };
    return { address, busy: [], failure };
  }
  const events = childrenOf(childOf(node, 'FreeBusyView', 'CalendarEventArray'), 'CalendarEvent');
  return { address, busy: events.flatMap(busyOf) };
}

function busyOf(event: TreeNode): readonly BusyTime[] {
  const start = instantOf(textOf(event, 'StartTime'));
  const end = instantOf(textOf(event, 'EndTime'));
  if (Number.isNaN(start) || Number.isNaN(end)) return [];
  return [{ start, end, status: freeBusyOf(textOf(event, 'BusyType') ?? '') }];
}

function instantOf(text: string | undefined): number {
  const bytes = Buffer.from(text ?? '', 'utf8');
  return parseInstant(bytes, 0, bytes.length);
}
