/**
 * The configuration as the program uses it: validated, with defaults, secrets resolved, certificate files read.
 * Everything is plain read-only data except `Secret`, which does not print.
 */
import type { MailboxAddress, TrueConfServerId } from '@calendar-connector/calendar-model';
import type { ConfigFile } from './schema/config-file.ts';
import type { Secret } from './secret.ts';

type DeepReadonly<T> = T extends Secret
  ? T
  : T extends readonly (infer E)[]
    ? readonly DeepReadonly<E>[]
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T;

/** A PEM file named in the configuration, already read. */
export interface CertificateFile {
  readonly path: string;
  readonly pem: string;
}

export interface ProviderCredential {
  readonly login: string;
  readonly password: Secret;
}

export interface CalendarProviderConfig {
  readonly name: string;
  readonly type: 'ews';
  readonly scheme: 'https' | 'http';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly autodiscoverPath: string;
  readonly trustedHosts: readonly string[];
  readonly ca?: CertificateFile;
  readonly auth: 'auto' | 'basic' | 'ntlm';
  readonly maxConcurrentRequests: number;
  readonly credentials: readonly ProviderCredential[];
  readonly users: readonly MailboxAddress[];
}

export interface TrueConfServerConfig {
  readonly id: TrueConfServerId;
  /** without a slash at its end */
  readonly url: string;
  readonly apiVersion: 'auto' | 'v3.11' | 'v4';
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly ca?: CertificateFile;
  readonly fallbackOwner?: string;
}

export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** empty when the role has none */
  readonly password: Secret;
  readonly database: string;
  readonly tls: 'off' | 'verify';
  readonly ca?: CertificateFile;
  readonly poolSize: number;
}

export interface RegistrationConfig {
  readonly scheme: 'https' | 'http';
  readonly host: string;
  readonly port: number;
  readonly ca?: CertificateFile;
  /** absolute path */
  readonly issuerKeyFile?: string;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly adminToken?: Secret;
}

type Settings = DeepReadonly<
  Pick<
    ConfigFile,
    | 'wsPort'
    | 'wsHost'
    | 'launchConference'
    | 'syncConferenceParticipants'
    | 'cache'
    | 'conferences'
    | 'mirrorConferences'
    | 'cancelledPrefix'
    | 'privacy'
    | 'access'
    | 'language'
    | 'allowedOrigins'
    | 'trustedProxies'
    | 'sync'
    | 'guard'
    | 'limits'
    | 'log'
  >
>;

/** The effective configuration. Keys carry the names they have in config.json. */
export interface ConnectorConfig extends Settings {
  /** absent: the embedded database */
  readonly dbConnectionConfig?: DatabaseConfig;
  readonly productWhitelist: { readonly tcs: readonly TrueConfServerId[] };
  readonly calendarProviders: readonly CalendarProviderConfig[];
  readonly trueConfServers: readonly TrueConfServerConfig[];
  readonly registration: RegistrationConfig;
  readonly http: HttpConfig;
  readonly priorityUsers: readonly MailboxAddress[];
  readonly instance: { readonly name: string };
}
