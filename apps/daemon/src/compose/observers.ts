/**
 * Where the engine's facts become logs, metrics and timelines. The level of a line says who must act: `error` an
 * administrator now, `warn` an administrator some day, `info` nobody. Timelines are written in batches.
 */
import type { MailboxAddress, MeetingKey } from '@calendar-connector/calendar-model';
import type { MeetingStore, TimelineEntry } from '@calendar-connector/sync-core';
import { isFailure } from '@calendar-connector/sync-core';
import type { Caller } from '../channel/caller.ts';
import type { SessionObserver } from '../channel/session.ts';
import type { Clock } from '../engine/clock.ts';
import type { SupervisorObserver } from '../engine/mailboxes/mailbox-supervisor.ts';
import type { MeetingObserver } from '../engine/meetings/meeting-worker.ts';
import type { RuleObserver } from '../engine/meetings/rule-watch.ts';
import type { ConferenceWatchObserver } from '../engine/servers/conference-watch.ts';
import type { MirrorObserver } from '../engine/servers/mirror-worker.ts';
import { type Log, PHRASE_NO_CALENDARS, PHRASE_NO_SOCKET } from '../operation/log.ts';
import type { MailboxHistory } from '../operation/mailbox-history.ts';
import type { Metrics } from '../operation/metrics.ts';
import type { Repeats } from '../operation/repeats.ts';

const FLUSH_MS = 500;
const MAX_BUFFERED_ENTRIES = 2_000;
/** A trouble that many mailboxes share is said of so many of them before it is only counted. */
const MAILBOXES_NAMED = 20;

/** Failures that mean: no connection to Exchange can be had (guide §4.2). */
const NO_CONNECTION = new Set(['unavailable', 'timeout', 'tls', 'authFailed', 'extendedProtection']);

export interface ChannelObserver extends SessionObserver {
  pushed(mailbox: MailboxAddress, revision: number, receivers: number): void;
  pushFailed(mailbox: MailboxAddress, error: unknown): void;
  handshakeRefused(reason: string): void;
  wrote(mailbox: MailboxAddress, what: string, outcome: string): void;
}

export interface ObserversOptions {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly store: Pick<MeetingStore, 'appendTimeline'>;
  readonly clock: Clock;
  readonly history: MailboxHistory;
  readonly repeats: Repeats;
}

export class Observers {
  readonly #options: ObserversOptions;
  #entries: TimelineEntry[] = [];
  #cancelFlush: (() => void) | undefined;

  constructor(options: ObserversOptions) {
    this.#options = options;
  }

  readonly mailboxes: SupervisorObserver = {
    looked: ({ mailbox, lane, ms, latencyMs, changes, unannounced, quarantined }) => {
      const { metrics, log } = this.#options;
      if (changes === 0) return;
      metrics.changeLatency.observe(latencyMs / 1000);
      if (unannounced) metrics.drift.inc(changes);
      log.logger.debug({ mailbox: log.address(mailbox), lane, ms, changes }, 'changes committed');
      if (quarantined > 0) {
        metrics.anomalies.inc({ kind: 'massDisappearance' });
        log.logger.error(
          { mailbox: log.address(mailbox), vanished: quarantined },
          'many events of this mailbox vanished at once; nothing is removed until an administrator decides: tc_calendar anomaly list',
        );
      }
    },
    failed: (mailbox, failure) => {
      const { metrics, log, history, repeats } = this.#options;
      const { kind, code, message } = failure;
      metrics.mailboxErrors.inc({ kind });
      history.failed(mailbox, failure);
      const lost = NO_CONNECTION.has(kind) ? repeats.news(`socket/${code}`) : undefined;
      if (lost) log.logger.error({ code, kind, ...lost }, `${PHRASE_NO_SOCKET}: ${message}`);
      const again = repeats.news(`${mailbox}/${code}`);
      const shared = again && repeats.news(`mailboxes/${code}`, MAILBOXES_NAMED);
      if (shared)
        log.logger.warn({ mailbox: log.address(mailbox), code, kind, ...again, ...shared }, `Exchange: ${message}`);
    },
    stateChanged: (mailbox, from, to) => {
      const { log, history } = this.#options;
      history.changed(mailbox, from, to);
      log.logger.debug({ mailbox: log.address(mailbox), from, to }, 'mailbox state');
    },
    gaveUpReading: (mailbox, itemId) => {
      const { metrics, log } = this.#options;
      metrics.anomalies.inc({ kind: 'unreadableItem' });
      log.logger.warn(
        { mailbox: log.address(mailbox), item: itemId.slice(-24) },
        'Exchange names an item that it does not give; it is left out until it changes',
      );
    },
    fenced: (mailbox) => {
      const { metrics, log, repeats } = this.#options;
      metrics.fenced.inc();
      const news = repeats.news('fenced');
      if (news) {
        log.logger.warn(
          { mailbox: log.address(mailbox), ...news },
          'a commit was refused: another daemon holds the mailbox by now; nothing is lost, it reads the same change',
        );
      }
    },
    leases: ({ held, nodes }) => {
      this.#options.metrics.nodes.set(nodes);
      const news = this.#options.repeats.news(`leases/${held}/${nodes}`);
      if (news) this.#options.log.logger.info({ held, nodes, ...news }, 'mailboxes held');
    },
    leaseError: (error) => {
      this.#options.metrics.dbErrors.inc();
      const news = this.#options.repeats.news('lease');
      const line = `the database does not answer: ${text(error)}; trying again every two seconds`;
      if (news) this.#options.log.logger.error(news, line);
    },
  };

  readonly meetings: MeetingObserver = {
    planned: () => {},
    applied: (key, decision, outcome) => {
      const { metrics, log, repeats } = this.#options;
      metrics.decisions.inc({ kind: decision.kind, outcome: outcome.status });
      if (decision.kind === 'wait') return;
      const facts = { meeting: shortKey(key), decision: decision.kind, rule: decision.rule, outcome: outcome.status };
      if (outcome.status !== 'failed') return log.logger.info(facts, 'decision carried out');
      const { code, kind } = outcome.failure;
      const news = repeats.news(`decision/${key}/${decision.kind}/${code}`);
      if (news)
        log.logger.warn({ ...facts, code, kind, ...news }, 'a decision could not be carried out; it is tried again');
    },
    started: ({ key, due, at, outcome }) => {
      const { metrics, log } = this.#options;
      if (outcome === 'done' || outcome === 'already') metrics.startDelay.observe(Math.max(0, at - due) / 1000);
      log.logger.info({ meeting: shortKey(key), outcome, delayMs: at - due }, 'conference start');
    },
    lookupFailed: (key, serverId, failure) => {
      const { kind, code } = failure;
      const news = this.#options.repeats.news(`lookup/${serverId}/${kind}`);
      if (news)
        this.#options.log.logger.warn(
          { server: serverId, meeting: shortKey(key), kind, code, ...news },
          'TrueConf Server could not be asked; meetings wait until it answers',
        );
    },
    anomaly: (key, draft) => {
      this.#options.metrics.anomalies.inc({ kind: draft.kind });
      this.#options.log.logger.error(
        { meeting: shortKey(key), kind: draft.kind, ...draft.facts },
        'anomaly: an administrator should look',
      );
    },
  };

  readonly watch: ConferenceWatchObserver = {
    listed: () => {},
    failed: (serverId, error) => {
      const news = this.#options.repeats.news(`watch/${serverId}`);
      if (news)
        this.#options.log.logger.warn(
          { server: serverId, ...news },
          `TrueConf Server ${serverId} does not answer: ${text(error)}; trying again`,
        );
    },
  };

  readonly rules: RuleObserver = {
    rulesChanged: (meetings) => {
      const { logger } = this.#options.log;
      if (meetings > 0)
        logger.info({ meetings }, 'the rules for conferences have changed: meetings are looked at again');
    },
    rulesFailed: (error) => {
      this.#options.metrics.dbErrors.inc();
      this.#options.log.logger.warn(`meetings could not be looked at by the new rules: ${text(error)}; trying again`);
    },
  };

  readonly mirrors: MirrorObserver = {
    applied: (decision, outcome) => {
      const { metrics, log, repeats } = this.#options;
      metrics.decisions.inc({ kind: decision.kind, outcome: outcome === 'done' ? 'done' : 'failed' });
      const facts = {
        conference: decision.conferenceId,
        mailbox: log.address(decision.mailbox),
        decision: decision.kind,
        outcome,
      };
      if (outcome === 'done') return log.logger.info(facts, 'conference mirrored');
      const news = repeats.news(`mirror/${decision.conferenceId}/${outcome}`);
      if (news) log.logger.warn({ ...facts, ...news }, 'a conference could not be mirrored; it is tried again');
    },
    anomaly: (draft) => {
      this.#options.metrics.anomalies.inc({ kind: draft.kind });
      this.#options.log.logger.error(
        { kind: draft.kind, ...draft.facts },
        'anomaly: many mirrored conferences vanished at once; nothing is removed',
      );
    },
  };

  readonly channel: ChannelObserver = {
    refused: (method, code, caller, error) => {
      const { metrics, log, repeats } = this.#options;
      metrics.wsRefused.inc({ code });
      const who = caller ? { user: log.address(caller.email) } : {};
      // The guide's phrase means a mailbox that cannot be read; a client that asks too often is no such fault.
      if (method === 'getCalendarList' && (code === 'providerUnavailable' || code === 'internal')) {
        log.logger.error({ ...who, code }, `${PHRASE_NO_CALENDARS}: ${text(error)}`);
      } else if (code === 'internal') {
        log.logger.error({ ...who, method, err: error }, 'a client’s request met a fault');
      } else if (method === 'authorize' && code === 'providerUnavailable') {
        // Nobody gets in: without this line the log would say nothing of it.
        const reason = text(error instanceof Error && isFailure(error.cause) ? error.cause : error);
        const news = repeats.news(`authorize/${reason}`);
        if (news) log.logger.warn({ ...news }, `clients cannot be let in: ${reason}`);
      } else {
        log.logger.debug({ ...who, method, code }, 'a client’s request was refused');
      }
    },
    authorised: (caller: Caller) => {
      const { log } = this.#options;
      log.logger.debug({ user: log.address(caller.email), server: caller.serverId }, 'client authorised');
    },
    answered: () => {},
    dropped: () => this.#options.metrics.wsDropped.inc(),
    pushed: (_mailbox, _revision, receivers) => this.#options.metrics.wsPushes.inc(receivers),
    pushFailed: (mailbox, error) => {
      const { log, repeats } = this.#options;
      const news = repeats.news(`push/${mailbox}`);
      if (news)
        log.logger.error(
          { mailbox: log.address(mailbox), ...news },
          `changes could not be pushed: ${text(error)}; clients are told to read anew`,
        );
    },
    handshakeRefused: (reason) => {
      this.#options.metrics.wsRefused.inc({ code: 'handshake' });
      const news = this.#options.repeats.news(`handshake/${reason}`);
      if (news) this.#options.log.logger.warn({ reason, ...news }, 'a client connection was refused');
    },
    wrote: (mailbox, what, outcome) =>
      this.record({ at: this.#options.clock.now(), mailbox, stage: 'client', what, outcome }),
  };

  /** Adds a line to the story of a meeting or mailbox; written with others within half a second. */
  record(entry: TimelineEntry): void {
    if (this.#entries.length >= MAX_BUFFERED_ENTRIES) this.#entries.shift();
    this.#entries.push(entry);
    this.#cancelFlush ??= this.#options.clock.startTimer(FLUSH_MS, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const entries = this.#entries;
    this.#entries = [];
    if (entries.length === 0) return;
    await this.#options.store.appendTimeline(entries).catch(() => this.#options.metrics.dbErrors.inc());
  }
}

function text(error: unknown): string {
  if (isFailure(error)) return error.message;
  return error instanceof Error ? error.message : String(error);
}

/** Enough of a key to find the meeting again with `trace`, without filling the line. */
function shortKey(key: MeetingKey): string {
  return key.length > 40 ? `…${key.slice(-32)}` : key;
}
