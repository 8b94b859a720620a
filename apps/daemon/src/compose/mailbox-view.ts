/** A mailbox as administrators are shown it: in lists, and explained with what is behind its state (features E2, E4). */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { ConnectorConfig } from '@calendar-connector/config';
import type { PostgresStore } from '@calendar-connector/storage-kysely';
import { MAILBOX_ADVICE, type MailboxRecord, type MailboxState, mailboxLight } from '@calendar-connector/sync-core';
import type { Clock } from '../engine/clock.ts';
import type { MailboxHistory } from '../operation/mailbox-history.ts';

/** Lines of the timeline that are shown. */
const MAX_LINES = 20;

/** Never its cursor or folder id. */
export function mailboxView(record: MailboxRecord) {
  const { address, provider, priority, licensed, paused, liveItems, revision, resolved, status } = record;
  return {
    address,
    provider,
    priority,
    licensed,
    paused,
    state: stateOf(record),
    since: time(status?.since),
    lastLookAt: time(status?.lastLookAt),
    lastEventAt: time(status?.lastEventAt),
    nextAttemptAt: time(status?.nextAttemptAt),
    error: status?.error,
    items: liveItems,
    revision,
    calendar: resolved?.calendarTitle,
    endpoint: resolved?.endpoint,
  };
}

export interface MailboxWiring {
  readonly config: () => ConnectorConfig;
  readonly clock: Clock;
  readonly database: { readonly store: PostgresStore };
  readonly history: MailboxHistory;
}

/** Why the mailbox is in its state, since when, who holds it, what is to be done, and what became of it lately. */
export async function explainMailbox(wiring: MailboxWiring, address: MailboxAddress): Promise<unknown | undefined> {
  const { config, clock, history } = wiring;
  const { store } = wiring.database;
  const [record, node, anomalies, timeline] = await Promise.all([
    store.findMailbox(address),
    store.findMailboxNode(address),
    store.listAnomalies(true),
    store.listMailboxTimeline(address, MAX_LINES),
  ]);
  if (!record) return undefined;
  const now = clock.now();
  const state = stateOf(record);
  const since = record.status?.since;
  const past = history.read(address);
  return {
    ...mailboxView(record),
    light: mailboxLight({ state, since: since ?? now, stream: 'down', attempts: 0 }, now),
    ageSeconds: since === undefined ? undefined : Math.max(0, Math.round((now - since) / 1000)),
    advice: MAILBOX_ADVICE[state][config().language],
    stream: streamOf(state),
    node: node ?? null,
    lastErrors: past.failures.map((failure) => ({ ...failure, at: time(failure.at) })),
    lastStates: past.states.map((change) => ({ ...change, at: time(change.at) })),
    anomalies: anomalies
      .filter(({ mailbox }) => mailbox === address)
      .map(({ id, at, kind, facts }) => ({ id, at: time(at), kind, ...facts })),
    timeline: timeline.map((line) => ({ ...line, at: time(line.at) })),
  };
}

function stateOf({ paused, licensed, status }: MailboxRecord): MailboxState {
  if (paused) return 'suspended';
  return licensed ? ((status?.state as MailboxState | undefined) ?? 'starting') : 'outOfLicence';
}

/** Only a mailbox that is current says whether its notifications arrive. */
function streamOf(state: MailboxState): 'live' | 'down' | 'unknown' {
  if (state === 'live') return 'live';
  return state === 'livePolling' ? 'down' : 'unknown';
}

function time(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
