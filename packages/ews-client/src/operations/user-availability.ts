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

/** A time somebody is not simply free; instants in epoch milliseconds. */
export interface BusyTime {
  readonly start: Instant;
  readonly end: Instant;
  readonly status: FreeBusyStatus;
}

/** What the server says about one person's time; in no particular order. */
export interface Availability {
  readonly address: MailboxAddress;
  readonly busy: readonly BusyTime[];
  /** why nothing is known about this address */
  readonly failure?: { readonly code: string; readonly message: string };
}

const MAX_ADDRESSES = 100;
/** longest window Exchange answers (EWSMaxFreeBusyWindow of its configuration) */
const MAX_WINDOW_MS = 62 * 86_400_000;

export async function getUserAvailability(
  context: OperationContext,
  target: Target,
  addresses: readonly MailboxAddress[],
  window: Interval,
  signal: AbortSignal,
): Promise<readonly Availability[]> {
  const found: Availability[] = [];
  for (let at = 0; at < addresses.length; at += MAX_ADDRESSES) {
    const people = addresses.slice(at, at + MAX_ADDRESSES);
    const parts: (readonly Availability[])[] = [];
    for (let from = window.from; from < window.to; from += MAX_WINDOW_MS) {
      const part = { from, to: Math.min(window.to, from + MAX_WINDOW_MS) };
      parts.push(await askOnce(context, target, people, part, signal));
    }
    found.push(
      ...people.map((address, n) =>
        joined(
          address,
          parts.map((part) => part[n]),
        ),
      ),
    );
  }
  return found;
}

async function askOnce(
  context: OperationContext,
  target: Target,
  people: readonly MailboxAddress[],
  window: Interval,
  signal: AbortSignal,
): Promise<readonly Availability[]> {
  const facade = await context.facade();
  const wire = request(facade, target.mailbox, people, isoInstant(window.from), isoInstant(window.to));
  const state = await context.transport.call(wire, target, signal);
  const list = state.trees.find((tree) => tree.name === 'FreeBusyResponseArray');
  const responses = childrenOf(list, 'FreeBusyResponse');
  if (responses.length !== people.length) {
    const what = `${responses.length} answers for ${people.length} people`;
    throw protocolError('GetUserAvailability', target.mailbox, what);
  }
  return people.map((address, n) => availabilityOf(address, responses[n]));
}

/** What the portions of a window say about one person; a time that lies across a border is in both, and one time. */
function joined(address: MailboxAddress, parts: readonly (Availability | undefined)[]): Availability {
  const failure = parts.find((part) => part?.failure !== undefined)?.failure;
  if (failure !== undefined) return { address, busy: [], failure };
  const busy = new Map<string, BusyTime>();
  for (const time of parts.flatMap((part) => part?.busy ?? []))
    busy.set(`${time.start} ${time.end} ${time.status}`, time);
  return { address, busy: [...busy.values()] };
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
