/**
 * The alert rules as data: what Prometheus loads (docs/reference/alerts.yml) and the series that make each fire are
 * both written from this table, so a rule cannot exist without the proof that it fires.
 */
export interface AlertRule {
  readonly name: string;
  readonly expression: string;
  readonly forMinutes: number;
  readonly severity: 'critical' | 'warning';
  readonly summary: { readonly en: string; readonly ru: string };
  /** page of docs/runbooks/{en,ru} */
  readonly runbook: string;
  /** series, in promtool's notation at one value a minute, that make it fire after `after` minutes */
  readonly fires: {
    readonly series: Readonly<Record<string, string>>;
    readonly after: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** series that look similar and must not make it fire */
  readonly quiet: Readonly<Record<string, string>>;
}

/** States that only a person can end (sync-core's MAILBOX_STATES). */
const SICK = 'authFailed|noImpersonation|protectionRequired';

export const RULES: readonly AlertRule[] = [
  {
    name: 'CalendarDown',
    expression: 'up{job="trueconf-calendar"} == 0',
    forMinutes: 2,
    severity: 'critical',
    summary: { en: 'The connector does not answer', ru: 'Коннектор не отвечает' },
    runbook: 'service-down.md',
    fires: { series: { 'up{job="trueconf-calendar"}': '1 0x10' }, after: 5 },
    quiet: { 'up{job="trueconf-calendar"}': '1 0 1x10' },
  },
  {
    name: 'CalendarChangesSlow',
    expression: 'histogram_quantile(0.99, sum by (le, instance) (rate(tcc_change_latency_seconds_bucket[5m]))) > 5',
    forMinutes: 5,
    severity: 'warning',
    summary: { en: 'Changes need more than 5 s (p99)', ru: 'Изменения доходят дольше 5 с (p99)' },
    runbook: 'changes-slow.md',
    fires: {
      series: {
        'tcc_change_latency_seconds_bucket{le="5"}': '0x20',
        'tcc_change_latency_seconds_bucket{le="10"}': '0+60x20',
        'tcc_change_latency_seconds_bucket{le="+Inf"}': '0+60x20',
      },
      after: 15,
    },
    quiet: {
      'tcc_change_latency_seconds_bucket{le="5"}': '0+60x20',
      'tcc_change_latency_seconds_bucket{le="10"}': '0+60x20',
      'tcc_change_latency_seconds_bucket{le="+Inf"}': '0+60x20',
    },
  },
  {
    name: 'CalendarExchangeRefuses',
    expression: `sum by (instance, state) (tcc_mailboxes{state=~"${SICK}"}) > 0`,
    forMinutes: 3,
    severity: 'critical',
    summary: { en: 'Exchange refuses the service account', ru: 'Exchange отказывает учётной записи олицетворения' },
    runbook: 'exchange-refuses.md',
    fires: { series: { 'tcc_mailboxes{state="authFailed"}': '0 7x10' }, after: 6, labels: { state: 'authFailed' } },
    quiet: { 'tcc_mailboxes{state="live"}': '7x10', 'tcc_mailboxes{state="authFailed"}': '0 1 0x10' },
  },
  {
    name: 'CalendarMailboxesNotCurrent',
    expression:
      'sum by (instance) (tcc_mailboxes{state!~"live|livePolling|suspended|outOfLicence"}) / sum by (instance) (tcc_mailboxes) > 0.05',
    forMinutes: 10,
    severity: 'warning',
    summary: { en: 'More than 5 % of mailboxes are not current', ru: 'Больше 5 % ящиков не актуальны' },
    runbook: 'mailboxes-not-current.md',
    fires: {
      series: { 'tcc_mailboxes{state="live"}': '90x20', 'tcc_mailboxes{state="retrying"}': '10x20' },
      after: 15,
    },
    quiet: { 'tcc_mailboxes{state="live"}': '99x20', 'tcc_mailboxes{state="retrying"}': '1x20' },
  },
  {
    name: 'CalendarStreamsDown',
    expression: 'sum by (instance) (tcc_streams{state="down"}) > 0',
    forMinutes: 3,
    severity: 'warning',
    summary: {
      en: 'Notification streams are down, mailboxes are polled',
      ru: 'Потоки уведомлений не работают, ящики опрашиваются',
    },
    runbook: 'streams-down.md',
    fires: { series: { 'tcc_streams{state="down"}': '0 40x10' }, after: 6 },
    quiet: { 'tcc_streams{state="down"}': '0 40 40 0x10' },
  },
  {
    name: 'CalendarMissedNotifications',
    expression: 'sum by (instance) (increase(tcc_reconcile_drift_total[1h])) > 0',
    forMinutes: 0,
    severity: 'warning',
    summary: {
      en: 'A sweep found changes no notification announced',
      ru: 'Сверка нашла изменения, о которых не пришло уведомлений',
    },
    runbook: 'streams-down.md',
    fires: { series: { tcc_reconcile_drift_total: '0 0 3x10' }, after: 5 },
    quiet: { tcc_reconcile_drift_total: '3x10' },
  },
  {
    name: 'CalendarQueueGrows',
    expression: 'sum by (instance) (tcc_queue_depth) > 100 and sum by (instance) (deriv(tcc_queue_depth[10m])) > 0',
    forMinutes: 10,
    severity: 'warning',
    summary: { en: 'Work arrives faster than it is done', ru: 'Работа поступает быстрее, чем выполняется' },
    runbook: 'changes-slow.md',
    fires: { series: { 'tcc_queue_depth{lane="changed"}': '0+50x30' }, after: 25 },
    quiet: { 'tcc_queue_depth{lane="changed"}': '500-10x30' },
  },
  {
    name: 'CalendarStartsLate',
    expression:
      'histogram_quantile(0.99, sum by (le, instance) (rate(tcc_conference_start_delay_seconds_bucket[15m]))) > 2',
    forMinutes: 0,
    severity: 'warning',
    summary: {
      en: 'Conferences start more than 2 s late (p99)',
      ru: 'Конференции стартуют с опозданием более 2 с (p99)',
    },
    runbook: 'starts-late.md',
    fires: {
      series: {
        'tcc_conference_start_delay_seconds_bucket{le="1"}': '0x20',
        'tcc_conference_start_delay_seconds_bucket{le="5"}': '0+10x20',
        'tcc_conference_start_delay_seconds_bucket{le="+Inf"}': '0+10x20',
      },
      after: 10,
    },
    quiet: {
      'tcc_conference_start_delay_seconds_bucket{le="1"}': '0+10x20',
      'tcc_conference_start_delay_seconds_bucket{le="5"}': '0+10x20',
      'tcc_conference_start_delay_seconds_bucket{le="+Inf"}': '0+10x20',
    },
  },
  {
    name: 'CalendarDatabaseErrors',
    expression: 'sum by (instance) (increase(tcc_db_errors_total[5m])) > 0',
    forMinutes: 2,
    severity: 'critical',
    summary: { en: 'The database refuses work', ru: 'База данных отказывает' },
    runbook: 'database.md',
    fires: { series: { tcc_db_errors_total: '0+1x20' }, after: 8 },
    quiet: { tcc_db_errors_total: '12x20' },
  },
  {
    name: 'CalendarDeadJobs',
    expression: 'max by (instance) (tcc_dead_jobs) > 0',
    forMinutes: 1,
    severity: 'warning',
    summary: { en: 'Work on some meetings was given up', ru: 'Работа над некоторыми встречами прекращена' },
    runbook: 'dead-jobs.md',
    fires: { series: { tcc_dead_jobs: '0 2x10' }, after: 4 },
    quiet: { tcc_dead_jobs: '0x10' },
  },
  {
    name: 'CalendarMassDisappearance',
    expression: 'sum by (instance) (increase(tcc_anomalies_total{kind="massDisappearance"}[1h])) > 0',
    forMinutes: 0,
    severity: 'critical',
    summary: {
      en: 'A mailbox lost most of its events at once; deleting is held back',
      ru: 'В ящике разом пропала бóльшая часть событий; удаление остановлено',
    },
    runbook: 'mass-disappearance.md',
    fires: { series: { 'tcc_anomalies_total{kind="massDisappearance"}': '0 0 1x10' }, after: 5 },
    quiet: { 'tcc_anomalies_total{kind="unreadableItem"}': '0 0 1x10' },
  },
  {
    name: 'CalendarCertificateExpires',
    expression: 'tcc_tls_cert_expiry_timestamp - time() < 30 * 86400',
    forMinutes: 0,
    severity: 'warning',
    summary: {
      en: 'A server’s certificate expires in less than 30 days',
      ru: 'Сертификат сервера истекает меньше чем через 30 дней',
    },
    runbook: 'certificates.md',
    fires: {
      series: { 'tcc_tls_cert_expiry_timestamp{server="exchange"}': '2000000x10' },
      after: 5,
      labels: { server: 'exchange' },
    },
    quiet: { 'tcc_tls_cert_expiry_timestamp{server="exchange"}': '3000000x10' },
  },
  {
    name: 'CalendarLicenceEnds',
    expression:
      'tcc_license_expiry_timestamp - time() < 30 * 86400 and tcc_license_expiry_timestamp - time() > 2 * 86400',
    forMinutes: 0,
    severity: 'warning',
    summary: { en: 'The licence ends in less than 30 days', ru: 'Лицензия заканчивается меньше чем через 30 дней' },
    runbook: 'licence.md',
    fires: { series: { tcc_license_expiry_timestamp: '2000000x10' }, after: 5 },
    // a free edition's lease of a day is renewed every six hours: no alert
    quiet: { tcc_license_expiry_timestamp: '80000x10' },
  },
  {
    name: 'CalendarLicenceEnded',
    expression: 'tcc_license_expiry_timestamp - time() < 4 * 3600',
    forMinutes: 0,
    severity: 'critical',
    summary: {
      en: 'The licence (or its lease) ends within 4 hours or has ended',
      ru: 'Лицензия (или её продление) закончилась или закончится в ближайшие 4 часа',
    },
    runbook: 'licence.md',
    fires: { series: { tcc_license_expiry_timestamp: '3600x10' }, after: 5 },
    quiet: { tcc_license_expiry_timestamp: '80000x10' },
  },
  {
    name: 'CalendarRestarts',
    // every start begins this counter anew
    expression: 'max by (instance) (resets(tcc_change_latency_seconds_count[30m])) > 2',
    forMinutes: 0,
    severity: 'warning',
    summary: {
      en: 'The service was started again three times in half an hour',
      ru: 'Служба трижды перезапускалась за полчаса',
    },
    runbook: 'service-down.md',
    fires: { series: { tcc_change_latency_seconds_count: '9 1 5 0 4 2 8x10' }, after: 10 },
    quiet: { tcc_change_latency_seconds_count: '9 1 5 8x20' },
  },
];
