/** Third pass: from the validated file to the effective configuration — secrets opened, certificates read, addresses normalised. */
import { hostname } from 'node:os';
import { mailboxAddress, trueConfServerId } from '@calendar-connector/calendar-model';
import { providerName } from './check-sense.ts';
import type {
  CalendarProviderConfig,
  ConnectorConfig,
  DatabaseConfig,
  RegistrationConfig,
  TrueConfServerConfig,
} from './connector-config.ts';
import { NamedFiles } from './named-files.ts';
import type { Reporter } from './reporter.ts';
import type { ConfigFile } from './schema/config-file.ts';
import type { SecretValues } from './secret-values.ts';

export class ConfigResolver {
  readonly #file: ConfigFile;
  readonly #files: NamedFiles;
  readonly #secrets: SecretValues;

  constructor(file: ConfigFile, folder: string, secrets: SecretValues, report: Reporter) {
    this.#file = file;
    this.#files = new NamedFiles(folder, report);
    this.#secrets = secrets;
  }

  /** Check `report.hasErrors` before using the result. */
  resolve(): ConnectorConfig {
    const { dbConnectionConfig, registration, http, ...file } = this.#file;
    const { adminToken, ...httpRest } = http;
    return {
      ...file,
      ...(dbConnectionConfig && { dbConnectionConfig: this.#database(dbConnectionConfig) }),
      productWhitelist: { tcs: unique(file.productWhitelist.tcs.map((id) => trueConfServerId(id.toLowerCase()))) },
      calendarProviders: file.calendarProviders.map((provider, index) => this.#provider(provider, index)),
      trueConfServers: file.trueConfServers.map((server, index) => this.#server(server, index)),
      registration: resolveRegistration(registration, this.#files),
      http: {
        ...httpRest,
        ...(adminToken !== undefined && { adminToken: this.#secrets.resolve(adminToken, ['http', 'adminToken']) }),
      },
      priorityUsers: unique(file.priorityUsers.map(mailboxAddress)),
      instance: { name: file.instance.name ?? hostname() },
    };
  }

  #database(given: NonNullable<ConfigFile['dbConnectionConfig']>): DatabaseConfig {
    const { caFile, password, ...rest } = given;
    return {
      ...rest,
      password: this.#secrets.resolve(password ?? '', ['dbConnectionConfig', 'password']),
      ...this.#files.certificate(caFile, ['dbConnectionConfig', 'caFile']),
    };
  }

  #provider(given: ConfigFile['calendarProviders'][number], index: number): CalendarProviderConfig {
    const path = ['calendarProviders', index] as const;
    const { caFile, credentials, users, ...rest } = given;
    return {
      ...rest,
      name: providerName(given),
      ...this.#files.certificate(caFile, [...path, 'caFile']),
      credentials: credentials.map(({ login, password }, position) => ({
        login,
        password: this.#secrets.resolve(password, [...path, 'credentials', position, 'password']),
      })),
      users: unique(users.map(mailboxAddress)),
    };
  }

  #server(given: ConfigFile['trueConfServers'][number], index: number): TrueConfServerConfig {
    const path = ['trueConfServers', index] as const;
    const { caFile, clientSecret, id, url, fallbackOwner, ...rest } = given;
    return {
      ...rest,
      id: trueConfServerId(id.toLowerCase()),
      url: url.replace(/\/$/, ''),
      clientSecret: this.#secrets.resolve(clientSecret, [...path, 'clientSecret']),
      ...this.#files.certificate(caFile, [...path, 'caFile']),
      ...(fallbackOwner !== undefined && { fallbackOwner }),
    };
  }
}

/** The section `registration` by itself: it is needed before the rest of the file is complete. */
export function resolveRegistration(given: ConfigFile['registration'], files: NamedFiles): RegistrationConfig {
  const { caFile, issuerKeyFile, ...rest } = given;
  return {
    ...rest,
    ...files.certificate(caFile, ['registration', 'caFile']),
    ...(issuerKeyFile !== undefined && {
      issuerKeyFile: files.existing(issuerKeyFile, ['registration', 'issuerKeyFile']),
    }),
  };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
