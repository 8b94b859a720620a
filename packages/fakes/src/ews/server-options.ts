/**
 * What a fake Exchange can be told at its start. Defaults are those of an Exchange 2019 with stock throttling,
 * except that nothing is limited unless `budgets` says so. Sources: facts "Throttling", "Notifications", "Authentication".
 */
import type { ExchangeWorld } from '../world/exchange-world.ts';
import type { FaultPlan } from './faults/fault-plan.ts';

export type ExtendedProtection = 'off' | 'allow' | 'require';

export interface AuthOptions {
  readonly basic?: boolean;
  readonly ntlm?: boolean;
  /** channel binding of NTLM over TLS */
  readonly extendedProtection?: ExtendedProtection;
  /** wrong passwords until an account is locked; 0: never */
  readonly lockoutThreshold?: number;
  readonly lockoutMs?: number;
}

export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

export interface Budgets {
  /** requests in flight per target mailbox (EWSMaxConcurrency) */
  readonly maxConcurrency?: number;
  /** what Exchange does about too many: a fault, or it lets them wait */
  readonly overConcurrency?: 'fault' | 'queue';
  /** open GetStreamingEvents per anchor mailbox (HangingConnectionLimit) */
  readonly hangingConnections?: number;
  readonly subscriptionsPerConnection?: number;
  readonly maxSubscriptions?: number;
  /** SyncFolderItems and SyncFolderHierarchy in flight per mailbox (ConcurrentSyncCalls) */
  readonly concurrentSyncCalls?: number;
  /** rows of one FindItem (EWSFindCountLimit) */
  readonly findCountLimit?: number;
  /** time a batch may take until its tail is answered ErrorBatchProcessingStopped */
  readonly batchTimeMs?: number;
  /** pretended work per call and per item of a batch */
  readonly serviceTimeMs?: number;
  readonly itemTimeMs?: number;
  /** announced with ErrorServerBusy */
  readonly backOffMs?: number;
  /** requests a mailbox may make per minute before it is told to back off; 0: any number */
  readonly requestsPerMinute?: number;
}

export interface StreamingOptions {
  readonly heartbeatMs?: number;
  /** how long events wait for a client that is away */
  readonly queueLifetimeMs?: number;
  readonly eventsPerMessage?: number;
  /** delay between a change and its event */
  readonly eventDelayMs?: number;
}

export interface FakeExchangeOptions {
  readonly world: ExchangeWorld;
  readonly port?: number;
  readonly host?: string;
  readonly tls?: TlsOptions;
  readonly auth?: AuthOptions;
  readonly budgets?: Budgets;
  readonly streaming?: StreamingOptions;
  readonly faults?: FaultPlan;
  /** names of mailbox servers behind the load balancer */
  readonly backEnds?: readonly string[];
  /** validate requests against the schema's rules */
  readonly validate?: boolean;
  /** requests kept in the journal */
  readonly journalSize?: number;
  /** called with each complete response body: for checks */
  readonly onResponse?: (record: {
    readonly operation: string;
    readonly status: number;
    readonly body: string;
  }) => void;
  /** redirects and settings of autodiscover, by address */
  readonly autodiscover?: AutodiscoverOptions;
}

export interface AutodiscoverOptions {
  readonly redirectAddress?: Readonly<Record<string, string>>;
  readonly redirectUrl?: Readonly<Record<string, string>>;
  /** how many mailboxes share a GroupingInformation */
  readonly groups?: number;
  readonly ewsUrl?: string;
}
