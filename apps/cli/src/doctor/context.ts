/**
 * What the checks share: configuration, one look at each server, one open source per provider, one resolution per
 * mailbox. Everything is asked once, however many checks want to know; a login is tried once, so nobody is locked out.
 */
import type {
  CalendarProviderConfig,
  ConnectorConfig,
  InstallationPaths,
  LoadResult,
} from '@calendar-connector/config';
import type { EwsSource } from '@calendar-connector/ews-client';
import type { LicenceCheck } from '@calendar-connector/licensing';
import type { Failure, ResolvedMailbox } from '@calendar-connector/sync-core';
import type { Call } from '../program/command.ts';
import type { Endpoint, EndpointFacts } from './endpoint-probe.ts';

export interface DoctorOptions {
  readonly mailbox?: string;
  readonly outside?: string;
  readonly write: boolean;
}

/** A mailbox to try, and what came of it. */
export type Resolution =
  | { readonly ok: true; readonly address: string; readonly resolved: ResolvedMailbox; readonly source: EwsSource }
  | { readonly ok: false; readonly address: string; readonly failure: Failure & Error };

export interface DoctorContext {
  readonly call: Call;
  readonly options: DoctorOptions;
  readonly paths: InstallationPaths;
  readonly loaded: LoadResult;
  /** only for checks that need the check `config` */
  readonly config: ConnectorConfig;
  readonly signal: AbortSignal;
  exchangeEndpoints(): readonly { readonly provider: CalendarProviderConfig; readonly endpoint: Endpoint }[];
  /** every server the connector talks to, registration excepted */
  endpoints(): readonly Endpoint[];
  probe(endpoint: Endpoint): Promise<EndpointFacts>;
  /** mailboxes of a provider that are tried: the one asked for, or the first ones */
  mailboxes(provider: CalendarProviderConfig): readonly string[];
  resolve(provider: CalendarProviderConfig, address: string): Promise<Resolution>;
  licence(): Promise<LicenceCheck>;
  close(): Promise<void>;
}
