/** What the HTTP side asks the running daemon: status, mailboxes, traces, decisions. Reads go to the database, in bulk. */
import { type MeetingKey, mailboxAddress } from '@calendar-connector/calendar-model';
import type { ConnectorConfig } from '@calendar-connector/config';
import { licenceMessage } from '@calendar-connector/licensing';
import type { WorkQueue } from '@calendar-connector/storage-kysely';
import { assess, lookupsFor, planMeeting } from '@calendar-connector/sync-core';
import type { Clock } from '../engine/clock.ts';
import type { MailboxSupervisor } from '../engine/mailboxes/mailbox-supervisor.ts';
import type { AdminApi } from '../http/http-server.ts';
import type { MailboxHistory } from '../operation/mailbox-history.ts';
import type { Metrics } from '../operation/metrics.ts';
import type { Pulse } from '../operation/pulse.ts';
import { VERSION } from '../version.ts';
import type { OpenDatabase } from './database.ts';
import type { LicenceKeeper } from './licence-keeper.ts';
import { explainMailbox, mailboxView } from './mailbox-view.ts';
import { planSettingsOf } from './settings.ts';
import type { Targets } from './targets.ts';

const MAX_TIMELINE = 500;
/** No answer of the database for this long: not alive in any useful sense, but a restart would not help either. */
const HEALTH_PATIENCE_MS = 5_000;

export interface AdminDeskOptions {
  readonly config: () => ConnectorConfig;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly targets: Targets;
  readonly database: OpenDatabase;
  readonly supervisor: MailboxSupervisor;
  readonly queue: WorkQueue;
  readonly licence: LicenceKeeper;
  readonly pulse: Pulse;
  readonly history: MailboxHistory;
  readonly channel: () => number;
  readonly startedAt: number;
  readonly node: string;
}

export function adminDesk(options: AdminDeskOptions): AdminApi {
  const { clock, config, database, supervisor, queue, metrics, pulse } = options;
  const { store } = database;
  let health: { at: number; ok: boolean; detail: string } = { at: 0, ok: true, detail: 'not asked yet' };
  const check = async (): Promise<typeof health> => {
    const { ok, error, latencyMs } = await store.health();
    health = {
      at: clock.now(),
      ok,
      detail: ok ? `database ${Math.round(latencyMs)} ms` : (error?.message ?? 'database'),
    };
    return health;
  };
  void check();
  return {
    alive: () => ({ ok: true, detail: pulse.statusLine() }),
    ready: () => {
      if (clock.now() - health.at > HEALTH_PATIENCE_MS) void check();
      return { ok: health.ok, detail: `${pulse.statusLine()}; ${health.detail}` };
    },
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    status: async () => status(options, await check()),
    mailboxes: async () => (await store.listMailboxes()).map(mailboxView),
    mailbox: async (address) => {
      const record = await store.findMailbox(mailboxAddress(address));
      return record && mailboxView(record);
    },
    act: async (address, action) => {
      const mailbox = mailboxAddress(address);
      if (!(await store.findMailbox(mailbox))) return false;
      if (action === 'resync') await supervisor.resync(mailbox);
      else await supervisor.setPaused(mailbox, action === 'pause');
      await store.appendTimeline([{ at: clock.now(), mailbox, stage: 'admin', what: action }]);
      return true;
    },
    trace: (uid) => store.listTimeline(uid, MAX_TIMELINE),
    explainMailbox: (address) => explainMailbox(options, mailboxAddress(address)),
    explain: async (uid) => explain(options, uid as MeetingKey, config()),
    anomalies: () => store.listAnomalies(true),
    decideAnomaly: async (id, decision) => {
      const outcome = await store.decideAnomaly(id, decision);
      await store.appendTimeline([{ at: clock.now(), stage: 'admin', what: `anomaly ${decision}`, outcome }]);
      return outcome;
    },
    deadJobs: () => queue.deadLetters(),
    retryJob: async (id) => (await queue.retry(id)) === 'done',
  };
}

async function status(
  options: AdminDeskOptions,
  health: { readonly ok: boolean; readonly detail: string },
): Promise<unknown> {
  const { clock, config, supervisor, licence, pulse, database, queue, targets } = options;
  const census = supervisor.census();
  const { entitlements } = licence.check;
  const [anomalies, jobs] = await Promise.all([database.store.listAnomalies(true), queue.counts()]);
  return {
    product: 'TrueConf Calendar Connector',
    version: VERSION.version,
    commit: VERSION.commit,
    node: options.node,
    startedAt: new Date(options.startedAt).toISOString(),
    uptimeMs: clock.now() - options.startedAt,
    statusLine: pulse.statusLine(),
    mailboxes: {
      held: supervisor.heldCount,
      states: Object.fromEntries(census.states),
      streams: { live: census.live, down: census.down },
    },
    queue: { lanes: supervisor.queueDepths(), deadJobs: jobs.dead, jobs },
    clients: options.channel(),
    database: { kind: database.kind, ok: health.ok, detail: health.detail },
    providers: config().calendarProviders.map(({ name, host, port, users }) => ({
      name,
      host,
      port,
      mailboxes: users.length,
    })),
    trueConfServers: targets.all.map(({ id }) => ({ id })),
    licence: {
      edition: entitlements.edition,
      state: entitlements.state,
      accounts:
        Number.isSafeInteger(entitlements.accounts) && entitlements.accounts < Number.MAX_SAFE_INTEGER
          ? entitlements.accounts
          : null,
      ...(entitlements.until === undefined ? {} : { until: new Date(entitlements.until).toISOString() }),
      ...(entitlements.fault ? { message: licenceMessage(entitlements.fault, config().language) } : {}),
    },
    anomalies: anomalies.length,
  };
}

/** The plan of a meeting as it would be made now, without asking or writing anything outside. */
async function explain(
  options: AdminDeskOptions,
  key: MeetingKey,
  config: ConnectorConfig,
): Promise<unknown | undefined> {
  const { store } = options.database;
  const meeting = await store.loadMeeting(key);
  if (meeting.copies.length === 0 && !meeting.baseline) return undefined;
  const now = options.clock.now();
  const settings = planSettingsOf(config);
  const { exchange, why, against } = assess(meeting, settings, now);
  const wanted = lookupsFor(meeting, settings, now);
  const ref = wanted.conference;
  const target = ref && options.targets.find(ref.serverId);
  const signal = AbortSignal.timeout(HEALTH_PATIENCE_MS);
  const conference = ref
    ? await (target?.findConference(ref.conferenceId, signal) ?? Promise.reject(new Error('unknown server'))).then(
        (found) => found ?? ('absent' as const),
        () => 'unreachable' as const,
      )
    : ('notWanted' as const);
  const users = new Map<string, null>();
  const plan = planMeeting({ meeting, lookups: { conference, users }, settings, now });
  return {
    exchange,
    why,
    against,
    conference: typeof conference === 'string' ? conference : { id: conference.id, state: conference.state },
    decisions: plan.decisions.map(({ kind, rule, why: reason }) => ({ kind, rule, why: reason })),
    fired: plan.fired,
    blocked: plan.blocked,
    starts: meeting.baseline?.starts ?? [],
  };
}
