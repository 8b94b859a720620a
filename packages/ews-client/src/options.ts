/**
 * What a source is made with; everything but the endpoint and the credentials has a default fit for Exchange with its stock
 * throttling policy (facts §1.7: start at 4 calls at once, learn upwards).
 */
import { randomBytes } from 'node:crypto';
import type { AuthChoice } from './auth/authenticator.ts';
import type { Credential } from './auth/credentials.ts';
import { builtInZones, type ZoneResolver } from './translate/zones.ts';
import { type Clock, systemClock } from './transport/clock.ts';
import type { ProxyOptions } from './transport/connector.ts';
import type { EndpointOptions } from './transport/endpoint.ts';
import type { EwsObserver } from './transport/observer.ts';

/** How much at a time. */
export interface EwsLimits {
  /** calls in flight at the start, for the whole source */
  readonly startConcurrency?: number;
  /** calls in flight at most, for the whole source */
  readonly maxConcurrency?: number;
  /**
   * calls in flight at most for one mailbox. It starts with one, so that no request is on its way while a back-off is
   * being announced to another, and learns upwards only after a good while without any announcement
   */
  readonly mailboxConcurrency?: number;
  /** SyncFolderItems in flight at most; never two for one mailbox */
  readonly syncConcurrency?: number;
  /** ids per GetItem at the start; halved when batches are cut, grown back when they are not */
  readonly getItemBatch?: number;
  /** changes per SyncFolderItems, 1..512 */
  readonly syncPageSize?: number;
  /** exceptions of one series that are read in full */
  readonly maxExceptions?: number;
  /** subscriptions on one streaming connection, at most 200 */
  readonly subscriptionsPerStream?: number;
  /** calls that may wait for their turn */
  readonly maxWaiting?: number;
  /** of one answer, after decompression; a larger one fails as `limitExceeded` */
  readonly maxResponseBytes?: number;
}

/** How long; all in milliseconds but `streamMinutes`. */
export interface EwsTimings {
  /** one call from first byte sent to last byte read */
  readonly callMs?: number;
  /** to a socket, its TLS handshake included */
  readonly connectMs?: number;
  /** a call waits for an announced back-off this long; longer ones are thrown as `throttled` */
  readonly patienceMs?: number;
  /** an idle connection is closed after this */
  readonly keepAliveMs?: number;
  /** minutes the server keeps a stream open, 1..30 */
  readonly streamMinutes?: number;
  /** a stream without a byte for this long is dead */
  readonly streamSilenceMs?: number;
  /** a stream is closed this long after it should have ended by itself */
  readonly streamGraceMs?: number;
  /** first wait before a lost stream is opened again; doubles up to `reopenMaxMs` */
  readonly reopenMs?: number;
  /** longest wait before a lost stream is opened again */
  readonly reopenMaxMs?: number;
  /** after mailboxes are added, how long to wait for further ones before a stream is opened anew */
  readonly regroupMs?: number;
  /** while the server is away, one of its streams is tried at least this often */
  readonly scoutMs?: number;
  /** how long what autodiscover said is believed */
  readonly autodiscoverTtlMs?: number;
}

/** What a source is made with. */
export interface EwsSourceOptions {
  /** name of the source in logs and in CalendarSource.name */
  readonly name: string;
  readonly endpoint: EndpointOptions;
  /** service accounts with the ApplicationImpersonation role; mailboxes are shared out among them */
  readonly credentials: readonly Credential[];
  /** default `auto` */
  readonly auth?: AuthChoice;
  /** PEM certificates of the authorities to trust; absent: the platform's */
  readonly ca?: readonly string[];
  /** absent: straight to the server, whatever the environment says */
  readonly proxy?: ProxyOptions;
  readonly limits?: EwsLimits;
  readonly timings?: EwsTimings;
  /** time and chance are the platform's unless they are given */
  readonly clock?: Clock;
  /** 0 ≤ x < 1 */
  readonly random?: () => number;
  readonly randomBytes?: (count: number) => Buffer;
  /** is told what happens, for logs and metrics */
  readonly observer?: EwsObserver;
  /** User-Agent header of each request */
  readonly userAgent?: string;
  /** wall time of zones, and Windows names of zones; absent: the platform's tz database and a small name table */
  readonly zones?: ZoneResolver;
  /** Windows or IANA id used for items that name no zone; default UTC */
  readonly timeZone?: string;
  /** addresses served first */
  readonly priorityMailboxes?: readonly string[];
  /** stamped on items the source creates (MARKER.instance) */
  readonly instance?: string;
}

/** The options with nothing left open. */
export interface ResolvedOptions
  extends Required<Omit<EwsSourceOptions, 'ca' | 'proxy' | 'limits' | 'timings' | 'instance'>> {
  readonly ca: readonly string[] | undefined;
  readonly proxy: ProxyOptions | undefined;
  readonly instance: string | undefined;
  readonly limits: Required<EwsLimits>;
  readonly timings: Required<EwsTimings>;
}

const LIMITS: Required<EwsLimits> = {
  startConcurrency: 4,
  maxConcurrency: 27,
  mailboxConcurrency: 27,
  syncConcurrency: 4,
  getItemBatch: 25,
  syncPageSize: 256,
  maxExceptions: 500,
  subscriptionsPerStream: 200,
  maxWaiting: 20_000,
  maxResponseBytes: 96 << 20,
};

const TIMINGS: Required<EwsTimings> = {
  callMs: 100_000,
  connectMs: 15_000,
  patienceMs: 10_000,
  keepAliveMs: 60_000,
  streamMinutes: 29,
  streamSilenceMs: 120_000,
  streamGraceMs: 60_000,
  reopenMs: 1_000,
  reopenMaxMs: 60_000,
  regroupMs: 500,
  scoutMs: 4_000,
  autodiscoverTtlMs: 3_600_000,
};

/** The options with every default filled in; throws a TypeError when they name no credentials. */
export function resolveOptions(options: EwsSourceOptions): ResolvedOptions {
  if (options.credentials.length === 0) throw new TypeError(`source ${options.name} has no credentials`);
  return {
    name: options.name,
    endpoint: options.endpoint,
    credentials: options.credentials,
    auth: options.auth ?? 'auto',
    ca: options.ca,
    proxy: options.proxy,
    limits: { ...LIMITS, ...options.limits },
    timings: { ...TIMINGS, ...options.timings },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    randomBytes: options.randomBytes ?? randomBytes,
    observer: options.observer ?? {},
    userAgent: options.userAgent ?? 'TrueConf-Calendar-Connector',
    zones: options.zones ?? builtInZones,
    timeZone: options.timeZone ?? 'UTC',
    priorityMailboxes: options.priorityMailboxes ?? [],
    instance: options.instance,
  };
}
