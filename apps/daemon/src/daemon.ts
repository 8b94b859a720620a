/**
 * The composition root: builds the parts from the configuration, starts them in order, applies reloads, stops them in
 * reverse order. Ports come first: a taken one is found before anything else is touched, and /livez answers from then on.
 * No decision about meetings or mailboxes is made here.
 */
import { randomUUID } from 'node:crypto';
import { type ConnectorConfig, diffConfig, type InstallationPaths } from '@calendar-connector/config';
import type { LicenceCheck } from '@calendar-connector/licensing';
import { openWorkQueue, type WorkQueue } from '@calendar-connector/storage-kysely';
import type { CalendarSource } from '@calendar-connector/sync-core';
import { Admission } from './channel/admission.ts';
import type { ChannelServer } from './channel/channel-server.ts';
import { adminDesk } from './compose/admin-desk.ts';
import { openChannelFor } from './compose/channel.ts';
import { type OpenDatabase, openDatabase } from './compose/database.ts';
import { LicenceKeeper } from './compose/licence-keeper.ts';
import { Observers } from './compose/observers.ts';
import { portFault, requireFreePort } from './compose/ports.ts';
import { admissionRulesOf, mirrorSettingsOf, planSettingsOf, supervisorSettingsOf } from './compose/settings.ts';
import { Sources } from './compose/sources.ts';
import { Targets } from './compose/targets.ts';
import { tlsServersOf } from './compose/tls-servers.ts';
import { systemClock } from './engine/clock.ts';
import { MailboxSupervisor } from './engine/mailboxes/mailbox-supervisor.ts';
import { MeetingWorker } from './engine/meetings/meeting-worker.ts';
import { RuleWatch } from './engine/meetings/rule-watch.ts';
import { ConferenceWatch } from './engine/servers/conference-watch.ts';
import { MirrorWorker } from './engine/servers/mirror-worker.ts';
import { type AdminApi, type HttpServer, openHttp } from './http/http-server.ts';
import { loadPages } from './http/pages.ts';
import { adminToken } from './operation/admin-token.ts';
import { CertificateWatch } from './operation/certificates.ts';
import type { Log } from './operation/log.ts';
import { MailboxHistory } from './operation/mailbox-history.ts';
import { createMetrics, type Metrics } from './operation/metrics.ts';
import { Pulse } from './operation/pulse.ts';
import { Repeats } from './operation/repeats.ts';
import { VERSION } from './version.ts';

export interface DaemonOptions {
  readonly config: ConnectorConfig;
  readonly paths: InstallationPaths;
  readonly log: Log;
  readonly licence: LicenceCheck;
}

interface Parts {
  readonly database: OpenDatabase;
  readonly supervisor: MailboxSupervisor;
  readonly queue: WorkQueue;
  readonly licence: LicenceKeeper;
  readonly watch: ConferenceWatch;
  readonly rules: RuleWatch;
  readonly admission: Admission;
  readonly channel: ChannelServer;
  readonly http: HttpServer;
  readonly pulse: Pulse;
  readonly certificates: CertificateWatch;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #metrics: Metrics = createMetrics();
  readonly #repeats = new Repeats(systemClock);
  readonly #targets: Targets;
  readonly #sources: Sources;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #config: ConnectorConfig;
  #parts: Parts | undefined;
  #api: AdminApi | undefined;
  /** what is under way while there is no api */
  #stage = 'starting';
  #ownToken = '';
  #started: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#metrics.buildInfo.set({ version: VERSION.version, commit: VERSION.commit }, 1);
    this.#targets = new Targets(this.#metrics);
    const { log } = options;
    this.#sources = new Sources(() => this.#config, { metrics: this.#metrics, log, repeats: this.#repeats });
  }

  /** Starts everything; throws StartFault for what an administrator can mend. What was begun is closed by `stop`. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const { log, paths } = this.#options;
    const config = this.#config;
    const node = { id: randomUUID(), name: config.instance.name };
    const startedAt = systemClock.now();
    this.#begin('checking the ports');
    const http = await this.#openHttp();
    this.#closers.push(() => http.close());
    await requireFreePort('wsPort', config.wsHost, config.wsPort);
    this.#ownToken = await adminToken(paths.data);
    this.#begin('opening the database');
    const database = await openDatabase(config, paths, `tc_calendar ${node.name}`);
    this.#closers.push(() => database.close());
    this.#begin('sharing out the accounts of the licence');
    await this.#targets.update(config);
    this.#closers.push(
      () => this.#targets.close(),
      () => this.#sources.close(),
    );

    const { store } = database;
    const history = new MailboxHistory(systemClock);
    const observers = new Observers({
      metrics: this.#metrics,
      log,
      store,
      clock: systemClock,
      history,
      repeats: this.#repeats,
    });
    this.#closers.push(() => observers.flush());
    const supervisor = new MailboxSupervisor({
      clock: systemClock,
      random: Math.random,
      newId: randomUUID,
      node,
      store,
      settings: () => supervisorSettingsOf(this.#config),
      observer: observers.mailboxes,
    });
    const licence = new LicenceKeeper(
      {
        clock: systemClock,
        log,
        config: () => this.#config,
        directory: paths.data,
        store,
        onShared: () => supervisor.refreshLeases(),
      },
      this.#options.licence,
    );
    await licence.start();
    this.#closers.push(() => licence.stop());

    this.#begin('opening the client channel');
    const reach = {
      target: (id: string) => this.#targets.find(id),
      mailbox: supervisor.locate.bind(supervisor),
      lookSoon: supervisor.hint.bind(supervisor),
    };
    const meetings = new MeetingWorker({
      clock: systemClock,
      random: Math.random,
      store,
      reach,
      settings: () => planSettingsOf(this.#config),
      newId: randomUUID,
      observer: observers.meetings,
    });
    const admission = new Admission(admissionRulesOf(config));
    const channel = await openChannelFor({
      config: () => this.#config,
      clock: systemClock,
      store,
      targets: this.#targets,
      supervisor,
      admission,
      licence,
      observers,
    }).catch((error: unknown) => {
      throw portFault(error, 'wsPort', config.wsHost, config.wsPort);
    });
    this.#closers.push(() => channel.close());

    const mirrors = new MirrorWorker({
      clock: systemClock,
      store,
      reach,
      newId: randomUUID,
      settings: () => mirrorSettingsOf(this.#config, licence.check.entitlements.maySync),
      observer: observers.mirrors,
    });
    const watch = new ConferenceWatch({
      clock: systemClock,
      store,
      targets: () => this.#targets.all,
      onListed: (target, list, signal) => mirrors.reconcile(target, list, signal),
      observer: observers.watch,
    });
    this.#begin('taking over the mailboxes');
    this.#closers.push(() => supervisor.stop());
    // Both at once: with many mailboxes held, opening their streams keeps this process busy for a while.
    const leasing = supervisor.start(this.#sourceMap(config));
    const opening = openWorkQueue({
      store,
      nodeId: node.id,
      handlers: {
        plan_meeting: ({ key }, { signal }) => meetings.plan(key, signal),
        start_conference: (job, { signal }) => meetings.start(job, signal),
        prepare_start: (job, signal) => meetings.prepareStart(job, signal),
      },
      log: (level, message) => log.logger[level](message),
    });
    // One that could not be opened has nothing to stop; its error ends the start.
    this.#closers.push(() =>
      opening.then(
        (queue) => queue.stop(),
        () => {},
      ),
    );
    const [queue] = await Promise.all([opening, leasing]);
    watch.start();
    this.#closers.push(() => watch.stop());
    const rules = new RuleWatch({
      clock: systemClock,
      store,
      settings: () => planSettingsOf(this.#config),
      observer: observers.rules,
    });
    void rules.check();
    this.#closers.push(() => rules.stop());

    const pulse = new Pulse({
      clock: systemClock,
      metrics: this.#metrics,
      store,
      supervisor,
      queue,
      channel: () => channel.clients,
      licence,
    });
    pulse.start();
    this.#closers.push(async () => pulse.stop());
    const certificates = new CertificateWatch({
      clock: systemClock,
      metrics: this.#metrics,
      log,
      servers: async () => tlsServersOf(this.#config, await store.listMailboxes()),
    });
    this.#closers.push(() => certificates.stop());
    this.#begin('almost ready');
    this.#api = adminDesk({
      config: () => this.#config,
      clock: systemClock,
      metrics: this.#metrics,
      targets: this.#targets,
      database,
      supervisor,
      queue,
      licence,
      pulse,
      history,
      channel: () => channel.clients,
      startedAt,
      node: node.name,
    });
    this.#parts = { database, supervisor, queue, licence, watch, rules, admission, channel, http, pulse, certificates };
    certificates.start();
    log.logger.info(
      { node: node.name, database: database.kind, ws: channel.port, http: http.port, mailboxes: supervisor.heldCount },
      'ready',
    );
  }

  /** The next step of the start; a start that was asked to stop goes no further. */
  #begin(stage: string): void {
    if (this.#stopping) throw new Error('stopped while starting');
    this.#stage = `starting: ${stage}`;
  }

  /** Stops in reverse order of starting; safe to call at any time and more than once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    // A start under way ends at its next step, so that nothing is opened behind our back.
    await this.#started?.catch(() => {});
    this.#stage = 'stopping';
    this.#api = undefined;
    for (const close of this.#closers.splice(0).reverse()) {
      await close().catch((error: unknown) =>
        this.#options.log.logger.warn({ err: error }, 'a part did not stop cleanly'),
      );
    }
  }

  /** Applies a new configuration as far as it can be done live; names what has to wait for a restart. */
  async reload(config: ConnectorConfig): Promise<{ readonly needsRestart: readonly string[] }> {
    const parts = this.#parts;
    if (!parts) return { needsRestart: [] };
    const { providers } = diffConfig(this.#config, config);
    this.#config = config;
    const { log } = this.#options;
    log.setLevel(config.log.level);
    log.setPersonalData(config.log.personalData);
    parts.admission.update(admissionRulesOf(config));
    await this.#targets.update(config);
    await parts.supervisor.updateSources(this.#sourceMap(config));
    if (providers.changed.length > 0) parts.supervisor.credentialsChanged();
    await parts.licence.judge();
    await parts.supervisor.refreshLeases();
    void parts.rules.check();
    void parts.certificates.check();
    this.#metrics.reloads.inc({ outcome: 'applied' });
    // Measured from the start: what waits for a restart goes on waiting, and what was put back waits no more.
    const sinceStart = diffConfig(this.#options.config, config).changes;
    return { needsRestart: sinceStart.filter(({ applies }) => applies === 'restart').map(({ key }) => key) };
  }

  reloadFailed(): void {
    this.#metrics.reloads.inc({ outcome: 'refused' });
  }

  /** Have all parts moved since the last call? Feeds the watchdog. */
  progress(): boolean {
    return this.#parts?.pulse.hasMoved() ?? false;
  }

  statusLine(): string {
    return this.#parts?.pulse.statusLine() ?? this.#stage;
  }

  /** Calls back when the status line changes. */
  onStatus(listener: (status: string) => void): () => void {
    return this.#parts?.pulse.onStatus(listener) ?? (() => {});
  }

  #sourceMap(config: ConnectorConfig): ReadonlyMap<string, CalendarSource> {
    return this.#sources.update(config);
  }

  async #openHttp(): Promise<HttpServer> {
    const { host, port } = this.#config.http;
    return await openHttp({
      host,
      port,
      token: () => this.#config.http.adminToken?.reveal() || this.#ownToken,
      api: () => this.#api,
      stage: () => this.#stage,
      pages: loadPages(),
      channelPort: () => this.#config.wsPort,
      connectSources: () => [host, 'localhost', '127.0.0.1'].map((name) => `ws://${name}:${this.#config.wsPort}`),
    }).catch((error: unknown) => {
      throw portFault(error, 'http.port', host, port);
    });
  }
}
