/**
 * The mailbox state machine: total over states and events, time and chance as arguments. SPEC.md §7.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import { backoffMs } from '../settle/backoff.ts';
import { FAILURE_RULES } from './failure-states.ts';
import type { MailboxEvent, MailboxEventType, MailboxMachine, MailboxState } from './states.ts';

/**
 * What an event does to a state. stay: nothing. current: live, or livePolling while no stream is open. byFailure: the
 * failure decides. fresh: start anew, nothing is held against the mailbox any more. unblocked: the wait is over, the
 * trouble is not: the next failure waits longer than the last.
 */
type Move =
  | 'stay'
  | 'fresh'
  | 'unblocked'
  | 'current'
  | 'byFailure'
  | 'resolving'
  | 'snapshotting'
  | 'suspended'
  | 'outOfLicence';

type Row = Readonly<Record<MailboxEventType, Move>>;

const WORKING: Row = {
  resolved: 'snapshotting',
  pageCommitted: 'snapshotting',
  lookSucceeded: 'current',
  lookFailed: 'byFailure',
  streamOpened: 'stay',
  streamLost: 'stay',
  serverReturned: 'stay',
  paused: 'suspended',
  resumed: 'stay',
  licenceLost: 'outOfLicence',
  licenceGained: 'stay',
  credentialsChanged: 'stay',
  resyncRequested: 'snapshotting',
};

/** Current: a stream that opens or closes changes what people see; a page in between is no new listing. */
const CURRENT: Row = {
  ...WORKING,
  resolved: 'stay',
  pageCommitted: 'stay',
  streamOpened: 'current',
  streamLost: 'current',
};

/** Waiting for the other side: success ends it, a new configuration may. */
const FAILING: Row = {
  ...WORKING,
  resolved: 'stay',
  pageCommitted: 'snapshotting',
  credentialsChanged: 'fresh',
  resumed: 'fresh',
};

/** Switched off: nothing that was under way counts; only the opposite event switches it on again. */
const OFF: Row = {
  resolved: 'stay',
  pageCommitted: 'stay',
  lookSucceeded: 'stay',
  lookFailed: 'stay',
  streamOpened: 'stay',
  streamLost: 'stay',
  serverReturned: 'stay',
  paused: 'stay',
  resumed: 'stay',
  licenceLost: 'stay',
  licenceGained: 'stay',
  credentialsChanged: 'stay',
  resyncRequested: 'stay',
};

/** Total by type: a state or event added above does not compile until its moves are written here. */
export const MAILBOX_MOVES: Readonly<Record<MailboxState, Row>> = {
  starting: WORKING,
  resolving: WORKING,
  snapshotting: WORKING,
  live: CURRENT,
  livePolling: CURRENT,
  throttled: FAILING,
  retrying: { ...FAILING, serverReturned: 'unblocked' },
  authFailed: FAILING,
  protectionRequired: FAILING,
  noImpersonation: FAILING,
  notFound: FAILING,
  moved: { ...FAILING, resolved: 'snapshotting' },
  outOfLicence: { ...OFF, licenceGained: 'fresh', paused: 'suspended' },
  suspended: { ...OFF, resumed: 'fresh', licenceLost: 'outOfLicence' },
};

/** The machine after an event. `chance` in [0, 1) spreads retries. */
export function mailboxStep(
  machine: MailboxMachine,
  event: MailboxEvent,
  now: Instant,
  chance: number,
): MailboxMachine {
  const streamed = withStream(machine, event);
  const move = MAILBOX_MOVES[machine.state][event.type];
  switch (move) {
    case 'stay':
      return streamed;
    case 'byFailure':
      return event.type === 'lookFailed' ? fail(streamed, event.failure, now, chance) : streamed;
    case 'current':
      return enter(healthy(streamed), streamed.stream === 'live' ? 'live' : 'livePolling', now);
    case 'fresh':
      return { ...healthy(streamed), state: 'starting', since: now };
    case 'unblocked':
      return unblocked(streamed);
    case 'resolving':
    case 'snapshotting':
      return enter(healthy(streamed), move, now);
    case 'suspended':
    case 'outOfLicence':
      return { ...enter(healthy(streamed), move, now), blockedUntil: Number.POSITIVE_INFINITY };
  }
}

function withStream(machine: MailboxMachine, { type }: MailboxEvent): MailboxMachine {
  if (type === 'streamOpened') return { ...machine, stream: 'live' };
  return type === 'streamLost' ? { ...machine, stream: 'down' } : machine;
}

function enter(machine: MailboxMachine, state: MailboxState, now: Instant): MailboxMachine {
  return machine.state === state ? machine : { ...machine, state, since: now };
}

function unblocked({ blockedUntil: _blocked, ...rest }: MailboxMachine): MailboxMachine {
  return rest;
}

function healthy(machine: MailboxMachine): MailboxMachine {
  const { blockedUntil: _blocked, error: _error, troubledSince: _troubled, ...rest } = machine;
  return { ...rest, attempts: 0 };
}

type Failure = Extract<MailboxEvent, { type: 'lookFailed' }>['failure'];

function fail(machine: MailboxMachine, failure: Failure, now: Instant, chance: number): MailboxMachine {
  if (failure.kind === 'aborted') return machine;
  const rule = FAILURE_RULES[failure.kind];
  const attempts = machine.attempts + 1;
  const delay =
    rule.wait === 'never'
      ? Number.POSITIVE_INFINITY
      : Math.max(failure.retryAfterMs ?? 0, backoffMs(attempts - 1, rule.wait, chance));
  return {
    ...enter(machine, rule.state, now),
    attempts,
    blockedUntil: now + delay,
    troubledSince: machine.troubledSince ?? now,
    error: { kind: failure.kind, code: failure.code ?? failure.kind, message: failure.message ?? '' },
  };
}
