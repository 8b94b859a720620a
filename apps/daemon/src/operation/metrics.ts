/**
 * What is measured, in OpenMetrics with the prefix `tcc_` (contract §6, goals §9). No mailbox is ever a label: that would
 * be unbounded and personal. `docs/reference/metrics.md` is generated from METRICS.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface MetricSpec {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
}

const SPECS = {
  mailboxes: {
    name: 'tcc_mailboxes',
    kind: 'gauge',
    help: 'Mailboxes held by this node, by state.',
    labels: ['state'],
  },
  changeLatency: {
    name: 'tcc_change_latency_seconds',
    kind: 'histogram',
    help: 'From the notification (or the reason to look) to the commit of the change.',
  },
  ewsRequests: {
    name: 'tcc_ews_requests_total',
    kind: 'counter',
    help: 'Requests to Exchange, by operation and result code.',
    labels: ['op', 'code'],
  },
  ewsSeconds: { name: 'tcc_ews_seconds', kind: 'histogram', help: 'Duration of requests to Exchange.', labels: ['op'] },
  ewsBackoff: { name: 'tcc_ews_backoff_seconds_total', kind: 'counter', help: 'Pauses that Exchange asked for.' },
  streams: {
    name: 'tcc_streams',
    kind: 'gauge',
    help: 'Mailboxes by state of their notification stream.',
    labels: ['state'],
  },
  drift: {
    name: 'tcc_reconcile_drift_total',
    kind: 'counter',
    help: 'Changes found by a sweep that no notification had announced while the stream was live.',
  },
  queueDepth: {
    name: 'tcc_queue_depth',
    kind: 'gauge',
    help: 'Mailboxes waiting to be looked at, by lane.',
    labels: ['lane'],
  },
  decisions: {
    name: 'tcc_decisions_total',
    kind: 'counter',
    help: 'Decisions carried out, by kind and outcome.',
    labels: ['kind', 'outcome'],
  },
  startDelay: {
    name: 'tcc_conference_start_delay_seconds',
    kind: 'histogram',
    help: 'From the due time of a conference to its start.',
  },
  trueconfRequests: {
    name: 'tcc_trueconf_requests_total',
    kind: 'counter',
    help: 'Requests to TrueConf Server, by operation and result code.',
    labels: ['op', 'code'],
  },
  wsClients: { name: 'tcc_ws_clients', kind: 'gauge', help: 'Open client sockets.' },
  wsPushes: { name: 'tcc_ws_pushes_total', kind: 'counter', help: 'Frames pushed to clients.' },
  wsDropped: {
    name: 'tcc_ws_dropped_total',
    kind: 'counter',
    help: 'Pushes replaced by a resync because a client did not read.',
  },
  wsRefused: {
    name: 'tcc_ws_refused_total',
    kind: 'counter',
    help: 'Requests of clients refused, by code.',
    labels: ['code'],
  },
  anomalies: { name: 'tcc_anomalies_total', kind: 'counter', help: 'Anomalies recorded, by kind.', labels: ['kind'] },
  mailboxErrors: {
    name: 'tcc_mailbox_errors_total',
    kind: 'counter',
    help: 'Looks that failed, by kind of failure.',
    labels: ['kind'],
  },
  deadJobs: {
    name: 'tcc_dead_jobs',
    kind: 'gauge',
    help: 'Work on meetings given up after its last attempt; listed by `tc_calendar job list`.',
  },
  dbErrors: { name: 'tcc_db_errors_total', kind: 'counter', help: 'Database operations that failed.' },
  tlsExpiry: {
    name: 'tcc_tls_cert_expiry_timestamp',
    kind: 'gauge',
    help: 'Unix time at which the certificate of a server (host:port) expires; looked at once an hour.',
    labels: ['server'],
  },
  licenceSlots: {
    name: 'tcc_license_slots',
    kind: 'gauge',
    help: 'Accounts of the licence, used and allowed.',
    labels: ['kind'],
  },
  licenceExpiry: {
    name: 'tcc_license_expiry_timestamp',
    kind: 'gauge',
    help: 'Unix time at which the licence (or its lease) ends.',
  },
  nodes: { name: 'tcc_nodes', kind: 'gauge', help: 'Daemons on this database.' },
  fenced: {
    name: 'tcc_fenced_commits_total',
    kind: 'counter',
    help: 'Commits refused because another daemon holds the mailbox by now, as after a pause of this process.',
  },
  loopLag: {
    name: 'tcc_event_loop_lag_seconds',
    kind: 'gauge',
    help: 'Longest stall of the event loop in the last period.',
  },
  reloads: {
    name: 'tcc_config_reloads_total',
    kind: 'counter',
    help: 'Reloads of the configuration, by outcome.',
    labels: ['outcome'],
  },
  buildInfo: {
    name: 'tcc_build_info',
    kind: 'gauge',
    help: 'Always 1; version and commit as labels.',
    labels: ['version', 'commit'],
  },
} as const satisfies Record<string, MetricSpec>;

/** Every metric, for the generated reference. */
export const METRICS: readonly MetricSpec[] = Object.values(SPECS);

type Kind = { counter: Counter; gauge: Gauge; histogram: Histogram };
export type Metrics = { readonly [Name in keyof typeof SPECS]: Kind[(typeof SPECS)[Name]['kind']] } & {
  readonly registry: Registry;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const made = Object.entries(SPECS).map(([key, spec]: [string, MetricSpec]) => {
    const base = { name: spec.name, help: spec.help, labelNames: [...(spec.labels ?? [])], registers: [registry] };
    if (spec.kind === 'counter') return [key, new Counter(base)];
    if (spec.kind === 'gauge') return [key, new Gauge(base)];
    return [key, new Histogram({ ...base, buckets: SECONDS })];
  });
  return { ...Object.fromEntries(made), registry } as Metrics;
}
