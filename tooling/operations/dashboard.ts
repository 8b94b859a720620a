/** The Grafana dashboard: one screen that answers, from the top, is it well, is it fast, what is ill, who is the cause. */
interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries';
  readonly unit: string;
  readonly width: number;
  /** expression → legend */
  readonly queries: Readonly<Record<string, string>>;
}

const quantile = (metric: string, part: number): string =>
  `histogram_quantile(${part}, sum by (le) (rate(${metric}_bucket[5m])))`;

export const PANELS: readonly Panel[] = [
  {
    title: 'Live mailboxes',
    kind: 'stat',
    unit: 'short',
    width: 4,
    queries: { 'sum(tcc_mailboxes{state=~"live|livePolling"})': 'live' },
  },
  {
    title: 'Not current',
    kind: 'stat',
    unit: 'short',
    width: 4,
    queries: { 'sum(tcc_mailboxes{state!~"live|livePolling|suspended|outOfLicence"})': 'not current' },
  },
  {
    title: 'Delay p99',
    kind: 'stat',
    unit: 's',
    width: 4,
    queries: { [quantile('tcc_change_latency_seconds', 0.99)]: 'p99' },
  },
  { title: 'Clients', kind: 'stat', unit: 'short', width: 4, queries: { 'sum(tcc_ws_clients)': 'clients' } },
  {
    title: 'Licence ends in',
    kind: 'stat',
    unit: 's',
    width: 4,
    queries: { 'min(tcc_license_expiry_timestamp) - time()': 'left' },
  },
  {
    title: 'Nodes and versions',
    kind: 'stat',
    unit: 'short',
    width: 4,
    queries: { 'count by (version) (tcc_build_info)': '{{version}}', 'max(tcc_nodes)': 'nodes' },
  },
  {
    title: 'Delay from change to commit',
    kind: 'timeseries',
    unit: 's',
    width: 12,
    queries: {
      [quantile('tcc_change_latency_seconds', 0.5)]: 'p50',
      [quantile('tcc_change_latency_seconds', 0.99)]: 'p99',
    },
  },
  {
    title: 'Mailboxes by state',
    kind: 'timeseries',
    unit: 'short',
    width: 12,
    queries: { 'sum by (state) (tcc_mailboxes)': '{{state}}' },
  },
  {
    title: 'Streams',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: { 'sum by (state) (tcc_streams)': '{{state}}' },
  },
  {
    title: 'Waiting by lane',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: { 'sum by (lane) (tcc_queue_depth)': '{{lane}}', 'max(tcc_dead_jobs)': 'dead jobs' },
  },
  {
    title: 'Missed notifications',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: { 'sum(increase(tcc_reconcile_drift_total[1h]))': 'per hour' },
  },
  {
    title: 'Exchange: requests',
    kind: 'timeseries',
    unit: 'reqps',
    width: 8,
    queries: { 'sum by (op, code) (rate(tcc_ews_requests_total[5m]))': '{{op}} {{code}}' },
  },
  {
    title: 'Exchange: duration',
    kind: 'timeseries',
    unit: 's',
    width: 8,
    queries: { [quantile('tcc_ews_seconds', 0.5)]: 'p50', [quantile('tcc_ews_seconds', 0.99)]: 'p99' },
  },
  {
    title: 'Exchange: pauses it asked for',
    kind: 'timeseries',
    unit: 's',
    width: 8,
    queries: { 'sum(increase(tcc_ews_backoff_seconds_total[5m]))': 'in 5 min' },
  },
  {
    title: 'TrueConf Server: requests',
    kind: 'timeseries',
    unit: 'reqps',
    width: 8,
    queries: { 'sum by (op, code) (rate(tcc_trueconf_requests_total[5m]))': '{{op}} {{code}}' },
  },
  {
    title: 'Decisions',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: { 'sum by (kind, outcome) (increase(tcc_decisions_total[5m]))': '{{kind}} {{outcome}}' },
  },
  {
    title: 'Conference starts: delay',
    kind: 'timeseries',
    unit: 's',
    width: 8,
    queries: { [quantile('tcc_conference_start_delay_seconds', 0.99)]: 'p99' },
  },
  {
    title: 'Client channel',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: {
      'sum(rate(tcc_ws_pushes_total[5m]))': 'pushes/s',
      'sum(increase(tcc_ws_dropped_total[5m]))': 'resyncs',
      'sum by (code) (increase(tcc_ws_refused_total[5m]))': 'refused {{code}}',
    },
  },
  {
    title: 'Failures',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: {
      'sum by (kind) (increase(tcc_mailbox_errors_total[5m]))': '{{kind}}',
      'sum(increase(tcc_db_errors_total[5m]))': 'database',
      'sum(increase(tcc_fenced_commits_total[5m]))': 'fenced commits',
      'sum by (kind) (increase(tcc_anomalies_total[1h]))': 'anomaly {{kind}}',
    },
  },
  {
    title: 'Process',
    kind: 'timeseries',
    unit: 's',
    width: 8,
    queries: { 'max by (instance) (tcc_event_loop_lag_seconds)': 'loop stall {{instance}}' },
  },
  {
    title: 'Certificates expire in',
    kind: 'timeseries',
    unit: 's',
    width: 8,
    queries: { 'min by (server) (tcc_tls_cert_expiry_timestamp) - time()': '{{server}}' },
  },
  {
    title: 'Accounts',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: { 'max by (kind) (tcc_license_slots)': '{{kind}}' },
  },
  {
    title: 'Reloads of the configuration',
    kind: 'timeseries',
    unit: 'short',
    width: 8,
    queries: { 'sum by (outcome) (increase(tcc_config_reloads_total[1h]))': '{{outcome}}' },
  },
];

const COLUMNS = 24;

/** dashboard.json, for import into Grafana 10 or newer. */
export function dashboardFile(): string {
  const source = { type: 'prometheus', uid: '$source' };
  let x = 0;
  let y = 0;
  let height = 0;
  const panels = PANELS.map((panel, index) => {
    if (x + panel.width > COLUMNS) {
      x = 0;
      y += height;
      height = 0;
    }
    const tall = panel.kind === 'stat' ? 4 : 8;
    const gridPos = { x, y, w: panel.width, h: tall };
    x += panel.width;
    height = Math.max(height, tall);
    const targets = Object.entries(panel.queries).map(([expr, legendFormat], at) => ({
      refId: String.fromCharCode(65 + at),
      expr,
      legendFormat,
      datasource: source,
    }));
    return {
      id: index + 1,
      type: panel.kind,
      title: panel.title,
      gridPos,
      datasource: source,
      fieldConfig: { defaults: { unit: panel.unit }, overrides: [] },
      targets,
    };
  });
  const dashboard = {
    uid: 'trueconf-calendar',
    title: 'TrueConf Calendar Connector',
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus' }] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
