/**
 * What a caller gives to reach one TrueConf Server, and the named limits that hold when nothing else is said.
 * Fields follow `trueConfServers[]` of config.json (design/contracts.md §4).
 */
import type { TrueConfError } from './error.ts';

export type ApiVersion = 'v3.11' | 'v4' | 'v4.1';

/** One HTTP exchange as seen from here. No query, no body, no header: nothing in it is secret or private. */
export interface RequestReport {
  /** e.g. `createConference`, `fetchToken` */
  readonly operation: string;
  readonly method: string;
  /** absent when no answer arrived */
  readonly status?: number;
  readonly durationMs: number;
  /** kind of the failure, when it was one */
  readonly failure?: string;
}

export interface TrueConfObserver {
  onRequest?(report: RequestReport): void;
  /** every failure that leaves the package, once */
  onError?(error: TrueConfError): void;
}

/** Wall clock for token expiry, announced pauses and durations. */
export interface Clock {
  now(): number;
}

export interface TrueConfServerOptions {
  /** `<server name>#vcs` */
  readonly id: string;
  /** `https://server` with an optional base path */
  readonly url: string;
  /** `auto` asks the server: v4.1 from 5.5.6 on, v4 from 5.5.3 on, else v3.11 */
  readonly apiVersion?: 'auto' | ApiVersion;
  readonly clientId: string;
  /** asked each time a token is needed, so that a changed secret works without a restart */
  readonly clientSecret: () => string;
  /** PEM of further authorities to trust beside the system's */
  readonly ca?: string | readonly string[];
  readonly timeouts?: { readonly connectMs?: number; readonly requestMs?: number };
  /** connections at once; a storm of starts at the full hour needs dozens */
  readonly maxConnections?: number;
  readonly maxAnswerBytes?: number;
  /** entries asked for per page of a list */
  readonly pageSize?: number;
  readonly maxPages?: number;
  /**
   * v3 number of the smart meeting, which is not public. Without it a smart meeting is made as a role-based one and a
   * tag remembers the wish, so that it reads back as what was asked for.
   */
  readonly v3SmartMeetingType?: number;
  readonly clock?: Clock;
  readonly observer?: TrueConfObserver;
}

export const LIMITS = {
  connectMs: 10_000,
  requestMs: 30_000,
  maxConnections: 64,
  maxAnswerBytes: 16 * 1024 * 1024,
  pageSize: 200,
  maxPages: 1000,
  /** requests of one call at once (invitations of a conference, details of a list) */
  callConcurrency: 8,
  /** the pause after 429 or 503 without Retry-After */
  defaultPauseMs: 5_000,
  /** no announced pause is believed to be longer */
  maxPauseMs: 15 * 60_000,
  /** a refused client secret is not tried again before this */
  refusedSecretPauseMs: 60_000,
  maxTokenCharacters: 4096,
  maxServerText: 300,
} as const;
