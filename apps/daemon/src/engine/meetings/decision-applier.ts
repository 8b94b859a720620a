/**
 * Carries out a plan's decisions through the ports, in order. Every port call is idempotent, so a plan that was cut off
 * in the middle is simply planned again. Expected answers become outcomes; a Failure stops the plan (architecture §3.3).
 */
import type { MailboxAddress, TrueConfServerId } from '@calendar-connector/calendar-model';
import type {
  Action,
  CalendarSource,
  ConferenceTarget,
  Decision,
  FailureFacts,
  Outcome,
  ResolvedMailbox,
} from '@calendar-connector/sync-core';
import { endsPlan, isFailure } from '@calendar-connector/sync-core';

/** How the applier reaches the outside. */
export interface Reach {
  target(id: TrueConfServerId): ConferenceTarget | undefined;
  /** The source that serves a mailbox, and where the mailbox is. */
  mailbox(
    address: MailboxAddress,
    signal: AbortSignal,
  ): Promise<{ readonly source: CalendarSource; readonly resolved: ResolvedMailbox } | undefined>;
  /** The mailbox has news that nobody announced: whoever looks after it on this node looks. Others find it by their sweep. */
  lookSoon(address: MailboxAddress): void;
}

/** The failure as the planner wants to know it. Anything unclassified is a fault of ours and must not be retried at once. */
export function failureFacts(error: unknown): FailureFacts & { readonly message: string } {
  if (isFailure(error)) {
    return {
      kind: error.kind,
      retriable: error.retriable,
      code: error.code,
      message: error.message,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  return {
    kind: 'protocol',
    retriable: false,
    code: 'unexpected',
    message: error instanceof Error ? error.message : String(error),
  };
}

const MISSING_SERVER: FailureFacts = { kind: 'notFound', retriable: false, code: 'serverNotConfigured' };
const MISSING_MAILBOX: FailureFacts = { kind: 'mailboxNotFound', retriable: true, code: 'mailboxNotHeld' };

/** Outcomes in the order of the decisions; after one that did not go through, the rest are `skipped`. */
export async function applyDecisions(
  decisions: readonly Decision[],
  reach: Reach,
  signal: AbortSignal,
  onApplied: (decision: Decision, outcome: Outcome) => void = () => {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let broken = false;
  for (const decision of decisions) {
    const outcome: Outcome =
      decision.kind === 'wait'
        ? { status: 'done' }
        : broken
          ? { status: 'skipped' }
          : await applyOne(decision, reach, signal);
    broken ||= endsPlan(decision, outcome);
    outcomes.push(outcome);
    onApplied(decision, outcome);
  }
  return outcomes;
}

async function applyOne(action: Action, reach: Reach, signal: AbortSignal): Promise<Outcome> {
  try {
    if (action.kind === 'writeJoinLink') return await writeJoinLink(action, reach, signal);
    const target = reach.target(action.serverId);
    if (!target) return { status: 'failed', failure: MISSING_SERVER };
    return await applyToConference(action, target, signal);
  } catch (error) {
    return { status: 'failed', failure: failureFacts(error) };
  }
}

async function applyToConference(
  action: Exclude<Action, { kind: 'writeJoinLink' }>,
  target: ConferenceTarget,
  signal: AbortSignal,
): Promise<Outcome> {
  const id = action.conferenceId;
  switch (action.kind) {
    case 'createConference': {
      const { outcome, conference } = await target.createConference(action.spec, signal);
      return { status: outcome, conference };
    }
    case 'updateConference':
      return { status: await target.updateConference(id, action.patch, signal) };
    case 'addParticipants':
      return { status: await target.addParticipants(id, action.participants, signal) };
    case 'removeParticipants':
      return { status: await target.removeParticipants(id, action.participants, signal) };
    case 'ringParticipants':
      await target.ring(id, action.participants, signal);
      return { status: 'done' };
    case 'notifyParticipants':
      await target.notify(id, signal);
      return { status: 'done' };
    case 'startConference':
      // A start is planned only for a conference just found stopped.
      return { status: await target.runConference(id, signal, true) };
    case 'stopConference':
      return { status: await target.stopConference(id, signal) };
    case 'removeConference':
      return { status: await target.removeConference(id, signal) };
  }
}

async function writeJoinLink(
  action: Extract<Action, { kind: 'writeJoinLink' }>,
  reach: Reach,
  signal: AbortSignal,
): Promise<Outcome> {
  const place = await reach.mailbox(action.mailbox, signal);
  if (!place) return { status: 'failed', failure: MISSING_MAILBOX };
  if (action.patch) {
    await place.source.updateEvent(
      place.resolved,
      action.address,
      { ...action.patch, marker: action.marker },
      action.mail,
      signal,
    );
  } else {
    await place.source.writeMarker(place.resolved, action.address, action.marker, signal);
  }
  return { status: 'done' };
}
